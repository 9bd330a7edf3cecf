"""The article of a page of text: title, byline, body, without the page's furniture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from toolkit.parsing.byline import find_when, is_name, parse_byline, split_name
from toolkit.parsing.cues import cue_key, load_cues
from toolkit.parsing.plain.lines import PROSE, Line, text_of
from toolkit.parsing.plain.section import CLOSERS
from toolkit.text.normalize import clean

_LONGEST_TITLE: Final = 200
_LONGEST_FURNITURE: Final = 160
_CASELESS_NAME_WORDS: Final = 3
#: Lines about the writer and the day stand this near to the title.
_NEAR_TITLE: Final = 8

_HEADING_MARK: Final = re.compile(r"^#{1,6}\s+")
_CUT_OFF: Final = re.compile(r"(?:\[\s?(?:…|\.\.\.)\s?\]|\(\s?(?:…|\.\.\.)\s?\))\s*$")
_BRACKETED: Final = re.compile(r"\s*[\[(](?P<tail>[^\[\]()]{3,80})[\])]\s*$")
_AFTER_ELLIPSIS: Final = re.compile(r"(?:\[?…\]?|\[?\.\.\.\]?)\s*(?P<tail>[^…\[\]]{4,80})$")


@dataclass(slots=True)
class Body:
    """What the lines above the comments say."""

    title: str | None = None
    byline: str | None = None
    published_at: datetime | None = None
    text: str = ""
    truncated: bool = False
    #: Indices of the lines about the writer and the day.
    about: set[int] = field(default_factory=set)


def read_article(
    lines: Sequence[Line], end: int, *, heading_title: str | None, width: int | None
) -> Body:
    """The article in ``lines[:end]``; ``heading_title`` is the one that the comments quote."""
    body = Body()
    title_at = _title_at(lines, end, heading_title)
    if title_at is not None:
        body.title = clean(_HEADING_MARK.sub("", lines[title_at].text)).strip() or None
    elif heading_title:
        body.title = clean(heading_title)
    start = title_at + 1 if title_at is not None else 0
    _read_about(lines, start, end, body)
    end, cut = _end_of_text(lines, start, end)
    kept = [
        line
        for line in lines[start:end]
        if line.index not in body.about and not _is_furniture(lines, line, start, end)
    ]
    kept = _without_repeated_title(kept, body.title)
    text = text_of(kept, width=width)
    text, cut_here = _without_more(text)
    body.text = clean(text).strip()
    body.truncated = cut or cut_here
    return body


# --- title -------------------------------------------------------------------


def _title_at(lines: Sequence[Line], end: int, heading_title: str | None) -> int | None:
    first_prose = next((k for k in range(end) if _is_body(lines[k])), end)
    if heading_title:
        key = cue_key(heading_title)
        matches = [
            line.index
            for line in lines[:end]
            if line.text and len(line.text) <= _LONGEST_TITLE and _same_title(line.text, key)
        ]
        if matches:
            early = [index for index in matches if index <= first_prose]
            return early[-1] if early else matches[0]
    marked = next((k for k in range(first_prose) if _HEADING_MARK.match(lines[k].text)), None)
    if marked is not None:
        return marked
    candidates = [k for k in range(first_prose) if _may_be_title(lines[k])]
    if not candidates:
        return None
    if len(candidates) <= 4 or candidates[0] == _first_text(lines):
        before_about = _before_about(lines, candidates, first_prose)
        return candidates[0] if before_about is None or len(candidates) <= 4 else before_about
    before_about = _before_about(lines, candidates, first_prose)
    if before_about is not None:
        return before_about
    wordy = [k for k in candidates if len(lines[k].text.split()) >= 3 or len(lines[k].text) >= 12]
    return (wordy or candidates)[-1]


def _first_text(lines: Sequence[Line]) -> int | None:
    return next((line.index for line in lines if line.text), None)


def _is_body(line: Line) -> bool:
    """A paragraph of the article rather than a headline over it."""
    if line.kinds or line.byline is not None:
        return False
    return len(line.text) >= _LONGEST_TITLE or (line.is_prose and len(line.text) >= PROSE)


def _may_be_title(line: Line) -> bool:
    if not line.text or len(line.text) > _LONGEST_TITLE or line.byline is not None:
        return False
    if line.kinds or line.is_filler or (line.marker and not line.number):
        return False
    return any(letter.isalpha() for letter in line.text)


def _before_about(lines: Sequence[Line], candidates: Sequence[int], end: int) -> int | None:
    """The candidate just above a line that names the writer or the day."""
    for index in candidates:
        for k in range(index + 1, min(end, index + 4)):
            byline = lines[k].byline
            if byline is not None and byline.when is not None:
                return index
            if lines[k].text:
                break
    return None


def _same_title(text: str, key: str) -> bool:
    own = cue_key(text)
    return bool(own) and (own == key or (len(key) > 12 and own.startswith(key)))


def _without_repeated_title(kept: list[Line], title: str | None) -> list[Line]:
    """Pages print a title twice: over the text, and once more over the comments."""
    if not title:
        return kept
    key = cue_key(title)
    printed = [at for at, line in enumerate(kept) if line.text]
    if printed and cue_key(kept[printed[-1]].text) == key:
        kept = kept[: printed[-1]]
        printed.pop()
    if printed and cue_key(kept[printed[0]].text) == key:
        kept = kept[printed[0] + 1 :]
    return kept


# --- byline ------------------------------------------------------------------


def _read_about(lines: Sequence[Line], start: int, end: int, body: Body) -> None:
    seen = 0
    for line in lines[start:end]:
        if not line.text:
            continue
        seen += 1
        if seen > _NEAR_TITLE or _is_body(line):
            return
        if line.byline is not None and (line.byline.when is not None):
            if body.published_at is None:
                body.published_at = line.byline.created_at
            if line.byline.name and not line.byline.says:
                body.byline = body.byline or line.byline.name
            body.about.add(line.index)
        elif (name := _by(line)) is not None:
            body.byline = body.byline or name
            body.about.add(line.index)
        elif (loose := _posted(line)) is not None:
            body.byline = body.byline or loose[0]
            body.published_at = body.published_at or loose[1]
            body.about.add(line.index)


def _by(line: Line) -> str | None:
    """The name in ``By Jane Doe``; None for prose that starts with "by"."""
    if line.is_prose or line.kinds or len(line.text) > 80:
        return None
    words = line.text.split()
    cues = load_cues()
    for count in (3, 2, 1):
        head = cue_key(" ".join(words[:count]))
        if head in cues.by and len(words) > count and not words[0][:1].islower():
            if not words[0][:1].isupper() and len(words) - count > _CASELESS_NAME_WORDS:
                return None  # in a script without capitals, only the length tells a name
            name = " ".join(words[count:])
            capitals = all(word[:1].isupper() or word in {"and", "&", "und", "et", "y", "e"}
                           or not word[:1].isalpha() or not word[:1].islower()
                           for word in name.split())  # fmt: skip
            if is_name(name) and capitals:
                return split_name(name)[0] or name
    return None


def _posted(line: Line) -> tuple[str, datetime | None] | None:
    """``Posted by NAME on DATE from the … dept.``: a byline with something behind it."""
    if len(line.text) > _LONGEST_FURNITURE or line.kinds:
        return None
    when = find_when(line.text)
    if when is None:
        return None
    byline = parse_byline(line.text[: when.end])
    if byline is None or byline.name is None or not byline.shape.startswith("by "):
        return None
    return byline.name, byline.created_at


# --- body --------------------------------------------------------------------


def _is_furniture(lines: Sequence[Line], line: Line, start: int, end: int) -> bool:
    if line.blank or len(line.text) > _LONGEST_FURNITURE:
        return False
    if line.kinds & {"furniture", "form", "closed", "none", "count", "sidebar", "pingback"}:
        return True
    if line.is_controls and not line.text.isdigit():
        return True
    if not line.kinds & {"after", "open", "more"}:
        return False
    return not _between_prose(lines, line.index, start, end)


def _between_prose(lines: Sequence[Line], index: int, start: int, end: int) -> bool:
    """A headline such as "Discussion" or "Links" inside the text."""
    below = next((k for k in range(index + 1, min(end, index + 4)) if lines[k].text), None)
    above = next((k for k in range(index - 1, start - 1, -1) if lines[k].text), None)
    return (
        below is not None
        and above is not None
        and len(lines[below].text) >= PROSE
        and lines[above].is_prose
    )


def _end_of_text(lines: Sequence[Line], start: int, end: int) -> tuple[int, bool]:
    """Where the text ends, and whether the page says there that it goes on elsewhere."""
    total = _prose_letters(lines, start, end)
    passed = 0
    for index in range(start, end):
        line = lines[index]
        passed += _prose_letters(lines, index, index + 1)
        enough = passed >= 0.6 * total and total > 0
        if not enough:
            continue
        if "more" in line.kinds:
            return index, True
        if _ends_with_more(line.text) and total - passed < 0.25 * total:
            return index + 1, True
        closes = line.kinds & CLOSERS and not _between_prose(lines, index, start, end)
        if closes and total - passed < 0.25 * total:
            return index, any("more" in lines[k].kinds for k in range(index, min(end, index + 3)))
    return end, False


def _prose_letters(lines: Sequence[Line], start: int, end: int) -> int:
    return sum(
        len(lines[k].text)
        for k in range(start, end)
        if not lines[k].kinds and not lines[k].is_filler and len(lines[k].text) >= 40
    )


def _ends_with_more(text: str) -> bool:
    return _without_more(text)[1]


def _without_more(text: str) -> tuple[str, bool]:
    """``text`` without a closing ``[Continue reading…]`` or ``[…]``, and whether it had one."""
    text = text.rstrip()
    cues = load_cues()
    tail = text[-200:]
    for pattern in (_BRACKETED, _AFTER_ELLIPSIS):
        match = pattern.search(tail)
        if match is not None and "more" in cues.kinds(match["tail"].strip()):
            return text[: len(text) - len(tail) + match.start()].rstrip(), True
    last_line = text.rpartition("\n")[2]
    if "\n" in text and "more" in cues.kinds(last_line.strip()):
        return text.rpartition("\n")[0].rstrip(), True
    match = _CUT_OFF.search(tail)
    if match is not None:
        return text[: len(text) - len(tail) + match.start()].rstrip(), True
    return text, False
