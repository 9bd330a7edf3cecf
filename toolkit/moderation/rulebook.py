"""The policy page's reasons and the queue's routes, changed by leads, with an event each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from toolkit.errors import RefusedActError
from toolkit.moderation.accounts import require
from toolkit.moderation.events import Entry, append
from toolkit.moderation.routing import checked
from toolkit.moderation.tables import Account, Reason, Route

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


def reasons(session: Session, *, active: bool = False) -> list[Reason]:
    """In their order; with ``active``, those that can be chosen."""
    query = select(Reason).order_by(Reason.position, Reason.code)
    return list(
        session.execute(query.where(Reason.active.is_(True)) if active else query).scalars()
    )


def put_reason(
    session: Session,
    at: datetime,
    account: Account,
    *,
    code: str,
    title: str,
    description: str,
    active: bool = True,
) -> Reason:
    """Add a reason, or change the words of one. Raises RefusedActError."""
    require(account, "policy")
    code, title, description = code.strip(), title.strip(), description.strip()
    if not _CODE.fullmatch(code):
        raise RefusedActError(
            f"{code!r} is no code", next_step="Use a-z, 0-9 and _, with a letter first."
        )
    if not title or len(title) > 100 or len(description) > 1_000:
        raise RefusedActError(
            "a reason needs a title of up to 100 characters, and a description of up to 1,000",
            next_step="Write a title, or shorten it.",
        )
    reason = session.get(Reason, code)
    if reason is None:
        place = session.execute(select(func.coalesce(func.max(Reason.position), -1))).scalar_one()
        reason = Reason(code=code, position=place + 1)
        session.add(reason)
    reason.title, reason.description, reason.active = title, description, active
    session.flush()
    body = {"code": code, "title": title, "description": description, "active": active}
    append(session, at, [Entry(kind="reason", account=account.id, body=body)])
    return reason


def add_route(
    session: Session,
    at: datetime,
    account: Account,
    conditions: Sequence[Mapping[str, Any]],
    queue: str,
) -> Route:
    """A route after the others; it counts for what comes in from now on."""
    require(account, "rules")
    route = checked(conditions, queue)
    place = session.execute(select(func.coalesce(func.max(Route.position), -1))).scalar_one()
    added = Route(
        position=place + 1, conditions=[dict(one) for one in route.conditions], queue=route.queue
    )
    session.add(added)
    session.flush()
    body = {"route": added.id, "when": added.conditions, "queue": added.queue}
    append(session, at, [Entry(kind="route_made", account=account.id, body=body)])
    return added


def remove_route(session: Session, at: datetime, account: Account, number: int) -> None:
    """Take a route out; its making and its end stay in the log."""
    require(account, "rules")
    if session.get(Route, number) is None:
        raise RefusedActError("there is no such route", next_step="Load the page again.")
    session.execute(delete(Route).where(Route.id == number))
    append(session, at, [Entry(kind="route_removed", account=account.id, body={"route": number})])
