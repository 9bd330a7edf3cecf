"""The sentences that carry an article's own claim.

The headline counts where it says something; beside it stand the sentences of
the text that a headline would most likely be made from. A question, an
interviewer's turn, a caption, page furniture and a view that the author
dismisses never count. The figures are in ``docs/stance.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import regex

from toolkit.analyzers.thesis.cues import cues, is_claim_title, is_question
from toolkit.analyzers.thesis.features import (
    VECTOR_FEATURES,
    WORD_FEATURES,
    Matrix,
    Vectors,
    gist,
    overlap,
    scores,
    vector_features,
    word_count,
    word_features,
)
from toolkit.analyzers.thesis.sentences import Candidate, candidates
from toolkit.records import Article, ThesisSentence
from toolkit.text.language import UNDETERMINED, detect
from toolkit.text.normalize import collapse, fold_quotes
from toolkit.text.words import count_words

if TYPE_CHECKING:
    from toolkit.inference.encoder import SentenceEncoder

#: How many sentences at most, the headline included.
LIMIT: Final = 3
#: Sentences that get a vector; the others of a long text are ruled out by their words.
_WITH_VECTOR: Final = 60
#: A further sentence needs this share of the best one's score.
_NEAR_BEST: Final = 0.6
#: Two sentences more alike than this say the same.
_SAME: Final = 0.9
#: What ten words cost a further sentence, in standard deviations of the score:
#: long sentences look central because they touch everything.
_LENGTH_COST: Final = 0.15
#: The share of an article's sentences that are called close to its topic.
_CENTRAL: Final = 0.25
#: A headline in a language whose verbs we cannot tell needs so many words.
_TITLE_WORDS: Final = 4
_SITE: Final = regex.compile(r"\s+[|·]\s+[^|·]{1,40}$")

_TITLE_SCORE: Final = 1.0
_UNREAD_TITLE_SCORE: Final = 0.8
_LABEL_SCORE: Final = 0.2


@dataclass(frozen=True, slots=True)
class _Ranked:
    candidate: Candidate
    score: float
    central: bool


def extract_thesis(article: Article, *, limit: int = LIMIT) -> list[ThesisSentence]:
    """At most ``limit`` thesis sentences of ``article``, the most central first.

    ``article.thesis``, where stated, is the answer, a sentence a line (source
    ``user``). Offsets are code points into ``article.thesis``,
    ``article.title`` or ``article.text`` as ``source`` says; ``text`` is that
    slice with its white space collapsed, so it never holds a line end.

    ``score`` in [0, 1] is the expected cosine similarity with the headline:
    1 for the headline itself and for a stated thesis. An empty list: there is
    neither a claim nor a topic to be had.
    """
    if limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    if article.thesis is not None and article.thesis.strip():
        return _stated(article.thesis)[:limit]
    language = _language(article)
    title = _title(article.title, english=language == "en")
    sentences = candidates(article.text, language)
    chosen = [title] if title is not None else []
    chosen += [
        ThesisSentence(
            text=collapse(ranked.candidate.text),
            source="text",
            start=ranked.candidate.start,
            end=ranked.candidate.end,
            score=round(ranked.score, 4),
            reason=_reason(ranked, sentences, article.title),
        )
        for ranked in _choose(article, sentences, language, title, limit - len(chosen))
    ]
    return chosen or _topic(article.title)


def _stated(thesis: str) -> list[ThesisSentence]:
    found = []
    for match in regex.finditer(r"[^\n\r\u2028\u2029]+", thesis):
        line = match.group()
        if line.strip():
            start = match.start() + len(line) - len(line.lstrip())
            found.append(
                ThesisSentence(
                    text=collapse(line),
                    source="user",
                    start=start,
                    end=start + len(line.strip()),
                    score=1.0,
                    reason="stated by the user",
                )
            )
    return found


def _language(article: Article) -> str:
    if article.language and article.language != UNDETERMINED:
        return article.language.split("-")[0].lower()
    return detect([article.text or article.title or ""])[0].tag


def _title(title: str | None, *, english: bool) -> ThesisSentence | None:
    """The headline as a thesis, where it says something."""
    if title is None or not title.strip():
        return None
    start, end = _title_span(title)
    text = title[start:end]
    if english:
        if not is_claim_title(text):
            return None
        score, reason = _TITLE_SCORE, "the headline, a full sentence"
    else:
        if is_question(text) or count_words(text) < _TITLE_WORDS:
            return None
        score = _UNREAD_TITLE_SCORE
        reason = "the headline (whether it is a full sentence is told for English alone)"
    return ThesisSentence(
        text=collapse(text), source="title", start=start, end=end, score=score, reason=reason
    )


def _title_span(title: str) -> tuple[int, int]:
    """The headline without white space and without a site's name behind a bar."""
    site = _SITE.search(title)
    end = site.start() if site and count_words(title[: site.start()]) >= 3 else len(title)
    start = len(title) - len(title.lstrip())
    return start, len(title[:end].rstrip())


def _topic(title: str | None) -> list[ThesisSentence]:
    """With no claim anywhere, a headline that names a topic; nothing for a question."""
    if title is None or is_question(title) or not count_words(title):
        return []
    start, end = _title_span(title)
    return [
        ThesisSentence(
            text=collapse(title[start:end]),
            source="title",
            start=start,
            end=end,
            score=_LABEL_SCORE,
            reason="the headline, which names a topic and no claim; the text offers none",
        )
    ]


def _choose(
    article: Article,
    sentences: list[Candidate],
    language: str,
    title: ThesisSentence | None,
    limit: int,
) -> list[_Ranked]:
    able = [sentence for sentence in sentences if sentence.role == "claim"] or [
        # A script without stops, or nothing but short lines: better than none.
        sentence
        for sentence in sentences
        if sentence.role in ("heading", "fragment") and word_count(sentence.text) > 1
    ]
    if not able or limit < 1:
        return []
    by_words = word_features([sentence.text for sentence in able])
    about = by_words[:, WORD_FEATURES.index("topic_words")]
    kept = _promising(scores(by_words, with_vectors=False))
    able = [able[index] for index in kept]
    texts = [sentence.text for sentence in able]
    headline = article.title if article.title and article.title.strip() else None
    vectors = _encoder().embed(texts) if language == "en" else None
    if vectors is None:
        about = about[kept]
        values = scores(by_words[kept], with_vectors=False)
        if headline:
            values = (values + np.array([overlap(headline, text) for text in texts])) / 2
    else:
        by_vectors = vector_features(vectors, _encoder().embed([gist(texts)])[0])
        about = by_vectors[:, VECTOR_FEATURES.index("gist")]
        features = np.hstack((by_words[kept], by_vectors))
        values = scores(features, with_vectors=True)
        if headline:
            values = (values + np.clip(vectors @ _encoder().embed([headline])[0], 0.0, 1.0)) / 2
    taken = [title.text] if title else []
    central = about >= np.quantile(about, 1 - _CENTRAL)
    chosen = _spread(able, values, vectors, taken, limit)
    ranked = [
        _Ranked(able[index], float(np.clip(values[index], 0, 1)), bool(central[index]))
        for index in chosen
    ]
    return sorted(ranked, key=lambda item: (-item.score, item.candidate.start))


def _promising(values: Matrix) -> list[int]:
    if len(values) <= _WITH_VECTOR:
        return list(range(len(values)))
    best = np.argsort(-values, kind="stable")[:_WITH_VECTOR]
    return sorted(int(index) for index in best)


def _spread(
    able: list[Candidate],
    values: Matrix,
    vectors: Vectors | None,
    taken: list[str],
    limit: int,
) -> list[int]:
    """The best, then further ones: near the best, short, and no repetition."""
    lengths = np.array([word_count(sentence.text) for sentence in able])
    spread = float(values.std()) or 1.0
    further = values / spread - _LENGTH_COST * lengths / 10
    chosen: list[int] = []
    order = [int(np.argmax(values)), *(int(i) for i in np.argsort(-further, kind="stable"))]
    said = {_bare(text) for text in taken}
    for index in order:
        if len(chosen) == limit:
            break
        if (
            index in chosen
            or _bare(able[index].text) in said
            or values[index] < _NEAR_BEST * values.max()
        ):
            continue
        if any(_alike(able, vectors, index, other) for other in chosen):
            continue
        chosen.append(index)
    return chosen


def _bare(text: str) -> str:
    """For telling a repetition: letters and digits alone, in one case."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _alike(able: list[Candidate], vectors: Vectors | None, one: int, other: int) -> bool:
    if vectors is not None:
        return bool(vectors[one] @ vectors[other] > _SAME)
    left, right = able[one].text, able[other].text
    return min(overlap(left, right), overlap(right, left)) > _SAME


def _reason(ranked: _Ranked, sentences: list[Candidate], title: str | None) -> str:
    """In words: what speaks for the sentence."""
    candidate = ranked.candidate
    parts = []
    first = next((s for s in sentences if s.role == "claim"), None)
    turns = [s for s in sentences if s.role == "interviewer" and s.start < candidate.start]
    if candidate == first:
        parts.append("opens the text")
    elif candidate.block <= 1 and not turns:
        parts.append("stands near the beginning")
    if turns:
        parts.append("is part of an answer in the interview")
    if title and overlap(title, candidate.text) >= 0.5:
        parts.append("shares the headline's words")
    if cues().claims.search(fold_quotes(candidate.text)):
        parts.append("judges or demands")
    if ranked.central or not parts:
        parts.append("is close to what the whole text is about")
    return ", ".join(parts)


def _encoder() -> SentenceEncoder:
    from toolkit.inference.encoder import shared_encoder

    return shared_encoder()
