"""Acts on many comments at once: by hand over a range of scores, or by an auto rule.

Comments of the random sample are left to people: figures without bias stand on
them. So is what somebody has open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import polars as pl
from sqlalchemy import Select, func, insert, literal_column, or_, select, update
from sqlalchemy.orm import Session

from toolkit.errors import RefusedActError
from toolkit.moderation.accounts import require
from toolkit.moderation.decisions import (
    STATUS_OF,
    Choice,
    check,
    decided,
    tell_targets,
)
from toolkit.moderation.events import Entry, append
from toolkit.moderation.queue import add_item
from toolkit.moderation.routing import ESCALATED
from toolkit.moderation.simulate import DryRun, ScoreRule, dry_run
from toolkit.moderation.tables import (
    Account,
    Attribute,
    Batch,
    Comment,
    Decision,
    Item,
    Rule,
    Score,
)

#: Most comments in one bulk act.
MAX_BULK: Final = 20_000
SAMPLE: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a bulk act would do. ``sample`` is drawn at random from the ``count`` comments."""

    count: int
    sample: tuple[tuple[Comment, float], ...]
    trial: DryRun


def preview(session: Session, at: datetime, rule: ScoreRule) -> Preview:
    """Count, sample and dry run over the decisions that people made, changing nothing."""
    inner = matching(session, at, rule).subquery()
    count = int(session.execute(select(func.count()).select_from(inner)).scalar_one())
    ids = session.execute(
        select(inner.c.comment, inner.c.value).order_by(func.random()).limit(SAMPLE)
    ).all()
    comments = {
        row.id: row
        for row in session.execute(
            select(Comment).where(Comment.id.in_([row.comment for row in ids]))
        ).scalars()
    }
    return Preview(
        count=count,
        sample=tuple((comments[row.comment], row.value) for row in ids),
        trial=dry_run(rule, past(session, rule.attribute)),
    )


def matching(session: Session, at: datetime, rule: ScoreRule) -> Select[*tuple[Any, ...]]:
    """``id``, ``comment`` and ``value`` of the first looks that wait and lie in the range.

    The score is that of the newest model version that has the attribute.
    """
    attribute, model = _newest(session, rule.attribute)
    return (
        select(Item.id, Item.comment, Score.value)
        .join(Score, Score.comment == Item.comment)
        .where(
            literal_column("desk_item.waiting"),
            Item.kind == "first",
            Item.selection == "queue",
            or_(Item.lease_until.is_(None), Item.lease_until <= at),
            Score.attribute == attribute,
            Score.model == model,
            Score.value >= rule.lower,
            Score.value <= rule.upper,
        )
    )


def past(session: Session, attribute: str) -> pl.DataFrame:
    """What :func:`simulate.dry_run` reads: the last standing decision of a person a comment."""
    number, model = _newest(session, attribute)
    last = (
        select(func.max(Decision.id).label("id"))
        .where(
            Decision.undone.is_(None),
            Decision.status.is_not(None),
            Decision.round.in_(("first", "escalated", "appeal")),
        )
        .group_by(Decision.comment)
        .subquery()
    )
    rows = session.execute(
        select(Decision.comment, Decision.status, Score.value, Decision.selection)
        .join(last, last.c.id == Decision.id)
        .outerjoin(
            Score,
            (Score.comment == Decision.comment)
            & (Score.attribute == number)
            & (Score.model == model),
        )
    ).all()
    return pl.DataFrame(
        [(str(row[0]), row[1], row[2], row[3]) for row in rows],
        schema={
            "comment_id": pl.String,
            "status": pl.String,
            "score": pl.Float64,
            "selection": pl.String,
        },
        orient="row",
    )


def act_in_bulk(
    session: Session,
    at: datetime,
    account: Account,
    rule: ScoreRule,
    choice: Choice,
    *,
    expected: int,
) -> Batch:
    """Do to all that the range holds what ``choice`` says; undone as a whole.

    ``expected`` is the count of the preview: where more match by now, nothing is done.

    Raises RefusedActError for that, for nothing to do, for too much at once,
    and for a role that may not.
    """
    require(account, "bulk")
    check(session, account, choice)
    rows = session.execute(
        matching(session, at, rule).order_by(Item.id).limit(MAX_BULK + 1).with_for_update(of=Item)
    ).all()
    if not rows:
        raise RefusedActError(
            "nothing that waits lies in this range", next_step="Look at the preview again."
        )
    if len(rows) > expected:
        raise RefusedActError(
            f"{len(rows)} comments lie in this range by now, the preview had {expected}",
            next_step="Look at the new preview, then decide.",
        )
    if len(rows) > MAX_BULK:
        raise RefusedActError(
            f"more than {MAX_BULK} comments lie in this range", next_step="Make it narrower."
        )
    body = {
        "attribute": rule.attribute,
        "lower": rule.lower,
        "upper": rule.upper,
        "act": choice.act,
        "reason": choice.reason,
        "count": len(rows),
    }
    [seq] = append(session, at, [Entry(kind="bulk", account=account.id, body=body)])
    batch = Batch(
        account=account.id,
        attribute=rule.attribute,
        lower=rule.lower,
        upper=rule.upper,
        act=choice.act,
        count=len(rows),
        made_at=at,
        event=seq,
    )
    session.add(batch)
    session.flush()
    _act(session, at, account.id, [row.id for row in rows], choice, "bulk", batch=batch.id)
    return batch


def run_rules(session: Session, at: datetime, comments: Sequence[int]) -> int:
    """Let the rules that are on act on comments that just came in; how many they decided."""
    rules = list(
        session.execute(
            select(Rule).where(Rule.enabled_by.is_not(None)).order_by(Rule.id)
        ).scalars()
    )
    done = 0
    for rule in rules:
        found = ScoreRule(
            attribute=rule.attribute,
            lower=rule.lower,
            upper=rule.upper,
            action=rule.action,  # type: ignore[arg-type]
        )
        query = matching(session, at, found).where(Item.comment.in_(list(comments)))
        rows = session.execute(query.order_by(Item.id)).all()
        if rows and rule.enabled_by is not None:
            choice = Choice(act=rule.action, reason=rule.reason)
            ids = [row.id for row in rows]
            _act(session, at, rule.enabled_by, ids, choice, "rule", rule=rule.id)
            done += len(rows)
    return done


def add_rule(
    session: Session,
    at: datetime,
    account: Account,
    rule: ScoreRule,
    act: str,
    reason: str | None,
) -> Rule:
    """A new auto rule that does ``act``, switched off. Raises RefusedActError."""
    require(account, "rules")
    check(session, account, Choice(act=act, reason=reason))
    added = Rule(
        attribute=rule.attribute,
        lower=rule.lower,
        upper=rule.upper,
        action=act,
        reason=reason,
        made_by=account.id,
        made_at=at,
    )
    session.add(added)
    session.flush()
    _log_rule(session, at, account, added, "rule_made")
    return added


def switch_rule(session: Session, at: datetime, account: Account, rule: Rule, *, on: bool) -> None:
    """On, it acts on what comes in from now on, in the name of who switched it on."""
    require(account, "rules")
    rule.enabled_by = account.id if on else None
    _log_rule(session, at, account, rule, "rule_on" if on else "rule_off")


def undo_rule(session: Session, at: datetime, account: Account, rule: Rule) -> int:
    """Take back all that a rule did and that still stands, and switch it off."""
    from toolkit.moderation.decisions import undo

    require(account, "rules")
    switch_rule(session, at, account, rule, on=False)
    ids = session.execute(
        select(Decision.id).where(Decision.auto_rule == rule.id, Decision.undone.is_(None))
    ).scalars()
    return len(undo(session, at, account, list(ids)))


def _log_rule(session: Session, at: datetime, account: Account, rule: Rule, kind: str) -> None:
    body = {
        "rule": rule.id,
        "attribute": rule.attribute,
        "lower": rule.lower,
        "upper": rule.upper,
        "action": rule.action,
        "reason": rule.reason,
    }
    append(session, at, [Entry(kind=kind, account=account.id, body=body)])


def _newest(session: Session, attribute: str) -> tuple[int, int]:
    found = session.execute(
        select(Attribute.id).where(Attribute.name == attribute)
    ).scalar_one_or_none()
    if found is None:
        return -1, -1
    # By the index on (attribute, value) this would read every score; the newest
    # comment's scores say the same.
    model = session.execute(
        select(func.max(Score.model)).where(
            Score.attribute == found,
            Score.comment.in_(
                select(Score.comment)
                .where(Score.attribute == found)
                .order_by(Score.comment.desc())
                .limit(100)
            ),
        )
    ).scalar_one()
    return found, -1 if model is None else model


def _act(
    session: Session,
    at: datetime,
    account: int,
    ids: Sequence[int],
    choice: Choice,
    round_: str,
    *,
    batch: int | None = None,
    rule: int | None = None,
) -> None:
    status = STATUS_OF[choice.act]
    items: list[Any] = []
    for some in _parts(ids):
        items += session.execute(
            select(Item, Comment)
            .join(Comment, Comment.id == Item.comment)
            .where(Item.id.in_(some))
            .order_by(Item.id)
        ).all()
    entries = [
        decided(account, comment, item.id, choice, round_, status, batch=batch, auto_rule=rule)
        for item, comment in items
    ]
    seqs = append(session, at, entries)
    session.execute(
        insert(Decision),
        [
            {
                "comment": comment.id,
                "item": item.id,
                "round": round_,
                "account": account,
                "act": choice.act,
                "reason": choice.reason,
                "note": choice.note,
                "status": status,
                "selection": item.selection,
                "recommended": item.recommended,
                "decided_at": at,
                "batch": batch,
                "auto_rule": rule,
                "event": seq,
            }
            for (item, comment), seq in zip(items, seqs, strict=True)
        ],
    )
    for some in _parts(ids):
        session.execute(
            update(Item)
            .where(Item.id.in_(some))
            .values(waiting=False, lease_by=None, lease_until=None, leased_at=None)
        )
    if choice.act == "escalate":
        because = dict(
            session.execute(
                select(Decision.item, Decision.id).where(Decision.event.between(seqs[0], seqs[-1]))
            ).all()
        )
        for item, _ in items:
            add_item(session, at, item, "escalated", ESCALATED, because=because[item.id])
    if status is None:
        return
    for some in _parts([comment.id for _, comment in items]):
        session.execute(
            update(Comment)
            .where(Comment.id.in_(some))
            .values(status=status, highlighted=choice.act == "highlight")
        )
    tell_targets(
        session,
        at,
        [(comment.id, seq, status) for (_, comment), seq in zip(items, seqs, strict=True)],
    )


def _parts(ids: Sequence[int], size: int = 5_000) -> list[Sequence[int]]:
    return [ids[first : first + size] for first in range(0, len(ids), size)]
