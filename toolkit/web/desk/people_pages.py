"""Accounts, invitations, the desk's settings, and what a person sets for themselves."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from toolkit.errors import SettingsError
from toolkit.moderation import accounts, preferences
from toolkit.moderation.store import Session
from toolkit.moderation.tables import ROLES, Account
from toolkit.web.desk.app import link, render, to
from toolkit.web.desk.queue_pages import number
from toolkit.web.desk.session import Me, Sender, needs, store_of

routes = APIRouter()


@routes.get("/people", dependencies=[needs("accounts")])
def people_page(request: Request, me: Me) -> Response:  # noqa: ARG001 - needs the session
    """Accounts, and the settings of the whole desk."""
    return _page(request, None)


@routes.post("/people/invite", dependencies=[needs("accounts")])
def invite(request: Request, me: Sender, role: Annotated[str, Form()] = "") -> Response:
    """Make an invitation; its link is shown this once."""
    store = store_of(request)
    token = store.transact(
        lambda session: accounts.invite(session, store.clock(), role=role, by=me.account.id)
    )
    return _page(request, link(request, f"/invitation/{token}"))


@routes.post("/people/{person}", dependencies=[needs("accounts")])
def change(
    request: Request,
    me: Sender,
    person: int,
    role: Annotated[str, Form()] = "",
    active: Annotated[str, Form()] = "",
) -> Response:
    """Change a role, or whether somebody can sign in; their sessions end."""
    store = store_of(request)

    def work(session: Session) -> None:
        account = session.get(Account, person)
        if account is None:
            raise HTTPException(404, "There is no such account.")
        by = session.get_one(Account, me.account.id)
        accounts.change_account(session, store.clock(), by, account, role=role, active=bool(active))

    store.transact(work)
    return to(request, "/people", notice="Kept. Their sessions have ended.")


@routes.post("/settings", dependencies=[needs("settings")])
async def settings(request: Request, me: Sender) -> Response:
    """Change the settings of the whole desk."""
    form = await request.form()
    store = store_of(request)

    def work(session: Session) -> None:
        old = preferences.load(session)
        values = {}
        for name, value in asdict(old).items():
            given = number(str(form.get(name, "")))
            if given is None:
                raise SettingsError(f"{name} is no number", next_step="Give a number.")
            values[name] = type(value)(given)
        preferences.save(session, store.clock(), me.account.id, old.changed(**values))

    from starlette.concurrency import run_in_threadpool

    await run_in_threadpool(store.transact, work)
    return to(request, "/people", notice="Kept.")


@routes.get("/help")
def help_page(request: Request, me: Me) -> Response:  # noqa: ARG001 - needs the session
    """Keys, marks, and a person's own settings."""
    return render(request, "help.html")


@routes.post("/me")
def my_settings(
    request: Request,
    me: Sender,
    blur: Annotated[str, Form()] = "",
    keys: Annotated[str, Form()] = "",
) -> Response:
    """What a person sets for themselves."""

    def work(session: Session) -> None:
        account = session.get_one(Account, me.account.id)
        account.settings = {**account.settings, "blur": bool(blur), "keys": bool(keys)}
        flag_modified(account, "settings")

    store_of(request).transact(work)
    return to(request, "/help", notice="Kept.")


def _page(request: Request, address: str | None) -> Response:
    with store_of(request).read() as session:
        people = list(session.execute(select(Account).order_by(Account.login)).scalars())
        return render(
            request,
            "people.html",
            people=people,
            roles=ROLES,
            settings=asdict(preferences.load(session)),
            link=address,
        )
