"""The fields of one comment, read from its element.

What a platform's selectors name is taken from there. Everything else is told
by what is the same everywhere: names in classes, microdata, ``time`` elements,
addresses that hold an id, and the order in which a comment shows its parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml.html import HtmlElement

from toolkit.parsing.byline import parse_byline
from toolkit.parsing.cues import load_cues
from toolkit.parsing.html.css import ElementIndex
from toolkit.parsing.html.nodes import Item, Node, author_weight, contains, role_of
from toolkit.parsing.html.place import fragment, key_of, level_of, number_in, parent_of, search
from toolkit.parsing.html.rules import Platform, Role, Selector
from toolkit.parsing.html.text import inline, lines_of, readable
from toolkit.parsing.html.tree import ancestors, is_short
from toolkit.parsing.html.words import (
    LONGEST_HEADER,
    Context,
    clean_name,
    exact_time,
    few,
    in_header,
    is_control,
    is_gone,
    is_own_link,
    profile_address,
    when_in,
)
from toolkit.parsing.thread import Draft
from toolkit.text.normalize import collapse

_AUTHOR_ATTRIBUTES: Final = (
    "data-author", "data-comment-author", "data-username", "data-user-name", "data-author-name",
    "author",
)  # fmt: skip
_ITEM_TIMES: Final = ("data-timestamp", "data-comment-timestamp", "data-time", "data-created")
#: What screen readers are told of a comment.
_BY: Final = re.compile(
    r"(?:Comment|Reply) (?:by|from) (.+?)(?:,? (?:an?|\d+) \w+ ago)?\.?$", re.IGNORECASE
)
_NAME_TAGS: Final = frozenset({"a", "b", "strong", "cite", "span", "h3", "h4", "h5", "h6"})


def read(item: Item, context: Context, platform: Platform | None = None) -> Draft:
    """The comment in ``item``; ``text`` is '' where none was found."""
    return _Reader(item, context, platform).draft()


def glance(item: Item, context: Context) -> Draft:
    """As :func:`read`, without the comment's place, and with less effort: to judge a group."""
    return _Reader(item, context, None).sketch()


class _Reader:
    def __init__(self, item: Item, context: Context, platform: Platform | None) -> None:
        self.item = item
        self.context = context
        self.platform = platform
        self.roles = {node.element: node.role for node in item.nodes}
        self.index = ElementIndex(self.roles) if platform is not None else ElementIndex(())
        self.dropped = set(self._select("drop"))
        self.handle: str | None = None
        self.author_at: HtmlElement | None = None
        self.time_at: HtmlElement | None = None
        self.body: list[HtmlElement] = []
        self.header: list[str] = []
        self.inexact = False

    def sketch(self, lines: int = 2) -> Draft:
        """Who, when and what; ``lines`` of the header are read where markup does not tell."""
        created = self._time()
        name = self._author()
        text = self._text(name)
        if name is None or created is None:
            self.header = self._header(text, lines)
            known = name
            name, created = self._from_header(self.header, name, created)
            if name != known and not self.body:
                text = self._beside_header(name)
                if created is None:
                    # Only now it shows which lines are the header's.
                    self.header = self._header(text, lines)
                    name, created = self._from_header(self.header, name, created)
        if created is None and self.inexact:
            self.context.inexact_times += 1
        elif created is not None and created.tzinfo is None:
            self.context.naive_times += 1
        status = is_gone(text)
        if name is not None and is_gone(name) is not None:
            name = None
        return Draft(
            text=None if status else text,
            author_name=name,
            author_handle=self.handle,
            created_at=created,
            source_status=status or "published",
        )

    def draft(self) -> Draft:
        draft = self.sketch(8)
        draft.key = self._key()
        draft.parent_key = self._parent_key()
        draft.reply_to = self._reply_to(draft.text or "", draft.author_name)
        draft.level = self._level()
        draft.like_count = self._likes()
        return draft

    def role(self, element: HtmlElement) -> int:
        """The role of an element of this comment."""
        role = self.roles.get(element)
        return role_of(element) if role is None else role

    def _select(self, name: str) -> list[HtmlElement]:
        selector: Selector | None = getattr(self.platform, name) if self.platform else None
        if selector is None:
            return []
        return list(selector.by_alternative(self.index))

    # --- author ---

    def _author(self) -> str | None:
        for element in self._select("author"):
            if (name := self._name_in(element)) is not None:
                self._found_author(element)
                return name
        for attribute in _AUTHOR_ATTRIBUTES:
            if name := clean_name(self.item.element.get(attribute) or "", exact=True):
                self._found_author(None)
                return name
        best: tuple[int, HtmlElement, str] | None = None
        for node in self.item.nodes:
            weight = author_weight(node)
            if weight <= 0 or (best is not None and weight <= best[0]):
                continue
            if (name := self._name_in(node.element)) is not None:
                best = (weight, node.element, name)
        if best is None:
            said = _BY.match((self.item.element.get("aria-label") or "")[:200])
            return clean_name(said[1], exact=True) if said else None
        self._found_author(best[1])
        return best[2]

    def _name_in(self, element: HtmlElement) -> str | None:
        def skip(inner: HtmlElement) -> bool:
            role = self.role(inner)
            if role & Role.AUTHOR and inner.tag != "time":
                return False
            return bool(role & (Role.TIME | Role.FURNITURE)) or inner in self.item.nested

        alone = element.tag in ("a", "cite", "b", "strong") or "fn" in element.get("class", "")
        is_meta = element.tag == "meta"
        lines = [element.get("content") or ""] if is_meta else lines_of(element, skip)
        # A badge or a date may stand on a line of its own below the name.
        names = (clean_name(line, self.context, exact=alone, named=True) for line in lines[:6])
        return next(filter(None, names), None)

    def _found_author(self, element: HtmlElement | None) -> None:
        self.author_at = element
        links = self._select("profile")
        if not links and element is not None:
            near = (element, *element.iter("a"), *few(ancestors(element), 2))
            links = [e for e in near if e.tag == "a" and e in self.roles]
        for link in links:
            if (address := profile_address(link, self.context)) is not None:
                self.handle = address
                break

    # --- time ---

    def _time(self) -> datetime | None:
        item = self.item.element
        candidates = self._select("time")
        by_role = [n.element for n in self.item.nodes if n.role & Role.TIME]
        links = [
            n.element
            for n in self.item.nodes
            if n.element.tag in ("abbr", "relative-time", "small", "a")
            and (n.element.tag != "a" or "#" in (n.element.get("href") or ""))
        ]
        heads = [n.element for n in self.item.nodes if n.role & (Role.HEAD | Role.AUTHOR)]
        for element in dict.fromkeys((*candidates, *by_role, *links, *heads)):
            value, inexact = when_in(element, self.context)
            if (value is not None or inexact) and self.time_at is None and element not in heads:
                self.time_at = element
            self.inexact |= inexact
            if value is not None:
                return value
        for attribute in _ITEM_TIMES:
            raw = item.get(attribute)
            if raw and (value := exact_time(raw)) is not None:
                return value
        return None

    # --- text ---

    def _text(self, name: str | None) -> str:
        """The comment's own words."""
        best, text = self._named_body()
        named = best is not None
        if not named:
            for node in self.item.nodes:
                if not self._may_be_body(node) or (best and contains(best[0], node.element)):
                    continue
                found = readable(node.element, self._skip_in_body)
                if len(found) > len(text):
                    best, text = [node.element], found
        if best is not None and (named or self._rest(best) <= 2 * len(text) + 40):
            self.body = best
            subject = self._subject(text)
            return f"{subject}\n\n{text}" if subject else text
        return self._beside_header(name)

    def _rest(self, body: list[HtmlElement]) -> int:
        """How many code points are left of the comment beside ``body`` and its furniture."""
        return sum(map(len, lines_of(self.item.element, _Skip(self, body))))

    def _named_body(self) -> tuple[list[HtmlElement] | None, str]:
        """What the platform's selectors say is the body: all parts of the first that has text."""
        selector = self.platform.text if self.platform else None
        if selector is None:
            return None, ""
        for simple in selector.alternatives:
            parts: list[HtmlElement] = []
            for element in simple.find(self.index):
                if not self._holds_header(element) and not any(contains(p, element) for p in parts):
                    parts.append(element)
            texts = [readable(element, self._skip_in_body) for element in parts]
            if any(texts):
                return parts, "\n\n".join(filter(None, texts))
        return None, ""

    def _holds_header(self, element: HtmlElement) -> bool:
        """Whether author or time are in ``element``: then it is more than the body."""
        marks = (self.author_at, self.time_at)
        return any(m is not None and (m is element or contains(element, m)) for m in marks)

    def _may_be_body(self, node: Node) -> bool:
        role = node.role
        if not role & Role.TEXT or role & (Role.TIME | Role.HEAD):
            return False
        if role & (Role.AUTHOR | Role.FURNITURE) and is_short(node.element, LONGEST_HEADER):
            return False
        return not self._holds_header(node.element)

    def _beside_header(self, name: str | None) -> str:
        """Everything in the comment but its header lines and its furniture."""
        lines = readable(self.item.element, _Skip(self, [])).split("\n")
        # "Agree" may be a button, or all that somebody wrote.
        return self._trimmed(lines, name, buttons=True) or self._trimmed(lines, name, buttons=False)

    def _trimmed(self, lines: list[str], name: str | None, *, buttons: bool) -> str:
        """``lines`` without those at both ends that belong to the header."""

        def is_outer(line: str) -> bool:
            line = line.strip()
            bare = not line.strip("[](){}|/•· ")
            return bare or in_header(line, name, self.context, buttons=buttons)

        start, end = 0, len(lines)
        while start < end and is_outer(lines[start]):
            start += 1
        while start < end and is_outer(lines[end - 1]):
            end -= 1
        return "\n".join(lines[start:end]).strip()

    def _skip_in_body(self, element: HtmlElement) -> bool:
        if element in self.item.nested or element is self.author_at or element is self.time_at:
            return True
        if element in self.dropped:
            return is_short(element, 400)
        role = self.role(element)
        if role & Role.FURNITURE and not role & Role.TEXT and is_short(element, LONGEST_HEADER):
            return True
        return element.tag in ("a", "button") and self.is_button(element)

    def is_button(self, element: HtmlElement) -> bool:
        """A link or a button of the page, not of the person who wrote."""
        if element.tag == "a" and not is_own_link(element, self.context):
            return False
        return is_short(element, 60) and is_control(inline(element))

    def _subject(self, text: str) -> str:
        for element in self._select("subject"):
            subject = inline(element)
            start = subject.rstrip("….").casefold()
            if subject and not subject.lower().startswith("re:"):
                return "" if collapse(text).casefold().startswith(start) else subject
        return ""

    # --- what only the header's wording tells ---

    def _header(self, text: str, most: int = 8) -> list[str]:
        """The lines around the comment's own words: before them, then behind them."""

        def skip(element: HtmlElement) -> bool:
            if element in self.body or element in self.item.nested:
                return True
            return element.tag in ("a", "button") and self.is_button(element)

        lines = [line.strip() for line in lines_of(self.item.element, skip)]
        said = {line.strip() for line in text.split("\n")} if not self.body else set()
        lines = [line for line in lines if line and len(line) <= LONGEST_HEADER]
        lines = [line for line in lines if line not in said] or lines[:1]
        return list(dict.fromkeys((*lines[: most - 1], *lines[-1:])))

    def _from_header(
        self, header: list[str], name: str | None, created: datetime | None
    ) -> tuple[str | None, datetime | None]:
        """Name and time from the lines of the header, then from all of it as one line."""
        language, dayfirst = self.context.language, self.context.dayfirst
        for line in dict.fromkeys((*header, " ".join(header)[:LONGEST_HEADER])):
            said = parse_byline(line, dayfirst=dayfirst, language=language)
            if said is None:
                continue
            if said.when is not None and created is None:
                created = said.created_at
                self.inexact |= created is None
            if said.name is not None and name is None:
                name = said.name
                self.handle = self.handle or said.handle
        if name is None:
            name = self._first_name_tag()
        return name, created

    def _first_name_tag(self) -> str | None:
        """A short bold or linked text at the very start, as old systems print a name."""
        for node in self.item.nodes[:12]:
            element = node.element
            if element.tag not in _NAME_TAGS or element is self.time_at:
                continue
            if element.tag == "span" and len(element):
                continue
            text = inline(element)
            if text and not is_control(text):
                name = clean_name(text, self.context)
                short = name is not None and len(name.split()) <= 4
                if short and element.tag != "span":
                    self._found_author(element)
                    return name
                return None
        return None

    # --- place in the thread ---

    def _key(self) -> str | None:
        element = self.item.element
        pattern = self.platform.ident if self.platform else None
        if pattern is not None and (found := search(pattern, element)) is not None:
            return found
        return key_of(element, (node.element for node in self.item.nodes))

    def _parent_key(self) -> str | None:
        pattern = self.platform.parent if self.platform else None
        if pattern is not None:
            return search(pattern, self.item.element)
        around = self.platform.parent_around if self.platform else None
        if around is not None:
            above = few(ancestors(self.item.element), 3)
            return next((key for e in above if (key := search(around, e)) is not None), None)
        if (stated := parent_of(self.item.element)) is not None:
            return stated
        for link in self._select("reply_to"):
            if (target := fragment(link)) is not None:
                return target
        return None

    def _reply_to(self, text: str, name: str | None) -> str | None:
        for element in self._select("reply_to"):
            said = inline(element)
            parent = load_cues().reply_to(said) or clean_name(said, self.context)
            if parent and parent != name:
                return parent
        header = self.header
        if self.platform is None and not header:
            header = self._header(text)
        return next((to for line in header if (to := load_cues().reply_to(line))), None)

    def _level(self) -> int | None:
        platform, element = self.platform, self.item.element
        if platform is not None and platform.level is not None:
            place = next(iter(self._select("level_from")), element)
            found = search(platform.level, place)
            if found is not None and found.isdigit():
                return max(0, int(found[:6]) // platform.level_step - platform.level_base)
        return level_of(element)

    def _likes(self) -> int | None:
        for element in self._select("likes"):
            for text in (element.get("data-likes"), element.get("title"), inline(element)):
                if text and (number := number_in(text)) is not None:
                    return number
        return None


@dataclass(slots=True)
class _Skip:
    """Leaves out of a comment what is not its own words."""

    reader: _Reader
    body: list[HtmlElement]

    def __call__(self, element: HtmlElement) -> bool:
        reader = self.reader
        nested = reader.item.nested
        if element in self.body or element in nested:
            return True
        if not self.body and element in (reader.author_at, reader.time_at):
            return True
        role = reader.role(element)
        if role & Role.REPLIES and nested and any(contains(element, e) for e in nested):
            return True
        if role & Role.FURNITURE and not role & (Role.TEXT | Role.AUTHOR):
            return is_short(element, LONGEST_HEADER)
        if element.tag in ("a", "button") and reader.is_button(element):
            return True
        if self.body or role & Role.TEXT:
            return False
        if not role & (Role.TIME | Role.AUTHOR | Role.HEAD) or not is_short(
            element, LONGEST_HEADER
        ):
            return False
        # Some themes put all of a short comment into an element called "author".
        context = reader.context
        return all(in_header(inline(p), None, context) or not inline(p) for p in element.iter("p"))
