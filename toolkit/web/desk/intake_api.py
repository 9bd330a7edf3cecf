"""Comments over HTTP: ``POST /desk/api/comments`` with the server's API keys."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any, Final

import polars as pl
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from toolkit.context import with_articles
from toolkit.errors import InputError
from toolkit.moderation.intake import ImportCounts, import_comments
from toolkit.schema import COMMENT_SCHEMA
from toolkit.settings import Settings
from toolkit.web.desk.app import intake_error
from toolkit.web.desk.session import store_of

routes = APIRouter()
#: Comments in one request.
MAX_COMMENTS: Final = 1_000
MAX_TEXT: Final = 200_000


class _Article(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    article_id: str = Field(min_length=1, max_length=500)
    url: str | None = Field(None, max_length=2_000)
    title: str | None = Field(None, max_length=2_000)
    text: str | None = Field(None, max_length=1_000_000)


class _Comment(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    comment_id: str = Field(min_length=1, max_length=500)
    article_id: str = Field(min_length=1, max_length=500)
    text: str | None = Field(max_length=MAX_TEXT)
    parent_id: str | None = Field(None, max_length=500)
    author_id: str | None = Field(None, max_length=500)
    author_name: str | None = Field(None, max_length=500)
    created_at: datetime | None = None
    depth: int | None = Field(None, ge=0, le=10_000)
    position: int | None = Field(None, ge=0, le=2**53)


class Intake(BaseModel):
    """The body: comments, and the articles that they stand under."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    comments: list[_Comment] = Field(min_length=1, max_length=MAX_COMMENTS)
    articles: list[_Article] = Field(default=[], max_length=MAX_COMMENTS)


@routes.post("/api/comments")
async def take_in(request: Request) -> Response:
    """Score the comments and put them into the queue; again and again changes nothing.

    The key comes as ``Authorization: Bearer KEY`` or ``X-API-Key: KEY``. Answers
    the counts of :class:`ImportCounts`; 401 and 429 for keys, 400 for the body.
    """
    keys = request.app.state.keys
    name = "api"
    if keys:
        given = request.headers.get("x-api-key")
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        key = keys.find(bearer.strip() if scheme.lower() == "bearer" else given)
        if key is None:
            return JSONResponse({"error": "KeyRefused", "message": "This key is not known."}, 401)
        if not keys.spend(key):
            return JSONResponse({"error": "RateLimited", "message": "Too many requests."}, 429)
        name = key.name
    elif request.headers.get("origin"):
        # Without keys only this machine can ask; a page in its browser must not.
        return JSONResponse({"error": "KeyRefused", "message": "Browsers need a key."}, 401)
    try:
        body = Intake.model_validate_json(await request.body())
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in problem["loc"])
        return intake_error(
            InputError(f"{place}: {problem['msg']}", next_step="Look at docs/desk.md.")
        )
    state = request.app.state
    if not hasattr(state, "scoring"):
        # One analysis at a time: it uses all that the machine has.
        state.scoring = asyncio.Lock()
    async with state.scoring:
        counts = await run_in_threadpool(_store, request, body, name)
    return JSONResponse({field: getattr(counts, field) for field in ImportCounts.__slots__})


def _store(request: Request, body: Intake, name: str) -> ImportCounts:
    from toolkit.pipeline import Pipeline

    state = request.app.state
    if not hasattr(state, "pipeline"):
        host = state.host
        settings = getattr(host.state, "settings", None) if host is not None else None
        state.pipeline = Pipeline.of(None, settings or Settings())
    rows: list[dict[str, Any]] = [
        {"source_format": "api", **comment.model_dump()} for comment in body.comments
    ]
    frame = pl.DataFrame(
        [{name: row.get(name) for name in COMMENT_SCHEMA} for row in rows],
        schema=COMMENT_SCHEMA,
    )
    articles = pl.DataFrame(
        [article.model_dump() for article in body.articles],
        schema={"article_id": pl.String, "url": pl.String, "title": pl.String, "text": pl.String},
    )
    scored = state.pipeline.apply(with_articles(frame.lazy(), articles), evidence=True).collect()
    return import_comments(
        store_of(request),
        scored.drop("article_text"),
        versions=state.pipeline.versions,
        source=f"api:{name}",
        articles=articles,
        policy=state.policy,
    )
