from __future__ import annotations

import csv
import json
from pathlib import Path

import polars as pl
import pytest

from toolkit.errors import OutputError
from toolkit.tables import whole_file, write_table

FRAME = pl.LazyFrame(
    {
        "text": ["=1+1", " @cmd", "fine", None, "-5", "\u200b+x"],
        "n": [-1, 2, 3, 4, 5, 6],
        "spans": [[{"a": 1}], [], None, [], [], []],
    },
    schema={"text": pl.String, "n": pl.Int64, "spans": pl.List(pl.Struct({"a": pl.Int64}))},
)


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_writes_what_it_says(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "new folder" / f"rows{suffix}"
    write_table(FRAME, path)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o444
    if suffix == ".parquet":
        assert pl.read_parquet(path).equals(FRAME.collect())
    elif suffix == ".jsonl":
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        assert rows == FRAME.collect().to_dicts()


def test_spreadsheets_run_nothing(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    write_table(FRAME, path)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == ["'=1+1", "' @cmd", "fine", "", "'-5", "'\u200b+x"]
    assert [row["n"] for row in rows] == ["-1", "2", "3", "4", "5", "6"]
    assert "1" in rows[0]["spans"]


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(_: pl.DataFrame) -> pl.DataFrame:
        raise ZeroDivisionError

    broken = FRAME.map_batches(fail, schema=FRAME.collect_schema())
    path = tmp_path / "rows.jsonl"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError):
        write_table(broken, path)
    assert [p.name for p in tmp_path.iterdir()] == ["rows.jsonl"]
    assert path.read_text() == "old"


def test_bad_targets_are_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="suffix"):
        write_table(FRAME, tmp_path / "rows.xlsx")
    folder = tmp_path / "rows.csv"
    folder.mkdir()
    with pytest.raises(OutputError, match="folder"):
        write_table(FRAME, folder)
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(OutputError, match="cannot be written"), whole_file(file / "x.csv"):
        pass
