"""multipart/mixed batches: requests within a request, as Google's clients send them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Final

from toolkit.web.perspective.errors import PerspectiveError

#: The contract's limit.
MAX_PARTS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One request of a batch."""

    content_id: str | None
    method: str
    path: str
    body: bytes


def read_parts(content_type: str, body: bytes) -> list[Part]:
    """The requests of a batch body, in order.

    Raises PerspectiveError where it is no multipart/mixed, has no or too many
    parts, or a part is no HTTP request.
    """
    head = b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if message.get_content_type() != "multipart/mixed" or not message.is_multipart():
        raise PerspectiveError("The batch must be multipart/mixed with a boundary.")
    parts = [part for part in message.iter_parts() if isinstance(part, Message)]
    if not parts:
        raise PerspectiveError("The batch holds no requests.")
    if len(parts) > MAX_PARTS:
        raise PerspectiveError(
            f"The batch holds {len(parts)} requests, more than the limit of {MAX_PARTS}."
        )
    return [_read_part(part, number) for number, part in enumerate(parts, start=1)]


def write_parts(answers: Iterable[tuple[str | None, int, bytes]], boundary: str) -> bytes:
    """The body of the answer: (content id, status, JSON) of each request, in order."""
    lines: list[bytes] = []
    for content_id, status, body in answers:
        lines.append(f"--{boundary}\r\nContent-Type: application/http\r\n".encode())
        if content_id is not None:
            lines.append(f"Content-ID: {_answered(content_id)}\r\n".encode())
        lines.append(
            f"\r\nHTTP/1.1 {status} {'OK' if status == 200 else 'Error'}\r\n"
            "Content-Type: application/json; charset=UTF-8\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
        )
        lines.append(body + b"\r\n")
    lines.append(f"--{boundary}--\r\n".encode())
    return b"".join(lines)


def _answered(content_id: str) -> str:
    """``<x + 1>`` -> ``<response-x + 1>``: how clients find their answer again."""
    inner = content_id.strip()
    return f"<response-{inner[1:]}" if inner.startswith("<") else f"response-{inner}"


def _read_part(part: Message, number: int) -> Part:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    head, _, rest = raw.replace(b"\r\n", b"\n").lstrip(b"\n").partition(b"\n")
    words = head.decode("latin-1").split()
    if len(words) < 2:
        raise PerspectiveError(f"Part {number} of the batch is no HTTP request.")
    _, _, body = (b"\n" + rest).partition(b"\n\n")
    # A header may not be let into the answer by way of a line break.
    content_id = part.get("Content-ID")
    clean = "".join(str(content_id).splitlines()) if content_id is not None else None
    return Part(content_id=clean, method=words[0].upper(), path=words[1], body=body)
