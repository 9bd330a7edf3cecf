"""Who gets which comment next, and that nobody else gets it meanwhile.

A *lease* gives an item to one person for five minutes; it is renewed while
they look. Taking one is a single transaction: on PostgreSQL rows that others
are taking are skipped (``FOR UPDATE SKIP LOCKED``), on SQLite one writer goes
at a time (``BEGIN IMMEDIATE``).

Each order has an index over what waits, so that the next card costs the same
whether ten comments wait or a million.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from toolkit.errors import RefusedActError
from toolkit.moderation.preferences import Preferences
from toolkit.moderation.routing import MAIN
from toolkit.moderation.tables import (
    Account,
    Attribute,
    Comment,
    Decision,
    Item,
    ItemKind,
    Score,
)

LEASE: Final = timedelta(minutes=5)
Order = Literal["risk", "against", "for", "age"]
ORDERS: Final = get_args(Order)
#: Of what is served by risk, how often a randomly drawn comment comes first.
SAMPLE_EVERY: Final = 10

# As in the partial indexes: SQLite uses these only where it reads the same words.
_WAITING: Final[ColumnElement[bool]] = literal_column("desk_item.waiting")
_RANDOM: Final[ColumnElement[bool]] = literal_column("desk_item.selection = 'random'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What somebody wants to see. None and empty: all."""

    queue: str | None = MAIN
    order: Order = "risk"
    article_id: str | None = None
    author_key: str | None = None
    language: str | None = None
    status: str | None = None
    #: A count of :mod:`rhetoric`, such as ``rhetoric__name_calling``.
    marker: str | None = None
    #: Inclusive bounds of a score, where ``attribute`` names one.
    attribute: str | None = None
    lower: float | None = None
    upper: float | None = None

    @property
    def narrow(self) -> bool:
        """Whether anything but the queue and the order is asked for."""
        return any(
            (
                self.article_id,
                self.author_key,
                self.language,
                self.status,
                self.marker,
                self.attribute,
            )
        )


def lease_next(
    session: Session,
    at: datetime,
    account: Account,
    filters: Filters,
    preferences: Preferences,
    *,
    after: Item | None = None,
    before: Item | None = None,
    draw: Callable[[], float] = random.random,
) -> Item | None:
    """Give ``account`` an item; None where nothing waits that they may have.

    Without ``after`` and ``before`` somebody who holds an item gets it again.
    ``after`` gives back that one and takes the next in the order, ``before``
    the previous. ``draw`` gives numbers in [0, 1) for the random sample.
    """
    held = current(session, at, account)
    if held is not None and after is None and before is None and _fits(session, held, filters):
        renew(session, at, account, held)
        return held
    release(session, account)
    spared = _spared(session, at, account, preferences)
    base = _open_to(at, account, filters)
    if after is None and before is None and filters.order == "risk" and not filters.narrow:
        # Blind to scores: whoever is drawn comes, severe or not, or the sample is biased.
        sampled = base.where(_RANDOM).order_by(Item.id)
        if draw() < 1 / SAMPLE_EVERY and (found := _take(session, at, account, sampled)):
            return found
    by_score = base.where(~_RANDOM) if filters.order == "risk" and not filters.narrow else base
    query = by_score.where(Item.severe.is_(False)) if spared else by_score
    found = _take(session, at, account, _ordered(query, filters.order, after, before))
    if found is None and query is by_score and by_score is not base:
        return _take(session, at, account, base.where(_RANDOM).order_by(Item.id))
    return found


def lease(session: Session, at: datetime, account: Account, item_id: int) -> Item | None:
    """Give ``account`` this very item; None where another holds it, or it is not for them."""
    query = _may_have(at, account, select(Item)).where(Item.id == item_id)
    found = session.execute(query.with_for_update(skip_locked=True)).scalar_one_or_none()
    if found is None:
        return None
    if found.lease_by != account.id:
        release(session, account)
    return _give(found, at, account)


def holds(item: Item, at: datetime, account: Account) -> bool:
    """Whether ``account`` has the item, and most of its lease is still to come."""
    return (
        item.waiting
        and item.lease_by == account.id
        and item.lease_until is not None
        and item.lease_until > at + 0.8 * LEASE
    )


def current(session: Session, at: datetime, account: Account) -> Item | None:
    """The item that ``account`` holds now."""
    query = select(Item).where(
        Item.lease_by == account.id, Item.lease_until > at, _WAITING, *_not_theirs(account)
    )
    return session.execute(query.order_by(Item.leased_at.desc()).limit(1)).scalar_one_or_none()


def renew(session: Session, at: datetime, account: Account, item: Item) -> None:
    """Five more minutes. Raises RefusedActError where the item was given to another."""
    result = session.execute(
        update(Item)
        .where(Item.id == item.id, Item.lease_by == account.id)
        .values(lease_until=at + LEASE)
    )
    if result.rowcount != 1:  # type: ignore[attr-defined]
        raise taken()


def release(session: Session, account: Account) -> None:
    """Give back what ``account`` holds."""
    session.execute(
        update(Item)
        .where(Item.lease_by == account.id)
        .values(lease_by=None, lease_until=None, leased_at=None)
    )


def taken() -> RefusedActError:
    """The error of somebody who comes too late."""
    return RefusedActError(
        "another moderator has this comment, or has decided it",
        next_step="Take the next one; nothing of yours was lost.",
    )


def count_waiting(session: Session, filters: Filters, *, limit: int = 10_000) -> int:
    """How many items wait there, counted up to ``limit``."""
    inner = _filtered(select(Item.id).where(_WAITING), filters).limit(limit).subquery()
    return int(session.execute(select(func.count()).select_from(inner)).scalar_one())


def queues(session: Session) -> list[tuple[str, int]]:
    """Queues in which something waits, with how much."""
    query = select(Item.queue, func.count()).where(_WAITING).group_by(Item.queue)
    return [(row[0], row[1]) for row in session.execute(query.order_by(Item.queue))]


def page(session: Session, filters: Filters, *, size: int = 50, offset: int = 0) -> list[Item]:
    """What waits there, in order, whether somebody holds it or not."""
    query = _filtered(select(Item).where(_WAITING), filters)
    query = _ordered(query, filters.order, None, None).limit(size).offset(offset)
    return list(session.execute(query).scalars())


def severe_seen(session: Session, at: datetime, account: Account) -> int:
    """Severe comments that ``account`` decided within the last hour."""
    query = (
        select(func.count())
        .select_from(Decision)
        .join(Item, Item.id == Decision.item)
        .where(
            Decision.account == account.id,
            Decision.decided_at > at - timedelta(hours=1),
            Item.severe.is_(True),
        )
    )
    return int(session.execute(query).scalar_one())


def _spared(session: Session, at: datetime, account: Account, preferences: Preferences) -> bool:
    """Whether the next comment should not be severe: the hour's limit, and the even mix."""
    if not preferences.severe_per_hour:
        return False
    if severe_seen(session, at, account) >= preferences.severe_per_hour:
        return True
    last = (
        select(Item.severe)
        .join(Decision, Decision.item == Item.id)
        .where(Decision.account == account.id, Decision.decided_at > at - timedelta(hours=1))
        .order_by(Decision.id.desc())
        .limit(2)
    )
    recent = sum(session.execute(last).scalars())
    return recent >= preferences.severe_of_three


def _open_to(at: datetime, account: Account, filters: Filters) -> Select[Any]:
    return _filtered(_may_have(at, account, select(Item)), filters)


def _may_have(at: datetime, account: Account, query: Select[Any]) -> Select[Any]:
    query = query.where(
        _WAITING,
        or_(Item.lease_until.is_(None), Item.lease_until <= at, Item.lease_by == account.id),
        *_not_theirs(account),
    )
    return query if account.role != "moderator" else query.where(Item.kind != "escalated")


def _not_theirs(account: Account) -> list[ColumnElement[bool]]:
    return [or_(Item.not_for.is_(None), Item.not_for != account.id)]


def _filtered(query: Select[Any], filters: Filters) -> Select[Any]:
    if filters.queue:
        query = query.where(Item.queue == filters.queue)
    for column, value in (
        (Item.article_id, filters.article_id),
        (Item.author_key, filters.author_key),
        (Item.language, filters.language),
    ):
        if value:
            query = query.where(column == value)
    if filters.status:
        query = query.join(Comment, Comment.id == Item.comment).where(
            Comment.status == filters.status
        )
    if filters.marker:
        query = query.where(_has_score(filters.marker, 1, None))
    if filters.attribute:
        query = query.where(_has_score(filters.attribute, filters.lower, filters.upper))
    if filters.order in ("against", "for"):
        query = query.where(Item.stance.is_not(None))
    return query


def _has_score(name: str, lower: float | None, upper: float | None) -> ColumnElement[bool]:
    attribute = select(Attribute.id).where(Attribute.name == name).scalar_subquery()
    bounds = [] if lower is None else [Score.value >= lower]
    bounds += [] if upper is None else [Score.value <= upper]
    return (
        select(Score.comment)
        .where(Score.comment == Item.comment, Score.attribute == attribute, *bounds)
        .exists()
    )


def _ordered(
    query: Select[Any], order: Order, after: Item | None, before: Item | None
) -> Select[Any]:
    column: Any = {
        "risk": Item.risk,
        "age": Item.waits_since,
        "against": Item.stance,
        "for": Item.stance,
    }[order]
    descending = order in ("risk", "for")
    edge = after or before
    backwards = before is not None
    if edge is not None and getattr(edge, column.key) is not None:
        place = tuple_(column, Item.id)
        at = tuple_(getattr(edge, column.key), edge.id)
        query = query.where(place < at if descending != backwards else place > at)
    if descending != backwards:
        return query.order_by(column.desc(), Item.id.desc())
    return query.order_by(column.asc(), Item.id.asc())


def _fits(session: Session, item: Item, filters: Filters) -> bool:
    query = _filtered(select(Item.id).where(Item.id == item.id), filters)
    return session.execute(query).first() is not None


def _take(session: Session, at: datetime, account: Account, query: Select[Any]) -> Item | None:
    query = query.limit(1).with_for_update(skip_locked=True, of=Item)
    found = session.execute(query).scalar_one_or_none()
    return None if found is None else _give(found, at, account)


def _give(item: Item, at: datetime, account: Account) -> Item:
    if item.lease_by != account.id:
        item.lease_by, item.leased_at = account.id, at
    item.lease_until = at + LEASE
    return item


def held_by_other(at: datetime, account: Account) -> ColumnElement[bool]:
    """Whether somebody else has an item open."""
    return and_(Item.lease_until > at, Item.lease_by != account.id)


def add_item(
    session: Session, at: datetime, like: Item, kind: ItemKind, queue: str, **values: Any
) -> Item:
    """A further task on the comment of ``like``."""
    item = Item(
        comment=like.comment,
        kind=kind,
        queue=queue,
        waiting=True,
        risk=like.risk,
        stance=like.stance,
        waits_since=at,
        article_id=like.article_id,
        author_key=like.author_key,
        language=like.language,
        severe=like.severe,
        recommended=like.recommended,
        rule=like.rule,
        policy_version=like.policy_version,
        selection=like.selection,
        second_wanted=False,
        **values,
    )
    session.add(item)
    session.flush()
    return item
