"""Texts on their way into the templates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from toolkit.records import Evidence
from toolkit.reporting.data import Row
from toolkit.reporting.escape import Replacements, Span, display, has_rtl, plain, shorten
from toolkit.reporting.masking import mask

#: What goes into data.json.
Json = Any


class Writer:
    """Turns texts into what the templates set, and remembers what no font holds."""

    def __init__(self, *, mask_slurs: bool, banned: frozenset[str] = frozenset()) -> None:
        self.mask_slurs = mask_slurs
        self.replacements = Replacements(banned=banned)
        self.masked = False
        # The margins of two hundred comments hold a few dozen different words.
        self._labels: dict[tuple[str, int], str] = {}

    def hide(self, text: str, evidence: Iterable[Evidence] = ()) -> str:
        """The text, slurs masked where that is asked for; the length stays."""
        if not self.mask_slurs:
            return text
        hidden = mask(text, evidence)
        self.masked = self.masked or hidden != text
        return hidden

    def paragraphs(self, text: str, spans: Iterable[Span] = ()) -> list[Json]:
        """``[{"rtl": bool, "runs": [[text, is_chip, [marks]]]}]``."""
        return [
            {
                "rtl": paragraph.rtl,
                "runs": [[run.text, run.kind == "chip", list(run.marks)] for run in paragraph.runs],
            }
            for paragraph in display(text, spans, replacements=self.replacements)
        ]

    def inline(self, text: str, spans: Iterable[Span] = ()) -> list[Json]:
        """The runs of a text on one line, isolated where they run from right to left.

        Isolated, a name in Persian leaves the English sentence about it alone.
        """
        runs: list[Json] = []
        for paragraph in self.paragraphs(text, spans):
            if not paragraph["runs"]:
                continue
            if runs:
                runs.append([" ", False, []])
            runs += paragraph["runs"]
        if runs and has_rtl(text):
            return [["\u2068", False, []], *runs, ["\u2069", False, []]]
        return runs

    def label(self, text: str, limit: int) -> str:
        """A short plain text for a place that holds no runs."""
        key = (text, limit)
        if key not in self._labels:
            said = plain(self.hide(text), replacements=self.replacements)
            self._labels[key] = shorten(said, limit)
        return self._labels[key]

    def author(self, row: Row, limit: int) -> list[Json]:
        """The comment's author as runs."""
        return self.inline(shorten(self.hide(row.named), limit))
