"""Who asks: the session's cookie, the form's token, the role."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import Depends, Form, HTTPException, Request, Response

from toolkit.moderation import accounts
from toolkit.moderation.store import Store
from toolkit.moderation.tables import Account
from toolkit.web.desk.app import NotSignedIn

COOKIE: Final = "desk_session"
#: How often it is noted that a session is in use.
_NOTED: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """The person who asks."""

    account: Account
    csrf: str
    token: str


def store_of(request: Request) -> Store:
    """The desk's database."""
    found: Store = request.app.state.store
    return found


def signed_in(request: Request) -> Signed:
    """The session of the cookie. Raises NotSignedIn."""
    store = store_of(request)
    token = request.cookies.get(COOKIE)
    at = store.clock()
    with store.read() as session:
        found = accounts.who(session, at, token)
    if found is None or token is None:
        raise NotSignedIn
    account, login = found
    if login.seen_at < at - _NOTED:
        store.transact(lambda session: accounts.seen(session, at, token))
    signed = Signed(account=account, csrf=login.csrf, token=token)
    request.state.signed = signed
    return signed


Me = Annotated[Signed, Depends(signed_in)]


def checked(request: Request, me: Me, csrf: Annotated[str, Form()] = "") -> Signed:
    """The session of a form that this desk made. Raises HTTPException 403 for another one."""
    same_site(request)
    if not hmac.compare_digest(csrf.encode(), me.csrf.encode()):
        raise HTTPException(403, "This form is too old, or it is not from this desk.")
    return me


Sender = Annotated[Signed, Depends(checked)]


def allowed(what: str) -> Callable[[Signed], Signed]:
    """A dependency: the role must allow ``what``."""

    def check(me: Me) -> Signed:
        if not accounts.may(me.account, what):
            raise HTTPException(403, f"The role {me.account.role} does not allow this.")
        return me

    return check


def needs(what: str) -> Any:
    """For a route's ``dependencies``."""
    return Depends(allowed(what))


def same_site(request: Request) -> None:
    """Browsers say where a form comes from; another site's is refused."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403, "This form comes from another site.")


def set_cookie(request: Request, response: Response, token: str) -> None:
    """HttpOnly, SameSite=Lax, and Secure unless the desk is asked on this very machine."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(accounts.LONGEST.total_seconds()),
        path="/desk",
        httponly=True,
        samesite="lax",
        secure=not _on_this_machine(request),
    )


def _on_this_machine(request: Request) -> bool:
    host = request.url.hostname or ""
    if request.url.scheme == "https":
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
