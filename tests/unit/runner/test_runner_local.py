"""Runs, their folders and receipts. No process is started here (see test_runner_processes)."""

from __future__ import annotations

import hashlib
import io
import json
import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from runner_helpers import ONLY, make_job, write_dump

import toolkit
import toolkit.context as context
from toolkit.errors import (
    DumpReadError,
    InputError,
    OutputError,
    SettingsError,
    SourceNotFoundError,
)
from toolkit.records import ThesisSentence
from toolkit.runner import Job, Manifest, Progress, results, run, verify
from toolkit.settings import Settings

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a dump of 200 lines, of which 4 are broken."""
    write_dump(tmp_path / "dump.jsonl", 200)
    return tmp_path


def test_rows_reconcile_and_stand_in_order(folder: Path) -> None:
    seen: list[Progress] = []
    notes: list[str] = []
    manifest = run(make_job(folder), on_progress=seen.append, on_note=notes.append)
    assert manifest == Manifest.read(folder / "out")
    assert (manifest.status, manifest.rows_in, manifest.sittings) == ("complete", 200, 1)
    assert (manifest.rows_out, manifest.rows_rejected) == (196, 4)
    assert [shard.rows for shard in manifest.shards] == [40, 40, 40, 40, 36]
    assert all(shard.wall_seconds > 0 and shard.peak_rss > 0 for shard in manifest.shards)
    frame = results(folder / "out").collect()
    assert frame["comment_id"].to_list() == [f"c{n}" for n in range(200) if n % 50 != 49]
    rejects = (folder / "out" / "rejects.jsonl").read_text().splitlines()
    assert [json.loads(line)["reason"] for line in rejects] == ["invalid_json"] * 4
    assert {path.name for path in (folder / "out").iterdir()} == {
        *(f"part-{n:06d}.parquet" for n in range(5)),
        *("manifest.json", "shards.jsonl", "rejects.jsonl", ".lock"),
    }
    assert notes[0].startswith("format: jsonl")
    assert notes[-1] == "rejected: 4 invalid_json"
    assert notes == list(manifest.notes)
    first, last = seen[0], seen[-1]
    assert (first.rows, first.fraction, first.seconds_left) == (0, None, None)
    assert (last.rows, last.rejected, last.shards) == (196, 4, 5)
    assert (last.fraction, last.seconds_left) == (1.0, 0.0)
    assert set(last.seconds) == {"language", *ONLY}
    assert all(0 <= (step.fraction or 0) <= 1 for step in seen)


@pytest.mark.parametrize("shard_rows", [1, 23, 1000])
def test_the_batch_says_what_the_pipeline_says(folder: Path, shard_rows: int) -> None:
    run(make_job(folder, shard_rows=shard_rows))
    expected = toolkit.analyze(toolkit.read_dump(folder / "dump.jsonl"), only=ONLY).collect()
    assert_frame_equal(results(folder / "out").collect(), expected, check_exact=True)


def test_progress_knows_how_far_the_files_were_read(tmp_path: Path) -> None:
    # Readers are some megabytes ahead within a file, but not files ahead.
    (tmp_path / "in").mkdir()
    for number in range(30):
        rows = (json.dumps({"id": f"{number}-{row}", "text": "Yes."}) + "\n" for row in range(10))
        (tmp_path / "in" / f"{number}.jsonl").write_text("".join(rows))
    seen: list[Progress] = []
    job = make_job(tmp_path, inputs=(tmp_path / "in",), shard_rows=20, only=("language",))
    run(job, on_progress=seen.append)
    told = [step for step in seen if step.fraction]
    assert len({step.fraction for step in told}) == 15
    for step in told:
        assert step.fraction == pytest.approx(step.rows / 300, abs=0.05)
        assert step.seconds_left is not None
    assert told[3].seconds_left > 0
    assert (seen[-1].fraction, seen[-1].seconds_left) == (1.0, 0.0)


def test_files_folders_globs_and_stdin_form_one_dump(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("in/a-2.jsonl", "in/a-10.jsonl", "in/deep/b.jsonl"):
        record = json.dumps({"id": name, "text": f"said in {name}"})
        (tmp_path / name).write_text(record + "\n")
    (tmp_path / "piped.jsonl").write_text(json.dumps({"id": "piped", "text": "said so"}) + "\n")

    def ids(name: str, *inputs: str | Path) -> list[str]:
        run(Job(inputs=inputs, directory=tmp_path / name, only=ONLY, workers=1))
        return results(tmp_path / name).collect()["comment_id"].to_list()

    assert ids("out1", tmp_path / "in") == ["in/a-2.jsonl", "in/a-10.jsonl", "in/deep/b.jsonl"]
    assert ids("out2", str(tmp_path / "in" / "a-*.jsonl"), tmp_path / "piped.jsonl") == [
        "in/a-2.jsonl",
        "in/a-10.jsonl",
        "piped",
    ]
    piped = (tmp_path / "piped.jsonl").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped)))
    assert ids("out3", "-") == ["piped"]
    named = Manifest.read(tmp_path / "out3").identity["inputs"]
    assert named == [
        {
            "path": "standard input",
            "bytes": len(piped),
            "sha256": hashlib.sha256(piped).hexdigest(),
        }
    ]
    assert verify(tmp_path / "out3").notes == (
        "input standard input is not here, so its bytes were not checked",
    )
    with pytest.raises(SourceNotFoundError, match=r"no-such-\*"):
        ids("out4", str(tmp_path / "no-such-*"))
    assert not (tmp_path / "out4").exists()


def test_mapping_and_pseudonyms(tmp_path: Path) -> None:
    rows = [{"nr": 1, "who": "Ada", "what": "I told @bob so."}, {"nr": 2, "who": "Bob", "what": ""}]
    (tmp_path / "dump.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    changes = {"mapping": {"comment_id": "nr", "author_name": "who", "text": "what"}}
    run(make_job(tmp_path, **changes, pseudonymize="key"))
    frame = results(tmp_path / "out").collect()
    assert frame["comment_id"].to_list() == ["1", "2"]
    assert frame["text"].to_list() == ["I told @user so.", None]
    assert frame["author_name"].null_count() == 2
    assert frame["author_id"].n_unique() == 2
    # The folder must give away neither a name nor the key.
    held = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert b"Ada" not in held
    assert b'"key"' not in held
    assert "key" not in repr(make_job(tmp_path, pseudonymize="hidden")).replace("keep", "")
    with pytest.raises(SettingsError, match="pseudonyms was"):
        run(make_job(tmp_path, **changes, pseudonymize="other"), resume=True)
    verdict = verify(tmp_path / "out", reread=True)
    assert (verdict.ok, verdict.reread) == (True, False)


def test_a_thesis_is_found_in_the_articles_of_the_dump(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from toolkit.pipeline import Pipeline

    def found(article: Any, **_: Any) -> tuple[ThesisSentence, ...]:
        words = f"thesis of {article.title or article.text}"
        return (
            ThesisSentence(text=words, source="title", start=0, end=5, score=1.0, reason="test"),
        )

    monkeypatch.setattr(context, "find_thesis", found)
    # As if an analyzer read it, whichever those may be.
    own = Pipeline.reads.fget
    assert own is not None
    monkeypatch.setattr(Pipeline, "reads", property(lambda self: (*own(self), "thesis")))
    rows = [
        {"id": "1", "story_id": "a", "title": "Bridges", "text": "Good."},
        {"id": "2", "story_id": "b", "title": None, "text": "Bad."},
        {"id": "3", "story_id": "a", "title": "Bridges", "text": "So so."},
        {"id": "4", "story_id": None, "title": None, "text": "Where am I?"},
    ]
    (tmp_path / "dump.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run(make_job(tmp_path, shard_rows=2))
    frame = results(tmp_path / "out").collect()
    assert frame["thesis"].to_list() == ["thesis of Bridges", None, "thesis of Bridges", None]
    assert "article_text" not in frame.columns
    assert not list((tmp_path / "out").glob(".art*"))
    run(make_job(tmp_path, "given", thesis="All is well"))
    assert results(tmp_path / "given").collect()["thesis"].to_list() == ["All is well"] * 4


def test_a_folder_with_a_run_is_not_written_over(folder: Path) -> None:
    run(make_job(folder))
    before = Manifest.read(folder / "out")
    with pytest.raises(OutputError, match="holds a run already") as caught:
        run(make_job(folder))
    assert "--resume" in caught.value.next_step
    assert Manifest.read(folder / "out") == before
    (folder / "out" / "manifest.json").unlink()
    with pytest.raises(OutputError, match=r"shards without their manifest\.json"):
        run(make_job(folder))


def test_two_runs_cannot_share_a_folder(folder: Path) -> None:
    refused: list[str] = []

    def intrude(_: Progress) -> None:
        with pytest.raises(OutputError, match="another run is writing to") as caught:
            run(make_job(folder), resume=True)
        refused.append(caught.value.next_step)

    run(make_job(folder), on_progress=intrude)
    assert refused
    assert verify(folder / "out").ok


def test_the_output_cannot_lie_in_an_input(folder: Path) -> None:
    with pytest.raises(OutputError, match="lies in the input"):
        run(make_job(folder, inputs=(folder,)))


def test_resume_refuses_another_run_and_names_the_difference(folder: Path) -> None:
    run(make_job(folder))
    lexicon = folder / "own.toml"
    for changes, words in (
        ({"shard_rows": 41}, "shard_rows was 40 and is 41"),
        ({"only": ("rhetoric",)}, r"analyzers: readability was .* and is null"),
        ({"thesis": "No"}, 'thesis was null and is "No"'),
        ({"settings": toolkit.Settings(toxicity="detoxify")}, "settings: toxicity was"),
        ({"inputs": (folder / "dump.jsonl", lexicon)}, "other.jsonl is new"),
    ):
        if "inputs" in changes:
            changes["inputs"] = (folder / "dump.jsonl", write_dump(folder / "other.jsonl", 3))
        with pytest.raises(SettingsError, match=words):
            run(make_job(folder, **changes), resume=True)
    with (folder / "dump.jsonl").open("a") as file:
        file.write('{"id": "new", "text": "more"}\n')
    with pytest.raises(SettingsError, match="has other bytes"):
        run(make_job(folder), resume=True)


def test_resume_redoes_only_what_is_missing(folder: Path) -> None:
    run(make_job(folder))
    out = folder / "out"
    whole = results(out).collect()
    rejects = (out / "rejects.jsonl").read_bytes()
    old = Manifest.read(out)
    journal = (out / "shards.jsonl").read_bytes().splitlines(keepends=True)
    kept = [line for line in journal if json.loads(line)["number"] in (0, 2, 3)]
    # As a kill may leave it: a line cut off, a shard cut off, files without a name.
    (out / "shards.jsonl").write_bytes(b"".join(kept) + journal[4][:20])
    (out / "part-000002.parquet").write_bytes(b"PAR1 and no more")
    replace(old, status="running", shards=()).write(out)
    for name in (".part-0-x.parquet", ".rejects-x.jsonl", ".manifest-x.json", ".articles.parquet"):
        (out / name).write_bytes(b"torn")
    with pytest.raises(InputError, match="is not finished"):
        results(out)
    assert "the run is running, not complete" in verify(out).problems
    stamps = {n: (out / f"part-{n:06d}.parquet").stat().st_mtime_ns for n in range(5)}
    seen: list[Progress] = []
    manifest = run(make_job(folder), resume=True, on_progress=seen.append)
    after = {n: (out / f"part-{n:06d}.parquet").stat().st_mtime_ns for n in range(5)}
    assert [n for n in range(5) if after[n] == stamps[n]] == [0, 3]
    assert seen[0].rows == 80
    assert (manifest.sittings, manifest.started_at) == (2, old.started_at)
    assert (manifest.rows_in, manifest.rows_out, manifest.rows_rejected) == (200, 196, 4)
    assert (out / "rejects.jsonl").read_bytes() == rejects
    assert_frame_equal(results(out).collect(), whole, check_exact=True)
    assert verify(out, reread=True).ok
    assert not list(out.glob(".[!l]*"))
    # A third time there is nothing to do, and nothing is done.
    notes: list[str] = []
    assert run(make_job(folder), resume=True, on_note=notes.append) == manifest
    assert notes[-1].endswith("there is nothing left to do")


def test_a_damaged_journal_is_named(folder: Path) -> None:
    run(make_job(folder))
    with (folder / "out" / "shards.jsonl").open("ab") as file:
        file.write(b'{"number": 7}\n')
    with pytest.raises(InputError, match=r"shards\.jsonl is damaged"):
        run(make_job(folder), resume=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that takes 120 kB."""
    import subprocess

    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=120k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_loses_nothing(folder: Path, small_disk: Path) -> None:
    import subprocess

    write_dump(folder / "dump.jsonl", 800)
    out = small_disk / "out"
    with pytest.raises(OutputError, match="No space left") as caught:
        run(make_job(folder, directory=out))
    assert "room" in caught.value.next_step
    assert "--resume" in caught.value.next_step
    done = list(out.glob("part-*.parquet"))
    assert 0 < len(done) < 20
    assert all(pl.read_parquet(path).height for path in done)
    assert not list(out.glob(".[!l]*"))
    with pytest.raises(OutputError, match="No space left"):
        run(make_job(folder, directory=out), resume=True)
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    run(make_job(folder, directory=out), resume=True)
    run(make_job(folder, "calm"))
    assert_frame_equal(results(out).collect(), results(folder / "calm").collect(), check_exact=True)
    assert verify(out, reread=True).ok


@pytest.mark.parametrize("limit", [100, 2_000, 8_000])
def test_a_file_that_cannot_grow_is_an_output_error(folder: Path, limit: int) -> None:
    """``limit`` bytes: not even the manifest; not the journal; not a shard."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(OutputError, match="File too large"):
            run(make_job(folder))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    out = folder / "out"
    assert not list(out.glob("part-*"))
    assert not list(out.glob(".[!l]*"))
    run(make_job(folder), resume=True)
    assert verify(out, reread=True).ok


def test_verify_finds_what_was_changed(folder: Path) -> None:
    run(make_job(folder))
    out = folder / "out"
    verdict = verify(out, sample=30)
    assert (verdict.ok, verdict.rows, verdict.sampled) == (True, 196, 30)
    assert verify(out, sample=0).sampled == 0
    assert verify(out, sample=10_000).sampled == 196

    def forge(*changes: pl.Expr) -> None:
        """Change a shard, and mend the manifest as a forger would."""
        path = out / "part-000001.parquet"
        pl.read_parquet(path).with_columns(*changes).write_parquet(path)
        manifest = json.loads((out / "manifest.json").read_text())
        manifest["shards"][1]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        (out / "manifest.json").write_text(json.dumps(manifest))

    saved = {path: path.read_bytes() for path in out.iterdir()}

    def restore() -> None:
        for path, data in saved.items():
            path.write_bytes(data)

    def problems(**options: Any) -> str:
        return "; ".join(verify(out, **options).problems)

    forge(pl.lit(99.0).cast(pl.Float32).alias("readability__lix"))
    assert "40 sampled rows differ in readability__lix" in problems()
    restore()
    forge(pl.col("author_name").reverse())
    assert problems() == ""
    assert "differ in author_name" in problems(reread=True)
    restore()
    forge(pl.col("position").shift(1))
    assert "does not hold the rows that follow" in problems()
    restore()
    (out / "part-000001.parquet").write_bytes(saved[out / "part-000000.parquet"])
    assert "part-000001.parquet has other bytes than were written" in problems()
    restore()
    (out / "part-000001.parquet").unlink()
    assert "part-000001.parquet is missing" in problems()
    with pytest.raises(InputError, match=r"part-000001\.parquet is missing"):
        results(out)
    restore()
    (out / "part-000009.parquet").write_bytes(b"")
    assert problems() == "part-000009.parquet is in no manifest"
    (out / "part-000009.parquet").unlink()
    lines = saved[out / "rejects.jsonl"].splitlines(keepends=True)
    (out / "rejects.jsonl").write_bytes(b"".join(lines[1:]))
    assert "rejects.jsonl holds 3 rows, the manifest says 4" in problems()
    restore()
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["identity"]["analyzers"]["readability"] = "0"
    (out / "manifest.json").write_text(json.dumps(manifest))
    assert "no row was computed again" in problems()
    restore()
    with (folder / "dump.jsonl").open("a") as file:
        file.write("\n")
    assert "dump.jsonl has other bytes than it had" in problems(reread=True)


def test_verify_allows_for_the_last_bits_of_detoxify_alone() -> None:
    module = sys.modules["toolkit.runner.verify"]
    stored = pl.Series([0.5, 0.5, None], dtype=pl.Float32)
    again = pl.Series([0.50001, 0.6, 0.1], dtype=pl.Float32)
    assert module._differing(stored, again, 0.0) == 3
    assert module._differing(stored, again, 1e-4) == 2
    assert module._differing(stored, stored, 1e-4) == 0


def test_bad_folders_and_jobs_are_named(folder: Path) -> None:
    with pytest.raises(InputError, match="holds no manifest"):
        verify(folder)
    (folder / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written to"):
        run(make_job(folder, "file"))
    with pytest.raises(SettingsError, match="at least one worker"):
        run(make_job(folder, workers=0))
    assert not (folder / "out").exists()
    (folder / "bad").mkdir()
    (folder / "bad" / "manifest.json").write_text('{"manifest_version": 99}')
    with pytest.raises(InputError, match="has the version 99, not 1"):
        verify(folder / "bad")
    (folder / "bad" / "manifest.json").write_text("{")
    with pytest.raises(InputError, match="is damaged"):
        results(folder / "bad")


def test_a_dump_without_one_good_row_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "dump.jsonl").write_text('{"id": "1", "text": "x"}\n')
    job = make_job(tmp_path, format="reddit")
    with pytest.raises(DumpReadError, match="not one of 1 rows could be read as reddit"):
        run(job)
    assert (tmp_path / "out" / "rejects.jsonl").exists()
    assert Manifest.read(tmp_path / "out").status == "running"


@pytest.mark.parametrize(
    ("only", "toxicity", "rows"),
    [
        (None, "encoder", 2_000),
        (None, "linear", 2_000),  # stance
        (("readability", "rhetoric"), "encoder", 50_000),
        (("toxicity",), "linear", 50_000),
        (("toxicity",), "cascade", 2_000),
        (("techniques",), "linear", 2_000),
    ],
)
def test_shards_are_small_where_a_comment_takes_long(
    tmp_path: Path, only: tuple[str, ...] | None, toxicity: str, rows: int
) -> None:
    job = make_job(tmp_path, only=only, settings=Settings(toxicity=toxicity), shard_rows=None)
    assert job.rows_a_shard == rows
    assert replace(job, shard_rows=7).rows_a_shard == 7
