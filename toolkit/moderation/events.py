"""The log of everything that was done: append-only, each entry sealing the one before.

``hash = SHA-256(previous, seq, at, account, kind, comment, body)`` over the
fields in canonical JSON. Who changes or removes an entry must make all later
ones anew, and the last hash (``head``) differs from the one that was noted
elsewhere, such as in an export. The chain does not prove who wrote an entry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from toolkit.moderation.store import Store
from toolkit.moderation.tables import Comment, Decision, Event, Head

#: ``previous`` of the first event.
GENESIS: Final = "0" * 64
_PAGE: Final = 5_000
#: Comment, account, act, reason and status of a decision.
_Said = tuple[int | None, int | None, str, str | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be logged. ``comment`` is ``desk_comment.id``; the body must be JSON."""

    kind: str
    account: int | None
    comment: int | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a walk over the log found. ``problems`` empty: the log holds together."""

    events: int
    head: str
    problems: tuple[str, ...]


def append(session: Session, at: datetime, entries: Sequence[Entry]) -> list[int]:
    """Log ``entries`` in the session's transaction; their sequence numbers.

    The head's row is locked until the transaction ends, so that the chain has
    one order and no gaps. Call it late in a transaction.
    """
    if not entries:
        return []
    head = session.execute(select(Head.seq, Head.hash).where(Head.id == 1).with_for_update()).one()
    seq, previous = head.seq, head.hash
    rows: list[dict[str, Any]] = []
    for entry in entries:
        seq += 1
        body = canonical(entry.body)
        row = {
            "seq": seq,
            "at": at,
            "account": entry.account,
            "kind": entry.kind,
            "comment": entry.comment,
            "body": body,
            "previous": previous,
        }
        previous = row["hash"] = digest(row)
        rows.append(row)
    session.execute(insert(Event), rows)
    session.query(Head).filter(Head.id == 1).update({"seq": seq, "hash": previous})
    return [row["seq"] for row in rows]


def canonical(body: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no spaces; ASCII, so that any database keeps its bytes."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(row: Mapping[str, Any]) -> str:
    """The hash of an event's fields, 64 hexadecimal digits."""
    at: datetime = row["at"]
    fields = [
        row["previous"],
        row["seq"],
        at.isoformat(timespec="microseconds"),
        row["account"],
        row["kind"],
        row["comment"],
        row["body"],
    ]
    return hashlib.sha256(json.dumps(fields, separators=(",", ":")).encode()).hexdigest()


def walk(session: Session) -> Iterator[dict[str, Any]]:
    """All events in order, as dicts of their columns."""
    last = 0
    columns = (
        Event.seq,
        Event.at,
        Event.account,
        Event.kind,
        Event.comment,
        Event.body,
        Event.previous,
        Event.hash,
    )
    while True:
        page = session.execute(
            select(*columns).where(Event.seq > last).order_by(Event.seq).limit(_PAGE)
        ).all()
        if not page:
            return
        for row in page:
            yield dict(row._mapping)
        last = page[-1].seq


def verify(store: Store, *, head: str | None = None) -> Verification:
    """Walk the log, and compare the decisions and statuses with it.

    ``head`` is a hash that was noted earlier: it must still be in the log.
    """
    problems: list[str] = []
    expected, previous, noted = 1, GENESIS, head is None
    decided: dict[int, _Said] = {}
    undone: dict[int, int] = {}
    with store.read() as session:
        for row in walk(session):
            if row["seq"] != expected:
                problems.append(f"event {expected} is missing")
                expected = row["seq"]
            if row["previous"] != previous:
                problems.append(f"event {row['seq']} does not follow the one before it")
            if digest(row) != row["hash"]:
                problems.append(f"event {row['seq']} was changed")
            previous = row["hash"]
            noted = noted or previous == head
            expected += 1
            body = json.loads(row["body"])
            if row["kind"] == "decided":
                said = (body["act"], body["reason"], body["status"])
                decided[row["seq"]] = (row["comment"], row["account"], *said)
            elif row["kind"] == "undone":
                undone.update(dict.fromkeys(body.get("events", ()), row["seq"]))
        last = session.execute(select(Head.seq, Head.hash)).one()
        if (last.seq, last.hash) != (expected - 1, previous):
            problems.append(f"the log ends at event {expected - 1}, its head says {last.seq}")
        if not noted:
            problems.append("the noted head is not in the log")
        problems += _compare(session, decided, undone)
    return Verification(events=expected - 1, head=previous, problems=tuple(problems))


def _compare(
    session: Session,
    decided: Mapping[int, _Said],
    undone: Mapping[int, int],
) -> Iterator[str]:
    """Decisions that the log does not know, or knows otherwise, and statuses that do not follow."""
    seen: set[int] = set()
    standing: dict[int, str] = {}
    rows = session.execute(
        select(
            Decision.id,
            Decision.comment,
            Decision.account,
            Decision.act,
            Decision.reason,
            Decision.status,
            Decision.event,
            Decision.undone,
        ).order_by(Decision.id)
    )
    for row in rows:
        seen.add(row.event)
        said = (row.comment, row.account, row.act, row.reason, row.status)
        if decided.get(row.event) != said:
            yield f"decision {row.id} is not what event {row.event} says"
        if undone.get(row.event) != row.undone:
            yield f"decision {row.id}: the log says otherwise whether it was undone"
        if row.undone is None and row.status is not None:
            standing[row.comment] = row.status
    for seq in sorted(set(decided) - seen):
        yield f"event {seq} tells of a decision that is not there"
    for comment in session.execute(select(Comment.id, Comment.status, Comment.first_status)):
        if comment.status != standing.get(comment.id, comment.first_status):
            yield f"comment {comment.id} has the status {comment.status}, its decisions another"
