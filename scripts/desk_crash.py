"""Kill the desk under load, again and again: is any accepted decision lost, does the log hold?

    python scripts/desk_crash.py --times 20

Each time: serve the desk, let moderators decide, kill -9 the server at a moment
drawn by chance (after 10 to 80 decisions), open the database anew, look for
each decision whose answer said that it was done, and verify the log. Prints one
JSON object; exits 1 where anything is missing.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from desk_clients import Moderator, fill, free_port, served, sign_in
from sqlalchemy import select

from toolkit.moderation import events
from toolkit.moderation.store import open_store
from toolkit.moderation.tables import Decision


def crash(
    database: str, *, times: int, comments: int, moderators: int, log: Path
) -> dict[str, object]:
    """Kill ``times`` times; what was accepted, what is missing, what the log says."""
    fill(database, comments)
    rng = np.random.default_rng()
    accepted: list[tuple[int, str]] = []
    missing: list[tuple[int, str]] = []
    problems: list[str] = []
    for turn in range(times):
        store = open_store(database)
        people = sign_in(store, moderators)
        store.close()
        port, stop = free_port(), threading.Event()
        with served(database, port, log) as server:
            threads = [Moderator(port, who, stop, 0.0) for who in people]
            for thread in threads:
                thread.start()
            enough, end = int(rng.integers(10, 80)), time.monotonic() + 60
            while time.monotonic() < end and enough > sum(
                len(thread.work.accepted) for thread in threads
            ):
                time.sleep(0.005)
            time.sleep(float(rng.uniform(0, 0.1)))
            server.send_signal(signal.SIGKILL)
            server.wait()
            stop.set()
            for thread in threads:
                thread.join()
        now = [act for thread in threads for act in thread.work.accepted]
        accepted += now
        store = open_store(database)
        with store.read() as session:
            rows = session.execute(select(Decision.item, Decision.act, Decision.undone))
            there = {(row.item, row.act) for row in rows if row.undone is None}
        missing += [act for act in accepted if act not in there]
        found = events.verify(store)
        problems += found.problems
        store.close()
        print(f"{turn + 1}: {len(now)} accepted, {found.events} events", file=sys.stderr)
    return {
        "database": "postgresql" if "://" in database else "sqlite",
        "kills": times,
        "moderators": moderators,
        "accepted": len(accepted),
        "missing": missing,
        "same_item_twice": len(accepted) - len({item for item, _ in accepted}),
        "log_problems": problems,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--database", help="postgresql://… of an empty database; else SQLite")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--comments", type=int, default=20_000)
    parser.add_argument("--moderators", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = crash(
            given.database or str(Path(folder) / "desk.db"),
            times=given.times,
            comments=given.comments,
            moderators=given.moderators,
            log=Path(folder) / "server.log",
        )
    print(json.dumps(found, indent=1))
    if found["missing"] or found["log_problems"] or found["same_item_twice"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
