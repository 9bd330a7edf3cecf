"""Tables, migrations, the log and its chain, on both databases."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from toolkit.errors import SettingsError
from toolkit.moderation import events
from toolkit.moderation.decisions import Choice, decide
from toolkit.moderation.events import Entry, append, verify
from toolkit.moderation.preferences import Preferences, load, save
from toolkit.moderation.queue import Filters, lease_next
from toolkit.moderation.store import Store, open_store
from toolkit.moderation.tables import Account, Base


def test_migrations_make_the_tables_that_the_code_knows(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []


def test_opening_twice_changes_nothing(store: Store, database: str) -> None:
    with store.write() as session:
        append(session, store.clock(), [Entry(kind="x", account=None)])
    again = open_store(database)
    assert verify(again).events == 1
    again.close()


@pytest.mark.parametrize("url", ["mysql://x@y/z", "postgresql://nobody@127.0.0.1:1/x", "::://"])
def test_an_address_that_is_none_is_named(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        open_store(url)
    assert caught.value.next_step


def test_a_password_in_an_address_is_not_told() -> None:
    with pytest.raises(SettingsError) as caught:
        open_store("postgresql://me:hunter22@127.0.0.1:1/x")
    assert "hunter22" not in str(caught.value)


def test_what_fails_leaves_nothing(store: Store) -> None:
    def work() -> None:
        with store.write() as session:
            append(session, store.clock(), [Entry(kind="x", account=None)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    assert verify(store).events == 0


def test_the_chain_holds_under_many_writers(store: Store) -> None:
    def work() -> None:
        for _ in range(10):
            store.transact(
                lambda session: append(
                    session,
                    store.clock(),
                    [Entry(kind="x", account=None, body={"ü": "\ud83d"})] * 2,
                )
            )

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = verify(store)
    assert found.problems == ()
    assert found.events == 160


@pytest.mark.parametrize(
    "statement", ["UPDATE desk_event SET kind = 'y'", "DELETE FROM desk_event"]
)
def test_the_database_refuses_to_change_the_log(store: Store, statement: str) -> None:
    with store.write() as session:
        append(session, store.clock(), [Entry(kind="x", account=None)])
    with pytest.raises(DBAPIError, match="append-only"), store.write() as session:
        session.execute(text(statement))


def _tamper(store: Store, *statements: str) -> None:
    """As somebody who owns the database could."""
    with store.write() as session:
        if store.is_sqlite:
            session.execute(text("DROP TRIGGER desk_event_no_update"))
            session.execute(text("DROP TRIGGER desk_event_no_delete"))
        else:
            session.execute(text("DROP TRIGGER desk_event_refuse ON desk_event"))
        for statement in statements:
            session.execute(text(statement))


@pytest.fixture
def decided(store: Store, fill: Callable[..., None], people: dict[str, Account]) -> None:
    fill(4)
    for _ in range(3):
        with store.write() as session:
            item = lease_next(session, store.clock(), people["ana"], Filters(), Preferences())
            assert item is not None
            choice = Choice(act="reject", reason="spam")
            decide(session, store.clock(), people["ana"], item.id, choice)
    assert verify(store).problems == ()


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE desk_event SET body = replace(body, 'spam', 'hate') WHERE seq = 2", "changed"),
        ("UPDATE desk_event SET account = 99 WHERE seq = 3", "changed"),
        ("UPDATE desk_decision SET act = 'approve' WHERE id = 1", "not what event"),
        ("UPDATE desk_decision SET account = 1 + account WHERE id = 1", "not what event"),
        ("UPDATE desk_decision SET undone = 1 WHERE id = 1", "undone"),
        ("DELETE FROM desk_decision WHERE id = 1", "not there"),
        ("UPDATE desk_comment SET status = 'APPROVED' WHERE status = 'REJECTED'", "status"),
        ("UPDATE desk_head SET seq = 9", "head"),
    ],
)
def test_tampering_is_found(store: Store, statement: str, told: str) -> None:
    _tamper(store, statement)
    assert any(told in problem for problem in verify(store).problems), verify(store)


@pytest.mark.usefixtures("decided")
def test_a_cut_log_is_found_by_a_head_that_was_noted(store: Store) -> None:
    before = verify(store)
    assert verify(store, head=before.head).problems == ()
    cascade = ["PRAGMA defer_foreign_keys=ON"] if store.is_sqlite else []
    _tamper(
        store,
        *cascade,
        "DELETE FROM desk_decision WHERE event = 4",
        "DELETE FROM desk_event WHERE seq = 4",
        "UPDATE desk_head SET seq = 3, hash = (SELECT hash FROM desk_event WHERE seq = 3)",
        "UPDATE desk_comment SET status = 'NONE' "
        "WHERE id NOT IN (SELECT comment FROM desk_decision)",
    )
    assert verify(store).problems == ()
    assert verify(store, head=before.head).problems == ("the noted head is not in the log",)


def test_preferences_are_kept_and_logged(store: Store, people: dict[str, Account]) -> None:
    with store.write() as session:
        new = load(session).changed(second_share=0.5, severe_per_hour=3)
        save(session, store.clock(), people["adam"].id, new)
        save(session, store.clock(), people["adam"].id, new)
    with store.read() as session:
        assert load(session) == Preferences(second_share=0.5, severe_per_hour=3)
        [event] = events.walk(session)
    assert json.loads(event["body"]) == {"second_share": 0.5, "severe_per_hour": 3}


@pytest.mark.parametrize(
    "wrong", [{"second_share": 1.5}, {"severe_per_hour": -1}, {"severe_of_three": 4}]
)
def test_preferences_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        Preferences().changed(**wrong)
