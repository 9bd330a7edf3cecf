from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from toolkit.errors import InputError, OutputError, SettingsError
from toolkit.runner import Job, Manifest, Progress, results, run, verify

ONLY = ("readability", "rhetoric")


def write_dump(path: Path, rows: int, seed: int = 1) -> Path:
    """A CSV of ``rows`` comments; every 50th line is broken."""
    rng = random.Random(seed)
    words = [
        "the",
        "bridge",
        "is",
        "nothing",
        "more",
        "than",
        "a",
        "gift",
        "because",
        "we",
        "never",
        "asked",
        "you",
        "honestly",
        "maybe",
    ]
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            text = " ".join(rng.choice(words) for _ in range(rng.randrange(0, 40)))
            record = {"id": f"c{number}", "author": f"user{number % 7}", "text": text}
            file.write("{broken\n" if number % 50 == 49 else json.dumps(record) + "\n")
    return path


def job(tmp_path: Path, name: str, **changes: object) -> Job:
    values: dict[str, object] = {
        "inputs": (tmp_path / "dump.jsonl",),
        "directory": tmp_path / name,
        "only": ONLY,
        "shard_rows": 40,
        "workers": 2,
    }
    return Job(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a dump of 200 lines and a batch of it in ``out``."""
    folder = tmp_path_factory.mktemp("runner")
    write_dump(folder / "dump.jsonl", 200)
    seen: list[Progress] = []
    run(job(folder, "out"), on_progress=seen.append)
    assert seen[-1].rows == 196
    assert set(seen[-1].seconds) == {"language", *ONLY}
    return folder


def test_rows_reconcile_and_stand_in_order(finished: Path) -> None:
    manifest = Manifest.read(finished / "out")
    assert (manifest.status, manifest.rows_in) == ("complete", 200)
    assert (manifest.rows_out, manifest.rows_rejected) == (196, 4)
    assert [shard.rows for shard in manifest.shards] == [40, 40, 40, 40, 36]
    frame = results(finished / "out").collect()
    assert frame["comment_id"].to_list() == [f"c{n}" for n in range(200) if n % 50 != 49]
    rejects = (finished / "out" / "rejects.jsonl").read_text().splitlines()
    assert len(rejects) == 4
    assert not list((finished / "out").glob(".part*"))


@pytest.mark.parametrize(("workers", "shard_rows"), [(1, 1000), (2, 23)])
def test_workers_and_shard_size_change_nothing(
    finished: Path, tmp_path: Path, workers: int, shard_rows: int
) -> None:
    changed = job(finished, "x", directory=tmp_path / "out", workers=workers, shard_rows=shard_rows)
    run(changed)
    again = results(tmp_path / "out").collect()
    assert_frame_equal(again, results(finished / "out").collect(), check_exact=True)


def test_the_batch_says_what_the_pipeline_says(finished: Path) -> None:
    import toolkit

    dump = toolkit.read_dump(finished / "dump.jsonl")
    expected = toolkit.analyze(dump, only=ONLY).collect()
    assert_frame_equal(results(finished / "out").collect(), expected, check_exact=True)


def test_a_folder_with_a_run_is_not_written_over(finished: Path) -> None:
    before = Manifest.read(finished / "out")
    with pytest.raises(OutputError, match="holds a run already"):
        run(job(finished, "out"))
    assert Manifest.read(finished / "out") == before


def test_resume_refuses_another_run_and_names_the_difference(tmp_path: Path) -> None:
    write_dump(tmp_path / "dump.jsonl", 60)
    run(job(tmp_path, "out"))
    with pytest.raises(SettingsError, match=r"shard_rows was 40 and is 41"):
        run(job(tmp_path, "out", shard_rows=41), resume=True)
    with pytest.raises(SettingsError, match=r"analyzers was .* and is"):
        run(job(tmp_path, "out", only=("readability",)), resume=True)
    with (tmp_path / "dump.jsonl").open("a") as file:
        file.write('{"id": "new", "text": "more"}\n')
    with pytest.raises(SettingsError, match="has other bytes"):
        run(job(tmp_path, "out"), resume=True)


def test_resume_redoes_only_what_is_missing(tmp_path: Path) -> None:
    write_dump(tmp_path / "dump.jsonl", 200)
    run(job(tmp_path, "out"))
    whole = results(tmp_path / "out").collect()
    out = tmp_path / "out"
    journal = (out / "shards.jsonl").read_bytes().splitlines(keepends=True)
    kept = [line for line in journal if json.loads(line)["number"] in (0, 3)]
    # A line that was cut off by a crash counts as never written.
    (out / "shards.jsonl").write_bytes(b"".join(kept) + journal[0][:20])
    stamps = {n: (out / f"part-{n:06d}.parquet").stat().st_mtime_ns for n in range(5)}
    (out / ".part-left-over.parquet").write_bytes(b"torn")
    run(job(tmp_path, "out"), resume=True)
    after = {n: (out / f"part-{n:06d}.parquet").stat().st_mtime_ns for n in range(5)}
    assert [n for n in range(5) if after[n] == stamps[n]] == [0, 3]
    assert_frame_equal(results(out).collect(), whole, check_exact=True)
    assert verify(out).ok
    assert not (out / ".part-left-over.parquet").exists()


def test_verify_finds_what_was_changed(tmp_path: Path) -> None:
    write_dump(tmp_path / "dump.jsonl", 100)
    run(job(tmp_path, "out"))
    out = tmp_path / "out"
    verdict = verify(out, sample=30)
    assert (verdict.ok, verdict.rows, verdict.sampled) == (True, 98, 30)

    path = out / "part-000001.parquet"
    original = path.read_bytes()
    frame = pl.read_parquet(path).with_columns(
        pl.lit(99.0).cast(pl.Float32).alias("readability__lix")
    )
    frame.write_parquet(path)
    assert any("other bytes" in problem for problem in verify(out).problems)

    # A forger who mends the manifest as well is caught by the recomputation.
    manifest = json.loads((out / "manifest.json").read_text())
    import hashlib

    manifest["shards"][1]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (out / "manifest.json").write_text(json.dumps(manifest))
    assert any("differ in readability__lix" in problem for problem in verify(out).problems)
    path.write_bytes(original)
    path.unlink()
    assert any("is missing" in problem for problem in verify(out).problems)


def test_bad_folders_and_jobs_are_named(tmp_path: Path) -> None:
    write_dump(tmp_path / "dump.jsonl", 5)
    with pytest.raises(InputError, match="holds no manifest"):
        verify(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written to"):
        run(job(tmp_path, "file"))
    with pytest.raises(SettingsError, match="at least one worker"):
        run(job(tmp_path, "out", workers=0))
    assert not (tmp_path / "out").exists()


COMMAND = """
import sys
from pathlib import Path
from toolkit.runner import Job, run
run(
    Job(inputs=(Path(sys.argv[1]),), directory=Path(sys.argv[2]), only=("rhetoric",),
        shard_rows=25, workers=2),
    resume=sys.argv[3] == "resume",
)
"""


def test_killed_at_any_moment_it_resumes_to_the_same_rows(tmp_path: Path) -> None:
    script = tmp_path / "go.py"
    script.write_text(f"if __name__ == '__main__':\n{_indented(COMMAND)}")
    dump = write_dump(tmp_path / "dump.jsonl", 600)
    arguments = [sys.executable, str(script), str(dump)]
    subprocess.run([*arguments, str(tmp_path / "calm"), "new"], check=True)
    rng = random.Random(7)
    out, mode = tmp_path / "out", "new"
    for _ in range(3):
        process = subprocess.Popen([*arguments, str(out), mode], start_new_session=True)
        deadline = time.monotonic() + 30
        # Wait for the first shard of this try, so that there is something to lose.
        done = len(list(out.glob("part-*")))
        while len(list(out.glob("part-*"))) == done and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(rng.random() * 0.1)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        mode = "resume"
    subprocess.run([*arguments, str(out), "resume"], check=True)
    assert_frame_equal(
        results(out).collect(), results(tmp_path / "calm").collect(), check_exact=True
    )
    assert verify(out).ok


def test_ctrl_c_stops_soon_and_leaves_no_process(tmp_path: Path) -> None:
    dump = write_dump(tmp_path / "dump.jsonl", 20_000)
    out = tmp_path / "out"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "toolkit.cli", "batch", str(dump), "-o", str(out)),
            *("--only", "rhetoric", "--shard-rows", "100", "--workers", "2"),
        ],
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not list(out.glob("part-*")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 130, error
    assert b"--resume" in error
    assert b"Traceback" not in error
    for _ in range(200):
        if not _group_lives(process.pid):
            break
        time.sleep(0.05)
    else:
        pytest.fail("a process of the run is still there")


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _indented(code: str) -> str:
    return "".join(f"    {line}\n" for line in code.splitlines())
