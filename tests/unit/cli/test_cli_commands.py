"""The doors: arguments in, data on stdout, words on stderr, exit codes."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from toolkit.cli import main


class Result:
    """What a command printed and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def toolkit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> object:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["toolkit", *map(str, arguments)])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


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
def page(tmp_path: Path) -> Path:
    path = tmp_path / "bridge.txt"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_parse_writes_json_and_nothing_else_to_stdout(toolkit, page: Path) -> None:
    result = toolkit("parse", page)
    assert result.code == 0
    data = json.loads(result.out)
    assert data["article"]["title"] == "A bridge for Port Alder"
    assert [c["author_name"] for c in data["comments"]] == ["Mara Quill", "Tam Odell"]
    assert data["comments_open"] is False


def test_analyze_to_stdout_is_one_json_line_a_comment(toolkit, page: Path) -> None:
    result = toolkit("analyze", page)
    assert result.code == 0, result.err
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert len(rows) == 2
    assert rows[1]["rhetoric__minimizing"] == 1
    assert rows[1]["toxicity__insult"] > rows[0]["toxicity__insult"]
    found = [e for e in rows[1]["evidence"] if e["label"] == "minimizing"]
    assert [e["quote"] for e in found] == ["nothing more than"]
    for row in rows:
        for item in row["evidence"]:
            assert row["text"][item["start"] : item["end"]] == item["quote"]


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_analyze_to_a_file(toolkit, page: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"rows.{suffix}"
    result = toolkit("analyze", page, "--only", "readability,rhetoric", "-o", path)
    assert (result.code, result.out) == (0, "")
    if suffix == "parquet":
        frame = pl.read_parquet(path)
        assert frame.height == 2
        assert "rhetoric__minimizing" in frame.columns
        assert not any(name.startswith("toxicity__") for name in frame.columns)
    elif suffix == "csv":
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert rows[1]["rhetoric__minimizing"] == "1"
        assert json.loads(rows[1]["evidence"])
    else:
        assert len(path.read_text(encoding="utf-8").splitlines()) == 2


def test_report_names_its_files(toolkit, page: Path, tmp_path: Path) -> None:
    result = toolkit("report", page, "-o", tmp_path / "out")
    assert result.code == 0, result.err
    files = [Path(line) for line in result.out.splitlines()]
    assert files[0].name == "bridge.pdf"
    assert files[0].read_bytes().startswith(b"%PDF")
    pictures = [file for file in files if file.suffix == ".png"]
    assert pictures
    for file in pictures:
        assert file.read_bytes().startswith(b"\x89PNG")


def test_thesis_is_taken_from_the_flag(toolkit, page: Path) -> None:
    result = toolkit("analyze", page, "--only", "stance", "--thesis", "The bridge must be built.")
    assert [json.loads(line)["thesis"] for line in result.out.splitlines()] == [
        "The bridge must be built."
    ] * 2


@pytest.mark.parametrize("command", ["parse", "analyze", "report"])
@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("missing.txt", None, "SourceNotFoundError"),
        ("empty.txt", b"", "EmptySourceError"),
        ("blank.txt", b" \n\t\n", "EmptySourceError"),
        ("binary.bin", bytes(range(256)) * 20, "BinarySourceError"),
    ],
)
def test_bad_input_is_named_and_leaves_nothing(
    toolkit, tmp_path: Path, command: str, name: str, content: bytes | None, error: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    before = set(tmp_path.rglob("*"))
    extra = {
        "parse": [],
        "analyze": ["-o", tmp_path / "out.csv"],
        "report": ["-o", tmp_path / "out"],
    }[command]
    result = toolkit(command, path, *extra)
    assert result.code == 2
    assert result.out == ""
    first, second = result.err.strip().splitlines()[:2]
    assert first.startswith(f"{error}: ")
    assert second.startswith("  ")
    assert set(tmp_path.rglob("*")) == before


def test_a_folder_is_no_page(toolkit, tmp_path: Path) -> None:
    result = toolkit("parse", tmp_path)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("SourceIsDirectoryError: ")


def test_settings_errors(toolkit, page: Path, tmp_path: Path) -> None:
    result = toolkit("analyze", page, "--only", "mood")
    assert result.code == 2
    assert "UnknownAnalyzerError" in result.err
    assert "readability" in result.err
    result = toolkit("analyze", page, "-o", tmp_path / "rows.xlsx")
    assert result.code == 2
    assert "OutputError" in result.err
    result = toolkit("analyze", page, "--lexicon", tmp_path / "none.toml")
    assert result.code == 2
    assert "LexiconError" in result.err


def test_a_page_without_comments_is_no_error(toolkit, tmp_path: Path) -> None:
    path = tmp_path / "quiet.txt"
    path.write_text(PAGE.split("2 thoughts")[0] * 3, encoding="utf-8")
    result = toolkit("analyze", path)
    assert (result.code, result.out) == (0, "")
    assert "No comments" in result.err
    assert toolkit("report", path, "-o", tmp_path / "out").code == 0


def test_analyze_of_a_dump_ends_with_its_counts(toolkit, tmp_path: Path) -> None:
    path = tmp_path / "comments.csv"
    path.write_text(
        "id,comment,user,parent_id\n1,The ferry fails every winter.,Ann,\n"
        "1,So build the bridge.,Bob,1\n2,too,many,fields,here\n",
        encoding="utf-8",
    )
    for more in ((), ("-o", tmp_path / "rows.csv")):
        result = toolkit("analyze", path, "--only", "rhetoric", *more)
        assert result.code == 0
        assert result.err.count("format: csv") == 1
        assert result.err.count("comments whose id was there before: 1") == 1
        assert "3 rows in = 2 comments + 1 rejected; 0 articles" in result.err
        assert "toolkit convert keeps the rejected rows" in result.err
        assert len(result.out.splitlines()) == (0 if more else 2)


def test_analyze_of_a_page_has_no_counts(toolkit, page: Path) -> None:
    assert "rows in" not in toolkit("analyze", page, "--only", "rhetoric").err


def test_an_internal_error_is_ours(toolkit, page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("toolkit.parse", fail)
    result = toolkit("parse", page)
    assert result.code == 1
    assert "ZeroDivisionError: oh" in result.err
    assert "Traceback" not in result.err
    monkeypatch.setenv("TOOLKIT_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        toolkit("parse", page)


def test_version_and_usage_errors(toolkit) -> None:
    assert toolkit("--version").out.startswith("comment-toolkit ")
    assert toolkit("parse").code == 2
    assert toolkit("no-such-command").code == 2


def test_a_reader_that_stops_early_gets_no_traceback(page: Path) -> None:
    command = [sys.executable, "-m", "toolkit.cli", "analyze", str(page), "--only", "rhetoric"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        error = process.stderr.read().decode()
        process.wait(timeout=120)
    assert "Traceback" not in error
    assert "Internal error" not in error
