"""A server in a thread of the tests, and what its clients know."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

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
