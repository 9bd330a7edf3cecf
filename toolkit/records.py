"""The records that rooms hand to each other: plain, frozen, keyword-only.

Offsets are Unicode code points, end exclusive. Times with a zone are UTC; a
time without one is what the page printed, and the page carries a warning.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

#: Version of the JSON that :meth:`Page.to_json` writes.
PAGE_SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What the comments stand under."""

    article_id: str
    url: str | None = None
    title: str | None = None
    byline: str | None = None
    published_at: datetime | None = None
    #: BCP 47 tag; None where it could not be told.
    language: str | None = None
    text: str = ""
    #: The page itself says that the text goes on elsewhere.
    truncated: bool = False
    #: The article's claim, where the user stated it; else found by the stance analyzer.
    thesis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment. ``text`` is None where only its place in the thread is left."""

    comment_id: str
    article_id: str
    parent_id: str | None = None
    author_id: str | None = None
    author_name: str | None = None
    author_handle: str | None = None
    created_at: datetime | None = None
    text: str | None
    like_count: int | None = None
    depth: int = 0
    position: int = 0
    source_format: str = "page"
    source_status: str = "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWarning:
    """Something a reader of the page should know. ``code`` is stable."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A saved page, taken apart."""

    article: Article
    comments: tuple[Comment, ...] = ()
    #: True, False, or None where the page does not say.
    comments_open: bool | None = None
    #: The count the page itself prints; None where it prints none.
    stated_comment_count: int | None = None
    warnings: tuple[PageWarning, ...] = ()
    source_format: str = "text"

    def with_thesis(self, thesis: str | None) -> Page:
        """A copy whose article states ``thesis``."""
        return replace(self, article=replace(self.article, thesis=thesis))

    def to_dict(self) -> dict[str, Any]:
        """The JSON shape of ``toolkit parse``; times are ISO 8601."""
        article = asdict(self.article)
        article.pop("thesis")
        keys = (
            "comment_id",
            "parent_id",
            "author_name",
            "author_handle",
            "created_at",
            "text",
            "depth",
            "position",
        )
        return {
            "schema_version": PAGE_SCHEMA_VERSION,
            "article": {key: _plain(value) for key, value in article.items()},
            "comments": [
                {key: _plain(getattr(comment, key)) for key in keys} for comment in self.comments
            ],
            "comments_open": self.comments_open,
            "stated_comment_count": self.stated_comment_count,
            "warnings": [asdict(warning) for warning in self.warnings],
        }

    def to_json(self, *, indent: int | None = 2) -> str:
        """``to_dict`` as JSON text, non-ASCII letters kept readable."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThesisSentence:
    """A sentence that carries the article's claim.

    ``source`` says what ``start`` and ``end`` count in. ``score`` is in
    [0, 1], higher is more central; ``reason`` says in words why it was chosen.
    """

    text: str
    source: Literal["title", "text", "user"]
    start: int
    end: int
    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The span that a number stands on.

    ``text[start:end] == quote`` holds for the comment's text, except where
    ``note`` names another text (a sentence of the article).
    """

    analyzer: str
    label: str
    start: int
    end: int
    quote: str
    score: float | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What the policy suggests for a comment; never a decision."""

    comment_id: str
    action: Literal["approve", "review", "reject"]
    rule: str
    evidence: tuple[Evidence, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided. ``status`` is Coral's vocabulary."""

    comment_id: str
    status: Literal["NONE", "APPROVED", "REJECTED", "PREMOD", "SYSTEM_WITHHELD"]
    moderator: str
    reason: str | None
    decided_at: datetime


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def merge_spans(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Union of half-open spans, in order; touching spans become one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
