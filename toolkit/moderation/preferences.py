"""The settings of the whole desk, kept in its database and changed by admins."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from toolkit.errors import SettingsError
from toolkit.moderation.events import Entry, append
from toolkit.moderation.tables import Setting

#: The key of the secret that appeal links are made with.
_SECRET: Final = "secret"  # noqa: S105


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a team decides about its desk. Shares are in [0, 1]."""

    #: Of comments, drawn before anyone looks, that get a blind second look.
    second_share: float = 0.05
    #: Of comments, drawn without looking at scores: what figures without bias stand on.
    random_share: float = 0.01
    #: A comment is severe from this probability of a threat, an identity attack
    #: or severe toxicity on.
    severe_from: float = 0.5
    #: Severe comments that a moderator gets in an hour; 0 is no limit.
    severe_per_hour: int = 30
    #: Of three cards in a row, how many may be severe.
    severe_of_three: int = 1
    #: Days after a decision in which an author can appeal.
    appeal_days: int = 180

    def changed(self, **values: Any) -> Preferences:
        """A copy with ``values``. Raises SettingsError for one out of its range."""
        new = replace(self, **values)
        for name in ("second_share", "random_share", "severe_from"):
            if not 0 <= getattr(new, name) <= 1:
                raise SettingsError(f"{name} is a share", next_step="Give a number from 0 to 1.")
        for name, most in (("severe_per_hour", 10_000), ("appeal_days", 10_000)):
            if not 0 <= getattr(new, name) <= most:
                raise SettingsError(
                    f"{name} is out of range", next_step=f"Give a number from 0 to {most}."
                )
        if new.severe_of_three not in (1, 2, 3):
            raise SettingsError("severe_of_three is 1, 2 or 3", next_step="Give one of these.")
        return new


def load(session: Session) -> Preferences:
    """What is set, else the defaults."""
    names = {field.name for field in fields(Preferences)}
    rows = session.execute(select(Setting.key, Setting.value)).all()
    return Preferences(**{row.key: row.value for row in rows if row.key in names})


def save(session: Session, at: datetime, account: int, new: Preferences) -> None:
    """Set them, with an event for what changed."""
    old = asdict(load(session))
    changed = {name: value for name, value in asdict(new).items() if old[name] != value}
    if not changed:
        return
    for name, value in changed.items():
        session.merge(Setting(key=name, value=value))
    append(session, at, [Entry(kind="preferences", account=account, body=changed)])


def secret(session: Session) -> str:
    """The desk's own secret, made at the first call, in the session's transaction."""
    found = session.get(Setting, _SECRET)
    if found is None:
        try:
            with session.begin_nested():
                session.add(Setting(key=_SECRET, value=secrets.token_hex(32)))
        except IntegrityError:
            pass  # another one made it meanwhile
        found = session.execute(select(Setting).where(Setting.key == _SECRET)).scalar_one()
    return str(found.value)
