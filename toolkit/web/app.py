"""The application: routes, keys, limits, health, counters."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException

from toolkit import __version__
from toolkit.settings import Settings
from toolkit.web import coral as coral_phase
from toolkit.web.engine import Engine
from toolkit.web.keys import KeyRing
from toolkit.web.limits import BodyLimit
from toolkit.web.perspective import routes
from toolkit.web.perspective.errors import (
    KeyRefusedError,
    PerspectiveError,
    RateLimitedError,
    error_body,
)
from toolkit.web.perspective.scoring import Options, Scorer
from toolkit.web.telemetry import Metrics, Watched

#: Adds further pages to the application, and may return what they open while it runs.
Desk = Callable[[FastAPI], AbstractAsyncContextManager[None] | None]

#: Seconds after which an answer is given up.
ANSWER_SECONDS = 30.0


def create_app(
    settings: Settings | None = None,
    *,
    keys: KeyRing | None = None,
    options: Options | None = None,
    coral: coral_phase.Phase | None = None,
    answer_seconds: float = ANSWER_SECONDS,
    desk: Desk | None = None,
) -> FastAPI:
    """An ASGI application that answers the Perspective contract.

    ``keys`` None or empty takes any key. ``coral`` adds the route for Coral's
    external moderation phase. Nothing of a request's text is stored (but for
    suggested scores, where ``options`` name a file for them) or logged.

    ``desk`` is called once with the application, to mount its pages
    (``app.state.engine`` and ``app.state.settings`` are set); the context that
    it returns is entered while the server runs.

    Models are loaded when the application starts, or by ``app.state.prepare()``,
    which raises ModelError and its kind, and CalibrationError where the
    calibration is of another model.
    """
    settings = settings or Settings()
    options = options or Options()
    metrics = Metrics()
    engine = Engine(settings, on_batch=metrics.batch)
    calibration = options.calibration

    def prepare() -> None:
        versions = engine.versions
        if calibration is not None:
            calibration.checked(versions)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        prepare()
        async with opened or nullcontext():
            await engine.start()
            yield
            await engine.stop()

    app = FastAPI(
        title="Comment Toolkit",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.engine, app.state.settings, app.state.prepare = engine, settings, prepare
    #: Set when the server is asked to end: answers then close their connections.
    app.state.draining = False
    scorer = Scorer(engine, options)
    app.include_router(routes.router(scorer, _guard(keys or KeyRing()), metrics, answer_seconds))
    if coral is not None:
        app.include_router(coral_phase.router(engine, coral, answer_seconds))
    _operators(app, engine, metrics)
    _errors(app)
    opened = desk(app) if desk is not None else None
    app.add_middleware(BodyLimit)
    app.add_middleware(Watched, metrics=metrics, state=app.state)
    return app


def _operators(app: FastAPI, engine: Engine, metrics: Metrics) -> None:
    @app.get("/healthz", response_class=PlainTextResponse)
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    @app.get("/readyz", response_class=PlainTextResponse)
    async def readyz() -> PlainTextResponse:
        if app.state.draining:
            return PlainTextResponse("ending\n", 503)
        return PlainTextResponse(
            "ready\n" if engine.ready else "starting\n", 200 if engine.ready else 503
        )

    @app.get("/metrics", response_class=PlainTextResponse)
    async def read_metrics() -> Response:
        metrics.waiting.set(engine.waiting)
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _errors(app: FastAPI) -> None:
    @app.exception_handler(PerspectiveError)
    async def refused(_: Request, error: PerspectiveError) -> JSONResponse:
        return JSONResponse(error.body(), status_code=error.code)

    @app.exception_handler(HTTPException)
    async def not_here(_: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse(
            error_body(error.status_code, str(error.detail), []),
            status_code=error.status_code,
            headers=error.headers,
        )

    @app.exception_handler(RequestValidationError)
    async def not_valid(_: Request, error: RequestValidationError) -> JSONResponse:
        problem: dict[str, Any] = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        return JSONResponse(
            error_body(400, f"Invalid value at '{place}': {problem['msg']}", []), status_code=400
        )


def _guard(ring: KeyRing) -> routes.Guard:
    def guard(given: str | None) -> str | None:
        if not ring:
            return None
        key = ring.find(given)
        if key is None:
            raise KeyRefusedError(missing=not given)
        if not ring.spend(key):
            raise RateLimitedError
        return key.name

    return guard
