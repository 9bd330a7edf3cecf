"""The elements of one comment, and what their names say they are."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from lxml.html import HtmlElement

from toolkit.parsing.html.rules import Role, roles_of_names
from toolkit.parsing.html.tree import ancestors, not_prose, words

_NAMING: Final = words(
    "class id itemprop data-role data-testid data-qa slot property data-hook component "
    "data-spot-im-class"
)


@dataclass(slots=True)
class Node:
    """An element of a comment, with what its names say it is."""

    element: HtmlElement
    role: int


@dataclass(slots=True)
class Item:
    """A comment's element, and the elements within it that are other comments."""

    element: HtmlElement
    nested: AbstractSet[HtmlElement] = frozenset()
    nodes: list[Node] = field(default_factory=list)

    @classmethod
    def of(cls, element: HtmlElement, others: AbstractSet[HtmlElement]) -> Item:
        """Collect the elements that are this comment's own, in document order."""
        nested: set[HtmlElement] = set()
        nodes: list[Node] = []
        stack = list(reversed(element))
        while stack:
            child = stack.pop()
            if child in others:
                nested.add(child)
                continue
            if child.tag != "button" and not_prose(child):
                continue
            nodes.append(Node(child, role_of(child)))
            stack.extend(reversed(child))
        return cls(element, nested, nodes)


def role_of(element: HtmlElement) -> int:
    """The role that tag, classes, id and microdata of ``element`` speak for."""
    names = [value for name, value in element.items() if name in _NAMING]
    role = roles_of_names(" ".join(names)) if names else Role.NONE
    tag = element.tag
    if tag == "time":
        role |= Role.TIME
    elif tag == "cite":
        role |= Role.AUTHOR
    elif tag == "button":
        role |= Role.FURNITURE
    elif tag == "a" and "author" in (element.get("rel") or ""):
        role |= Role.AUTHOR
    return role


def author_weight(node: Node) -> int:
    """How strongly the names of ``node`` say that it holds the author; 0 or less: not at all."""
    role, tag = node.role, node.element.tag
    if not role & (Role.AUTHOR | Role.PERSON) or tag in ("img", "form", "time"):
        return 0
    weight = 6 if role & Role.AUTHOR else 2
    if role & Role.FURNITURE:
        weight -= 4
    if role & Role.TEXT and not role & Role.AUTHOR:
        weight -= 2
    if role & Role.TIME:
        weight -= 2
    if tag in ("a", "b", "strong", "cite"):
        weight += 1
    return weight


def contains(outer: HtmlElement, inner: HtmlElement) -> bool:
    """Whether ``inner`` stands somewhere in ``outer``."""
    return any(above is outer for above in ancestors(inner))
