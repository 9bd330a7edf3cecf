"""Records of a comment section as drafts: clean text, writer, time, place in the thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from toolkit.parsing.byline import split_name
from toolkit.parsing.cues import cue_key, load_cues
from toolkit.parsing.plain.headers import Header, Record, stated_level
from toolkit.parsing.plain.lines import Line, text_of
from toolkit.parsing.thread import Draft
from toolkit.text.normalize import clean

#: What ends a comment even where another one follows.
_BREAKS: Final = frozenset({"form", "closed", "sidebar"})
_EXCERPT: Final = ("[…]", "[...]", "[ … ]", "[&#8230;]", "(…)")


@dataclass(slots=True)
class Drafted:
    """``drafts`` in page order; ``pingbacks`` counts links from other sites, left out."""

    drafts: list[Draft] = field(default_factory=list)
    headers: list[Header] = field(default_factory=list)
    pingbacks: int = 0


@dataclass(slots=True)
class _Piece:
    record: Record
    body: list[Line]
    reply_to: str | None = None
    level: int | None = None
    pingbacks: int = 0


def draft(
    lines: Sequence[Line],
    records: Sequence[Record],
    *,
    width: int | None,
    date_of: Callable[[Header], datetime | None],
) -> Drafted:
    """Drafts of the records; ``date_of`` turns what a header prints into a time."""
    _cut_last(lines, records)
    pieces = [_piece(lines, record) for record in records]
    _drop_recurring(pieces)
    levels = _levels(pieces)
    drafted = Drafted()
    disqus = _is_disqus(pieces)
    names = {cue_key(piece.record.header.name or "") for piece in pieces}
    for piece, level in zip(pieces, levels, strict=True):
        drafted.pingbacks += piece.pingbacks
        header = piece.record.header
        text = clean(text_of(piece.body, width=width))
        if header.subject:
            text = f"{header.subject}\n\n{text}".strip()
        if _is_excerpt(text) or _is_pingback(header, piece):
            drafted.pingbacks += 1
            continue
        deleted = bool(text) and "deleted" in load_cues().kinds(text)
        reply_to = header.parent_name or piece.reply_to
        if level:
            reply_to = None  # indentation shows which comment of that person is meant
        elif reply_to is not None:
            reply_to = split_name(reply_to)[0] or reply_to
        elif disqus:
            reply_to = _addressed(text, names)
        drafted.headers.append(header)
        drafted.drafts.append(
            Draft(
                text=None if deleted else text,
                key=header.key,
                reply_to=reply_to,
                level=level,
                author_name=_name(header),
                author_handle=header.handle,
                author_id=header.user_id,
                created_at=date_of(header),
                source_status="deleted" if deleted else "published",
            )
        )
    return drafted


def _name(header: Header) -> str | None:
    name = clean(header.name or "").strip()
    return name or None


# --- the text ----------------------------------------------------------------


def _piece(lines: Sequence[Line], record: Record) -> _Piece:
    piece = _Piece(record, [lines[index] for index in record.body])
    _cut_at_breaks(piece)
    _strip_lead(piece)
    _strip_tail(piece.body)
    return piece


def _cut_last(lines: Sequence[Line], records: Sequence[Record]) -> None:
    """Where every comment closes with the same button, so does the last one."""
    if len(records) < 4:
        return
    closing: Counter[str] = Counter()
    for record in records[:-1]:
        printed = [lines[index] for index in record.body if lines[index].text]
        closing.update({cue_key(line.text) for line in printed[-3:] if line.is_controls})
    usual = {key for key, times in closing.items() if times >= 0.6 * (len(records) - 1)}
    body = records[-1].body
    for at, index in enumerate(body):
        if lines[index].is_controls and cue_key(lines[index].text) in usual:
            del body[at + 1 :]
            return


def _cut_at_breaks(piece: _Piece) -> None:
    for at, line in enumerate(piece.body):
        if "pingback" in line.kinds:
            rest = piece.body[at:]
            piece.pingbacks += sum(1 for other in rest if "pingback" in other.kinds)
            del piece.body[at:]
            return
        if line.kinds & _BREAKS and not line.is_controls:
            del piece.body[at:]
            return


def _strip_lead(piece: _Piece) -> None:
    """Take what still belongs to the header off the front: buttons, badges, "In reply to X"."""
    cues = load_cues()
    name = cue_key(piece.record.header.name or "")
    body = piece.body
    while body:
        line = body[0]
        if line.blank or not line.text:
            body.pop(0)
            continue
        answered = None if line.is_prose else cues.reply_to(line.text)
        if answered is not None:
            piece.reply_to = piece.reply_to or answered
        elif (level := stated_level(line)) is not None:
            piece.level = level
        elif not (line.is_filler or (name and cue_key(line.text) == name)):
            return
        elif len([other for other in body if other.text]) == 1:
            return  # a comment of one word that is also a button
        body.pop(0)


def _strip_tail(body: list[Line]) -> None:
    while body:
        line = body[-1]
        if line.blank or not line.text:
            body.pop()
            continue
        closing = bool(line.kinds & {"after", "form", "open", "none"}) and not line.is_prose
        if not (line.is_filler or closing):
            return
        if len([other for other in body if other.text]) == 1:
            return
        body.pop()


def _drop_recurring(pieces: Sequence[_Piece]) -> None:
    """Drop lines that close (or open) many comments alike, whatever language they are in."""
    if len(pieces) < 3:
        return
    edges: Counter[str] = Counter()
    for piece in pieces:
        texts = [cue_key(line.text) for line in piece.body if line.text]
        edges.update({key for key in (*texts[:1], *texts[-2:]) if 0 < len(key) <= 50})
    recurring = {key for key, times in edges.items() if times >= max(3, round(0.3 * len(pieces)))}
    for piece in pieces:
        printed = [line for line in piece.body if line.text]
        gone = {line.index for line in printed if cue_key(line.text) in recurring}
        if gone and len(gone) < len(printed):
            piece.body = [line for line in piece.body if line.index not in gone]
            _strip_tail(piece.body)


def _is_excerpt(text: str) -> bool:
    """A trackback quotes a piece of the page it comes from: ``[…] words […]``."""
    return text.startswith(_EXCERPT) and text.rstrip(". \n").endswith(_EXCERPT)


def _is_pingback(header: Header, piece: _Piece) -> bool:
    kinds = load_cues().kinds(header.name or "")
    return "pingback" in kinds or (not piece.body and piece.pingbacks > 0 and header.family == "L")


def _is_disqus(pieces: Sequence[_Piece]) -> bool:
    shapes = Counter(piece.record.header.shape for piece in pieces)
    dotted = sum(times for shape, times in shapes.items() if shape.startswith(("N •D", "N ·D")))
    return dotted > len(pieces) / 2


def _addressed(text: str, names: set[str]) -> str | None:
    """``@Name`` at the start, where that is somebody on the page."""
    if not text.startswith("@"):
        return None
    words = text[1:].split()
    for count in (3, 2, 1):
        name = cue_key(" ".join(words[:count]))
        if name and name in names:
            return " ".join(words[:count]).strip(",:.")
    return None


# --- the thread --------------------------------------------------------------


def _levels(pieces: Sequence[_Piece]) -> list[int | None]:
    if not pieces:
        return []
    headers = [piece.record.header for piece in pieces]
    linked = [header.words & {"prev", "next", "parent", "root"} for header in headers]
    if sum(1 for words in linked if words) > len(pieces) / 2 and any(
        "parent" in words for words in linked
    ):
        return list(_levels_by_links(linked))
    if sum(1 for piece in pieces if piece.level is not None) > len(pieces) / 2:
        return [piece.level or 0 for piece in pieces]
    if any(header.level for header in headers):
        return [header.level or 0 for header in headers]
    return _levels_by_columns(headers)


def _levels_by_links(linked: Sequence[frozenset[str]]) -> list[int]:
    """Hacker News prints no indentation but links to siblings, parent and root.

    A comment with a parent and no ``prev`` is the first answer to the one
    above it; one with ``prev`` follows the innermost comment above it that
    announced a ``next``. Without ``root``, the parent stands at the top.
    """
    levels: list[int] = []
    path: list[bool] = []  # for each open level: is a next sibling still to come?
    for words in linked:
        if "parent" not in words:
            level = 0
        elif "root" not in words:
            level = 1
        elif "prev" not in words:
            level = len(path)
        else:
            level = next((at for at in range(len(path) - 1, 1, -1) if path[at]), 2)
        level = min(level, len(path))
        del path[level:]
        path.append("next" in words)
        levels.append(level)
    return levels


def _levels_by_columns(headers: Sequence[Header]) -> list[int | None]:
    """Nesting by indentation: deeper by two columns in marker and in text alike.

    Both, since numbers of one and of three digits shift either the one or the other.
    """
    levels: list[int | None] = []
    path: list[tuple[int, int]] = []
    for header in headers:
        here = (header.start_column, header.text_column)
        while path and not (here[0] >= path[-1][0] + 2 and here[1] >= path[-1][1] + 2):
            path.pop()
        levels.append(len(path))
        path.append(here)
    return levels if any(levels) else [None] * len(headers)
