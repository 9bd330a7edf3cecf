"""Put the sentences of seeds/corpus.toml together to a small corpus of comments.

    python scripts/make_corpus.py seeds/corpus.toml corpus.jsonl

The same file gives the same comments. They are stilted, and no two articles
are discussed alike: one in heat, one in agreement, most in between.
"""

from __future__ import annotations

import json
import random
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

COMMENTS = 1_400
FIRST = datetime(2025, 1, 6, 7, tzinfo=UTC)
DAYS = 150


def sentence(text: str) -> str:
    """A fragment with a capital and a full stop."""
    text = text.strip()
    return text[0].upper() + text[1:] + ("" if text[-1] in ".?!" else ".")


def comment(article: dict[str, Any], bank: dict[str, Any], rng: random.Random, heat: float) -> str:
    """One comment; ``heat`` is how probable it is to be rude."""
    kinds = ["agree", "disagree", "discuss", "off"]
    weights = [len(article[kind]) for kind in kinds]
    kind = rng.choices(kinds, weights)[0]
    opener, closer = rng.choice(bank["openers"]), rng.choice(bank["closers"])
    core = rng.choice(article[kind])
    parts = [f"{opener} {core}" if opener.endswith((",", ":", "but")) else ""]
    if not parts[0]:
        parts = [opener, core] if opener else [core]
    if rng.random() < 0.35 and len(article[kind]) > 1:
        parts.append(rng.choice([other for other in article[kind] if other != core]))
    if rng.random() < heat:
        parts.insert(rng.randrange(len(parts) + 1), rng.choice(bank["rude"]))
    elif closer:
        parts.append(closer)
    return " ".join(map(sentence, parts))


def main(source: Path, target: Path) -> None:
    """Write the corpus as JSON lines."""
    bank = tomllib.loads(source.read_text(encoding="utf-8"))
    rng = random.Random(1895)
    articles = bank["article"]
    starts = {a["id"]: place * DAYS / len(articles) for place, a in enumerate(articles)}
    rows: list[dict[str, Any]] = []
    for article in rng.choices(articles, [a["weight"] for a in articles], k=COMMENTS):
        # Most comments come in the first days, and every article is found again later.
        days = min(rng.expovariate(1 / 6), 40.0)
        if rng.random() < 0.15:
            days = rng.uniform(0, DAYS - starts[article["id"]])
        when = FIRST + timedelta(days=starts[article["id"]] + days, minutes=rng.randrange(900))
        rows.append({"article": article, "when": when})
    rows.sort(key=lambda row: row["when"])
    heads: dict[str, list[str]] = {}
    roots: dict[str, str] = {}
    moods: dict[str, float] = {}
    with target.open("w", encoding="utf-8") as file:
        for number, row in enumerate(rows):
            article = row["article"]
            late = number / COMMENTS
            above = heads.setdefault(article["id"], [])
            parent = rng.choice(above[-12:]) if above and rng.random() < 0.8 else None
            # A thread that begins in heat goes on in heat; later ones are somewhat calmer.
            head = f"c{number}" if parent is None else roots[parent]
            roots[f"c{number}"] = head
            mood = moods.setdefault(head, rng.choice((0.2, 0.4, 0.6, 2.4)))
            text = comment(article, bank, rng, min(article["heat"] * mood * (1.5 - late), 0.8))
            if parent is not None and rng.random() < 0.4:
                text = f"{rng.choice(bank['replies'])} {text}"
            if parent is None or rng.random() < 0.25:
                above.append(f"c{number}")
            record = {
                "comment_id": f"c{number}",
                "article_id": article["id"],
                "article_title": article["title"],
                "article_text": article["text"],
                "parent_id": parent,
                "author": bank["names"][min(int(rng.expovariate(1 / 9)), len(bank["names"]) - 1)],
                "created_at": row["when"].isoformat(timespec="seconds"),
                "text": None if rng.random() < 0.01 else text,
            }
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
