"""A real process under what clients do wrong, and at its end."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from malformed import malformed

SECRET = "zebra-quartz-marmalade"


class Serving:
    """``toolkit serve`` in a process of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "toolkit.cli", "serve", "--port", str(self.port), *options],
                stderr=log,
                cwd=folder,
            )
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log()
            try:
                if httpx.get(f"{self.address}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.2)
        raise AssertionError("the server took too long to start")

    def log(self) -> str:
        return self._log.read_text()

    def end(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server that is asked for nothing good."""
    running = Serving(tmp_path_factory.mktemp("serving"))
    yield running
    running.end()


def refused(response: httpx.Response) -> str:
    """The error's message, after a look at its shape."""
    error = response.json()["error"]
    assert set(error) >= {"code", "message", "status"}
    assert error["code"] == response.status_code
    message: str = error["message"]
    return message


def hold_against(serving: Serving, number: int, seed: int) -> Counter[int]:
    """Send malformed requests; every answer must be a 4xx in shape. Statuses."""
    statuses: Counter[int] = Counter()
    wrong = []
    with httpx.Client(timeout=60) as client:
        for path, content, headers in malformed(number, SECRET, seed):
            response = client.post(serving.address + path, content=content, headers=headers)
            statuses[response.status_code] += 1
            if 400 <= response.status_code < 500:
                refused(response)
            else:
                wrong.append((response.status_code, path, content[:200]))
    assert wrong == []
    return statuses


def assert_nothing_is_told(serving: Serving) -> None:
    """Nothing that was sent is to be read anywhere, and nothing went wrong inside."""
    assert httpx.get(f"{serving.address}/readyz").status_code == 200
    assert SECRET not in serving.log()
    assert SECRET not in httpx.get(f"{serving.address}/metrics").text
    assert '"event":"fault"' not in serving.log()


def test_malformed_requests_are_refused_in_the_contracts_shape(serving: Serving) -> None:
    assert hold_against(serving, 300, seed=7).total() == 300
    assert_nothing_is_told(serving)


@pytest.mark.benchmark
def test_ten_thousand_malformed_requests(serving: Serving) -> None:
    """python -m pytest tests/contract/test_web_faults.py -m benchmark -s"""
    before = resident(serving.process.pid)
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda seed: hold_against(serving, 2500, seed), range(4)))
    statuses = sum(parts, Counter[int]())
    after = resident(serving.process.pid)
    print(f"\n{statuses.total()} malformed: {dict(statuses)}; {before:.0f} -> {after:.0f} MB")  # noqa: T201
    assert statuses.total() == 10_000
    assert after < before + 200
    assert_nothing_is_told(serving)


@pytest.mark.benchmark
@pytest.mark.parametrize("workers", [1, 2])
def test_ends_under_load_again_and_again(tmp_path: Path, workers: int) -> None:
    asked = 0
    for _ in range(5):
        running = Serving(tmp_path, "--workers", str(workers), "--no-log", "--toxicity", "linear")
        lost = end_under_load(running)
        asked += lost.pop("asked")
        assert lost == {}
    print(f"\n5 ends with {workers} workers, {asked} requests: none lost")  # noqa: T201


def test_a_body_of_50_megabytes_is_refused(serving: Serving) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(50):
            yield b"x" * 2**20

    for content in (chunks(), b"x" * (50 * 2**20)):
        response = httpx.post(
            f"{serving.address}/v1alpha1/comments:analyze", content=content, timeout=120
        )
        assert response.status_code == 413
        assert "exceeds the limit" in refused(response)
    assert resident(serving.process.pid) < 1500


def resident(pid: int) -> float:
    """Megabytes in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def spoken_to(port: int, data: bytes, timeout: float = 60) -> bytes:
    """What comes back on a raw connection until it is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(data)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"POST /v1alpha1/comments:analyze HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 70_000, 431),
        (b"GET /" + b"y" * 70_000, 431),
    ],
)
def test_what_is_no_http_is_refused(serving: Serving, data: bytes, status: int) -> None:
    head, _, body = spoken_to(serving.port, data).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert json.loads(body)["error"]["code"] == status


def test_slow_clients_are_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from contract_server import start

    from toolkit.web import limits, protocol
    from toolkit.web.server import ServeOptions

    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.5)
    address, end = start(ServeOptions())
    port = int(address.rpartition(":")[2])
    post = b"POST /v1alpha1/comments:analyze HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    try:
        answers = [spoken_to(port, data) for data in (b"", b"POST /v1alpha1/com", post + b'{"com')]
        with socket.create_connection(("127.0.0.1", port), timeout=60) as kept:
            kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert kept.recv(65536).startswith(b"HTTP/1.1 200")
            kept.sendall(b"GET /heal")  # a second request that never ends
            again = kept.recv(65536)
    finally:
        end()
    for answer in (*answers, again):
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["status"] == (
            "DEADLINE_EXCEEDED"
        )


def ask_until_refused(address: str, stop: threading.Event, found: Counter[str], seed: int) -> None:
    """Ask over a kept connection until the door is closed; count what became of each request."""
    chance = random.Random(seed)
    with httpx.Client(timeout=60) as client:
        while not stop.is_set():
            body = {
                "comment": {"text": f"The ferry number {chance.random()} is late again."},
                "requestedAttributes": {"TOXICITY": {}},
                "languages": ["en"],
            }
            try:
                response = client.post(f"{address}/v1alpha1/comments:analyze", json=body)
            except httpx.ConnectError:
                found["not accepted"] += 1
                return
            except httpx.TransportError as error:
                found[f"lost: {error!r}"] += 1
                return
            found[str(response.status_code)] += 1


def end_under_load(running: Serving) -> Counter[str]:
    """Ask from many sides, end the server meanwhile; what became of the requests."""
    stop = threading.Event()
    found: Counter[str] = Counter()
    clients = [
        threading.Thread(target=ask_until_refused, args=(running.address, stop, found, seed))
        for seed in range(12)
    ]
    for client in clients:
        client.start()
    deadline = time.monotonic() + 60
    while (before := found.total()) < 60:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    running.process.send_signal(signal.SIGTERM)
    running.process.wait(60)
    stop.set()
    for client in clients:
        client.join(60)
    assert found["200"] >= before
    assert found.pop("not accepted", 0) <= len(clients)
    return Counter({"asked": found.pop("200")}) + found


def test_an_end_under_load_loses_no_accepted_request(serving: Serving) -> None:
    assert set(end_under_load(serving)) == {"asked"}


def test_workers_share_numbers_are_started_again_and_end_as_one(tmp_path: Path) -> None:
    running = Serving(tmp_path, "--workers", "2", "--no-log")
    try:
        for _ in range(20):
            httpx.get(f"{running.address}/healthz")
        metrics = httpx.get(f"{running.address}/metrics").text
        (line,) = [
            line
            for line in metrics.splitlines()
            if line.startswith('toolkit_responses_total{route="health",status="200"}')
        ]
        assert float(line.split()[-1]) >= 21
        children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children")
        workers = [
            int(pid)
            for pid in children.read_text().split()
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        deadline = time.monotonic() + 60
        while "worker died" not in running.log():
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert set(end_under_load(running)) == {"asked"}
        assert running.log().count("worker died") == 1
    finally:
        running.end()


def test_bad_options_are_told_before_anything_starts(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "toolkit.cli", "serve", "--workers", "2", "--calibration", "none"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 2
    assert "CalibrationError" in ran.stderr
