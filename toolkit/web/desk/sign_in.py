"""Signing in and out, and invitations."""

from __future__ import annotations

import hmac
import secrets
from typing import Annotated, Final

from fastapi import APIRouter, Form, HTTPException, Request, Response
from sqlalchemy import select

from toolkit.errors import RefusedActError, ToolkitError
from toolkit.moderation import accounts
from toolkit.moderation.store import Session
from toolkit.moderation.tables import Account
from toolkit.web.desk.app import render, to
from toolkit.web.desk.session import COOKIE, Sender, same_site, set_cookie, store_of

routes = APIRouter()
#: Before there is a session, a form's token is compared with this cookie.
_BEFORE: Final = "desk_form"


@routes.get("/login")
def login_page(request: Request, then: str = "") -> Response:
    """The form."""
    with store_of(request).read() as session:
        empty = session.execute(select(Account.id).limit(1)).first() is None
    return with_form(request, "login.html", then=_inside(then), empty=empty, login="", problem=None)


@routes.post("/login")
def log_in(
    request: Request,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    form: Annotated[str, Form()] = "",
    then: Annotated[str, Form()] = "",
) -> Response:
    """Begin a session."""
    check_form(request, form)
    store = store_of(request)
    address = request.client.host if request.client else ""
    problem = "This name and password do not belong together."
    status = 401
    try:
        found = store.transact(
            lambda session: accounts.sign_in(
                session, store.clock(), login=login, password=password, address=address
            )
        )
    except RefusedActError as error:
        found, problem, status = None, f"{error}. {error.next_step}".capitalize(), 429
    if found is None:
        return with_form(
            request,
            "login.html",
            status,
            then=_inside(then),
            empty=False,
            login=login[:64],
            problem=problem,
        )
    response = to(request, _inside(then) or "/")
    set_cookie(request, response, found.token)
    response.delete_cookie(_BEFORE, path="/desk")
    return response


@routes.post("/logout")
def log_out(request: Request, me: Sender) -> Response:
    """End the session."""
    store_of(request).transact(lambda session: accounts.sign_out(session, me.token))
    response = to(request, "/login")
    response.delete_cookie(COOKIE, path="/desk")
    return response


@routes.get("/invitation/{token}")
def invitation_page(request: Request, token: str) -> Response:
    """The form of an invitation."""
    store = store_of(request)
    with store.read() as session:
        found = accounts.invitation(session, store.clock(), token)
    if found is None:
        raise HTTPException(404, "This invitation was used, or is too old.")
    return with_form(request, "invitation.html", role=found.role, problem=None, login="", name="")


@routes.post("/invitation/{token}")
def accept(
    request: Request,
    token: str,
    login: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    form: Annotated[str, Form()] = "",
) -> Response:
    """Make the account and begin its session."""
    check_form(request, form)
    store = store_of(request)

    def work_in(session: Session) -> accounts.SignedIn:
        at = store.clock()
        account = accounts.accept(session, at, token, login=login, name=name, password=password)
        return accounts.begin(session, at, account)

    try:
        found = store.transact(work_in)
    except ToolkitError as error:
        with store.read() as session:
            invitation = accounts.invitation(session, store.clock(), token)
        if invitation is None:
            raise
        return with_form(
            request,
            "invitation.html",
            400,
            role=invitation.role,
            problem=f"{error}. {error.next_step}".capitalize(),
            login=login[:64],
            name=name[:100],
        )
    response = to(request, "/")
    set_cookie(request, response, found.token)
    return response


def with_form(request: Request, template: str, status: int = 200, **values: object) -> Response:
    """A page whose form carries the token of a cookie that is set with it."""
    token = request.cookies.get(_BEFORE) or secrets.token_urlsafe(32)
    response = render(request, template, status, form=token, **values)
    response.set_cookie(_BEFORE, token, path="/desk", httponly=True, samesite="strict")
    return response


def check_form(request: Request, form: str) -> None:
    """Raises HTTPException 403 for a form that is not of a page of ours."""
    same_site(request)
    cookie = request.cookies.get(_BEFORE, "")
    if not cookie or not hmac.compare_digest(cookie.encode(), form.encode()):
        raise HTTPException(403, "This form is too old. Load the page again; cookies must be on.")


def _inside(path: str) -> str:
    """Where to go after signing in: a path of the desk, never another site."""
    path = path.removeprefix("/desk")
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else ""
