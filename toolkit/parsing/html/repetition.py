"""Comments of systems nobody told us of: elements of like shape that repeat.

Two kinds of groups are looked at. Elements whose names speak of comments, in
any of the languages of ``selectors.toml``, may stand anywhere and be few, even
one. Elements without such names must be brothers, and each must show a name, a
time and prose, without being the teaser of another page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from lxml.html import HtmlElement

from toolkit.parsing.byline import parse_byline
from toolkit.parsing.cues import LONGEST_CUE, cue_key, load_cues
from toolkit.parsing.html.css import PageIndex
from toolkit.parsing.html.fields import glance
from toolkit.parsing.html.items import Found, Place, collect, group_runs, in_sidebar, signature
from toolkit.parsing.html.nodes import Item
from toolkit.parsing.html.rules import Rules
from toolkit.parsing.html.text import inline
from toolkit.parsing.html.tree import ancestors, is_short, tokens, words
from toolkit.parsing.html.words import Context, few

_CANDIDATES: Final = words(
    "div li article section tr td table tbody dl dd dt blockquote details p ul ol span"
)
_SAMPLE: Final = 4
#: What one member adds to the worth of its group: it is prose, it is signed, it is dated.
_MOST_WORTH: Final = 3
#: Groups looked at closely; a page with more different shapes is a hostile one.
_MOST_GROUPS: Final = 60
_MOST_MEMBERS: Final = 20_000
_DATE_LIKE: Final = re.compile(
    r"\d{1,2}[:.h]\d\d|(?:19|20)\d\d|[۰-۹٠-٩]{2,4}|前|"
    r"\b(?:ago|vor|hace|fa|il y a|geleden|temu|назад)\b"
)
_REPLY_WORDS: Final = frozenset(
    {
        "reply", "reply to this", "antworten", "antwort", "répondre", "responder", "rispondi",
        "reageer", "beantwoorden", "odpowiedz", "ответить", "cevapla", "yanıtla", "رد", "پاسخ",
        "回复", "回覆", "返信", "답글", "svar", "vastaa", "quote", "zitieren", "citer", "citar",
    }
)  # fmt: skip
_DIGIT: Final = re.compile(r"\d")

Key = tuple[str, frozenset[str], str]


@dataclass(slots=True)
class _Group:
    elements: list[HtmlElement]
    marked: bool
    worth: float = 0.0
    size: int = 0
    #: Most members show both a name and a time.
    full: bool = False


def by_repetition(index: PageIndex, context: Context, rules: Rules) -> Found | None:
    """The comments of an unknown system, None where nothing repeats as comments do."""
    _pair_definitions(index)
    marked = _judged(_marked(index, rules), context, rules)
    best = _best(marked) if marked else None
    if best is None or len(best.elements) == 1:
        # One element that speaks of comments may be the list of all of them.
        brothers = _judged(_brothers(index), context, rules)
        if best is not None:
            brothers = [g for g in brothers if best.elements[0] in ancestors(g.elements[0])]
        best = _best(brothers) if brothers else best
    if best is None:
        return None
    elements = _with_kin(best, marked, index) if best.marked else best.elements
    found = collect(elements, context, source="names" if best.marked else "repetition")
    return found if found.drafts else None


def _pair_definitions(index: PageIndex) -> None:
    """Make one element of each ``dt`` that names a writer and the ``dd`` behind it."""
    for listing in list(index.root.iter("dl"))[:_MOST_GROUPS]:
        terms = [child for child in listing if child.tag == "dt"]
        heads = [parse_byline(inline(term)) for term in terms[:3]]
        if any(head is not None and head.name is not None for head in heads):
            for wrapper in group_runs(terms):
                index.add(wrapper)


def _judged(groups: Iterable[_Group], context: Context, rules: Rules) -> list[_Group]:
    sidebar: dict[HtmlElement, Place] = {}
    dated: list[_Group] = []
    undated: list[_Group] = []
    for group in groups:
        group.elements = [e for e in group.elements if not in_sidebar(e, rules, sidebar)]
        if group.elements:
            (dated if _is_dated(group.elements) else undated).append(group)
    judged: list[_Group] = []
    top = 0.0
    for group in sorted(dated, key=lambda group: -len(group.elements)):
        if _MOST_WORTH * len(group.elements) < 0.9 * top:
            break  # cannot come near the best any more
        if (group.marked or announced(group.elements, rules)) and _judge(group, context):
            judged.append(group)
            top = max(top, group.worth if group.full else 0.0)
    full = [group for group in judged if group.full]
    # Names without times are poor evidence: taken only where nothing else is there.
    return full or judged or [g for g in undated if g.marked and _judge(g, context)]


def _is_dated(elements: Sequence[HtmlElement]) -> bool:
    """Whether most of a few members could show a time."""
    sample = elements[:: max(1, len(elements) // _SAMPLE)][:_SAMPLE]
    return sum(1 for e in sample if _DATE_LIKE.search(_head(e))) >= len(sample) / 2


def announced(elements: Sequence[HtmlElement], rules: Rules) -> bool:
    """Whether a heading or a button says that these are comments.

    Feeds, tables and lists of posts repeat names, times and prose too.
    """
    cues = load_cues()
    replies = sum(
        1
        for element in elements[:_SAMPLE]
        for button in element.iter("a", "button")
        if len(button) < 4 and cue_key(inline(button)) in _REPLY_WORDS
    )
    if replies >= min(len(elements), _SAMPLE) / 2:
        return True
    above = few(ancestors(elements[0]), 4)
    for place in above:
        if place.tag in ("body", "html"):
            break
        if any(rules.comment_names.search(name) for name in tokens(place)):
            return True
    for place in (elements[0], *above[:3]):
        for brother in few(place.itersiblings(preceding=True), 4):
            heading = inline(brother) if is_short(brother, LONGEST_CUE) else ""
            if cues.kinds(heading) & {"count", "open"}:
                return True
    return False


def _best(judged: Sequence[_Group]) -> _Group:
    top = max(group.worth for group in judged)
    near = [group for group in judged if group.worth >= 0.9 * top]
    longest = max(group.size for group in near)
    # Around each comment stand wrappers that read the same: take the innermost
    # one that still holds all of the text.
    near = [group for group in near if group.size >= 0.75 * longest]
    return min(near, key=lambda group: (group.size, -_depth(group.elements[0])))


def _with_kin(best: _Group, judged: Sequence[_Group], index: PageIndex) -> list[HtmlElement]:
    """The members of ``best``, and of groups that only have a class more or less.

    Answers, or an author's own comments, often carry a class of their own.
    """
    tag, classes = signature(best.elements[0])
    members = set(best.elements)
    around = {above for element in best.elements for above in ancestors(element)}
    for group in judged:
        other_tag, other = signature(group.elements[0])
        if group is best or other_tag != tag or not (classes and other):
            continue
        if not (classes <= other or other <= classes):
            continue
        fresh = [e for e in group.elements if e not in members and e not in around]
        members.update(e for e in fresh if not any(a in best.elements for a in ancestors(e)))
    if len(members) == len(best.elements):
        return best.elements
    return [element for element in index.root.iter(tag) if element in members]


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
        groups.setdefault(_key(element, rules), []).append(element)
    sizable = {key: group for key, group in groups.items() if len(group) <= _MOST_MEMBERS}
    merged = _merge_brothers(dict(list(sizable.items())[:_MOST_GROUPS]), index)
    return [_Group(group, True) for group in merged]


def _merge_brothers(
    groups: dict[Key, list[HtmlElement]], index: PageIndex
) -> list[list[HtmlElement]]:
    """Groups that differ by a class more, and whose members are brothers, made one."""
    parents = {key: {e.getparent() for e in group} for key, group in groups.items()}
    merged: dict[Key, list[HtmlElement]] = {}
    for key in sorted(groups, key=lambda key: len(key[1])):
        tag, classes, shape = key
        kin = next(
            (
                other
                for other in merged
                if other[0] == tag
                and other[1]
                and other[1] < classes
                and not shape
                and not parents[other].isdisjoint(parents[key])
            ),
            None,
        )
        if kin is None:
            merged[key] = groups[key]
        else:
            members = {*merged[kin], *groups[key]}
            merged[kin] = [e for e in index.everything if e in members]
            parents[kin] |= parents[key]
    return list(merged.values())


def _key(element: HtmlElement, rules: Rules) -> Key:
    """What members of one group share: an id but for its number, else tag and classes."""
    tag, classes = signature(element)
    identifier = (element.get("id") or "")[:80].lower()
    if not _DIGIT.search(identifier):
        return tag, classes, "" if classes else identifier
    shape = re.sub(r"[0-9a-f]*\d[0-9a-f]*", "#", identifier)
    if rules.comment_names.search(shape) or not classes:
        return tag, frozenset(), shape
    return tag, classes, ""


def _brothers(index: PageIndex) -> list[_Group]:
    families: dict[tuple[HtmlElement, str, frozenset[str]], list[HtmlElement]] = {}
    for element in index.root.iter(*_CANDIDATES):
        parent = element.getparent()
        if parent is not None and len(element):
            families.setdefault((parent, *signature(element)), []).append(element)
    groups = []
    for members in families.values():
        if not 2 <= len(members) <= _MOST_MEMBERS:
            continue
        if _is_dated(members):
            groups.append(_Group(members, False))
    groups.sort(key=lambda group: -len(group.elements))
    return groups[:_MOST_GROUPS]


def _head(element: HtmlElement, limit: int = 600) -> str:
    parts: list[str] = []
    length = 0
    for inner in element.iter("time", "abbr", "meta"):
        parts.append(inner.get("datetime") or inner.get("content") or inner.get("title") or "")
        break
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
    needed = 0.0 if group.marked else 0.75 * len(sample)
    for left, element in zip(range(len(sample), 0, -1), sample, strict=True):
        if full + left < needed or (teasers and not group.marked):
            # Told already. Tables in tables hold all the rest of the page in a last row each;
            # to read those rows as well would take the square of its size.
            return False
        draft = glance(Item.of(element, known), trial)
        text = draft.text or ""
        if not _is_prose(text):
            continue
        named, timed = draft.author_name is not None, draft.created_at is not None
        timed = timed or trial.inexact_times > 0
        trial.inexact_times = 0
        if not (named or timed):
            continue
        if _is_teaser(element, draft.author_name):
            teasers += 1
            continue
        full += named and timed
        score += 1 + named + timed
        size += len(text)
    if not group.marked and (full < needed or teasers):
        return False
    if full == 0 and (len(members) == 1 or score < len(sample)):
        return False
    if teasers > 0.5 * len(sample):
        return False
    scale = len(members) / len(sample)
    group.worth, group.size = score * scale, int(size * scale)
    group.full = full >= len(sample) / 2
    return group.worth > 0


def _is_prose(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def _is_teaser(element: HtmlElement, author: str | None) -> bool:
    """A heading that leads to another page: an entry of a list of articles."""
    for heading in element.iter("h1", "h2", "h3", "h4"):
        if author is not None and inline(heading) == author:
            continue
        for link in (*heading.iter("a"), heading.getparent()):
            href = link.get("href") or "" if link is not None and link.tag == "a" else ""
            if href and not href.startswith(("#", "javascript:")) and "#" not in href:
                return True
    return False
