"""The readability formulas, each with its source, over the shared counts.

Constants and counting rules are textstat's (0.7.13), with the names it uses.
A formula is given only for the languages it was made for; where textstat
would answer for any text, here the answer is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from toolkit.schema import Direction, Metric, Unit

_words = pl.col("words")
_sentences = pl.col("sentences")
_words_per_sentence = _words / _sentences
_syllables_per_word = pl.col("syllables") / _words
_long_per_word = pl.col("long_words") / _words

#: Flesch reading ease and its adaptations: (base, per word a sentence, per syllable a word).
#: en Flesch 1948, de Amstad 1978, es Fernández Huerta 1959, fr Kandel and Moles
#: 1958, it Franchina and Vacca 1972, nl Douma 1960, ru Oborneva 2006.
FLESCH: Final[Mapping[str, tuple[float, float, float]]] = {
    "en": (206.835, 1.015, 84.6),
    "de": (180, 1, 58.5),
    "es": (206.84, 1.02, 60.0),
    "fr": (207, 1.015, 73.6),
    "it": (217, 1.3, 60.0),
    "nl": (206.835, 0.93, 77),
    "ru": (206.835, 1.3, 60.1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """One score: its description, its value per language, what it needs.

    ``values`` maps a primary language subtag to an expression over the fields
    of ``readability_counts.Counts``; the key ``"*"`` serves every language in
    an alphabetic script. ``general`` formulas are those whose absence
    ``null_reason`` explains; the others belong to one language.
    """

    metric: Metric
    values: Mapping[str, pl.Expr]
    source: str
    min_sentences: int = 1
    general: bool = True


def _score(
    name: str,
    unit: Unit,
    bounds: tuple[float | None, float | None],
    direction: Direction,
    description: str,
) -> Metric:
    return Metric(
        name=name,
        dtype=pl.Float64(),
        unit=unit,
        bounds=bounds,
        direction=direction,
        description=description,
    )


def _flesch(base: float, per_sentence: float, per_syllable: float) -> pl.Expr:
    return base - per_sentence * _words_per_sentence - per_syllable * _syllables_per_word


_HARDER = Direction.HIGHER_IS_HARDER
_EASIER = Direction.HIGHER_IS_EASIER

FORMULAS: Final[tuple[Formula, ...]] = (
    Formula(
        metric=_score(
            "flesch_reading_ease",
            Unit.SCORE,
            (None, 217.0),
            _EASIER,
            "Flesch reading ease, in the version made for the language (en, de, es, fr, it, nl, "
            "ru): about 60 to 70 is plain language, below 30 academic.",
        ),
        values={language: _flesch(*constants) for language, constants in FLESCH.items()},
        source="Flesch 1948; Amstad 1978; Fernández Huerta 1959; Kandel and Moles 1958; "
        "Franchina and Vacca 1972; Douma 1960; Oborneva 2006",
    ),
    Formula(
        metric=_score(
            "flesch_kincaid_grade",
            Unit.GRADE,
            (-15.59, None),
            _HARDER,
            "US school grade by sentence length and syllables (English).",
        ),
        values={"en": 0.39 * _words_per_sentence + 11.8 * _syllables_per_word - 15.59},
        source="Kincaid, Fishburne, Rogers and Chissom 1975",
    ),
    Formula(
        metric=_score(
            "gunning_fog",
            Unit.GRADE,
            (0.0, None),
            _HARDER,
            "Years of schooling by sentence length and complex words: three syllables or more "
            "and not on the Dale-Chall list (English).",
        ),
        values={"en": 0.4 * (_words_per_sentence + 100 * pl.col("complex_words") / _words)},
        source="Gunning 1952, complex words as textstat tells them",
    ),
    Formula(
        metric=_score(
            "smog_index",
            Unit.GRADE,
            (3.1291, None),
            _HARDER,
            "Years of schooling by polysyllables a sentence (English); needs three sentences.",
        ),
        values={
            "en": 1.043 * (30 * (pl.col("polysyllables") / _sentences)).sqrt() + 3.1291,
        },
        source="McLaughlin 1969",
        min_sentences=3,
    ),
    Formula(
        metric=_score(
            "automated_readability_index",
            Unit.GRADE,
            (-21.43, None),
            _HARDER,
            "US school grade by characters a word and words a sentence (English).",
        ),
        values={
            "en": 4.71 * (pl.col("characters") / pl.col("tokens"))
            + 0.5 * _words_per_sentence
            - 21.43
        },
        source="Senter and Smith 1967",
    ),
    Formula(
        metric=_score(
            "coleman_liau_index",
            Unit.GRADE,
            (-45.5, None),
            _HARDER,
            "US school grade by letters and sentences per 100 words (English).",
        ),
        values={
            "en": 0.058 * (pl.col("letters") / _words * 100)
            - 0.296 * (_sentences / _words * 100)
            - 15.8
        },
        source="Coleman and Liau 1975",
    ),
    Formula(
        metric=_score(
            "dale_chall_readability_score",
            Unit.SCORE,
            (0.0, None),
            _HARDER,
            "Dale-Chall score by words that few fourth-graders know (English): 4.9 and lower is "
            "grade 4, 9.0 and higher college.",
        ),
        values={
            "en": 0.1579 * (100 * pl.col("unfamiliar_words") / _words)
            + 0.0496 * _words_per_sentence
            + pl.when(100 * pl.col("unfamiliar_words") / _words > 5)
            .then(pl.lit(3.6365))
            .otherwise(pl.lit(0.0))
        },
        source="Dale and Chall 1948; inflected forms and names count as unfamiliar, as in textstat",
    ),
    Formula(
        metric=_score(
            "lix",
            Unit.SCORE,
            (0.0, None),
            _HARDER,
            "Läsbarhetsindex: words a sentence plus per cent of words over six letters (every "
            "language in an alphabetic script); 25 is a children's book, 60 a legal text.",
        ),
        values={"*": _words_per_sentence + 100 * pl.col("long_words") / _words},
        source="Björnsson 1968",
    ),
    Formula(
        metric=_score(
            "rix",
            Unit.SCORE,
            (0.0, None),
            _HARDER,
            "Words over six letters a sentence (every language in an alphabetic script).",
        ),
        values={"*": pl.col("long_words") / _sentences},
        source="Anderson 1983",
    ),
    Formula(
        metric=_score(
            "fernandez_huerta",
            Unit.SCORE,
            (None, 206.84),
            _EASIER,
            "Lecturabilidad of Fernández Huerta (Spanish): below 30 very hard, above 90 very easy.",
        ),
        values={"es": 206.84 - 60 * _syllables_per_word - 1.02 * _words_per_sentence},
        source="Fernández Huerta 1959",
        general=False,
    ),
    Formula(
        metric=_score(
            "szigriszt_pazos",
            Unit.SCORE,
            (None, 206.84),
            _EASIER,
            "Perspicuidad of Szigriszt Pazos (Spanish): below 40 hard, above 65 easy.",
        ),
        values={"es": 206.84 - 62.3 * _syllables_per_word - _words_per_sentence},
        source="Szigriszt Pazos 1993; base 206.84 as in textstat, 206.835 in the source",
        general=False,
    ),
    Formula(
        metric=_score(
            "gulpease_index",
            Unit.SCORE,
            (None, 189.0),
            _EASIER,
            "Indice Gulpease (Italian), 0 to 100 on ordinary text: below 60 hard for readers "
            "with a middle-school certificate.",
        ),
        values={
            "it": 300 * (_sentences / _words) - 10 * (pl.col("characters") / pl.col("tokens")) + 89
        },
        source="Lucisano and Piemontese 1988",
        general=False,
    ),
    Formula(
        metric=_score(
            "wiener_sachtextformel",
            Unit.GRADE,
            (-4.145, None),
            _HARDER,
            "First Wiener Sachtextformel (German): school grade, 4 very easy, 15 very hard.",
        ),
        values={
            "de": 0.1935 * (100 * pl.col("polysyllables") / _words)
            + 0.1672 * _words_per_sentence
            + 0.1297 * (100 * pl.col("long_words") / _words)
            - 0.0327 * (100 * pl.col("monosyllables") / _words)
            - 0.875
        },
        source="Bamberger and Vanecek 1984",
        general=False,
    ),
    Formula(
        metric=_score(
            "osman",
            Unit.SCORE,
            (None, 200.791),
            _EASIER,
            "OSMAN (Arabic), vowel signs left out.",
        ),
        values={
            "ar": 200.791
            - 1.015 * _words_per_sentence
            - 24.181
            * (
                pl.col("arabic_syllables") / _words
                + pl.col("faseeh_words") / _words
                + pl.col("long_arabic_words") / _words
            )
        },
        source="El-Haj and Rayson 2016",
        general=False,
    ),
)
