"""Real servers on loopback, for real clients."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from toolkit.web import server as serving
from toolkit.web.protocol import Protocol, Server
from toolkit.web.server import ServeOptions

#: Key of the client ``site`` (no limit) and of ``slow`` (two requests a minute).
SITE_KEY, SLOW_KEY = "correct-horse", "battery-staple"
CORAL_SECRET = "ssec_fictional"


def start(options: ServeOptions, **config: Any) -> tuple[str, Callable[[], None]]:
    """A server in a thread: its address, and what ends it. ``config`` is uvicorn's."""
    listener = serving._bind("127.0.0.1", 0)
    app = serving.build(options)
    made = uvicorn.Config(app, http=Protocol, log_config=None, access_log=False, **config)

    def draining() -> None:
        app.state.draining = True

    running = Server(made, draining, 0.0)
    thread = threading.Thread(target=running.run, args=([listener],), daemon=True)
    thread.start()
    deadline = time.monotonic() + 120
    while not running.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server took too long to start"
        time.sleep(0.05)

    def end() -> None:
        running.should_exit = True
        thread.join(timeout=30)

    return f"http://127.0.0.1:{listener.getsockname()[1]}", end


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server as it comes, without a slash at its end."""
    address, end = start(ServeOptions())
    yield address
    end()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a site's keys, secrets and suggestions."""
    folder = tmp_path_factory.mktemp("site")
    lines = [
        f"{name} {hashlib.sha256(key.encode()).hexdigest()} {rate}"
        for name, key, rate in (("site", SITE_KEY, 0), ("slow", SLOW_KEY, 2))
    ]
    (folder / "keys").write_text("\n".join(lines))
    (folder / "coral").write_text(f"# old\nssec_old\n{CORAL_SECRET}\n")
    (folder / "receipts").write_text("0123456789abcdef0123456789abcdef")
    return folder


@pytest.fixture(scope="session")
def site_server(site: Path) -> Iterator[str]:
    """A server with keys, signed receipts, suggestions kept, and Coral's phase."""
    address, end = start(
        ServeOptions(
            api_keys=site / "keys",
            drop_unsupported=True,
            suggestions=site / "suggestions.jsonl",
            receipt_key=site / "receipts",
            coral_secrets=site / "coral",
        )
    )
    yield address
    end()
