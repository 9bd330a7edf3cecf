"""What was done: the record of a comment, the log, and search."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query, Request, Response
from sqlalchemy import or_, select

from toolkit.moderation import appeals, events
from toolkit.moderation.accounts import may
from toolkit.moderation.store import Session
from toolkit.moderation.tables import Account, Article, Comment, EarlierText, Event, Item
from toolkit.web.desk import card as cards
from toolkit.web.desk.app import link, render
from toolkit.web.desk.session import Me, store_of
from toolkit.web.desk.show import drawn, pieces

routes = APIRouter()
_FOUND: Final = 50
_EVENTS: Final = 100


@routes.get("/comment/{number}")
def comment_page(request: Request, me: Me, number: int) -> Response:
    """Everything that is known of a comment and was done to it."""
    store = store_of(request)
    with store.read() as session:
        comment = session.get(Comment, number)
        if comment is None:
            raise HTTPException(404, "There is no such comment.")
        if _blind(session, number):
            raise HTTPException(403, "A blind second look at this comment is still open.")
        history = cards.history(session, number)
        spans = drawn(comment.evidence, len(comment.text or ""))
        blur = bool(me.account.settings.get("blur", True))
        found = session.execute(
            select(Event).where(Event.comment == number).order_by(Event.seq.desc()).limit(200)
        ).scalars()
        earlier = session.execute(
            select(EarlierText).where(EarlierText.comment == number).order_by(EarlierText.id.desc())
        ).scalars()
        names = dict(session.execute(select(Account.id, Account.name)).all())
        article = session.get(Article, comment.article_id)
        values: dict[str, Any] = {
            "comment": comment,
            "article": article,
            "pieces": pieces(comment.text or "", spans, blur=blur),
            "blurred": blur and any(span["kind"] == "toxic" for span in spans),
            "history": history,
            "events": list(found),
            "earlier": [(row, pieces(row.text or "")) for row in earlier],
            "names": names,
        }
    address = None
    standing = next((d for d, _ in history if d.undone is None and d.status is not None), None)
    if standing is not None and standing.status == "REJECTED":
        token = store.transact(lambda session: appeals.token(session, standing.id))
        address = link(request, f"/appeal/{token}")
    return render(request, "comment.html", link=address, **values)


def _blind(session: Session, comment: int) -> bool:
    """Whether somebody is still to look without knowing what was decided."""
    query = select(Item.id).where(
        Item.comment == comment, Item.kind == "second", Item.waiting.is_(True)
    )
    return session.execute(query).first() is not None


@routes.get("/search")
def search(request: Request, me: Me, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Comments by their words, author, or id."""
    words = q.strip()
    rows: list[Comment] = []
    if words:
        with store_of(request).read() as session:
            exact = session.execute(
                select(Comment)
                .where(or_(Comment.comment_id == words, Comment.author_key == words))
                .limit(_FOUND)
            ).scalars()
            rows = list(exact)
            if len(rows) < _FOUND:
                some = session.execute(
                    select(Comment)
                    .where(
                        or_(
                            Comment.text.icontains(words, autoescape=True),
                            Comment.author_name.icontains(words, autoescape=True),
                        )
                    )
                    .order_by(Comment.id.desc())
                    .limit(_FOUND)
                ).scalars()
                there = {row.id for row in rows}
                rows += [row for row in some if row.id not in there]
    blur = bool(me.account.settings.get("blur", True))
    return render(
        request,
        "search.html",
        q=q,
        rows=[(row, cards.text_of(row, blur=blur)) for row in rows[:_FOUND]],
        most=_FOUND,
    )


@routes.get("/log")
def log_page(
    request: Request, me: Me, before: Annotated[int, Query(ge=0)] = 0, check: str = ""
) -> Response:
    """The log, newest first; whoever may see statistics can have the chain checked."""
    store = store_of(request)
    with store.read() as session:
        query = select(Event).order_by(Event.seq.desc()).limit(_EVENTS)
        if before:
            query = query.where(Event.seq < before)
        rows = list(session.execute(query).scalars())
        names = dict(session.execute(select(Account.id, Account.name)).all())
        # Who decided what is not told while a blind second look is open.
        hidden = set(
            session.execute(
                select(Item.comment).where(
                    Item.kind == "second",
                    Item.waiting.is_(True),
                    Item.comment.in_({row.comment for row in rows if row.comment}),
                )
            ).scalars()
        )
    found = None
    if check and may(me.account, "stats"):
        found = events.verify(store)
    return render(
        request,
        "log.html",
        rows=[(row, None if row.comment in hidden else json.loads(row.body)) for row in rows],
        names=names,
        found=found,
        oldest=rows[-1].seq if rows else 0,
    )
