"""The language of each comment: what the measures made for one language ask first."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version as installed_version
from typing import Any, Final

import polars as pl

from toolkit.analyzers.base import batched
from toolkit.records import Evidence
from toolkit.schema import NULL_REASON, Direction, Metric, Unit, null_reason_metric
from toolkit.text.language import LanguageGuess, detect


class LanguageAnalyzer:
    """``tag`` and ``confidence`` of :func:`toolkit.text.language.detect`, row by row.

    A comment without text has null in both, with the reason ``no_text``; a
    text whose language cannot be told has the tag ``und``. Where the context
    column ``stated_language`` holds a tag, that is the tag, and the confidence is 1.
    """

    name: Final = "language"
    reads: tuple[str, ...] = ("text", "stated_language")
    metrics: tuple[Metric, ...] = (
        Metric(
            name="tag",
            dtype=pl.String(),
            unit=Unit.LABEL,
            description="Language of the text as a BCP 47 tag; 'und' where it cannot be told.",
        ),
        Metric(
            name="confidence",
            dtype=pl.Float32(),
            unit=Unit.PROBABILITY,
            bounds=(0.0, 1.0),
            direction=Direction.HIGHER_IS_MORE,
            description="The detector's confidence in its best guess, also where the tag is 'und'.",
        ),
        null_reason_metric(),
    )

    @property
    def version(self) -> str:
        """The rules around the detector, and the detector's own release."""
        return f"1+py3langid-{installed_version('py3langid')}"

    def expr(self) -> pl.Expr:
        """One struct a row: tag, confidence, null_reason."""
        return batched(self.name, self.reads, self.metrics, _measure)

    def explain(self, row: Mapping[str, Any]) -> list[Evidence]:  # noqa: ARG002
        """Nothing: a language is the whole text's, no words stand out."""
        return []


def _measure(frame: pl.DataFrame) -> pl.DataFrame:
    texts: list[str | None] = frame["text"].to_list()
    stated: list[str | None] = frame["stated_language"].to_list()
    guesses = iter(
        detect(
            [
                text
                for text, tag in zip(texts, stated, strict=True)
                if text is not None and text.strip() and not tag
            ]
        )
    )
    tags: list[str | None] = []
    confidences: list[float | None] = []
    reasons: list[str | None] = []
    for text, tag in zip(texts, stated, strict=True):
        guess = None
        if text is not None and text.strip():
            guess = LanguageGuess(tag, 1.0) if tag else next(guesses)
        tags.append(guess.tag if guess else None)
        confidences.append(guess.confidence if guess else None)
        reasons.append(None if guess else "no_text")
    return pl.DataFrame(
        {
            "tag": pl.Series(tags, dtype=pl.String),
            "confidence": pl.Series(confidences, dtype=pl.Float32),
            "null_reason": pl.Series(reasons, dtype=NULL_REASON),
        }
    )
