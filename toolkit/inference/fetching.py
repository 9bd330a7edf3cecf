"""One file from the network, going on where an earlier attempt stopped.

Used by ``toolkit models fetch`` and by nothing else. Proxies are those of the
environment (``HTTPS_PROXY``, ``NO_PROXY``); every hop must be https, save on
this machine itself.
"""

from __future__ import annotations

import http.client
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit

from toolkit.errors import ModelError, OutputError

#: Attempts without a single new byte before a fetch gives up.
ATTEMPTS: Final = 5
TIMEOUT: Final = 60.0  # seconds without a byte
_CHUNK: Final = 1 << 18
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
#: Answers that may be better a moment later.
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})

#: Called with the bytes that are there and the bytes there will be (None: not known).
Progress = Callable[[int, int | None], None]


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only where it may be followed at all."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any,
        newurl: str,
    ) -> urllib.request.Request | None:  # fmt: skip
        _check(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(url: str, part: Path, *, progress: Progress | None = None, wait: float = 1.0) -> None:
    """Fetch ``url`` into ``part``; what ``part`` already holds of it is not fetched again.

    A connection that breaks is taken up again by a range request, with a
    growing pause of ``wait`` seconds times two to the number of fruitless
    attempts. ``part`` stays where it is when all fail, so that another call
    goes on. Raises ModelError where the address cannot be read, OutputError where
    ``part`` cannot be written.
    """
    _check(url)
    fruitless = 0
    while True:
        before = _size(part)
        try:
            if _attempt(url, part, progress):
                _state(part).unlink(missing_ok=True)
                return
            said = "the connection broke off"
        except urllib.error.HTTPError as error:
            error.close()
            if error.code not in _PASSING:
                raise ModelError(
                    f"{url} answered {error.code} {error.reason}",
                    next_step="Check the proxy settings, or take the files from elsewhere "
                    "with: toolkit models add DIR.",
                ) from error
            said = f"it answered {error.code}"
        except (OSError, http.client.HTTPException) as error:
            said = str(getattr(error, "reason", error)) or type(error).__name__
        fruitless = 0 if _size(part) > before else fruitless + 1
        if fruitless >= ATTEMPTS:
            raise ModelError(
                f"{url} cannot be fetched: {said}",
                next_step="Run the command again: it goes on where it stopped.",
            )
        time.sleep(wait * 2 ** max(0, fruitless - 1))


def _attempt(url: str, part: Path, progress: Progress | None) -> bool:
    """Whether ``part`` is whole after one request."""
    have, known = _size(part), _read_state(part)
    if have and known.get("url") != url:
        part.unlink()
        have, known = 0, {}
    request = urllib.request.Request(url, headers={"User-Agent": "comment-toolkit"})  # noqa: S310
    if have:
        request.add_header("Range", f"bytes={have}-")
        if known.get("validator"):  # else the digest tells whether the halves fit together
            request.add_header("If-Range", known["validator"])
    opener = urllib.request.build_opener(_SafeRedirects)
    try:
        answer = opener.open(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code != 416 or not have:
            raise
        error.close()
        if _total(error.headers.get("Content-Range")) == have:
            return True
        part.unlink()
        return False
    with answer:
        goes_on = answer.status == 206 and _start(answer.headers.get("Content-Range")) == have
        if answer.status == 206 and not goes_on:
            part.unlink()
            return False
        if goes_on:
            total = _total(answer.headers.get("Content-Range"))
        else:
            length = answer.headers.get("Content-Length")
            total, have = int(length) if length and length.isdigit() else None, 0
        _write_state(part, url, answer.headers)
        with part.open("ab" if goes_on else "wb") as file:
            while chunk := answer.read(_CHUNK):
                try:
                    file.write(chunk)
                    file.flush()
                except OSError as error:  # no fault of the network, so not to be tried again
                    raise OutputError(
                        f"{part} cannot be written: {error.strerror or error}",
                        next_step="Make room, or set another folder (models in toolkit.toml).",
                    ) from error
                have += len(chunk)
                if progress is not None:
                    progress(have, total)
    return total is None or have == total


def _check(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL):
        return
    raise ModelError(
        f"{url} is not a safe address to fetch from",
        next_step="Only https is followed. Take the files from elsewhere with: toolkit models add.",
    )


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _state(part: Path) -> Path:
    return part.with_name(f"{part.name}.state")


def _read_state(part: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_state(part).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _write_state(part: Path, url: str, headers: Any) -> None:
    tag = headers.get("ETag") or ""
    validator = tag if tag and not tag.startswith("W/") else headers.get("Last-Modified") or ""
    content = json.dumps({"url": url, "validator": validator})
    _state(part).write_text(content, encoding="utf-8")


def _start(content_range: str | None) -> int | None:
    found = re.match(r"bytes (\d+)-", content_range or "")
    return int(found[1]) if found else None


def _total(content_range: str | None) -> int | None:
    found = re.match(r"bytes (?:\d+-\d+|\*)/(\d+)$", content_range or "")
    return int(found[1]) if found else None
