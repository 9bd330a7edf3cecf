"""What a moderator does on a card: plain forms, each a transaction, then on to the next."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, HTTPException, Request, Response

from toolkit.errors import RefusedActError
from toolkit.moderation import decisions, preferences, queue
from toolkit.moderation.decisions import Choice
from toolkit.moderation.store import Session
from toolkit.moderation.tables import Account, Comment, Item
from toolkit.web.desk.app import render, to
from toolkit.web.desk.queue_pages import filters_of, query_of
from toolkit.web.desk.session import Sender, needs, store_of
from toolkit.web.desk.show import drawn

routes = APIRouter()


def back(text: str) -> dict[str, str]:
    """The filters that a form carries along, checked again."""
    return query_of(filters_of(dict(parse_qsl(text[:2_000]))))


@routes.post("/item/{number}/decide", dependencies=[needs("decide")])
def decide(
    request: Request,
    me: Sender,
    number: int,
    act: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    query: Annotated[str, Form()] = "",
) -> Response:
    """Decide the item and go on to the next."""
    store = store_of(request)
    # One button is one act: `reject:spam` rejects for spam.
    act, _, reason = act.partition(":")
    choice = Choice(act=act, reason=reason or None, note=note.strip() or None)

    given = back(query)

    def work(session: Session) -> int | None:
        at = store.clock()
        account = session.get_one(Account, me.account.id)
        decisions.decide(session, at, account, number, choice)
        # The next one comes in the same transaction: one way less for each comment.
        wanted = preferences.load(session)
        found = queue.lease_next(session, at, account, filters_of(given), wanted)
        return None if found is None else found.id

    try:
        following = store.transact(work)
    except RefusedActError as error:
        return render(
            request,
            "error.html",
            409,
            message=f"{error}.".capitalize(),
            next_step=error.next_step,
            again=f"/item/{number}",
        )
    done = {
        "approve": "Approved.",
        "reject": "Rejected.",
        "escalate": "Passed on to a lead.",
        "highlight": "Approved and highlighted.",
    }[act]
    if following is None:
        return to(request, "/", **given, notice=f"{done} Nothing waits here.")
    return to(request, f"/item/{following}", **given, notice=done)


@routes.post("/undo", dependencies=[needs("decide")])
def undo(request: Request, me: Sender, query: Annotated[str, Form()] = "") -> Response:
    """Take back the last thing that the person did."""
    store = store_of(request)

    def work(session: Session) -> list[int | None]:
        account = session.get_one(Account, me.account.id)
        done = decisions.undo_last(session, store.clock(), account)
        return [found.item for found in done]

    items = store.transact(work)
    if not items:
        return to(request, "/", **back(query), notice="There is nothing to undo.")
    if len(items) > 1:
        return to(request, "/", **back(query), notice=f"Undone: {len(items)} decisions.")
    return to(request, f"/item/{items[0]}", **back(query), notice="Undone. Decide it anew.")


@routes.post("/decision/{number}/undo", dependencies=[needs("decide")])
def undo_one(request: Request, me: Sender, number: int) -> Response:
    """A lead takes back anybody's decision; a moderator their own."""
    store = store_of(request)

    def work(session: Session) -> int | None:
        account = session.get_one(Account, me.account.id)
        done = decisions.undo(session, store.clock(), account, [number])
        return done[0].comment if done else None

    comment = store.transact(work)
    if comment is None:
        raise HTTPException(404, "There is no such decision, or it was taken back.")
    return to(request, f"/comment/{comment}", notice="Undone.")


@routes.post("/item/{number}/renew", dependencies=[needs("decide")])
def renew(request: Request, me: Sender, number: int) -> Response:
    """Five more minutes, for as long as the card is looked at."""
    store = store_of(request)

    def work(session: Session) -> None:
        account = session.get_one(Account, me.account.id)
        item = session.get(Item, number)
        if item is None or not item.waiting:
            raise queue.taken()
        queue.renew(session, store.clock(), account, item)

    try:
        store.transact(work)
    except RefusedActError:
        return Response(status_code=409)
    return Response(status_code=204)


@routes.post("/item/{number}/label", dependencies=[needs("label")])
def label(
    request: Request,
    me: Sender,
    number: int,
    span: Annotated[int, Form()],
    verdict: Annotated[str, Form()],
    query: Annotated[str, Form()] = "",
) -> Response:
    """Confirm or deny the span of this number (from 0) of those that the card shows."""
    store = store_of(request)

    def work(session: Session) -> None:
        item = session.get(Item, number)
        if item is None or verdict not in ("confirm", "deny"):
            raise HTTPException(404, "There is no such span.")
        comment = session.get_one(Comment, item.comment)
        spans = drawn(comment.evidence, len(comment.text or ""))
        if not 0 <= span < len(spans):
            raise HTTPException(404, "There is no such span.")
        account = session.get_one(Account, me.account.id)
        decisions.label_span(
            session,
            store.clock(),
            account,
            comment,
            spans[span],
            confirmed=verdict == "confirm",
        )

    store.transact(work)
    return to(request, f"/item/{number}", **back(query), notice="Kept.")
