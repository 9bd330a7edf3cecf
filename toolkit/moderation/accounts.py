"""Who works at the desk: passwords, sessions, invitations, and a limit on guessing.

Passwords are argon2id. A session's and an invitation's token is random and only
its SHA-256 is stored, so that a copy of the database opens no door.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, get_args

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from toolkit.errors import MissingExtraError, RefusedActError, SettingsError
from toolkit.moderation.events import Entry, append
from toolkit.moderation.tables import Account, Invitation, Login, LoginAttempt, Role

ROLES: Final = get_args(Role)
#: What each role may do beyond reading.
MAY: Final = {
    "moderator": frozenset({"decide", "label"}),
    "lead": frozenset({"decide", "label", "bulk", "rules", "policy", "appeals", "stats"}),
    "admin": frozenset(
        {"decide", "label", "bulk", "rules", "policy", "appeals", "stats", "accounts", "settings"}
    ),
    "auditor": frozenset({"stats"}),
}
#: A session ends after so long without a request, and in any case.
IDLE: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=7)
INVITATION: Final = timedelta(days=7)
#: Failed logins within the window, by login name and by address.
WINDOW: Final = timedelta(minutes=15)
PER_LOGIN: Final = 10
PER_ADDRESS: Final = 50
MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 1_000
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session that began; ``token`` is told once, to the browser."""

    token: str
    csrf: str
    account: Account


def may(account: Account, what: str) -> bool:
    """Whether the account's role allows it."""
    return account.active and what in MAY[account.role]


def require(account: Account, what: str) -> None:
    """Raises RefusedActError where the role does not allow it."""
    if not may(account, what):
        raise RefusedActError(
            f"the role {account.role} does not allow this", next_step="Ask a lead or an admin."
        )


def add_account(
    session: Session,
    at: datetime,
    *,
    login: str,
    password: str,
    role: str,
    name: str | None = None,
    by: int | None = None,
) -> Account:
    """A new account. Raises SettingsError for a name that is taken or a password that is short."""
    login = login.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise SettingsError(
            f"{login!r} is no login name",
            next_step="Use up to 64 of a-z, 0-9 and . _ @ + -, with a letter or digit first.",
        )
    if role not in ROLES:
        raise SettingsError(f"{role!r} is no role", next_step=f"Choose one of {', '.join(ROLES)}.")
    account = Account(
        login=login,
        name=(name or login).strip()[:100] or login,
        role=role,
        password=hashed(password),
        active=True,
        created_at=at,
        settings={},
    )
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError as error:
        raise SettingsError(
            f"the login name {login!r} is taken", next_step="Choose another one."
        ) from error
    _log(session, at, "account_made", by, login=login, role=role, id=account.id)
    return account


def change_account(
    session: Session, at: datetime, by: Account, account: Account, **values: Any
) -> None:
    """Set ``role``, ``active`` or ``password``; their sessions end where one of these changes.

    Raises RefusedActError where no admin would be left.
    """
    require(by, "accounts")
    if "role" in values and values["role"] not in ROLES:
        raise SettingsError(f"{values['role']!r} is no role", next_step="Choose one of the list.")
    loses = values.get("role", "admin") != "admin" or values.get("active") is False
    if account.role == "admin" and loses:
        others = select(func.count()).where(
            Account.role == "admin", Account.active.is_(True), Account.id != account.id
        )
        if not session.execute(others).scalar_one():
            raise RefusedActError(
                "this is the last admin", next_step="Make somebody else an admin first."
            )
    if "password" in values:
        account.password = hashed(values["password"])
    for field in ("role", "active"):
        if field in values:
            setattr(account, field, values[field])
    session.execute(delete(Login).where(Login.account == account.id))
    told = {key: value for key, value in values.items() if key != "password"}
    _log(session, at, "account_changed", by.id, id=account.id, changed=sorted(values), **told)


def sign_in(
    session: Session, at: datetime, *, login: str, password: str, address: str
) -> SignedIn | None:
    """A session, or None where name and password do not belong together.

    Each failure is counted (the caller must commit it). Raises RefusedActError
    after too many of them, whatever the password is.
    """
    login = login.strip().lower()[:200]
    keys = (_key("login", login), _key("address", address))
    session.execute(delete(LoginAttempt).where(LoginAttempt.at < at - WINDOW))
    for key, most in zip(keys, (PER_LOGIN, PER_ADDRESS), strict=True):
        failures = select(func.count()).where(LoginAttempt.who == key)
        if session.execute(failures).scalar_one() >= most:
            raise RefusedActError(
                "there were too many failed logins",
                next_step=f"Wait {int(WINDOW.total_seconds() // 60)} minutes.",
            )
    found = session.execute(select(Account).where(Account.login == login)).scalar_one_or_none()
    # The same work for a name that is not there: the time must not tell.
    fits = _verify(found.password if found else _no_account(), password)
    if found is None or not fits or not found.active:
        session.add_all(LoginAttempt(who=key, at=at) for key in keys)
        return None
    if _hasher().check_needs_rehash(found.password):
        found.password = hashed(password)
    session.execute(delete(LoginAttempt).where(LoginAttempt.who == keys[0]))
    session.execute(delete(Login).where(Login.expires_at < at))
    return begin(session, at, found)


def begin(session: Session, at: datetime, account: Account) -> SignedIn:
    """A new session of ``account``."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    session.add(
        Login(
            token_sha256=sha256(token),
            account=account.id,
            csrf=csrf,
            created_at=at,
            seen_at=at,
            expires_at=at + LONGEST,
        )
    )
    return SignedIn(token=token, csrf=csrf, account=account)


def who(session: Session, at: datetime, token: str | None) -> tuple[Account, Login] | None:
    """The account and session of a token that is still good."""
    if not token:
        return None
    row = session.execute(
        select(Account, Login)
        .join(Login, Login.account == Account.id)
        .where(
            Login.token_sha256 == sha256(token),
            Login.expires_at > at,
            Login.seen_at > at - IDLE,
            Account.active.is_(True),
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def seen(session: Session, at: datetime, token: str) -> None:
    """Note that a session is in use."""
    session.execute(update(Login).where(Login.token_sha256 == sha256(token)).values(seen_at=at))


def sign_out(session: Session, token: str) -> None:
    """End a session."""
    session.execute(delete(Login).where(Login.token_sha256 == sha256(token)))


def invite(session: Session, at: datetime, *, role: str, by: int | None) -> str:
    """A token with which somebody makes an account of ``role``, once, within a week."""
    if role not in ROLES:
        raise SettingsError(f"{role!r} is no role", next_step=f"Choose one of {', '.join(ROLES)}.")
    token = secrets.token_urlsafe(24)
    session.add(
        Invitation(
            token_sha256=sha256(token),
            role=role,
            invited_by=by,
            created_at=at,
            expires_at=at + INVITATION,
        )
    )
    _log(session, at, "invited", by, role=role)
    return token


def invitation(session: Session, at: datetime, token: str) -> Invitation | None:
    """An invitation that is still good."""
    return session.execute(
        select(Invitation).where(
            Invitation.token_sha256 == sha256(token),
            Invitation.used_by.is_(None),
            Invitation.expires_at > at,
        )
    ).scalar_one_or_none()


def accept(
    session: Session, at: datetime, token: str, *, login: str, name: str, password: str
) -> Account:
    """Make the account of an invitation. Raises RefusedActError for one that is used or old."""
    found = session.execute(
        select(Invitation).where(Invitation.token_sha256 == sha256(token)).with_for_update()
    ).scalar_one_or_none()
    if found is None or found.used_by is not None or found.expires_at <= at:
        raise RefusedActError(
            "this invitation was used, or is too old", next_step="Ask for a new one."
        )
    account = add_account(
        session,
        at,
        login=login,
        name=name,
        password=password,
        role=found.role,
        by=found.invited_by,
    )
    found.used_by = account.id
    return account


def hashed(password: str) -> str:
    """argon2id of a password. Raises SettingsError for one that is too short or too long."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise SettingsError(
            f"a password has {MIN_PASSWORD} characters or more",
            next_step="Choose a longer one, such as four words.",
        )
    return str(_hasher().hash(password.encode("utf-8", "surrogatepass")))


def sha256(token: str) -> str:
    """Of a token; 64 hexadecimal digits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _key(kind: str, value: str) -> str:
    return sha256(f"{kind}\0{value}")


def _log(session: Session, at: datetime, kind: str, by: int | None, **body: Any) -> None:
    append(session, at, [Entry(kind=kind, account=by, body=body)])


@lru_cache(maxsize=1)
def _hasher() -> Any:
    try:
        from argon2 import PasswordHasher
    except ImportError as error:
        raise MissingExtraError(
            "the desk needs argon2-cffi",
            next_step="Install it: pip install 'comment-toolkit[desk]'.",
        ) from error
    return PasswordHasher()


@lru_cache(maxsize=1)
def _no_account() -> str:
    return str(_hasher().hash(secrets.token_bytes(16)))


def _verify(stored: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return bool(
            _hasher().verify(stored, password[:MAX_PASSWORD].encode("utf-8", "surrogatepass"))
        )
    except (VerificationError, InvalidHashError):
        return False
