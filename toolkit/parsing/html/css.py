"""CSS selectors on one element at a time, and an index of a page to start from.

cssselect parses; what it parsed is turned into Python functions. XPath walks
the whole page once for each selector, which for some hundred selectors takes
longer than all the rest; an index of classes and ids leads to the few elements
that can match at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cssselect import parser
from lxml import etree
from lxml.html import HtmlElement

from toolkit.parsing.html.tree import xml_safe

#: Longer class lists and ids are no names but padding; they would be split anew
#: at every question.
_LONGEST_NAME: Final = 2_000

Test = Callable[[HtmlElement], bool]

_BLANK: Final = re.compile(r"\s")
_NAMED: Final = etree.XPath("descendant-or-self::*[@class != '' or @id != '']")


class ElementIndex:
    """Some elements by class, in document order."""

    def __init__(self, elements: Iterable[HtmlElement]) -> None:
        self.elements = list(elements)
        self.by_class: dict[str, list[HtmlElement]] = {}
        for element in self.elements:
            classes = element.get("class")
            if classes:
                for name in classes.split():
                    self.by_class.setdefault(name, []).append(element)

    def may_hold(self, simple: Simple) -> bool:
        """False where no element can match: a class that it must have is not there."""
        by_class = self.by_class
        return all(name in by_class for name in simple.classes)

    def with_tag(self, tag: str) -> Iterable[HtmlElement]:
        """The elements with this tag."""
        return (element for element in self.elements if element.tag == tag)

    def with_id_prefix(self, prefix: str) -> Iterable[HtmlElement]:
        """The elements whose id starts with ``prefix``."""
        return (e for e in self.elements if (e.get("id") or "").startswith(prefix))

    def with_attribute(self, name: str) -> Iterable[HtmlElement]:
        """The elements that have this attribute."""
        return (element for element in self.elements if element.get(name) is not None)


class PageIndex(ElementIndex):
    """The elements of a page that have a class or an id; all others are within reach."""

    def __init__(self, root: HtmlElement) -> None:
        # All elements are kept: to make one anew at each walk costs more than the walk.
        self.everything = list(root.iter())
        named: list[HtmlElement] = _NAMED(root)
        for element in named:
            for name in ("class", "id"):
                value = element.get(name)
                if value is not None and len(value) > _LONGEST_NAME:
                    element.set(name, xml_safe(value[:_LONGEST_NAME]))
        super().__init__(named)
        self.root = root
        self._with_names: dict[re.Pattern[str], list[HtmlElement]] = {}
        self._parts: dict[str, bool] = {}
        self.with_id = [(i, element) for element in self.elements if (i := element.get("id"))]
        #: All class names and ids in one string, to look for parts of them.
        self.names = f" {' '.join(self.by_class)} {' '.join(i for i, _ in self.with_id)} "

    def add(self, element: HtmlElement) -> None:
        """Index an element that was made after the page was read."""
        self.elements.append(element)
        for name in (element.get("class") or "").split():
            self.by_class.setdefault(name, []).append(element)
        if identifier := element.get("id"):
            self.with_id.append((identifier, element))
        self._with_names.clear()

    def may_hold(self, simple: Simple) -> bool:
        """As above; the classes around the subject must be on the page, too."""
        by_class = self.by_class
        return (
            all(name in by_class for name in simple.around)
            and super().may_hold(simple)
            and all(map(self._is_named, simple.parts))
        )

    def _is_named(self, part: str) -> bool:
        known = self._parts.get(part)
        if known is None:
            known = self._parts[part] = part in self.names
        return known

    def with_tag(self, tag: str) -> Iterable[HtmlElement]:
        """The elements of the page with this tag."""
        found: Iterable[HtmlElement] = self.root.iter(tag)
        return found

    def with_attribute(self, name: str) -> Iterable[HtmlElement]:
        """The elements of the page that have this attribute."""
        if name == "id":
            return (element for _, element in self.with_id)
        if name == "class":
            return self.elements
        found: list[HtmlElement] = _with_attribute(name)(self.root)
        return found

    def with_id_prefix(self, prefix: str) -> Iterable[HtmlElement]:
        """The elements whose id starts with ``prefix``."""
        if f" {prefix}" not in self.names:
            return ()
        return [element for name, element in self.with_id if name.startswith(prefix)]

    def with_names(self, pattern: re.Pattern[str]) -> list[HtmlElement]:
        """Elements with a class or id in which ``pattern`` is found, in document order.

        The pattern is tried on lower case.
        """
        known = self._with_names.get(pattern)
        if known is not None:
            return known
        search = pattern.search
        found = {e for name, es in self.by_class.items() if search(name.lower()) for e in es}
        found.update(element for name, element in self.with_id if search(name.lower()))
        ordered = [element for element in self.elements if element in found]
        self._with_names[pattern] = ordered
        return ordered


@dataclass(frozen=True, slots=True)
class Simple:
    """One compiled selector, with what its subject must have."""

    test: Test
    tag: str | None
    classes: tuple[str, ...]
    attribute: str | None
    prefix: str | None
    #: Classes of the elements that it must stand in or beside.
    around: tuple[str, ...]
    #: Parts of class names and ids that must be on the page, as ``PageIndex.names`` has them.
    parts: tuple[str, ...]

    def find(self, index: ElementIndex) -> Iterator[HtmlElement]:
        """The elements that match, in document order."""
        if not index.may_hold(self):
            return iter(())
        if self.classes:
            rarest = min(self.classes, key=lambda name: len(index.by_class[name]))
            candidates: Iterable[HtmlElement] = index.by_class[rarest]
        elif self.prefix is not None:
            candidates = index.with_id_prefix(self.prefix)
        elif self.attribute is not None:
            candidates = index.with_attribute(self.attribute)
        elif self.tag is not None:
            return filter(self.test, index.with_tag(self.tag))
        else:
            candidates = index.elements
        tag = self.tag
        if tag is not None:
            candidates = (element for element in candidates if element.tag == tag)
        return filter(self.test, candidates)


@lru_cache(maxsize=256)
def _with_attribute(name: str) -> etree.XPath:
    return etree.XPath(f"descendant-or-self::*[@{name}]")


@lru_cache(maxsize=4096)
def compile_selector(css: str) -> Simple:
    """Compile one selector without commas.

    Raises ValueError for CSS that is no selector, or uses what is not
    supported here: pseudo-elements, and pseudo-classes other than ``:not``.
    """
    try:
        (selector,) = parser.parse(css)
    except (parser.SelectorSyntaxError, ValueError) as error:
        raise ValueError(f"{css!r} is no single CSS selector: {error}") from error
    if selector.pseudo_element is not None:
        raise ValueError(f"{css!r}: pseudo-elements are not supported")
    tree = selector.parsed_tree
    subject = tree.subselector if isinstance(tree, parser.CombinedSelector) else tree
    tag, classes, attribute, prefix = None, [], None, None
    while not isinstance(subject, parser.Element):
        if isinstance(subject, parser.Class):
            classes.append(subject.class_name)
        elif isinstance(subject, parser.Hash):
            attribute, prefix = "id", subject.id
        elif isinstance(subject, parser.Attrib):
            attribute = subject.attrib
            if attribute == "id" and subject.operator in ("^=", "=") and subject.value is not None:
                prefix = subject.value.value
        subject = subject.selector
    tag = subject.element
    around = _classes(tree.selector) if isinstance(tree, parser.CombinedSelector) else ()
    return Simple(
        _test(tree), tag, tuple(classes), attribute, prefix, tuple(around), tuple(_parts(tree))
    )


def _compounds(tree: parser.Tree) -> Iterator[parser.Tree]:
    """Every class, id and attribute without which nothing matches ``tree``."""
    if isinstance(tree, parser.CombinedSelector):
        yield from _compounds(tree.selector)
        yield from _compounds(tree.subselector)
        return
    while not isinstance(tree, parser.Element):
        if not isinstance(tree, parser.Negation):
            yield tree
        tree = tree.selector


def _classes(tree: parser.Tree) -> Iterator[str]:
    return (part.class_name for part in _compounds(tree) if isinstance(part, parser.Class))


def _parts(tree: parser.Tree) -> Iterator[str]:
    for part in _compounds(tree):
        if isinstance(part, parser.Hash):
            yield f" {part.id} "
        elif isinstance(part, parser.Attrib) and part.attrib in ("class", "id"):
            value = part.value.value if part.value is not None else ""
            if value and not _BLANK.search(value):
                start = " " if part.operator in ("=", "~=", "^=") else ""
                end = " " if part.operator in ("=", "~=", "$=") else ""
                yield f"{start}{value}{end}"


def _test(tree: parser.Tree) -> Test:
    if isinstance(tree, parser.Element):
        tag = tree.element
        return (lambda _: True) if tag is None else (lambda e: e.tag == tag)
    if isinstance(tree, parser.CombinedSelector):
        return _combined(_test(tree.selector), tree.combinator, _test(tree.subselector))
    if isinstance(tree, parser.Class):
        name, inner = tree.class_name, _test(tree.selector)
        return lambda e: name in (e.get("class") or "").split() and inner(e)
    if isinstance(tree, parser.Hash):
        identifier, inner = tree.id, _test(tree.selector)
        return lambda e: e.get("id") == identifier and inner(e)
    if isinstance(tree, parser.Attrib):
        holds, inner = _attribute(tree), _test(tree.selector)
        return lambda e: holds(e) and inner(e)
    if isinstance(tree, parser.Negation):
        inner, excluded = _test(tree.selector), _test(tree.subselector)
        return lambda e: inner(e) and not excluded(e)
    raise ValueError(f"{tree!r} is not supported in selectors")


def _combined(outer: Test, combinator: str, inner: Test) -> Test:
    if combinator == ">":
        return lambda e: inner(e) and (p := e.getparent()) is not None and outer(p)
    if combinator == "+":
        return lambda e: inner(e) and (p := e.getprevious()) is not None and outer(p)
    if combinator == "~":
        return lambda e: inner(e) and any(map(outer, e.itersiblings(preceding=True)))
    return lambda e: inner(e) and any(map(outer, e.iterancestors()))


def _attribute(tree: parser.Attrib) -> Test:
    name = tree.attrib
    value = (tree.value.value if tree.value is not None else "") or ""
    tests: dict[str, Callable[[str], bool]] = {
        "exists": lambda _: True,
        "=": lambda v: v == value,
        "~=": lambda v: value in v.split(),
        "^=": lambda v: v.startswith(value),
        "$=": lambda v: v.endswith(value),
        "*=": lambda v: value in v,
        "|=": lambda v: v == value or v.startswith(f"{value}-"),
    }
    if tree.operator not in tests:
        raise ValueError(f"the operator {tree.operator!r} is not supported in selectors")
    test = tests[tree.operator]
    return lambda e: (v := e.get(name)) is not None and test(v)
