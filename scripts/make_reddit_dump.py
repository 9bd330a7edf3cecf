"""Make a Reddit-shaped dump of any size: JSON lines in Zstandard, all of it made up.

    python scripts/make_reddit_dump.py 1_000_000 comments.ndjson.zst

Lengths, shares of replies, deleted bodies, letters beyond ASCII and the two types of
``created_utc`` follow what such dumps hold. The same arguments give the same bytes.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

import orjson

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

WORDS = (  # noqa: SIM905
    "the of and to in is that it for was on are as with they be at this have from or by not but "
    "what all were when we there can an your which their if do will each about how up out them "
    "then she many some so these would other into has more her two like him see time could no "
    "make than first been its who now people my made over did down only way find use may water "
    "long little very after words called just where most know get through back much before go "
    "good new write our used me man too any day same right look think also around another came "
    "ferry harbour council ticket bridge quay tax town vote paper editor ridiculous brilliant "
    "honestly nonsense thanks exactly café naïve “quoted” it’s don’t — 😀 größer Ελλάδα"
).split()
#: Letters of running text that bodies are cut from.
TEXT_LETTERS = 4_000_000


def running_text(rng: random.Random) -> str:
    weights = [1 / rank for rank in range(1, len(WORDS) + 1)]
    words: list[str] = []
    size = 0
    while size < TEXT_LETTERS:
        for word in rng.choices(WORDS, weights, k=12):
            words.append(word)
            size += len(word) + 1
        words.append(rng.choice((".", ".", ",", "?", "!", ".\n\n")))
    return " ".join(words)


def make(rows: int, path: Path, *, seed: int = 0, window_log: int = 27, level: int = 3) -> int:
    """Write ``rows`` comments; the bytes before compression."""
    rng = random.Random(seed)
    text = running_text(rng)
    parameter = zstd.CompressionParameter
    options = {parameter.compression_level: level, parameter.window_log: window_log}
    if window_log > 27:
        # What makes a window that long worth it.
        options[parameter.enable_long_distance_matching] = 1
    total = 0
    with zstd.open(path, "wb", options=options) as out:
        lines: list[bytes] = []
        for number in range(rows):
            link = f"t3_{number // 60 + 1000:x}"
            reply = number % 60 and rng.random() < 0.6
            parent = f"t1_{number - rng.randrange(1, number % 60 + 1) + 10**9:x}" if reply else link
            chance = rng.random()
            if chance < 0.03:
                body = "[deleted]" if chance < 0.02 else "[removed]"
            else:
                start = rng.randrange(TEXT_LETTERS - 20_000)
                body = text[start : start + 8 + int(rng.lognormvariate(4.8, 1.0))].strip() or "ok"
            author = "[deleted]" if chance < 0.02 else f"user_{int(rng.paretovariate(0.6)) % 10**6}"
            lines.append(
                orjson.dumps(
                    {
                        "id": f"{number + 10**9:x}",
                        "parent_id": parent,
                        "link_id": link,
                        "author": author,
                        "author_fullname": None if author[0] == "[" else f"t2_{author[5:]}",
                        "created_utc": str(1_600_000_000 + number // 40)
                        if number % 3 == 0
                        else 1_600_000_000 + number // 40,
                        "body": body,
                        "score": int(rng.gauss(3, 9)),
                        "subreddit": "lowerquay",
                        "subreddit_id": "t5_2abcd",
                        "permalink": f"/r/lowerquay/comments/{link[3:]}/ferry/{number + 10**9:x}/",
                        "retrieved_on": 1_700_000_000,
                        "edited": False,
                        "stickied": False,
                        "distinguished": None,
                        "gilded": 0,
                        "controversiality": 0,
                        "author_flair_text": None,
                        "archived": False,
                        "no_follow": True,
                    }
                )
            )
            if len(lines) == 5000 or number == rows - 1:
                block = b"\n".join(lines) + b"\n"
                total += len(block)
                out.write(block)
                lines = []
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", type=int)
    parser.add_argument("path", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--window-log", type=int, default=27, help="31 is what large archives use [27]"
    )
    given = parser.parse_args()
    total = make(given.rows, given.path, seed=given.seed, window_log=given.window_log)
    print(f"{given.rows:,} rows, {total:,} bytes, {given.path.stat().st_size:,} packed")


if __name__ == "__main__":
    main()
