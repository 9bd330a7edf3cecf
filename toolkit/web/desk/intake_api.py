"""Comments over HTTP: ``POST /desk/api/comments`` with the server's API keys."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import State

from toolkit.context import with_articles
from toolkit.errors import InputError, ToolkitError
from toolkit.moderation.intake import ImportCounts, import_comments
from toolkit.schema import COMMENT_SCHEMA
from toolkit.settings import Settings
from toolkit.web.coral import ModerationRequest
from toolkit.web.desk.app import intake_error

logger = logging.getLogger("toolkit.web")
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
    counts = await stored(request.app, body, f"api:{name}")
    return JSONResponse({field: getattr(counts, field) for field in ImportCounts.__slots__})


async def stored(desk: FastAPI, body: Intake, source: str, source_format: str = "api") -> Any:
    """Score what came in and store it; the counts. Raises what storing raises."""
    state = desk.state
    if not hasattr(state, "scoring"):
        # One analysis at a time: it uses all that the machine has.
        state.scoring = asyncio.Lock()
    async with state.scoring:
        return await run_in_threadpool(_store, state, body, source, source_format)


async def from_coral(desk: FastAPI, sent: ModerationRequest) -> None:
    """Put what Coral's phase sent before the moderators, after Coral had its answer.

    Coral asks before it has stored a new comment, so that most have no id yet: one is
    made of story, author, parent and body then. What goes wrong is logged, without text.
    """
    comment = sent.comment
    parts = (sent.story.id, sent.author.id, comment.parent_id or "", comment.body)
    made = hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
    try:
        body = Intake.model_validate(
            {
                "comments": [
                    {
                        "comment_id": comment.id or f"coral-{made}",
                        "article_id": sent.story.id,
                        "text": comment.plain,
                        "parent_id": comment.parent_id,
                        "author_id": sent.author.id or None,
                        "created_at": datetime.now(UTC),
                    }
                ],
                "articles": [{"article_id": sent.story.id, "url": sent.story.url}],
            }
        )
        await stored(desk, body, "coral", "coral")
    except (ValidationError, ToolkitError, SQLAlchemyError) as error:
        logger.error("coral_comment_not_stored", extra={"fields": {"error": type(error).__name__}})


def _store(state: State, body: Intake, source: str, source_format: str) -> ImportCounts:
    from toolkit.pipeline import Pipeline

    if not hasattr(state, "pipeline"):
        host = state.host
        settings = getattr(host.state, "settings", None) if host is not None else None
        state.pipeline = Pipeline.of(None, settings or Settings())
    rows: list[dict[str, Any]] = [
        {"source_format": source_format, **comment.model_dump()} for comment in body.comments
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
        state.store,
        scored.drop("article_text"),
        versions=state.pipeline.versions,
        source=source,
        articles=articles,
        policy=state.policy,
    )
