"""``toolkit report``: pages, batches, two of either, and every form of output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import toolkit.runner.local as local
import toolkit.runner.worker as worker
from toolkit.cli import main
from toolkit.pipeline import Pipeline
from toolkit.runner import Job, run

Run = Callable[..., tuple[int, list[str], str]]

PAGE = """A bridge for Port Alder

The harbour board should build the bridge, because the ferry fails every winter.

2 thoughts on “A bridge for Port Alder”

  1. Mara Quill (@maraq) says:

    I agree with the board. The bridge is needed, because the ferry fails every winter.

  2. Tam Odell says:

    This is nothing more than a gift to the builders. You are an idiot if you believe it.

Comments are closed.
"""


@pytest.fixture
def toolkit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Run:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, list[str], str]:
        monkeypatch.setattr(sys, "argv", ["toolkit", "report", *map(str, arguments)])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        captured = capsys.readouterr()
        return code, captured.out.splitlines(), captured.err

    return call


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "bridge.txt"
    path.write_text(PAGE, encoding="utf-8")
    return path


class Here(Executor):
    """Does the work here and now."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def runner_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def workers(_count: int, only: Any, settings: Any) -> Iterator[Executor]:
        monkeypatch.setattr(worker, "_pipeline", Pipeline.of(only, settings))
        yield Here()

    monkeypatch.setattr(local, "workers", workers)


@pytest.fixture
def batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    records = [
        {
            "id": f"c{n}",
            "story_id": f"a{n % 3}",
            "parent_id": f"c{n - 3}" if n >= 3 and n % 4 else None,
            "author": f"user{n % 5}",
            "created_at": f"2024-{1 + n // 20:02}-05T10:00:00Z",
            "text": "I agree with the board, because the ferry fails. Perhaps we should ask them.",
        }
        for n in range(60)
    ]
    dump = tmp_path / "dump.jsonl"
    dump.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    out = tmp_path / "batch"
    runner_in_this_process(monkeypatch)
    run(Job(inputs=(dump,), directory=out, only=("readability", "rhetoric"), workers=1))
    return out


def test_one_form_is_one_form(toolkit: Run, page: Path) -> None:
    code, files, error = toolkit(page, "-o", "out", "--only", "readability", "--json")
    assert (code, files) == (0, ["out/bridge.json"]), error
    said = json.loads(Path(files[0]).read_text("utf-8"))
    assert said["report"] == "article"
    assert [comment["author"] for comment in said["comments"]] == ["Mara Quill", "Tam Odell"]
    assert said["comments"][0]["text"].startswith("I agree")


def test_forms_are_joined(toolkit: Run, page: Path) -> None:
    _, files, _ = toolkit(page, "-o", "out", "--only", "readability", "--svg", "--json")
    assert {Path(file).suffix for file in files} == {".svg", ".txt", ".json"}
    assert Path("out/bridge-readability.svg").read_text("utf-8").startswith("<?xml")


def test_a_batch_gives_a_corpus_report(toolkit: Run, batch: Path) -> None:
    code, files, error = toolkit(batch, "-o", "out", "--pdf", "--json")
    assert code == 0, error
    assert files == ["out/batch.pdf", "out/batch.json"]
    said = json.loads(Path(files[1]).read_text("utf-8"))
    assert said["report"] == "corpus"
    assert said["totals"]["comments"] == 60
    assert said["groups"]["articles"] == 3
    assert set(said["versions"]) == {"language", "readability", "rhetoric"}
    assert "file dump.jsonl" in said["manifest"]
    assert {"count-corpus", "rhetoric-none"} <= {item["rule"] for item in said["findings"]}


def test_a_batch_is_split_by_date(toolkit: Run, batch: Path) -> None:
    code, files, error = toolkit(batch, "-o", "out", "--split", "2024-02-01", "--json")
    assert code == 0, error
    said = json.loads(Path(files[0]).read_text("utf-8"))
    assert [side["totals"]["comments"] for side in said["sides"]] == [20, 40]
    assert said["sides"][0]["name"] == "batch before 2024-02-01"
    assert files == ["out/batch-split-2024-02-01.json"]


def test_a_page_and_a_batch_side_by_side(toolkit: Run, batch: Path, page: Path) -> None:
    code, files, error = toolkit(page, batch, "-o", "out", "--only", "readability", "--json")
    assert code == 0, error
    said = json.loads(Path(files[0]).read_text("utf-8"))
    assert [side["totals"]["comments"] for side in said["sides"]] == [2, 60]
    assert {item["verdict"] for item in said["measures"]} == {"too few to compare"}
    assert not any(item["name"].startswith("rhetoric") for item in said["measures"])


def test_what_does_not_go_together_is_refused(toolkit: Run, batch: Path, page: Path) -> None:
    for arguments, words in (
        ((page, page, page), "3 sources cannot be compared"),
        ((page, page, "--split", "2024-02-01"), "when one is to be split"),
        ((batch, "--split", "last week"), "is no date"),
        ((batch, "--thesis", "x"), "takes no --thesis"),
        ((batch, "--split", "2031-01-01"), "holds no comments"),
        ((batch.parent / "nowhere", "--json"), "SourceNotFoundError"),
        ((batch.parent, "--json"), "holds no manifest.json"),
    ):
        code, files, error = toolkit(*arguments, "-o", "out")
        assert (code, files) == (2, []), error
        assert words in error
        assert "Traceback" not in error
    assert not Path("out").exists()
