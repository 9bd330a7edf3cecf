"""What ``selectors.toml`` knows of platforms and of the words in class names.

A platform is tried on a page only where the classes and ids that its selectors
name are there, so sixty platforms cost a page next to nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from lxml.html import HtmlElement

from toolkit.parsing.html.css import ElementIndex, PageIndex, Simple, compile_selector

_FILE: Final = "selectors.toml"


class Role:
    """What an element is within a comment, as its names tell; values to be or-ed.

    Plain integers, since roles are asked for more often than anything else.
    """

    NONE: Final = 0
    AUTHOR: Final = 1
    #: A weaker hint of the author ("name", "user").
    PERSON: Final = 2
    TIME: Final = 4
    TEXT: Final = 8
    #: Buttons, votes, avatars, signatures: never the comment's own words.
    FURNITURE: Final = 16
    #: A line about the comment: author, time, subject.
    HEAD: Final = 32
    #: Holds the answers to the comment.
    REPLIES: Final = 64


_ROLES: Final = {
    "author": Role.AUTHOR,
    "person": Role.PERSON,
    "time": Role.TIME,
    "text": Role.TEXT,
    "furniture": Role.FURNITURE,
    "head": Role.HEAD,
    "replies": Role.REPLIES,
}


@dataclass(frozen=True, slots=True)
class Selector:
    """CSS selectors in order of preference."""

    alternatives: tuple[Simple, ...]

    @classmethod
    def of(cls, css: str | Iterable[str]) -> Selector:
        """From one string with commas, or a list. Raises ValueError for what is no CSS."""
        parts = css.split(",") if isinstance(css, str) else list(css)
        return cls(tuple(compile_selector(part.strip()) for part in parts))

    def may_match(self, index: PageIndex) -> bool:
        """False where no alternative can match an element of the page."""
        return any(index.may_hold(simple) for simple in self.alternatives)

    def all(self, index: PageIndex) -> list[HtmlElement]:
        """The elements of the page that match any alternative, in document order."""
        found: dict[HtmlElement, None] = {}
        several = 0
        for simple in self.alternatives:
            before = len(found)
            found.update(dict.fromkeys(simple.find(index)))
            several += len(found) > before
        return list(found) if several < 2 else [e for e in index.root.iter() if e in found]

    def by_alternative(self, index: ElementIndex) -> Iterator[HtmlElement]:
        """The elements that match, those of the first alternative first."""
        for simple in self.alternatives:
            yield from simple.find(index)

    def among(self, elements: Iterable[HtmlElement]) -> set[HtmlElement]:
        """Those of ``elements`` that match any alternative."""
        return set(self.by_alternative(ElementIndex(elements)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """How one system marks up its comments. See the head of ``selectors.toml``."""

    name: str
    item: Selector
    without: Selector | None = None
    section: Selector | None = None
    run: Selector | None = None
    author: Selector | None = None
    profile: Selector | None = None
    time: Selector | None = None
    text: Selector | None = None
    subject: Selector | None = None
    drop: Selector | None = None
    reply_to: Selector | None = None
    likes: Selector | None = None
    article: Selector | None = None
    ident: re.Pattern[str] | None = None
    parent: re.Pattern[str] | None = None
    parent_around: re.Pattern[str] | None = None
    level: re.Pattern[str] | None = None
    level_from: Selector | None = None
    #: What the page counts the top level as.
    level_base: int = 0
    level_step: int = 1
    first_is_article: bool = False
    needs: tuple[str, ...] = ()
    in_markup: tuple[str, ...] = ()

    def may_be(self, index: PageIndex, markup: str) -> bool:
        """False where the page cannot be of this platform."""
        return (
            all(name in index.names for name in self.needs)
            and self.item.may_match(index)
            and (not self.in_markup or any(sign in markup for sign in self.in_markup))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    """A system that loads its comments by script, and how to get at them."""

    name: str
    signs: tuple[str, ...]
    export: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The whole of ``selectors.toml``."""

    platforms: tuple[Platform, ...]
    embeds: tuple[Embed, ...]
    comment_names: re.Pattern[str]
    not_comment_names: re.Pattern[str]
    sidebar_names: re.Pattern[str]
    recent_names: re.Pattern[str]
    roles: Mapping[str, int] = field(default_factory=dict)
    stems: tuple[str, ...] = ()
    #: Last words of class names that only say how something looks ("text-right").
    layout: frozenset[str] = frozenset()


_PLATFORM_SELECTORS: Final = frozenset(
    {
        "item",
        "without",
        "section",
        "run",
        "author",
        "profile",
        "time",
        "text",
        "subject",
        "drop",
        "reply_to",
        "likes",
        "article",
        "level_from",
    }
)
_PLATFORM_PATTERNS: Final = frozenset({"ident", "parent", "parent_around", "level"})


@lru_cache(maxsize=1)
def rules() -> Rules:
    """The built-in rules, read once."""
    return load((files("toolkit.parsing") / _FILE).read_text(encoding="utf-8"))


def load(text: str) -> Rules:
    """Rules from the text of a selectors file.

    Raises ValueError naming the platform and the key that does not hold.
    """
    data = tomllib.loads(text)
    words = data["words"]
    roles: dict[str, int] = {}
    for name, role in _ROLES.items():
        for word in words[name].split():
            roles[word] = roles.get(word, Role.NONE) | role
    return Rules(
        platforms=tuple(_platform(entry) for entry in data["platform"]),
        embeds=tuple(
            Embed(name=e["name"], signs=tuple(e["signs"]), export=e["export"])
            for e in data["embed"]
        ),
        comment_names=re.compile(words["comment_names"]),
        not_comment_names=re.compile(words["not_comment_names"]),
        sidebar_names=re.compile(words["sidebar_names"]),
        recent_names=re.compile(words["recent_names"]),
        roles=roles,
        stems=tuple(words["stems"].split()),
        layout=frozenset(words["layout"].split()),
    )


def _platform(entry: dict[str, Any]) -> Platform:
    name = entry.get("name", "?")
    values: dict[str, Any] = {}
    for key, value in entry.items():
        try:
            if key in _PLATFORM_SELECTORS:
                values[key] = Selector.of(value)
            elif key in _PLATFORM_PATTERNS:
                values[key] = re.compile(value)
            elif key in ("needs", "in_markup"):
                values[key] = tuple(value)
            else:
                values[key] = value
        except (re.error, AttributeError, ValueError) as error:
            raise ValueError(f"selectors of {name}: {key}: {error}") from error
    try:
        return Platform(**values)
    except TypeError as error:
        raise ValueError(f"selectors of {name}: {error}") from error


_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_A-Za-z]+")


def roles_of_names(names: str) -> int:
    """The roles that the words in a string of class names and ids stand for."""
    return _roles_of_names(names[:300])


@lru_cache(maxsize=16_384)
def _roles_of_names(names: str) -> int:
    found = Role.NONE
    for token in names.split():
        found |= _role_of_token(token)
    return found


@lru_cache(maxsize=16_384)
def _role_of_token(token: str) -> int:
    """The role of one name: its last word that has any, as "author" in ``reply-author-link``."""
    known = rules()
    parts = [word.lower() for word in _WORDS.findall(token)]
    if parts and parts[-1] in known.layout:
        return Role.NONE
    roles = [_role_of_word(word, known) for word in parts]
    role = next((role for role in reversed(roles) if role), Role.NONE)
    if role & Role.PERSON and any(other & Role.AUTHOR for other in roles):
        role |= Role.AUTHOR
    return role


def _role_of_word(word: str, known: Rules) -> int:
    role = known.roles.get(word, Role.NONE)
    for stem in known.stems:
        if not role and word.startswith(stem):
            role = known.roles.get(word[len(stem) :], Role.NONE)
    return role
