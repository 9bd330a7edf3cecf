"""Intake, routes, rules, the mix of severe comments, accounts; on both databases."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from desk_browser import PASSWORD, Browser
from desk_frames import rows
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from toolkit.errors import MappingError, RefusedActError, SettingsError
from toolkit.moderation import accounts, bulk, queue, rulebook
from toolkit.moderation.decisions import Choice, decide
from toolkit.moderation.events import verify
from toolkit.moderation.intake import import_comments, refresh_quantiles
from toolkit.moderation.policy import Policy
from toolkit.moderation.preferences import Preferences
from toolkit.moderation.queue import Filters, lease_next
from toolkit.moderation.simulate import ScoreRule
from toolkit.moderation.store import Store
from toolkit.moderation.tables import (
    Account,
    Comment,
    Decision,
    EarlierText,
    Item,
    Login,
    Quantiles,
    Score,
)
from toolkit.web.app import create_app
from toolkit.web.coral import Phase
from toolkit.web.desk import mount

People = dict[str, Account]


def count(store: Store, what: Any) -> int:
    with store.read() as session:
        return int(session.execute(select(func.count()).select_from(what)).scalar_one())


def put(store: Store, frame: pl.DataFrame, version: str = "t-1") -> Any:
    return import_comments(store, frame, versions={"toxicity": version}, source="test")


def test_importing_again_changes_nothing(store: Store) -> None:
    first = put(store, rows(20))
    assert (first.rows, first.new, first.queued) == (20, 20, 20)
    scores = count(store, Score)
    again = put(store, pl.concat([rows(20), rows(5)]))
    assert (again.rows, again.new, again.known, again.repeated) == (25, 0, 20, 5)
    assert again.scores == 0
    assert (count(store, Comment), count(store, Item), count(store, Score)) == (20, 20, scores)
    assert verify(store).problems == ()


def test_numbers_of_another_version_are_added(store: Store) -> None:
    put(store, rows(5))
    before = count(store, Score)
    again = put(
        store, rows(5).select("comment_id", "article_id", "text", "toxicity__toxicity"), "t-2"
    )
    assert again.scores == 5
    assert count(store, Score) == before + 5


def test_a_changed_text_is_kept_and_waits_again(store: Store, people: People) -> None:
    put(store, rows(1))
    with store.write() as session:
        item = lease_next(session, store.clock(), people["ana"], Filters(), Preferences())
        assert item is not None
        decide(session, store.clock(), people["ana"], item.id, Choice(act="approve"))
    changed = rows(1).with_columns(pl.lit("Something else.").alias("text"))
    assert put(store, changed).edited == 1
    with store.read() as session:
        assert session.execute(select(Comment.text)).scalar_one() == "Something else."
        assert session.execute(select(EarlierText.text)).scalar_one().startswith("Comment number 1")
        waiting = session.execute(select(Item.waiting).order_by(Item.id)).scalars().all()
    assert waiting == [False, True]


def test_what_has_no_text_does_not_wait(store: Store) -> None:
    gone = rows(2).with_columns(pl.lit(None, pl.String).alias("text"))
    assert put(store, gone).queued == 0


@pytest.mark.parametrize("missing", ["comment_id", "article_id", "text"])
def test_a_missing_column_is_named(store: Store, missing: str) -> None:
    with pytest.raises(MappingError, match=missing):
        put(store, rows(2).drop(missing))


@pytest.mark.parametrize("evidence", ["{", "[1]", '[{"analyzer": "toxicity"}]', "7"])
def test_damaged_evidence_is_named(store: Store, evidence: str) -> None:
    with pytest.raises(MappingError, match="evidence"):
        put(store, rows(1).with_columns(pl.lit(evidence).alias("evidence")))
    assert count(store, Comment) == 0


def test_hostile_ids_texts_and_times(store: Store) -> None:
    frame = pl.DataFrame(
        {
            "comment_id": ["a\x00b", "'; DROP TABLE desk_item; --", "\\N", "\t\n\\."],
            "article_id": ["\u202e", "%s", "\\.", '"'],
            "text": ["\x00", "\\\\.\n\\N\t", "🙂" * 1000, ""],
            "created_at": ["0001-01-01T00:00:00Z", "nonsense", "9999-12-31T23:59:59Z", None],
        }
    )
    assert put(store, frame).new == 4
    assert put(store, frame).known == 4
    with store.read() as session:
        texts = dict(session.execute(select(Comment.comment_id, Comment.text)).all())
    assert texts["\\N"] == "🙂" * 1000
    assert texts["'; DROP TABLE desk_item; --"] == "\\\\.\n\\N\t"


def test_percentiles_are_of_the_sites_own_comments(store: Store) -> None:
    put(store, rows(200))
    assert refresh_quantiles(store) > 0
    with store.read() as session:
        for points in session.execute(select(Quantiles.points)).scalars():
            assert len(points) == 101
            assert points == sorted(points)


def test_routes_are_tried_in_order(store: Store, people: People) -> None:
    with store.write() as session:
        lea = session.get_one(Account, people["lea"].id)
        german = [{"column": "language__tag", "equals": "de"}]
        rulebook.add_route(session, store.clock(), lea, german, "german")
        high = [{"column": "toxicity__toxicity", "lower": 0.8}]
        rulebook.add_route(session, store.clock(), lea, high, "urgent")
        with pytest.raises(SettingsError):
            rulebook.add_route(session, store.clock(), lea, [{"column": "x"}], "y")
        with pytest.raises(SettingsError):
            rulebook.add_route(session, store.clock(), lea, high, "appeals")
    put(store, rows(20))
    with store.read() as session:
        assert dict(queue.queues(session)) == {"german": 5, "main": 12, "urgent": 3}


def test_a_rule_is_off_until_a_lead_switches_it_on(store: Store, people: People) -> None:
    wanted = ScoreRule(attribute="toxicity__toxicity", lower=0.9, upper=1, action="reject")
    put(store, rows(20))
    with store.write() as session:
        for name in ("ana", "aud"):
            with pytest.raises(RefusedActError):
                bulk.add_rule(session, store.clock(), people[name], wanted, "reject", "spam")
        with pytest.raises(RefusedActError, match="reason"):
            bulk.add_rule(session, store.clock(), people["lea"], wanted, "reject", None)
        rule = bulk.add_rule(session, store.clock(), people["lea"], wanted, "reject", "spam")
    put(store, rows(20, article="a2"))
    assert count(store, Decision) == 0
    with store.write() as session:
        found = session.get_one(bulk.Rule, rule.id)
        bulk.switch_rule(session, store.clock(), people["lea"], found, on=True)
    with store.write() as session:
        session.query(Item).update({"selection": "queue"})
    put(store, rows(20, article="a3"))
    done = count(store, Decision)
    assert 1 <= done <= 2  # what was drawn at random is left to people
    assert verify(store).problems == ()
    with store.write() as session:
        found = session.get_one(bulk.Rule, rule.id)
        assert bulk.undo_rule(session, store.clock(), people["lea"], found) == done
    with store.read() as session:
        assert set(session.execute(select(Comment.status)).scalars()) == {"NONE"}
    assert verify(store).problems == ()


def test_a_bulk_act_refuses_more_than_was_previewed(store: Store, people: People) -> None:
    wanted = ScoreRule(attribute="toxicity__toxicity", lower=0, upper=1, action="approve")
    put(store, rows(10))
    with store.write() as session:
        session.query(Item).update({"selection": "queue"})
    with store.write() as session, pytest.raises(RefusedActError, match="10 comments"):
        bulk.act_in_bulk(
            session, store.clock(), people["lea"], wanted, Choice(act="approve"), expected=9
        )


def test_severe_comments_come_in_an_even_mix_and_up_to_the_limit(
    store: Store, people: People
) -> None:
    frame = rows(40).with_columns(
        pl.when(pl.int_range(pl.len()) < 20).then(0.95).otherwise(0.01).alias("toxicity__threat")
    )
    put(store, frame)
    with store.write() as session:
        session.query(Item).update({"selection": "queue", "second_wanted": False})
    wanted = Preferences(severe_per_hour=4)
    seen = []
    for _ in range(18):
        with store.write() as session:
            at = store.clock()
            item = lease_next(session, at, people["ana"], Filters(), wanted)
            assert item is not None
            seen.append(item.severe)
            decide(session, at, people["ana"], item.id, Choice(act="approve"))
    assert sum(seen) == 4
    assert all(sum(seen[n : n + 3]) <= 1 for n in range(len(seen)))
    store.clock.forward(hours=2)  # type: ignore[attr-defined]
    with store.write() as session:
        item = lease_next(session, store.clock(), people["ana"], Filters(), wanted)
        assert item is not None
        assert item.severe


def test_accounts_and_invitations(store: Store, people: People) -> None:
    with store.write() as session:
        token = accounts.invite(session, store.clock(), role="moderator", by=people["adam"].id)
    with store.write() as session:
        with pytest.raises(SettingsError, match="12 characters"):
            accounts.accept(session, store.clock(), token, login="new", name="", password="short")
        with pytest.raises(SettingsError, match="taken"):
            accounts.accept(session, store.clock(), token, login="ANA", name="", password=PASSWORD)
        made = accounts.accept(
            session, store.clock(), token, login="new", name="New", password=PASSWORD
        )
        assert made.role == "moderator"
    with store.write() as session, pytest.raises(RefusedActError):
        accounts.accept(session, store.clock(), token, login="other", name="", password=PASSWORD)
    with store.write() as session:
        adam = session.get_one(Account, people["adam"].id)
        accounts.begin(session, store.clock(), session.get_one(Account, people["bo"].id))
        with pytest.raises(RefusedActError, match="last admin"):
            accounts.change_account(session, store.clock(), adam, adam, role="lead")
        bo = session.get_one(Account, people["bo"].id)
        accounts.change_account(session, store.clock(), adam, bo, active=False)
    assert count(store, Login) == 0


def test_comments_over_http(anybody: Browser, store: Store) -> None:
    body = {
        "articles": [{"article_id": "a1", "title": "Trams are quiet", "text": "Trams are quiet."}],
        "comments": [
            {"comment_id": "1", "article_id": "a1", "text": "You are an idiot."},
            {"comment_id": "2", "article_id": "a1", "text": "I agree.", "parent_id": "1"},
        ],
    }
    answer = anybody.client.post("/desk/api/comments", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["new"] == 2
    assert anybody.client.post("/desk/api/comments", json=body).json()["known"] == 2
    with store.read() as session:
        evidence = session.execute(
            select(Comment.evidence).where(Comment.comment_id == "1")
        ).scalar_one()
    assert any(span["analyzer"] == "toxicity" for span in evidence)
    wrong = anybody.client.post("/desk/api/comments", json={"comments": [{"comment_id": "1"}]})
    assert wrong.status_code == 400
    assert "article_id" in wrong.json()["message"]
    other = anybody.client.post("/desk/api/comments", json=body, headers={"origin": "https://x"})
    assert other.status_code == 401


def test_the_next_card_reads_an_index(store: Store, fill: Callable[..., None]) -> None:
    fill(3)
    if not store.is_sqlite:
        pytest.skip("PostgreSQL scans a table this small, whatever its indexes")
    with store.read() as session:
        for order, index in (("risk", "risk"), ("age", "age"), ("for", "stance")):
            base = queue._filtered(select(Item.id).where(queue._WAITING), Filters(order=order))  # type: ignore[arg-type]
            query = queue._ordered(base, order, None, None).limit(1)  # type: ignore[arg-type]
            compiled = query.compile(session.connection(), compile_kwargs={"literal_binds": True})
            plan = str(session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}").all())
            assert f"ix_desk_item_{index}" in plan, plan
            assert "TEMP B-TREE" not in plan, plan


def test_what_coral_asks_about_comes_before_the_moderators(store: Store) -> None:
    secret = b"ssec_1"
    app = create_app(
        coral=Phase(secrets=(secret,), policy=Policy.default()), desk=lambda app: mount(app, store)
    )
    sent = {
        "action": "NEW",
        "comment": {"body": "<p>You are an <b>idiot</b>.</p>", "parentID": "c0"},
        "author": {"id": "u1", "role": "COMMENTER"},
        "story": {"id": "s1", "url": "https://news.example.org/quay"},
        "tenantID": "t1",
    }
    with TestClient(app) as client:

        def ask(body: dict[str, Any]) -> int:
            raw = json.dumps(body).encode()
            signed = hmac.new(secret, raw, hashlib.sha256).hexdigest()
            headers = {"X-Coral-Signature": f"sha256={signed}"}
            return client.post(
                "/coral/moderate?format=html", content=raw, headers=headers
            ).status_code

        assert [ask(sent), ask(sent)] == [200, 200]
        # Coral's own id, where it has one, names the comment through an edit.
        own = {"id": "c9", "body": "<p>Well said, the tram was on time today.</p>"}
        assert ask({**sent, "comment": own}) == 204
        assert (
            ask(
                {
                    **sent,
                    "action": "EDIT",
                    "comment": {**own, "body": "The tram was on time today."},
                }
            )
            == 204
        )
        with store.read() as session:
            rows = session.execute(select(Comment).order_by(Comment.id)).scalars().all()
            waiting = session.execute(
                select(func.count()).select_from(Item).where(Item.waiting)
            ).scalar_one()
    assert [(row.text, row.article_id, row.parent_id) for row in rows] == [
        ("You are an idiot.", "s1", "c0"),
        ("The tram was on time today.", "s1", None),
    ]
    assert [row.comment_id.partition("-")[0] for row in rows] == ["coral", "c9"]
    assert any(span["analyzer"] == "toxicity" for span in rows[0].evidence or ())
    assert waiting == 2
