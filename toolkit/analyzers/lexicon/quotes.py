"""What in a text is quoted from somebody else.

Four things count as a quotation: lines that begin with ``>``, ``[quote]`` and
``<blockquote>`` (or ``<q>``) elements, words between quotation marks where
there are more than QUOTED_WORDS of them, and fewer words between double marks
right beside a verb of saying (``he said "never"``). A shorter phrase between
marks is the writer's own choice of words: a title, a mention, a scare quote.

A mark that is never closed quotes nothing.
"""

from __future__ import annotations

import re
from typing import Final

from toolkit.records import merge_spans
from toolkit.text.normalize import fold_quotes

#: Up to this many words between marks are no quotation by themselves.
QUOTED_WORDS: Final = 3

_LINE: Final = re.compile(r"^[ \t]*(?:>|&gt;)[^\n]*", re.MULTILINE)
_OPEN: Final = re.compile(
    r"\[quote[^\]\n]{0,200}\]|<(?:blockquote|q)\b[^>\n]{0,200}>", re.IGNORECASE
)
_CLOSE: Final = re.compile(r"\[/quote\]|</(?:blockquote|q)>", re.IGNORECASE)
# A mark opens after white space, an opening bracket or a dash and before a
# letter; it closes after a letter or mark and before no letter.
_DOUBLE: Final = re.compile(r'(?<![^\s(\[{:;,\u2013\u2014\-/>*_])"(?=\S)([^"]*)"(?!\w)')
_SINGLE: Final = re.compile(
    r"(?<![^\s(\[{:;,\u2013\u2014\-/>])'(?=\w)((?:[^'\n]|(?<=\w)'(?=\w))*)(?<=[^\ss])'(?!\w)"
)
_SAYING: Final = (
    r"(?:say|says|said|saying|write|writes|wrote|written|tell|tells|told|ask|asks|asked|claim|claims"
    r"|claimed|state|states|stated|reply|replies|replied|answer|answers|answered|argue|argues|argued"
    r"|add|adds|added|shout|shouts|shouted|yell|yelled|quote|quotes|quoted|tweet|tweets|tweeted"
    r"|declare|declares|declared|insist|insists|insisted|admit|admits|admitted|warn|warns|warned"
    r"|according\ to\ [\w' ]{1,40}|was\ like|were\ like|words)"
)
_SAID_BEFORE: Final = re.compile(rf"\b{_SAYING}(?: \w+)?\s?[,:]?\s*$", re.IGNORECASE)
_SAID_AFTER: Final = re.compile(rf"\s*,?\s*(?:[\w.']+ ){{0,2}}?{_SAYING}\b", re.IGNORECASE)
_WORD: Final = re.compile(r"\w+(?:['-]\w+)*")
_BLANK: Final = re.compile(r"\n\s*\n")
#: How far a verb of saying is looked for, in code points.
_NEAR: Final = 60


def quoted_spans(text: str) -> list[tuple[int, int]]:
    """``(start, end)`` of what is quoted, marks included, in order and disjoint."""
    spans = [match.span() for match in _LINE.finditer(text)]
    spans += _elements(text)
    folded = fold_quotes(text)
    if '"' in folded:
        spans += _between(folded, _DOUBLE, short=True)
    if "'" in folded:
        spans += _between(folded, _SINGLE, short=False)
    return merge_spans(spans)


def _elements(text: str) -> list[tuple[int, int]]:
    """Quote elements, inner ones inside outer ones; an unclosed one is ignored."""
    marks = [(match.start(), match.end(), True) for match in _OPEN.finditer(text)]
    if not marks:
        return []
    marks += [(match.start(), match.end(), False) for match in _CLOSE.finditer(text)]
    spans: list[tuple[int, int]] = []
    opened: list[int] = []
    for start, end, opens in sorted(marks):
        if opens:
            opened.append(start)
        elif opened:
            spans.append((opened.pop(), end))
    return spans


def _between(folded: str, pattern: re.Pattern[str], *, short: bool) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    at = 0
    while match := pattern.search(folded, at):
        inside = match.group(1)
        if _BLANK.search(inside):
            # The mark was never closed in its paragraph: try from the next one.
            at = match.start() + 1
            continue
        at = match.end()
        words = sum(1 for _ in _WORD.finditer(inside))
        if words > QUOTED_WORDS or (short and words and _is_said(folded, *match.span())):
            spans.append(match.span())
    return spans


def _is_said(folded: str, start: int, end: int) -> bool:
    before = folded[max(0, start - _NEAR) : start]
    return bool(_SAID_BEFORE.search(before) or _SAID_AFTER.match(folded[end : end + _NEAR]))
