"""Who wrote a comment, and when, as the line above or below it prints it.

:func:`parse_byline` reads one line; the shapes of the systems that print such
lines (``X says:``, ``X — DATE``, ``by X (123456) on DATE``, ``X> Y•5 days ago``,
``391. X``) all come down to a name, a date and words from ``cues.toml`` that
stand around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Final

from toolkit.parsing.cues import Cues, cue_key, load_cues, word_key
from toolkit.parsing.date_words import date_words
from toolkit.parsing.when import When, find_when, infer_dayfirst, parse_when

__all__ = [
    "LONGEST_BYLINE",
    "Byline",
    "When",
    "find_when",
    "infer_dayfirst",
    "is_name",
    "parse_byline",
    "parse_when",
    "split_name",
]

#: Longer lines are prose.
LONGEST_BYLINE: Final = 200
_LONGEST_NAME: Final = 60
_NAME_WORDS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """What one line says about the writer of a comment.

    ``shape`` is the line with the name as ``N`` and the date as ``D``, so that
    headers printed by one template are equal; what varies from comment to
    comment (buttons, badges, scores) is left out. ``name`` is None for a line
    that holds only a date. ``ordinal`` is the number before a name in a list,
    ``key`` an id that the site prints, ``words`` the controls on the line.
    """

    shape: str
    name: str | None = None
    handle: str | None = None
    when: When | None = None
    when_text: str = ""
    says: bool = False
    #: The date says when something was updated or published: an article, not a comment.
    labelled: bool = False
    ordinal: int | None = None
    parent_name: str | None = None
    user_id: str | None = None
    key: str | None = None
    words: frozenset[str] = frozenset()

    @property
    def created_at(self) -> datetime | None:
        """The time, where the line states one in full."""
        return None if self.when is None else self.when.value

    @property
    def is_date_only(self) -> bool:
        """A time without a name: the name stands on a line beside it."""
        return self.name is None and self.when is not None


def parse_byline(
    line: str,
    *,
    dayfirst: bool | None = None,
    language: str | None = None,
    now: datetime | None = None,
) -> Byline | None:
    """What ``line`` says as the header or footer of one comment, or None where it is none.

    A bare name is none: only its place on the page can tell. Dates are read
    as :func:`~toolkit.parsing.when.parse_when` reads them.
    """
    text = line.strip()
    if not text or len(text) > LONGEST_BYLINE:
        return None
    if _TWEET.match(text):
        return None
    if _DIGIT.search(text):
        text = _unglued(text)
    when = find_when(text, dayfirst=dayfirst, language=language, now=now)
    if when is not None:
        return _with_date(text, when)
    return _saying(text) or _numbered(text) or _with_handle(text)


def _unglued(text: str) -> str:
    """A space where a page lost it: ``QuillJuly 10``; not inside words in capitals."""
    return date_words().glue.sub(
        lambda match: " " if text[match.start() - 1].islower() else "", text
    )


def is_name(text: str) -> bool:
    """Whether ``text`` could be the name that someone comments under."""
    return _is_name(text.strip())


def split_name(text: str) -> tuple[str, str | None]:
    """``(name, handle)`` of a line that is a name: without "by" before it and badges behind it."""
    name, handle = _take_handle(text.strip(_EDGE))
    return _strip_badges(name, load_cues()).strip(_EDGE), handle


# --- names -----------------------------------------------------------------

_HANDLE: Final = re.compile(
    r"^(?P<name>.*?)(?:^|\s|\s?\()(?P<handle>@[\w.-]{1,40}(?:@[\w.-]+)?)\)?$"
)
_USER_ID: Final = re.compile(r"^(?P<name>.*?\S)\s*\(\s*(?P<id>\d{1,9})\s*\)(?:\s*\*)?$")
_ENDS_SENTENCE: Final = re.compile(r"[.!?…。！？؟](?:[\"”»’)\]]*)$")
_INITIAL: Final = re.compile(r"(?:^|[\s.])\w{1,3}\.$")
_URL: Final = re.compile(r"https?://|www\.", re.IGNORECASE)
_MARKS: Final = re.compile(r"[<>{}=\\^~`;?!]{2,}|[?؟!]$|[{}\\]|:\s|\S:$|;")
_DIGIT: Final = re.compile(r"\d")
_WORD: Final = re.compile(r"\S+")
_TEXTUAL: Final = re.compile(r"[^\W_]")


@lru_cache(maxsize=65_536)
def _is_name(text: str) -> bool:
    if not text or len(text) > _LONGEST_NAME or not _TEXTUAL.search(text):
        return False
    words = text.split()
    if len(words) > _NAME_WORDS or _URL.search(text) or _MARKS.search(text):
        return False
    if _ENDS_SENTENCE.search(text) and not _INITIAL.search(text):
        return False
    if text[0] in '([{"“„«»>,.;:…':
        return False
    cues = load_cues()
    if len(words) > 1:
        if cue_key(words[0]) in cues.not_names:
            return False
        if words[-1].islower() and cue_key(words[-1]) in date_words().links:
            return False  # "Recipe of" before a date
    if len(words) > 3 and sum(1 for word in words if word[:1].islower()) > len(words) / 2:
        return False  # prose: names of several words are capitalised
    kinds = cues.kinds(text)
    # "Moderator" and "Guest" are marks beside names, and names.
    return not (kinds & _NO_NAME or (cues.is_controls(text) and "badges" not in kinds))


_NO_NAME: Final = frozenset(
    {"count", "open", "none", "closed", "form", "after", "sidebar", "pingback", "more", "card"}
)

# --- lines with a date -----------------------------------------------------

_EDGE: Final = " \t\u00a0\u202f•·|/–—―-−,;:»«›‹#→↑↓⋅∙◦●▪†*_~…"
_BRACKETS: Final = re.compile(r"[\[(（【]\s*[-–−+]?\s*[\])）】]")
#: The signature of a tweet shown inside a page.
_TWEET: Final = re.compile(r"^[—–-]\s?[^()]{1,60}\(@\w{1,40}\)")
_MAIL: Final = re.compile(
    r"[<(]\s*[\w.+%-]{1,64}(?:@|\s?\[?at\]?\s?)[\w.-]{1,100}\s*[>)]", re.IGNORECASE
)
_FULL_STOP: Final = re.compile(r"\s*[.!?。](?:\s|$)")
#: Old Reddit: "3 hours ago* (last edited 2 hours ago)".
_ALSO_EDITED: Final = re.compile(r"^\*?\s*[-–(]+\s*(?:last )?edited [^()]{1,40}\)?", re.IGNORECASE)
#: Slashdot's pages of one user name the story of each comment.
_ATTACHED: Final = re.compile(r"\s*Attached to:.*$")
_GLUED_BADGE: Final = re.compile(r"(?<=[^\W\d_A-Z])Mod$")
_SUBMITTER: Final = re.compile(r"\[(?:S|M|A|OP)(?:,(?:S|M|A))*\]$")
_POINTS: Final = re.compile(r"\(\s*score\s*:?\s*-?\d+[^)]*\)", re.IGNORECASE)
_KEY: Final = re.compile(r"\(?\s*#\s?(?P<key>\d{1,12})\b\s*\)?")
_ORDINAL: Final = re.compile(
    r"^\s*(?:[#№]\s?(?P<h>\d{1,6})\s?[.):\]]?|(?P<n>\d{1,6}(?:\.\d{1,4})*)\s?[.):\]])\s*(?=\D)"
)


def _with_date(text: str, when: When) -> Byline | None:
    cues = load_cues()
    left, right = text[: when.start], text[when.end :]
    if _FULL_STOP.match(right) and not _first_by(left, cues):
        return None  # the end of a sentence
    right = _ATTACHED.sub("", _ALSO_EDITED.sub("", right)).rstrip(" .")
    ordinal, left = _take_ordinal(left)
    left, parent = _split_parent(_MAIL.sub(" ", left).rstrip(_EDGE))
    key = None
    if (match := _KEY.search(right)) is not None:
        key = match["key"]
        right = right[: match.start()] + right[match.end() :]
    before = _clean(left, cues)
    behind = _clean(right, cues)
    for side in (before, behind):
        if not side.text:
            continue
        if cue_key(side.text) in cues.says:  # "X on DATE said:"
            side.text, side.says = "", True
        elif (answered := cues.split_reply(side.text)) is not None:
            side.text, parent = answered
    if before.text and behind.text:
        return None
    side = behind if behind.text else before
    name = side.text
    name, user_id = _take_user_id(_GLUED_BADGE.sub("", _SUBMITTER.sub("", name)))
    name, handle = _take_handle(name)
    if parent is not None:
        parent = _clean(parent, cues).text or parent
    if name and not _is_name(name):
        return None
    if not name and handle:
        name = handle
    if side.says and not name:
        return None
    labelled = cue_key(name) in cues.labels
    if labelled:
        name = ""
    shape = _shape(text, when, name, before, behind)
    return Byline(
        shape=shape,
        labelled=labelled,
        name=name or None,
        handle=handle,
        when=when,
        when_text=text[when.start : when.end],
        says=before.says or behind.says,
        ordinal=ordinal,
        parent_name=parent,
        user_id=user_id,
        key=key,
        words=frozenset(before.controls + behind.controls),
    )


@dataclass(slots=True)
class _Side:
    """One side of a date: what is left of it when known words are taken away."""

    text: str
    says: bool = False
    by: bool = False
    controls: tuple[str, ...] = ()


def _first_by(text: str, cues: Cues) -> bool:
    return any(words in cues.by for words, _ in _first_words(text.strip(_EDGE)))


def _clean(text: str, cues: Cues) -> _Side:
    """Take words of ``cues.toml`` off both ends, and controls as long as they stand at an end."""
    text = _POINTS.sub(" ", _BRACKETS.sub(" ", text)).strip(_EDGE)
    side = _Side(text)
    links = date_words().links
    controls: list[str] = []
    for _ in range(12):
        before = text
        text = text.strip(_EDGE)
        if text.startswith(("(", "[")) and text.endswith((")", "]")):
            text = text[1:-1].strip(_EDGE)
        if text.count(")") != text.count("("):
            text = text.strip("() ") if len(text) < 3 else _balance(text)
        for words, start in _last_words(text):
            if words in cues.says and start > 0:
                text, side.says = text[:start].rstrip(_EDGE), True
                break
            if words in links or _is_control(words, cues):
                controls.extend([] if words in links else [words])
                text = text[:start].rstrip(_EDGE)
                break
        for words, end in _first_words(text):
            printed = text[:end]
            if words in cues.says and printed[0].islower() and end < len(text):
                text, side.says = text[end:].lstrip(_EDGE), True  # "on DATE wrote X:"
                break
            if words in cues.by and (end < len(text) or words in links):
                if printed[0].isupper() and len(words) <= 3 and words not in _ALWAYS_BY:
                    continue
                text, side.by = text[end:].lstrip(_EDGE), True
                break
            if _is_control(words, cues) and (end < len(text) or len(words.split()) > 1):
                if end < len(text) and text[end].isspace() and _may_be_name(printed):
                    continue
                controls.append(words)
                text = text[end:].lstrip(_EDGE)
                break
        if text == before:
            break
    if (text and cue_key(text) in links) or text.isdigit():
        text = ""
    side.text = text
    side.controls = tuple(word for phrase in controls for word in phrase.split())
    return side


_ALWAYS_BY: Final = frozenset({"by", "von", "par", "por", "da", "#", "id"})


def _is_control(words: str, cues: Cues) -> bool:
    return cues.is_controls(words)


def _may_be_name(printed: str) -> bool:
    """A control word that starts a name: "Link Ray 5 days ago" against "Reply Anna 5 days ago"."""
    return printed[:1].isupper() and len(printed.split()) == 1


def _balance(text: str) -> str:
    if text.count("(") > text.count(")"):
        return text.replace("(", " ", 1).strip() if text.startswith("(") else text.rstrip("( ")
    return text.rstrip(") ") if text.endswith(")") else text


def _last_words(text: str) -> Iterator[tuple[str, int]]:
    """``(key, start)`` of the last five to one words of ``text``."""
    words = list(_WORD.finditer(text))[-5:]
    keys = [word_key(word.group()) for word in words]
    for at, word in enumerate(words):
        if key := " ".join(filter(None, keys[at:])):
            yield key, word.start()
    # "田中より" joins name and word without a space.
    if text and "\u3040" <= text[-1] <= "\u9fff":
        for length in range(min(8, len(text) - 1), 0, -1):
            yield cue_key(text[-length:]), len(text) - length


def _first_words(text: str) -> Iterator[tuple[str, int]]:
    words = list(islice(_WORD.finditer(text), 5))
    keys = [word_key(word.group()) for word in words]
    for count in range(len(words), 0, -1):
        if key := " ".join(filter(None, keys[:count])):
            yield key, words[count - 1].end()


def _take_ordinal(text: str) -> tuple[int | None, str]:
    match = _ORDINAL.match(text)
    if match is None:
        return None, text
    return int((match["h"] or match["n"]).split(".")[-1]), text[match.end() :]


def _take_user_id(name: str) -> tuple[str, str | None]:
    match = _USER_ID.match(name)
    return (name, None) if match is None else (match["name"], match["id"])


def _take_handle(name: str) -> tuple[str, str | None]:
    match = _HANDLE.match(name)
    if match is None:
        return name, None
    return match["name"].strip(_EDGE), match["handle"]


def _split_parent(name: str) -> tuple[str, str | None]:
    """``Name> Parent``, ``Name ▶ Parent``: who is answered stands behind the arrow."""
    match = re.match(r"^(?P<name>[^<>▶→➜»]{1,60}?)\s*[>▶→➜»]\s*(?P<parent>[^<>▶→➜»]{1,60})$", name)
    if match is None:
        return name, None
    return match["name"].strip(_EDGE), match["parent"].strip(_EDGE)


def _shape(text: str, when: When, name: str, before: _Side, behind: _Side) -> str:
    parts = []
    if before.text or (name and not behind.text):
        parts.append(("by " if before.by else "") + "N" + (" says" if before.says else ""))
    gap = re.findall(r"[•·|/–—»›,:>-]", text[max(0, when.start - 3) : when.start])
    parts.append("".join(gap[-1:]) + "D")
    if behind.text:
        parts.append(("by " if behind.by else "") + "N" + (" says" if behind.says else ""))
    return " ".join(parts)


# --- lines without a date --------------------------------------------------

_SAY_END: Final = re.compile(r"\s*(?::|：|\.\.\.|…)\s*$")
_LIST_NAME: Final = re.compile(r"^\s*[#№]?\s?(?P<n>\d{1,6})[.)]\s+(?P<name>\S.*)$")


def _saying(text: str) -> Byline | None:
    """``X says:``, ``X said...``, and the Arabic order with the verb before the name."""
    ending = _SAY_END.search(text)
    if ending is None:
        return None
    cues = load_cues()
    ordinal, body = _take_ordinal(text[: ending.start()])
    body = body.strip(_EDGE)
    side = _Side(body)
    for words, start in _last_words(body):
        if words in cues.says and start > 0:
            side.text, side.says = body[:start].rstrip(_EDGE), True
            break
    else:
        for words, end in _first_words(body):
            # "يقول أحمد:": in Arabic the verb may come first.
            if cues.says.get(words) == "ar" and end < len(body):
                side.text, side.says = body[end:].lstrip(_EDGE), True
                break
    if not side.says:
        return None
    side.text = _strip_badges(side.text, cues)
    name, handle = _take_handle(side.text)
    name, user_id = _take_user_id(name)
    name, parent = _split_parent(name)
    if not name or not _is_name(name) or cue_key(name) in cues.not_names:
        return None
    return Byline(
        shape="N says", name=name, handle=handle, says=True, ordinal=ordinal,
        user_id=user_id, parent_name=parent,
    )  # fmt: skip


def _strip_badges(text: str, cues: Cues) -> str:
    """A name without "by", "Comment by" before it and marks such as "(Author)" behind it."""
    for words, end in _first_words(text):
        if words in cues.by and end < len(text):
            if not (text[0].isupper() and len(words) <= 3 and words not in _ALWAYS_BY):
                text = text[end:].lstrip(_EDGE)
            break
    for words, start in _last_words(text):
        if start > 0 and "badges" in cues.kinds(words):
            text = text[:start].rstrip(_EDGE + "([")
            break
    return text


def _numbered(text: str) -> Byline | None:
    """``391. Name``, ``12. Name (@handle)``."""
    match = _LIST_NAME.match(text)
    if match is None:
        return None
    name, handle = _take_handle(match["name"].strip())
    name = _strip_badges(name, load_cues())
    if not name or not _is_name(name):
        return None
    return Byline(shape="1. N", name=name, handle=handle, ordinal=int(match["n"]))


def _with_handle(text: str) -> Byline | None:
    """``Name (@handle)``, ``Name @handle``; a bare ``@handle`` is more often an address."""
    name, handle = _take_handle(text)
    if handle is None or not name or not _is_name(name):
        return None
    return Byline(shape="N @", name=name, handle=handle)
