"""The queue and the card."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query, Request, Response
from sqlalchemy import select

from toolkit.moderation import preferences, queue
from toolkit.moderation.accounts import may
from toolkit.moderation.decisions import count_standing
from toolkit.moderation.queue import ORDERS, Filters, Order
from toolkit.moderation.store import Session
from toolkit.moderation.tables import STATUSES, Account, Article, Attribute, Comment, Item, Reason
from toolkit.web.desk import card as cards
from toolkit.web.desk.app import render, to
from toolkit.web.desk.session import Me, store_of

routes = APIRouter()
PAGE: Final = 30
_NAMES: Final = (
    "queue",
    "order",
    "article",
    "author",
    "language",
    "status",
    "marker",
    "attribute",
    "lower",
    "upper",
)


def filters_of(values: Any) -> Filters:
    """From a query string or a form; what is no filter is left out."""
    given = {name: (values.get(name) or "").strip() for name in _NAMES}
    order: Order = next((name for name in ORDERS if name == given["order"]), "risk")
    queue_name = given["queue"] or ("main" if "queue" not in values else None)
    return Filters(
        queue=None if queue_name in (None, "*") else queue_name,
        order=order,
        article_id=given["article"] or None,
        author_key=given["author"] or None,
        language=given["language"] or None,
        status=given["status"] if given["status"] in STATUSES else None,
        marker=given["marker"] or None,
        attribute=given["attribute"] or None,
        lower=number(given["lower"]),
        upper=number(given["upper"]),
    )


def number(value: str) -> float | None:
    """A decimal with point or comma, or None."""
    try:
        found = float(value.replace(",", "."))
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None


def query_of(filters: Filters) -> dict[str, str]:
    """The other way round: what an address needs to ask for the same again."""
    values = {
        "queue": filters.queue or "*",
        "order": filters.order,
        "article": filters.article_id,
        "author": filters.author_key,
        "language": filters.language,
        "status": filters.status,
        "marker": filters.marker,
        "attribute": filters.attribute,
        "lower": filters.lower,
        "upper": filters.upper,
    }
    found = {key: str(value) for key, value in values.items() if value is not None}
    if found["queue"] == "main":
        del found["queue"]
    if found["order"] == "risk":
        del found["order"]
    return found


@routes.get("/")
def overview(request: Request, me: Me, page: Annotated[int, Query(ge=1, le=1000)] = 1) -> Response:
    """What waits, with filters."""
    store = store_of(request)
    filters = filters_of(request.query_params)
    with store.read() as session:
        items = queue.page(session, filters, size=PAGE + 1, offset=(page - 1) * PAGE)
        ids = [item.comment for item in items]
        comments = {
            row.id: row
            for row in session.execute(select(Comment).where(Comment.id.in_(ids))).scalars()
        }
        titles = dict(
            session.execute(
                select(Article.article_id, Article.title).where(
                    Article.article_id.in_({item.article_id for item in items})
                )
            ).all()
        )
        attributes = list(
            session.execute(select(Attribute.name).order_by(Attribute.name)).scalars()
        )
        return render(
            request,
            "queue.html",
            me=me.account,
            filters=filters,
            query=query_of(filters),
            queues=queue.queues(session),
            rows=[(item, comments[item.comment]) for item in items[:PAGE]],
            titles=titles,
            page=page,
            more=len(items) > PAGE,
            now=store.clock(),
            attributes=[name for name in attributes if not name.startswith("rhetoric__")],
            markers=[name for name in attributes if name.startswith("rhetoric__")],
            statuses=STATUSES,
        )


@routes.get("/next")
def next_card(request: Request, me: Me, after: int = 0, before: int = 0) -> Response:
    """Lease the next (or previous) item, and go to its card."""
    store = store_of(request)
    filters = filters_of(request.query_params)
    query = query_of(filters)
    if not may(me.account, "decide"):
        raise HTTPException(403, f"The role {me.account.role} does not decide; it reads.")

    def work(session: Session) -> int | None:
        at = store.clock()
        account = session.get_one(Account, me.account.id)
        wanted = preferences.load(session)
        found = queue.lease_next(
            session,
            at,
            account,
            filters,
            wanted,
            after=session.get(Item, after) if after else None,
            before=session.get(Item, before) if before else None,
        )
        return None if found is None else found.id

    found = store.transact(work)
    if found is None and (after or before):
        end = "That was the last one." if after else "This is the first one."
        if after and (again := store.transact(_again(store, me.account.id, filters))):
            return to(request, f"/item/{again}", **query, notice=end)
        return to(request, f"/item/{before or after}", **query, notice=end)
    if found is None:
        return to(request, "/", **query, notice="Nothing waits here.")
    return to(request, f"/item/{found}", **query)


def _again(store: Any, account: int, filters: Filters) -> Any:
    def work(session: Session) -> int | None:
        person = session.get_one(Account, account)
        wanted = preferences.load(session)
        found = queue.lease_next(session, store.clock(), person, filters, wanted)
        return None if found is None else found.id

    return work


@routes.get("/item/{number}")
def item_page(request: Request, me: Me, number: int) -> Response:
    """The card; it is leased to whoever may decide it and comes first."""
    store = store_of(request)
    filters = filters_of(request.query_params)

    def work(session: Session) -> bool:
        account = session.get_one(Account, me.account.id)
        return queue.lease(session, store.clock(), account, number) is not None

    with store.read() as session:
        item = session.get(Item, number)
        # Whoever comes from a decision has it already: nothing is written then.
        mine = item is not None and queue.holds(item, store.clock(), me.account)
        if mine or not may(me.account, "decide"):
            return _card_page(request, me.account, filters, session, item, held=mine)
    held = store.transact(work)
    with store.read() as session:
        item = session.get(Item, number)
        return _card_page(request, me.account, filters, session, item, held=held)


def _card_page(
    request: Request,
    me: Account,
    filters: Filters,
    session: Session,
    item: Item | None,
    *,
    held: bool,
) -> Response:
    if item is None:
        raise HTTPException(404, "There is no such item.")
    if item.kind == "appeal":
        return to(request, f"/appeals/{item.appeal}")
    if item.kind == "second" and item.not_for == me.id:
        raise HTTPException(403, "Somebody else looks at this one.")
    if not held and item.waiting and not may(me, "stats"):
        taken: str | None = "Somebody else has this comment open."
    else:
        taken = None if held else "This one is not yours to decide now."
    reasons = session.execute(
        select(Reason).where(Reason.active.is_(True)).order_by(Reason.position)
    )
    return render(
        request,
        "card.html",
        card=cards.build(session, item, me, request.app.state.policy),
        held=held,
        taken=taken,
        reasons=list(reasons.scalars()),
        query=query_of(filters),
        undoable=count_standing(session, me),
        zen=request.query_params.get("zen") == "1",
    )


@routes.get("/thread/{article_id:path}")
def thread_page(
    request: Request,
    me: Me,
    article_id: str,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """All comments of an article."""
    size = 100
    with store_of(request).read() as session:
        article = session.get(Article, article_id)
        if article is None:
            raise HTTPException(404, "There is no such article.")
        blur = bool(me.account.settings.get("blur", True))
        lines = cards.whole_thread(
            session, article_id, blur=blur, size=size + 1, offset=(page - 1) * size
        )
        return render(
            request,
            "thread.html",
            article=article,
            lines=lines[:size],
            page=page,
            more=len(lines) > size,
        )
