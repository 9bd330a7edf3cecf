"""Comments of systems nobody told us of: elements of like shape that repeat.

Two kinds of groups are looked at. Elements whose names speak of comments, in
any of the languages of ``selectors.toml``, may stand anywhere and be few, even
one. Elements without such names must be brothers, and each must show a name, a
time and prose, without being the teaser of another page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lxml.html import HtmlElement

from toolkit.parsing.byline import parse_byline
from toolkit.parsing.html_css import PageIndex
from toolkit.parsing.html_fields import Item, read
from toolkit.parsing.html_items import Found, collect, group_runs, in_sidebar, signature
from toolkit.parsing.html_rules import Rules
from toolkit.parsing.html_text import inline
from toolkit.parsing.html_tree import ancestors, words
from toolkit.parsing.html_words import Context

_CANDIDATES: Final = words(
    "div li article section tr td table tbody dl dd dt blockquote details p ul ol span"
)
_SAMPLE: Final = 4
#: Groups looked at closely; a page with more different shapes is a hostile one.
_MOST_GROUPS: Final = 60
_MOST_MEMBERS: Final = 20_000
_DATE_LIKE: Final = re.compile(
    r"\d{1,2}[:.h]\d\d|(?:19|20)\d\d|[۰-۹٠-٩]{2,4}|前|"
    r"\b(?:ago|vor|hace|fa|il y a|geleden|temu|назад)\b"
)
_DIGIT: Final = re.compile(r"\d")

Key = tuple[str, frozenset[str], str]


@dataclass(slots=True)
class _Group:
    elements: list[HtmlElement]
    marked: bool
    worth: float = 0.0
    size: int = 0


def by_repetition(index: PageIndex, context: Context, rules: Rules) -> Found | None:
    """The comments of an unknown system, None where nothing repeats as comments do."""
    _pair_definitions(index)
    for find in (_marked, _brothers):
        groups = find(index, rules)
        best = _best(groups, context, rules)
        if best is None:
            continue
        source = "names" if best.marked else "repetition"
        found = collect(best.elements, context, source=source)
        if found.drafts:
            return found
    return None


def _pair_definitions(index: PageIndex) -> None:
    """Make one element of each ``dt`` that names a writer and the ``dd`` behind it."""
    for listing in list(index.root.iter("dl"))[:_MOST_GROUPS]:
        terms = [child for child in listing if child.tag == "dt"]
        heads = [parse_byline(inline(term)) for term in terms[:3]]
        if any(head is not None and head.name is not None for head in heads):
            for wrapper in group_runs(terms):
                index.named.append(wrapper)
                for name in (wrapper.get("class") or "").split():
                    index.by_class.setdefault(name, []).append(wrapper)


def _best(groups: Iterable[_Group], context: Context, rules: Rules) -> _Group | None:
    judged: list[_Group] = []
    sidebar: dict[HtmlElement, bool] = {}
    for group in groups:
        group.elements = [e for e in group.elements if not in_sidebar(e, rules, sidebar)]
        if group.elements and _judge(group, context):
            judged.append(group)
    if not judged:
        return None
    top = max(group.worth for group in judged)
    near = [group for group in judged if group.worth >= 0.9 * top]
    longest = max(group.size for group in near)
    # Around each comment stand wrappers that read the same: take the innermost
    # one that still holds all of the text.
    near = [group for group in near if group.size >= 0.75 * longest]
    return min(near, key=lambda group: (group.size, -_depth(group.elements[0])))


def _depth(element: HtmlElement) -> int:
    return sum(1 for _ in ancestors(element))


def _marked(index: PageIndex, rules: Rules) -> list[_Group]:
    groups: dict[Key, list[HtmlElement]] = {}
    for element in index.with_names(rules.comment_names):
        if element.tag not in _CANDIDATES:
            continue
        names = f"{element.get('class') or ''} {element.get('id') or ''}"[:300]
        if rules.not_comment_names.search(names):
            continue
        groups.setdefault(_key(element), []).append(element)
    sizable = [group for group in groups.values() if len(group) <= _MOST_MEMBERS]
    return [_Group(group, True) for group in sizable[:_MOST_GROUPS]]


def _key(element: HtmlElement) -> Key:
    tag, classes = signature(element)
    identifier = (element.get("id") or "")[:80]
    if _DIGIT.search(identifier):
        identifier = re.sub(r"[0-9a-f]*\d[0-9a-f]*", "#", identifier)
    return tag, classes, identifier if not classes or "#" not in identifier else ""


def _brothers(index: PageIndex, _rules: Rules) -> list[_Group]:
    families: dict[tuple[HtmlElement, str, frozenset[str]], list[HtmlElement]] = {}
    for element in index.root.iter(*_CANDIDATES):
        parent = element.getparent()
        if parent is not None and len(element):
            families.setdefault((parent, *signature(element)), []).append(element)
    groups = []
    for members in families.values():
        if not 2 <= len(members) <= _MOST_MEMBERS:
            continue
        dated = sum(1 for m in members if _DATE_LIKE.search(_head(m)))
        if dated >= 0.7 * len(members):
            groups.append(_Group(members, False))
    groups.sort(key=lambda group: -len(group.elements))
    return groups[:_MOST_GROUPS]


def _head(element: HtmlElement, limit: int = 600) -> str:
    parts: list[str] = []
    length = 0
    for text in element.itertext():
        parts.append(text)
        length += len(text)
        if length > limit:
            break
    return " ".join(parts)[:limit]


def _judge(group: _Group, context: Context) -> bool:
    """Read a few members; set how much the group is worth; False where it is no comments."""
    members = group.elements
    known = set(members)
    step = max(1, len(members) // _SAMPLE)
    sample = members[::step][:_SAMPLE]
    trial = Context(base=context.base, language=context.language, dayfirst=context.dayfirst)
    score, size, full, teasers = 0.0, 0, 0, 0
    for element in sample:
        draft = read(Item.of(element, known), trial)
        text = draft.text or ""
        if not _is_prose(text):
            continue
        named, timed = draft.author_name is not None, draft.created_at is not None
        timed = timed or trial.inexact_times > 0
        trial.inexact_times = 0
        if not (named or timed):
            continue
        if _is_teaser(element):
            teasers += 1
            continue
        full += named and timed
        score += 1 + named + timed
        size += len(text)
    if not group.marked and (full < 0.75 * len(sample) or teasers):
        return False
    if full == 0 and (len(members) == 1 or score < len(sample)):
        return False
    if teasers > 0.5 * len(sample):
        return False
    scale = len(members) / len(sample)
    group.worth, group.size = score * scale, int(size * scale)
    return group.worth > 0


def _is_prose(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def _is_teaser(element: HtmlElement) -> bool:
    """A heading that leads to another page: an entry of a list of articles."""
    for heading in element.iter("h1", "h2", "h3", "h4"):
        for link in (*heading.iter("a"), heading.getparent()):
            href = link.get("href") or "" if link is not None and link.tag == "a" else ""
            if href and not href.startswith(("#", "javascript:")) and "#" not in href:
                return True
    return False
