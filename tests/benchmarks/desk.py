"""How fast the desk takes comments in, and how fast the next card comes.

    python tests/benchmarks/desk.py [--rows 100000] [--moderators 20] [--database URL]

Import: rows with scores, from a frame in memory, to a committed database.
Next card: moderators on loopback, each in a thread with its own connection,
approve and follow the redirects to the next card; the time is from sending the
decision to having the whole page of the next card. Between two decisions each
reads for a while, exponentially distributed with a mean of ``--think`` seconds;
with 0 nobody reads, and the figure of interest is how many cards a second come.
The clients share the machine with the server: ``client_cpu`` says how much of a
core they took.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import polars as pl

from toolkit.moderation import accounts
from toolkit.moderation.intake import import_comments, refresh_quantiles
from toolkit.moderation.store import open_store
from toolkit.moderation.tables import Account

_LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
_SERVER = """
import sys, uvicorn
from fastapi import FastAPI
from toolkit.moderation.store import open_store
from toolkit.web.desk import create_desk
app = FastAPI()
app.mount("/desk", create_desk(open_store(sys.argv[1], pool_size=40)))
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error")
"""


def rows(number: int) -> pl.DataFrame:
    draw = np.random.default_rng(1)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return pl.DataFrame(
        {
            "comment_id": [f"c{n}" for n in range(number)],
            "article_id": [f"a{n // 200}" for n in range(number)],
            "parent_id": [
                f"c{n - 1 - n % 7}" if n % 200 > 8 and n % 3 else None for n in range(number)
            ],
            "author_name": [f"Author {n % 5000}" for n in range(number)],
            "created_at": [start + timedelta(seconds=n) for n in range(number)],
            "text": [
                f"Comment {n} has some words that nobody wrote before. " * 4 for n in range(number)
            ],
            "position": range(number),
            "language__tag": "en",
            "evidence": [
                [
                    {
                        "analyzer": "rhetoric",
                        "label": "hedge",
                        "start": at,
                        "end": at + 7,
                        "score": 1.0,
                        "quote": "Comment",
                        "note": None,
                    }
                    for at in range(n % 4, 8 * (n % 4), 8)
                ]
                for n in range(number)
            ],
            **{f"toxicity__{name}": draw.beta(0.6, 3, number) for name in _LABELS},
            "stance__alignment": draw.uniform(-1, 1, number),
            "stance__agree": draw.uniform(0, 1, number),
            "stance__disagree": draw.uniform(0, 1, number),
            "readability__flesch_kincaid_grade": draw.normal(8, 3, number),
            **{
                f"rhetoric__{name}": draw.poisson(0.4, number)
                for name in ("hedge", "booster", "doubt")
            },
        },
        schema_overrides={"parent_id": pl.String},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--moderators", type=int, default=20)
    parser.add_argument("--cards", type=int, default=40, help="decisions a moderator")
    parser.add_argument("--think", type=float, default=2.0, help="mean seconds of reading")
    parser.add_argument("--database", default=None)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = given.database or str(Path(folder) / "desk.db")
        store = open_store(database)
        frame = rows(given.rows)
        started = time.perf_counter()
        counts = import_comments(store, frame, versions={"toxicity": "t"}, source="benchmark")
        seconds = time.perf_counter() - started
        started = time.perf_counter()
        refresh_quantiles(store)
        figures: dict[str, object] = {
            "database": store.engine.dialect.name,
            "rows": counts.new,
            "scores": counts.scores,
            "import_rows_per_second": round(counts.new / seconds),
            "quantiles_seconds": round(time.perf_counter() - started, 1),
        }
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
        server = subprocess.Popen([sys.executable, "-c", _SERVER, database, str(port)])
        base = f"http://127.0.0.1:{port}/desk"
        try:
            figures.update(_cards(base, tokens, given.cards, given.think))
        finally:
            server.terminate()
            server.wait()
        store.close()
        sys.stdout.write(json.dumps(figures) + "\n")


def _cards(
    base: str, tokens: list[accounts.SignedIn], cards: int, think: float
) -> dict[str, object]:
    for _ in range(600):
        try:
            httpx.get(f"{base}/login")
            break
        except httpx.HTTPError:
            time.sleep(0.1)
    times: list[float] = []
    items: list[str] = []
    failed: list[str] = []
    barrier = threading.Barrier(len(tokens))

    def work(signed: accounts.SignedIn, number: int) -> None:
        draw = random.Random(number)
        cookies = {"desk_session": signed.token}
        with httpx.Client(cookies=cookies, follow_redirects=True, timeout=60) as client:
            page = client.get(f"{base}/next")
            barrier.wait()
            for _ in range(cards):
                time.sleep(draw.expovariate(1 / think) if think else 0.0)
                item = page.text.split('data-item="')[1].split('"')[0]
                items.append(item)
                started = time.perf_counter()
                page = client.post(
                    f"{base}/item/{item}/decide", data={"csrf": signed.csrf, "act": "approve"}
                )
                times.append(time.perf_counter() - started)
                if page.status_code != 200:
                    failed.append(page.text[:200])
                    return

    threads = [
        threading.Thread(target=work, args=(signed, number)) for number, signed in enumerate(tokens)
    ]
    began, used = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    p50, p95, p99 = (round(1000 * float(v), 1) for v in np.quantile(times, (0.5, 0.95, 0.99)))
    return {
        "moderators": len(tokens),
        "cards": len(times),
        "failed": len(failed),
        "twice": len(items) - len(set(items)),
        "think": think,
        "cards_per_second": round(len(times) / seconds, 1),
        "client_cpu": round((time.process_time() - used) / seconds, 2),
        "p50_ms": p50,
        "p95_ms": p95,
        "p99_ms": p99,
    }


if __name__ == "__main__":
    main()
