"""The contract's routes."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import orjson
from fastapi import APIRouter, Request, Response

from toolkit.web.engine import Overloaded
from toolkit.web.perspective import discovery
from toolkit.web.perspective.batch import Part, read_parts, write_parts
from toolkit.web.perspective.errors import PerspectiveError, error_body, too_slow, unavailable
from toolkit.web.perspective.openapi import ANALYZE, SUGGEST
from toolkit.web.perspective.requests import (
    AnalyzeRequest,
    SuggestRequest,
    read_body,
    read_json,
)
from toolkit.web.perspective.scoring import Scorer
from toolkit.web.telemetry import Metrics

JSON: Final = "application/json; charset=utf-8"

#: Raises PerspectiveError for a key that may not pass; gives the client's name.
Guard = Callable[[str | None], str | None]
_Answer = tuple[int, dict[str, Any]]


def router(scorer: Scorer, guard: Guard, metrics: Metrics, seconds: float) -> APIRouter:
    """The routes. An answer that takes longer than ``seconds`` is given up."""
    routes = APIRouter()
    contract = Contract(scorer, metrics, seconds)

    @routes.post("/v1alpha1/comments:analyze", openapi_extra=ANALYZE)
    async def analyze(request: Request) -> Response:
        _pass(request, guard)
        return rendered(await contract.analyze(await request.body()))

    @routes.post("/v1alpha1/comments:suggestscore", openapi_extra=SUGGEST)
    async def suggest_score(request: Request) -> Response:
        _pass(request, guard)
        return rendered(await contract.suggest(await request.body()))

    @routes.get("/$discovery/rest")
    @routes.get("/discovery/v1/apis/commentanalyzer/v1alpha1/rest")
    async def discovery_document(request: Request, version: str = "v1alpha1") -> Response:
        if version != "v1alpha1":
            raise PerspectiveError(f"There is no version {version}.", code=404, error_type=None)
        return rendered((200, discovery.document(str(request.base_url))))

    @routes.post("/batch/commentanalyzer/v1alpha1")
    @routes.post("/batch")
    async def batch(request: Request) -> Response:
        outer = key_of(request)
        parts = read_parts(request.headers.get("content-type", ""), await request.body())
        answers = await asyncio.gather(*(contract.part(part, guard, outer) for part in parts))
        boundary = f"batch_{secrets.token_hex(12)}"
        body = write_parts(
            (
                (part.content_id, status, orjson.dumps(answer))
                for part, (status, answer) in zip(parts, answers, strict=True)
            ),
            boundary,
        )
        return Response(body, media_type=f"multipart/mixed; boundary={boundary}")

    return routes


class Contract:
    """Bodies in, status and answer out."""

    def __init__(self, scorer: Scorer, metrics: Metrics, seconds: float) -> None:
        self._scorer = scorer
        self._metrics = metrics
        self._seconds = seconds

    async def analyze(self, body: bytes) -> _Answer:
        """``comments:analyze``."""
        try:
            raw = read_json(body)
            request = read_body(AnalyzeRequest, raw)
            async with asyncio.timeout(self._seconds):
                answer = await self._scorer.analyze(request, raw)
        except (PerspectiveError, Overloaded, TimeoutError) as error:
            return _refused(error)
        for name in answer.get("attributeScores", ()):
            self._metrics.attribute(name)
        return 200, answer

    async def suggest(self, body: bytes) -> _Answer:
        """``comments:suggestscore``."""
        try:
            request = read_body(SuggestRequest, read_json(body))
            async with asyncio.timeout(self._seconds):
                return 200, await self._scorer.suggest(request)
        except (PerspectiveError, Overloaded, TimeoutError) as error:
            return _refused(error)

    async def part(self, part: Part, guard: Guard, outer: str | None) -> _Answer:
        """One request of a batch, with its own key or the batch's."""
        try:
            address = urlsplit(part.path)
            own = parse_qs(address.query).get("key", [outer])[0]
            guard(own)
        except PerspectiveError as error:
            return _refused(error)
        except ValueError:  # an address that is none
            return 404, error_body(404, "Method not found.", [])
        if part.method == "POST" and address.path.endswith("/v1alpha1/comments:analyze"):
            return await self.analyze(part.body)
        if part.method == "POST" and address.path.endswith("/v1alpha1/comments:suggestscore"):
            return await self.suggest(part.body)
        return 404, error_body(404, "Method not found.", [])


def rendered(answer: _Answer) -> Response:
    """Status and body as a response."""
    return Response(orjson.dumps(answer[1]), status_code=answer[0], media_type=JSON)


def key_of(request: Request) -> str | None:
    """The API key, where clients put it."""
    return request.query_params.get("key") or request.headers.get("x-goog-api-key")


def _pass(request: Request, guard: Guard) -> None:
    request.scope["toolkit.client"] = guard(key_of(request))


def _refused(error: BaseException) -> _Answer:
    if isinstance(error, Overloaded):
        error = unavailable()
    if not isinstance(error, PerspectiveError):
        error = too_slow()
    return error.code, error.body()
