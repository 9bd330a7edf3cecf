"""How toxic each comment is, and which of its words make it so.

What is scored, and why the rest is null, stands in ``docs/toxicity.md``; the
models themselves are rooms of ``toolkit.inference``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl
import regex

from toolkit.analyzers.base import batched
from toolkit.inference import ToxicityModel
from toolkit.inference.backends import open_backend
from toolkit.records import Evidence
from toolkit.schema import NULL_REASON, Direction, Metric, Unit, null_reason_metric
from toolkit.settings import Settings
from toolkit.text.english import english_share
from toolkit.text.sentences import sentence_spans

#: Changes when the null rules or the choice of evidence change.
_RULES: Final = "3"

_DESCRIPTIONS: Final = {
    "toxicity": "Rude, disrespectful or unreasonable, likely to make people leave a discussion.",
    "severe_toxicity": "Very hateful, aggressive or disrespectful.",
    "obscene": "Obscene or profane language, also where it is meant kindly.",
    "threat": "An intention to hurt or kill, or a wish for it.",
    "insult": "An insult to a person or a group of people.",
    "identity_attack": "Hatred of people for what they are: origin, religion, sex, body, love.",
    "sexual_explicit": "Sexual acts or body parts in a lewd way.",
}

_ADDRESS: Final = regex.compile(r"(?:https?://|www\.)\S+")
_LETTER: Final = regex.compile(r"\p{L}")
_SCRIPTS: Final = {
    False: regex.compile(r"\p{Latin}|[\uff21-\uff5a]|[\U0001d400-\U0001d7ff]"),
    True: regex.compile(r"\p{Latin}|\p{Cyrillic}|[\uff21-\uff5a]|[\U0001d400-\U0001d7ff]"),
}
#: The least share of letters of a known script in a text of undetermined
#: language: look-alike letters of other scripts may fill the rest.
_SHARE_OF_SCRIPT: Final = 0.25
#: English comments with so few letters are those that most often get another language,
#: mostly with less confidence than this: they are scored like undetermined ones.
_FEW_LETTERS: Final = 40
_SURE: Final = 0.6
#: From this share of frequent English words on, a text is English whatever the
#: detector says; no sentence in another language of our samples has as many.
_SHARE_OF_ENGLISH: Final = 0.35


class ToxicityAnalyzer:
    """Probabilities of Detoxify's labels by one model of ``toolkit.inference``."""

    name: Final = "toxicity"
    reads: tuple[str, ...] = ("text", "language__tag", "language__confidence")

    def __init__(self, model: ToxicityModel) -> None:
        self._model = model

    @classmethod
    def from_settings(cls, settings: Settings) -> ToxicityAnalyzer:
        """The analyzer with the model that the settings name.

        Raises ModelError where its files cannot be used, MissingExtraError
        where Detoxify is not installed, SettingsError where its checkpoint is
        not named.
        """
        return cls(open_backend(settings.toxicity, settings))

    @property
    def version(self) -> str:
        """The model's version and that of the rules about what is scored."""
        return f"{self._model.version}/{_RULES}"

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """One probability a label of the model, and why they are null."""
        return (
            *(
                Metric(
                    name=label,
                    dtype=pl.Float32(),
                    unit=Unit.PROBABILITY,
                    bounds=(0.0, 1.0),
                    direction=Direction.HIGHER_IS_MORE,
                    description=_DESCRIPTIONS.get(label, f"Detoxify's label {label}."),
                )
                for label in self._model.labels
            ),
            null_reason_metric(),
        )

    def expr(self) -> pl.Expr:
        """One struct a row: the labels' probabilities and null_reason."""
        return batched(self.name, self.reads, self.metrics, self._measure)

    def explain(self, row: Mapping[str, Any]) -> list[Evidence]:
        """The toxic spans of a comment that is worth a review; else nothing.

        In a comment of several sentences the note says how toxic the span's
        sentence is by itself; in one of several windows, on which of them the
        comment's toxicity stands.
        """
        text, tag = row.get("text"), row.get("language__tag")
        if text is None or self._null_reason(text, tag, row.get("language__confidence")):
            return []
        found = self._model.spans(text)
        if not found:
            return []
        sentences = sentence_spans(text, "en")
        notes = []
        window = self._model.window(text)
        if window is not None:
            notes.append(f"the score is that of characters {window[0]}-{window[1]}")
        return [
            Evidence(
                analyzer=self.name,
                label=span.label,
                start=span.start,
                end=span.end,
                quote=text[span.start : span.end],
                score=span.score,
                note="; ".join([*self._alone(text, span.start, sentences), *notes]) or None,
            )
            for span in found
        ]

    def _alone(self, text: str, place: int, sentences: Sequence[tuple[int, int]]) -> list[str]:
        """How toxic the sentence at ``place`` is by itself, where there are others."""
        if len(sentences) < 2:
            return []
        for start, end in sentences:
            if start <= place < end:
                score = float(self._model.predict([text[start:end]])[0, 0])
                return [] if np.isnan(score) else [f"its sentence alone has {score:.2f}"]
        return []

    def _measure(self, frame: pl.DataFrame) -> pl.DataFrame:
        texts: list[str | None] = frame["text"].to_list()
        tags: list[str | None] = frame["language__tag"].to_list()
        sure: list[float | None] = frame["language__confidence"].to_list()
        reasons = [self._null_reason(*row) for row in zip(texts, tags, sure, strict=True)]
        scored = np.array([reason is None for reason in reasons], np.bool_)
        chosen = [
            text
            for text, reason in zip(texts, reasons, strict=True)
            if reason is None and text is not None
        ]
        scores = np.full((len(texts), len(self._model.labels)), np.nan, np.float32)
        if chosen:
            scores[scored] = self._model.predict(chosen)
        wordless = scored & np.isnan(scores[:, 0])
        for index in np.flatnonzero(wordless):
            reasons[int(index)] = "not_prose"
        columns = {
            label: pl.Series(scores[:, lane]).fill_nan(None)
            for lane, label in enumerate(self._model.labels)
        }
        return pl.DataFrame(
            {**columns, "null_reason": pl.Series(reasons, dtype=NULL_REASON)},
        )

    def _null_reason(
        self, text: str | None, tag: str | None, confidence: float | None
    ) -> str | None:
        """Why a text is not scored; None where it is. Without a confidence the tag is sure."""
        if text is None or not text.strip():
            return "no_text"
        prose = _ADDRESS.sub(" ", text) if "://" in text or "www." in text else text
        if not _LETTER.search(prose):
            return "not_prose"
        languages = self._model.languages
        told = tag is not None and tag != "und"
        if tag is not None and told and tag.partition("-")[0] in languages:
            return None
        letters = len(_LETTER.findall(prose))
        if told:
            if "en" in languages and _disguised_english(prose):
                return None
            if letters > _FEW_LETTERS or confidence is None or confidence >= _SURE:
                return "language"
        known = len(_SCRIPTS["ru" in languages].findall(prose))
        return None if known >= _SHARE_OF_SCRIPT * letters else "language"


def _disguised_english(text: str) -> bool:
    """Whether accents on English words have misled the language detector.

    "You aré à stüpid mörön" is taken for Hungarian, and is written so to get
    past a filter.
    """
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare != text and english_share(bare) >= _SHARE_OF_ENGLISH
