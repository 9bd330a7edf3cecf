"""A dump and a job for the tests of the runner."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from toolkit.runner import Job

#: Fast to load, and two analyzers still (language comes along).
ONLY = ("readability",)
WORDS = (  # noqa: SIM905
    "the bridge is nothing more than a gift because we never asked you honestly maybe "
    "it was so good that they paid for it twice and nobody knew"
).split()


def write_dump(path: Path, rows: int, seed: int = 1) -> Path:
    """JSON lines of ``rows`` comments; every 50th is broken, every 9th has no text."""
    rng = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            text = " ".join(rng.choice(WORDS) for _ in range(rng.randrange(1, 40)))
            record = {
                "id": f"c{number}",
                "author": f"user{number % 7}",
                "text": text if number % 9 else None,
            }
            file.write("{broken\n" if number % 50 == 49 else json.dumps(record) + "\n")
    return path


def make_job(folder: Path, name: str = "out", **changes: Any) -> Job:
    """A job over ``folder/dump.jsonl`` into ``folder/name``."""
    values: dict[str, Any] = {
        "inputs": (folder / "dump.jsonl",),
        "directory": folder / name,
        "only": ONLY,
        "shard_rows": 40,
        "workers": 2,
    }
    return Job(**(values | changes))
