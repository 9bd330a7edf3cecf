"""A sixth set of sentences of our own: pairs that differ in their meaning alone.

`toxicity_pairs.jsonl` holds one pair a line, written for this project: a text
that attacks and one that does not, with the same opening, build and, where they
can, words. Its kinds: "implied" hate, "insult" without a rude word, veiled
"threat", "fair" (hard words about a matter, quotation, counter-speech), "talk"
(disputes of an encyclopedia's editors), "news" (longer comments, of which one
part attacks), "social" (the tone of video sites, friendly swearing in it), "object"
(rage at things), "plain" (statements and remarks that attack nobody), "remark"
(what was taken for insinuation and is none, insults in long polite comments, slang, forums).
Its first texts are offensive on purpose: a model can only learn abuse from abuse.
Training data only; the functional
suite that judges the models is written apart from it.

Patterns as in `toxicity_indirect.py`; both texts of a pair get the same fillings.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toxicity_indirect import BAD, INSULTS, JOBS, PERSONS, VEILED, article, chosen
from toxicity_sentences import CITIES, CLEAN, GROUPS, Labels
from toxicity_unsaid import HARMLESS, IMPLIED, MOCKERY

FILE = Path(__file__).with_suffix(".jsonl")

#: Of "fair" it is plain that the first text attacks, and open in which way.
ATTACKS: dict[str, Labels] = {
    "implied": IMPLIED,
    "insult": MOCKERY,
    "threat": VEILED,
    "fair": {"toxicity": 0.92},
    "talk": {"toxicity": 0.9},
    "news": {"toxicity": 0.9},
    "social": {"toxicity": 0.9},
    "object": {"toxicity": 0.9},
    "plain": {"toxicity": 0.9},
    "remark": {"toxicity": 0.9},
}

#: One pair in ten is never trained on.
HELD_OUT = 10


@dataclass(frozen=True, slots=True)
class Text:
    """``pattern`` numbers the pair it is from; ``held`` says that it is not for training."""

    kind: str
    text: str
    labels: Labels
    pattern: int
    held: bool


def pairs(slurs: list[str], times: int, seed: int) -> Iterator[Text]:
    """Every pair ``times`` times over, each with other fillings; texts come once."""
    rng = random.Random(seed)
    seen: set[str] = set()
    with FILE.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for number, row in enumerate(rows):
        attack = ATTACKS[row["kind"]] | row.get("labels", {})
        for _ in range(times):
            values = _values(slurs, rng)
            lower = rng.random() < 0.1
            for name, labels in (("attacks", attack), ("harmless", _harmless(row))):
                text = chosen(row[name], rng).format_map(values)
                text = text[0].upper() + text[1:]
                text = text.lower() if lower else text
                if text not in seen:
                    seen.add(text)
                    yield Text(row["kind"], text, labels, number, number % HELD_OUT == 0)


def _harmless(row: dict[str, Any]) -> Labels:
    # What is said of abuse may hold rude words: that it is harmless is sure, how clean is not.
    if row["kind"] == "fair":
        return {"toxicity": 0.06, "threat": 0.0, "insult": 0.05, "identity_attack": 0.05}
    if row["kind"] in ("talk", "news", "social", "object", "remark"):
        return CLEAN | {"toxicity": 0.06, "obscene": row.get("harmless_obscene", 0.0)}
    return HARMLESS


def _values(slurs: list[str], rng: random.Random) -> dict[str, str]:
    plural, single = rng.choice(GROUPS)
    insult, slur = rng.choice(INSULTS), rng.choice(slurs)
    return {
        "P": plural,
        "S": single,
        "A": rng.choice(PERSONS),
        "B": rng.choice(BAD),
        "I": insult,
        "an_I": article(insult),
        "X": slur,
        "C": rng.choice(CITIES),
        "J": rng.choice(JOBS),
    }
