"""Does a comment agree with the article's thesis?

Similarity of sentence vectors says how near the comment is to the thesis; what
it says of the thesis is told by a backend of ``toolkit.inference.stance_backends``.
``docs/stance.md`` has the figures. Below ``MIN_CONFIDENCE`` no side is named.
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
from toolkit.analyzers.stance.features import (
    Line,
    features,
    line,
    nearest_line,
    negate,
)
from toolkit.analyzers.thesis.sentences import candidates
from toolkit.errors import InternalError
from toolkit.inference.stance_backends import LABELS, StanceBackend, StancePair, open_backend
from toolkit.records import Evidence
from toolkit.schema import Direction, Metric, Unit, null_reason_metric
from toolkit.settings import Settings
from toolkit.text.english import english_share
from toolkit.text.language import UNDETERMINED, detect
from toolkit.text.normalize import collapse
from toolkit.text.sentences import sentence_spans
from toolkit.text.words import count_words

if TYPE_CHECKING:
    from toolkit.inference.encoder import SentenceEncoder, Vectors

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
_RULES: Final = "3"

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
    """FNC-1's four labels with probabilities, by one backend.

    ``thesis`` holds a sentence a line; the line nearest to the comment is the
    one it is judged against. ``null_reason``: ``no_text``; ``no_thesis``;
    ``language`` (comment or thesis in none of the backend's languages; a
    comment of undetermined language counts as English when at least a fifth
    of its words are frequent English ones); ``too_short`` (under
    ``MIN_WORDS`` words).

    The sentence vectors know English alone. Where comment or thesis is in
    another language of the backend, ``relevance`` is null and the first line
    of the thesis is the one that counts.
    """

    name: Final = "stance"
    reads: tuple[str, ...] = ("text", "thesis", "language__tag")
    metrics: tuple[Metric, ...] = (
        Metric(
            name="label",
            dtype=_LABEL,
            unit=Unit.LABEL,
            description=(
                "unrelated where that is likelier than the other three together, a side where its "
                f"probability is {MIN_CONFIDENCE} or more, else discuss."
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

    def __init__(self, backend: StanceBackend | None = None) -> None:
        """``backend`` None is that of the default settings."""
        settings = Settings()
        self._backend = backend or open_backend(settings.stance, settings)

    @classmethod
    def from_settings(cls, settings: Settings) -> StanceAnalyzer:
        """The analyzer with the backend that the settings name.

        Raises SettingsError for an unknown backend, ModelError where its
        files cannot be used, MissingExtraError where it needs torch.
        """
        return cls(open_backend(settings.stance, settings))

    @property
    def version(self) -> str:
        """The backend's version and that of the rules."""
        return f"{self._backend.version}+{_RULES}"

    def expr(self) -> pl.Expr:
        """One struct a row: label, probabilities, alignment, relevance, null reason."""
        return batched(self.name, self.reads, self.metrics, self._measure)

    def explain(self, row: Mapping[str, Any]) -> list[Evidence]:
        """The sentences that take a side, each judged by itself, in text order.

        ``score`` is the probability of ``label``. For the strongest of each
        side, ``note`` quotes the sentence of ``row["article_text"]`` that it
        answers (where one is near enough), with offsets into the article's
        text. Where no sentence takes a side, the one nearest to the thesis
        stands as ``discuss``. Empty where the row has no stance or is unrelated.
        """
        label = row.get("stance__label")
        text, thesis = row.get("text"), row.get("thesis")
        if label is None or label == "unrelated" or not text or not thesis:
            return []
        spoken = _spoken(text, row.get("language__tag"))
        english = spoken == _thesis_language(thesis) == "en"
        spans = [span for span in sentence_spans(text, spoken) if count_words(text[slice(*span)])]
        sentences = [text[slice(*span)] for span in spans]
        long = [place for place, said in enumerate(sentences) if count_words(said) >= MIN_WORDS]
        pairs = [
            _pair(
                thesis,
                sentences[place],
                sentences[place : place + 1],
                ahead=sentences[place + 1] if place + 1 < len(sentences) else "",
                english=english,
            )
            for place in long
        ]
        given = self._backend.probabilities(pairs)
        found: dict[int, tuple[str, float]] = {}
        for place, shares in zip(long, given, strict=True):
            side = label_of(shares)
            if side in ("agree", "disagree"):
                found[place] = side, float(shares[LABELS.index(side)])
        if not found:
            place = _nearest(sentences, long, thesis) if english else (long or [0])[0]
            found = {place: ("discuss", 0.0)}
        strongest: dict[str, int] = {}
        for place, (side, score) in found.items():
            if side not in strongest or score > found[strongest[side]][1]:
                strongest[side] = place
        return [
            Evidence(
                analyzer=self.name,
                label=side,
                start=spans[place][0],
                end=spans[place][1],
                quote=sentences[place],
                score=None if side == "discuss" else round(score, 4),
                note=_answered(sentences[place], row)
                if english and strongest[side] == place
                else None,
            )
            for place, (side, score) in found.items()
        ]

    def _measure(self, frame: pl.DataFrame) -> pl.DataFrame:
        known: dict[tuple[str | None, str | None, str | None], dict[str, Any]] = {}
        rows = []
        for text, thesis, tag in frame.iter_rows():
            key = (text, thesis, tag)
            if key not in known:
                reason = self._null_reason(text, thesis, tag)
                known[key] = {"null_reason": reason} if reason else self._judge(text, thesis, tag)
            rows.append(known[key])
        schema = {metric.name: metric.dtype for metric in self.metrics}
        return pl.DataFrame(rows, schema=schema)

    def _null_reason(self, text: str | None, thesis: str | None, tag: str | None) -> str | None:
        if text is None or not text.strip():
            return "no_text"
        if thesis is None or not count_words(thesis):
            return "no_thesis"
        if not {_spoken(text, tag), _thesis_language(thesis)} <= self._backend.languages:
            return "language"
        return "too_short" if count_words(text) < MIN_WORDS else None

    def _judge(self, text: str, thesis: str, tag: str | None) -> dict[str, Any]:
        english = _spoken(text, tag) == _thesis_language(thesis) == "en"
        pair = _pair(thesis, text, _sentences(text) if english else [], english=english)
        [given] = self._backend.probabilities([pair])
        result: dict[str, Any] = dict(zip(LABELS, given.tolist(), strict=True))
        relevance = pair.relevance
        return {
            "label": label_of(given),
            **result,
            "alignment": result["agree"] - result["disagree"],
            "relevance": None if relevance is None else min(1.0, max(0.0, relevance)),
            "null_reason": None,
        }


def features_of(thesis: str, text: str) -> NDArray[np.float64]:
    """The features of one pair; ``thesis`` a sentence a line. For training."""
    sentences = _sentences(text) or [text]
    return features(sentences, _vectors(sentences), _lines(thesis))


def pair_of(thesis: str, text: str) -> StancePair:
    """What a backend is asked of an English text; ``thesis`` a sentence a line. For evaluation."""
    return _pair(thesis, text, _sentences(text) or [text], english=True)


def _pair(
    thesis: str, text: str, sentences: Sequence[str], *, ahead: str = "", english: bool
) -> StancePair:
    """What a backend is asked of ``text``; ``ahead`` is the sentence after it, where it is one."""
    if not english:
        lines = [collapse(part) for part in thesis.splitlines() if count_words(part)]
        return StancePair(thesis=lines[0], text=text, relevance=None, cues=_no_cues)
    known = _lines(thesis)
    vectors = _vectors(sentences)
    _, column, relevance = nearest_line(vectors, known)
    return StancePair(
        thesis=known[column].text,
        text=text,
        relevance=relevance,
        cues=lambda: features(sentences, vectors, known, ahead=ahead),
    )


def _vectors(sentences: Sequence[str]) -> Vectors:
    """Of a comment's sentences, in one pass; that of a single one is kept for the next time."""
    encoder = _encoder()
    return encoder.embed_together(sentences) if len(sentences) > 1 else encoder.embed(sentences)


def _no_cues() -> NDArray[np.float64]:
    raise InternalError(
        "the cues are English, and a backend asked for them in another language",
        next_step="A backend that reads cues has English as its only language.",
    )


def _spoken(text: str, tag: str | None) -> str:
    """Primary subtag of the comment's language; English where nothing else is told and it seems so.

    ``und`` where it cannot be told.
    """
    if tag is None or tag == UNDETERMINED:
        return "en" if english_share(text) >= MIN_ENGLISH_SHARE else UNDETERMINED
    return tag.partition("-")[0]


@lru_cache(maxsize=4096)
def _thesis_language(thesis: str) -> str:
    """Primary subtag; English unless plainly another: headlines are short and hard to tell."""
    if english_share(thesis) >= MIN_ENGLISH_SHARE:
        return "en"
    tag = detect([thesis])[0].tag.partition("-")[0]
    if len(_LATIN.findall(thesis)) < len(_LETTER.findall(thesis)) / 2:
        return UNDETERMINED if tag == "en" else tag
    return "en" if tag == UNDETERMINED else tag


def label_of(given: NDArray[np.float64]) -> str:
    """Unrelated where that is likelier than all the others together; else a sure side or discuss.

    A comment whose probability is split over agree, disagree and discuss is
    about the thesis, though each of the three may be under ``unrelated``.
    """
    *related, unrelated = given
    if unrelated > sum(related):
        return "unrelated"
    best = int(np.argmax(related))
    return LABELS[best] if related[best] >= MIN_CONFIDENCE else "discuss"


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


def _nearest(sentences: Sequence[str], long: Sequence[int], thesis: str) -> int:
    """The sentence nearest to the thesis; of those that are long enough, if there is one."""
    chosen = long or range(len(sentences))
    vectors = _encoder().embed([sentences[place] for place in chosen])
    return chosen[nearest_line(vectors, _lines(thesis))[0]]


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
