"""A small desk in a database, for tests that read what others have written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from toolkit.moderation import events
from toolkit.moderation.events import Entry
from toolkit.moderation.store import Store
from toolkit.moderation.tables import (
    Account,
    Article,
    Attribute,
    Comment,
    Decision,
    Delivery,
    Model,
    Score,
    SpanLabel,
    Target,
)

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
STATUS = {"approve": "APPROVED", "reject": "REJECTED", "escalate": None, "highlight": None}


class DeskRows:
    """Writes rows as the desk does, each decision with its event."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.accounts: dict[str, int] = {}
        self.hours = 0

    def account(self, login: str, role: str = "moderator") -> int:
        if login not in self.accounts:
            values = {
                "login": login, "name": login.title(), "role": role, "password": "-",
                "active": True, "created_at": START, "settings": {},
            }  # fmt: skip
            self.accounts[login] = self._one(insert(Account).values(**values).returning(Account.id))
        return self.accounts[login]

    def comment(
        self,
        name: str,
        text: str | None = "Words.",
        *,
        status: str = "NONE",
        at: datetime | None = START,
        article: str = "a1",
        **scores: float,
    ) -> int:
        """A comment with ``toxicity__`` scores of version 1."""
        with self.store.write() as session:
            if session.get(Article, article) is None:
                session.add(
                    Article(article_id=article, url=None, title="Title", text=None, thesis=None)
                )
                session.flush()
            comment = Comment(
                comment_id=name, article_id=article, parent_id=None, author_key="u1",
                author_name="User", created_at=at, text=text, depth=0, position=0,
                source_format="page", source_status="published", language="en", text_sha256=None,
                imported_at=START, evidence=None, status=status, first_status=status,
                highlighted=False,
            )  # fmt: skip
            session.add(comment)
            session.flush()
            for attribute, value in scores.items():
                session.add(
                    Score(
                        comment=comment.id,
                        attribute=_key(session, Attribute, name=f"toxicity__{attribute}"),
                        model=_key(
                            session, Model, analyzer="toxicity", version="1", added_at=START
                        ),
                        value=value,
                    )
                )
            return comment.id

    def decide(
        self,
        comment: int,
        login: str,
        act: str,
        reason: str | None = None,
        *,
        round: str = "first",  # noqa: A002
        selection: str = "queue",
        seconds: float | None = 5.0,
        note: str | None = None,
        at: datetime | None = None,
        targets: Sequence[int] = (),
    ) -> int:
        """A decision; its event's number."""
        account = self.account(login)
        self.hours += 1
        at = at or START + timedelta(hours=self.hours)
        status = None if round == "second" else STATUS[act]
        with self.store.write() as session:
            body = {"act": act, "status": status, "reason": reason}
            [seq] = events.append(
                session, at, [Entry(kind="decided", account=account, comment=comment, body=body)]
            )
            session.add(
                Decision(
                    comment=comment, item=None, round=round, account=account, act=act,
                    reason=reason, note=note, status=status, seconds=seconds,
                    selection=selection, recommended="review", decided_at=at, batch=None,
                    auto_rule=None, event=seq, undone=None,
                )
            )  # fmt: skip
            if status is not None:
                session.execute(update(Comment).where(Comment.id == comment).values(status=status))
            self._queue(session, targets, comment, seq, status or "NONE", at)
        return seq

    def undo(self, comment: int, event: int, *, targets: Sequence[int] = ()) -> int:
        self.hours += 1
        at = START + timedelta(hours=self.hours)
        with self.store.write() as session:
            entry = Entry(kind="undone", account=1, comment=comment, body={"events": [event]})
            [seq] = events.append(session, at, [entry])
            session.execute(update(Decision).where(Decision.event == event).values(undone=seq))
            first = session.execute(
                select(Comment.first_status).where(Comment.id == comment)
            ).scalar_one()
            session.execute(update(Comment).where(Comment.id == comment).values(status=first))
            self._queue(session, targets, comment, seq, first, at)
        return seq

    def span(
        self, comment: int, login: str, label: str, start: int, end: int, confirmed: bool
    ) -> None:
        account = self.account(login)
        with self.store.write() as session:
            entry = Entry(kind="labelled", account=account, comment=comment)
            [seq] = events.append(session, START, [entry])
            session.add(
                SpanLabel(
                    comment=comment, account=account, analyzer="toxicity", label=label, start=start,
                    end=end, confirmed=confirmed, model_version="1", labelled_at=START, event=seq,
                    undone=None,
                )
            )  # fmt: skip

    def target_keys(self) -> dict[str, int]:
        with self.store.read() as session:
            rows = session.execute(select(Target.id, Target.settings))
            return {row.settings["name"]: row.id for row in rows}

    def _queue(
        self,
        session: Session,
        targets: Sequence[int],
        comment: int,
        seq: int,
        status: str,
        at: datetime,
    ) -> None:
        for target in targets:
            session.add(
                Delivery(
                    target=target, comment=comment, event=seq, status=status, attempts=0,
                    next_at=at, last_error=None, delivered_at=None,
                )
            )  # fmt: skip

    def _one(self, statement: Any) -> int:
        with self.store.write() as session:
            return int(session.execute(statement).scalar_one())


def _key(session: Session, table: Any, **values: Any) -> int:
    matches = [
        getattr(table, name) == value for name, value in values.items() if name != "added_at"
    ]
    found = session.execute(select(table.id).where(*matches)).scalar_one_or_none()
    if found is None:
        found = session.execute(insert(table).values(**values).returning(table.id)).scalar_one()
    return int(found)
