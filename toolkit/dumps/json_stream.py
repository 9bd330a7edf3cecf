"""JSON of any size as a stream of records, without building the document.

A scanner walks the brackets and hands out every element of the arrays that a
format calls records, each as its own bytes with its place in the source; what
encloses them stays behind as a *hollow*: the same object with those arrays empty.
Nested threads are records within records, so a tree needs memory for one branch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import orjson

from toolkit.dumps.compress import BLOCK, BrokenOffError, Stream
from toolkit.dumps.rejects import RAW_BYTES

#: ``(level, path) -> is it an array of records?`` ``level`` counts the records
#: around it, ``path`` holds the keys from the innermost of them to the array.
Arrays = Callable[[int, tuple[str, ...]], bool]

# All up to the next bracket in one step, strings and their escapes skipped in C.
_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_TO_STRING: Final = re.compile(rb'[^"{}\[\]]*+(?:' + _STRING + rb'[^"{}\[\]]*+)*+', re.DOTALL)
_TO_BRACKET: Final = re.compile(_TO_STRING.pattern + rb"([{}\[\]])", re.DOTALL)
_IN_STRING: Final = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_SEPARATORS: Final = b" \t\r\n,"
_CLOSES: Final = {b"}": b"{", b"]": b"["}
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_MAYBE_LONE: Final = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_LONE: Final = re.compile(
    rb"\\(?:(u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)",
    re.DOTALL,
)
#: Deeper nesting is refused; no JSON reader here goes further.
_MAX_DEPTH: Final = 100_000
#: No key that a format knows is longer.
_KEY_BYTES: Final = 1024


@dataclass(slots=True)
class Node:
    """An object on its way. ``value`` belongs to the format that reads it."""

    level: int
    offset: int
    parent: Node | None
    value: Any = None
    size: int = 0
    kept: list[bytes] = field(default_factory=list)
    too_large: bool = False

    def data(self) -> bytes:
        """Its bytes so far, records within it left out."""
        return b"".join(self.kept)


@dataclass(frozen=True, slots=True)
class Element:
    """``record``: one is complete. ``open``: an array of records begins within
    ``node``, whose ``data`` so far is closed off to be JSON. ``stray``: something
    where a record should stand.
    """

    kind: Literal["record", "open", "stray"]
    path: tuple[str, ...]
    node: Node
    data: bytes


@dataclass(slots=True)
class _Frame:
    bracket: bytes
    path: tuple[str, ...] | None  # None: in an array that holds no records
    node: Node | None = None  # of the record that begins here
    records: bool = False


class _Scanner:
    def __init__(
        self, stream: Stream, arrays: Arrays, *, name: str, max_row: int, flat_from: int | None
    ) -> None:
        self._flat_from = flat_from
        self._behind = b""  # the last bytes that were let go: a key may be among them
        self._stream = stream
        self._arrays = arrays
        self._name = name
        self._max_row = max_row
        self._buffer = b""
        self._at = 0  # scanned so far
        self._from = 0  # what belongs to the innermost record begins here
        self._base = 0  # offset of the buffer in the source
        self._stack: list[_Frame] = []
        self._node: Node | None = None
        self._in_string = False

    def run(self) -> Iterator[Element]:
        while True:
            if self._in_string:
                end = _IN_STRING.match(self._buffer, self._at)
                self._at = end.end() if end else self._at
                if self._buffer[self._at : self._at + 1] != b'"':
                    if not self._fill():
                        break
                    continue
                self._at += 1
                self._in_string = False
            match = _TO_BRACKET.match(self._buffer, self._at)
            if match is None:
                if not self._fill():
                    break
                continue
            yield from self._bracket(match)
        gap = self._buffer[self._from :].strip(_SEPARATORS)
        if self._stack:
            raise self._broken("the JSON ends before it is closed")
        if gap:
            yield self._stray(gap, self._from)

    def _fill(self) -> bool:
        """More bytes; what is done with is let go."""
        if len(self._buffer) - self._at > 2 * BLOCK:
            # A long stretch without a bracket: step over it for good.
            skipped = _TO_STRING.match(self._buffer, self._at)
            self._at = skipped.end() if skipped else self._at
            if self._buffer[self._at : self._at + 1] == b'"':
                self._in_string = True
                self._at += 1
                end = _IN_STRING.match(self._buffer, self._at)
                self._at = end.end() if end else self._at
            self._behind = self._buffer[max(0, self._at - _KEY_BYTES) : self._at]
        self._take(self._at)
        data = self._stream.read(BLOCK)
        self._base += self._from
        self._buffer = self._buffer[self._from :] + data
        self._at -= self._from
        self._from = 0
        return bool(data)

    def _take(self, end: int) -> None:
        """What lies before ``end`` goes to the innermost record."""
        node = self._node
        if self._stack and self._stack[-1].records:
            return  # between records: separators, looked at when the next one begins
        if node is None:
            return
        piece = self._buffer[self._from : end]
        self._from = end
        node.size += len(piece)
        if node.size > self._max_row:
            if not node.too_large:
                node.kept = [(node.data() + piece)[:RAW_BYTES]]
                node.too_large = True
        elif piece:
            node.kept.append(piece)

    def _bracket(self, match: re.Match[bytes]) -> Iterator[Element]:
        bracket, place = match[1], match.start(1)
        base = self._base
        top = self._stack[-1] if self._stack else None
        if bracket in _CLOSES:
            if top is None or top.bracket != _CLOSES[bracket]:
                raise self._broken(f"a {bracket.decode()} closes nothing", place)
            yield from self._close(top, place)
        else:
            yield from self._open(bracket, place, top)
            place -= self._base - base  # what lay before may have been let go
        self._at = max(self._at, place + 1)

    def _open(self, bracket: bytes, place: int, top: _Frame | None) -> Iterator[Element]:
        if len(self._stack) >= _MAX_DEPTH:
            raise self._broken("the JSON is nested too deeply", place)
        between = top is None or top.records
        if between:
            gap = self._buffer[self._from : place].strip(_SEPARATORS)
            if gap:
                yield self._stray(gap, self._from)
            self._from = place
        level = 0 if self._node is None else self._node.level + 1
        if between and bracket == b"{" and level == self._flat_from:
            place, end = self._flat_end(place)
            if end:
                node = Node(level=level, offset=self._base + place, parent=self._node)
                node.size = end - place
                self._at = self._from = end
                where = (top.path if top is not None else ()) or ()
                yield Element("record", where, node, self._buffer[place:end])
                return
        path: tuple[str, ...] | None
        if top is None:
            path = ()
        elif top.records:
            path = top.path
        elif top.bracket == b"[" or top.path is None:
            path = None
        else:
            key = self._key(place)
            path = None if key is None else (*top.path, key)
        if bracket == b"[" and path is not None and (between or self._arrays(level, path)):
            # A list of lists of records is read like one list.
            if between and not self._arrays(level, path):
                path = None
            else:
                self._take(place + 1)
                owner = self._node
                self._stack.append(_Frame(bracket, path, records=True))
                if owner is not None and not between:
                    yield Element("open", path, owner, owner.data() + self._closers())
                self._from = place + 1
                return
        if between:
            node = Node(level=level, offset=self._base + place, parent=self._node)
            self._node = node
            inner = () if bracket == b"{" else None
            self._stack.append(_Frame(bracket, inner, node=node))
        else:
            self._stack.append(_Frame(bracket, path))

    def _close(self, top: _Frame, place: int) -> Iterator[Element]:
        if top.records:
            gap = self._buffer[self._from : place].strip(_SEPARATORS)
            if gap:
                yield self._stray(gap, self._from)
            self._stack.pop()
            self._from = place
            if self._node is None:
                self._from = place + 1
            return
        self._take(place + 1)
        self._stack.pop()
        if top.node is not None:
            self._node = top.node.parent
            path = self._stack[-1].path if self._stack else ()
            yield Element("record", path or (), top.node, top.node.data())

    def _closers(self) -> bytes:
        closed = []
        for frame in reversed(self._stack):
            closed.append(b"}" if frame.bracket == b"{" else b"]")
            if frame.node is not None:
                break
        return b"".join(closed)

    def _flat_end(self, place: int) -> tuple[int, int]:
        """Where the record at ``place`` begins now, and ends; 0 where it is not all here.

        Counts brackets only; the JSON reader sees whether they match. Larger
        records, and those at the end of the source, take the longer way. Where
        more must be read, what lies before the record is let go.
        """
        depth = 0
        at = place
        while True:
            match = _TO_BRACKET.match(self._buffer, at)
            if match is None:
                if len(self._buffer) - place > BLOCK:
                    return place, 0
                data = self._stream.read(BLOCK)
                if not data:
                    return place, 0
                self._buffer = self._buffer[place:] + data
                self._base += place
                at -= place
                place = self._from = self._at = 0
                continue
            at = match.end()
            depth += 1 if match[1] in b"{[" else -1
            if not depth:
                return place, at if at - place <= self._max_row else 0

    def _key(self, place: int) -> str | None:
        """The key that the value at ``place`` stands under: read backwards from it."""
        text = self._buffer[self._at : place]
        if b'"' not in text:
            text = self._behind + text
        text = text.rstrip()
        if not text.endswith(b":"):
            return None
        text = text[:-1].rstrip()
        start = len(text) - 1
        while start > 0:
            start = text.rfind(b'"', 0, start)
            before = text[: max(start, 0)]
            if (len(before) - len(before.rstrip(b"\\"))) % 2 == 0:
                break
        try:
            return str(orjson.loads(text[start:])) if start >= 0 else None
        except orjson.JSONDecodeError:
            return None

    def _stray(self, gap: bytes, place: int) -> Element:
        node = Node(level=-1, offset=self._base + place, parent=self._node, size=len(gap))
        return Element("stray", (), node, gap)

    def _broken(self, why: str, place: int | None = None) -> BrokenOffError:
        at = self._base + (len(self._buffer) if place is None else place)
        return BrokenOffError(
            f"{self._name} is no whole JSON: {why} (byte {at:,})",
            next_step="Fetch it again, or keep what is whole with --keep-broken.",
        )


def scan(
    stream: Stream, arrays: Arrays, *, name: str, max_row: int, flat_from: int | None = None
) -> Iterator[Element]:
    """Every record of ``stream``, in order of its end; documents may follow one another.

    A record larger than ``max_row`` bytes comes with ``node.too_large`` and its
    beginning only. From level ``flat_from`` on records hold no records, which makes
    reading them faster. Raises :class:`BrokenOffError` where brackets do not match or
    the stream ends within a document.
    """
    scanner = _Scanner(stream, arrays, name=name, max_row=max_row, flat_from=flat_from)
    return scanner.run()


def mend_surrogates(data: bytes) -> bytes:
    r"""JSON bytes with each lone ``\ud83d`` replaced by ``\ufffd``; pairs stay.

    Scrapers cut texts in the middle of an emoji; no strict reader takes the half.
    """
    # Cheapest test first: most text has no escaped surrogate at all.
    if not _SURROGATE.search(data) or not _MAYBE_LONE.search(data):
        return data
    return _LONE.sub(_mended, data)


def _mended(match: re.Match[bytes]) -> bytes:
    whole = match[0]
    return b"\\ufffd" if match[1] is None and whole[1:3] in (b"ud", b"uD") else whole


def loads(data: bytes) -> Any:
    """Strict JSON, but for lone surrogates. Raises ``orjson.JSONDecodeError``."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        mended = mend_surrogates(data)
        if mended is data or mended == data:
            raise
        return orjson.loads(mended)
