"""Rhetorical techniques that a model has learned to mark, beside the lexicon's.

The lexicon (`toolkit.analyzers.rhetoric`) knows words; a phrase such as
'a lie dressed up as a budget' is loaded without any listed word in it. The
model marks such spans by context, for four techniques of Da San Martino et al.
(2020, SemEval-2020 task 11). It was trained on news articles. Both layers keep
their own numbers and evidence, so that a reader sees which it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import polars as pl
import regex

from toolkit.analyzers.base import batched
from toolkit.inference.technique_encoder import TechniqueSpan
from toolkit.records import Evidence
from toolkit.schema import NULL_REASON, Direction, Metric, Unit, null_reason_metric
from toolkit.settings import Settings

#: Changes when the null rules or what is counted change.
_RULES: Final = "2"

#: The model's name of a technique -> column and what it means.
TECHNIQUES: Final[dict[str, tuple[str, str]]] = {
    "Loaded_Language": ("loaded_language", "Words chosen for the feelings they raise."),
    "Name_Calling,Labeling": ("name_calling", "A person or group is given a label to judge it."),
    "Exaggeration,Minimisation": (
        "exaggeration_minimisation",
        "Something is made larger, better or worse, or smaller than it is.",
    ),
    "Doubt": ("doubt", "The credibility of someone or something is questioned."),
}

_LETTER: Final = regex.compile(r"\p{L}")
_LATIN: Final = regex.compile(r"\p{Latin}")


class TechniqueModel(Protocol):
    """What the analyzer needs of a model."""

    @property
    def version(self) -> str:
        """Changes whenever a span can change."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """Primary BCP 47 subtags of the languages it reads."""
        ...

    def technique_spans(self, text: str) -> Sequence[TechniqueSpan]:
        """The spans of one text; they depend on this text alone."""
        ...


class TechniquesAnalyzer:
    """Counts the spans that a model marks, one column a technique."""

    name: Final = "techniques"
    reads: tuple[str, ...] = ("text", "language__tag")

    def __init__(self, model: TechniqueModel) -> None:
        self._model = model

    @classmethod
    def from_settings(cls, _settings: Settings) -> TechniquesAnalyzer:
        """With the embedded encoder. Raises ModelError where its weights are missing or damaged."""
        from toolkit.inference.technique_encoder import embedded

        return cls(embedded())

    @property
    def version(self) -> str:
        """The model's version and that of the rules about what is read."""
        return f"{self._model.version}/{_RULES}"

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """One count a technique, and why they are null."""
        return (
            *(
                Metric(
                    name=column,
                    dtype=pl.Int32(),
                    unit=Unit.COUNT,
                    bounds=(0, None),
                    direction=Direction.HIGHER_IS_MORE,
                    description=f"Spans marked by the model: {what}",
                )
                for column, what in TECHNIQUES.values()
            ),
            null_reason_metric(),
        )

    def expr(self) -> pl.Expr:
        """One struct a row: the counts and null_reason."""
        return batched(self.name, self.reads, self.metrics, self._measure)

    def explain(self, row: Mapping[str, Any]) -> list[Evidence]:
        """Every span of one row, with the model's probability as its score."""
        text = row.get("text")
        if text is None or self._null_reason(text, row.get("language__tag")) is not None:
            return []
        return [
            Evidence(
                analyzer=self.name,
                label=TECHNIQUES[span.technique][0],
                start=span.start,
                end=span.end,
                quote=text[span.start : span.end],
                score=span.score,
                note="marked by the model",
            )
            for span in sorted(self._model.technique_spans(text), key=lambda s: (s.start, s.end))
        ]

    def _measure(self, frame: pl.DataFrame) -> pl.DataFrame:
        counts: dict[str, list[int | None]] = {column: [] for column, _ in TECHNIQUES.values()}
        reasons: list[str | None] = []
        for text, tag in zip(frame["text"], frame["language__tag"], strict=True):
            reason = self._null_reason(text, tag)
            reasons.append(reason)
            spans = self._model.technique_spans(text) if reason is None else ()
            for technique, (column, _) in TECHNIQUES.items():
                counts[column].append(
                    sum(span.technique == technique for span in spans) if reason is None else None
                )
        return pl.DataFrame(
            {
                **{name: pl.Series(values, dtype=pl.Int32) for name, values in counts.items()},
                "null_reason": pl.Series(reasons, dtype=NULL_REASON),
            }
        )

    def _null_reason(self, text: str | None, tag: str | None) -> str | None:
        """Why a text is not read; None where it is."""
        if text is None or not text.strip():
            return "no_text"
        letters = len(_LETTER.findall(text))
        if not letters:
            return "not_prose"
        if tag is not None and tag != "und":
            return None if tag.partition("-")[0] in self._model.languages else "language"
        return None if 2 * len(_LATIN.findall(text)) >= letters else "language"
