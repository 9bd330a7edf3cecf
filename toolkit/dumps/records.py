"""Formats whose records nest: read one JSON record at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from toolkit.dumps.base import BadRow, Batch, Builder, Reading
from toolkit.dumps.compress import BrokenOffError, Stream
from toolkit.dumps.json_stream import Arrays, Element, Node, loads, scan
from toolkit.dumps.lines import blocks
from toolkit.dumps.opening import Member, text_stream


class Handler(Protocol):
    """What a format does with what the scanner finds, one handler a member."""

    def opened(self, value: dict[str, Any], node: Node, path: tuple[str, ...], /) -> None:
        """An array of records begins in ``value``, of which only the part before it is known."""

    def record(self, value: dict[str, Any], node: Node, path: tuple[str, ...], /) -> None:
        """A record is complete. Raises BadRow for what is neither comment nor article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a handler's records come from."""

    member: Member
    reading: Reading
    lines: bool
    arrays: Arrays
    flat_from: int | None = None


def read_records(source: Source, make: Callable[[Builder], Handler]) -> Iterator[Batch]:
    """Every record of a member through a handler. ``lines``: each line is a document."""
    builder = Builder(source.reading)
    handler = make(builder)
    with source.member.open() as unpacked:
        stream = text_stream(source.member, unpacked, source.reading.options.encoding)
        for element in _by_line(stream, source) if source.lines else _elements(stream, source):
            _handle(element, handler, source)
            if builder.full:
                yield builder.take()
    yield builder.take()


def _handle(element: Element, handler: Handler, source: Source) -> None:
    reading, node = source.reading, element.node
    if element.kind == "stray":
        reading.reject(source.member, node.offset, "not_an_object", element.data)
        return
    if node.too_large:
        if element.kind == "record":
            reading.reject(
                source.member, node.offset, "row_too_large", element.data, length=node.size
            )
        return
    try:
        value = loads(element.data)
    except orjson.JSONDecodeError as error:
        if element.kind == "record":
            reason = "invalid_json"
            try:
                element.data.decode("utf-8")
            except UnicodeDecodeError:
                reason = "invalid_utf8"
            reading.reject(source.member, node.offset, reason, element.data, detail=str(error))
        return
    if not isinstance(value, dict):
        reading.reject(source.member, node.offset, "not_an_object", element.data)
        return
    try:
        if element.kind == "open":
            handler.opened(value, node, element.path)
        else:
            handler.record(value, node, element.path)
    except BadRow as error:
        if element.kind == "record":
            reading.reject(
                source.member, node.offset, error.reason, element.data, detail=error.detail
            )


def _elements(stream: Stream, source: Source, *, base: int = 0) -> Iterator[Element]:
    end = 0
    try:
        for element in scan(
            stream,
            source.arrays,
            name=source.member.name,
            max_row=source.reading.options.max_row_bytes,
            flat_from=source.flat_from,
        ):
            end = element.node.offset + element.node.size
            yield element
    except BrokenOffError as error:
        source.reading.broken(source.member, error, base + end)


def _by_line(stream: Stream, source: Source) -> Iterator[Element]:
    """Documents by line: one that is broken does not end the file."""
    for block in blocks(stream, source.member, source.reading):
        start = 0
        for line in block.data.split(b"\n"):
            if line.strip():
                yield from _line(line, block.offset + start, source)
            start += len(line) + 1


def _line(line: bytes, offset: int, source: Source) -> Iterator[Element]:
    try:
        value = loads(line)
        reason = "" if isinstance(value, (dict, list)) else "not_an_object"
    except orjson.JSONDecodeError:
        reason = "invalid_json"
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            reason = "invalid_utf8"
    if reason:
        source.reading.reject(source.member, offset, reason, line)
        return
    for element in scan(
        _Bytes(line),
        source.arrays,
        name=source.member.name,
        max_row=source.reading.options.max_row_bytes,
        flat_from=source.flat_from,
    ):
        element.node.offset += offset
        yield element


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int, /) -> bytes:  # noqa: ARG002 - all of it at once
        data, self._data = self._data, b""
        return data


def get(value: Any, *path: str | int) -> Any:
    """``value[a][b]…``, None where any step is not there."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def text(value: Any) -> str | None:
    """A JSON string; None for anything else."""
    return value if isinstance(value, str) else None


def mongo(value: Any) -> Any:
    """MongoDB's extended JSON, unwrapped: ``$date``, ``$numberLong``, ``$oid`` and the like."""
    while isinstance(value, dict) and len(value) == 1:
        key = next(iter(value))
        if not key.startswith("$"):
            return value
        value = value[key]
    return value
