"""Comments that only their header lines tell apart: ``#1 by Ann, 3 March 2012``.

In layouts of tables, or of headings with paragraphs behind them, no element
holds one comment. There the lines that say who wrote when are found first;
what follows each, up to the next, is its comment.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from lxml.html import HtmlElement

from toolkit.parsing.byline import LONGEST_BYLINE, Byline, parse_byline
from toolkit.parsing.cues import load_cues
from toolkit.parsing.html_css import PageIndex
from toolkit.parsing.html_items import Found, collect, group_runs, in_sidebar
from toolkit.parsing.html_repetition import announced
from toolkit.parsing.html_rules import Rules
from toolkit.parsing.html_text import inline
from toolkit.parsing.html_tree import ancestors, words
from toolkit.parsing.html_words import Context

_LINES: Final = words("p div td th tr li dt h2 h3 h4 h5 h6 strong b span cite small address table")
_MOST: Final = 4_000
_WORTH_READING: Final = re.compile(
    r"\d{1,2}[:.h/\-]\d\d|(?:19|20)\d\d|[:：]\s*$|^\s*#?\d+\s?[.)]|@"
)
_BEHIND: Final = frozenset({"form", "after", "closed", "sidebar", "open", "count"})


def by_headers(index: PageIndex, context: Context, rules: Rules) -> Found | None:
    """The comments behind the header lines of one shape that recur, None where none do."""
    groups: dict[str, list[tuple[HtmlElement, Byline]]] = {}
    sidebar: dict[HtmlElement, bool] = {}
    taken: set[HtmlElement] = set()
    for seen, element in enumerate(index.root.iter(*_LINES)):
        if seen > _MOST:
            break
        parent = element.getparent()
        if parent is None or parent in taken:
            taken.add(element)  # part of a line that was found already
            continue
        byline = _header_in(element, context)
        if byline is not None and not in_sidebar(element, rules, sidebar):
            taken.add(element)
            groups.setdefault(byline.shape, []).append((element, byline))
    for members in sorted(groups.values(), key=len, reverse=True):
        starts = _starts([element for element, _ in members])
        numbered = members[0][1].ordinal is not None
        if not starts or not (numbered or announced(starts, rules)):
            continue
        found = collect(group_runs(starts, _ends), context, source="headers")
        if any(draft.text for draft in found.drafts):
            return found
    return None


def _header_in(element: HtmlElement, context: Context) -> Byline | None:
    if len(element) > 12:
        return None
    length = 0
    for text in element.itertext():
        length += len(text)
        if length > 3 * LONGEST_BYLINE:
            return None
    line = inline(element)
    if not 3 < len(line) <= LONGEST_BYLINE or not _WORTH_READING.search(line):
        return None
    byline = parse_byline(line, dayfirst=context.dayfirst, language=context.language)
    if byline is None or byline.name is None:
        return None
    return byline if byline.when is not None or byline.says else None


def _starts(headers: Sequence[HtmlElement]) -> list[HtmlElement]:
    """The brothers that the headers stand in: where each comment starts. [] where they have none."""
    if len(headers) == 1:
        return _lone_start(headers[0])
    above = [list(ancestors(header)) for header in headers]
    shared = next((e for e in above[0] if all(e in others for others in above[1:])), None)
    if shared is None:
        return []
    starts = []
    for header, chain in zip(headers, above, strict=True):
        at = chain.index(shared)
        starts.append(chain[at - 1] if at else header)
    return starts if len(set(starts)) == len(starts) else []


def _lone_start(header: HtmlElement) -> list[HtmlElement]:
    for element in (header, *ancestors(header)):
        if element.tag in ("body", "html", "main", "article"):
            return []
        following = next(element.itersiblings(), None)
        if following is not None or (element.tail or "").strip():
            return [element]
    return []


def _ends(element: HtmlElement) -> bool:
    """A form, a heading of another part, the foot of the page: no comment goes on there."""
    if element.tag in ("form", "footer", "nav", "aside", "h1", "h2", "script"):
        return True
    if element.find(".//textarea") is not None:
        return True
    line = inline(element) if len(element) < 8 else ""
    return 0 < len(line) <= LONGEST_BYLINE and bool(load_cues().kinds(line) & _BEHIND)
