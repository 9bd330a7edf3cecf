"""Which texts hold the sign that a pattern is triggered by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from toolkit.analyzers.lexicon.tokens import LINK, BoolArray, Canonical, IntArray


class Triggers:
    """Which rows hold what a pattern is triggered by, found once for each trigger."""

    def __init__(self, texts: Sequence[str], whole: Canonical) -> None:
        self._texts, self._whole = texts, whole
        self._known: dict[str, list[int]] = {}

    def rows(self, trigger: str | None) -> Sequence[int]:
        """Row numbers in order; all rows where there is no trigger."""
        if trigger is None:
            return range(len(self._texts))
        if trigger not in self._known:
            self._known[trigger] = rows_of(self._whole, self._hits(trigger))
        return self._known[trigger]

    def _hits(self, trigger: str) -> IntArray:
        points = self._whole.points
        match trigger:
            case "capitals":
                capital = self._whole.capitals()
                hits = capital[2:] & capital[1:-1] & capital[:-2]
            case "stretched":
                letter = points | 0x20
                hits = (letter[2:] == letter[1:-1]) & (letter[1:-1] == letter[:-2])
                hits &= (letter[2:] >= ord("a")) & (letter[2:] <= ord("z"))
            case "marks":
                mark = (points == ord("!")) | (points == ord("?"))
                hits = mark[1:] & mark[:-1]
            case "quotes":
                hits = _double_quotes(points)
            case "single_quotes":
                hits = _opening_single_quotes(points)
            case "digits":
                hits = (points >= ord("0")) & (points <= ord("9"))
            case "link":
                hits = points == ord(LINK)
            case _:
                sign = {"question": "?", "exclamation": "!", "slash": "/"}[trigger]
                hits = points == ord(sign)
        return np.flatnonzero(hits)


def rows_of(whole: Canonical, hits: IntArray) -> list[int]:
    """The rows that the indexes ``hits`` into ``whole.points`` lie in, in order."""
    rows: list[int] = np.unique(np.searchsorted(whole.ends, hits, side="left")).tolist()
    return rows


def quote_signs(points: npt.NDArray[np.uint32]) -> IntArray:
    """Where a quotation could open: a quote, or the sign of a quoted line or element."""
    signs = _double_quotes(points) | _opening_single_quotes(points)
    for sign in ">[<&":
        signs |= points == ord(sign)
    return np.flatnonzero(signs)


def _double_quotes(points: npt.NDArray[np.uint32]) -> BoolArray:
    signs: BoolArray = points == ord('"')
    for sign in "\u201c\u201d\u201e\u201f\u00ab\u00bb":
        signs |= points == ord(sign)
    return signs


def _opening_single_quotes(points: npt.NDArray[np.uint32]) -> BoolArray:
    """Single quotes and apostrophes that no ASCII letter or digit stands before."""
    single: BoolArray = points == ord("'")
    for sign in "\u2018\u2019\u201a\u201b\u02bc\uff07":
        single |= points == ord(sign)
    before = points[:-1]
    small = before | 0x20
    single[1:] &= ~((small >= ord("a")) & (small <= ord("z")))
    single[1:] &= ~((before >= ord("0")) & (before <= ord("9")))
    return single
