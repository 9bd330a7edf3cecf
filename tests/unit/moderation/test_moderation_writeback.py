from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook as TheirWebhook
from standardwebhooks import WebhookVerificationError
from wordpress_double import Site, serving, wordpress

from toolkit.errors import InputError, SettingsError
from toolkit.moderation.signatures import REPLAY_WINDOW, sign, verify
from toolkit.moderation.targets import Target, Webhook, WordPress, parse_target, read_targets
from toolkit.moderation.writeback import (
    LONGEST_DELAY,
    LONGEST_WAIT,
    MAX_ATTEMPTS,
    Delivery,
    Outcome,
    Sender,
    body_of,
    delay,
    deliver,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY, OLD = b"k" * 32, b"o" * 32
PASSWORD = "abcd EFGH 1234 ijkl MNOP 5678"


def delivery(comment: str = "7", status: str = "REJECTED", **other: Any) -> Delivery:
    return Delivery(
        **{
            "delivery_id": "msg_1",
            "target": "site",
            "sequence": 1,
            "comment_id": comment,
            "status": status,
            "decided_at": NOW,
            **other,
        }
    )


class Receiver:
    """A webhook's receiver that answers what the test tells it to."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 204, {}, b""  # type: int, dict[str, str], bytes
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.url = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((self.path, dict(self.headers), body))
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            self.wfile.write(found.body)

        do_GET = do_POST

        def log_message(self, *_: Any) -> None:
            pass

    with serving(Handler) as url:
        found.url = f"{url}/hook"
        yield found


@pytest.fixture
def site() -> Iterator[Site]:
    with wordpress() as found:
        found.add(7)
        yield found


def to_site(site: Site, **other: Any) -> dict[str, Target]:
    fields = {"name": "site", "url": site.url, "username": "desk", "password": PASSWORD, **other}
    return {"site": WordPress(**fields)}


def to_hook(receiver: Receiver) -> dict[str, Target]:
    return {"site": Webhook(name="site", url=receiver.url, secrets=(KEY, OLD))}


def send(targets: dict[str, Target], what: Delivery, now: datetime = NOW) -> Outcome:
    with Sender(targets, clock=lambda: now, draw=lambda: 1.0) as sender:
        return sender.send(what)


# --- signatures


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 2**33), st.binary(min_size=24, max_size=64))
def test_a_signature_is_that_of_the_specifications_own_library(
    body: bytes, timestamp: int, key: bytes
) -> None:
    theirs = TheirWebhook(base64.b64encode(key).decode())
    text = body.decode("latin-1")
    stamp = datetime.fromtimestamp(timestamp, UTC)
    assert sign("msg_x", timestamp, text.encode(), [key]) == theirs.sign("msg_x", stamp, text)


def test_a_delivery_is_accepted_by_the_specifications_own_library(receiver: Receiver) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    outcome = send(to_hook(receiver), delivery(data={"moderator": "m1"}), now)
    assert (outcome.state, outcome.http_status) == ("delivered", 204)
    [(_, headers, body)] = receiver.got
    for key in (KEY, OLD):  # a receiver may hold either while the secret is changed
        found: Any = TheirWebhook(base64.b64encode(key).decode()).verify(body, headers)
        assert found["data"]["comment_id"] == "7"
    with pytest.raises(WebhookVerificationError):
        TheirWebhook(base64.b64encode(b"x" * 32).decode()).verify(body, headers)
    assert verify(headers, body, [KEY], now=now) == "msg_1"
    assert json.loads(body) == {
        "type": "comment.decided",
        "timestamp": "2026-03-02T09:00:00Z",
        "data": {
            "comment_id": "7",
            "moderator": "m1",
            "reasons": [],
            "sequence": 1,
            "status": "REJECTED",
        },
    }
    assert headers["User-Agent"] == "comment-toolkit"


def signed(body: bytes = b"{}", at: datetime = NOW) -> dict[str, str]:
    timestamp = int(at.timestamp())
    return {
        "Webhook-Id": "a",
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Signature": sign("a", timestamp, body, [KEY]),
    }


@pytest.mark.parametrize(
    ("headers", "body", "message"),
    [
        (signed(), b"{} ", "no signature"),
        (signed(b"[]"), b"{}", "no signature"),
        ({**signed(), "Webhook-Id": "b"}, b"{}", "no signature"),
        ({**signed(), "Webhook-Timestamp": str(int(NOW.timestamp()) + 1)}, b"{}", "no signature"),
        ({**signed(), "Webhook-Signature": "v1,ä"}, b"{}", "no signature"),
        (signed(at=NOW - timedelta(seconds=REPLAY_WINDOW + 1)), b"{}", "too old"),
        (signed(at=NOW + timedelta(seconds=REPLAY_WINDOW + 1)), b"{}", "too old"),
        ({**signed(), "Webhook-Timestamp": "soon"}, b"{}", "lacks"),
        ({}, b"{}", "lacks"),
    ],
)
def test_a_webhook_that_is_not_genuine_or_not_fresh(
    headers: dict[str, str], body: bytes, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        verify(headers, body, [KEY], now=NOW)
    assert verify(signed(at=NOW - timedelta(seconds=REPLAY_WINDOW)), b"{}", [OLD, KEY], now=NOW)


def test_the_body_stays_and_only_the_time_changes(receiver: Receiver) -> None:
    for n in range(2):
        send(to_hook(receiver), delivery(attempts=n), NOW + timedelta(minutes=n))
    (_, first, one), (_, second, two) = receiver.got
    assert one == two == body_of(delivery())
    assert first["webhook-id"] == second["webhook-id"]
    assert first["webhook-timestamp"] != second["webhook-timestamp"]


def test_hostile_text_cannot_leave_its_place_in_the_body() -> None:
    data = {"note": '"}\n\u202e</script>\u0000', "comment_id": "other", "sequence": 99}
    body = json.loads(body_of(delivery(data=data)))
    assert body["data"]["note"] == data["note"]
    assert (body["data"]["comment_id"], body["data"]["sequence"]) == ("7", 1)


# --- retries


def test_delays_grow_to_half_a_day_and_span_two() -> None:
    longest = [delay(n, lambda: 1.0) for n in range(1, MAX_ATTEMPTS)]
    assert longest[:4] == [timedelta(seconds=s) for s in (5, 20, 80, 320)]
    assert longest[-1] == LONGEST_DELAY
    assert timedelta(days=2) < sum(longest, timedelta()) < timedelta(days=3)
    assert delay(3, lambda: 0.0) == timedelta(seconds=40)
    assert delay(10**6) <= LONGEST_DELAY


@pytest.mark.parametrize(
    ("status", "state", "halt"),
    [
        (200, "delivered", False),
        (202, "delivered", False),
        (301, "retry", True),
        (400, "retry", False),
        (401, "retry", True),
        (404, "retry", True),
        (410, "dead", True),
        (429, "retry", True),
        (500, "retry", False),
        (503, "retry", True),
    ],
)
def test_what_an_answer_means(receiver: Receiver, status: int, state: str, halt: bool) -> None:
    receiver.status = status
    outcome = send(to_hook(receiver), delivery())
    assert (outcome.state, outcome.http_status, outcome.halt) == (state, status, halt)
    expected = NOW + timedelta(seconds=5) if state == "retry" else None
    assert outcome.next_attempt_at == expected


def test_the_last_attempt_is_dead_and_keeps_the_answer(receiver: Receiver) -> None:
    receiver.status, receiver.body = 500, b'{"message": "Out of\\u001b[31m order"}'
    assert send(to_hook(receiver), delivery(attempts=MAX_ATTEMPTS - 2)).state == "retry"
    outcome = send(to_hook(receiver), delivery(attempts=MAX_ATTEMPTS - 1))
    assert (outcome.state, outcome.next_attempt_at) == ("dead", None)
    assert outcome.message == "HTTP 500: Out of [31m order"


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        (format_datetime(NOW + timedelta(hours=1), usegmt=True), timedelta(hours=1)),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), timedelta(seconds=5)),
        ("99999999999999999999", LONGEST_WAIT),
        ("soon", timedelta(seconds=5)),
        ("-1", timedelta(seconds=5)),
        ("1", timedelta(seconds=5)),
    ],
)
def test_retry_after_is_heeded(receiver: Receiver, value: str, wait: timedelta) -> None:
    receiver.status, receiver.headers = 429, {"Retry-After": value}
    assert send(to_hook(receiver), delivery()).next_attempt_at == NOW + wait


def test_a_redirect_is_not_followed_and_is_named(receiver: Receiver) -> None:
    receiver.status, receiver.headers = 307, {"Location": "http://127.0.0.1:1/elsewhere"}
    outcome = send(to_hook(receiver), delivery())
    assert len(receiver.got) == 1
    assert outcome.message is not None
    assert "127.0.0.1:1/elsewhere" in outcome.message


def test_nobody_listens(receiver: Receiver) -> None:
    dead_end: dict[str, Target] = {
        "site": Webhook(name="site", url="http://127.0.0.1:1/", secrets=(KEY,))
    }
    outcome = send(dead_end, delivery())
    assert (outcome.state, outcome.http_status) == ("retry", None)
    assert outcome.message is not None
    assert outcome.message.startswith("ConnectError")


def test_the_environment_sends_nothing_elsewhere(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert send(to_hook(receiver), delivery()).state == "delivered"


def test_an_endless_answer_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def forever() -> Iterator[bytes]:
        while True:
            yield b" " * 65536

    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=forever()))
    hook: dict[str, Target] = {
        "site": Webhook(name="site", url="https://a.example", secrets=(KEY,))
    }
    with Sender(hook, clock=lambda: NOW, transport=transport) as sender:
        assert sender.send(delivery()).state == "delivered"
        monkeypatch.setattr("toolkit.moderation.writeback.MAX_ANSWER", 1 << 62)
        monkeypatch.setattr("toolkit.moderation.writeback.LONGEST_ANSWER", 0.05)
        before = time.monotonic()
        sender.send(delivery())
        assert time.monotonic() - before < 5


# --- WordPress


@pytest.mark.parametrize(
    ("status", "reads"),
    [("APPROVED", "approved"), ("REJECTED", "trash"), ("NONE", "hold"), ("PREMOD", "hold")],
)
@pytest.mark.parametrize("before", ["hold", "approved", "spam", "trash"])
def test_wordpress_is_brought_to_what_was_decided(
    site: Site, status: str, reads: str, before: str
) -> None:
    site.add(7, before)
    outcome = send(to_site(site), delivery(status=status))
    assert outcome.state == "delivered", outcome
    assert site.comments[7]["status"] == reads
    # What it knows of the author is not overwritten by ours.
    assert site.comments[7]["author_ip"] == "203.0.113.7"
    assert site.comments[7]["author_user_agent"] == "Reader/1.0"
    writes = [method for method, _, _ in site.asked if method != "GET"]
    assert len(writes) == (before != reads)
    again = send(to_site(site), delivery(status=status, attempts=1))
    assert (again.state, again.message) == ("delivered", "it was so already")


def test_a_reason_can_mean_spam_and_a_status_something_else(site: Site) -> None:
    targets = to_site(site, reasons={"advertising": "spam"}, statuses={"REJECTED": "hold"})
    send(targets, delivery(reasons=("insult", "advertising")))
    assert site.comments[7]["status"] == "spam"
    send(targets, delivery(reasons=("insult",)))
    assert site.comments[7]["status"] == "hold"
    outcome = send(targets, delivery(status="APPROVED", reasons=("advertising",)))
    assert (outcome.state, outcome.http_status) == ("delivered", None)
    assert site.comments[7]["status"] == "hold"


def test_nothing_is_deleted_on_a_site_without_a_trash(site: Site) -> None:
    site.trash = False
    outcome = send(to_site(site), delivery())
    assert outcome.state == "dead"
    assert outcome.message == "HTTP 501: rest_trash_not_supported"
    assert 7 in site.comments


def test_an_answer_of_200_is_not_taken_for_a_change(site: Site) -> None:
    site.stuck.add(7)
    outcome = send(to_site(site), delivery(status="APPROVED"))
    assert outcome.state == "retry"
    assert outcome.message == "WordPress answered, but the comment is hold"


@pytest.mark.parametrize(
    ("other", "message", "state", "halt"),
    [
        ({"password": "wrong"}, "HTTP 401: incorrect_password", "retry", True),
        ({"username": "nobody"}, "HTTP 401: invalid_username", "retry", True),
        (
            {"username": "reader", "password": "readREADreadREADreadREAD"},
            "HTTP 403: rest_forbidden_context",
            "retry",
            True,
        ),
    ],
)
def test_what_wordpress_refuses(
    site: Site, other: dict[str, str], message: str, state: str, halt: bool
) -> None:
    outcome = send(to_site(site, **other), delivery())
    assert (outcome.state, outcome.message, outcome.halt) == (state, message, halt)
    assert site.comments[7]["status"] == "hold"


def test_a_comment_that_is_gone_is_given_up_and_a_missing_route_is_not(site: Site) -> None:
    outcome = send(to_site(site), delivery("8"))
    assert (outcome.state, outcome.message) == ("dead", "HTTP 404: rest_comment_invalid_id")
    outcome = send(to_site(site, url=site.url + "/old"), delivery())
    assert (outcome.state, outcome.message, outcome.halt) == (
        "retry",
        "HTTP 404: rest_no_route",
        True,
    )


@pytest.mark.parametrize("comment", ["../posts/1", "7?force=true", "七", "7/8", "", "٧", "-1"])
def test_an_id_cannot_name_another_route(site: Site, comment: str) -> None:
    outcome = send(to_site(site), delivery(comment))
    assert outcome.state == "dead"
    assert site.asked == []


# --- the worker


class Memory:
    """An outbox in memory that gives out what the protocol asks for."""

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        self.waiting = list(deliveries)
        self.settled: dict[str, Outcome] = {}

    def due(self, now: datetime, limit: int, without: Collection[str]) -> Sequence[Delivery]:
        return [
            waiting
            for waiting in self.waiting
            if waiting.delivery_id not in self.settled and waiting.target not in without
        ][:limit]

    def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        assert delivery.delivery_id not in self.settled
        self.settled[delivery.delivery_id] = outcome


def test_a_target_that_refuses_is_left_alone_and_the_rest_stays_due(
    site: Site, receiver: Receiver
) -> None:
    targets = {**to_site(site, password="wrong"), "hook": to_hook(receiver)["site"]}
    outbox = Memory(
        [
            delivery(str(n), delivery_id=f"{target}{n}", target=target)
            for n in range(5)
            for target in ("site", "hook")
        ]
    )
    with Sender(targets, clock=lambda: NOW) as sender:
        found = deliver(outbox, sender, clock=lambda: NOW, batch=3)
    assert len(site.asked) == 1
    assert (found.retry, found.delivered, found.dead, found.halted) == (1, 5, 0, ("site",))
    assert sorted(outbox.settled) == ["hook0", "hook1", "hook2", "hook3", "hook4", "site0"]
    assert found.messages == ["site, 0: HTTP 401: incorrect_password"]


def test_a_run_ends_at_its_limit(receiver: Receiver) -> None:
    outbox = Memory([delivery(str(n), delivery_id=str(n)) for n in range(5)])
    with Sender(to_hook(receiver)) as sender:
        assert deliver(outbox, sender, limit=3, batch=2).sent == 3
        assert deliver(outbox, sender).sent == 2
        assert deliver(outbox, sender).sent == 0
    assert [json.loads(body)["data"]["comment_id"] for _, _, body in receiver.got] == list("01234")


def test_the_sender_knows_its_targets() -> None:
    with pytest.raises(SettingsError, match="no target is called"):
        send({}, delivery())


# --- the file


GOOD = """
[[target]]
name = "site"
kind = "wordpress"
url = "https://news.example/wp-json/"
username = "desk"
password_env = "SITE"
statuses = { PREMOD = "spam" }
reasons = { advertising = "spam" }

[[target]]
name = "hook"
kind = "webhook"
url = "https://archive.example/in"
secret_file = "secret.txt"
previous_secret_env = "OLD"
"""
SECRET = "whsec_" + base64.b64encode(KEY).decode()
ENVIRONMENT = {"SITE": PASSWORD, "OLD": base64.b64encode(OLD).decode()}


def written(folder: Path, text: str) -> Path:
    (folder / "secret.txt").write_text(SECRET + "\n")
    path = folder / "targets.toml"
    path.write_text(text)
    return path


def test_a_targets_file(tmp_path: Path) -> None:
    entries = read_targets(written(tmp_path, GOOD), ENVIRONMENT)
    # What is kept holds no secret, and finds the file from any folder.
    assert PASSWORD not in repr(entries)
    assert SECRET not in repr(entries)
    assert entries["hook"]["secret_file"] == str(tmp_path / "secret.txt")
    found = {name: parse_target(entry, name, ENVIRONMENT) for name, entry in entries.items()}
    site, hook = found["site"], found["hook"]
    assert isinstance(site, WordPress)
    assert isinstance(hook, Webhook)
    assert site.url == "https://news.example/wp-json"
    assert site.act("PREMOD", ()) == "spam"
    assert site.act("REJECTED", ()) == "trash"
    assert site.act("REJECTED", ("spam",)) == "spam"
    assert site.act("APPROVED", ("spam",)) == "approve"
    assert hook.secrets == (KEY, OLD)
    assert PASSWORD not in repr(found)
    assert repr(KEY) not in repr(found)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("[[target]]", "[[", "cannot be read"),
        (GOOD, "", "holds no list"),
        ('kind = "webhook"', 'kind = "mail"', "'mail'"),
        ('name = "hook"', 'name = "site"', "is taken"),
        ('name = "hook"', "name = 3", "name is missing"),
        ('password_env = "SITE"', 'password = "x"', "stands in the file itself"),
        ('password_env = "SITE"', "", "no password_env"),
        ('password_env = "SITE"', 'password_env = "NOT_SET"', "NOT_SET is not set"),
        ('secret_file = "secret.txt"', 'secret_file = "gone.txt"', "cannot be read"),
        ('secret_file = "secret.txt"', "", "no secret_env"),
        ('secret_file = "secret.txt"', 'secret_env = "SHORT"', "2 bytes"),
        ('secret_file = "secret.txt"', 'secret_env = "SITE"', "no base64"),
        ("https://news.example", "http://news.example", "could be read on its way"),
        ("https://news.example", "ftp://news.example", "no web address"),
        ("https://news.example", "https://me@news.example", "holds a user"),
        ("https://archive.example/in", "https://archive.example/in?key=1", "a query"),
        ("https://archive.example/in", "https://[::1", "no address"),
        ('username = "desk"', 'username = "de:sk"', "no colon"),
        ('PREMOD = "spam"', 'GONE = "spam"', "no status 'GONE'"),
        ('PREMOD = "spam"', 'PREMOD = "burn"', "'burn' is none of"),
        ('username = "desk"', 'username = "desk"\nretries = 3', "unknown field retries"),
        ('username = "desk"', 'username = "desk"\nallow_http = "yes"', "true or false"),
    ],
)
def test_what_a_targets_file_is_refused_for(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in GOOD
    path = written(tmp_path, GOOD.replace(before, after, 1))
    with pytest.raises(SettingsError, match=message) as caught:
        read_targets(path, {**ENVIRONMENT, "SHORT": base64.b64encode(b"ab").decode()})
    assert caught.value.next_step
    assert PASSWORD not in str(caught.value)


def test_plain_http_is_for_loopback_or_where_it_is_asked_for(tmp_path: Path) -> None:
    near = GOOD.replace("https://news.example", "http://127.0.0.1:8000")
    assert read_targets(written(tmp_path, near), ENVIRONMENT)
    asked = GOOD.replace("https://news.example", "http://news.internal").replace(
        'username = "desk"', 'username = "desk"\nallow_http = true'
    )
    assert read_targets(written(tmp_path, asked), ENVIRONMENT)


def test_the_secret_that_an_error_suggests_is_taken(tmp_path: Path) -> None:
    check: Callable[[str], object] = lambda text: read_targets(  # noqa: E731
        written(tmp_path, GOOD.replace('secret_file = "secret.txt"', 'secret_env = "NEW"')),
        {**ENVIRONMENT, "NEW": text},
    )
    with pytest.raises(SettingsError) as caught:
        check("!")
    assert "token_bytes(32)" in caught.value.next_step
    assert check("whsec_" + base64.b64encode(bytes(32)).decode())
