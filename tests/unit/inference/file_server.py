"""A small HTTP server on this machine: ranges, validators, and connections that break."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """What the server does; a test may change it between requests."""

    files: dict[str, bytes]
    address: str = ""
    ranges: bool = True
    #: Bytes after which each of the next answers breaks off.
    cuts: list[int] = field(default_factory=list)
    #: Status codes of the next answers, before any file is given.
    failures: list[int] = field(default_factory=list)
    redirects: dict[str, str] = field(default_factory=dict)
    #: (path, Range header, bytes sent) of every request.
    log: list[tuple[str, str | None, int]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"{self.address}/{path}"


@contextmanager
def serving(**files: bytes) -> Iterator[Served]:
    served = Served({name.replace("__", "."): content for name, content in files.items()})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def do_GET(self) -> None:
            self.close_connection = True
            name = self.path.lstrip("/")
            wanted = self.headers.get("Range")
            if name in served.redirects:
                self._head(302, {"Location": served.redirects[name], "Content-Length": "0"})
                return
            if served.failures:
                self._head(served.failures.pop(0), {"Content-Length": "0"})
                return
            if name not in served.files:
                self._head(404, {"Content-Length": "0"})
                return
            content = served.files[name]
            tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
            start, status, headers = 0, 200, {"ETag": tag}
            found = re.fullmatch(r"bytes=(\d+)-", wanted or "")
            fresh = self.headers.get("If-Range") in (None, tag)
            if found and served.ranges and fresh:
                start = int(found[1])
                if start >= len(content):
                    self._head(416, {"Content-Range": f"bytes */{len(content)}",
                                     "Content-Length": "0"})  # fmt: skip
                    return
                status = 206
                headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            body = content[start:]
            self._head(status, headers | {"Content-Length": str(len(body))})
            sent = body[: served.cuts.pop(0)] if served.cuts else body
            self.wfile.write(sent)
            served.log.append((name, wanted, len(sent)))

        def _head(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Connection", "close")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
