"""Does a comment agree with the article's thesis? Provisional.

Similarity of sentence vectors says how near the comment is to the thesis; the
side it takes is told by a small model over readable cues. It knows far better
what is about the thesis than which side is taken: ``docs/stance.md`` has the
figures. Below ``MIN_CONFIDENCE`` no side is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
import regex
from numpy.typing import NDArray

from toolkit.analyzers.base import batched
from toolkit.analyzers.stance.features import Line, english_share, features, line, negate
from toolkit.analyzers.thesis.sentences import candidates
from toolkit.inference.stance_cues import LABELS, load
from toolkit.records import Evidence
from toolkit.schema import Direction, Metric, Unit, null_reason_metric
from toolkit.text.language import UNDETERMINED, detect
from toolkit.text.normalize import collapse
from toolkit.text.sentences import sentence_spans
from toolkit.text.words import count_words

if TYPE_CHECKING:
    from toolkit.inference.encoder import SentenceEncoder

#: A side is named only where its probability reaches this; else the label is ``discuss``.
MIN_CONFIDENCE: Final = 0.5
#: A comment of fewer words takes no side that could be told.
MIN_WORDS: Final = 3
#: A text whose language could not be told is taken for English from this
#: share of words that are frequent in English and rare elsewhere.
MIN_ENGLISH_SHARE: Final = 0.2
#: An article sentence less similar than this is not what the comment answers.
MIN_ANSWERED: Final = 0.3
#: Changes when the rules of this file change.
_RULES: Final = "1"

_LABEL: Final = pl.Enum(LABELS)
_LATIN: Final = regex.compile(r"\p{Latin}")
_LETTER: Final = regex.compile(r"\p{L}")

_DESCRIPTIONS: Final = {
    "agree": "The comment takes the thesis' side.",
    "disagree": "The comment takes the side against the thesis.",
    "discuss": "The comment is about the thesis and takes no side.",
    "unrelated": "The comment is about something else.",
}


class StanceAnalyzer:
    """FNC-1's four labels with probabilities, for English comments.

    ``thesis`` holds a sentence a line; the line nearest to the comment is the
    one it is judged against. ``null_reason``: ``no_text``; ``no_thesis``;
    ``language`` (comment or thesis not English; a comment of undetermined
    language counts as English when at least a fifth of its words are
    frequent English ones); ``too_short`` (under ``MIN_WORDS`` words).
    """

    name: Final = "stance"
    reads: tuple[str, ...] = ("text", "thesis", "language__tag")
    metrics: tuple[Metric, ...] = (
        Metric(
            name="label",
            dtype=_LABEL,
            unit=Unit.LABEL,
            description=(
                "The likeliest stance; discuss where a side is likeliest but its probability "
                f"is under {MIN_CONFIDENCE}. Provisional."
            ),
        ),
        *(
            Metric(
                name=label,
                dtype=pl.Float32(),
                unit=Unit.PROBABILITY,
                bounds=(0.0, 1.0),
                direction=Direction.HIGHER_IS_MORE,
                description=f"{_DESCRIPTIONS[label]} The four sum to 1.",
            )
            for label in LABELS
        ),
        Metric(
            name="alignment",
            dtype=pl.Float32(),
            unit=Unit.DIFFERENCE,
            bounds=(-1.0, 1.0),
            direction=Direction.HIGHER_IS_MORE,
            description="agree minus disagree: above 0 with the thesis, below 0 against it.",
        ),
        Metric(
            name="relevance",
            dtype=pl.Float32(),
            unit=Unit.SIMILARITY,
            bounds=(0.0, 1.0),
            direction=Direction.HIGHER_IS_MORE,
            description="Highest cosine of a sentence with a line of the thesis; 0 if negative.",
        ),
        null_reason_metric(),
    )

    @property
    def version(self) -> str:
        """The model's version and that of the rules; ``provisional`` until a real model is in."""
        return f"{load().version}+{_RULES}"

    def expr(self) -> pl.Expr:
        """One struct a row: label, probabilities, alignment, relevance, null reason."""
        return batched(self.name, self.reads, self.metrics, _measure)

    def explain(self, row: Mapping[str, Any]) -> list[Evidence]:
        """The sentences that take a side, each judged by itself, in text order.

        ``score`` is the probability of ``label``. For the strongest, ``note``
        quotes the sentence of ``row["article_text"]`` that it answers (where
        one is near enough), with offsets into the article's text. Where no
        sentence takes a side, the one nearest to the thesis stands as
        ``discuss``. Empty where the row has no stance or is unrelated.
        """
        label = row.get("stance__label")
        text, thesis = row.get("text"), row.get("thesis")
        if label is None or label == "unrelated" or not text or not thesis:
            return []
        lines = _lines(thesis)
        spans = [span for span in sentence_spans(text, "en") if count_words(text[slice(*span)])]
        vectors = _encoder().embed([text[start:end] for start, end in spans])
        found: list[tuple[tuple[int, int], str, float]] = []
        for index, span in enumerate(spans):
            sentence = text[slice(*span)]
            if count_words(sentence) < MIN_WORDS:
                continue
            ahead = text[slice(*spans[index + 1])] if index + 1 < len(spans) else ""
            alone = features([sentence], vectors[index : index + 1], lines, ahead=ahead)
            given = load().probabilities(alone)
            side = _label(given)
            if side in ("agree", "disagree"):
                found.append((span, side, float(given[LABELS.index(side)])))
        if not found:
            return _nearest(text, spans, vectors, lines, row)
        strongest = max(found, key=lambda item: item[2])
        return [
            Evidence(
                analyzer=self.name,
                label=side,
                start=span[0],
                end=span[1],
                quote=text[slice(*span)],
                score=round(score, 4),
                note=_answered(text[slice(*span)], row)
                if (span, side, score) == strongest
                else None,
            )
            for span, side, score in found
        ]


def features_of(thesis: str, text: str, encoder: SentenceEncoder) -> NDArray[np.float64]:
    """The features of one pair; ``thesis`` a sentence a line. For training."""
    sentences = _sentences(text) or [text]
    return features(sentences, encoder.embed(sentences), _lines(thesis))


def _measure(frame: pl.DataFrame) -> pl.DataFrame:
    known: dict[tuple[str | None, str | None, str | None], dict[str, Any]] = {}
    rows = []
    for text, thesis, tag in frame.iter_rows():
        key = (text, thesis, tag)
        if key not in known:
            reason = _null_reason(text, thesis, tag)
            known[key] = {"null_reason": reason} if reason else _judge(text, thesis)
        rows.append(known[key])
    schema = {metric.name: metric.dtype for metric in StanceAnalyzer.metrics}
    return pl.DataFrame(rows, schema=schema)


def _null_reason(text: str | None, thesis: str | None, tag: str | None) -> str | None:
    if text is None or not text.strip():
        return "no_text"
    if thesis is None or not count_words(thesis):
        return "no_thesis"
    if not _is_english(text, tag) or not _english_thesis(thesis):
        return "language"
    return "too_short" if count_words(text) < MIN_WORDS else None


def _is_english(text: str, tag: str | None) -> bool:
    if tag is None or tag == UNDETERMINED:
        return english_share(text) >= MIN_ENGLISH_SHARE
    return tag.partition("-")[0] == "en"


@lru_cache(maxsize=4096)
def _english_thesis(thesis: str) -> bool:
    """False where a thesis is plainly in another language; headlines are short and hard to tell."""
    if english_share(thesis) >= MIN_ENGLISH_SHARE:
        return True
    letters = len(_LETTER.findall(thesis))
    if len(_LATIN.findall(thesis)) < letters / 2:
        return False
    return detect([thesis])[0].tag in ("en", UNDETERMINED)


def _judge(text: str, thesis: str) -> dict[str, Any]:
    sentences = _sentences(text)
    vectors = _encoder().embed(sentences)
    values = features(sentences, vectors, _lines(thesis))
    given = load().probabilities(values)
    result: dict[str, Any] = dict(zip(LABELS, given.tolist(), strict=True))
    return {
        "label": _label(given),
        **result,
        "alignment": result["agree"] - result["disagree"],
        "relevance": min(1.0, max(0.0, float(values[0]))),
        "null_reason": None,
    }


def _label(given: NDArray[np.float64]) -> str:
    best = int(np.argmax(given))
    if LABELS[best] in ("agree", "disagree") and given[best] < MIN_CONFIDENCE:
        return "discuss"
    return LABELS[best]


def _sentences(text: str) -> list[str]:
    found = (text[start:end] for start, end in sentence_spans(text, "en"))
    return [sentence for sentence in found if count_words(sentence)]


@lru_cache(maxsize=256)
def _lines(thesis: str) -> tuple[Line, ...]:
    texts = [collapse(part) for part in thesis.splitlines() if count_words(part)]
    encoder = _encoder()
    vectors = encoder.embed(texts)
    negated = encoder.embed([negate(text) for text in texts])
    return tuple(
        line(text, vector, negation)
        for text, vector, negation in zip(texts, vectors, negated, strict=True)
    )


def _nearest(
    text: str,
    spans: Sequence[tuple[int, int]],
    vectors: NDArray[np.float32],
    lines: Sequence[Line],
    row: Mapping[str, Any],
) -> list[Evidence]:
    similar = (vectors @ np.stack([line.vector for line in lines]).T).max(axis=1)
    long_enough = [count_words(text[slice(*span)]) >= MIN_WORDS for span in spans]
    if any(long_enough):
        similar = np.where(long_enough, similar, -1.0)
    start, end = spans[int(np.argmax(similar))]
    return [
        Evidence(
            analyzer=StanceAnalyzer.name,
            label="discuss",
            start=start,
            end=end,
            quote=text[start:end],
            score=None,
            note=_answered(text[start:end], row),
        )
    ]


def _answered(sentence: str, row: Mapping[str, Any]) -> str | None:
    """The article's sentence nearest to ``sentence``, quoted with its offsets."""
    article = row.get("article_text")
    if not article:
        return None
    told = [item for item in candidates(article, "en") if item.role == "claim"]
    if not told:
        return None
    encoder = _encoder()
    similar = encoder.embed([item.text for item in told]) @ encoder.embed([sentence])[0]
    best = int(np.argmax(similar))
    if similar[best] < MIN_ANSWERED:
        return None
    nearest = told[best]
    return (
        f"answers the article's sentence “{collapse(nearest.text)}” "
        f"(article text {nearest.start}–{nearest.end}, similarity {similar[best]:.2f})"
    )


def _encoder() -> SentenceEncoder:
    from toolkit.inference.encoder import shared_encoder

    return shared_encoder()
