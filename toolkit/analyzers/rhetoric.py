"""Rhetoric: which devices a comment uses, counted and shown.

The categories follow Hyland (2005), Metadiscourse, for how a writer takes a
stance and addresses readers, and Da San Martino et al. (2020), SemEval-2020
task 11, for techniques of propaganda; each category's source stands in its
lexicon. What a marker means depends on its reader: a number here says how
often a device was used, never that it was wrong to use it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import polars as pl
import regex

from toolkit.analyzers.base import batched
from toolkit.analyzers.lexicon import Lexicon, load
from toolkit.analyzers.lexicon.match import Matcher, Matches
from toolkit.errors import LexiconError
from toolkit.records import Evidence
from toolkit.schema import Direction, Metric, Unit, null_reason_metric
from toolkit.settings import Settings

#: Changes with the code; the lexicon's digest is added to it.
_ENGINE_VERSION: Final = "1"

#: Families that have totals of their own.
FAMILIES: Final = ("constructive", "critical")

_READS: Final = ("text", "language__tag")
_RESERVED: Final = ("total", "quoted", "words", "null_reason", *FAMILIES)
#: What texts of uncertain language are read as, where their script is Latin.
_FALLBACK_LANGUAGE: Final = "en"
_LETTER: Final = regex.compile(r"\p{L}")
_LATIN: Final = regex.compile(r"\p{Latin}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """One marked span. ``layer`` says who marked it; ``entry`` is the lexicon's entry id."""

    category: str
    start: int
    end: int
    entry: str
    lexicon: str
    quoted: bool
    layer: Literal["lexicon"] = "lexicon"


class RhetoricAnalyzer:
    """Counts rhetorical markers by a lexicon.

    For each category: ``{category}`` (markers outside quotations) and
    ``{category}_per_100_words`` (per 100 words outside quotations). Also
    ``total`` and, over the categories of a family, ``constructive`` and
    ``critical``, each with its rate; ``quoted`` (markers in quotations, which
    count nowhere else) and ``words`` (outside quotations). A category without
    entries for the text's language is null.
    """

    name = "rhetoric"
    reads = _READS

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self.lexicon = load() if lexicon is None else lexicon
        taken = [name for name in self.lexicon.categories if name in _RESERVED]
        if taken or not self.lexicon.categories:
            raise LexiconError(
                f"no category may be called {taken[0]!r}" if taken else "the lexicon is empty",
                next_step="Rename it." if taken else "Load the built-in lexicons, or another.",
            )
        self.version = f"{_ENGINE_VERSION}+{self.lexicon.digest}"
        self.metrics: tuple[Metric, ...] = tuple(_metrics(self.lexicon))
        self._categories = tuple(self.lexicon.categories)
        self._languages = frozenset(self.lexicon.languages)
        self._matchers: dict[str, Matcher] = {}

    @classmethod
    def from_settings(cls, settings: Settings) -> RhetoricAnalyzer:
        """With the built-in lexicons and those of ``settings.lexicon`` over them.

        Raises LexiconError for a file that does not hold together.
        """
        return cls(load(settings.lexicon))

    def expr(self) -> pl.Expr:
        """One struct a row; see the class for its fields."""
        return batched(self.name, self.reads, self.metrics, self._measure)

    def explain(self, row: Mapping[str, Any]) -> list[Evidence]:
        """Every marker of one row, those in quotations included and noted as such."""
        text = row.get("text")
        if not text:
            return []
        return [
            Evidence(
                analyzer=self.name,
                label=marker.category,
                start=marker.start,
                end=marker.end,
                quote=text[marker.start : marker.end],
                note=_note(marker),
            )
            for marker in self.markers(text, row.get("language__tag"))
        ]

    def markers(self, text: str, language: str | None = None) -> list[Marker]:
        """The markers of one text in text order; none where no lexicon knows its language."""
        spoken = self._language(text, language)
        if spoken is None:
            return []
        matcher = self._matcher(spoken)
        found = matcher.find([text])
        return [
            Marker(
                category=matcher.categories[category],
                start=start,
                end=end,
                entry=matcher.entries[entry].id,
                lexicon=matcher.entries[entry].lexicon,
                quoted=quoted,
            )
            for category, start, end, entry, quoted in zip(
                found.category.tolist(),
                found.start.tolist(),
                found.end.tolist(),
                found.entry.tolist(),
                found.quoted.tolist(),
                strict=True,
            )
        ]

    def _matcher(self, language: str) -> Matcher:
        if language not in self._matchers:
            self._matchers[language] = Matcher(self.lexicon, language)
        return self._matchers[language]

    def _language(self, text: str, tag: str | None) -> str | None:
        """The lexicon language that ``text`` is read in; None where there is none."""
        primary = (tag or "und").split("-")[0].lower()
        if primary in self._languages:
            return primary
        if primary != "und" or _FALLBACK_LANGUAGE not in self._languages:
            return None
        letters = len(_LETTER.findall(text))
        return _FALLBACK_LANGUAGE if 2 * len(_LATIN.findall(text)) >= letters else None

    def _measure(self, frame: pl.DataFrame) -> pl.DataFrame:
        texts: list[str | None] = frame["text"].to_list()
        tags: list[str | None] = frame["language__tag"].to_list()
        table = _Table(frame.height, self._categories)
        groups: dict[str, list[int]] = {}
        for row, (text, tag) in enumerate(zip(texts, tags, strict=True)):
            if text is None or not text or text.isspace():
                table.reason[row] = "no_text"
                continue
            language = self._language(text, tag)
            if language is None:
                table.reason[row] = "language"
            else:
                groups.setdefault(language, []).append(row)
        for language, rows in groups.items():
            matcher = self._matcher(language)
            table.add(rows, matcher, matcher.find([texts[row] or "" for row in rows]))
        return table.frame(self.lexicon, self.metrics)


class _Table:
    """Counts as they come in, then the frame of the metrics."""

    def __init__(self, height: int, categories: Sequence[str]) -> None:
        self.counts = np.zeros((height, len(categories)), np.int32)
        self.known = np.zeros((height, len(categories)), np.bool_)
        self.quoted = np.zeros(height, np.int32)
        self.words = np.zeros(height, np.int32)
        self.reason: list[str | None] = [None] * height

    def add(self, rows: Sequence[int], matcher: Matcher, found: Matches) -> None:
        at = np.array(rows, np.int64)
        width = self.counts.shape[1]
        own = ~found.quoted
        cells = found.row[own] * width + found.category[own]
        counts = np.bincount(cells, minlength=at.size * width).reshape(at.size, width)
        self.counts[at] = counts
        self.quoted[at] = np.bincount(found.row[found.quoted], minlength=at.size)
        self.words[at] = found.own_words
        self.known[np.ix_(at, np.unique(matcher.category_of))] = True
        for row, words, own_words in zip(
            rows, found.words.tolist(), found.own_words.tolist(), strict=True
        ):
            if own_words == 0:
                self.reason[row] = "too_short" if words else "not_prose"

    def frame(self, lexicon: Lexicon, metrics: Sequence[Metric]) -> pl.DataFrame:
        there = np.array([reason is None for reason in self.reason], np.bool_)
        known = self.known & there[:, None]
        columns: dict[str, pl.Series] = {}

        def put(name: str, counts: npt.NDArray[np.int32], valid: npt.NDArray[np.bool_]) -> None:
            rates = 100.0 * counts / np.maximum(self.words, 1)
            columns[name] = _masked(counts, valid, pl.Int32())
            columns[f"{name}_per_100_words"] = _masked(rates, valid, pl.Float32())

        for place, name in enumerate(lexicon.categories):
            put(name, self.counts[:, place], known[:, place])
        put("total", self.counts.sum(axis=1, dtype=np.int32), there)
        for family in FAMILIES:
            of = [c.family == family for c in lexicon.categories.values()]
            covered = np.logical_or.reduce(known[:, of], axis=1)
            put(family, self.counts[:, of].sum(axis=1, dtype=np.int32), covered)
        columns["quoted"] = _masked(self.quoted, there, pl.Int32())
        columns["words"] = _masked(self.words, there, pl.Int32())
        columns["null_reason"] = pl.Series(self.reason, dtype=pl.String)
        return pl.DataFrame({m.name: columns[m.name].cast(m.dtype) for m in metrics})


def _masked(
    values: npt.NDArray[Any], valid: npt.NDArray[np.bool_], dtype: pl.DataType
) -> pl.Series:
    series = pl.Series(values, dtype=pl.Float64 if values.dtype.kind == "f" else pl.Int32)
    mask = pl.Series(valid, dtype=pl.Boolean)
    return series.set(~mask, None).cast(dtype)


def _note(marker: Marker) -> str:
    note = f'lexicon {marker.lexicon}: "{marker.entry}"'
    return f"{note}; quoted" if marker.quoted else note


def _metrics(lexicon: Lexicon) -> list[Metric]:
    metrics: list[Metric] = []

    def pair(name: str, what: str) -> None:
        metrics.append(
            Metric(
                name=name,
                dtype=pl.Int32(),
                unit=Unit.COUNT,
                bounds=(0, None),
                direction=Direction.HIGHER_IS_MORE,
                description=f"{what}, outside quotations.",
            )
        )
        metrics.append(
            Metric(
                name=f"{name}_per_100_words",
                dtype=pl.Float32(),
                unit=Unit.PER_100_WORDS,
                bounds=(0, None),
                direction=Direction.HIGHER_IS_MORE,
                description=f"{what}, per 100 words outside quotations.",
            )
        )

    for category in lexicon.categories.values():
        pair(category.name, f"Markers of {category.title}: {category.definition.rstrip('.')}")
    pair("total", "Markers of all categories")
    for family in FAMILIES:
        pair(family, f"Markers of the {family} categories")
    for name, what in (
        ("quoted", "Markers inside quotations, which count in no other number."),
        ("words", "Words outside quotations."),
    ):
        metrics.append(
            Metric(
                name=name,
                dtype=pl.Int32(),
                unit=Unit.COUNT,
                bounds=(0, None),
                direction=Direction.HIGHER_IS_MORE,
                description=what,
            )
        )
    metrics.append(null_reason_metric())
    return metrics
