"""How hard a comment is to read: textstat's measures, each where it applies.

Formulas and their sources are in ``readability_formulas``, the counts in
``readability_counts``; this module says when a number is worth giving.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version as installed_version
from typing import Any, Final

import polars as pl

from toolkit.analyzers.base import batched
from toolkit.analyzers.readability.counts import (
    LONG_WORD,
    Counts,
    address_spans,
    count,
    split_words,
)
from toolkit.analyzers.readability.formulas import FORMULAS
from toolkit.records import Evidence
from toolkit.schema import NULL_REASON, Direction, Metric, Unit, null_reason_metric
from toolkit.text.sentences import sentence_spans
from toolkit.text.syllables import PATTERNS, familiar_words, syllable_counter
from toolkit.text.words import word_spans

#: Below so many words no score is given. One syllable moves Flesch reading ease
#: by 84.6 / words: 8.5 points at ten words, as much as whole newspaper articles
#: differ from each other (``docs/readability.md``).
MIN_WORDS: Final = 10
#: Prose is mostly letters. Below this share of a text's visible characters it
#: is emoji, digits or ornament.
MIN_ALPHABETIC_SHARE: Final = 0.6
#: A larger share of the signs that code is full of makes a text code.
MAX_CODE_SIGNS: Final = 0.08
#: More web addresses a word than this make a text a list of links.
MAX_ADDRESSES: Final = 0.25
#: No language has words of more letters than this on average.
MAX_MEAN_LETTERS: Final = 20

#: How many hard words :meth:`ReadabilityAnalyzer.explain` shows.
HARD_WORDS_SHOWN: Final = 5

_COUNTS = (
    Metric(
        name="words",
        dtype=pl.Int32(),
        unit=Unit.COUNT,
        bounds=(0.0, None),
        direction=Direction.HIGHER_IS_MORE,
        description="Words, web addresses left out; textstat's lexicon_count.",
    ),
    Metric(
        name="sentences",
        dtype=pl.Int32(),
        unit=Unit.COUNT,
        bounds=(0.0, None),
        direction=Direction.HIGHER_IS_MORE,
        description="Sentences of more than two words, the ones that the scores stand on.",
    ),
)


class ReadabilityAnalyzer:
    """Scores under textstat's names, null where a formula does not apply.

    ``null_reason`` speaks of the scores that belong to no single language:
    ``no_text``; ``language`` (a script in which words cannot be counted, or a
    language without the English formulas); ``not_prose``; ``too_short`` (under
    ``MIN_WORDS``); ``too_few_sentences`` (none of three words for any score,
    fewer than three for ``smog_index``).
    """

    name: Final = "readability"
    reads: tuple[str, ...] = ("text", "language__tag")
    metrics: tuple[Metric, ...] = (
        *(formula.metric for formula in FORMULAS),
        *_COUNTS,
        null_reason_metric(),
    )

    @property
    def version(self) -> str:
        """The rules and constants, and the hyphenation patterns behind the syllables."""
        return f"1+textstat-0.7.13+pyphen-{installed_version('pyphen')}"

    def expr(self) -> pl.Expr:
        """One struct a row: the scores, the counts, the reason for nulls."""
        return batched(self.name, self.reads, self.metrics, _measure)

    def explain(self, row: Mapping[str, Any]) -> list[Evidence]:
        """The longest sentence (score: its words) and the hardest words (score: syllables).

        Empty where no score was given. In a language without a syllable count
        the longest of the long words are shown, with letters as their score.
        """
        text = row.get("text")
        if not text or row.get("readability__lix") is None:
            return []
        language = _primary(row.get("language__tag"))
        return [*_longest_sentence(self.name, text, language), *_hardest(self.name, text, language)]


def _primary(tag: str | None) -> str:
    return tag.partition("-")[0] if tag else ""


def _measure(frame: pl.DataFrame) -> pl.DataFrame:
    texts: list[str | None] = frame["text"].to_list()
    languages = [_primary(tag) for tag in frame["language__tag"].to_list()]
    present = [text is not None and not text.isspace() and text != "" for text in texts]
    rows = [
        count(text or "", language) if here else _NOTHING
        for text, language, here in zip(texts, languages, present, strict=True)
    ]
    counts = pl.DataFrame(rows, schema=_COUNT_SCHEMA, orient="row").with_columns(
        pl.Series("language", languages, dtype=pl.String),
        pl.Series("present", present, dtype=pl.Boolean),
    )
    return counts.select(
        *_scores(),
        pl.when(_COUNTABLE).then(pl.col("words")).cast(pl.Int32).alias("words"),
        pl.when(_COUNTABLE).then(pl.col("sentences")).cast(pl.Int32).alias("sentences"),
        _null_reason().alias("null_reason"),
    )


_NOTHING: Final = Counts()
_COUNT_SCHEMA: Final = {
    name: pl.Boolean if name == "countable" else pl.Int64 for name in Counts._fields
}
_COUNTABLE: Final = pl.col("present") & pl.col("countable")
_PROSE: Final = (
    (pl.col("alphabetic") >= MIN_ALPHABETIC_SHARE * pl.col("characters"))
    & (pl.col("addresses") <= MAX_ADDRESSES * pl.col("words"))
    & (pl.col("signs") <= MAX_CODE_SIGNS * pl.col("characters"))
    & (pl.col("letters") <= MAX_MEAN_LETTERS * pl.col("words"))
)
_LONG_ENOUGH: Final = pl.col("words") >= MIN_WORDS
_USABLE: Final = _COUNTABLE & _PROSE & _LONG_ENOUGH & (pl.col("sentences") >= 1)


def _scores() -> list[pl.Expr]:
    scores = []
    for formula in FORMULAS:
        usable = _USABLE & (pl.col("sentences") >= formula.min_sentences)
        value: pl.Expr = pl.lit(None, pl.Float64)
        for language, expression in formula.values.items():
            fits = usable if language == "*" else usable & (pl.col("language") == language)
            value = pl.when(fits).then(expression).otherwise(value)
        scores.append(value.cast(pl.Float64).alias(formula.metric.name))
    return scores


def _null_reason() -> pl.Expr:
    general = [formula for formula in FORMULAS if formula.general]
    complete = set(PATTERNS).intersection(
        *(formula.values for formula in general if "*" not in formula.values)
    )
    most = max(formula.min_sentences for formula in general)
    return (
        pl.when(~pl.col("present"))
        .then(pl.lit("no_text"))
        .when(~pl.col("countable"))
        .then(pl.lit("language"))
        .when(~_PROSE)
        .then(pl.lit("not_prose"))
        .when(~_LONG_ENOUGH)
        .then(pl.lit("too_short"))
        .when(pl.col("sentences") < 1)
        .then(pl.lit("too_few_sentences"))
        .when(~pl.col("language").is_in(sorted(complete)))
        .then(pl.lit("language"))
        .when(pl.col("sentences") < most)
        .then(pl.lit("too_few_sentences"))
        .otherwise(pl.lit(None, pl.String))
        .cast(NULL_REASON)
    )


def _longest_sentence(analyzer: str, text: str, language: str) -> list[Evidence]:
    spans = sentence_spans(text, language or None)
    lengths = [len(split_words(text[start:end])) for start, end in spans]
    if not lengths or not max(lengths):
        return []
    longest = lengths.index(max(lengths))
    start, end = spans[longest]
    return [
        Evidence(
            analyzer=analyzer,
            label="longest_sentence",
            start=start,
            end=end,
            quote=text[start:end],
            score=float(lengths[longest]),
            note=f"{lengths[longest]} words",
        )
    ]


def _hardest(analyzer: str, text: str, language: str) -> list[Evidence]:
    rated: dict[str, tuple[int, int, int, str]] = {}
    counter = syllable_counter(language) if language in PATTERNS else None
    addresses = address_spans(text)
    for start, end in word_spans(text):
        if any(low <= start < high for low, high in addresses):
            continue
        word = "".join(split_words(text[start:end].replace("\u2019", "'"))).lower()
        if word in rated or not word.isalpha():
            continue
        if counter is None:
            if len(word) > LONG_WORD:
                rated[word] = (len(word), start, end, f"{len(word)} letters")
        elif language == "en":
            if word not in familiar_words():
                number = counter(word)
                note = f"{number} syllable{'s' * (number != 1)}, not on the Dale-Chall list"
                rated[word] = (number, start, end, note)
        elif (number := counter(word)) > 2:
            rated[word] = (number, start, end, f"{number} syllables")
    hardest = sorted(rated.values(), key=lambda item: (-item[0], item[1]))[:HARD_WORDS_SHOWN]
    return [
        Evidence(
            analyzer=analyzer,
            label="hard_word",
            start=start,
            end=end,
            quote=text[start:end],
            score=float(score),
            note=note,
        )
        for score, start, end, note in sorted(hardest, key=lambda item: item[1])
    ]
