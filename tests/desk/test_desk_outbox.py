from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from desk_rows import DeskRows
from sqlalchemy import select

from toolkit.errors import SettingsError
from toolkit.moderation import decisions
from toolkit.moderation.outbox import LEASE, backlog, held, load_targets, revive, sync_targets
from toolkit.moderation.store import Store
from toolkit.moderation.tables import Account, Decision, Delivery, Target
from toolkit.moderation.writeback import MAX_ATTEMPTS, Run, Sender, deliver

ENTRIES: dict[str, dict[str, Any]] = {
    "site": {
        "name": "site", "kind": "wordpress", "url": "https://news.example/wp-json",
        "username": "desk", "password_env": "SITE",
    },
    "hook": {
        "name": "hook", "kind": "webhook", "url": "https://archive.example/in",
        "secret_env": "HOOK",
    },
}  # fmt: skip
ENVIRONMENT = {"SITE": "pass word", "HOOK": base64.b64encode(b"k" * 32).decode()}


@pytest.fixture
def desk(store: Store, clock: Any) -> DeskRows:
    # What the tests decide lies in the hours before.
    clock.forward(days=1)
    sync_targets(store, ENTRIES)
    return DeskRows(store)


def answer(code: int, **body: str) -> httpx.Response:
    return httpx.Response(code, stream=httpx.ByteStream(json.dumps(body).encode()))


class Sites:
    """Both targets as one transport: what was asked, and what is answered."""

    def __init__(self) -> None:
        self.status = 200
        self.comments: dict[str, str] = {}
        self.hooks: list[Any] = []
        self.during: Any = None

    def sequences(self) -> list[int]:
        return [json.loads(request.content)["data"]["sequence"] for request in self.hooks]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.during is not None:
            self.during, during = None, self.during
            during()
        if request.url.host == "archive.example":
            self.hooks.append(request)
            return answer(self.status)
        if self.status != 200:
            return answer(self.status)
        number = request.url.path.rpartition("/")[2]
        if request.method == "DELETE":
            self.comments[number] = "trash"
        elif request.method == "POST":
            wanted = json.loads(request.content)["status"]
            self.comments[number] = {"approve": "approved"}.get(wanted, wanted)
        return answer(200, status=self.comments.get(number, "hold"))


@pytest.fixture
def sites() -> Sites:
    return Sites()


def work(store: Store, sites: Sites, **other: Any) -> Run:
    targets = load_targets(store, ENVIRONMENT)
    transport = httpx.MockTransport(sites)
    with (
        held(store) as outbox,
        Sender(targets, clock=store.clock, draw=lambda: 1.0, transport=transport) as sender,
    ):
        return deliver(outbox, sender, clock=store.clock, **other)


def test_what_is_decided_arrives_once(desk: DeskRows, store: Store, sites: Sites) -> None:
    keys = desk.target_keys()
    comment = desk.comment("7")
    event = desk.decide(comment, "ann", "reject", "spam", targets=list(keys.values()))
    found = work(store, sites)
    assert (found.delivered, found.retry, found.dead) == (2, 0, 0)
    assert sites.comments == {"7": "spam"}
    [request] = sites.hooks
    assert re.fullmatch(rf"[0-9a-f]{{32}}_{comment}_{keys['hook']}", request.headers["webhook-id"])
    body = json.loads(request.content)
    assert body["data"] == {
        "article_id": "a1", "comment_id": "7", "event": "decided", "reasons": ["spam"],
        "sequence": event, "status": "REJECTED",
    }  # fmt: skip
    assert work(store, sites).sent == 0
    assert [(row.target, row.waiting, row.delivered) for row in backlog(store)] == [
        ("site", 0, 1),
        ("hook", 0, 1),
    ]


def test_an_undo_arrives_after_what_it_undoes(
    desk: DeskRows, store: Store, sites: Sites, clock: Any
) -> None:
    keys = desk.target_keys()
    comment, other = desk.comment("7"), desk.comment("8")
    event = desk.decide(comment, "ann", "reject", "insult", targets=list(keys.values()))
    sites.status = 500
    work(store, sites)
    undo = desk.undo(comment, event, targets=list(keys.values()))
    desk.decide(other, "ann", "approve", targets=[keys["hook"]])
    sites.status = 200
    # The earlier one waits for its next attempt: for the receiver of events the
    # later one waits behind it; WordPress holds one status, and gets the last.
    found = work(store, sites)
    assert found.delivered == 2
    assert sites.comments == {}
    assert sites.sequences() == [event, undo + 1]
    clock.now += timedelta(minutes=1)
    assert work(store, sites).delivered == 2
    assert sites.sequences()[2:] == [event, undo]
    site, hook = backlog(store)
    assert (site.delivered, site.superseded, site.dead, site.waiting) == (1, 1, 0, 0)
    assert (hook.delivered, hook.superseded, hook.dead, hook.waiting) == (3, 0, 0, 0)


def test_what_fails_is_tried_again_and_then_kept_as_dead(
    desk: DeskRows, store: Store, sites: Sites, clock: Any
) -> None:
    hook = desk.target_keys()["hook"]
    desk.decide(desk.comment("7"), "ann", "approve", targets=[hook])
    sites.status = 500
    for attempt in range(1, MAX_ATTEMPTS + 1):
        found = work(store, sites)
        assert found.sent == 1
        assert found.dead == (attempt == MAX_ATTEMPTS)
        assert work(store, sites).sent == 0
        clock.now += timedelta(hours=13)
    assert work(store, sites).sent == 0
    with store.read() as session:
        row = session.execute(select(Delivery)).scalar_one()
        assert (row.attempts, row.next_at, row.delivered_at) == (MAX_ATTEMPTS, None, None)
        assert row.last_error == "HTTP 500"
    assert backlog(store)[1].dead == 1
    sites.status = 200
    assert revive(store, "hook") == 1
    assert revive(store, "site") == 0
    assert work(store, sites).delivered == 1
    assert revive(store, "hook") == 0
    with pytest.raises(SettingsError, match="no target is called"):
        revive(store, "gone")


def test_one_worker_holds_the_outbox(store: Store, desk: DeskRows, clock: Any) -> None:
    with held(store), pytest.raises(SettingsError, match="another worker"), held(store):
        pass
    with held(store):
        pass
    dead = held(store)
    dead.__enter__()
    clock.now += LEASE + timedelta(seconds=1)
    with held(store):
        pass


def test_a_worker_that_lost_the_outbox_gets_nothing_more(
    store: Store, desk: DeskRows, sites: Sites, clock: Any
) -> None:
    hook = desk.target_keys()["hook"]
    for name in ("7", "8", "9"):
        desk.decide(desk.comment(name), "ann", "approve", targets=[hook])

    def stall() -> None:
        clock.now += LEASE * 2
        held(store).__enter__()

    sites.during = stall
    # What it has in hand it still sends, and records; it takes no more.
    assert work(store, sites, batch=1).delivered == 1
    assert backlog(store)[1].waiting == 2


def test_targets_follow_the_file(store: Store, desk: DeskRows) -> None:
    sync_targets(store, {"hook": {**ENTRIES["hook"], "url": "https://new.example/in"}})
    found = load_targets(store, ENVIRONMENT)
    assert list(found) == ["hook"]
    assert found["hook"].url == "https://new.example/in"
    with store.read() as session:
        rows = session.execute(select(Target)).scalars().all()
        assert len(rows) == 2
        assert {row.secret for row in rows} == {""}
        assert not any(
            value in repr(row.settings) for row in rows for value in ENVIRONMENT.values()
        )
    sync_targets(store, ENTRIES)
    assert list(load_targets(store, ENVIRONMENT)) == ["site", "hook"]
    with pytest.raises(SettingsError, match="target site: the variable SITE is not set"):
        load_targets(store, {})


def test_a_target_that_was_switched_off_keeps_its_deliveries(
    store: Store, desk: DeskRows, sites: Sites
) -> None:
    keys = desk.target_keys()
    desk.decide(desk.comment("7"), "ann", "approve", targets=list(keys.values()))
    sync_targets(store, {"hook": ENTRIES["hook"]})
    assert work(store, sites).delivered == 1
    sync_targets(store, ENTRIES)
    assert work(store, sites).delivered == 1
    assert sites.comments == {"7": "approved"}


def test_an_undo_of_many_at_once_tells_of_each(
    store: Store, desk: DeskRows, sites: Sites, clock: Any
) -> None:
    for name in ("7", "8", "9"):
        desk.decide(desk.comment(name), "ann", "reject", "insult")
    with store.write() as session:
        ann = session.get_one(Account, desk.account("ann"))
        ids = session.execute(select(Decision.id)).scalars().all()
        assert len(decisions.undo(session, store.clock(), ann, ids)) == 3
    clock.forward(seconds=1)
    assert work(store, sites).delivered == 6
    bodies = [json.loads(request.content)["data"] for request in sites.hooks]
    assert {body["comment_id"]: body["status"] for body in bodies} == dict.fromkeys("789", "NONE")
    assert {body["event"] for body in bodies} == {"undone"}
    assert len({request.headers["webhook-id"] for request in sites.hooks}) == 3
