"""The application: routes, keys, limits, health, counters."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from toolkit import __version__
from toolkit.settings import Settings
from toolkit.web.engine import Engine
from toolkit.web.keys import KeyRing
from toolkit.web.perspective import routes
from toolkit.web.perspective.errors import PerspectiveError, error_body, rate_limited
from toolkit.web.perspective.scoring import Scorer

#: Adds further pages to the application, and may return what they open while it runs.
Desk = Callable[[FastAPI], AbstractAsyncContextManager[None] | None]

#: Largest request body, in bytes: a full batch of longest comments with context.
MAX_BODY = 8 * 2**20


def create_app(
    settings: Settings | None = None,
    *,
    keys: KeyRing | None = None,
    drop_unsupported: bool = False,
    desk: Desk | None = None,
) -> FastAPI:
    """An ASGI application that answers the Perspective contract.

    ``keys`` None or empty takes any key. Nothing of a request's text is
    stored or logged. ``desk`` is called once with the application, to mount
    its pages (``app.state.engine`` and ``app.state.settings`` are set); the
    context that it returns is entered while the server runs.
    """
    settings = settings or Settings()
    ring = keys if keys is not None else KeyRing()
    engine = Engine(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
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
    )
    counters: dict[str, int] = {}
    app.include_router(
        routes.router(Scorer(engine, drop_unsupported=drop_unsupported), _guard(ring))
    )

    @app.get("/healthz")
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    @app.get("/readyz")
    async def readyz() -> PlainTextResponse:
        return PlainTextResponse(
            "ready\n" if engine.ready else "starting\n", 200 if engine.ready else 503
        )

    @app.get("/metrics")
    async def metrics() -> PlainTextResponse:
        lines = [
            "# HELP toolkit_responses_total Answers by HTTP status.",
            "# TYPE toolkit_responses_total counter",
            *(
                f'toolkit_responses_total{{status="{status}"}} {number}'
                for status, number in sorted(counters.items())
            ),
            "# HELP toolkit_waiting Comments that wait for analysis.",
            "# TYPE toolkit_waiting gauge",
            f"toolkit_waiting {engine.waiting}",
        ]
        return PlainTextResponse("\n".join(lines) + "\n")

    @app.exception_handler(PerspectiveError)
    async def refused(_: Request, error: PerspectiveError) -> JSONResponse:
        body = rate_limited() if error.code == 429 else error.body()
        return JSONResponse(body, status_code=error.code)

    @app.exception_handler(HTTPException)
    async def not_here(_: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse(
            error_body(error.status_code, str(error.detail), []), status_code=error.status_code
        )

    @app.exception_handler(Exception)
    async def our_fault(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse(error_body(500, "Internal error encountered.", []), status_code=500)

    app.state.engine, app.state.settings = engine, settings
    opened = desk(app) if desk is not None else None
    app.add_middleware(BodyLimit)
    app.add_middleware(Counted, counters=counters)
    return app


def _guard(ring: KeyRing) -> Callable[[Request], None]:
    def guard(request: Request) -> None:
        if not ring:
            return
        key = ring.find(request.query_params.get("key") or request.headers.get("x-goog-api-key"))
        if key is None:
            raise PerspectiveError(
                "API key not valid. Please pass a valid API key.", error_type=None
            )
        if not ring.spend(key):
            raise PerspectiveError("", code=429)

    return guard


class BodyLimit:
    """Refuses a body over MAX_BODY as it arrives, whatever its headers say."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the body's bytes on their way in."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        read = 0

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_BODY:
                raise PerspectiveError(
                    f"Request payload size exceeds the limit: {MAX_BODY} bytes.",
                    code=413,
                    error_type=None,
                )
            return message

        await self._app(scope, limited, send)


class Counted:
    """Counts answers by status; nothing of what they say."""

    def __init__(self, app: ASGIApp, counters: dict[str, int]) -> None:
        self._app = app
        self._counters = counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the status on its way out."""

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = str(message["status"])
                self._counters[status] = self._counters.get(status, 0) + 1
            await send(message)

        await self._app(scope, receive, counted if scope["type"] == "http" else send)
