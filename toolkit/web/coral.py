"""Coral's external moderation phase: a signed comment in, actions and a status out.

The recommendation is that of the policy (``toolkit.moderation.policy``). It is
never final: nothing is answered with APPROVED or REJECTED, which in Coral end
a comment's moderation without a person.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import polars as pl
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask

from toolkit.errors import SettingsError
from toolkit.moderation.policy import NO_RULE, Policy
from toolkit.schema import SEPARATOR
from toolkit.text.html_text import html_to_text
from toolkit.web.engine import ANALYZERS, Engine, Overloaded, Question
from toolkit.web.perspective.errors import PerspectiveError, too_slow, unavailable
from toolkit.web.perspective.requests import checked_length, read_body, read_json
from toolkit.web.perspective.routes import rendered

#: From which recommendation on a comment waits for a moderator.
Hold = Literal["review", "reject", "never"]

_HEADER: Final = "x-coral-signature"
_FLAG: Final = {"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """How the phase answers. ``secrets`` are Coral's signing secrets, old and new."""

    secrets: tuple[bytes, ...]
    policy: Policy
    hold: Hold = "review"


class _Sent(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class _Comment(_Sent):
    body: str
    #: Not there before Coral has stored the comment.
    id: str | None = None
    parent_id: str | None = Field(default=None, alias="parentID")
    #: The body without markup; the route sets it.
    plain: str = ""


class _Author(_Sent):
    id: str = ""


class _Story(_Sent):
    id: str = Field(default="coral", min_length=1)
    url: str | None = None


class ModerationRequest(_Sent):
    """What Coral sends. Body and action are needed; the rest is for the moderators' desk."""

    action: Literal["NEW", "EDIT"]
    comment: _Comment
    author: _Author = _Author()
    story: _Story = _Story()


def read_secrets(path: Path) -> tuple[bytes, ...]:
    """A signing secret a line; empty lines and # comments are skipped.

    Raises SettingsError where there is none.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}", next_step="Name a file of Coral's signing secrets."
        ) from error
    found = tuple(
        line.strip().encode() for line in lines if line.strip() and not line.startswith("#")
    )
    if not found:
        raise SettingsError(
            f"{path} holds no signing secret",
            next_step="Copy it from the phase's page in Coral's configuration, one a line.",
        )
    return found


def is_signed(body: bytes, header: str | None, secrets: Sequence[bytes]) -> bool:
    """Whether ``sha256=HEX[,...]`` holds an HMAC of the raw body by one of the secrets."""
    given = [
        value.strip().lower().encode("ascii", "replace")
        for name, _, value in (item.partition("=") for item in (header or "").split(","))
        if name.strip().lower() == "sha256"
    ]
    expected = [hmac.new(secret, body, hashlib.sha256).hexdigest().encode() for secret in secrets]
    # All are compared, so that the time says nothing about which one fits.
    return sum(hmac.compare_digest(one, other) for one in given for other in expected) > 0


def answer(recommendation: dict[str, Any], column: str, hold: Hold) -> dict[str, Any] | None:
    """Coral's response for a recommendation; None where there is nothing to say."""
    action = recommendation["recommendation__action"]
    if action == "approve":
        return None
    held = hold == action or (hold == "review" and action == "reject")
    # A null has no score: the comment could not be measured, which is no toxicity.
    toxic = (
        column.partition(SEPARATOR)[0] == "toxicity"
        and recommendation["recommendation__score"] is not None
    )
    if not held and not toxic:
        return None
    reply: dict[str, Any] = {"actions": [_FLAG] if toxic else [], "tags": []}
    if held:
        reply["status"] = "SYSTEM_WITHHELD"
    return reply


def router(engine: Engine, phase: Phase, wait: float) -> APIRouter:
    """``POST /coral/moderate``; ``?format=html`` where Coral sends bodies as HTML.

    Where the application has a desk (``app.state.from_coral``), it gets each comment, too.
    """
    routes = APIRouter()
    columns = {rule.name: rule.column for rule in phase.policy.rules}
    wanted = {column.partition(SEPARATOR)[0] for column in columns.values()}
    analyzers = frozenset(name for name in ANALYZERS if name in wanted)

    @routes.post("/coral/moderate", include_in_schema=False)
    async def moderate(request: Request) -> Response:
        body = await request.body()
        if not is_signed(body, request.headers.get(_HEADER), phase.secrets):
            raise PerspectiveError(
                "The signature is not that of the body.", code=401, error_type=None
            )
        given = read_body(ModerationRequest, read_json(body))
        text = given.comment.body
        if request.query_params.get("format", "").lower() == "html":
            text = html_to_text(text)
        checked_length(text)
        try:
            rows = await engine.within(wait, [Question(text=text, analyzers=analyzers)])
        except Overloaded as error:
            raise unavailable() from error
        except TimeoutError as error:
            raise too_slow() from error
        frame = pl.DataFrame(rows, infer_schema_length=None).lazy()
        found = phase.policy.apply(frame).collect().row(0, named=True)
        rule = found["recommendation__rule"]
        reply = answer(found, columns.get(rule, NO_RULE), phase.hold)
        response = Response(status_code=204) if reply is None else rendered((200, reply))
        keep = getattr(request.app.state, "from_coral", None)
        if keep is not None:
            comment = given.comment.model_copy(update={"plain": text})
            response.background = BackgroundTask(
                keep, given.model_copy(update={"comment": comment})
            )
        return response

    return routes
