"""Whether a text too short for a language detector is English."""

from __future__ import annotations

from typing import Final

from toolkit.text.normalize import fold_quotes
from toolkit.text.words import word_spans

#: Frequent in English comments and rare in the other languages that these come in.
_FREQUENT: Final = {
    "the", "and", "is", "are", "was", "were", "of", "to", "this", "that", "these", "those", "it",
    "it's", "you", "your", "they", "their", "he", "she", "his", "her", "we", "our", "i", "i'm",
    "not", "don't", "doesn't", "isn't", "have", "has", "had", "with", "what", "who", "why", "how",
    "for", "from", "about", "should", "would", "could", "will", "can't", "right", "wrong",
    "agree", "disagree", "nonsense", "exactly", "said", "very", "just", "because", "there",
    "when", "than", "more", "good", "great", "article", "thank", "thanks", "true", "yes",
    "please", "people", "think", "know", "point",
}  # fmt: skip


def english_share(text: str) -> float:
    """The share of words that are frequent in English and rare elsewhere, in [0, 1]."""
    folded = fold_quotes(text)
    words = [folded[start:end].lower() for start, end in word_spans(folded)]
    return sum(word in _FREQUENT for word in words) / max(1, len(words))
