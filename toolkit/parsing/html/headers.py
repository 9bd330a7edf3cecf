"""Comments that only their header lines tell apart: ``#1 by Ann, 3 March 2012``.

In layouts of tables, or of headings with paragraphs behind them, no element
holds one comment. There the lines that say who wrote when are found first;
what follows each, up to the next, is its comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from lxml.html import HtmlElement

from toolkit.parsing.byline import LONGEST_BYLINE, Byline, parse_byline
from toolkit.parsing.cues import load_cues
from toolkit.parsing.html.css import PageIndex
from toolkit.parsing.html.fields import glance
from toolkit.parsing.html.items import Found, Place, collect, group_runs, in_sidebar, ungroup
from toolkit.parsing.html.nodes import Item
from toolkit.parsing.html.repetition import announced
from toolkit.parsing.html.rules import Rules
from toolkit.parsing.html.text import inline
from toolkit.parsing.html.tree import ancestors, is_short, words
from toolkit.parsing.html.words import Context, few

_NO_LINES: Final = words("script style noscript head title body html main article form textarea")
_MOST: Final = 400
#: Home-made layouts are small pages; in a larger one the search ends here.
_ELEMENTS: Final = 50_000
#: So many headers of one shape are looked at before the others are.
_LOOKED_AT: Final = 12
_WORTH_READING: Final = re.compile(
    r"\d{1,2}[:.h/\-]\d\d|(?:19|20)\d\d|[:：]\s*$|^\s*#?\d+\s?[.)]|@"
)
_NUMBERED: Final = re.compile(r"\s*(?:#\s?\d{1,5}\b|\d{1,5}\s?[.)]\s)")
_BEHIND: Final = frozenset({"form", "after", "closed", "sidebar", "open", "count"})


def by_headers(index: PageIndex, context: Context, rules: Rules) -> Found | None:
    """The comments behind the header lines of one shape that recur, None where none do."""
    groups: dict[str, list[tuple[HtmlElement, Byline]]] = {}
    sidebar: dict[HtmlElement, Place] = {}
    taken: set[HtmlElement] = set()
    for place in few(_dated(index.root, rules), _MOST):
        if place in taken or in_sidebar(place, rules, sidebar):
            continue
        header = _header_around(place, context, taken)
        if header is None:
            continue
        group = groups.setdefault(header[1].shape, [])
        group.append(header)
        if len(group) == _LOOKED_AT and not _have_bodies([element for element, _ in group]):
            return None  # a list of links to comments
    for members in sorted(groups.values(), key=len, reverse=True):
        starts = _starts([element for element, _ in members])
        numbered = members[0][1].ordinal is not None
        if not starts or not (numbered or announced(starts, rules)):
            continue
        runs = group_runs(starts, _ends)
        if _hold_comments(runs, context):
            found = collect(runs, context, source="headers")
            if any(draft.text for draft in found.drafts):
                return found
        ungroup(runs)
    return None


def _have_bodies(headers: Sequence[HtmlElement]) -> bool:
    """Whether something stands between most headers and the next."""
    starts = _starts(headers)
    known = set(starts)
    bare = sum(
        1 for s in starts if not (s.tail or "").strip() and next(s.itersiblings(), None) in known
    )
    return bool(starts) and bare < len(starts) / 2


def _hold_comments(runs: Sequence[HtmlElement], context: Context) -> bool:
    """Whether there are words behind most of the headers."""
    trial = Context(base=context.base, language=context.language, dayfirst=context.dayfirst)
    sample = runs[:: max(1, len(runs) // 4)][:4]
    drafts = [glance(Item.of(run, frozenset()), trial) for run in sample]
    return sum(1 for draft in drafts if draft.text) > len(sample) / 2


def _dated(root: HtmlElement, rules: Rules) -> Iterator[HtmlElement]:
    """The elements in whose own text a time or a "says:" is printed.

    Before a heading has opened the comments only numbered lines count.
    """
    worth = _WORTH_READING.search
    opened = False
    for element in islice(root.iter(), _ELEMENTS):
        text, tail = element.text, element.tail
        if text and isinstance(element.tag, str) and element.tag not in _NO_LINES:
            opened = opened or _opens(element, text, rules)
            if _NUMBERED.match(text) or (opened and worth(text[:LONGEST_BYLINE])):
                yield element
        if tail and opened and worth(tail[:LONGEST_BYLINE]):
            parent = element.getparent()
            if parent is not None:
                yield parent


def _opens(element: HtmlElement, text: str, rules: Rules) -> bool:
    if len(text) > 120 or len(element) > 4 or not rules.comment_names.search(text.lower()):
        return False
    return bool(load_cues().kinds(inline(element)) & {"count", "open"})


def _header_around(
    place: HtmlElement, context: Context, taken: set[HtmlElement]
) -> tuple[HtmlElement, Byline] | None:
    """The widest element around ``place`` that is a header line, and what it says."""
    best: tuple[HtmlElement, Byline] | None = None
    for element in (place, *few(ancestors(place), 5)):
        if element.tag in _NO_LINES or len(element) > 12 or element in taken:
            break
        line = inline(element) if is_short(element, LONGEST_BYLINE) else ""
        if not line or len(line) > LONGEST_BYLINE:
            break
        byline = parse_byline(line, dayfirst=context.dayfirst, language=context.language)
        if byline is not None and byline.name and (byline.when is not None or byline.says):
            best = (element, byline)
    if best is not None:
        taken.update(best[0].iter())
    return best


def _starts(headers: Sequence[HtmlElement]) -> list[HtmlElement]:
    """The brothers that the headers stand in, where comments start; [] where there are none."""
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
    line = inline(element) if is_short(element, LONGEST_BYLINE) else ""
    return 0 < len(line) <= LONGEST_BYLINE and bool(load_cues().kinds(line) & _BEHIND)
