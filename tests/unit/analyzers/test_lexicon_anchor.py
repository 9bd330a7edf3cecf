from __future__ import annotations

import random

import pytest
import re2

from toolkit.analyzers.lexicon.anchor import anchors


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("abcdef", ("abcdef",)),
        ("abcd|efgh", ("abcd", "efgh")),
        ("(?:how|what) about", ("how about", "what about")),
        ("so[- ]called", ("so called", "so-called")),
        ("colou?rs", ("colors", "colours")),
        ("x*", ()),
        ("abc", ()),
        (".*abcd.*", ("abcd",)),
        ("(?:abcd)?efgh", ("abcdefgh", "efgh")),
        ("(?:abcd)*", ()),
        ("(?:abcd)+", ("abcd",)),
        ("(?:abcd){2,3}", ("abcd",)),
        ("(?:abcd){0,3}", ()),
        ("(?i)abcd", ()),
        (r"\pLabcd[^x]", ("abcd",)),
        (r"\babcd\b", ("abcd",)),
        (r"abc\.d", ("abc.d",)),
        (r"\x{41}bcdef", ()),
        ("[abcd", ()),
        ("(abcd", ()),
        ("abcd)", ()),
        ("a**bcdef", ()),
    ],
)
def test_anchors(pattern: str, expected: tuple[str, ...]) -> None:
    found = anchors(pattern)
    # A longer literal that holds another of the set says nothing more.
    shortest = tuple(a for a in expected if not any(b in a for b in expected if b != a))
    assert found == shortest


def test_every_match_holds_an_anchor() -> None:
    """Random expressions, each with a string it matches: one of its anchors must occur there."""
    rng = random.Random(4)

    def expression(depth: int) -> tuple[str, str]:
        kind = rng.randrange(6 if depth else 2)
        if kind < 2:
            word = "".join(rng.choices("abc", k=rng.randint(1, 5)))
            return word, word
        if kind == 2:
            one, two = expression(depth - 1), expression(depth - 1)
            return f"(?:{one[0]}|{two[0]})", rng.choice([one[1], two[1]])
        if kind == 3:
            part, text = expression(depth - 1)
            sign, times = rng.choice([("?", 0), ("*", 0), ("+", 1), ("{2}", 2), ("{0,2}", 2)])
            return f"(?:{part}){sign}", text * times
        if kind == 4:
            return rng.choice([("[ab]", "b"), ("[^a]", "c"), (".", "x"), (r"\w", "y"), ("a?", "")])
        one, two = expression(depth - 1), expression(depth - 1)
        return one[0] + two[0], one[1] + two[1]

    tried = 0
    for _ in range(500):
        pattern, text = expression(4)
        found = anchors(pattern)
        assert re2.compile(pattern).fullmatch(text), (pattern, text)
        if found:
            tried += 1
            assert any(anchor in text for anchor in found), (pattern, text, found)
    assert tried > 50
