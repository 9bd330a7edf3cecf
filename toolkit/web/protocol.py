"""uvicorn with two things it lacks: patience that ends, and an end that loses nothing."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable
from typing import Final

import orjson
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from toolkit.web.perspective.errors import error_body

logger = logging.getLogger("toolkit.web")

#: Seconds and bytes for a request's head.
HEAD_SECONDS: Final = 10.0
MAX_HEAD: Final = 64 * 1024
#: Seconds between being told to end and closing the door: answers close their
#: connections meanwhile, so that clients with kept connections leave by themselves.
DRAIN_SECONDS: Final = 1.0
#: Seconds for connections that were made just before, and have not asked yet.
SETTLE_SECONDS: Final = 1.0


class Server(uvicorn.Server):
    """Tells its application to drain, and goes on for a moment, before it closes the door."""

    def __init__(
        self, config: uvicorn.Config, on_drain: Callable[[], None], seconds: float
    ) -> None:
        super().__init__(config)
        self._on_drain = on_drain
        self._seconds = seconds

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, take in who already stands at the door, answer, and end as uvicorn does."""
        self._on_drain()
        logger.info("draining")
        await self._wait(self._seconds, lambda: False)
        for listener in sockets or []:
            await self._take_last(listener)
        # uvicorn would close a connection whose request it has not read yet.
        await self._wait(SETTLE_SECONDS, lambda: not self.server_state.connections)
        await super().shutdown(sockets)

    async def _take_last(self, listener: socket.socket) -> None:
        """Close a listener, but for those whose connection the kernel has already made."""
        last = listener.dup()
        try:
            # From here on the kernel makes hardly any, one at a time.
            last.listen(0)
            for server in self.servers:
                server.close()
            await asyncio.sleep(0)
            last.setblocking(False)
            while True:
                try:
                    connection, _ = last.accept()
                except ConnectionAbortedError:  # somebody who has gone again
                    continue
                except OSError:  # nobody is left
                    return
                loop = asyncio.get_running_loop()
                await loop.connect_accepted_socket(self._protocol, connection)
        finally:
            listener.close()
            last.close()

    def _protocol(self) -> Protocol:
        return Protocol(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    async def _wait(self, seconds: float, is_over: Callable[[], bool]) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and not self.force_exit and not is_over():
            await asyncio.sleep(0.02)


class Protocol(HttpToolsProtocol):
    """uvicorn's, with a limit on a request's head in seconds and bytes, and errors in our shape."""

    _head: asyncio.TimerHandle | None = None
    _head_bytes: int = 0
    _in_head: bool = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection that says nothing is closed like one that says too little."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._head_is_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count the bytes of a head on their way in."""
        if self._in_head:
            if self._head is None:  # a further request on a kept connection
                self._await_head()
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MAX_HEAD and not self.transport.is_closing():
            self._refuse(431, "The request's head is too large.")

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._head_is_there()
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """What comes now is the next request's head."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """In the contract's shape."""
        self._refuse(400, msg)

    def _await_head(self) -> None:
        self._head = self.loop.call_later(HEAD_SECONDS, self._head_is_late)

    def _head_is_there(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _head_is_late(self) -> None:
        self._head = None
        if not self.transport.is_closing():
            self._refuse(408, "The request's head did not arrive in time.")

    def _refuse(self, status: int, message: str) -> None:
        self._head_is_there()
        body = orjson.dumps(error_body(status, message, []))
        self.transport.write(
            b"HTTP/1.1 %d Refused\r\ncontent-type: application/json; charset=utf-8\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (status, len(body), body)
        )
        self.transport.close()
