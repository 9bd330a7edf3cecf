"""Appeals: the author's page behind a link, and the moderators' answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from sqlalchemy import select

from toolkit.errors import RefusedActError
from toolkit.moderation import appeals, queue
from toolkit.moderation.accounts import may
from toolkit.moderation.store import Session
from toolkit.moderation.tables import Account, Appeal, Article, Comment, Decision, Item, Reason
from toolkit.web.desk import card as cards
from toolkit.web.desk.app import render, to
from toolkit.web.desk.session import Me, Sender, needs, store_of
from toolkit.web.desk.show import drawn, pieces
from toolkit.web.desk.sign_in import check_form, with_form

routes = APIRouter()


@routes.get("/appeal/{token}")
def author_page(request: Request, token: str) -> Response:
    """What was decided, and the form; nobody signs in for it."""
    return _author(request, token)


@routes.post("/appeal/{token}")
def state(
    request: Request,
    token: str,
    statement: Annotated[str, Form()] = "",
    form: Annotated[str, Form()] = "",
) -> Response:
    """File the appeal."""
    check_form(request, form)
    store = store_of(request)
    try:
        store.transact(lambda session: appeals.state(session, store.clock(), token, statement))
    except RefusedActError as error:
        return _author(request, token, problem=f"{error}. {error.next_step}".capitalize())
    return to(request, f"/appeal/{token}")


def _author(request: Request, token: str, *, problem: str | None = None) -> Response:
    store = store_of(request)
    # The first call makes the desk's secret.
    case = store.transact(lambda session: appeals.find(session, store.clock(), token))
    if case is None:
        raise HTTPException(404, "This is no link of ours.")
    with store.read() as session:
        reason = session.get(Reason, case.decision.reason) if case.decision.reason else None
        article = session.get(Article, case.comment.article_id)
    return with_form(
        request,
        "appeal_author.html",
        400 if problem else 200,
        case=case,
        reason=reason,
        article=article,
        pieces=pieces(case.comment.text or ""),
        problem=problem,
        longest=appeals.MAX_TEXT,
    )


@routes.get("/appeals")
def appeals_page(request: Request, me: Me, done: str = "") -> Response:  # noqa: ARG001
    """Open appeals, oldest first, or answered ones, newest first."""
    with store_of(request).read() as session:
        query = (
            select(Appeal, Decision, Comment)
            .join(Decision, Decision.id == Appeal.decision)
            .join(Comment, Comment.id == Decision.comment)
        )
        if done:
            query = query.where(Appeal.outcome.is_not(None)).order_by(Appeal.answered_at.desc())
        else:
            query = query.where(Appeal.outcome.is_(None)).order_by(Appeal.stated_at)
        rows = session.execute(query.limit(100)).all()
        return render(request, "appeals.html", rows=rows, done=bool(done))


@routes.get("/appeals/{number}")
def appeal_page(request: Request, me: Me, number: int) -> Response:
    """One appeal with its comment, decision and statement."""
    store = store_of(request)

    def work(session: Session) -> bool:
        account = session.get_one(Account, me.account.id)
        item = session.execute(select(Item.id).where(Item.appeal == number)).scalar_one_or_none()
        return item is not None and (queue.lease(session, store.clock(), account, item) is not None)

    held = may(me.account, "decide") and store.transact(work)
    with store.read() as session:
        appeal = session.get(Appeal, number)
        if appeal is None:
            raise HTTPException(404, "There is no such appeal.")
        decision = session.get_one(Decision, appeal.decision)
        comment = session.get_one(Comment, decision.comment)
        spans = drawn(comment.evidence, len(comment.text or ""))
        blur = bool(me.account.settings.get("blur", True))
        names = dict(session.execute(select(Account.id, Account.name)).all())
        return render(
            request,
            "appeal.html",
            appeal=appeal,
            decision=decision,
            comment=comment,
            pieces=pieces(comment.text or "", spans, blur=blur),
            blurred=blur and any(span["kind"] == "toxic" for span in spans),
            statement=pieces(appeal.statement),
            answer=pieces(appeal.answer or ""),
            history=cards.history(session, comment.id),
            names=names,
            held=held,
            own=decision.account == me.account.id,
            longest=appeals.MAX_TEXT,
        )


@routes.post("/appeals/{number}", dependencies=[needs("decide")])
def answer(
    request: Request,
    me: Sender,
    number: int,
    outcome: Annotated[str, Form()] = "",
    answer: Annotated[str, Form()] = "",
) -> Response:
    """Answer it in writing."""
    store = store_of(request)

    def work(session: Session) -> None:
        account = session.get_one(Account, me.account.id)
        appeals.answer(session, store.clock(), account, number, outcome, answer)

    store.transact(work)
    return to(request, "/appeals", notice="Answered.")
