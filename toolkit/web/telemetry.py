"""What an operator sees: counters, and a log line an answer. Never a word of a request.

Logs are JSON, one object a line. They name the route, not the address: clients
send their API keys in it. Of an exception they name its type and where it
arose, not its message, which may quote what was being worked on.
"""

from __future__ import annotations

import logging
import os
import time
import traceback
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from toolkit.web.limits import refuse
from toolkit.web.perspective.attributes import canonical

logger = logging.getLogger("toolkit.web")

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 10.0, 30.0)
#: Set by the server where several processes share their numbers.
_SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"

#: Addresses that are named as they are; all others are ``other``.
ROUTES: Final = {
    "/v1alpha1/comments:analyze": "analyze",
    "/v1alpha1/comments:suggestscore": "suggestscore",
    "/batch": "batch",
    "/batch/commentanalyzer/v1alpha1": "batch",
    "/$discovery/rest": "discovery",
    "/discovery/v1/apis/commentanalyzer/v1alpha1/rest": "discovery",
    "/coral/moderate": "coral",
    "/healthz": "health",
    "/readyz": "health",
    "/metrics": "metrics",
    "/openapi.json": "openapi",
}


def route_of(path: str) -> str:
    """A name of a small set for any address."""
    return "desk" if path.startswith("/desk") else ROUTES.get(path, "other")


class Metrics:
    """The counters of one application, or of all worker processes where they share a folder."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.responses = Counter(
            "toolkit_responses_total",
            "Answers by route and HTTP status.",
            ("route", "status"),
            registry=self._registry,
        )
        self.seconds = Histogram(
            "toolkit_response_seconds",
            "Seconds from a request's head to the end of its answer.",
            ("route",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self.attributes = Counter(
            "toolkit_attributes_total",
            "Scores given, by attribute.",
            ("attribute",),
            registry=self._registry,
        )
        self.texts = Counter(
            "toolkit_texts_total", "Texts analysed, sentences included.", registry=self._registry
        )
        self.batches = Counter(
            "toolkit_batches_total", "Analyses of texts together.", registry=self._registry
        )
        self.waiting = Gauge(
            "toolkit_waiting",
            "Texts that wait for analysis.",
            registry=self._registry,
            multiprocess_mode="livesum",
        )

    def batch(self, texts: int) -> None:
        """Count an analysis of so many texts."""
        self.texts.inc(texts)
        self.batches.inc()

    def attribute(self, requested: str) -> None:
        """Count a score by its attribute's plain name: clients choose the others."""
        self.attributes.labels(canonical(requested)).inc()

    def text(self) -> bytes:
        """The exposition format."""
        if os.environ.get(_SHARED):
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            return generate_latest(registry)
        return generate_latest(self._registry)


class Watched:
    """Counts and logs each answer; turns what nobody caught into the contract's 500."""

    def __init__(self, app: ASGIApp, metrics: Metrics, state: Any) -> None:
        self._app = app
        self._metrics = metrics
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the status and the clock on the way out."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if getattr(self._state, "draining", False):
                    message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            log_fault(error)
            if status == 0:
                await refuse(watched, 500, "Internal error encountered.")
        finally:
            self._done(scope, status, time.perf_counter() - started)

    def _done(self, scope: Scope, status: int, seconds: float) -> None:
        if status == 0:
            return  # nobody was there to be answered
        route = route_of(scope["path"])
        self._metrics.responses.labels(route, str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        if logger.isEnabledFor(logging.INFO):
            fields = {
                "route": route,
                "method": scope["method"],
                "status": status,
                "ms": round(1000 * seconds, 1),
                "client": scope.get("toolkit.client"),
            }
            logger.info("answer", extra={"fields": fields})


def log_fault(error: BaseException) -> None:
    """An exception's type and the places it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
    logger.error("fault", extra={"fields": {"error": type(error).__name__, "at": places}})


class JsonLines(logging.Formatter):
    """A record as one JSON object: time, level, event, and its fields."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; an exception's type and places, not its message."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            frames = traceback.extract_tb(record.exc_info[2])
            line["error"] = type(record.exc_info[1]).__name__
            line["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
        return orjson.dumps(line, default=str).decode()
