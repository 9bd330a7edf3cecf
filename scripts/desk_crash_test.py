"""Kill the desk's server under load, again and again; no decision that was answered may be lost.

    python scripts/desk_crash_test.py [--kills 20] [--database URL]

Moderators decide without pause. At a random moment the server is killed
(SIGKILL) and started again. Each decision whose answer came back (the redirect
that a browser follows) must stand in the database, the log's chain must hold,
and no item may have been decided twice. Exit 1 where that is not so.
"""

from __future__ import annotations

import argparse
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "benchmarks"))
from desk import _SERVER, rows

from toolkit.moderation import accounts
from toolkit.moderation.events import verify
from toolkit.moderation.intake import import_comments
from toolkit.moderation.store import open_store
from toolkit.moderation.tables import Account, Decision


def moderate(
    base: str, signed: accounts.SignedIn, accepted: list[int], ended: threading.Event
) -> None:
    """Decide until the end; what fails was not accepted, and the next card is asked for anew."""
    while not ended.is_set():
        try:
            with httpx.Client(cookies={"desk_session": signed.token}, timeout=20) as client:
                while not ended.is_set():
                    place = client.get(f"{base}/next").headers["location"]
                    item = int(place.rpartition("/item/")[2].partition("?")[0])
                    answer = client.post(
                        f"{base}/item/{item}/decide", data={"csrf": signed.csrf, "act": "approve"}
                    )
                    if answer.status_code == 303:
                        accepted.append(item)
        except (httpx.HTTPError, KeyError, ValueError):
            time.sleep(0.1)


def wait_for(base: str) -> None:
    for _ in range(1200):
        try:
            httpx.get(f"{base}/login", timeout=5)
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--moderators", type=int, default=6)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default=None)
    given = parser.parse_args()
    draw = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        database = given.database or str(Path(folder) / "desk.db")
        store = open_store(database)
        import_comments(store, rows(given.rows), versions={}, source="crash test")
        tokens = []
        with store.write() as session:
            for number in range(given.moderators):
                account = Account(
                    login=f"m{number}", name=f"M {number}", role="moderator", password="",
                    active=True, created_at=store.clock(), settings={},
                )  # fmt: skip
                session.add(account)
                session.flush()
                tokens.append(accounts.begin(session, store.clock(), account))
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        base = f"http://127.0.0.1:{port}/desk"
        accepted: list[int] = []
        ended = threading.Event()
        threads = [
            threading.Thread(target=moderate, args=(base, signed, accepted, ended))
            for signed in tokens
        ]
        command = [sys.executable, "-c", _SERVER, database, str(port)]
        server = subprocess.Popen(command)
        wait_for(base)
        for thread in threads:
            thread.start()
        for kill in range(given.kills):
            before = len(accepted)
            time.sleep(draw.uniform(0.5, 3))
            server.send_signal(signal.SIGKILL)
            server.wait()
            print(
                f"kill {kill + 1}: {len(accepted) - before} decisions accepted before it",
                flush=True,
            )
            server = subprocess.Popen(command)
            wait_for(base)
        ended.set()
        for thread in threads:
            thread.join()
        server.terminate()
        server.wait()
        found = verify(store)
        with store.read() as session:
            decided = list(session.execute(select(Decision.item)).scalars())
        store.close()
    lost = set(accepted) - set(decided)
    twice = len(decided) - len(set(decided))
    print(
        f"{given.kills} kills, {len(accepted)} decisions accepted, {len(decided)} stored, "
        f"{len(lost)} lost, {twice} twice, {found.events} events, {len(found.problems)} problems"
    )
    if lost or twice or found.problems:
        print(*found.problems, sep="\n")
        raise SystemExit(1)


if __name__ == "__main__":
    main()
