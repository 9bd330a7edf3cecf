"""XML as a stream of elements, with nothing in it that expands or reaches out.

Expat, fed block by block. A document type that declares entities is refused, no
external entity is ever read, and no tree is built: what a format asks for is handed
over when its element ends, and let go.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from toolkit.dumps.base import Reading
from toolkit.dumps.compress import BLOCK, BrokenOffError, Stream, Transcoded
from toolkit.dumps.opening import Member
from toolkit.dumps.rejects import RAW_BYTES
from toolkit.errors import DumpReadError

# Bytes that XML 1.0 forbids; old exports hold them all the same. In UTF-8 they are
# never part of another letter.
_FORBIDDEN: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_DECLARED: Final = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._\-]+)""")
_MAX_DEPTH: Final = 200


@dataclass(slots=True)
class XmlRecord:
    """An element that was asked for. ``fields`` holds the text of its children by tag, of
    grandchildren by ``child/grandchild``, its own by the empty string; ``attributes`` those
    of the element itself, and of its children by ``child@name``.
    """

    tag: str
    offset: int
    fields: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    size: int = 0
    raw: bytes = b""
    too_large: bool = False


class _Parser:
    def __init__(
        self, member: Member, reading: Reading, wanted: Mapping[str, bool], *, encoding: str | None
    ) -> None:
        self._utf8: codecs.IncrementalDecoder | None = None
        self._begun = False
        self._encoding = encoding
        self._member = member
        self._reading = reading
        self._wanted = wanted
        self._parser = expat.ParserCreate(encoding, " ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = self._entity
        self._parser.ExternalEntityRefHandler = self._external
        self._parser.UnparsedEntityDeclHandler = self._entity
        self._open: list[tuple[XmlRecord, int]] = []
        self._path: list[str] = []
        self._pieces: list[str] = []
        self._done: list[XmlRecord] = []
        self._window = b""
        self._window_at = 0

    def run(self, stream: Stream) -> Iterator[XmlRecord]:
        while True:
            try:
                data = stream.read(BLOCK)
            except BrokenOffError as error:
                yield from self._taken()
                self._reading.broken(self._member, error, self._parser.CurrentByteIndex)
                return
            data = self._legal(data)
            rows = [record.offset for record, _ in self._open if self._wanted[record.tag]]
            start = rows[0] if rows else self._parser.CurrentByteIndex
            cut = max(0, min(start - self._window_at, len(self._window)))
            self._window = self._window[cut:] + data
            self._window_at += cut
            if len(self._window) > self._reading.options.max_row_bytes:
                # Only what is shown of a bad row is needed of a very large one.
                self._window_at += len(self._window) - RAW_BYTES
                self._window = self._window[-RAW_BYTES:]
            try:
                self._parser.Parse(data, not data)
            except expat.ExpatError as error:
                yield from self._taken()
                self._reading.broken(
                    self._member,
                    BrokenOffError(
                        f"{self._member.name} is no whole XML: {expat.ErrorString(error.code)} "
                        f"(line {error.lineno}, byte {self._parser.ErrorByteIndex:,})",
                        next_step="Fetch it again, or keep what is whole with --keep-broken.",
                    ),
                    self._parser.ErrorByteIndex,
                )
                return
            yield from self._taken()
            if not data:
                return

    def _taken(self) -> list[XmlRecord]:
        done, self._done = self._done, []
        return done

    def _legal(self, data: bytes) -> bytes:
        """What a well-meant but sloppy exporter wrote, without what XML forbids."""
        data, count = _FORBIDDEN.subn(b" ", data)
        self._reading.remark("control characters that XML forbids, read as spaces: {n}", count)
        if not self._begun:
            self._begun = True
            declared = _DECLARED.match(data)
            name = (declared[1].decode("ascii") if declared else "utf-8").lower()
            if self._encoding or name in ("utf-8", "utf8"):
                self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        if self._utf8 is None:
            return data
        text = self._utf8.decode(data, final=not data)
        if (count := text.count("\ufffd")) and (count := count - data.count(b"\xef\xbf\xbd")) > 0:
            self._reading.remark("bytes that are no UTF-8, read as U+FFFD: {n}", count)
        return text.encode()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _local(name)
        self._path.append(tag)
        if len(self._path) > _MAX_DEPTH:
            raise DumpReadError(
                f"{self._member.name} nests more than {_MAX_DEPTH} elements",
                next_step="This is no comment dump.",
            )
        self._pieces = []
        depth = len(self._path)
        within_row = bool(self._open) and self._wanted[self._open[-1][0].tag]
        if tag in self._wanted and not within_row:
            record = XmlRecord(tag, self._parser.CurrentByteIndex)
            record.attributes = {_local(key): value for key, value in attributes.items()}
            self._open.append((record, depth))
        elif self._open and attributes:
            record, at = self._open[-1]
            if depth == at + 1:
                for key, value in attributes.items():
                    record.attributes[f"{tag}@{_local(key)}"] = value

    def _text(self, text: str) -> None:
        if not self._open:
            return
        record, _ = self._open[-1]
        record.size += len(text)
        if record.size > self._reading.options.max_row_bytes:
            record.too_large = True
            self._pieces = []
        else:
            self._pieces.append(text)

    def _end(self, name: str) -> None:
        tag = _local(name)
        depth = len(self._path)
        if self._open:
            record, at = self._open[-1]
            if depth == at:
                self._open.pop()
                record.fields.setdefault("", "".join(self._pieces))
                if self._wanted[tag]:
                    start = record.offset - self._window_at
                    end = self._parser.CurrentByteIndex - self._window_at
                    record.raw = self._window[max(0, start) : max(0, end)][:RAW_BYTES]
                    record.size = self._parser.CurrentByteIndex - record.offset
                self._done.append(record)
            elif depth - at <= 2:
                path = "/".join(self._path[at:])
                record.fields.setdefault(path, "".join(self._pieces))
        self._path.pop()
        self._pieces = []

    def _entity(self, *declaration: object) -> None:
        raise DumpReadError(
            f"{self._member.name} declares the entity {str(declaration[0])[:40]!r}, "
            "which no comment export does",
            next_step="Entities can be an attack; remove the document type if you trust the file.",
        )

    def _external(self, *_: object) -> int:
        raise DumpReadError(
            f"{self._member.name} refers to another file or address",
            next_step="References can be an attack; remove them if you trust the file.",
        )


def xml_records(
    stream: Stream, member: Member, reading: Reading, wanted: Mapping[str, bool]
) -> Iterator[XmlRecord]:
    """Elements named in ``wanted`` (local names), each when it ends; they may nest.

    The value says whether it is a row, whose bytes are kept for a reject. Raises
    DumpReadError for declared or external entities.
    """
    # What was transcoded is UTF-8 now, whatever its own declaration says.
    encoding = "utf-8" if isinstance(stream, Transcoded) else None
    return _Parser(member, reading, wanted, encoding=encoding).run(stream)


def _local(name: str) -> str:
    space, _, tag = name.rpartition(" ")
    # Two elements of an export are called "encoded": the text and its excerpt.
    return f"excerpt:{tag}" if "/excerpt/" in space else tag
