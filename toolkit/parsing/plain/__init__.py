"""A page as one pastes or prints it from a browser -> Page.

The page becomes lines that know what they look like (``plain.lines``); the
place of the comments is found by headings and repetition (``plain.section``),
cut into records (``plain.records``) and cleaned (``plain.comments``); what
stands above is the article (``plain.article``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from toolkit.errors import UnknownPageError
from toolkit.parsing.byline import infer_dayfirst, parse_when
from toolkit.parsing.identity import article_id
from toolkit.parsing.plain.article import Body, read_article
from toolkit.parsing.plain.choice import Choice, choose
from toolkit.parsing.plain.comments import Drafted, draft
from toolkit.parsing.plain.headers import Header
from toolkit.parsing.plain.lines import Line, split_lines, without_markdown, wrap_width
from toolkit.parsing.plain.section import Place, count_in
from toolkit.parsing.thread import link
from toolkit.records import Article, Comment, Page, PageWarning
from toolkit.text.normalize import clean

#: Words that a text must have in one line to be taken as prose.
_PROSE_WORDS: Final = 4
_LINE_FOR_DATES: Final = 200


def parse_text(text: str, *, url: str | None = None) -> Page:
    """Take a page of plain text apart.

    Raises UnknownPageError where the text holds neither comments nor prose.
    """
    text = without_markdown(clean(text))
    _refuse_data(text)
    dayfirst = infer_dayfirst(
        line
        for line in text.split("\n")
        if len(line) <= _LINE_FOR_DATES and line.count("/") + line.count("-") > 1
    )
    lines = split_lines(text, dayfirst=dayfirst)
    width = wrap_width(lines)
    choice = choose(lines)
    place = choice.place if choice is not None else None
    heading = _heading(lines, place)
    body = read_article(
        lines,
        _start_of_comments(choice) if choice is not None else _end_without_comments(lines),
        heading_title=heading.title,
        width=width,
    )
    language = _language(body.text or text)
    dates = _Dates(dayfirst, language)
    drafted, told_apart = Drafted(), True
    if choice is not None:
        told_apart = choice.cut.told_apart
        drafted = draft(lines, choice.cut.records, width=width, date_of=dates.date_of)
    if not drafted.drafts and told_apart and not _has_prose(lines):
        raise UnknownPageError(
            "neither an article nor comments can be told in this text",
            next_step="Give the whole page, as the browser prints it or as saved HTML.",
        )
    identity = article_id(url=url, title=body.title, text=body.text)
    thread = link(drafted.drafts, identity)
    article = Article(
        article_id=identity,
        url=url,
        title=body.title,
        byline=body.byline,
        published_at=body.published_at,
        language=language,
        text=body.text,
        truncated=body.truncated,
    )
    stated = heading.count if heading.count is not None else _count_anywhere(lines, place)
    return Page(
        article=article,
        comments=thread.comments,
        comments_open=_comments_open(lines, place),
        stated_comment_count=stated,
        warnings=tuple(
            _warnings(body, drafted, thread.comments, thread.orphans, stated, told_apart, dates)
        ),
        source_format="text",
    )


# --- what the page states ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Heading:
    count: int | None = None
    title: str | None = None


def _heading(lines: Sequence[Line], place: Place | None) -> _Heading:
    """The count and the title that the headings over the comments state."""
    if place is None or place.heading is None:
        return _Heading()
    count, title = None, None
    for index in range(place.heading, place.start - 1, -1):
        counted = count_in(lines[index])
        if counted is not None:
            count = counted.count if count is None else count
            title = title or counted.title
        elif count is None and "none" in lines[index].kinds:
            count = 0
    return _Heading(count, title)


def _count_anywhere(lines: Sequence[Line], place: Place | None) -> int | None:
    """A count beside the byline or in the section, where no heading over it states one."""
    limit = place.first if place is not None else len(lines)
    for line in reversed(lines[:limit]):
        if "controls" in line.kinds or line.is_prose:
            continue
        counted = count_in(line)
        if counted is not None and counted.title is None and _counts_comments(line):
            return counted.count
    return None


def _counts_comments(line: Line) -> bool:
    return "count" in line.kinds or "|" in line.text or "•" in line.text or "·" in line.text


def _comments_open(lines: Sequence[Line], place: Place | None) -> bool | None:
    first = place.start if place is not None else 0
    below = lines[first:]
    if any("closed" in line.kinds for line in below):
        return False
    if any("closed" in line.kinds for line in lines):
        return False
    return True if any("form" in line.kinds for line in below) else None


def _start_of_comments(choice: Choice) -> int:
    """Where the article ends: at the heading, else where the first comment begins."""
    place, records = choice.place, choice.cut.records
    if place.heading is not None or not records:
        return place.start
    first = records[0]
    return min([place.start, first.header.first, *first.header.spent, *first.body])


def _end_without_comments(lines: Sequence[Line]) -> int:
    """Behind the last line of prose."""
    last = next((line.index for line in reversed(lines) if line.is_prose), len(lines) - 1)
    return last + 1


def _has_prose(lines: Sequence[Line]) -> bool:
    return any(
        sum(1 for word in line.text.split() if word[:1].isalpha()) >= _PROSE_WORDS
        or (len(line.text) >= 12 and "\u3040" <= line.text[0] <= "\ud7a3")
        for line in lines
        if not line.kinds
    )


def _refuse_data(text: str) -> None:
    """JSON and XML are dumps of comments, not pages."""
    head = text.lstrip()[:1]
    if head and head in "{[":
        first = text.lstrip().split("\n", 1)[0]
        for candidate in (text, first):
            try:
                value = json.loads(candidate)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict | list):
                raise _not_a_page("JSON")
    if text.lstrip().startswith("<?xml"):
        raise _not_a_page("XML")


def _not_a_page(what: str) -> UnknownPageError:
    return UnknownPageError(
        f"this is {what}, not a page",
        next_step="If it is a dump of comments, give it to a command that reads dumps.",
    )


def _language(text: str) -> str | None:
    from toolkit.text.language import detect

    tag = detect([text])[0].tag
    return None if tag == "und" else tag


# --- dates -------------------------------------------------------------------


class _Dates:
    """Turns what headers print into times, and remembers what was missing."""

    def __init__(self, dayfirst: bool | None, language: str | None) -> None:
        self._dayfirst = dayfirst
        self._language = language
        self.naive = self.relative = self.partial = self.assumed = 0

    def date_of(self, header: Header) -> datetime | None:
        when = header.when
        if when is None:
            return None
        if when.kind == "relative":
            self.relative += 1
            return None
        if when.kind == "partial":
            self.partial += 1
            return None
        value = when.value
        if when.ambiguous:
            value = parse_when(header.when_text, dayfirst=self._dayfirst, language=self._language)
            self.assumed += self._language is None or self._language.startswith("en")
        self.naive += value is not None and value.tzinfo is None
        return value


# --- warnings ----------------------------------------------------------------


def _warnings(
    body: Body,
    drafted: Drafted,
    comments: Sequence[Comment],
    orphans: int,
    stated: int | None,
    told_apart: bool,
    dates: _Dates,
) -> list[PageWarning]:
    found: list[PageWarning] = []

    def warn(code: str, message: str) -> None:
        found.append(PageWarning(code=code, message=message))

    if body.truncated:
        warn("article_truncated", "The page says that the article goes on elsewhere.")
    if not told_apart:
        warn(
            "comments_not_told_apart",
            "The page has comments, but nothing on it shows where one ends and the next begins.",
        )
    if stated is not None and told_apart and stated > len(comments):
        warn(
            "fewer_comments_than_stated",
            f"The page states {stated} comments and holds {len(comments)}; the others may be on "
            "further pages, or were missed.",
        )
    if stated is not None and told_apart and stated < len(comments):
        warn(
            "more_comments_than_stated",
            f"The page states {stated} comments; {len(comments)} were found on it.",
        )
    if drafted.pingbacks:
        warn(
            "pingbacks_left_out",
            f"Links from other sites are no comments: {drafted.pingbacks} left out.",
        )
    if dates.naive:
        warn(
            "times_without_zone",
            f"The page states no time zone: {dates.naive} times are as printed.",
        )
    if dates.relative or dates.partial:
        warn(
            "times_not_exact",
            f"{dates.relative + dates.partial} comments show only a relative time, such as "
            "“7 days ago”, or a date without a year; their time is left empty.",
        )
    if dates.assumed:
        warn(
            "dates_ambiguous",
            f"In {dates.assumed} dates day and month could be swapped; the month was read first.",
        )
    if orphans:
        warn(
            "parents_missing",
            f"{orphans} comments answer a comment that is not on the page.",
        )
    return found
