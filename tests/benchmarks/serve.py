"""One server under load, beside a minimal wrapper of Detoxify, in one run.

    python -m pytest tests/benchmarks/serve.py -m benchmark -s

32 clients on loopback, 200-letter comments, ``SERVE_SECONDS`` (60) seconds each:
first every client asks again as soon as it is answered (the top rate), then
requests arrive at half of that rate on a clock of their own, and the latency
counts from the moment at which they were due. The clients run in one process on
the same two cores. The wrapper is what one would write in an afternoon: FastAPI,
one worker, ``Detoxify.predict`` of one text in a thread; its architecture is
``original`` (bert-base) with random weights, which take as long as trained ones.

The servers' processor time an answer is told, too: on a machine that is busy with
other work it is the figure that holds.

``SERVE_BACKENDS`` names other toxicity backends (default: encoder,linear),
``SERVE_WORKERS`` numbers of worker processes (default: 1,2).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from toxicity import comments, random_checkpoint

pytestmark = pytest.mark.benchmark

SECONDS = float(os.environ.get("SERVE_SECONDS", "60"))
BACKENDS = os.environ.get("SERVE_BACKENDS", "encoder,linear").split(",")
WORKERS = [int(number) for number in os.environ.get("SERVE_WORKERS", "1,2").split(",")]
CLIENTS = 32
#: Milliseconds after which Coral lets a comment through unseen.
PATIENCE = 800

WRAPPER = """
import sys
from pathlib import Path
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from toolkit.inference.detoxify import DetoxifyToxicity

app = FastAPI()
model = DetoxifyToxicity.load(Path(sys.argv[1]), Path(sys.argv[2]))

class Comment(BaseModel):
    text: str

@app.get("/readyz")
async def readyz():
    return "ready"

@app.post("/predict")
def predict(comment: Comment):
    return dict(zip(model.labels, map(float, model.predict([comment.text])[0])))

uvicorn.run(app, port=int(sys.argv[3]), access_log=False, log_level="error")
"""


@dataclass(frozen=True)
class Load:
    """What came back: milliseconds of each answer, seconds, what was no 200, processor seconds."""

    latencies: list[float]
    seconds: float
    errors: Counter[str]
    processor: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def cost(self) -> float:
        return 1000 * self.processor / len(self.latencies)

    def told(self) -> str:
        p50, p95, p99 = (self.percentile(share) for share in (0.5, 0.95, 0.99))
        return (
            f"{self.rate:8.1f}/s  p50 {p50:7.1f}  p95 {p95:7.1f}  p99 {p99:7.1f} ms  "
            f"{self.cost:6.2f} ms of processor an answer, "
            f"{len(self.latencies)} answers, {self.errors.total()} errors {dict(self.errors) or ''}"
        )


async def load(
    port: int, requests: Iterator[bytes], seconds: float, rate: float | None = None
) -> Load:
    """Ask from CLIENTS connections; ``rate`` requests a second, or as fast as it goes."""
    latencies: list[float] = []
    errors: Counter[str] = Counter()
    began = time.perf_counter()
    number = 0

    async def client() -> None:
        nonlocal number
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while True:
            due = time.perf_counter()
            mine, number = number, number + 1
            if rate is not None:
                due = began + mine / rate
            if due - began >= seconds:
                break
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            try:
                writer.write(next(requests))
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
            except (OSError, asyncio.IncompleteReadError) as error:
                errors[type(error).__name__] += 1
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                continue
            status = head.split(b" ", 2)[1].decode()
            if status == "200":
                latencies.append(1000 * (time.perf_counter() - due))
            else:
                errors[status] += 1
        writer.close()

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return Load(latencies, time.perf_counter() - began, errors)


@contextmanager
def serving(command: Callable[[int], list[str]], folder: Path) -> Iterator[tuple[int, int]]:
    """A server in a process of its own: its port and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command(port), stderr=log, cwd=folder)
    try:
        deadline = time.monotonic() + 300
        while True:
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.2)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def processor(pid: int) -> float:
    """Seconds of processor time of a process and of its children."""
    folder = Path(f"/proc/{pid}")
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    children = (folder / "task" / str(pid) / "children").read_text().split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor(int(child)) for child in children)


def at_top(port: int, pid: int, requests: Iterator[bytes]) -> Load:
    """As fast as it goes, after a warm-up."""
    asyncio.run(load(port, requests, min(5.0, SECONDS)))
    before = processor(pid)
    found = asyncio.run(load(port, requests, SECONDS))
    return replace(found, processor=processor(pid) - before)


def posts(path: str, bodies: Iterable[object]) -> Iterator[bytes]:
    """Requests as bytes, made as they are asked for."""
    for body in bodies:
        content = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        yield head.encode() + content


def measured(port: int, pid: int, requests: Iterator[bytes]) -> tuple[Load, Load]:
    """At the top rate, and at half of it."""
    top = at_top(port, pid, requests)
    before = processor(pid)
    half = asyncio.run(load(port, requests, SECONDS, rate=top.rate / 2))
    return top, replace(half, processor=processor(pid) - before)


def test_load(tmp_path: Path) -> None:
    pytest.importorskip("detoxify", reason="the extra [detoxify] is not installed")
    # No text comes twice to a server: the encoder remembers what it read last.
    texts = comments(int(4000 * SECONDS))
    print(f"\n{CLIENTS} clients, {SECONDS:.0f} s each")  # noqa: T201
    tops: dict[str, Load] = {}
    halves: dict[str, Load] = {}
    for backend in BACKENDS:
        for workers in WORKERS:
            name = f"{backend}, {workers} worker{'s' * (workers > 1)}"

            def command(port: int, backend: str = backend, workers: int = workers) -> list[str]:
                return [
                    sys.executable, "-m", "toolkit.cli", "serve", "--port", str(port), "--no-log",
                    "--toxicity", backend, "--workers", str(workers),
                ]  # fmt: skip

            ours = posts(
                "/v1alpha1/comments:analyze?key=any",
                (
                    {
                        "comment": {"text": text},
                        "languages": ["en"],
                        "requestedAttributes": {"TOXICITY": {}},
                    }
                    for text in texts
                ),
            )
            with serving(command, tmp_path) as (port, pid):
                top, half = measured(port, pid, ours)
            print(f"{name:20} top  {top.told()}\n{'':20} half {half.told()}")  # noqa: T201
            assert not top.errors
            assert not half.errors
            tops[name], halves[name] = top, half
    checkpoint, config = random_checkpoint(tmp_path, "original")
    (tmp_path / "wrapper.py").write_text(WRAPPER)
    wrapper = [sys.executable, str(tmp_path / "wrapper.py"), str(checkpoint), str(config)]
    theirs = posts("/predict", ({"text": text} for text in texts))
    with serving(lambda port: [*wrapper, str(port)], tmp_path) as (port, pid):
        top = at_top(port, pid, theirs)
    print(f"{'Detoxify, wrapped':20} top  {top.told()}")  # noqa: T201
    for name, found in tops.items():
        times, cost = found.rate / top.rate, top.cost / found.cost
        print(f"{name:20} {times:.1f} times the wrapper; by processor time {cost:.1f}")  # noqa: T201
        assert halves[name].percentile(0.99) < PATIENCE
