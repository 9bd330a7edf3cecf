"""Acts of moderators: each a row, an event and a status in one transaction; each can be undone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from toolkit.errors import RefusedActError
from toolkit.moderation.events import Entry, append
from toolkit.moderation.queue import LEASE, add_item, release, taken
from toolkit.moderation.routing import ESCALATED
from toolkit.moderation.tables import (
    ACTS,
    Account,
    Appeal,
    Batch,
    Comment,
    Decision,
    Delivery,
    Item,
    Model,
    Reason,
    SpanLabel,
    Target,
)

#: An act -> the status that it gives; None leaves it.
STATUS_OF: Final = {
    "approve": "APPROVED",
    "highlight": "APPROVED",
    "reject": "REJECTED",
    "escalate": None,
}
MAX_NOTE: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody chose. A rejection needs ``reason``, a code of the policy page."""

    act: str
    reason: str | None = None
    note: str | None = None


def decide(
    session: Session, at: datetime, account: Account, item_id: int, choice: Choice
) -> Decision:
    """Decide an item that ``account`` holds (or that nobody does).

    Raises RefusedActError where another one has it, the reason is missing or
    unknown, or the person may not decide.
    """
    check(session, account, choice)
    item = session.execute(
        select(Item)
        .where(Item.id == item_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if item is None or not item.waiting or item.not_for == account.id:
        raise taken()
    if item.lease_by not in (None, account.id) and (item.lease_until or at) > at:
        raise taken()
    if item.kind == "escalated" and account.role == "moderator":
        raise RefusedActError("a lead decides this one", next_step="Take the next one.")
    if item.kind == "appeal":
        raise RefusedActError("an appeal needs an answer", next_step="Answer it on its page.")
    seconds = None
    if item.leased_at is not None and item.lease_by == account.id:
        seconds = max(0.0, (at - item.leased_at).total_seconds())
    blind = item.kind == "second"
    first = _standing(session, item.comment) if blind else None
    close(item)
    decision = record(
        session,
        at,
        account,
        item,
        choice,
        round_=item.kind,
        status=None if blind else STATUS_OF[choice.act],
        seconds=seconds,
    )
    if choice.act == "escalate":
        add_item(session, at, item, "escalated", ESCALATED, because=decision.id)
    elif blind and first is not None and _side(first.act) not in (None, _side(choice.act)):
        # The two disagree: a lead looks, and sees both.
        add_item(session, at, item, "escalated", ESCALATED, because=decision.id)
    elif item.kind == "first" and item.second_wanted:
        add_item(session, at, item, "second", item.queue, not_for=account.id, because=decision.id)
    return decision


def check(session: Session, account: Account, choice: Choice) -> None:
    """Raises RefusedActError where nobody could decide so."""
    if account.role == "auditor" or not account.active:
        raise RefusedActError("auditors look and do not decide", next_step="Ask a moderator.")
    if choice.act not in ACTS:
        raise RefusedActError(
            f"{choice.act!r} is no act", next_step=f"Choose one of {', '.join(ACTS)}."
        )
    if choice.note is not None and len(choice.note) > MAX_NOTE:
        raise RefusedActError(
            f"the note is longer than {MAX_NOTE} characters", next_step="Shorten it."
        )
    if choice.act == "reject" and not choice.reason:
        raise RefusedActError("a rejection needs a reason", next_step="Choose one of the list.")
    if choice.reason is not None:
        found = session.get(Reason, choice.reason)
        if found is None or not found.active:
            raise RefusedActError(
                f"{choice.reason!r} is no reason of the policy", next_step="Choose one of the list."
            )


def close(item: Item) -> None:
    """The task is done."""
    item.waiting = False
    item.lease_by = item.lease_until = item.leased_at = None


def record(
    session: Session,
    at: datetime,
    account: Account,
    item: Item,
    choice: Choice,
    *,
    round_: str,
    status: str | None,
    seconds: float | None = None,
) -> Decision:
    """A decision with its event, its effect on the comment and its way to the targets."""
    comment = session.execute(
        select(Comment).where(Comment.id == item.comment).with_for_update()
    ).scalar_one()
    [seq] = append(session, at, [decided(account.id, comment, item.id, choice, round_, status)])
    decision = Decision(
        comment=comment.id,
        item=item.id,
        round=round_,
        account=account.id,
        act=choice.act,
        reason=choice.reason,
        note=choice.note or None,
        status=status,
        seconds=seconds,
        selection=item.selection,
        recommended=item.recommended,
        decided_at=at,
        event=seq,
    )
    session.add(decision)
    session.flush()
    if status is not None:
        comment.status = status
        comment.highlighted = choice.act == "highlight"
        tell_targets(session, at, [(comment.id, seq, status)])
    return decision


def decided(
    account: int,
    comment: Comment | Any,
    item: int | None,
    choice: Choice,
    round_: str,
    status: str | None,
    **more: Any,
) -> Entry:
    """The event of a decision. The note may hold what people must be able to have erased."""
    note = choice.note and hashlib.sha256(choice.note.encode("utf-8", "replace")).hexdigest()
    return Entry(
        kind="decided",
        account=account,
        comment=comment.id,
        body={
            "act": choice.act,
            "reason": choice.reason,
            "status": status,
            "round": round_,
            "item": item,
            "comment_id": comment.comment_id,
            "article_id": comment.article_id,
            "note_sha256": note or None,
            **more,
        },
    )


def tell_targets(session: Session, at: datetime, changes: Sequence[tuple[int, int, str]]) -> None:
    """Put ``(comment, event, status)`` into the outbox of each active target."""
    targets = session.execute(select(Target.id).where(Target.active.is_(True))).scalars().all()
    session.add_all(
        Delivery(
            target=target,
            comment=comment,
            event=event,
            status=status,
            attempts=0,
            next_at=at,
        )
        for target in targets
        for comment, event, status in changes
    )


def undo_last(session: Session, at: datetime, account: Account) -> list[Decision]:
    """Take back the last thing that ``account`` decided and that still stands; again and again.

    A bulk act is taken back as a whole. Empty where nothing is left.
    """
    last = session.execute(
        select(Decision)
        .where(
            Decision.account == account.id,
            Decision.undone.is_(None),
            Decision.auto_rule.is_(None),
            Decision.round != "appeal",
        )
        .order_by(Decision.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    if last is None:
        return []
    if last.batch is None:
        return undo(session, at, account, [last.id])
    return undo_batch(session, at, account, last.batch)


def undo_batch(session: Session, at: datetime, account: Account, batch: int) -> list[Decision]:
    """Take back all of a bulk act that still stands."""
    ids = session.execute(
        select(Decision.id).where(Decision.batch == batch, Decision.undone.is_(None))
    ).scalars()
    done = undo(session, at, account, list(ids), batch=batch)
    if done:
        session.execute(update(Batch).where(Batch.id == batch).values(undone=done[0].undone))
    return done


def undo(
    session: Session,
    at: datetime,
    account: Account,
    ids: Sequence[int],
    *,
    batch: int | None = None,
) -> list[Decision]:
    """Take back decisions: their own, or anybody's for a lead.

    The comments get the status that the decisions still standing give them, and
    wait again. Raises RefusedActError for a decision that was appealed against.
    """
    decisions = list(
        session.execute(
            select(Decision)
            .where(Decision.id.in_(ids), Decision.undone.is_(None))
            .order_by(Decision.comment, Decision.id)
            .with_for_update()
        ).scalars()
    )
    if not decisions:
        return []
    if account.role == "auditor" or (
        account.role == "moderator" and any(found.account != account.id for found in decisions)
    ):
        raise RefusedActError(
            "this decision is another person's", next_step="Ask them, or a lead, to undo it."
        )
    appealed = select(Appeal.id).where(Appeal.decision.in_([found.id for found in decisions]))
    if session.execute(appealed).first() is not None:
        raise RefusedActError(
            "the author has appealed against this decision", next_step="Answer the appeal."
        )
    comments = {
        comment.id: comment
        for comment in session.execute(
            select(Comment)
            .where(Comment.id.in_({found.comment for found in decisions}))
            .order_by(Comment.id)
            .with_for_update()
        ).scalars()
    }
    body: dict[str, Any] = {
        "events": [found.event for found in decisions],
        "decisions": [found.id for found in decisions],
    }
    if batch is not None:
        body["batch"] = batch
    one = decisions[0].comment if len(comments) == 1 else None
    [seq] = append(session, at, [Entry(kind="undone", account=account.id, comment=one, body=body)])
    for found in decisions:
        found.undone = seq
    session.flush()
    changes = []
    for comment in comments.values():
        standing = _standing(session, comment.id)
        status = comment.first_status if standing is None else standing.status
        comment.highlighted = standing is not None and standing.act == "highlight"
        if status is not None and status != comment.status:
            comment.status = status
            changes.append((comment.id, seq, status))
    tell_targets(session, at, changes)
    _reopen(session, at, account, decisions, keep=len(decisions) == 1)
    return decisions


def _reopen(
    session: Session, at: datetime, account: Account, decisions: Sequence[Decision], *, keep: bool
) -> None:
    """Their items wait again (the one that is looked at, with its person); what they called for
    and nobody did yet does not.
    """
    ids = [found.id for found in decisions]
    session.execute(
        update(Item).where(Item.because.in_(ids), Item.waiting.is_(True)).values(waiting=False)
    )
    if keep:
        release(session, account)
    items = session.execute(
        select(Item).where(Item.id.in_([found.item for found in decisions])).with_for_update()
    ).scalars()
    for item in items:
        later = _standing(session, item.comment)
        if later is not None and later.id > max(ids):
            continue  # somebody decided since: theirs counts
        item.waiting = True
        if keep and item.not_for != account.id:
            item.lease_by, item.leased_at, item.lease_until = account.id, at, at + LEASE
    session.flush()


def _standing(session: Session, comment: int) -> Decision | None:
    """The decision that gives the comment its status now."""
    query = select(Decision).where(
        Decision.comment == comment, Decision.undone.is_(None), Decision.status.is_not(None)
    )
    return session.execute(query.order_by(Decision.id.desc()).limit(1)).scalar_one_or_none()


def _side(act: str) -> str | None:
    """Whether an act keeps a comment or removes it."""
    return {"approve": "keep", "highlight": "keep", "reject": "remove"}.get(act)


def label_span(
    session: Session,
    at: datetime,
    account: Account,
    comment: Comment,
    span: dict[str, Any],
    *,
    confirmed: bool,
) -> SpanLabel:
    """Keep that a person confirmed or denied a span of the comment's evidence.

    ``span`` is one of ``comment.evidence``. Their earlier label of it is marked undone.
    """
    if account.role == "auditor":
        raise RefusedActError("auditors look and do not label", next_step="Ask a moderator.")
    analyzer = span["analyzer"]
    version = session.execute(
        select(Model.version).where(Model.analyzer == analyzer).order_by(Model.id.desc()).limit(1)
    ).scalar_one_or_none()
    place = {key: span[key] for key in ("analyzer", "label", "start", "end")}
    [seq] = append(
        session,
        at,
        [
            Entry(
                kind="labelled",
                account=account.id,
                comment=comment.id,
                body={**place, "confirmed": confirmed, "model_version": version},
            )
        ],
    )
    session.execute(
        update(SpanLabel)
        .where(
            SpanLabel.comment == comment.id,
            SpanLabel.account == account.id,
            SpanLabel.undone.is_(None),
            *(getattr(SpanLabel, key) == value for key, value in place.items()),
        )
        .values(undone=seq)
    )
    label = SpanLabel(
        comment=comment.id,
        account=account.id,
        confirmed=confirmed,
        model_version=version,
        labelled_at=at,
        event=seq,
        **place,
    )
    session.add(label)
    session.flush()
    return label


def count_standing(session: Session, account: Account) -> int:
    """How many of their own decisions ``account`` could still undo."""
    query = select(func.count()).where(
        Decision.account == account.id, Decision.undone.is_(None), Decision.auto_rule.is_(None)
    )
    return int(session.execute(query).scalar_one())
