"""How large a body may be and how long it may take, whoever sends it."""

from __future__ import annotations

import asyncio
from typing import Final

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from toolkit.web.perspective.errors import error_body

#: Largest request body, in bytes: a full batch of longest comments with context.
MAX_BODY: Final = 8 * 2**20
#: A larger body is read and thrown away up to here, so that a client that is
#: still sending can read its refusal.
MAX_DISCARDED: Final = 64 * 2**20
#: Seconds for a whole body.
BODY_SECONDS: Final = 20.0


class BodyLimit:
    """Hands on requests whose body came whole, in time and under MAX_BODY.

    Others are answered here, in the contract's shape: 413, 408.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._seconds = BODY_SECONDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, then call the application with it."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                body = await _read(scope, receive)
        except TimeoutError:
            await refuse(send, 408, "The request's body did not arrive in time.")
            return
        if isinstance(body, int):
            await refuse(send, 413, f"Request payload size exceeds the limit: {MAX_BODY} bytes.")
            return
        if body is None:
            return  # the client has gone
        given = False

        async def whole() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, whole, send)


async def refuse(send: Send, status: int, message: str) -> None:
    """Answer in the contract's shape and close the connection."""
    body = orjson.dumps(error_body(status, message, []))
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


async def _read(scope: Scope, receive: Receive) -> bytes | int | None:
    """The body; its size where that is too large; None where the client left."""
    headers = dict(scope["headers"])
    declared = headers.get(b"content-length", b"0")
    if b"expect" in headers and declared.isdigit() and int(declared) > MAX_BODY:
        return int(declared)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size <= MAX_BODY:
            parts.append(part)
        else:
            parts.clear()
        if size > MAX_DISCARDED or not message.get("more_body", False):
            return b"".join(parts) if size <= MAX_BODY else size
