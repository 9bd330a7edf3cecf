"""What ``selectors.toml`` knows of platforms and of the words in class names.

CSS selectors are kept as data and turned into XPath when a page first needs
them. A selector is tried on a page only where every class and id it names
occurs in the markup, so forty platforms cost a page next to nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntFlag
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from cssselect import HTMLTranslator, SelectorError
from lxml import etree
from lxml.html import HtmlElement

_FILE: Final = "selectors.toml"


class Role(IntFlag):
    """What an element is within a comment, as its names tell."""

    NONE = 0
    AUTHOR = 1
    #: A weaker hint of the author ("name", "user").
    PERSON = 2
    TIME = 4
    TEXT = 8
    #: Buttons, votes, avatars, signatures: never the comment's own words.
    FURNITURE = 16
    #: A line about the comment: author, time, subject.
    HEAD = 32
    #: Holds the answers to the comment.
    REPLIES = 64


@dataclass(frozen=True, slots=True)
class Selector:
    """A list of CSS selectors, compiled on first use."""

    alternatives: tuple[str, ...]
    #: For each alternative, the names that must occur in the markup.
    needs: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, css: str | Iterable[str]) -> Selector:
        """From one string with commas, or a list in order of preference."""
        parts = css.split(",") if isinstance(css, str) else list(css)
        alternatives = tuple(part.strip() for part in parts)
        return cls(alternatives, tuple(map(_names_in, alternatives)))

    def may_match(self, markup: str) -> bool:
        """False where no alternative can match a page with this markup."""
        return any(all(name in markup for name in names) for names in self.needs)

    def all(self, element: HtmlElement) -> list[HtmlElement]:
        """Descendants of ``element`` that match any alternative, in document order."""
        return _evaluate(", ".join(self.alternatives), "descendant::", element)

    def by_preference(self, element: HtmlElement) -> Iterator[HtmlElement]:
        """Descendants that match, those of the first alternative first."""
        for css in self.alternatives:
            yield from _evaluate(css, "descendant::", element)

    def matches(self, element: HtmlElement) -> bool:
        """Whether ``element`` itself matches."""
        return bool(_evaluate(", ".join(self.alternatives), "self::", element))


_NAME: Final = re.compile(r"[.#]([A-Za-z_][\w-]*)|\[([\w-]+)(?:[~|^$*]?=\s*[\"']?([^\"'\]]+))?")


def _names_in(css: str) -> tuple[str, ...]:
    css = re.sub(r":not\([^)]*\)", "", css)
    names = [name for found in _NAME.findall(css) for name in found if name]
    if not names:
        # A custom element says enough by its tag.
        names = re.findall(r"[a-z]+-[a-z-]+", css)
    return tuple(names)


def _evaluate(css: str, axis: str, element: HtmlElement) -> list[HtmlElement]:
    found: list[HtmlElement] = _compiled(css, axis)(element)
    return found


@lru_cache(maxsize=4096)
def _compiled(css: str, axis: str) -> etree.XPath:
    return etree.XPath(HTMLTranslator().css_to_xpath(css, prefix=axis))


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
    level: re.Pattern[str] | None = None
    level_from: Selector | None = None
    #: What the page counts the top level as.
    level_base: int = 0
    first_is_article: bool = False
    needs: tuple[str, ...] = ()

    def may_be(self, markup: str) -> bool:
        """False where a page with this markup cannot be of this platform."""
        return all(name in markup for name in self.needs) and self.item.may_match(markup)


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
    roles: Mapping[str, Role] = field(default_factory=dict)
    stems: tuple[str, ...] = ()


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
_PLATFORM_PATTERNS: Final = frozenset({"ident", "parent", "level"})


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
    roles: dict[str, Role] = {}
    for role in Role:
        for word in words.get((role.name or "").lower(), "").split():
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
        roles=roles,
        stems=tuple(words["stems"].split()),
    )


def _platform(entry: dict[str, Any]) -> Platform:
    name = entry.get("name", "?")
    values: dict[str, Any] = {}
    for key, value in entry.items():
        try:
            if key in _PLATFORM_SELECTORS:
                values[key] = Selector.of(value)
                HTMLTranslator().css_to_xpath(", ".join(values[key].alternatives))
            elif key in _PLATFORM_PATTERNS:
                values[key] = re.compile(value)
            elif key == "needs":
                values[key] = tuple(value)
            else:
                values[key] = value
        except (SelectorError, re.error, AttributeError) as error:
            raise ValueError(f"selectors of {name}: {key}: {error}") from error
    try:
        return Platform(**values)
    except TypeError as error:
        raise ValueError(f"selectors of {name}: {error}") from error


_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_A-Za-z]+")


def roles_of_names(names: str) -> Role:
    """The roles that the words in a string of class names and ids stand for."""
    return _roles_of_names(names[:300])


@lru_cache(maxsize=16_384)
def _roles_of_names(names: str) -> Role:
    known = rules()
    found = Role.NONE
    for word in _WORDS.findall(names):
        word = word.lower()
        found |= known.roles.get(word, Role.NONE)
        for stem in known.stems:
            if word.startswith(stem) and len(word) > len(stem):
                found |= known.roles.get(word[len(stem) :], Role.NONE)
    return found
