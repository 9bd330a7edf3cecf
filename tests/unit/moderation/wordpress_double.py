"""A WordPress that answers for comments, as its REST handbook and its source describe.

Routes: GET, POST, PUT, PATCH and DELETE of ``/wp-json/wp/v2/comments/<id>``.
It keeps three habits of the real one that a client can trip over: an update
overwrites the author's address and browser with the caller's unless they are
stated; an update whose status cannot be changed is still answered with 200;
and a site without a trash refuses DELETE without ``force`` with 501.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROUTE = "/wp-json/wp/v2/comments/"
READS = {
    "approve": "approved",
    "approved": "approved",
    "1": "approved",
    "hold": "hold",
    "0": "hold",
}


@dataclass
class Site:
    """What the double knows, and what was asked of it."""

    url: str = ""
    #: User -> (application password without spaces, may moderate).
    users: dict[str, tuple[str, bool]] = field(
        default_factory=lambda: {
            "desk": ("abcdEFGH1234ijklMNOP5678", True),
            "reader": ("readREADreadREADreadREAD", False),
        }
    )
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    trash: bool = True
    #: A plug-in keeps these comments as they are.
    stuck: set[int] = field(default_factory=set)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    def add(self, number: int, status: str = "hold") -> None:
        self.comments[number] = {
            "id": number,
            "status": status,
            "author_ip": "203.0.113.7",
            "author_user_agent": "Reader/1.0",
            "content": {"raw": "Words.", "rendered": "<p>Words.</p>"},
        }


class _Refused(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


class _Handler(BaseHTTPRequestHandler):
    site: Site
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        try:
            status, body = self._act(raw)
        except _Refused as refused:
            status = refused.status
            body = {
                "code": refused.code,
                "message": refused.message,
                "data": {"status": refused.status},
            }
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def _act(self, raw: bytes) -> tuple[int, Any]:
        parts = urlsplit(self.path)
        number = parts.path.removeprefix(ROUTE)
        if not parts.path.startswith(ROUTE) or not number.isdigit():
            raise _Refused(
                404, "rest_no_route", "No route was found matching the URL and request method."
            )
        given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if raw:
            if self.headers.get("Content-Type", "").split(";")[0] != "application/json":
                raise _Refused(400, "rest_invalid_json", "Invalid JSON body passed.")
            try:
                given |= json.loads(raw)
            except ValueError:
                raise _Refused(400, "rest_invalid_json", "Invalid JSON body passed.") from None
        self.site.asked.append((self.command, self.path, given))
        user, may = self._user()
        comment = self.site.comments.get(int(number))
        if comment is None:
            raise _Refused(404, "rest_comment_invalid_id", "Invalid comment ID.")
        if self.command == "GET":
            if given.get("context") == "edit" and not may:
                raise _Refused(401 if user is None else 403, "rest_forbidden_context",
                               "Sorry, you are not allowed to edit comments.")  # fmt: skip
            return 200, comment
        if not may:
            verb = "delete" if self.command == "DELETE" else "edit"
            raise _Refused(401 if user is None else 403, f"rest_cannot_{verb}",
                           f"Sorry, you are not allowed to {verb} this comment.")  # fmt: skip
        if self.command == "DELETE":
            if given.get("force") in (True, "true", "1"):
                return 200, {"deleted": True, "previous": self.site.comments.pop(int(number))}
            if not self.site.trash:
                raise _Refused(
                    501,
                    "rest_trash_not_supported",
                    "The comment does not support trashing. Set 'force=true' to delete.",
                )
            if comment["status"] == "trash":
                raise _Refused(410, "rest_already_trashed", "The comment has already been trashed.")
            comment["status"] = "trash"
            return 200, comment
        comment["author_ip"] = given.get("author_ip", self.client_address[0])
        comment["author_user_agent"] = given.get("author_user_agent", self.headers["User-Agent"])
        wanted = given.get("status")
        if int(number) not in self.site.stuck:
            if wanted in READS:
                comment["status"] = READS[wanted]
            elif wanted == "spam":
                comment["status"] = "spam"
            elif wanted == "trash" and not self.site.trash:
                self.site.comments.pop(int(number))
                comment = {**comment, "status": "trash"}
            elif wanted == "trash":
                comment["status"] = "trash"
        return 200, comment

    def _user(self) -> tuple[str | None, bool]:
        header = self.headers.get("Authorization", "")
        if not header:
            return None, False
        try:
            kind, _, packed = header.partition(" ")
            name, _, password = base64.b64decode(packed).decode().partition(":")
        except ValueError:
            return None, False
        if kind.lower() != "basic":
            return None, False
        known = self.site.users.get(name)
        if known is None:
            raise _Refused(401, "invalid_username", "Unknown username.")
        if password.replace(" ", "") != known[0]:
            raise _Refused(
                401,
                "incorrect_password",
                "The provided password is an invalid application password.",
            )
        return name, known[1]


@contextmanager
def wordpress() -> Iterator[Site]:
    """A site on loopback, for as long as the block runs."""
    site = Site()
    handler = type("Handler", (_Handler,), {"site": site})
    with serving(handler) as url:
        site.url = f"{url}/wp-json"
        yield site


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server with ``handler``, closed at the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
