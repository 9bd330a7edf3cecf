"""What the words of a comment's header say: names, times, buttons."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Final, TypeVar
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from toolkit.parsing.byline import find_when, parse_byline
from toolkit.parsing.cues import cue_key, load_cues
from toolkit.parsing.html.text import inline
from toolkit.text.normalize import collapse

T = TypeVar("T")

LONGEST_NAME: Final = 80
LONGEST_HEADER: Final = 160

_EPOCH: Final = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}|\d{16}")
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d)?")
_TIME_ATTRIBUTES: Final = (
    "datetime", "data-datetime", "data-time", "data-timestamp", "data-utime", "data-epoch",
    "data-date", "data-created", "data-created-at", "data-ts", "ts", "data-unixtime",
    "data-livestamp", "data-content", "content", "title", "data-original-title", "aria-label",
)  # fmt: skip
#: Blogger puts the moment of a comment into the link to it.
_SHOWN_COMMENT: Final = re.compile(r"[?&]showComment=(\d{13})\b")
_EDGES: Final = " \t\n\u00a0:|•·,;–—-/\\[]»«>›<‹#\u200b\u200e\u200f✍✎@"
_LETTERS: Final = re.compile(r"[^\W_]")
_WORD: Final = re.compile(r"[^\W\d_]+")
_ARCHIVED: Final = re.compile(r"^https?://web\.archive\.org/web/\d+[a-z_]*/(?=https?:)")
_GONE_MARK: Final = re.compile(r"\[(?:deleted|removed|gelöscht|entfernt|flagged|dead)[^\]]{0,20}\]")
_ON: Final = re.compile(
    r"[\s,(]+(?:am|on|le|il|el|op|at|em|den|um|dnia|в|в:|do dnia|vom|del|sur|à|a las|alle|om|az)$",
    re.IGNORECASE,
)
_AT_HANDLE: Final = re.compile(r"^/?(@[\w.-]+)$")
_NUMBERING: Final = re.compile(r"^(?:#|nr\.?|no\.?)?\s?\d{1,6}\s?[.):#]\s+|^#\d{1,6}\s+", re.I)


@dataclass(slots=True, kw_only=True)
class Context:
    """What the readers of one page share."""

    base: str | None = None
    language: str | None = None
    dayfirst: bool | None = None
    #: Counted while reading: times given only as "3 days ago", or without a year.
    inexact_times: int = 0
    naive_times: int = 0


def clean_name(
    text: str, context: Context | None = None, *, exact: bool = False, named: bool = False
) -> str | None:
    """``text`` as a person's name: no "by", no "says:", no date; None where none is left.

    ``exact`` texts stand alone in an element: a first word such as "von" is
    then a part of the name. ``named`` ones are said to be the author's name by
    the markup: "Guest" and "admin" are then names too.
    """
    text = collapse(text)
    if not text or len(text) > 300:
        return None
    when = None
    if context is not None and not exact:
        byline = parse_byline(text, dayfirst=context.dayfirst, language=context.language)
        if byline is not None and byline.name and byline.name != text:
            return byline.name
    if context is not None and any(letter.isdigit() for letter in text):
        when = find_when(text, dayfirst=context.dayfirst, language=context.language)
    if when is not None and when.kind != "partial":
        text = text[: when.start].strip(_EDGES) or text[when.end :]
        text = _ON.sub("", text)
    text = _NUMBERING.sub("", text.strip())
    words = _without_says(text.strip().split(" "))
    if not exact:
        words = _without_by(words)
    text = " ".join(words)
    text = text.strip(_EDGES + "()") if text.count("(") != text.count(")") else text.strip(_EDGES)
    if not text or len(text) > LONGEST_NAME or not _LETTERS.search(text):
        return None
    if is_control(text):
        kept = named and ("badges" in load_cues().kinds(text) or any(c.isdigit() for c in text))
        return text if kept else None
    return text


def _without_says(words: list[str]) -> list[str]:
    says = load_cues().says
    for length in range(min(5, len(words) - 1), 0, -1):
        key = cue_key(" ".join(words[-length:]))
        if key and key in says:
            return words[:-length]
    return words


def _without_by(words: list[str]) -> list[str]:
    by = load_cues().by
    for length in range(min(4, len(words) - 1), 0, -1):
        key = cue_key(" ".join(words[:length]))
        if key and key in by:
            return words[length:]
    return words


def is_control(text: str) -> bool:
    """Nothing but the wording of buttons: Reply, Permalink, Report."""
    return bool(text) and load_cues().is_controls(text)


def is_gone(text: str) -> str | None:
    """``deleted`` or ``removed`` where ``text`` stands in place of a comment, else None."""
    line = collapse(text)
    if not line or len(line) > 240:
        return None
    marked = _GONE_MARK.fullmatch(line.lower()) is not None
    # A word alone may be what somebody wrote.
    if not marked and (len(line.split()) < 3 or "deleted" not in load_cues().kinds(line)):
        return None
    removed = re.search(r"remov|moderat|administrat|entfern|flag|dead|violat|supprim", line, re.I)
    return "removed" if removed else "deleted"


def in_header(line: str, name: str | None, context: Context, *, buttons: bool = True) -> bool:
    """Whether ``line`` only says who wrote, or when, or (``buttons``) is the words of a button."""
    if not line or len(line) > LONGEST_HEADER:
        return False
    cues = load_cues()
    if is_control(line):
        return buttons
    if cue_key(line) in cues.says or cues.reply_to(line) is not None:
        return True
    when = find_when(line, dayfirst=context.dayfirst, language=context.language)
    left = line if when is None else f"{line[: when.start]} {line[when.end :]}"
    if name is not None and name in left:
        left = left.replace(name, " ", 1)
    elif when is None:
        return False
    words = cue_key(left).split()
    phrase = " ".join(words)
    if not words or phrase in cues.says or phrase in cues.by or phrase in cues.not_names:
        return True
    known = [word for word in words if len(word) < 3 or word in cues.says or word in cues.by]
    return when is not None and len(words) - len(known) <= 2


def when_in(element: HtmlElement, context: Context) -> tuple[datetime | None, bool]:
    """The time that ``element`` shows, and whether it shows one that is not exact."""
    for attribute in _TIME_ATTRIBUTES:
        raw = element.get(attribute)
        if raw and len(raw) <= 200:
            value = exact_time(raw) or find_time(raw, context)[0]
            if value is not None:
                return value, False
    if (href := element.get("href")) and (found := _SHOWN_COMMENT.search(href)):
        return exact_time(found.group(1)), False
    text = inline(element)
    if not text or len(text) > 300:
        return None, False
    value = exact_time(text) if _ISO.match(text) else None
    return (value, False) if value is not None else find_time(text, context)


def find_time(text: str, context: Context) -> tuple[datetime | None, bool]:
    """A time printed in ``text``, and whether one is printed that is not exact."""
    when = find_when(text, dayfirst=context.dayfirst, language=context.language)
    if when is None:
        return None, False
    return when.value, when.kind != "absolute"


def exact_time(raw: str) -> datetime | None:
    """An ISO 8601 time or seconds since 1970, as UTC where it has a zone."""
    raw = raw.strip()
    if _EPOCH.fullmatch(raw):
        seconds = float(raw)
        while seconds > 1e11:
            seconds /= 1000
        return datetime.fromtimestamp(seconds, UTC) if seconds > 5e8 else None
    if not _ISO.match(raw):
        return None
    try:
        value = datetime.fromisoformat(raw.replace(" +", "+").replace(" Z", "Z"))
        return value.astimezone(UTC) if value.tzinfo else value
    except (ValueError, OverflowError):
        return None


def profile_address(link: HtmlElement, context: Context) -> str | None:
    """Where a link on a name leads, if it leads to a person's page or site."""
    href = (link.get("href") or "").strip()
    if not href or href in ("0", "/") or "#" in href or len(href) > 500:
        return None
    try:
        address = urljoin(context.base or "", href)
        scheme = urlsplit(address).scheme
    except ValueError:
        return None
    if scheme not in ("http", "https", ""):
        return None
    if not scheme and (handle := _AT_HANDLE.search(address)):
        return handle.group(1)
    return _ARCHIVED.sub("", address)


def is_own_link(link: HtmlElement, context: Context) -> bool:
    """Whether ``link`` stays on the site, as buttons do; a commenter's links lead away."""
    href = (link.get("href") or "").strip()
    if not href.startswith(("http://", "https://", "//")):
        return True
    try:
        host = urlsplit(_ARCHIVED.sub("", href)).netloc
        return bool(context.base) and host == urlsplit(_ARCHIVED.sub("", context.base or "")).netloc
    except ValueError:
        return False


def has_words(text: str, least: int = 1) -> bool:
    """Whether ``text`` holds at least ``least`` words with letters."""
    return sum(1 for _ in zip(_WORD.finditer(text), range(least), strict=False)) >= least


def few(things: Iterable[T], count: int) -> list[T]:
    """The first ``count`` of ``things``."""
    return list(islice(things, count))
