"""The policy page: reasons with their codes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import func, select

from toolkit.moderation import rulebook
from toolkit.moderation.store import Session
from toolkit.moderation.tables import Account, Decision
from toolkit.web.desk.app import render, to
from toolkit.web.desk.session import Me, Sender, needs, store_of

routes = APIRouter()


@routes.get("/policy")
def policy_page(request: Request, me: Me) -> Response:  # noqa: ARG001 - needs the session
    """All reasons, and how often each was given."""
    with store_of(request).read() as session:
        used = dict(
            session.execute(
                select(Decision.reason, func.count())
                .where(Decision.reason.is_not(None), Decision.undone.is_(None))
                .group_by(Decision.reason)
            ).all()
        )
        return render(request, "policy.html", reasons=rulebook.reasons(session), used=used)


@routes.post("/policy", dependencies=[needs("policy")])
def put_reason(
    request: Request,
    me: Sender,
    code: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
    description: Annotated[str, Form()] = "",
    active: Annotated[str, Form()] = "",
) -> Response:
    """Add a reason, or change one."""
    store = store_of(request)

    def work(session: Session) -> None:
        account = session.get_one(Account, me.account.id)
        rulebook.put_reason(
            session,
            store.clock(),
            account,
            code=code,
            title=title,
            description=description,
            active=bool(active),
        )

    store.transact(work)
    return to(request, "/policy", notice="Kept.")
