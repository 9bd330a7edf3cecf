"""The toxicity corpora as one list of rows with soft, partly missing targets.

Reads ``$TOOLKIT_CORPORA/data/toxicity`` (and, as civil comments of the news
genre, three training files of ``data/stance``). Rows that overlap a ``*_dev``
file are left out: all comments of ``news_spans_dev`` stand in
``news_comments_typed_train`` too, and would leak.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toxicity_indirect import chosen
from toxicity_sentences import CITIES
from toxicity_templates import (
    GROUPS,
    OBSCENE_INSULT,
    SLUR,
    examples,
)
from toxicity_unsaid import SLUR_FRAMES, SLUR_MENTIONS

#: A missing target: the corpus says nothing about the label.
UNKNOWN = float("nan")
FOLDS = 10

_WORD = re.compile(r"[a-z0-9]+")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_ENTITY = {"&amp;": "&", "&gt;": ">", "&lt;": "<", "&quot;": '"'}


@dataclass(slots=True)
class Row:
    """``targets`` in the order of LABELS, each in [0, 1] or UNKNOWN.

    ``group`` is the text the row was made from: rows of one group never lie on
    both sides of a split. ``spans`` are character offsets that are toxic. ``marked``
    is what teachers say that Wikipedia's raters would mark, of a comment that others rated.
    """

    text: str
    targets: list[float]
    weight: float
    source: str
    group: str
    spans: list[int] | None = None
    fold: int = 0
    marked: float = UNKNOWN


def read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


#: Words of the everyday names of groups: no slurs, whatever a list says.
NAMES = {word for group in GROUPS for name in group for word in words(name)}
#: How the profanity list's categories of slurs begin.
AIMED = ("racial", "sexual orientation", "religious")


def shingles(text: str, size: int = 6) -> set[str]:
    found = words(text)
    return {" ".join(found[i : i + size]) for i in range(max(1, len(found) - size + 1))}


def wikipedia_targets(row: dict[str, Any]) -> list[float]:
    names = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
    return [float(row[name]) for name in names]


def load(corpora: Path) -> list[Row]:
    """Every row for training and validation; ``fold`` 0 is the validation."""
    folder = corpora / "data" / "toxicity"
    rows = [
        *_wikipedia(folder),
        *_news(folder),
        *_tweets(folder),
        *_forum(folder),
        *_civil_news(corpora / "data" / "stance"),
        *_lexicon(folder),
        *_templates(),
    ]
    kept = apart(rows, folder)
    return kept + list(_disguised(kept))


def apart(rows: Iterable[Row], folder: Path) -> list[Row]:
    """``rows`` that share no text with a ``*_dev`` file in ``folder``, each given its fold."""
    held = set()
    for name in ("news_spans_dev", "wikipedia_talk_6label_dev"):
        for row in read(folder / f"{name}.jsonl.gz"):
            held |= shingles(row["text"])
    kept: list[Row] = []
    left_out: Counter[str] = Counter()
    for row in rows:
        if row.source in ("templates", "lexicon"):
            kept.append(row)
            continue
        own = shingles(row.group)
        if len(own & held) >= 0.3 * len(own):
            left_out[row.source] += 1
        else:
            kept.append(row)
    print("left out as overlapping a dev file:", dict(left_out))
    for row in kept:
        # Near-duplicates open with the same words and fall into the same fold.
        key = " ".join(words(row.group)[:8])
        row.fold = int(hashlib.sha256(key.encode()).hexdigest(), 16) % FOLDS
    return kept


def _wikipedia(folder: Path) -> Iterator[Row]:
    for row in read(folder / "wikipedia_talk_6label_train.jsonl.gz"):
        yield Row(row["text"], wikipedia_targets(row), 1.0, "wikipedia", row["text"])
    for row in read(folder / "wikipedia_talk_nontoxic_train.jsonl.gz"):
        yield Row(row["text"], [0.0] * 6, 0.7, "wikipedia_nontoxic", row["text"])
    for row in read(folder / "wikipedia_identity_terms_nontoxic_train.jsonl.gz"):
        yield Row(row["text"], [0.0] * 6, 0.6, "wikipedia_identity", row["text"])


def _news(folder: Path) -> Iterator[Row]:
    spans = {r["text"]: r["spans"] for r in read(folder / "news_spans_train.jsonl.gz")}
    for row in read(folder / "news_comments_typed_train.jsonl.gz"):
        text = row["text"]
        # Nearly all were toxic to most raters of an earlier round; the share
        # who could point at words says how clearly.
        shares = [min(1.0, row[k]) for k in ("obscene", "threat", "insult", "identity_attack")]
        targets = [0.35 + 0.6 * row["span_rate"], UNKNOWN, *shares]
        yield Row(text, targets, 0.8, "news", text, spans.pop(text, None))
    for text, toxic in spans.items():
        yield Row(text, [0.7 if toxic else 0.4, *[UNKNOWN] * 5], 0.6, "news", text, toxic)
    for row in read(folder / "news_spans_train.jsonl.gz"):
        yield from _around_spans(row["text"], set(row["spans"]))


def _around_spans(text: str, toxic: set[int]) -> Iterator[Row]:
    """Counterfactuals: the comment without its toxic words, and its sentences one by one."""
    if not toxic:
        return
    without = "".join(" " if i in toxic else letter for i, letter in enumerate(text))
    yield Row(without, [0.12, 0.0, 0.02, UNKNOWN, 0.05, 0.03], 0.35, "news_spans_out", text)
    for match in _SENTENCE.finditer(text):
        inside = toxic.intersection(range(match.start(), match.end()))
        if inside:
            yield Row(match[0], [0.85, *[UNKNOWN] * 5], 0.3, "news_sentence_toxic", text)
        elif len(match[0]) > 25:
            targets = [0.1, 0.0, 0.02, UNKNOWN, 0.05, 0.05]
            yield Row(match[0], targets, 0.25, "news_sentence_civil", text)


def _tweets(folder: Path) -> Iterator[Row]:
    for row in read(folder / "tweets_hate_offensive_train.jsonl.gz"):
        raters = row["raters"]
        hate, offensive = row["hate"] / raters, row["offensive"] / raters
        text = row["text"]
        for name, sign in _ENTITY.items():
            text = text.replace(name, sign)
        text = re.sub(r"&#\d+;|https?://\S+|\bRT\b", " ", text)
        # 'Offensive' was often given for a word that friends use: it counts in part.
        rude = hate + offensive > 0.4
        targets = [min(1.0, hate + 0.7 * offensive), UNKNOWN, UNKNOWN if rude else 0.0]
        targets += [UNKNOWN, UNKNOWN if rude else 0.0, hate]
        yield Row(text, targets, 0.3, "tweets", row["text"])


def _forum(folder: Path) -> Iterator[Row]:
    for row in read(folder / "forum_sentences_hate_train.jsonl.gz"):
        if row["hate"]:
            # One sentence in nine: drawn twice as often, since hate without a rude word is rare
            # in the other corpora.
            targets, weight = [0.9, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, 0.9], 1.2
        else:
            targets, weight = [0.1, 0.0, 0.0, UNKNOWN, 0.05, 0.02], 0.6
        yield Row(row["text"], targets, weight, "forum", row["text"])


def _civil_news(folder: Path) -> Iterator[Row]:
    """Moderated comments of a newspaper: the civil half of the genre."""
    names = ("news_comments_two_stances", "news_comments_no_stance", "topic_stance")
    texts = (row["text"] for n in names for row in read(folder / f"{n}_train.jsonl.gz"))
    for text in dict.fromkeys(texts):
        yield Row(text, [0.04, 0.0, 0.01, 0.005, 0.02, 0.015], 0.5, "news_civil", text)


def _lexicon(folder: Path) -> Iterator[Row]:
    rng = random.Random(13)
    mention = [0.12, 0.0, 0.1, 0.0, 0.08, 0.08]
    for row in read(folder / "profanity_lexicon.jsonl.gz"):
        term, severity = row["term"], row["severity"]
        if severity == "Mild" or NAMES & set(words(term)):
            continue
        about_group = row["category"].startswith(AIMED)
        alone = list(SLUR if about_group else (0.6, 0.1, 0.75, 0.0, 0.4, 0.02))
        yield Row(term, alone, 0.4, "lexicon", term)
        for frame in ("you {}", "You are a {}.", "these {}s"):
            targets = list(SLUR if about_group else OBSCENE_INSULT)
            yield Row(frame.format(term), targets, 0.3, "lexicon", term)
        if about_group:
            for frames, targets in ((SLUR_FRAMES, list(SLUR)), (SLUR_MENTIONS, mention)):
                for frame in frames:
                    text = chosen(frame, rng).format(X=term, C=rng.choice(CITIES))
                    yield Row(text, targets, 0.1, "lexicon", term)


def slurs(corpora: Path) -> list[str]:
    """Terms of the profanity list that are severe, aimed at groups, and no everyday name of one."""
    return sorted(
        row["term"]
        for row in read(corpora / "data" / "toxicity" / "profanity_lexicon.jsonl.gz")
        if row["category"].startswith(AIMED)
        and row["severity"] != "Mild"
        and not NAMES & set(words(row["term"]))
    )


def _templates() -> Iterator[Row]:
    found = list(examples("train"))
    size = Counter(family for family, _, _ in found)
    for family, text, targets in found:
        # A family weighs about the same however many fillings it has. A linear
        # model cannot learn denial well, and must not unlearn insults over it.
        mass = {"not_insult": 300, "counter": 500, "insult": 1500}.get(family, 1000)
        weight = min(4.0, mass / size[family])
        yield Row(text, list(targets), weight, "templates", text)


def _disguised(rows: Iterable[Row], seed: int = 11) -> Iterator[Row]:
    """Copies with words disguised in ways that folding does not undo.

    The toxic words of toxic comments and, as often, any words of civil ones,
    so that a disguise alone proves nothing.
    """
    rng = random.Random(seed)
    for row in rows:
        if row.spans and rng.random() < 0.6:
            spots = set(row.spans)
        elif row.source in ("news_civil", "wikipedia_identity") and rng.random() < 0.4:
            spots = set(range(len(row.text))) if rng.random() < 0.3 else set()
        elif row.source == "templates" and row.targets[4] > 0.5 and rng.random() < 0.6:
            spots = set(range(len(row.text)))
        else:
            continue
        if not spots:
            continue

        def disguise(match: re.Match[str], spots: set[int] = spots) -> str:
            word = match[0]
            return _hide(word, rng) if match.start() in spots and len(word) > 3 else word

        text = re.sub(r"[A-Za-z]+", disguise, row.text)
        yield Row(text, row.targets, row.weight * 0.5, row.source + "+", row.group, None, row.fold)


def _hide(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    vowels = [i for i, letter in enumerate(word) if i and letter in "aeiouAEIOU"] or [at]
    spot = rng.choice(vowels)
    way = rng.randrange(7)
    if way == 0:
        return word[:spot] + "*" + word[spot + 1 :]
    if way == 1:
        return word[0] + "*" * (len(word) - 2) + word[-1]
    if way == 2:
        return word[:spot] + word[spot + 1 :]
    if way == 3:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if way == 4:
        return word[:at] + word[at] * 2 + word[at + 1 :]
    if way == 5:
        return word[:at] + rng.choice(".-_") + word[at:]
    return word.translate(str.maketrans("ukcUKC", "vckVCK"))
