"""Which format a dump is in, told by its content."""

from __future__ import annotations

import codecs
import glob
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import orjson
import polars as pl

from toolkit.dumps.csv_stream import sniff
from toolkit.dumps.opening import STDIN, Member, open_source
from toolkit.dumps.parquet_stream import on_disk
from toolkit.dumps.registry import FORMATS
from toolkit.dumps.shape import SAMPLES, Opening
from toolkit.errors import DumpReadError, ToolkitError

_JSON_START: Final = re.compile(r"\s*[\[{]")
_HTML: Final = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_XML: Final = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>\s*)*<([A-Za-z_][\w:.\-]*)([^>]*)>",
    re.DOTALL,
)
_STRING: Final = r'"(?:[^"\\]|\\.)*+"'
_TOKEN: Final = re.compile(_STRING + r'|[{}\[\],:"]|[^\s{}\[\],:"]+', re.DOTALL)
_MAX_DEPTH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatGuess:
    """A format that the content fits. ``confidence`` in [0, 1]."""

    format: str
    confidence: float
    reason: str


def open_up(member: Member, *, encoding: str | None = None) -> Opening:
    """Look at the beginning of a member. Raises DumpReadError where it cannot be opened."""
    head, whole = member.head()
    if head.startswith(b"PAR1"):
        return _parquet(member)
    text = _text(head, encoding)
    if not text.strip():
        return Opening(kind="empty")
    if _JSON_START.match(text):
        return _json(text, whole=whole)
    if text.lstrip()[:1] == "<":
        return _markup(text)
    lines = _lines(text, whole=whole)
    if lines is not None:
        return lines
    table = sniff(text, whole=whole)
    if table is not None:
        return Opening(kind="csv", delimiter=table[0], columns=tuple(table[1]), text=text[:4096])
    return Opening(kind="text", text=text[:4096])


def _text(head: bytes, encoding: str | None) -> str:
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if encoding is None and head.startswith(mark):
            encoding = name
    try:
        return head.decode(encoding or "utf-8", "replace")
    except LookupError as error:
        raise DumpReadError(
            f"{encoding!r} is no encoding that Python knows", next_step="Check --encoding."
        ) from error


def _json(text: str, *, whole: bool) -> Opening:
    lines = _lines(text, whole=whole)
    if lines is not None:
        return lines
    records = tuple(_values(text))
    return _with_columns("json", records)


def _lines(text: str, *, whole: bool) -> Opening | None:
    """JSON lines: at least half of the whole lines are objects by themselves."""
    parts = [part for part in text.split("\n") if part.strip()]
    if not whole and len(parts) > 1 and not text.endswith("\n"):
        parts.pop()
    parts = parts[:SAMPLES]
    records = []
    for part in parts:
        try:
            value = orjson.loads(part)
        except orjson.JSONDecodeError:
            continue
        if isinstance(value, dict):
            records.append(value)
    if not records or len(records) * 2 < len(parts):
        return None
    if len(parts) == 1 and not whole:
        return None
    return _with_columns("lines", tuple(records))


def _with_columns(kind: Literal["lines", "json"], records: tuple[Any, ...]) -> Opening:
    opening = Opening(kind=kind, records=records)
    columns = dict.fromkeys(key for row in opening.rows() for key in row)
    return Opening(kind=kind, records=records, columns=tuple(columns))


def _values(text: str) -> list[Any]:
    """The documents that ``text`` begins with, the last one closed where it is cut."""
    found: list[Any] = []
    depth = 0
    start = 0
    closers: list[str] = []
    safe: tuple[int, str] = (0, "")
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark == '"':
            break  # a string that is cut short: nothing behind it is structure
        if mark in "{[" and len(mark) == 1:
            if not depth:
                start = token.start()
            depth += 1
            if depth > _MAX_DEPTH:
                break
            closers.append("}" if mark == "{" else "]")
            safe = (token.end(), "".join(reversed(closers)))
        elif mark in "}]" and len(mark) == 1:
            if not depth:
                break
            depth -= 1
            closers.pop()
            if depth:
                safe = (token.end(), "".join(reversed(closers)))
                continue
            try:
                found.append(orjson.loads(text[start : token.end()].encode("utf-8", "replace")))
            except orjson.JSONDecodeError:
                return found
            if len(found) >= SAMPLES:
                return found
        elif mark == "," and depth:
            safe = (token.start(), "".join(reversed(closers)))
    if depth:
        try:
            cut = text[start : safe[0]] + safe[1]
            found.append(orjson.loads(cut.encode("utf-8", "replace")))
        except orjson.JSONDecodeError:
            pass
    return found


def _markup(text: str) -> Opening:
    root = _XML.match(text)
    if root is None or _HTML.match(root[0].lstrip()) or root[1].lower() in ("html", "head", "body"):
        return Opening(kind="html" if _HTML.search(text[:4096]) or root is None else "xml")
    return Opening(kind="xml", root=root[1] + root[2], text=text[:16384])


def _parquet(member: Member) -> Opening:
    with on_disk(member) as path:
        try:
            columns = pl.read_parquet_schema(path)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            raise DumpReadError(
                f"{member.name} is no whole parquet file: {error}", next_step="Fetch it again."
            ) from error
    return Opening(kind="parquet", columns=tuple(columns))


def guesses(opening: Opening) -> list[FormatGuess]:
    """Every format that ``opening`` fits, the surest first."""
    found = []
    for known in FORMATS.values():
        fit = known.recognise(opening)
        if fit is not None:
            found.append(FormatGuess(format=known.name, confidence=fit[0], reason=fit[1]))
    return sorted(found, key=lambda guess: -guess.confidence)


def looks_like_dump(path: str | Path) -> bool:
    """Whether ``path`` is better read as a dump than as a page: cheap, from its first bytes.

    Standard input, folders, globs, archives, XML, JSON and parquet are dumps; so are tables with a
    column that holds comments. HTML and plain text are pages. What cannot be opened
    is no dump.
    """
    file = Path(path)
    try:
        if str(path) == STDIN:
            return True
        if file.is_dir() or (not file.exists() and glob.has_magic(str(path))):
            return True
        member = open_source(file).members[0]
        opening = open_up(member)
    except ToolkitError:
        return False
    if opening.kind in ("lines", "json", "xml", "parquet"):
        return True
    return opening.kind == "csv" and bool(guesses(opening))
