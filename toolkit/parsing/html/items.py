"""From elements that may be comments to drafts: wrappers out, threads in.

A theme often marks the same comment twice (``li.comment`` around
``article.comment``), or a list as if it were one of its entries. Which is
which shows in what an element holds besides the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from lxml import etree
from lxml.html import HtmlElement

from toolkit.parsing.byline import infer_dayfirst
from toolkit.parsing.html.fields import read
from toolkit.parsing.html.nodes import Item
from toolkit.parsing.html.rules import Platform, Role, Rules, roles_of_names
from toolkit.parsing.html.rules import rules as all_rules
from toolkit.parsing.html.text import inline
from toolkit.parsing.html.tree import ancestors, not_prose, tokens, xml_safe
from toolkit.parsing.html.words import Context, few
from toolkit.parsing.thread import Draft, unique_ids

_NUMBER: Final = re.compile(r"\d+$")
_LETTER: Final = re.compile(r"[^\W\d_]")
_ALL_TEXT: Final = etree.XPath("string()", smart_strings=False)
#: The same words without an id may be said so often on one page.
_MOST_COPIES: Final = 500
_LIST_TAGS: Final = frozenset({"ul", "ol", "dl", "blockquote"})


@dataclass(slots=True)
class Found:
    """Comments of a page, and the elements they stand in (also those that are none)."""

    drafts: list[Draft]
    elements: list[HtmlElement]
    source: str
    #: Pingbacks and their like: no comments, and no part of the article either.
    others: list[HtmlElement]
    platform: Platform | None = None
    pingbacks: int = 0

    @property
    def weight(self) -> int:
        """How much was said: code points of text, and a bit for each comment."""
        return sum(len(draft.text or "") + 20 for draft in self.drafts)


def collect(
    elements: Sequence[HtmlElement],
    context: Context,
    *,
    platform: Platform | None = None,
    source: str = "",
) -> Found:
    """The comments among ``elements`` (in document order), read and put in relation."""
    without = platform.without if platform else None
    left_out = without.among(elements) if without else set[HtmlElement]()
    others = [element for element in elements if element in left_out]
    wanted = [element for element in elements if element not in left_out]
    kept, copies = without_copies(unwrap(wanted))
    pingbacks = len(others)
    others += copies
    known = set(kept) | set(others)
    items = [Item.of(element, known) for element in kept]
    if context.dayfirst is None:
        context.dayfirst = infer_dayfirst(
            inline(node.element)
            for item in items
            for node in item.nodes
            if node.role & Role.TIME and len(node.element) < 4
        )
    drafts = [read(item, context, platform) for item in items]
    pairs = [
        (element, draft) for element, draft in zip(kept, drafts, strict=True) if _is_comment(draft)
    ]
    if platform is None:
        pairs = _signed(pairs)
    _relate(pairs)
    return Found([d for _, d in pairs], kept, source, others, platform, pingbacks)


def _signed(pairs: list[tuple[HtmlElement, Draft]]) -> list[tuple[HtmlElement, Draft]]:
    """Without what has neither name nor time, where nearly all others have: rules, notices."""
    signed = [pair for pair in pairs if pair[1].author_name or pair[1].created_at]
    return signed if len(signed) >= 0.8 * len(pairs) else pairs


def _is_comment(draft: Draft) -> bool:
    if draft.text is None:
        return True
    if _LETTER.search(draft.text) or re.search(r"\S", draft.text):
        return True
    if draft.author_name is not None and draft.created_at is not None:
        # A picture, or an empty post: its place in the thread counts.
        draft.text, draft.source_status = None, "empty"
        return True
    return False


def unwrap(elements: Sequence[HtmlElement]) -> list[HtmlElement]:
    """``elements`` without those that only wrap another, or are wrapped by their own comment."""
    known = set(elements)
    inner: dict[HtmlElement, list[HtmlElement]] = {}
    for element in elements:
        outer = next((above for above in ancestors(element) if above in known), None)
        if outer is not None:
            inner.setdefault(outer, []).append(element)
    dropped: set[HtmlElement] = set()
    for outer in elements:
        nested = [element for element in inner.get(outer, []) if element not in dropped]
        if not nested:
            continue
        number = _number(outer)
        same = next((e for e in nested if number is not None and _number(e) == number), None)
        if same is not None:
            dropped.add(same)
        elif not has_own_text(outer, known):
            if len(nested) > 1 and signature(nested[0]) == signature(nested[1]):
                dropped.add(outer)
            else:
                dropped.add(nested[0])
                # What the wrapped element held now belongs to the wrapper.
                inner.setdefault(outer, []).extend(inner.pop(nested[0], []))
    return [element for element in elements if element not in dropped]


def without_copies(
    elements: Sequence[HtmlElement],
) -> tuple[list[HtmlElement], list[HtmlElement]]:
    """``elements`` and those left out of them because they say the same once more.

    Pages print a list twice, for two widths of screen: then id and text are the
    same. Texts alone may well be the same ("+1"), but not thousands of times.
    """
    seen: dict[tuple[str | None, str], int] = {}
    kept: list[HtmlElement] = []
    copies: list[HtmlElement] = []
    for element in elements:
        identifier = element.get("id")
        mark = (identifier, str(_ALL_TEXT(element)))
        count = seen[mark] = seen.get(mark, 0) + 1
        (copies if count > (1 if identifier else _MOST_COPIES) else kept).append(element)
    return kept, copies


def _number(element: HtmlElement) -> str | None:
    found = _NUMBER.search(element.get("id") or "")
    return found.group() if found else None


_STATE: Final = re.compile(
    r"\d|^(?:odd|even|alt|first|last|parent|byuser|bypostauthor|active|open|closed|highlight\w*|"
    r"clearfix|cf|clear|new|unread|by-?author|comment-author-.*|thread-\w+|depth-.*|level-?.*|"
    r"has-.*|is-.*|no-.*|post-author|author-comment|self|guest|anonymous|registered)$"
)


def signature(element: HtmlElement) -> tuple[str, frozenset[str]]:
    """Tag and classes without those that tell one entry of a list from the next."""
    return str(element.tag), _lasting((element.get("class") or "")[:300])


@lru_cache(maxsize=16_384)
def _lasting(classes: str) -> frozenset[str]:
    return frozenset(name for name in classes.lower().split() if not _STATE.search(name))


def has_own_text(element: HtmlElement, others: AbstractSet[HtmlElement]) -> bool:
    """Whether there are words in ``element`` outside of ``others`` and of furniture."""
    stack: list[HtmlElement] = [element]
    while stack:
        node = stack.pop()
        if node is not element:
            if node.tail and _LETTER.search(node.tail):
                return True
            if node in others or not_prose(node):
                continue
            if roles_of_names(" ".join(tokens(node))) & Role.FURNITURE:
                continue
        if node.text and _LETTER.search(node.text):
            return True
        stack.extend(node)
    return False


def in_main(elements: Sequence[HtmlElement], rules: Rules) -> list[HtmlElement]:
    """Those of ``elements`` outside of sidebars; all of them where all stand in one.

    Lists of recent comments on other articles are left out in any case.
    """
    places: dict[HtmlElement, Place] = {}
    found = [(element, place_of(element, rules, places)) for element in elements]
    own = [element for element, place in found if place is not Place.RECENT]
    return [element for element, place in found if place is Place.MAIN] or own


class Place(Enum):
    """Which part of a page an element stands in."""

    MAIN = "main"
    SIDEBAR = "sidebar"
    #: A list of recent comments on other articles.
    RECENT = "recent"


def in_sidebar(element: HtmlElement, rules: Rules, known: dict[HtmlElement, Place]) -> bool:
    """Within a sidebar, a navigation, a list of recent comments; ``known`` keeps answers."""
    return place_of(element, rules, known) is not Place.MAIN


def place_of(element: HtmlElement, rules: Rules, known: dict[HtmlElement, Place]) -> Place:
    """The part of the page that ``element`` stands in; ``known`` keeps answers for one page."""
    parent = element.getparent()
    if parent is not None and parent in known and element.tag not in ("aside", "nav", "main"):
        own = _place_by_names(element.get("class") or "", element.get("id") or "")
        answer = known[parent] if own is Place.MAIN else own
        known[element] = answer
        return answer
    asked: list[HtmlElement] = []
    answer = Place.MAIN
    for above in (element, *ancestors(element)):
        if above in known:
            answer = known[above]
            break
        asked.append(above)
        if above.tag in ("body", "html", "main"):
            break
        answer = _place_by_names(above.get("class") or "", above.get("id") or "")
        if answer is Place.MAIN and above.tag in ("aside", "nav"):
            around = (above, *few(ancestors(above), 3))
            names = [name for e in around for name in tokens(e)]
            if not any(rules.comment_names.search(name) for name in names):
                answer = Place.SIDEBAR
        if answer is not Place.MAIN:
            break
    known.update(dict.fromkeys(asked, answer))
    return answer


@lru_cache(maxsize=8192)
def _place_by_names(classes: str, identifier: str) -> Place:
    names = f"{classes[:500]} {identifier[:100]}".lower().split()
    known = all_rules()
    if any(known.recent_names.match(name) for name in names):
        return Place.RECENT
    if any(known.sidebar_names.match(name) for name in names):
        return Place.SIDEBAR
    return Place.MAIN


# --- comments made of several brothers ----------------------------------------


def group_runs(
    starts: Sequence[HtmlElement], ends: Callable[[HtmlElement], bool] | None = None
) -> list[HtmlElement]:
    """Wrap each of ``starts`` and the brothers behind it, up to the next, in one element.

    The wrapper carries the classes and the id of its start, so that patterns
    on an item find what they look for; a brother for which ``ends`` is true
    ends a run before it. The tree is changed.
    """
    known = set(starts)
    wrappers: list[HtmlElement] = []
    for start in starts:
        parent = start.getparent()
        if parent is None:
            continue
        attributes = {name: xml_safe(value) for name, value in start.items()}
        wrapper = start.makeelement("div", attributes)
        following = [start]
        for brother in start.itersiblings():
            if brother in known or (ends is not None and ends(brother)):
                break
            following.append(brother)
        parent.insert(parent.index(start), wrapper)
        wrapper.extend(following)
        wrappers.append(wrapper)
    return wrappers


def ungroup(wrappers: Sequence[HtmlElement]) -> None:
    """Undo :func:`group_runs`."""
    for wrapper in wrappers:
        parent = wrapper.getparent()
        if parent is not None:
            at = parent.index(wrapper)
            parent[at : at + 1] = list(wrapper)


def with_definitions(elements: Sequence[HtmlElement]) -> list[HtmlElement]:
    """``elements``, where a term (``dt``) is a comment's head and the ``dd`` behind it its body."""
    if not any(element.tag == "dt" for element in elements):
        return list(elements)
    wrapped = iter(group_runs([element for element in elements if element.tag == "dt"]))
    made: list[HtmlElement] = []
    for element in elements:
        if element.tag == "dt":
            made.append(next(wrapped))
        elif element.tag != "dd":
            made.append(element)
    return made


# --- threads from markup -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Open:
    """A comment whose list may go on: where it stands, and whom it answers."""

    container: HtmlElement
    draft: Draft
    parent: Draft | None


def _relate(pairs: Sequence[tuple[HtmlElement, Draft]]) -> None:
    """Give each draft the parent that nesting, or else indentation, shows."""
    drafts = [draft for _, draft in pairs]
    for draft, key in zip(drafts, unique_ids(drafts), strict=True):
        draft.key = key
    by_element = dict(pairs)
    keys = {draft.key for _, draft in pairs}
    open_lists: list[_Open] = []
    nested = False
    for element, draft in pairs:
        above = next((a for a in ancestors(element) if a in by_element), None)
        if above is not None:
            parent: Draft | None = by_element[above]
        else:
            parent = _beside(element, open_lists)
            container = element.getparent()
            if container is not None:
                open_lists.append(_Open(container, draft, parent))
        nested = nested or parent is not None
        if parent is not None and (draft.parent_key is None or draft.parent_key not in keys):
            draft.parent_key = parent.key
    if not nested and all(draft.level is None for _, draft in pairs):
        _indented(pairs)


def _beside(element: HtmlElement, open_lists: list[_Open]) -> Draft | None:
    """The comment whose list of answers ``element`` is in, where that list stands beside it.

    In ``div.comment + div.replies > div.comment`` the container of the earlier
    comment is above the later one, with a list of answers between them. Lists
    that have ended are taken off ``open_lists``.
    """
    above = list(ancestors(element))
    while open_lists and open_lists[-1].container not in above:
        open_lists.pop()
    if not open_lists:
        return None
    last = open_lists[-1]
    between = above[: above.index(last.container)]
    if between and any(_is_reply_list(node) for node in between):
        return last.draft
    if not between:
        open_lists.pop()
    return last.parent


def _is_reply_list(element: HtmlElement) -> bool:
    names = " ".join(tokens(element))
    return element.tag in _LIST_TAGS or bool(names and roles_of_names(names) & Role.REPLIES)


_INDENT: Final = re.compile(r"(?:margin|padding)-(?:left|inline-start|right)\s*:\s*(\d{1,4})")


def _indented(pairs: Sequence[tuple[HtmlElement, Draft]]) -> None:
    """Levels from how far each comment is set in, where they differ at all."""
    widths: list[int] = []
    for element, _ in pairs:
        around = (element, *few(ancestors(element), 1), *few(element, 1))
        styles = " ".join(node.get("style") or "" for node in around)
        found = _INDENT.search(styles)
        widths.append(int(found.group(1)) if found else 0)
    steps = sorted(set(widths))
    if len(steps) < 2:
        return
    for (_, draft), width in zip(pairs, widths, strict=True):
        draft.level = steps.index(width)
