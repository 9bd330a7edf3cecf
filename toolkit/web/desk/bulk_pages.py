"""Bulk acts by score range, auto rules, and routes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from sqlalchemy import func, select

from toolkit.errors import RefusedActError
from toolkit.moderation import bulk, decisions, rulebook
from toolkit.moderation.decisions import Choice
from toolkit.moderation.routing import TEXT_COLUMNS
from toolkit.moderation.simulate import ScoreRule
from toolkit.moderation.store import Session
from toolkit.moderation.tables import Account, Attribute, Batch, Decision, Route, Rule
from toolkit.web.desk import card as cards
from toolkit.web.desk.app import render, to
from toolkit.web.desk.queue_pages import number
from toolkit.web.desk.session import Me, Sender, needs, store_of

routes = APIRouter()


def _range(attribute: str, lower: str, upper: str, act: str) -> ScoreRule:
    low, high = number(lower), number(upper)
    if not attribute or low is None or high is None:
        raise RefusedActError(
            "a range needs a score and two bounds", next_step="Give numbers such as 0.9 and 1."
        )
    return ScoreRule(
        attribute=attribute,
        lower=low,
        upper=high,
        action=act,  # type: ignore[arg-type]
    )


def _attributes(session: Session) -> list[str]:
    return list(session.execute(select(Attribute.name).order_by(Attribute.name)).scalars())


@routes.get("/bulk", dependencies=[needs("bulk")])
def bulk_page(
    request: Request,
    me: Me,
    attribute: str = "",
    lower: str = "",
    upper: str = "",
    act: str = "approve",
) -> Response:
    """The range, and what an act on it would do."""
    store = store_of(request)
    act, _, reason = act.partition(":")
    with store.read() as session:
        preview = None
        if attribute:
            rule = _range(attribute, lower, upper, act)
            preview = bulk.preview(session, store.clock(), rule)
        batches = session.execute(
            select(Batch, Account.name)
            .join(Account, Account.id == Batch.account)
            .order_by(Batch.id.desc())
            .limit(20)
        ).all()
        blur = bool(me.account.settings.get("blur", True))
        sample = preview.sample if preview else ()
        return render(
            request,
            "bulk.html",
            attributes=_attributes(session),
            reasons=rulebook.reasons(session, active=True),
            given={"attribute": attribute, "lower": lower, "upper": upper},
            act=act,
            reason=reason,
            preview=preview,
            sample=[(row, value, cards.text_of(row, blur=blur)) for row, value in sample],
            batches=batches,
        )


@routes.post("/bulk", dependencies=[needs("bulk")])
def act_in_bulk(
    request: Request,
    me: Sender,
    attribute: Annotated[str, Form()] = "",
    lower: Annotated[str, Form()] = "",
    upper: Annotated[str, Form()] = "",
    act: Annotated[str, Form()] = "",
    count: Annotated[int, Form()] = 0,
    note: Annotated[str, Form()] = "",
) -> Response:
    """Do it, where not more lies in the range than the preview counted."""
    store = store_of(request)
    act, _, reason = act.partition(":")
    rule = _range(attribute, lower, upper, act)
    choice = Choice(act=act, reason=reason or None, note=note.strip() or None)

    def work(session: Session) -> int:
        account = session.get_one(Account, me.account.id)
        done = bulk.act_in_bulk(session, store.clock(), account, rule, choice, expected=count)
        return done.count

    done = store.transact(work)
    return to(request, "/bulk", notice=f"Done: {done} comments. It can be undone below.")


@routes.post("/bulk/{batch}/undo", dependencies=[needs("bulk")])
def undo_bulk(request: Request, me: Sender, batch: int) -> Response:
    """Take a bulk act back as a whole."""
    store = store_of(request)

    def work(session: Session) -> int:
        account = session.get_one(Account, me.account.id)
        return len(decisions.undo_batch(session, store.clock(), account, batch))

    done = store.transact(work)
    return to(request, "/bulk", notice=f"Undone: {done} decisions.")


@routes.get("/rules", dependencies=[needs("rules")])
def rules_page(
    request: Request,
    me: Me,  # noqa: ARG001 - the page needs the session
    attribute: str = "",
    lower: str = "",
    upper: str = "",
    act: str = "",
) -> Response:
    """Auto rules with what they did, a dry run of a new one, and the routes."""
    store = store_of(request)
    act, _, reason = act.partition(":")
    with store.read() as session:
        trial = None
        if attribute:
            rule = _range(attribute, lower, upper, act)
            trial = bulk.preview(session, store.clock(), rule).trial
        done = dict(
            session.execute(
                select(Decision.auto_rule, func.count())
                .where(Decision.auto_rule.is_not(None), Decision.undone.is_(None))
                .group_by(Decision.auto_rule)
            ).all()
        )
        names = dict(session.execute(select(Account.id, Account.name)).all())
        return render(
            request,
            "rules.html",
            rules=list(session.execute(select(Rule).order_by(Rule.id)).scalars()),
            routes=list(session.execute(select(Route).order_by(Route.position)).scalars()),
            done=done,
            names=names,
            attributes=_attributes(session),
            text_columns=TEXT_COLUMNS,
            reasons=rulebook.reasons(session, active=True),
            given={"attribute": attribute, "lower": lower, "upper": upper},
            act=act,
            reason=reason,
            trial=trial,
        )


@routes.post("/rules", dependencies=[needs("rules")])
def add_rule(
    request: Request,
    me: Sender,
    attribute: Annotated[str, Form()] = "",
    lower: Annotated[str, Form()] = "",
    upper: Annotated[str, Form()] = "",
    act: Annotated[str, Form()] = "",
) -> Response:
    """A new rule, switched off."""
    store = store_of(request)
    act, _, reason = act.partition(":")
    rule = _range(attribute, lower, upper, act)

    def work(session: Session) -> None:
        account = session.get_one(Account, me.account.id)
        bulk.add_rule(session, store.clock(), account, rule, act, reason or None)

    store.transact(work)
    return to(request, "/rules", notice="The rule is there, switched off.")


@routes.post("/rules/{number}/{what}", dependencies=[needs("rules")])
def change_rule(request: Request, me: Sender, number: int, what: str) -> Response:
    """Switch a rule on or off, or take back what it did."""
    store = store_of(request)

    def work(session: Session) -> str:
        account = session.get_one(Account, me.account.id)
        rule = session.get(Rule, number)
        if rule is None or what not in ("on", "off", "undo"):
            raise HTTPException(404, "There is no such rule.")
        if what == "undo":
            done = bulk.undo_rule(session, store.clock(), account, rule)
            return f"Switched off, {done} decisions undone."
        bulk.switch_rule(session, store.clock(), account, rule, on=what == "on")
        return f"The rule is {what}."

    return to(request, "/rules", notice=store.transact(work))


@routes.post("/routes", dependencies=[needs("rules")])
def add_route(
    request: Request,
    me: Sender,
    queue: Annotated[str, Form()] = "",
    column: Annotated[str, Form()] = "",
    lower: Annotated[str, Form()] = "",
    upper: Annotated[str, Form()] = "",
    equals: Annotated[str, Form()] = "",
    column2: Annotated[str, Form()] = "",
    equals2: Annotated[str, Form()] = "",
) -> Response:
    """A route of one or two conditions, after the others."""
    store = store_of(request)
    conditions = [_condition(column.strip(), lower, upper, equals)]
    if column2:
        conditions.append(_condition(column2.strip(), "", "", equals2))

    def work(session: Session) -> None:
        account = session.get_one(Account, me.account.id)
        rulebook.add_route(session, store.clock(), account, conditions, queue)

    store.transact(work)
    return to(request, "/rules", notice="The route counts for what comes in from now on.")


@routes.post("/routes/{number}/remove", dependencies=[needs("rules")])
def remove_route(request: Request, me: Sender, number: int) -> Response:
    """Take a route out."""
    store = store_of(request)

    def work(session: Session) -> None:
        account = session.get_one(Account, me.account.id)
        rulebook.remove_route(session, store.clock(), account, number)

    store.transact(work)
    return to(request, "/rules", notice="The route is gone.")


def _condition(column: str, lower: str, upper: str, equals: str) -> dict[str, Any]:
    condition: dict[str, Any] = {"column": column}
    if equals.strip():
        condition["equals"] = equals.strip()
    for key, value in (("lower", lower), ("upper", upper)):
        if (bound := number(value)) is not None:
            condition[key] = bound
    if len(condition) == 1:
        condition["when_null"] = True
    return condition
