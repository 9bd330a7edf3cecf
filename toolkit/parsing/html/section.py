"""What stands around the comments: the stated count, open or closed, embeds.

Also takes the comments, with their headings, forms and pingbacks, out of the
tree, so that the article can be looked for in what is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from lxml import etree
from lxml.html import HtmlElement

from toolkit.parsing.cues import LONGEST_CUE, load_cues
from toolkit.parsing.html.css import PageIndex
from toolkit.parsing.html.items import Place, in_sidebar
from toolkit.parsing.html.rules import Embed, Rules
from toolkit.parsing.html.text import inline, lines_of
from toolkit.parsing.html.tree import ancestors, is_short, remove, tokens, words
from toolkit.parsing.html.words import few
from toolkit.parsing.thread import Draft
from toolkit.text.normalize import collapse

_CONTAINERS: Final = words("div section article aside ol ul main footer details table form")
_HEADINGS: Final = words("h1 h2 h3 h4 h5 h6 p div span a strong b summary legend button li")
_PAGE_PARTS: Final = words("body html main head")
#: A section may hold so much text besides its comments: headings, policy, form.
_MOST_AROUND: Final = 2_500
_MOST_LINES: Final = 80
_MOST_FORMS: Final = 300
_SCRIPT_HEAD: Final = 4_000
#: … and an element without a telling name so much.
_MOST_UNNAMED: Final = 120
_SECTION_NAMES: Final = re.compile(
    r"^(?:[a-z0-9]+[-_])?(?:comments?|kommentare?|commentaires?|comentarios?|commenti|reacties|"
    r"discussions?|diskussion|reactions?|replies|responses|feedback|forum|disqus_thread)"
    r"(?![-_]?(?:open|closed|status|enabled|count|link))"
)
_TEXT_LENGTH: Final = etree.XPath("string-length(normalize-space())")
_ARTICLE_NAMES: Final = re.compile(r"entry-?content|article-?body|post-?content|post-?body", re.I)
_COUNT_NAMES: Final = re.compile(
    r"(?:comment|kommentar|commentaire|comentario|reply|replies|respon[sc]e|reactie)s?"
    r"[-_]*(?:count|title|heading|head(?:er)?|number|num|total|link|label|anzahl|tab)|"
    r"(?:count|number|num|total)[-_]*(?:of[-_]*)?(?:comments?|replies)|"
    r"^(?:comments|kommentare|reply-title|post-comments)$",
    re.IGNORECASE,
)
_FORM_NAMES: Final = re.compile(
    r"commentform|comment[-_]?form|respond|addcomment|add[-_]comment|new[-_]?comment|"
    r"post[-_]?comment|kommentar[-_]?(?:form|schreiben)|reply[-_]?form|quick[-_]?reply|"
    r"wp-comments-post",
    re.IGNORECASE,
)
_CLOSED_NAMES: Final = re.compile(
    r"(?:no-?comments|comments?-?closed|commentsclosed|comment-status-closed)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Around:
    """What the page says of its comments as a whole; None where it says nothing."""

    stated_count: int | None = None
    is_open: bool | None = None


def section_of(index: PageIndex, elements: Sequence[HtmlElement]) -> HtmlElement | None:
    """The smallest element that holds all of ``elements`` and what is said of them.

    None where that is the page itself, or holds the article too.
    """
    if not elements:
        return None
    shared = _lowest_common(elements)
    holds_article = _above_article(index, elements)
    if shared is None or shared.tag in _PAGE_PARTS or shared in holds_article:
        return None
    section, length = shared, _length(shared)
    for above in ancestors(shared):
        if above.tag in _PAGE_PARTS or above in holds_article:
            break
        wider = _length(above)
        named = any(_SECTION_NAMES.search(name) for name in tokens(above))
        if wider - length > (_MOST_AROUND if named else _MOST_UNNAMED):
            break
        section, length = above, wider
    return section


def _above_article(index: PageIndex, items: Iterable[HtmlElement]) -> set[HtmlElement]:
    """Everything that holds the page's title or body, as far as names tell."""
    known = set(items)
    marks = [*index.root.iter("h1"), *index.with_names(_ARTICLE_NAMES)]
    above: set[HtmlElement] = set()
    for mark in marks:
        around = [mark, *ancestors(mark)]
        if known.isdisjoint(around):
            above.update(around)
    return above


def _lowest_common(elements: Sequence[HtmlElement]) -> HtmlElement | None:
    first, last = elements[0], elements[-1]
    above_last = set(ancestors(last)) | {last}
    shared = next((e for e in (first, *ancestors(first)) if e in above_last), None)
    if shared is None:
        return None
    if shared is first and len(elements) == 1:
        return first.getparent()
    return shared if shared is not first else first.getparent()


def _length(element: HtmlElement) -> int:
    """Code points of text, runs of white space counted once."""
    return int(_TEXT_LENGTH(element))


def around(
    index: PageIndex,
    section: HtmlElement | None,
    items: Iterable[HtmlElement],
    rules: Rules,
    count: int,
) -> Around:
    """Read the section's headings and the form; ``count`` is how many comments were found."""
    lines: list[str] = []
    known = set(items)
    sidebar: dict[HtmlElement, Place] = {}
    if section is not None:
        lines += lines_of(section, lambda e: e in known)
        for preceding in (True, False):
            beside = few(section.itersiblings(preceding=preceding), 3)
            lines.extend(inline(b) for b in takewhile(lambda b: is_short(b, LONGEST_CUE), beside))
    named = [e for e in index.with_names(rules.comment_names) if e not in known]
    if section is None:
        places: list[HtmlElement] = []
        for element in named:
            if element.tag not in _CONTAINERS or in_sidebar(element, rules, sidebar):
                continue
            if len(places) > 20 or any(above in known for above in ancestors(element)):
                continue
            if _length(element) <= 2 * _MOST_AROUND and not _within(element, places):
                places.append(element)
                lines += lines_of(element, lambda e: e in known)
    return Around(
        _stated(lines, (e for e in named if not in_sidebar(e, rules, sidebar)), count),
        _is_open(index, lines),
    )


def _within(element: HtmlElement, places: Sequence[HtmlElement]) -> bool:
    return any(above in places for above in ancestors(element))


def _stated(lines: Iterable[str], named: Iterable[HtmlElement], count: int) -> int | None:
    cues = load_cues()
    headings = (cues.count(line.removeprefix("- ")) for line in few_lines(lines))
    found = [heading.count for heading in headings if heading is not None]
    for element in () if count in found else named:
        if element.tag not in _HEADINGS or len(element) > 8:
            continue
        if any(_COUNT_NAMES.search(name) for name in tokens(element)):
            text = inline(element)
            if 0 < len(text) <= LONGEST_CUE and (heading := cues.count(text)) is not None:
                found.append(heading.count)
    if not found:
        return None
    # Teasers of other articles print counts too: the one that fits what was found is ours.
    fitting = [number for number in found if number >= count]
    return min(fitting) if fitting else max(found)


def few_lines(lines: Iterable[str]) -> list[str]:
    """The lines short enough for a cue, each once, as many as a section can have of them."""
    short = (line.strip() for line in lines if len(line) <= LONGEST_CUE)
    return list(dict.fromkeys(filter(None, short)))[:_MOST_LINES]


def _is_open(index: PageIndex, lines: Iterable[str]) -> bool | None:
    root = index.root
    for form in few(root.iter("form"), _MOST_FORMS):
        names = " ".join(form.get(name) or "" for name in ("id", "class", "action", "name"))
        if _FORM_NAMES.search(names[:500]) and form.find(".//textarea") is not None:
            return True
    for area in few(root.iter("textarea"), _MOST_FORMS):
        if (area.get("name") or area.get("id") or "").lower() in ("comment", "comment_body"):
            return True
    cues = load_cues()
    is_open: bool | None = None
    for line in few_lines(lines):
        kinds = cues.kinds(line)
        if "closed" in kinds:
            return False
        if "form" in kinds:
            is_open = True
    if is_open is None:
        for element in index.with_names(_CLOSED_NAMES):
            text = inline(element) if len(element) < 6 else ""
            if len(text) <= LONGEST_CUE and "closed" in cues.kinds(text):
                return False
    return is_open


def cut_out(
    root: HtmlElement,
    section: HtmlElement | None,
    items: Sequence[HtmlElement],
) -> None:
    """Take the comments and what belongs to them out of ``root``."""
    if section is not None and section.getparent() is not None and _is_all(section, items):
        remove(section)
        return
    for element in items:
        remove(element)
    if section is not None and _length(section) < _MOST_UNNAMED:
        remove(section)
    for form in list(root.iter("form")):
        names = " ".join(form.get(name) or "" for name in ("id", "class", "action"))
        if _FORM_NAMES.search(names[:500]) and form.find(".//textarea") is not None:
            remove(form)


def _is_all(section: HtmlElement, items: Sequence[HtmlElement]) -> bool:
    known = set(items)
    inside = sum(
        _length(item) for item in items if not any(above in known for above in ancestors(item))
    )
    return _length(section) - inside <= _MOST_AROUND


def cut_texts(root: HtmlElement, drafts: Iterable[Draft]) -> None:
    """Take out what repeats a comment that was found elsewhere, in the page's data."""
    starts = {collapse(draft.text or "")[:60].casefold() for draft in drafts}
    starts = {start for start in starts if len(start) >= 12}
    if not starts:
        return
    for element in list(root.iter("p", "div", "li", "span", "td", "blockquote")):
        if len(element) > 12 or element.getparent() is None:
            continue
        if collapse("".join(few(element.itertext(), 12)))[:60].casefold() in starts:
            remove(element)


def embeds(index: PageIndex, rules: Rules) -> list[Embed]:
    """The systems that would load comments into this page by script."""
    parts = [index.names]
    for element in index.root.iter("script", "iframe", "div", "section"):
        if element.tag == "script" and element.text:
            parts.append(element.text[:_SCRIPT_HEAD])
        parts.extend(f'{name}="{value[:200]}"' for name, value in element.items())
    tags = {element.tag for element in index.root.iter() if isinstance(element.tag, str)}
    parts += [f"<{tag}" for tag in tags if "-" in tag]
    signs = " ".join(parts)
    return [embed for embed in rules.embeds if any(sign in signs for sign in embed.signs)]
