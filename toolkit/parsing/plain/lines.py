"""A page of text as lines that know their indentation, list marker and cues."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from toolkit.parsing.byline import LONGEST_BYLINE, Byline, find_when, is_name, parse_byline
from toolkit.parsing.cues import Cues, cue_key, load_cues

_BULLET: Final = re.compile(r"^(?P<marker>[*•◦▪‣⁃∙·+–-]|(?<=\s)o)(?:\s+|$)(?P<text>.*)$")
_NUMBERED: Final = re.compile(r"^(?P<marker>\d{1,5}(?:\.\d{1,4})*[.)])(?:\s+|$)(?P<text>.*)$")
_TAB: Final = 4
_SENTENCE_END: Final = re.compile(r"[.!?…。！？؟:;]['\"”»’)\]]*$")
#: From this length on, a line is prose whatever stands in it.
PROSE: Final = 90


@dataclass(slots=True)
class Line:
    """One line. ``column`` is where its text starts, behind indentation and list marker."""

    index: int
    raw: str
    indent: int
    marker: str
    text: str
    column: int
    kinds: frozenset[str] = frozenset()
    byline: Byline | None = None
    is_controls: bool = False
    #: Long, or a sentence: not a name, a date or a button.
    is_prose: bool = False

    @property
    def blank(self) -> bool:
        """Nothing on it, not even a list marker."""
        return not self.text and not self.marker

    @property
    def number(self) -> int | None:
        """The number of an ordered list's marker."""
        if not self.marker or not self.marker[0].isdigit():
            return None
        return int(self.marker.rstrip(".)").split(".")[-1])

    @property
    def level(self) -> int | None:
        """How deep a dotted number stands: 0 for ``3.``, 1 for ``3.1.``."""
        if not self.marker or not self.marker[0].isdigit():
            return None
        return self.marker.rstrip(".)").count(".")

    @property
    def may_be_name(self) -> bool:
        """Short and shaped like a name."""
        if self.byline is not None or not self.text or self.is_controls:
            return False
        return is_name(self.text)

    @property
    def is_filler(self) -> bool:
        """Buttons, badges, a forum's box about the author: nothing anybody wrote."""
        if self.is_controls or self.text.isdigit():
            return True
        return bool(self.kinds & _FILLER) or bool(self.text and not self.text.strip(_MARKS))


#: Marks that pages print between buttons; no emoji, which people do write.
_MARKS: Final = " •·|*-–—_=~.…,:;<>«»‹›()[]{}+^'\"`↑↓→←▲▼△▽×✕✖⚑#/\\"
_FILLER: Final = frozenset({"controls", "badges", "card", "avatar"})


_MARKDOWN: Final = re.compile(
    r"^(?:>\s*|[*+-]\s+|\d+\\?\.\s+)*#{1,6}\s+\S|^\s*\d+\\\.\s", re.MULTILINE
)
_HEADING_MARK: Final = re.compile(r"^(\s*(?:[*+-]\s+|\d+\.\s+)*)#{1,6}\s+(.*?)\s*#*$")
_ESCAPED: Final = re.compile(r"\\([\\`*_{}\[\]()#+\-.!>|~])")
_STRESS: Final = re.compile(r"(?<!\w)(\*\*|__)(?=\S)(.*?\S)\1(?!\w)")
_STRAY_STRESS: Final = re.compile(r"(?<!\w)__(?=\s|\w|$)|(?<!\w)\*\*(?=\s|$)")


def without_markdown(text: str) -> str:
    """``text`` without Markdown's escapes, heading marks and bold, where it is Markdown."""
    if not _MARKDOWN.search(text):
        return text
    lines = []
    for line in text.split("\n"):
        line = _ESCAPED.sub(r"\1", line)
        line = _HEADING_MARK.sub(r"\1\2", line)
        lines.append(_STRAY_STRESS.sub("", _STRESS.sub(r"\2", line)))
    return "\n".join(lines)


def split_lines(text: str, *, dayfirst: bool | None = None) -> list[Line]:
    """The lines of ``text``, with what the cues and bylines say about each."""
    cues = load_cues()
    lines: list[Line] = []
    for index, raw in enumerate(text.split("\n")):
        line = _line(index, raw)
        if line.text and len(line.text) <= LONGEST_BYLINE:
            line.kinds = cues.kinds(line.text)
            line.byline = parse_byline(line.text, dayfirst=dayfirst)
            if line.byline is None or line.byline.name is None:
                line.is_controls = line.byline is None and (
                    cues.is_controls(line.text) or _is_saying(line.text, cues)
                )
        elif line.text:
            line.kinds = cues.kinds(line.text)
        line.is_prose = _is_prose(line)
        lines.append(line)
    _join_broken_headers(lines, dayfirst)
    return lines


def _is_saying(text: str, cues: Cues) -> bool:
    """A bare "says:", which some pages print below the name."""
    return text.endswith((":", "：")) and cue_key(text) in cues.says


def _is_prose(line: Line) -> bool:
    if line.byline is not None or line.is_controls or line.kinds:
        return False
    return len(line.text) >= PROSE or bool(_SENTENCE_END.search(line.text[-8:]))


def _line(index: int, raw: str) -> Line:
    raw = raw.expandtabs(_TAB).rstrip()
    text = raw.lstrip(" \u00a0\u200f\u200e")
    indent = len(raw) - len(text)
    match = _NUMBERED.match(text)
    short = match is not None and len(text) <= LONGEST_BYLINE
    if match is not None and short and _is_date_number(text, match["text"]):
        match = None
    match = match or _BULLET.match(text)
    if match is None and indent >= 2 and text[:2] == "o ":
        match = _BULLET.match(" " + text, 1)
    if match is None:
        return Line(index, raw, indent, "", text, indent)
    column = indent + match.start("text") if match["text"] else indent + len(match["marker"]) + 1
    return Line(index, raw, indent, match["marker"], match["text"], column)


def _is_date_number(text: str, behind: str) -> bool:
    """``13. Dezember 2019`` is a date; ``1. Januar 15, 2014`` is an item that starts with one."""
    whole = find_when(text)
    if whole is None or whole.start != 0:
        return False
    rest = find_when(behind)
    return not (whole.kind != "absolute" and rest is not None and rest.kind == "absolute")


def _join_broken_headers(lines: list[Line], dayfirst: bool | None) -> None:
    """A header that a narrow page broke: "by X (123) on" above "Monday July 23, @08:25PM"."""
    for line, following in pairwise(lines):
        if line.byline is not None or following.byline is None or not line.text:
            continue
        if not following.byline.is_date_only or len(line.text) > 80 or line.is_prose:
            continue
        first, last = cue_key(line.text).split(" ")[0], line.text.rsplit(None, 1)[-1]
        if last not in _BROKEN_AT and first != "by":
            continue
        joined = parse_byline(f"{line.text} {following.text}", dayfirst=dayfirst)
        if joined is not None and joined.name is not None:
            line.byline = joined
            following.byline = None
            following.kinds = frozenset({"controls"})
            following.is_controls = True
            line.is_prose = following.is_prose = False


_BROKEN_AT: Final = frozenset(
    {"on", "at", "am", "um", "le", "el", "|", "—", "–", "-", "/", "•", ","}
)


# --- text of a range of lines ------------------------------------------------


def wrap_width(lines: Sequence[Line]) -> int | None:
    """The width at which the page is hard-wrapped, or None where lines are whole paragraphs.

    A page is taken as wrapped where nothing is wider than 132 columns and most
    lines that another line of text follows come near the widest.
    """
    widths = [
        len(line.raw)
        for line, following in pairwise(lines)
        if len(line.text) > 20 and following.text and not following.marker and not following.byline
    ]
    if len(widths) < 6:
        return None
    longest = max(len(line.raw) for line in lines)
    if longest > 132:
        return None
    widths.sort()
    usual = widths[int(len(widths) * 0.95)]
    near = sum(1 for width in widths if width >= usual - 14)
    return usual if usual >= 50 and near >= 0.7 * len(widths) else None


def text_of(lines: Sequence[Line], *, width: int | None = None) -> str:
    """Paragraphs apart by a blank line, the list's indentation taken off.

    Lines of one paragraph are joined where the page is wrapped at ``width``,
    else kept as they are printed.
    """
    body = list(lines)
    while body and body[0].blank:
        body.pop(0)
    while body and body[-1].blank:
        body.pop()
    if not body:
        return ""
    rest = [line.indent for line in body[1:] if not line.blank]
    common = min(rest, default=0)
    first = body[0]
    printed = [first.text if first.marker and not _is_list(body) else first.raw.lstrip()]
    printed += [line.raw[min(common, line.indent) :] for line in body[1:]]
    if width is None:
        return "\n".join(printed)
    joined: list[str] = []
    room = 0
    for line, text in zip(body, printed, strict=True):
        starts_new = line.blank or bool(line.marker) or text.startswith((">", " "))
        if joined and joined[-1] and not starts_new and room >= width * 0.6:
            joined[-1] = f"{joined[-1]} {text}"
        else:
            joined.append(text)
        room = len(line.raw)
    return "\n".join(joined)


def _is_list(lines: Sequence[Line]) -> bool:
    """The first line's marker belongs to a list in the text, not to the comment itself."""
    first = lines[0]
    return sum(1 for line in lines if line.marker and line.indent == first.indent) > 1
