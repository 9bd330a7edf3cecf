"""An author appeals against a decision; a second moderator answers in writing.

The link of a decision holds its number and a keyed hash of it: it can be made
again at any time, and nobody can make one for another decision.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from toolkit.errors import RefusedActError
from toolkit.moderation import preferences
from toolkit.moderation.decisions import Choice, close, record
from toolkit.moderation.events import Entry, append
from toolkit.moderation.queue import add_item
from toolkit.moderation.routing import APPEALS
from toolkit.moderation.tables import Account, Appeal, Comment, Decision, Item

Outcome = Literal["upheld", "overturned"]
MAX_TEXT: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the link shows: the comment, the decision, and how far the appeal is."""

    decision: Decision
    comment: Comment
    appeal: Appeal | None
    #: Why no (further) appeal can be made; None where one can.
    closed: str | None


def token(session: Session, decision: int) -> str:
    """The link's token of a decision."""
    key = preferences.secret(session).encode()
    seal = hmac.new(key, f"appeal:{decision}".encode(), hashlib.sha256).hexdigest()
    return f"{decision}-{seal[:40]}"


def find(session: Session, at: datetime, given: str) -> Case | None:
    """The case of a token; None for one that is none."""
    number, _, _ = given.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    if not hmac.compare_digest(
        token(session, int(number)).encode(), given.encode("utf-8", "replace")
    ):
        return None
    decision = session.get(Decision, int(number))
    if decision is None:
        return None
    comment = session.get_one(Comment, decision.comment)
    appeal = session.execute(
        select(Appeal).where(Appeal.decision == decision.id)
    ).scalar_one_or_none()
    return Case(
        decision=decision,
        comment=comment,
        appeal=appeal,
        closed=_closed(session, at, decision, comment, appeal),
    )


def state(session: Session, at: datetime, given: str, statement: str) -> Appeal:
    """File an appeal. Raises RefusedActError where there can be none."""
    case = find(session, at, given)
    if case is None:
        raise RefusedActError("this is no link of ours", next_step="Use the link as it was sent.")
    if case.closed is not None:
        raise RefusedActError(case.closed, next_step="Nothing more is needed from you.")
    statement = _written(statement, "a statement")
    appeal = Appeal(decision=case.decision.id, statement=statement, stated_at=at)
    session.add(appeal)
    session.flush()
    item = session.execute(
        select(Item).where(Item.comment == case.comment.id).order_by(Item.id.desc()).limit(1)
    ).scalar_one()
    add_item(session, at, item, "appeal", APPEALS, not_for=case.decision.account, appeal=appeal.id)
    body = {"appeal": appeal.id, "decision": case.decision.id, "statement_sha256": _hash(statement)}
    entry = Entry(kind="appeal_stated", account=None, comment=case.comment.id, body=body)
    append(session, at, [entry])
    return appeal


def answer(
    session: Session, at: datetime, account: Account, number: int, outcome: str, text: str
) -> Appeal:
    """Answer an appeal; ``overturned`` approves the comment.

    Raises RefusedActError where the person made the decision, or it is answered.
    """
    if account.role == "auditor":
        raise RefusedActError("auditors look and do not decide", next_step="Ask a moderator.")
    if outcome not in get_args(Outcome):
        raise RefusedActError(f"{outcome!r} is no outcome", next_step="Uphold it or overturn it.")
    appeal = session.execute(
        select(Appeal).where(Appeal.id == number).with_for_update()
    ).scalar_one_or_none()
    if appeal is None or appeal.outcome is not None:
        raise RefusedActError("this appeal was answered", next_step="Take the next one.")
    decision = session.get_one(Decision, appeal.decision)
    if decision.account == account.id:
        raise RefusedActError(
            "you made this decision", next_step="A second moderator answers the appeal."
        )
    text = _written(text, "an answer")
    item = session.execute(
        select(Item).where(Item.appeal == appeal.id).with_for_update()
    ).scalar_one()
    if item.lease_by not in (None, account.id) and (item.lease_until or at) > at:
        raise RefusedActError("another moderator has this appeal open", next_step="Take another.")
    close(item)
    overturned = outcome == "overturned"
    choice = Choice(
        act="approve" if overturned else "reject", reason=None if overturned else decision.reason
    )
    status = "APPROVED" if overturned else "REJECTED"
    record(session, at, account, item, choice, round_="appeal", status=status)
    appeal.answered_by, appeal.answer, appeal.answered_at = account.id, text, at
    appeal.outcome = outcome
    body = {"appeal": appeal.id, "outcome": outcome, "answer_sha256": _hash(text)}
    entry = Entry(kind="appeal_answered", account=account.id, comment=decision.comment, body=body)
    append(session, at, [entry])
    return appeal


def _closed(
    session: Session, at: datetime, decision: Decision, comment: Comment, appeal: Appeal | None
) -> str | None:
    if appeal is not None:
        return "there is an appeal against this decision already"
    if decision.undone is not None or comment.status != "REJECTED" or decision.status != "REJECTED":
        return "the comment is not rejected (any more)"
    days = preferences.load(session).appeal_days
    if at > decision.decided_at + timedelta(days=days):
        return f"an appeal can be made within {days} days"
    return None


def _written(text: str, what: str) -> str:
    text = text.replace("\x00", "\ufffd").strip()
    if not text or len(text) > MAX_TEXT:
        raise RefusedActError(
            f"{what} has 1 to {MAX_TEXT} characters", next_step="Write it, or shorten it."
        )
    return text


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
