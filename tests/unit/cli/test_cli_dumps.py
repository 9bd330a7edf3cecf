"""``toolkit convert`` and ``toolkit formats`` as functions of the command line."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from toolkit.cli.dumps import convert, formats
from toolkit.dumps import FORMATS
from toolkit.errors import InputError, ToolkitError

app = typer.Typer()
app.command()(convert)
app.command()(formats)


def run(*arguments: str | Path, data: bytes | None = None) -> tuple[str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=data)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout, result.stderr


def test_convert_says_what_it_did(seeds: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    stdout, stderr = run(
        "convert", seeds / "dumps" / "discourse.json", "-o", out, "--articles", tmp_path / "a.csv"
    )
    assert stdout == f"{out}\n"
    assert "format: discourse (a topic with post_stream.posts)" in stderr
    assert "5 rows in = 4 comments + 1 rejected; 1 articles" in stderr
    rejects = tmp_path / "out.parquet.rejects.jsonl"
    assert f"The rejected rows are in {rejects}" in stderr
    assert [json.loads(line)["reason"] for line in rejects.read_text().splitlines()] == [
        "not_a_comment"
    ]
    assert pl.read_parquet(out).height == 4
    assert (tmp_path / "a.csv").exists()


def test_convert_options(seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLKIT_PSEUDONYMIZE_KEY", "a secret")
    out = tmp_path / "out.jsonl"
    table = seeds / "dumps" / "table.csv"
    _, stderr = run("convert", table, "-o", out, "--map", "text=Comment,author_name=Author")
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["author_name"] for row in rows] == [None, None]
    assert len({row["author_id"] for row in rows}) == 2
    assert "columns:" not in stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl"]


def test_convert_from_standard_input(seeds: Path, tmp_path: Path) -> None:
    data = (seeds / "dumps" / "disqus.xml").read_bytes()
    run("convert", "-", "-o", tmp_path / "out.parquet", data=data)
    assert pl.read_parquet(tmp_path / "out.parquet").height == 4


def test_convert_names_its_errors(tmp_path: Path, seeds: Path) -> None:
    with pytest.raises(InputError):
        run("convert", tmp_path / "missing.json", "-o", tmp_path / "out.parquet")
    with pytest.raises(ToolkitError):
        run("convert", seeds / "dumps" / "reddit.ndjson", "-o", tmp_path / "out.xls")
    assert list(tmp_path.iterdir()) == []


def test_formats_are_listed() -> None:
    text, _ = run("formats")
    for known in FORMATS.values():
        assert f"{known.name}: {known.title}" in text
        assert f"seeds/dumps/{known.example}" in text
        for source in known.fields.values():
            assert source in text
    listed = json.loads(run("formats", "--json")[0])
    assert [item["name"] for item in listed] == list(FORMATS)
