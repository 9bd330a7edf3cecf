"""How long the next card takes with many moderators at once.

    python scripts/desk_load.py --comments 100000 --moderators 20 --seconds 30

Fills a new desk (or works at the one of --database), serves it on loopback, lets
the moderators take, look at and decide cards, and prints one JSON object.
``next_card`` is both requests: the lease and the page of the card.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from desk_clients import Moderator, fill, free_port, served, sign_in

from toolkit.moderation import events
from toolkit.moderation.store import open_store


def measure(
    database: str, *, comments: int, moderators: int, seconds: float, think: float, log: Path
) -> dict[str, object]:
    """Fill, serve, work, check; all figures in seconds unless their name says else."""
    taken = fill(database, comments) if comments else 0.0
    store = open_store(database)
    people = sign_in(store, moderators)
    port, stop = free_port(), threading.Event()
    with served(database, port, log):
        threads = [Moderator(port, who, stop, think) for who in people]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        stop.wait(seconds)
        stop.set()
        for thread in threads:
            thread.join()
        lasted = time.perf_counter() - began
    works = [thread.work for thread in threads]
    lease, card, decide = (
        np.array([value for work in works for value in getattr(work, f"{name}_seconds")])
        for name in ("next", "card", "decide")
    )
    items = [item for work in works for item, _ in work.accepted]
    found = events.verify(store)
    store.close()
    return {
        "database": "postgresql" if "://" in database else "sqlite",
        "comments": comments,
        "import_rows_per_second": round(comments / taken) if taken else None,
        "moderators": moderators,
        "decisions": len(items),
        "decisions_per_second": round(len(items) / lasted, 1),
        "load_average": round(os.getloadavg()[0], 1),
        **_milliseconds("next_card", lease + card),
        **_milliseconds("lease", lease),
        **_milliseconds("decide", decide),
        "same_item_twice": len(items) - len(set(items)),
        "refused": sum(work.refused for work in works),
        "errors": [error for work in works for error in work.errors],
        "log_problems": list(found.problems),
    }


def _milliseconds(name: str, values: np.ndarray) -> dict[str, float | None]:
    if not len(values):
        return {f"{name}_p50_ms": None, f"{name}_p95_ms": None}
    half, most = np.quantile(values, [0.5, 0.95]) * 1000
    return {f"{name}_p50_ms": round(float(half), 1), f"{name}_p95_ms": round(float(most), 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--database", help="an existing desk, or postgresql://…; else a new one")
    parser.add_argument("--comments", type=int, default=100_000)
    parser.add_argument("--moderators", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--think", type=float, default=0.5, help="mean pause after a decision")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(
            given.database or str(Path(folder) / "desk.db"),
            comments=given.comments,
            moderators=given.moderators,
            seconds=given.seconds,
            think=given.think,
            log=Path(folder) / "server.log",
        )
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
