"""Which literals a match of a regular expression must hold.

A pattern is tried only on texts that hold one of its anchors; the anchors of
all patterns are found in one pass, together with the literal entries. The
calculation is that of Cox (2012), "Regular Expression Matching with a Trigram
Index": for each part of the expression, either all strings it can match, or a
set of which at least one must occur.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: A shorter anchor would be found in nearly every text.
MIN_ANCHOR: Final = 4
_MAX_STRINGS: Final = 200


@dataclass(frozen=True, slots=True)
class _Part:
    """``exact``: every string it matches. ``needs``: one of these occurs in each match."""

    exact: frozenset[str] | None = None
    needs: frozenset[str] | None = None

    @property
    def best(self) -> frozenset[str] | None:
        return _better(self.needs, self.exact)


_ANYTHING: Final = _Part()
_EMPTY: Final = _Part(exact=frozenset({""}))


class _UnknownSyntaxError(Exception):
    pass


def anchors(pattern: str, *, before: str = "", after: str = "") -> tuple[str, ...]:
    """Literals of which every match of ``before + pattern + after`` holds one, sorted.

    Empty where there are none of at least MIN_ANCHOR characters, or where the
    pattern uses syntax that this calculation does not follow.
    """
    try:
        part, at = _alternatives(pattern, 0)
    except _UnknownSyntaxError:
        return ()
    if at != len(pattern):
        return ()
    whole = _concat([_Part(exact=frozenset({before})), part, _Part(exact=frozenset({after}))])
    best = whole.best
    if not best or min(map(len, best)) < MIN_ANCHOR:
        return ()
    return tuple(sorted(a for a in best if not any(b in a for b in best if b != a)))


def _better(one: frozenset[str] | None, two: frozenset[str] | None) -> frozenset[str] | None:
    """The set whose shortest string is longer; of equals the smaller set."""
    if not one or not two:
        return one or two
    return max(one, two, key=lambda strings: (min(map(len, strings)), -len(strings)))


def _concat(parts: list[_Part]) -> _Part:
    exact: frozenset[str] = frozenset({""})
    needs: frozenset[str] | None = None
    whole = True
    for part in parts:
        if part.exact is not None and len(exact) * len(part.exact) <= _MAX_STRINGS:
            exact = frozenset(head + tail for head in exact for tail in part.exact)
            continue
        needs = _better(_better(needs, exact), part.needs)
        whole = False
        exact = part.exact if part.exact is not None else frozenset({""})
    if whole:
        return _Part(exact=exact)
    return _Part(needs=_better(needs, exact))


def _either(parts: list[_Part]) -> _Part:
    if all(part.exact is not None for part in parts):
        exact = frozenset().union(*(part.exact for part in parts if part.exact is not None))
        if len(exact) <= _MAX_STRINGS:
            return _Part(exact=exact)
    needs = [part.best for part in parts]
    if all(needs):
        return _Part(needs=frozenset().union(*(need for need in needs if need is not None)))
    return _ANYTHING


def _alternatives(pattern: str, at: int) -> tuple[_Part, int]:
    choices: list[_Part] = []
    while True:
        part, at = _sequence(pattern, at)
        choices.append(part)
        if at >= len(pattern) or pattern[at] == ")":
            return (choices[0] if len(choices) == 1 else _either(choices)), at
        at += 1  # the bar


def _sequence(pattern: str, at: int) -> tuple[_Part, int]:
    parts: list[_Part] = []
    while at < len(pattern) and pattern[at] not in ")|":
        part, at = _atom(pattern, at)
        part, at = _repeated(pattern, at, part)
        parts.append(part)
    return _concat(parts), at


def _atom(pattern: str, at: int) -> tuple[_Part, int]:
    sign = pattern[at]
    if sign == "(":
        return _group(pattern, at)
    if sign == "[":
        return _class(pattern, at)
    if sign == "\\":
        return _escape(pattern, at)
    if sign == ".":
        return _ANYTHING, at + 1
    if sign in "^$":
        return _EMPTY, at + 1
    if sign in "*+?{":
        raise _UnknownSyntaxError
    return _Part(exact=frozenset({sign})), at + 1


def _group(pattern: str, at: int) -> tuple[_Part, int]:
    at += 1
    if pattern.startswith("?:", at):
        at += 2
    elif pattern.startswith("?P<", at):
        at = pattern.find(">", at) + 1
        if at == 0:
            raise _UnknownSyntaxError
    elif pattern.startswith("?", at):
        raise _UnknownSyntaxError  # flags: they may change what a letter matches
    part, at = _alternatives(pattern, at)
    if at >= len(pattern):
        raise _UnknownSyntaxError
    return part, at + 1


def _class(pattern: str, at: int) -> tuple[_Part, int]:
    at += 1
    negated = pattern.startswith("^", at)
    at += negated
    letters: set[str] = set()
    simple = not negated
    first = True
    while at < len(pattern) and (first or pattern[at] != "]"):
        first = False
        if pattern[at] == "\\" or pattern.startswith("[:", at):
            simple = False
            step = pattern.find(":]", at) + 2 - at if pattern[at] == "[" else 2
            if pattern.startswith(("\\p{", "\\P{"), at):
                step = pattern.find("}", at) + 1 - at
            if step < 2:
                raise _UnknownSyntaxError
            at += step
            continue
        if pattern.startswith("-", at + 1) and pattern[at + 2 : at + 3] not in ("]", ""):
            simple = False
            at += 2
        letters.add(pattern[at])
        at += 1
    if at >= len(pattern):
        raise _UnknownSyntaxError
    return (_Part(exact=frozenset(letters)) if simple else _ANYTHING), at + 1


def _escape(pattern: str, at: int) -> tuple[_Part, int]:
    letter = pattern[at + 1 : at + 2]
    if letter in ("p", "P"):
        end = pattern.find("}", at) + 1 if pattern[at + 2 : at + 3] == "{" else at + 3
        if end == 0:
            raise _UnknownSyntaxError
        return _ANYTHING, end
    if letter in ("d", "D", "w", "W", "s", "S"):
        return _ANYTHING, at + 2
    if letter in ("b", "B", "A", "z"):
        return _EMPTY, at + 2
    if not letter or letter.isalnum():
        raise _UnknownSyntaxError
    return _Part(exact=frozenset({letter})), at + 2


def _repeated(pattern: str, at: int, part: _Part) -> tuple[_Part, int]:
    if at >= len(pattern) or pattern[at] not in "*+?{":
        return part, at
    sign = pattern[at]
    least, at = 1 if sign == "+" else 0, at + 1
    if sign == "{":
        end = pattern.find("}", at)
        digits = pattern[at:end].split(",")[0] if end > 0 else ""
        if not digits.isdecimal():
            raise _UnknownSyntaxError
        least, at = int(digits), end + 1
    if pattern.startswith("?", at):
        at += 1  # lazy
    if at < len(pattern) and pattern[at] in "*+?{":
        raise _UnknownSyntaxError
    if sign == "?" and part.exact is not None:
        return _Part(exact=part.exact | {""}), at
    return (_Part(needs=part.best) if least else _ANYTHING), at
