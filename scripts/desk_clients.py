"""A desk to measure: filled, served on loopback, and worked at by simulated moderators.

For desk_load.py; nothing here is part of the package.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import polars as pl
from sqlalchemy import select

from toolkit.moderation import accounts
from toolkit.moderation.intake import import_comments
from toolkit.moderation.store import Store, open_store
from toolkit.moderation.tables import Account

_CHUNK = 10_000


def fill(database: str, comments: int, *, articles: int = 200) -> float:
    """Import ``comments`` scored rows; seconds that it took."""
    rng = np.random.default_rng(7)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    store = open_store(database)
    began = time.perf_counter()
    for first in range(0, comments, _CHUNK):
        numbers = range(first, min(first + _CHUNK, comments))
        frame = pl.DataFrame(
            {
                "comment_id": [f"c{n}" for n in numbers],
                "article_id": [f"a{n % articles}" for n in numbers],
                "author_name": [f"Author {n % 5000}" for n in numbers],
                "created_at": [start + timedelta(seconds=n) for n in numbers],
                "text": [f"Comment number {n} has words of its own to say." for n in numbers],
                "position": list(numbers),
                **{
                    f"toxicity__{name}": rng.beta(1, 6, len(numbers))
                    for name in ("toxicity", "insult", "threat", "identity_attack", "obscene")
                },
                "stance__alignment": rng.uniform(-1, 1, len(numbers)),
            }
        )
        import_comments(store, frame, versions={"toxicity": "1", "stance": "1"}, source="load")
    taken = time.perf_counter() - began
    store.close()
    return taken


@dataclass(slots=True)
class Credentials:
    """A signed-in session: its cookie and the token of its forms."""

    token: str
    csrf: str


def sign_in(store: Store, moderators: int) -> list[Credentials]:
    """Accounts with a session each (signing in itself is slow on purpose)."""
    found = []
    with store.write() as session:
        for number in range(moderators):
            login = f"load{number}"
            account = session.execute(select(Account).where(Account.login == login)).scalar()
            if account is None:
                account = Account(
                    login=login, name=login, role="moderator", password="-", active=True,
                    created_at=store.clock(), settings={},
                )  # fmt: skip
                session.add(account)
                session.flush()
            begun = accounts.begin(session, store.clock(), account)
            found.append(Credentials(token=begun.token, csrf=begun.csrf))
    return found


@contextmanager
def served(database: str, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server of its own process on ``port``, ready when the block begins; killed at its end."""
    with log.open("ab") as output:
        server = subprocess.Popen(
            [sys.executable, __file__, database, str(port)], stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/desk/login", timeout=5)
                break
            except httpx.HTTPError:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"the server did not start; see {log}") from None
                time.sleep(0.1)
        yield server
    finally:
        if server.poll() is None:
            server.send_signal(signal.SIGKILL)
        server.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass(slots=True)
class Work:
    """What one moderator did: seconds by step, and the acts that were accepted."""

    next_seconds: list[float] = field(default_factory=list)
    card_seconds: list[float] = field(default_factory=list)
    decide_seconds: list[float] = field(default_factory=list)
    #: (item, act) whose answer said that it was done.
    accepted: list[tuple[int, str]] = field(default_factory=list)
    refused: int = 0
    errors: list[str] = field(default_factory=list)


class Moderator(threading.Thread):
    """Takes the next card, looks, decides, until told to stop or the server is gone."""

    def __init__(self, port: int, who: Credentials, stop: threading.Event, think: float) -> None:
        super().__init__(daemon=True)
        self.work = Work()
        self._stop_event, self._think, self._who = stop, think, who
        self._base = f"http://127.0.0.1:{port}/desk"
        self._rng = np.random.default_rng(abs(hash(who.token)) % 2**32)

    def run(self) -> None:
        """Work."""
        cookies = {"desk_session": self._who.token}
        with httpx.Client(cookies=cookies, timeout=60) as client:
            while not self._stop_event.is_set():
                try:
                    if not self._one(client):
                        return
                except httpx.HTTPError as error:
                    self.work.errors.append(type(error).__name__)
                    return
                if self._think:
                    self._stop_event.wait(float(self._rng.exponential(self._think)))

    def _one(self, client: httpx.Client) -> bool:
        began = time.perf_counter()
        leased = client.get(f"{self._base}/next")
        got = time.perf_counter()
        path = urlsplit(leased.headers.get("location", "")).path
        item = path.rpartition("/")[2]
        if leased.status_code != 303 or not item.isdigit():
            self.work.errors.append(f"next: {leased.status_code} {path}")
            return False
        card = client.get(f"{self._base}/item/{item}")
        seen = time.perf_counter()
        if card.status_code != 200:
            self.work.errors.append(f"card: {card.status_code}")
            return False
        act = "reject:insult" if self._rng.random() < 0.2 else "approve"
        done = client.post(
            f"{self._base}/item/{item}/decide", data={"act": act, "csrf": self._who.csrf}
        )
        ended = time.perf_counter()
        if done.status_code == 303:
            self.work.accepted.append((int(item), act.partition(":")[0]))
        elif done.status_code == 409:
            self.work.refused += 1
        else:
            self.work.errors.append(f"decide: {done.status_code}")
            return False
        self.work.next_seconds.append(got - began)
        self.work.card_seconds.append(seen - got)
        self.work.decide_seconds.append(ended - seen)
        return True


def _serve(database: str, port: int) -> None:
    import uvicorn
    from fastapi import FastAPI

    from toolkit.web.desk.app import mount

    app = FastAPI()
    mount(app, open_store(database))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]))
