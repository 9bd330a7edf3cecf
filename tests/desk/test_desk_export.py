from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import polars as pl
import pytest
from desk_rows import DeskRows

from toolkit.errors import InputError, OutputError
from toolkit.moderation import events
from toolkit.moderation.export import LABELLED_SCHEMA, export, labelled_spans
from toolkit.moderation.frames import DECISIONS_SCHEMA
from toolkit.moderation.store import Store

DOCS = Path(__file__).resolve().parents[2] / "docs" / "desk-measures.md"
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    '=HYPERLINK("https://a.example")',
]


@pytest.fixture
def desk(store: Store) -> DeskRows:
    desk = DeskRows(store)
    for number, note in enumerate(FORMULAS):
        comment = desk.comment(f"=c{number}", "You fool 🙂 and liar.")
        event = desk.decide(comment, "@ann", "reject", "insult", note=note)
        desk.span(comment, "bob", "insult", 4, 8, confirmed=number % 2 == 0)
    desk.undo(comment, event)
    return desk


def test_no_cell_of_a_csv_is_run_by_a_spreadsheet(
    desk: DeskRows, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "decisions.csv"
    found = export(store, "decisions", path)
    assert found.rows == len(FORMULAS)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(DECISIONS_SCHEMA)
    assert [row["note"] for row in rows] == ["'" + note for note in FORMULAS]
    for row in rows:
        for cell in row.values():
            assert not re.match(r"^\s*[=+\-@＝＋－＠]", cell), cell
    assert {row["moderator"] for row in rows} == {"'@ann"}


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_other_files_hold_every_text_as_it_is(
    desk: DeskRows, store: Store, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"decisions{suffix}"
    export(store, "decisions", path)
    if suffix == ".parquet":
        frame = pl.read_parquet(path)
        assert frame.schema == DECISIONS_SCHEMA
        rows = frame.to_dicts()
    else:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [row["note"] for row in rows] == FORMULAS
    assert rows[0]["status"] == "REJECTED"
    assert rows[0]["undone_by"] is None
    assert rows[-1]["undone_by"] is not None


def test_the_export_names_the_logs_head(desk: DeskRows, store: Store, tmp_path: Path) -> None:
    found = export(store, "decisions", tmp_path / "a.jsonl")
    desk.decide(desk.comment("later"), "ann", "approve")
    assert events.verify(store, head=found.head).problems == ()
    assert found.events < events.verify(store).events
    assert events.verify(store, head="0" * 63 + "1").problems


def test_names_and_what_was_undone_can_be_left_out(
    desk: DeskRows, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "a.parquet"
    found = export(store, "decisions", path, named=False, undone=False)
    frame = pl.read_parquet(path)
    assert found.rows == frame.height == len(FORMULAS) - 1
    assert frame["moderator"].unique().to_list() == [f"moderator-{desk.accounts['@ann']}"]


def test_spans_are_labelled_data(desk: DeskRows, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "spans.jsonl"
    found = export(store, "spans", path, named=False)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert found.rows == len(rows) == len(FORMULAS)
    assert list(rows[0]) == list(LABELLED_SCHEMA)
    assert {row["quote"] for row in rows} == {"fool"}
    assert [row["confirmed"] for row in rows[:3]] == [True, False, True]
    assert "bob" not in path.read_text(encoding="utf-8")


def test_offsets_are_code_points_and_never_leave_the_text(desk: DeskRows, store: Store) -> None:
    comment = desk.comment("smile", "🙂🙂 fool")
    desk.span(comment, "bob", "insult", 3, 7, confirmed=True)
    gone = desk.comment("gone", None)
    desk.span(gone, "bob", "insult", 0, 4, confirmed=True)
    short = desk.comment("short", "no")
    desk.span(short, "bob", "insult", 0, 4, confirmed=True)
    assert labelled_spans(store)["quote"].to_list()[-3:] == ["fool", None, None]


def test_an_empty_desk_exports_its_columns(store: Store, tmp_path: Path) -> None:
    for what in ("decisions", "spans"):
        path = tmp_path / f"{what}.parquet"
        found = export(store, what, path)  # type: ignore[arg-type]
        assert found.rows == 0
        assert pl.read_parquet(path).height == 0


def test_what_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no suffix"):
        export(store, "decisions", tmp_path / "a.xlsx")
    with pytest.raises(InputError, match="no export of 'people'"):
        export(store, "people", tmp_path / "a.csv")  # type: ignore[arg-type]
    assert not (tmp_path / "a.csv").exists()


@pytest.mark.parametrize("schema", [DECISIONS_SCHEMA, LABELLED_SCHEMA])
def test_every_column_is_described(schema: pl.Schema) -> None:
    described = set(re.findall(r"^\| `(\w+)` \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    assert set(schema) <= described
