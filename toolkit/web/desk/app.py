"""The desk's application: templates, security headers, errors, and its routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from toolkit.errors import MissingExtraError, ToolkitError
from toolkit.moderation import accounts
from toolkit.moderation.policy import Policy
from toolkit.moderation.store import Store
from toolkit.web.desk import show
from toolkit.web.keys import KeyRing

try:
    from jinja2 import Environment, PackageLoader, StrictUndefined
except ImportError as error:  # pragma: no cover - the extra is there in development
    raise MissingExtraError(
        f"the desk needs {error.name}",
        next_step="Install it: pip install 'comment-toolkit[desk]'.",
    ) from error

_HERE: Final = Path(__file__).parent
#: No inline script or style, nothing from elsewhere, in no frame.
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class NotSignedIn(Exception):  # noqa: N818 - a state, answered with a redirect
    """Nobody is signed in."""


def mount(
    app: FastAPI, store: Store, *, keys: KeyRing | None = None, policy: Policy | None = None
) -> AbstractAsyncContextManager[None]:
    """Add the desk at ``/desk``; the context closes its database when the server ends."""
    from toolkit.web.desk import intake_api

    desk = create_desk(store, keys=keys, policy=policy, host=app)
    app.mount("/desk", desk)
    app.state.from_coral = partial(intake_api.from_coral, desk)

    @asynccontextmanager
    async def opened() -> AsyncIterator[None]:
        try:
            yield
        finally:
            store.close()

    return opened()


def create_desk(
    store: Store,
    *,
    keys: KeyRing | None = None,
    policy: Policy | None = None,
    host: FastAPI | None = None,
) -> FastAPI:
    """The desk as an application of its own, for ``/desk``.

    ``keys`` are the API keys of intake over HTTP; ``host`` is the server whose
    engine scores what comes in without scores.
    """
    from toolkit.web.desk import (
        acts,
        appeal_pages,
        bulk_pages,
        figure_pages,
        intake_api,
        people_pages,
        policy_pages,
        queue_pages,
        record_pages,
        sign_in,
        stats_pages,
    )

    desk = FastAPI(title="Comment Toolkit desk", docs_url=None, redoc_url=None, openapi_url=None)
    desk.state.store = store
    desk.state.keys = keys or KeyRing()
    desk.state.policy = policy or Policy.default()
    desk.state.host = host
    desk.state.templates = _environment()
    for module in (
        sign_in,
        queue_pages,
        acts,
        bulk_pages,
        policy_pages,
        appeal_pages,
        people_pages,
        record_pages,
        stats_pages,
        figure_pages,
        intake_api,
    ):
        desk.include_router(module.routes)
    desk.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    _errors(desk)

    desk.add_middleware(_Secured)
    return desk


class _Secured:
    """Adds the headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        static = scope["path"].startswith("/desk/static")

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                if not static:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, secured)


def render(request: Request, template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
    """A page of the desk. ``me`` and ``csrf`` are those of the session, where there is one."""
    signed = getattr(request.state, "signed", None)
    values.setdefault("me", None if signed is None else signed.account)
    values.setdefault("csrf", None if signed is None else signed.csrf)
    values.setdefault("notice", request.query_params.get("notice"))
    text = request.app.state.templates.get_template(template).render(
        base=request.scope.get("root_path", ""), path=request.url.path, **values
    )
    return HTMLResponse(text, status)


def to(request: Request, path: str, **query: Any) -> RedirectResponse:
    """A redirect within the desk, with a GET."""
    given = {key: value for key, value in query.items() if value not in (None, "")}
    address = request.scope.get("root_path", "") + path
    return RedirectResponse(address + (f"?{urlencode(given)}" if given else ""), 303)


def link(request: Request, path: str) -> str:
    """A whole address within the desk, as this request reached it."""
    root = request.scope.get("root_path", "")
    return f"{request.url.scheme}://{request.url.netloc}{root}{path}"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("toolkit.web.desk", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        when=_when,
        percent=_percent,
        number=lambda value: "–" if value is None else f"{value:.2f}",
        words=show.words,
        one_line=show.one_line,
        query=urlencode,
    )
    environment.globals["may"] = accounts.may
    return environment


def _when(value: datetime | None) -> str:
    return "time unknown" if value is None else value.strftime("%Y-%m-%d %H:%M")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"


def _errors(desk: FastAPI) -> None:
    @desk.exception_handler(NotSignedIn)
    async def not_signed_in(request: Request, _: NotSignedIn) -> Response:
        target = request.url.path if request.method == "GET" else None
        return to(request, "/login", then=target)

    @desk.exception_handler(ToolkitError)
    async def refused(request: Request, error: ToolkitError) -> Response:
        if request.url.path.startswith("/desk/api/"):
            return intake_error(error)
        status = 400 if error.exit_code == 2 else 500
        return render(request, "error.html", status, message=str(error), next_step=error.next_step)

    @desk.exception_handler(HTTPException)
    async def not_here(request: Request, error: HTTPException) -> Response:
        return render(
            request,
            "error.html",
            error.status_code,
            message=str(error.detail),
            next_step="Go back to the queue.",
        )

    @desk.exception_handler(RequestValidationError)
    async def not_valid(request: Request, _: RequestValidationError) -> Response:
        return render(
            request,
            "error.html",
            400,
            message="The form was not filled in as it must be.",
            next_step="Go back and look at its fields.",
        )


def intake_error(error: ToolkitError) -> Response:
    """For programs: name, message, next step."""
    from fastapi.responses import JSONResponse

    body = {"error": error.name, "message": str(error), "next_step": error.next_step}
    return JSONResponse(body, 400 if error.exit_code == 2 else 500)
