"""A saved HTML page -> Page.

Comments are looked for in the order in which their source can be trusted:
what the page states as data (JSON-LD, microdata), platforms whose markup is
known (``selectors.toml``), then elements of like shape that repeat. They are
cut out of the tree before the article is looked for, so that none leaks into
it.
"""

from __future__ import annotations

from lxml.html import HtmlElement

from toolkit.errors import EmptySourceError
from toolkit.parsing.decode import decode
from toolkit.parsing.html_article import about, article_text, page_language
from toolkit.parsing.html_fields import Context
from toolkit.parsing.html_items import Found, collect, in_sidebar
from toolkit.parsing.html_rules import Rules, rules
from toolkit.parsing.html_tree import parse_markup, remove
from toolkit.parsing.thread import link
from toolkit.records import Article, Page, PageWarning


def parse_html(markup: str | bytes, *, url: str | None = None) -> Page:
    """Take a saved HTML page apart into its article and its comments.

    ``url`` is where the page was saved from; it makes links to profiles whole.
    Bytes may be in any charset, declared rightly, wrongly or not at all.

    Raises EmptySourceError and BinarySourceError.
    """
    warnings: list[PageWarning] = []
    if isinstance(markup, bytes):
        markup = decode(markup).text
    if not markup.strip():
        raise EmptySourceError(
            "the page is empty", next_step="Save the page again, with its content."
        )
    root = parse_markup(markup)
    known = rules()
    context = Context(base=url, language=page_language(root, {}))
    found = by_platform(root, markup, context, known)
    facts = about(root, markup, [], context, url)
    if found is not None:
        for element in (*found.elements, *found.others):
            remove(element)
    article = Article(
        article_id=facts.url or "a1",
        url=facts.url,
        title=facts.title,
        byline=facts.byline,
        published_at=facts.published_at,
        language=facts.language,
        text=article_text(root, facts.url),
    )
    thread = link(found.drafts if found else [], article.article_id)
    return Page(
        article=article,
        comments=thread.comments,
        warnings=tuple(warnings),
        source_format="html",
    )


def by_platform(root: HtmlElement, markup: str, context: Context, known: Rules) -> Found | None:
    """The comments of the first platform that has any on this page."""
    for platform in known.platforms:
        if not platform.may_be(markup):
            continue
        elements = [e for e in platform.item.all(root) if not in_sidebar(e, known)]
        if not elements:
            continue
        found = collect(elements, context, platform=platform, source=platform.name)
        if found.drafts or found.others:
            return found
    return None
