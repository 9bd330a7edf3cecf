"""A saved HTML page -> Page.

Comments are looked for in the order in which their source can be trusted:
what the page states as data (JSON-LD, microdata), platforms whose markup is
known (``selectors.toml``), then elements of like shape that repeat. They are
cut out of the tree before the article is looked for, so that none leaks into
it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from toolkit.errors import EmptySourceError, UnknownPageError
from toolkit.parsing.decode import Decoded, decode
from toolkit.parsing.html.article import (
    about,
    article_text,
    page_language,
    prose_length,
    without_more,
)
from toolkit.parsing.html.css import PageIndex
from toolkit.parsing.html.headers import by_headers
from toolkit.parsing.html.items import Found
from toolkit.parsing.html.platforms import by_platform
from toolkit.parsing.html.repetition import by_repetition
from toolkit.parsing.html.rules import Rules, rules
from toolkit.parsing.html.section import around, cut_out, cut_texts, embeds, section_of
from toolkit.parsing.html.structured import (
    Data,
    comments_in,
    fill_from,
    is_forum,
    json_ld,
    posting_text,
    stated_count,
)
from toolkit.parsing.html.text import readable
from toolkit.parsing.html.tree import most_tags, parse_markup
from toolkit.parsing.html.words import Context
from toolkit.parsing.identity import article_id
from toolkit.parsing.thread import Draft, link
from toolkit.records import Article, Page, PageWarning


def parse_html(markup: str | bytes, *, url: str | None = None) -> Page:
    """Take a saved HTML page apart into its article and its comments.

    ``url`` is where the page was saved from; it makes links to profiles whole.
    Bytes may be in any charset, declared rightly, wrongly or not at all.

    Raises EmptySourceError, BinarySourceError, and UnknownPageError where the
    page holds neither an article nor comments.
    """
    decoded = decode(markup) if isinstance(markup, bytes) else None
    text = decoded.text if decoded is not None else str(markup)
    if not text.strip():
        raise EmptySourceError(
            "the page is empty", next_step="Save the page again, with its content."
        )
    return _Reading(text, decoded, url).page()


_THREAD_ADDRESS: Final = re.compile(
    r"/(?:forums?|threads?|topics?|discussions?|boards?)/|(?:viewtopic|showthread)\.php|[?&]topic=",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Reading:
    """One page on its way from markup to record."""

    markup: str
    decoded: Decoded | None
    url: str | None
    known: Rules = field(default_factory=rules)
    warnings: list[PageWarning] = field(default_factory=list)

    def page(self) -> Page:
        root = parse_markup(self.markup)
        data = json_ld(root)
        context = Context(base=self.url, language=page_language(root, {}))
        index = PageIndex(root)
        facts = about(index, self.markup, data, context, self.url)
        context.base = facts.url
        context.naive_times = context.inexact_times = 0
        found, stated = self._comments(index, data, context)
        elements = [*found.elements, *found.others]
        section = section_of(index, elements)
        opening, drafts = _opening(index, found)
        says = around(index, section, elements, self.known, len(drafts))
        cut_out(root, section, elements)
        cut_texts(root, stated)
        body = opening.text if opening is not None else article_text(root, facts.url)
        if opening is None and self._is_thread(data, facts.url) and len(drafts) > 1:
            # An unknown forum: its first post is what the others answer.
            stated_body = posting_text(data)
            if not stated_body and prose_length(body or "") < len(drafts[0].text or ""):
                opening, drafts = drafts[0], _answers(drafts)
                body = opening.text
            body = stated_body or body
        if not drafts and not body and not found.others:
            raise UnknownPageError(
                "neither an article nor comments can be told on this page",
                next_step="Save the page once it is shown whole, or copy its text and give that.",
            )
        identity = article_id(url=facts.url, title=facts.title, text=body or "")
        thread = link(drafts, identity)
        published = opening.created_at if opening is not None else None
        count = says.stated_count if says.stated_count is not None else stated_count(data)
        body, truncated = without_more(body or "")
        self._warn_of_page(context, truncated=truncated)
        self._warn_of_comments(index, found, len(drafts), count, thread.orphans)
        return Page(
            article=Article(
                article_id=identity,
                url=facts.url,
                title=facts.title,
                byline=(opening.author_name if opening is not None else None) or facts.byline,
                published_at=published or facts.published_at,
                language=facts.language,
                text=body,
                truncated=truncated,
            ),
            comments=thread.comments,
            comments_open=says.is_open,
            stated_comment_count=count,
            warnings=tuple(self.warnings),
            source_format="html",
        )

    def _comments(
        self, index: PageIndex, data: list[Data], context: Context
    ) -> tuple[Found, list[Draft]]:
        """The comments of the best source, and those that the page states as data."""
        stated = comments_in(data)
        found = (
            by_platform(index, self.markup, context, self.known)
            or by_repetition(index, context, self.known)
            or by_headers(index, context, self.known)
        )
        if not stated and (found is None or not found.drafts):
            stated = comments_in(data, reviews=True)
        if found is None:
            return Found(stated, [], "json-ld", []), stated
        if len(stated) > len(found.drafts):
            return Found(stated, found.elements, "json-ld", found.others), stated
        fill_from(found.drafts, stated)
        return found, stated

    def _is_thread(self, data: list[Data], url: str | None) -> bool:
        return is_forum(data) or bool(_THREAD_ADDRESS.search(url or ""))

    def _warn(self, code: str, message: str) -> None:
        self.warnings.append(PageWarning(code=code, message=message))

    def _warn_of_comments(
        self, index: PageIndex, found: Found, count: int, stated: int | None, orphans: int
    ) -> None:
        if not count:
            for embed in embeds(index, self.known):
                self._warn(
                    "comments_by_script",
                    f"The comments of this page are loaded by {embed.name} when it is shown; they "
                    f"are not in the file. To get them: {embed.export}.",
                )
        elif stated is not None and stated > count + found.pingbacks:
            self._warn(
                "fewer_comments_than_stated",
                f"The page states {stated} comments and holds {count}; the others may be on "
                "further pages, or load when the page is shown.",
            )
        elif stated is not None and stated + found.pingbacks < count:
            self._warn(
                "more_comments_than_stated",
                f"The page states {stated} comments; {count} were found on it.",
            )
        if found.pingbacks:
            self._warn(
                "pingbacks_left_out",
                f"Links from other sites are no comments: {found.pingbacks} left out.",
            )
        if orphans:
            self._warn(
                "parents_missing", f"{orphans} comments answer a comment that is not on the page."
            )

    def _warn_of_page(self, context: Context, *, truncated: bool) -> None:
        if truncated:
            self._warn("article_truncated", "The page says that the article goes on elsewhere.")
        if (most := most_tags(self.markup)) is not None:
            self._warn("page_cut", f"The page has more than {most} tags; the rest was left out.")
        if context.naive_times:
            self._warn(
                "times_without_zone",
                f"The page states no time zone: {context.naive_times} times are as printed.",
            )
        if context.inexact_times:
            self._warn(
                "times_not_exact",
                f"{context.inexact_times} comments show only a relative time, such as "
                "“7 days ago”, or a date without a year; their time is left empty.",
            )
        if self.decoded is not None and self.decoded.evidence in ("language", "detected"):
            self._warn(
                "charset_guessed",
                f"The page names no charset that fits; it was read as {self.decoded.encoding}.",
            )


def _opening(index: PageIndex, found: Found) -> tuple[Draft | None, list[Draft]]:
    """The post that a thread answers, and the answers, where the platform tells them apart."""
    platform, drafts = found.platform, found.drafts
    if platform is None or not drafts:
        return None, drafts
    if platform.article is not None:
        texts = [readable(element) for element in platform.article.all(index)]
        if any(texts):
            return Draft(text="\n\n".join(filter(None, texts))), drafts
    if not platform.first_is_article or len(found.elements) != len(drafts):
        return None, drafts
    return drafts[0], _answers(drafts)


def _answers(drafts: list[Draft]) -> list[Draft]:
    """All but the first, which is no comment and so no parent either."""
    first, *rest = drafts
    for draft in rest:
        if draft.parent_key == first.key:
            draft.parent_key = None
    return rest
