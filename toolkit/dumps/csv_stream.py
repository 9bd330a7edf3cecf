"""CSV and TSV row by row: quoted line ends, damaged rows, places in the source."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from toolkit.dumps.base import Reading
from toolkit.dumps.compress import Stream
from toolkit.dumps.lines import blocks
from toolkit.dumps.opening import Member

#: A quoted field that is never closed must not swallow the file.
MAX_ROW_BYTES: Final = 4 << 20
#: After this many unclosed quotes the rest of such a row is given up at once.
_MAX_RESUMES: Final = 100
_LONGEST_NAME: Final = 80
DELIMITERS: Final = (",", "\t", ";", "|")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row: its fields, its bytes, and where they stand."""

    fields: list[str]
    raw: bytes
    offset: int
    reason: str | None = None
    detail: str = ""


class _Lines:
    """Feeds the csv reader line by line and remembers what the current row took."""

    def __init__(self, lines: Iterator[tuple[int, bytes]], limit: int) -> None:
        self._lines = lines
        self._held: deque[tuple[int, bytes]] = deque()
        self._limit = limit
        self._size = 0
        self.taken: list[tuple[int, bytes]] = []
        self.bad_utf8 = False
        #: The row asked for more than there is, or than it may have.
        self.ended = False

    def begin(self) -> None:
        self.taken, self._size, self.bad_utf8, self.ended = [], 0, False, False

    def give_back(self) -> None:
        """All lines of the row but its first are to be read again."""
        self._held.extendleft(reversed(self.taken[1:]))

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self._size > self._limit:
            self.ended = True
            raise StopIteration
        try:
            offset, line = self._held.popleft() if self._held else next(self._lines)
        except StopIteration:
            self.ended = True
            raise
        self.taken.append((offset, line))
        self._size += len(line)
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            self.bad_utf8 = True
            return line.decode("utf-8", "surrogateescape")


def csv_rows(
    stream: Stream, member: Member, reading: Reading, *, delimiter: str
) -> Iterator[CsvRow]:
    """Every row, header included; blank lines are no rows. ``reason`` says what is wrong with it.

    Only ``unclosed_quote`` and ``invalid_utf8`` are found here; whether the number of
    fields is right is for the caller, who knows the header.
    """

    def lines() -> Iterator[tuple[int, bytes]]:
        for block in blocks(stream, member, reading, size=1 << 20):
            offset = block.offset
            for line in _cut(block.data):
                yield offset, line
                offset += len(line)

    source = _Lines(lines(), min(MAX_ROW_BYTES, reading.options.max_row_bytes))
    resumes = 0
    # The row's own limit is met first, so that its lines can be given back.
    with _any_field_size(2 * reading.options.max_row_bytes):
        rows = csv.reader(source, delimiter=delimiter)
        while True:
            source.begin()
            broken = ""
            try:
                fields = next(rows, None)
            except csv.Error as error:
                fields, broken = [], str(error)
            if not source.taken:
                return
            offset = source.taken[0][0]
            raw = b"".join(line for _, line in source.taken)
            if not raw.strip():
                continue
            if fields and not source.ended:
                reason = "invalid_utf8" if source.bad_utf8 else None
                yield CsvRow(fields, raw, offset, reason)
            elif source.ended or broken:
                # Open at the end, or broken further on: the fault is in the first line.
                resumes += 1
                if resumes <= _MAX_RESUMES and len(source.taken) > 1:
                    source.give_back()
                    raw = source.taken[0][1]
                reason = "unclosed_quote" if source.ended else "invalid_csv"
                yield CsvRow([], raw, offset, reason, broken)
                rows = csv.reader(source, delimiter=delimiter)


def _cut(data: bytes) -> Iterator[bytes]:
    """Lines by line feed alone: a lone carriage return may stand within a field."""
    start = 0
    while (end := data.find(b"\n", start)) != -1:
        yield data[start : end + 1]
        start = end + 1
    if start < len(data):
        yield data[start:]


@contextmanager
def _any_field_size(limit: int) -> Iterator[None]:
    """The csv module's limit is one for the process: lift it, and put it back."""
    before = csv.field_size_limit(limit)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def sniff(head: str, *, whole: bool) -> tuple[str, list[str]] | None:
    """``(delimiter, header)`` of a table, or None where ``head`` is none.

    A table has a header of at least two different names, and at least half of what
    follows has as many fields: counted in rows, or in lines where an open quote
    spoils the rows. What ``head`` cuts off does not count.
    """
    lines = [line + "\n" for line in head.split("\n") if line.strip()]
    if not whole and len(lines) > 1:
        lines.pop()
    best: tuple[str, list[str]] | None = None
    for delimiter in DELIMITERS:
        first = _parsed(lines[:1], delimiter)
        if not first:
            continue
        header = [name.strip() for name in first[0]]
        width = len(header)
        if width < 2 or len(set(header)) != width or any(not name for name in header[1:]):
            continue
        if max(map(len, header)) > _LONGEST_NAME:
            continue
        rows = _parsed(lines, delimiter)
        alone = [row for line in lines for row in _parsed([line], delimiter)[:1]]
        fits = any(
            2 * sum(len(row) == width for row in found) >= len(found) for found in (rows, alone)
        )
        if fits and (best is None or width > len(best[1])):
            best = (delimiter, header)
    return best


def _parsed(lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return []
