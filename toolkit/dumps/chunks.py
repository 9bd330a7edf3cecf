"""Flat records, whatever holds them, as frames of strings.

JSON lines go through polars' own reader, whole blocks at a time; only a block with
something wrong in it is looked at line by line. JSON arrays are taken apart into
lines first. Either way the same reader makes the values, so a file reads the same
with and without bad rows in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Final

import orjson
import polars as pl

from toolkit.dumps.base import BATCH_ROWS, Reading
from toolkit.dumps.compress import BrokenOffError, Stream
from toolkit.dumps.csv_stream import CsvRow, csv_rows
from toolkit.dumps.json_stream import loads, mend_surrogates, scan
from toolkit.dumps.lines import Block, made_ahead
from toolkit.dumps.opening import Member, text_stream
from toolkit.dumps.parquet_stream import parquet_frames
from toolkit.dumps.shape import Opening

_POLARS_ERRORS: Final = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
#: Bytes of array elements that are read as one block.
_JOINED_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows as strings, and where each stands: ``place(i)`` is ``(offset, bytes)``."""

    frame: pl.DataFrame
    place: Callable[[int], tuple[int, bytes]]


def chunks(
    member: Member, opening: Opening, reading: Reading, columns: Sequence[str]
) -> Iterator[Chunk]:
    """The rows of a table or of JSON records, ``columns`` only; a missing one is null."""
    if opening.kind == "parquet":
        for frame, start in parquet_frames(member, columns):
            yield Chunk(frame, partial(_row_number, start))
        return
    with member.open() as unpacked:
        stream = text_stream(member, unpacked, reading.options.encoding)
        if opening.kind == "csv":
            yield from _csv(
                csv_rows(stream, member, reading, delimiter=opening.delimiter),
                member,
                reading,
                columns,
            )
        elif opening.kind == "lines":
            # Closed first when a reader stops early: its thread reads the stream.
            parse = partial(_parsed, columns=columns)
            with closing(made_ahead(stream, member, reading, parse)) as found:
                for block, rows in found:
                    yield from _json_lines(block, rows, member, reading, columns)
        else:
            yield from _json_array(stream, member, reading, columns)


def _parsed(block: Block, columns: Sequence[str]) -> tuple[Block, pl.DataFrame | None]:
    """The block with its rows; None where a line of it needs a closer look."""
    data = mend_surrogates(block.data)
    wanted = data.count(b"\n") + (not data.endswith(b"\n"))
    frame = _frame(data, columns)
    return block, frame if frame is not None and frame.height == wanted else None


def _json_lines(
    block: Block,
    frame: pl.DataFrame | None,
    member: Member,
    reading: Reading,
    columns: Sequence[str],
) -> Iterator[Chunk]:
    if frame is not None:
        cut: list[tuple[int, bytes]] = []

        def place(index: int) -> tuple[int, bytes]:
            if not cut:
                cut.extend(_lines(block))
            return cut[index]

        yield Chunk(frame, place)
        return
    yield from _checked(list(_lines(block)), member, reading, columns)


def _lines(block: Block) -> Iterator[tuple[int, bytes]]:
    start = 0
    data = block.data
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end == -1 else end
        line = data[start:end]
        if line.strip():
            yield block.offset + start, line
        start = end + 1


def _checked(
    rows: list[tuple[int, bytes]], member: Member, reading: Reading, columns: Sequence[str]
) -> Iterator[Chunk]:
    """One chunk of the rows that are JSON objects; the others are rejected."""
    good: list[tuple[int, bytes]] = []
    for offset, raw in rows:
        reason, detail = _problem(raw)
        if reason:
            reading.reject(member, offset, reason, raw, detail=detail)
        else:
            good.append((offset, raw))
    frame = _joined(good, columns)
    if frame is None:
        # Something that only polars minds (nesting, an odd number): find the row.
        kept = []
        for offset, raw in good:
            if _joined([(offset, raw)], columns) is None:
                reading.reject(member, offset, "invalid_json", raw)
            else:
                kept.append((offset, raw))
        good = kept
        frame = _joined(good, columns)
    if good and frame is not None:
        yield Chunk(frame, good.__getitem__)


def _joined(rows: list[tuple[int, bytes]], columns: Sequence[str]) -> pl.DataFrame | None:
    data = b"".join(
        mend_surrogates(raw).replace(b"\n", b" ").replace(b"\r", b" ") + b"\n" for _, raw in rows
    )
    frame = _frame(data, columns)
    return frame if frame is not None and frame.height == len(rows) else None


def _frame(data: bytes, columns: Sequence[str]) -> pl.DataFrame | None:
    if not data or data.isspace():
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    try:
        return pl.read_ndjson(data, schema=dict.fromkeys(columns, pl.String))
    except _POLARS_ERRORS:
        return None


def _problem(raw: bytes) -> tuple[str, str]:
    try:
        value = loads(raw)
    except orjson.JSONDecodeError as error:
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError as wrong:
            return "invalid_utf8", str(wrong.reason)
        return "invalid_json", str(error)
    return ("", "") if isinstance(value, dict) else ("not_an_object", "")


def _row_number(start: int, index: int) -> tuple[int, bytes]:
    """Parquet has no bytes of a row: its number stands for its place."""
    return start + index, b""


def top_arrays(level: int, path: tuple[str, ...]) -> bool:
    """Records are the objects of a list at the top, or the documents themselves."""
    return level == 0 and path == ()


def _json_array(
    stream: Stream, member: Member, reading: Reading, columns: Sequence[str]
) -> Iterator[Chunk]:
    rows: list[tuple[int, bytes]] = []
    size = 0
    end = 0
    elements = scan(
        stream,
        top_arrays,
        name=member.name,
        max_row=reading.options.max_row_bytes,
        flat_from=0,
    )
    try:
        for element in elements:
            node = element.node
            end = node.offset + node.size
            if element.kind == "stray":
                reading.reject(member, node.offset, "not_an_object", element.data)
            elif node.too_large:
                reading.reject(member, node.offset, "row_too_large", element.data, length=node.size)
            elif element.kind == "record":
                rows.append((node.offset, element.data))
                size += node.size
            if size > _JOINED_BYTES:
                yield from _checked(rows, member, reading, columns)
                rows, size = [], 0
    except BrokenOffError as error:
        yield from _checked(rows, member, reading, columns)
        rows = []
        reading.broken(member, error, end)
    yield from _checked(rows, member, reading, columns)


def _csv(
    rows: Iterator[CsvRow], member: Member, reading: Reading, columns: Sequence[str]
) -> Iterator[Chunk]:
    header: list[str] | None = None
    places: list[int | None] = []
    good: list[CsvRow] = []
    for row in rows:
        if header is None:
            if row.reason is not None:
                reading.reject(member, row.offset, row.reason, row.raw, detail=row.detail)
                continue
            header = [name.strip() for name in row.fields]
            at = {name: index for index, name in reversed(list(enumerate(header)))}
            places = [at.get(name) for name in columns]
            continue
        if row.reason is not None:
            reading.reject(member, row.offset, row.reason, row.raw, detail=row.detail)
        elif len(row.fields) != len(header):
            reading.reject(
                member,
                row.offset,
                "wrong_field_count",
                row.raw,
                detail=f"{len(row.fields)} fields, the header has {len(header)}",
            )
        else:
            good.append(row)
        if len(good) >= BATCH_ROWS:
            yield _csv_chunk(good, columns, places)
            good = []
    if good:
        yield _csv_chunk(good, columns, places)


# A table in text cannot tell an empty field from a missing one.
def _csv_chunk(rows: list[CsvRow], columns: Sequence[str], places: list[int | None]) -> Chunk:
    frame = pl.DataFrame(
        pl.Series(
            name,
            [None] * len(rows) if at is None else [row.fields[at] or None for row in rows],
            dtype=pl.String,
        )
        for name, at in zip(columns, places, strict=True)
    )
    return Chunk(frame, lambda index: (rows[index].offset, rows[index].raw))
