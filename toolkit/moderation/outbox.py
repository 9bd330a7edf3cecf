"""The outbox in the desk's database, and the targets that it is emptied to.

A row is put in by whoever records a decision, in its transaction; here it is
taken out. One worker holds the outbox at a time, by a lease that it renews with
each delivery; what a worker that died had in hand is due as before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, Final

from sqlalchemy import Row, and_, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from toolkit.errors import SettingsError
from toolkit.moderation.store import Store
from toolkit.moderation.tables import Comment, Decision, Event, Setting, Target
from toolkit.moderation.tables import Delivery as Waiting
from toolkit.moderation.targets import Target as KnownTarget
from toolkit.moderation.targets import parse_target
from toolkit.moderation.writeback import Delivery, Outcome

#: How long a worker that says nothing keeps the outbox; longer than any one send.
LEASE: Final = timedelta(minutes=5)

#: ``desk_setting.key`` of the lease.
_LEASE_KEY: Final = "outbox_lease"

#: ``last_error`` of a delivery that a later decision made pointless.
SUPERSEDED: Final = "superseded by a later decision"


def sync_targets(store: Store, entries: Mapping[str, Mapping[str, Any]]) -> None:
    """Make the stored targets those of ``entries`` (``targets.read_targets``), by name.

    A target that is not named any more is switched off and keeps its
    deliveries; it is switched on again where the name returns. No secret is stored.
    """

    def work(session: Session) -> None:
        known = {
            row.settings.get("name"): row.id
            for row in session.execute(select(Target.id, Target.settings))
        }
        for name, entry in entries.items():
            values = {
                "kind": entry["kind"],
                "url": entry["url"],
                "secret": "",
                "settings": dict(entry),
                "active": True,
            }
            if name in known:
                session.execute(update(Target).where(Target.id == known[name]).values(**values))
            else:
                session.execute(insert(Target).values(**values))
        gone = [key for name, key in known.items() if name not in entries]
        session.execute(update(Target).where(Target.id.in_(gone)).values(active=False))

    store.transact(work)


def load_targets(
    store: Store, environment: Mapping[str, str] | None = None
) -> dict[str, KnownTarget]:
    """The targets that are switched on, by name, with their secrets.

    Raises SettingsError where one is not whole, such as a secret that is not there.
    """
    with store.read() as session:
        rows = session.execute(
            select(Target.settings).where(Target.active).order_by(Target.id)
        ).scalars()
        return {
            settings["name"]: parse_target(settings, f"target {settings['name']}", environment)
            for settings in rows
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How one target's deliveries stand."""

    target: str
    active: bool
    waiting: int
    delivered: int
    superseded: int
    dead: int
    #: When the oldest waiting one was decided; null where none waits.
    oldest: datetime | None


def backlog(store: Store) -> list[Backlog]:
    """How the deliveries to each target stand, in the targets' order."""
    waits = Waiting.next_at.is_not(None)
    superseded = and_(~waits, Waiting.delivered_at.is_(None), Waiting.last_error == SUPERSEDED)
    with store.read() as session:
        rows = session.execute(
            select(
                Target.settings,
                Target.active,
                func.count().filter(waits).label("waiting"),
                func.count().filter(Waiting.delivered_at.is_not(None)).label("delivered"),
                func.count().filter(superseded).label("superseded"),
                func.count(Waiting.id).label("deliveries"),
                func.min(Event.at).filter(waits).label("oldest"),
            )
            .select_from(Target)
            .outerjoin(Waiting, Waiting.target == Target.id)
            .outerjoin(Event, Event.seq == Waiting.event)
            .group_by(Target.id, Target.active)
            .order_by(Target.id)
        ).all()
    return [
        Backlog(
            target=row.settings["name"],
            active=row.active,
            waiting=row.waiting,
            delivered=row.delivered,
            superseded=row.superseded,
            dead=row.deliveries - row.waiting - row.delivered - row.superseded,
            oldest=row.oldest,
        )
        for row in rows
    ]


def revive(store: Store, target: str) -> int:
    """Make the dead deliveries to ``target`` due again, with all their attempts; how many.

    Raises SettingsError where there is no such target.
    """

    def work(session: Session) -> int:
        key = _target_key(session, target)
        found = session.execute(
            update(Waiting)
            .where(
                Waiting.target == key,
                Waiting.next_at.is_(None),
                Waiting.delivered_at.is_(None),
                Waiting.last_error.is_distinct_from(SUPERSEDED),
            )
            .values(next_at=store.clock(), attempts=0)
            .returning(Waiting.id)
        )
        return len(found.all())

    return store.transact(work)


class StoredOutbox:
    """``writeback.Outbox`` over the database. Get one from :func:`held`."""

    def __init__(self, store: Store, owner: str) -> None:
        self._store = store
        self._owner = owner

    def due(self, now: datetime, limit: int, without: Collection[str]) -> Sequence[Delivery]:
        """See :class:`toolkit.moderation.writeback.Outbox`."""

        def work(session: Session) -> Sequence[Delivery]:
            if not self._renew(session, now):
                return []
            _supersede(session)
            return [_delivery(row) for row in _heads(session, now, limit, without)]

        return self._store.transact(work)

    def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        """See :class:`toolkit.moderation.writeback.Outbox`."""
        comment, target = map(int, delivery.delivery_id.split("_")[-2:])

        def work(session: Session) -> None:
            self._renew(session, outcome.at)
            session.execute(
                update(Waiting)
                .where(
                    Waiting.target == target,
                    Waiting.comment == comment,
                    Waiting.event == delivery.sequence,
                )
                .values(
                    attempts=Waiting.attempts + 1,
                    next_at=outcome.next_attempt_at,
                    delivered_at=outcome.at if outcome.state == "delivered" else None,
                    last_error=None if outcome.state == "delivered" else outcome.message,
                )
            )

        self._store.transact(work)

    def _renew(self, session: Session, now: datetime) -> bool:
        lease = _lease(session)
        if lease.get("owner") != self._owner:
            return False
        _write_lease(session, {"owner": self._owner, "until": (now + LEASE).isoformat()})
        return True


@contextmanager
def held(store: Store) -> Iterator[StoredOutbox]:
    """Hold the outbox for as long as the block runs.

    Raises SettingsError where another worker holds it.
    """
    owner, now = token_hex(8), store.clock()

    def take(session: Session) -> None:
        lease = _lease(session)
        if lease.get("owner") and datetime.fromisoformat(lease["until"]) > now:
            raise SettingsError(
                f"another worker delivers, and has until {lease['until']}",
                next_step="Leave it to that one; if it died, wait until then.",
            )
        _write_lease(session, {"owner": owner, "until": (now + LEASE).isoformat()})

    def give_back(session: Session) -> None:
        if _lease(session).get("owner") == owner:
            _write_lease(session, {})

    store.transact(take)
    try:
        yield StoredOutbox(store, owner)
    finally:
        store.transact(give_back)


def _lease(session: Session) -> dict[str, str]:
    """The lease, its row locked until the transaction ends."""
    found = session.execute(
        select(Setting.value).where(Setting.key == _LEASE_KEY).with_for_update()
    ).scalar_one_or_none()
    return dict(found or {})


def _write_lease(session: Session, lease: Mapping[str, str]) -> None:
    changed = session.execute(
        update(Setting)
        .where(Setting.key == _LEASE_KEY)
        .values(value=dict(lease))
        .returning(Setting.key)
    )
    if changed.first() is None:
        session.execute(insert(Setting).values(key=_LEASE_KEY, value=dict(lease)))


def _supersede(session: Session) -> None:
    """WordPress holds one status a comment: what is not sent yet gives way to what is later."""
    later = aliased(Waiting)
    sites = select(Target.id).where(Target.kind == "wordpress")
    follows = (
        select(later.id)
        .where(
            later.target == Waiting.target,
            later.comment == Waiting.comment,
            later.event > Waiting.event,
            later.next_at.is_not(None),
        )
        .exists()
    )
    session.execute(
        update(Waiting)
        .where(Waiting.next_at.is_not(None), Waiting.target.in_(sites), follows)
        .values(next_at=None, last_error=SUPERSEDED)
        .execution_options(synchronize_session=False)
    )


def _heads(
    session: Session, now: datetime, limit: int, without: Collection[str]
) -> Sequence[Row[Any]]:
    """What is due and has nothing earlier before it."""
    earlier = aliased(Waiting)
    waits_for = (
        select(earlier.id)
        .where(
            earlier.target == Waiting.target,
            earlier.comment == Waiting.comment,
            earlier.event < Waiting.event,
            earlier.next_at.is_not(None),
        )
        .exists()
    )
    skipped = [
        row.id
        for row in session.execute(select(Target.id, Target.settings))
        if row.settings.get("name") in without
    ]
    return session.execute(
        select(
            Waiting.target,
            Waiting.comment,
            Waiting.event,
            Waiting.status,
            Waiting.attempts,
            Target.settings,
            Comment.comment_id,
            Comment.article_id,
            Event.at,
            Event.kind,
            Event.hash,
            Decision.reason,
        )
        .join(Target, and_(Target.id == Waiting.target, Target.active))
        .join(Comment, Comment.id == Waiting.comment)
        .join(Event, Event.seq == Waiting.event)
        # An undo has no decision of its own.
        .outerjoin(
            Decision, and_(Decision.event == Waiting.event, Decision.comment == Waiting.comment)
        )
        .where(Waiting.next_at <= now, ~waits_for, Waiting.target.not_in(skipped))
        .order_by(Waiting.next_at, Waiting.id)
        .limit(limit)
    ).all()


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        # The event's hash, so that two desks never name a delivery alike.
        delivery_id=f"{row.hash[:32]}_{row.comment}_{row.target}",
        target=row.settings["name"],
        sequence=row.event,
        comment_id=row.comment_id,
        status=row.status,
        reasons=(row.reason,) if row.reason else (),
        decided_at=row.at,
        data={"article_id": row.article_id, "event": row.kind},
        attempts=row.attempts,
    )


def _target_key(session: Session, name: str) -> int:
    for row in session.execute(select(Target.id, Target.settings)):
        if row.settings.get("name") == name:
            return int(row.id)
    raise SettingsError(
        f"no target is called {name!r}",
        next_step="Look at the targets: toolkit desk deliver --list.",
    )
