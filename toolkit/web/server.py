"""The process that serves, or the processes: options, sockets, workers, logs."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final, TypeVar, cast, get_args

import uvicorn
from prometheus_client.multiprocess import mark_process_dead

from toolkit.errors import SettingsError, ToolkitError
from toolkit.settings import Settings
from toolkit.web.protocol import DRAIN_SECONDS, Protocol, Server
from toolkit.web.telemetry import JsonLines

logger = logging.getLogger("toolkit.web")
Value = TypeVar("Value")

#: Seconds for what was accepted until the door closed.
GRACE_SECONDS: Final = 30
#: A worker that could not start is not started again.
_CANNOT_START: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """All that a server is made from, so that each worker can make its own."""

    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    settings: Settings = field(default_factory=Settings)
    api_keys: Path | None = None
    drop_unsupported: bool = False
    language: str | None = None
    calibration: Path | None = None
    suggestions: Path | None = None
    receipt_key: Path | None = None
    coral_secrets: Path | None = None
    coral_hold: str = "review"
    policy: Path | None = None
    #: The database of the moderators' desk; None: there is no desk.
    desk: str | None = None
    log: bool = True
    drain_seconds: float = DRAIN_SECONDS
    #: Set for workers: a folder for what they share.
    shared: Path | None = None


def build(options: ServeOptions) -> Any:
    """The application of the options. Raises SettingsError and its kind for what cannot be."""
    from toolkit.moderation.calibration import Calibration
    from toolkit.moderation.policy import Policy
    from toolkit.web import coral
    from toolkit.web.app import create_app
    from toolkit.web.keys import KeyRing
    from toolkit.web.perspective.scoring import Options
    from toolkit.web.suggestions import SuggestionFile

    phase = None
    if options.coral_secrets is not None:
        policy = Policy.default() if options.policy is None else Policy.from_toml(options.policy)
        if options.coral_hold not in get_args(coral.Hold):
            raise SettingsError(
                f"--coral-hold {options.coral_hold!r} is not known",
                next_step=f"Choose one of {', '.join(get_args(coral.Hold))}.",
            )
        secrets = coral.read_secrets(options.coral_secrets)
        phase = coral.Phase(
            secrets=secrets, policy=policy, hold=cast("coral.Hold", options.coral_hold)
        )
    rates = options.shared / "rates" if options.shared is not None else None
    return create_app(
        options.settings,
        keys=None if options.api_keys is None else KeyRing.read(options.api_keys, shared=rates),
        options=Options(
            drop_unsupported=options.drop_unsupported,
            language=options.language,
            calibration=_or_none(Calibration.read, options.calibration),
            suggestions=_or_none(SuggestionFile, options.suggestions),
            receipt_key=_or_none(_read_key, options.receipt_key),
        ),
        coral=phase,
        desk=_desk(options),
    )


def _desk(options: ServeOptions) -> Callable[[Any], Any] | None:
    """Mounts the moderators' pages where a database is named for them."""
    if options.desk is None:
        return None
    from toolkit.moderation.policy import Policy
    from toolkit.moderation.store import open_store
    from toolkit.web.desk import mount
    from toolkit.web.keys import KeyRing

    store = open_store(options.desk)
    keys = None if options.api_keys is None else KeyRing.read(options.api_keys)
    policy = _or_none(Policy.from_toml, options.policy)
    return lambda app: mount(app, store, keys=keys, policy=policy)


def serve(options: ServeOptions) -> None:
    """Answer until told to end by SIGTERM or SIGINT.

    Raises SettingsError where the address cannot be listened on, and what
    :func:`build` raises.
    """
    listener = _bind(options.host, options.port)
    if options.workers == 1:
        run(options, listener)
    else:
        with tempfile.TemporaryDirectory(prefix="toolkit-serve-") as folder:
            _supervise(options, listener, Path(folder))


def run(options: ServeOptions, listener: socket.socket) -> None:
    """Serve in this process."""
    set_up_logs(everything=options.log)
    app = build(options)
    app.state.prepare()
    config = uvicorn.Config(
        app,
        http=Protocol,
        loop="uvloop" if _has_uvloop() else "asyncio",
        log_config=None,
        # Access logs would hold API keys, which clients send in the address.
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        backlog=2048,
    )

    def draining() -> None:
        app.state.draining = True

    Server(config, draining, options.drain_seconds).run([listener])


def set_up_logs(*, everything: bool) -> None:
    """JSON lines on stderr; ``everything`` includes a line for each answer."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    for name in ("toolkit.web", "uvicorn"):
        chosen = logging.getLogger(name)
        chosen.handlers[:] = [handler]
        chosen.propagate = False
        chosen.setLevel(logging.INFO if everything and name == "toolkit.web" else logging.WARNING)


def _supervise(options: ServeOptions, listener: socket.socket, folder: Path) -> None:
    """Start the workers, start dead ones again, and end them all together."""
    from dataclasses import replace

    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    shared = replace(options, shared=folder)
    set_up_logs(everything=options.log)
    # What is wrong with the options is told here and not by each worker.
    build(options)
    context = multiprocessing.get_context("spawn")
    ending = False

    def end(_number: int, _frame: Any) -> None:
        nonlocal ending
        ending = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)

    def start() -> BaseProcess:
        process = context.Process(target=_worker, args=(shared, listener))
        process.start()
        return process

    workers = [start() for _ in range(options.workers)]
    failed = False
    while not ending:
        wait([worker.sentinel for worker in workers], timeout=0.5)
        for place, worker in enumerate(workers):
            if worker.exitcode is None or ending:
                continue
            if worker.exitcode == _CANNOT_START:
                failed = ending = True
            else:
                logger.error("worker died", extra={"fields": {"exit": worker.exitcode}})
                mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
                time.sleep(0.5)
                workers[place] = start()
    listener.close()
    _end_all(workers, options.drain_seconds + GRACE_SECONDS + 5)
    if failed:
        raise SettingsError(
            "a worker could not start", next_step="Read the log above; try --workers 1."
        )


def _end_all(workers: Sequence[BaseProcess], seconds: float) -> None:
    for worker in workers:
        worker.terminate()  # SIGTERM: it drains
    ends = time.monotonic() + seconds
    for worker in workers:
        worker.join(max(0.0, ends - time.monotonic()))
        if worker.exitcode is None:
            worker.kill()
            worker.join()


def _worker(options: ServeOptions, listener: socket.socket) -> None:
    try:
        run(options, listener)
    except ToolkitError as error:
        fields = {"error": error.name, "message": str(error), "next_step": error.next_step}
        logger.error("cannot start", extra={"fields": fields})
        sys.exit(_CANNOT_START)


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        raise SettingsError(
            f"{host}:{port} cannot be listened on: {error}",
            next_step="Choose another --port or --host.",
        ) from error
    listener.set_inheritable(True)
    return listener


def _or_none(read: Callable[[Path], Value], path: Path | None) -> Value | None:
    return None if path is None else read(path)


def _read_key(path: Path) -> bytes:
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error}", next_step="Name a readable file with a key."
        ) from error
    if len(key) < 16:
        raise SettingsError(
            f"{path} holds a key of {len(key)} bytes",
            next_step="Make one: openssl rand -hex 32 > FILE.",
        )
    return key


def _has_uvloop() -> bool:
    try:
        import uvloop  # noqa: F401
    except ImportError:
        return False
    return True
