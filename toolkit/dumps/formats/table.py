"""Tables of any origin: CSV, TSV, JSON lines, JSON arrays, parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

import polars as pl

from toolkit.dumps.base import RAW_SCHEMA, Batch, Format, Reading
from toolkit.dumps.flat import Flat, number_id, read_flat
from toolkit.dumps.mapping import recognised, resolve
from toolkit.dumps.opening import Member
from toolkit.dumps.shape import Kind, Opening
from toolkit.errors import DumpReadError, MappingError

_IDS: Final = ("comment_id", "article_id", "parent_id")
_NONE: Final = ["0", "0.0", "-1", "none", "null", "nan", "na", "n/a", ""]
_ARTICLE: Final = {"url": "article_url", "title": "article_title", "text": "article_text"}
_CONTAINERS: Final[Mapping[str, tuple[Kind, str]]] = {
    "csv": ("csv", "CSV: any of , ; | between fields"),
    "tsv": ("csv", "TSV: tabs between fields"),
    "jsonl": ("lines", "JSON lines"),
    "json": ("json", "JSON array of objects"),
    "parquet": ("parquet", "parquet"),
}


def table_name(opening: Opening) -> str | None:
    """The name of the table format that ``opening`` is in; None for what is no table."""
    if opening.kind == "csv":
        return "tsv" if opening.delimiter == "\t" else "csv"
    return {"lines": "jsonl", "json": "json", "parquet": "parquet"}.get(opening.kind)


def mapping_of(opening: Opening, given: Mapping[str, str] | None) -> dict[str, str]:
    """The mapping that a read of ``opening`` will use. Raises MappingError."""
    dotted = opening.kind in ("lines", "json")
    columns = opening.columns if given is not None else plain_columns(opening)
    return resolve(columns, given, dotted=dotted)


def plain_columns(opening: Opening) -> tuple[str, ...]:
    """Columns that hold text or numbers, as far as the beginning shows."""
    nested = {
        key
        for row in opening.rows()
        for key, value in row.items()
        if isinstance(value, dict | list)
    }
    return tuple(name for name in opening.columns if name not in nested)


def _flat(mapping: Mapping[str, str], columns: tuple[str, ...]) -> Flat:
    def field(target: str) -> pl.Expr:
        column = mapping[target]
        if column in columns or "." not in column:
            return pl.col(column)
        top, _, rest = column.partition(".")
        path = "$" + "".join(
            f"[{part}]" if part.isdigit() else f".{part}" for part in rest.split(".")
        )
        return pl.col(top).str.json_path_match(path)

    comment = {target: field(target) for target in mapping if target in RAW_SCHEMA}
    for target in _IDS:
        if target in mapping and mapping[target] in columns:
            comment[target] = number_id(mapping[target])
    if "parent_id" in comment:
        parent = comment["parent_id"]
        comment["parent_id"] = pl.when(
            ~parent.str.strip_chars().str.to_lowercase().is_in(_NONE)
        ).then(parent)
    mentioned = {}
    if "article_id" in comment:
        mentioned = {
            "article_id": comment["article_id"],
            **{ours: field(target) for ours, target in _ARTICLE.items() if target in mapping},
        }
    read = {
        column if column in columns else column.partition(".")[0] for column in mapping.values()
    }
    return Flat(
        columns=tuple(name for name in columns if name in read),
        comment=comment,
        mentioned=mentioned,
        needs_id=False,
    )


def _read(name: str, member: Member, opening: Opening, reading: Reading) -> Iterator[Batch]:
    wanted, words = _CONTAINERS[name]
    if opening.kind == "empty":
        return iter(())
    if {opening.kind, wanted} == {"lines", "json"}:
        # One document can be both; each way reads both.
        wanted = opening.kind
    if opening.kind != wanted:
        raise DumpReadError(
            f"{member.name} is not {words}", next_step="Leave out --input-format, or correct it."
        )
    mapping = mapping_of(opening, reading.options.mapping)
    return read_flat(_flat(mapping, opening.columns), member, opening, reading)


def _recognise(name: str, opening: Opening) -> tuple[float, str] | None:
    if table_name(opening) != name or not recognised(plain_columns(opening)):
        return None
    try:
        text = mapping_of(opening, None)["text"]
    except MappingError:
        return None
    return 0.3, f"a table whose column {text!r} looks like comments"


def _format(name: str) -> Format:
    return Format(
        name=name,
        title=f"any table: {_CONTAINERS[name][1]}",
        containers=_CONTAINERS[name][1],
        fields={
            "comment_id": "comment_id, id, ...; else the place of the row (row-0)",
            "article_id": "article_id, story_id, thread_id, ...",
            "parent_id": "parent_id, reply_to, ...; 0, -1 and none are none",
            "author_id": "author_id, user_id, ...",
            "author_name": "author_name, author, name, ...",
            "author_handle": "username, handle, ...",
            "created_at": "created_at, timestamp, date, ...",
            "text": "text, comment_text, body, comment, ...",
            "like_count": "like_count, likes, score, ...",
        },
        notes=(
            "--map text=body,author_name=user says which column is what; without it common "
            "names are recognised, and what was recognised is said.",
            "--map may also name article_url, article_title and article_text.",
        ),
        example={
            "csv": "table.csv",
            "tsv": "table.tsv",
            "jsonl": "table.jsonl",
            "json": "table.json",
            "parquet": "table.parquet",
        }[name],
        recognise=partial(_recognise, name),
        read=partial(_read, name),
    )


FORMATS: Final = tuple(_format(name) for name in _CONTAINERS)
