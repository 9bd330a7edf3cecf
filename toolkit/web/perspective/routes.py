"""The contract's routes."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from toolkit.web.engine import Overloaded
from toolkit.web.perspective import discovery
from toolkit.web.perspective.batch import Part, read_parts, write_parts
from toolkit.web.perspective.errors import PerspectiveError, error_body
from toolkit.web.perspective.requests import AnalyzeRequest, SuggestRequest, read_body
from toolkit.web.perspective.scoring import Scorer

#: Nothing of a request is ever stored, so there is nothing for ``doNotStore`` to undo.
Answer = tuple[int, dict[str, Any]]


def router(scorer: Scorer, guard: Callable[[Request], None]) -> APIRouter:
    """The routes; ``guard`` raises PerspectiveError for a key that may not pass."""
    routes = APIRouter()

    @routes.post("/v1alpha1/comments:analyze")
    async def analyze(request: Request) -> JSONResponse:
        guard(request)
        status, body = await _answer(_analyze, scorer, await request.body())
        return JSONResponse(body, status_code=status)

    @routes.post("/v1alpha1/comments:suggestscore")
    async def suggest_score(request: Request) -> JSONResponse:
        guard(request)
        status, body = await _answer(_suggest, scorer, await request.body())
        return JSONResponse(body, status_code=status)

    @routes.get("/$discovery/rest")
    async def discovery_document(request: Request) -> JSONResponse:
        version = request.query_params.get("version", "v1alpha1")
        if version != "v1alpha1":
            raise PerspectiveError(f"There is no version {version}.", code=404, error_type=None)
        return JSONResponse(discovery.document(str(request.base_url)))

    @routes.post("/batch/commentanalyzer/v1alpha1")
    @routes.post("/batch")
    async def batch(request: Request) -> Response:
        guard(request)
        parts = read_parts(request.headers.get("content-type", ""), await request.body())
        answers = await asyncio.gather(*(_answer_part(scorer, part) for part in parts))
        boundary = f"batch_{secrets.token_hex(12)}"
        body = write_parts(
            (
                (part.content_id, status, json.dumps(answer).encode())
                for part, (status, answer) in zip(parts, answers, strict=True)
            ),
            boundary,
        )
        return Response(body, media_type=f"multipart/mixed; boundary={boundary}")

    return routes


async def _analyze(scorer: Scorer, data: Any) -> dict[str, Any]:
    return await scorer.analyze(read_body(AnalyzeRequest, data))


async def _suggest(scorer: Scorer, data: Any) -> dict[str, Any]:
    return scorer.suggest(read_body(SuggestRequest, data))


async def _answer(
    method: Callable[[Scorer, Any], Awaitable[dict[str, Any]]], scorer: Scorer, body: bytes
) -> Answer:
    try:
        try:
            data = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise PerspectiveError("Invalid JSON payload received. The body is no JSON.") from error
        return 200, await method(scorer, data)
    except PerspectiveError as error:
        return error.code, error.body()
    except Overloaded:
        return 503, error_body(503, "The service is currently unavailable.", [])


async def _answer_part(scorer: Scorer, part: Part) -> Answer:
    path = part.path.partition("?")[0]
    if part.method == "POST" and path.endswith("/v1alpha1/comments:analyze"):
        return await _answer(_analyze, scorer, part.body)
    if part.method == "POST" and path.endswith("/v1alpha1/comments:suggestscore"):
        return await _answer(_suggest, scorer, part.body)
    return 404, error_body(404, "Method not found.", [])
