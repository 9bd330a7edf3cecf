"""The article of a page whose comments have been taken out of its tree.

The text comes from trafilatura. Title, author, date, language and address come
from what the page says of itself: JSON-LD, then ``meta``, then its markup.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from toolkit.parsing.cues import LONGEST_CUE, load_cues
from toolkit.parsing.html.css import PageIndex
from toolkit.parsing.html.text import inline, readable
from toolkit.parsing.html.tree import ancestors, is_short, tokens
from toolkit.parsing.html.words import Context, clean_name, exact_time, find_time, when_in
from toolkit.text.normalize import clean, collapse

#: Above this many elements trafilatura would take seconds; a page of that size
#: is no article but a dump, and its paragraphs are taken as they stand.
_MOST_ELEMENTS: Final = 25_000

_ARTICLE_TYPES: Final = re.compile(
    r"Article|Posting|Report|Review$|Recipe|WebPage|Question|CreativeWork|VideoObject|Product"
)
_BCP47: Final = re.compile(r"^[a-zA-Z]{2,3}(?:[-_][a-zA-Z0-9]{2,8})*$")
_SITE_TAIL: Final = re.compile(r"\s+(?:[|·•»«–—-]|::|//)\s+")
_DATE_METAS: Final = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.date",
    "pubdate",
    "publishdate",
    "publication_date",
    "parsely-pub-date",
    "sailthru.date",
    "citation_publication_date",
    "cxenseparse:recs:publishtime",
    "rnews:datepublished",
)
_PUBLISHED: Final = tuple(
    etree.XPath(path)
    for path in (
        "//*[@itemprop='datePublished']",
        "//time[@pubdate or contains(@class, 'published') or contains(@class, 'entry-date')]",
        "//abbr[contains(@class, 'published')]",
        "//article//time[@datetime]",
    )
)
_LENGTH: Final = etree.XPath("string-length(normalize-space())")
_HEADINGS_IN_PROSE: Final = etree.XPath(
    "//*[self::h2 or self::h3 or self::h4][following-sibling::*[1][self::p]]"
    "[string-length(following-sibling::p) > 80]"
)
#: Links times the elements each stands in: at most 12,500 on the pages measured.
_MOST_LINK_STEPS: Final = 60_000
#: Shorter articles may have been found in part only.
_SHORT: Final = 600
#: A paragraph of prose, as against a caption or a button.
_PARAGRAPH: Final = 80
_COUNT: Final = etree.XPath("count(descendant::*)")
_BY_MICRODATA: Final = etree.XPath("//*[@itemprop='author' or @rel='author']")
_BYLINE_CLASSES: Final = (
    "byline", "entry-author", "post-author", "author-name", "article-author", "author", "autor",
)  # fmt: skip
_SAVED_FROM: Final = re.compile(
    r"<!--\s*saved from url=\(\d+\)(\S+?)\s*-->|Page saved with SingleFile\s+url:\s*(\S+)"
)

logging.getLogger("trafilatura").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a page says of its article; None where it says nothing."""

    url: str | None = None
    title: str | None = None
    byline: str | None = None
    published_at: datetime | None = None
    language: str | None = None


def about(
    index: PageIndex,
    markup: str,
    data: Iterable[dict[str, Any]],
    context: Context,
    url: str | None,
) -> About:
    """Read the metadata of a page. ``data`` are the objects of its JSON-LD."""
    root = index.root
    metas = _metas(root)
    articles = [node for node in data if _ARTICLE_TYPES.search(_type_of(node))]
    return About(
        url=url or _url(root, markup, metas, articles),
        title=_title(root, metas, articles),
        byline=_byline(index, metas, articles),
        published_at=_published(root, metas, articles, context),
        language=page_language(root, metas),
    )


def article_text(root: HtmlElement, url: str | None = None) -> str:
    """The prose of the page, paragraphs apart by a blank line; '' where there is none.

    ``root`` must hold no comment any more. It is not changed.
    """
    if _COUNT(root) > _MOST_ELEMENTS or _is_tangled(root):
        return _paragraphs(root)
    text = _extracted(root, url, fast=True)
    if _is_doubtful(text, root):
        # Let it compare with what other algorithms find, which takes half as long again.
        text = _extracted(root, url, fast=False) or text
    return _spaced(text) if text else ""


def _is_tangled(root: HtmlElement) -> bool:
    """Whether links are nested so deep that weighing each element's links would take long."""
    steps = 0
    for link in root.iter("a"):
        steps += sum(1 for _ in ancestors(link))
        if steps > _MOST_LINK_STEPS:
            return True
    return False


def _extracted(root: HtmlElement, url: str | None, *, fast: bool) -> str:
    from trafilatura import bare_extraction

    try:
        document = bare_extraction(root, url=url, include_comments=False, fast=fast)
    except Exception:  # whatever a hostile page provokes in there
        return ""
    return str(getattr(document, "text", None) or "")


def _is_doubtful(text: str, root: HtmlElement) -> bool:
    """Whether more than ``text`` could be had: it is short, or lacks paragraphs or headings."""
    if len(text) < _SHORT:
        return True
    if _long_prose(root) > 1.5 * len(text):
        return True
    lines = {collapse(line) for line in text.split("\n") if len(line) < 200}
    beside = [inline(heading) for heading in _HEADINGS_IN_PROSE(root)[:40]]
    missing = sum(1 for heading in beside if heading and heading not in lines)
    return len(beside) > 1 and missing == len(beside)


def _long_prose(root: HtmlElement) -> int:
    lengths = (int(_LENGTH(p)) for p in root.iter("p", "blockquote"))
    return sum(length for length in lengths if length > _PARAGRAPH)


def without_more(text: str) -> tuple[str, bool]:
    """``text`` without a last line such as "Continue reading…", and whether it had one."""
    rest, _, last = text.rstrip().rpartition("\n")
    if len(last) <= LONGEST_CUE and "more" in load_cues().kinds(last.strip()):
        return rest.rstrip(), True
    return text, False


def prose_length(text: str) -> int:
    """Code points in lines long enough to be sentences; menus and buttons count nothing."""
    return sum(len(line) for line in text.split("\n") if len(line) > 60)


def _spaced(text: str) -> str:
    """One line a block -> blocks apart by a blank line; list entries stay together."""
    lines = [line for line in clean(text).split("\n") if line.strip()]
    parts: list[str] = []
    for index, line in enumerate(lines):
        listed = index > 0 and line.startswith("- ") and lines[index - 1].startswith("- ")
        parts.append(("\n" if listed else "\n\n") + line if index else line)
    return "".join(parts)


def _paragraphs(root: HtmlElement) -> str:
    long = (e for e in root.iter("p", "blockquote", "pre") if not is_short(e, _PARAGRAPH))
    texts = (readable(element) for element in long)
    return "\n\n".join(text for text in texts if len(text) > 60)[:1_000_000]


def _metas(root: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop")
        content = meta.get("content")
        if name and content and len(content) < 2000:
            found.setdefault(name.lower(), collapse(content))
        equiv = meta.get("http-equiv")
        if equiv and content:
            found.setdefault(f"http:{equiv.lower()}", content.strip())
    return found


def _type_of(node: dict[str, Any]) -> str:
    value = node.get("@type")
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _texts(value: object) -> Iterator[str]:
    """The strings in a JSON-LD value: itself, its ``name``, or those of a list."""
    if isinstance(value, str):
        yield collapse(value)
    elif isinstance(value, dict):
        yield from _texts(value.get("name"))
    elif isinstance(value, list):
        for entry in value[:20]:
            yield from _texts(entry)


def _url(
    root: HtmlElement, markup: str, metas: dict[str, str], articles: list[dict[str, Any]]
) -> str | None:
    saved = _SAVED_FROM.search(markup[:4000])
    candidates = [saved.group(1) or saved.group(2)] if saved else []
    candidates += [
        link.get("href") or ""
        for link in root.iter("link")
        if (link.get("rel") or "").lower() == "canonical"
    ]
    candidates.append(metas.get("og:url", ""))
    candidates += [str(node.get("url") or "") for node in articles]
    for candidate in candidates:
        try:
            parts = urlsplit(candidate.strip())
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.netloc:
            return candidate.strip()
    return None


def _title(root: HtmlElement, metas: dict[str, str], articles: list[dict[str, Any]]) -> str | None:
    shown = next((inline(element) for element in root.iter("title")), "")
    stated = metas.get("og:title") or metas.get("twitter:title") or ""
    wide = f"{shown} {stated}".casefold()
    headings = [text for h1 in root.iter("h1") if (text := inline(h1)) and len(text) < 300]
    for heading in headings:
        if heading.casefold() in wide:
            return heading
    for node in articles:
        for text in (*_texts(node.get("headline")), *_texts(node.get("name"))):
            if text and len(text) < 300 and "WebPage" not in _type_of(node):
                return text
    if len(headings) == 1 and not stated and not shown:
        return headings[0]
    for heading in (
        text for tag in ("h2", "h3") for h in root.iter(tag) if len(text := inline(h)) > 12
    ):
        if heading.casefold() in wide and len(heading) < 300:
            return heading
    title = stated or shown
    return _without_site(title, metas.get("og:site_name", "")) or next(iter(headings), None)


def _without_site(title: str, site: str) -> str:
    """A page's title without the name of its site behind or before it."""
    parts = _SITE_TAIL.split(title)
    if len(parts) < 2:
        return title
    if site and parts[-1].casefold() == site.casefold():
        return title[: title.rindex(parts[-1])].rstrip(" |·•»«–—-:/")
    if site and parts[0].casefold() == site.casefold():
        return title[title.index(parts[1]) :]
    last = parts[-1]
    if len(last.split()) <= 4 and len(title) - len(last) > 2 * len(last):
        return title[: title.rindex(last)].rstrip(" |·•»«–—-:/")
    return title


def _byline(index: PageIndex, metas: dict[str, str], articles: list[dict[str, Any]]) -> str | None:
    for node in articles:
        names = [n for n in _texts(node.get("author")) if n and not n.startswith("http")]
        if names:
            return ", ".join(dict.fromkeys(names))[:200]
    for key in ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author"):
        name = clean_name(metas.get(key, ""))
        if name and not name.startswith("http"):
            return name
    named = [index.by_class.get(name, [])[:3] for name in _BYLINE_CLASSES]
    for element in (e for found in (_BY_MICRODATA(index.root)[:3], *named) for e in found):
        if any("comment" in name for above in ancestors(element) for name in tokens(above)):
            continue
        if name := clean_name(inline(element)):
            return name
    return None


def _published(
    root: HtmlElement, metas: dict[str, str], articles: list[dict[str, Any]], context: Context
) -> datetime | None:
    raw = [str(node.get("datePublished") or "") for node in articles]
    raw += [metas.get(key, "") for key in _DATE_METAS]
    for text in raw:
        if text and (value := exact_time(text) or find_time(text, context)[0]) is not None:
            return value
    for path in _PUBLISHED:
        for element in path(root)[:1]:
            value, _ = when_in(element, context)
            if value is not None:
                return value
    return None


def page_language(root: HtmlElement, metas: dict[str, str]) -> str | None:
    """The language that the page declares, as a BCP 47 tag."""
    candidates = (
        root.get("lang"),
        root.get("xml:lang"),
        metas.get("http:content-language"),
        metas.get("og:locale"),
        metas.get("language"),
        metas.get("dc.language"),
    )
    for candidate in candidates:
        tag = (candidate or "").strip().partition(",")[0]
        if _BCP47.match(tag):
            language, *rest = tag.replace("_", "-").split("-")
            return "-".join([language.lower(), *(_subtag(part) for part in rest)])
    return None


def _subtag(part: str) -> str:
    return part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower()
