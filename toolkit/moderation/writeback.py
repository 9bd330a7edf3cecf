"""Telling other systems what was decided: signed webhooks, and WordPress.

A decision is queued in the outbox in the same transaction that records it; a
worker takes what is due, sends it, and settles it: delivered, due again later,
or dead. Nothing is removed: a dead delivery stays, with its last answer. A
delivery may arrive twice (a worker can die between the answer and its record);
``webhook-id`` stays the same, so that a receiver can tell.

- Webhooks follow the Standard Webhooks specification 1.0.0 (Apache License
  2.0): ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``, which
  is HMAC-SHA256 over ``id.timestamp.body``.
- Delays between attempts grow fourfold with jitter (M. Brooker, *Exponential
  Backoff And Jitter*, 2015); ``Retry-After`` (RFC 9110, 10.2.3) is heeded.
- No redirect is followed, and proxies and passwords of the environment are not
  used: only the addresses of the targets file are asked.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal, Protocol

import orjson

from toolkit.errors import MissingExtraError, SettingsError
from toolkit.moderation.signatures import sign
from toolkit.moderation.targets import Target, Webhook, WordPress, WordPressAct

try:
    import httpx
except ImportError as error:  # pragma: no cover - the extra is there in development
    raise MissingExtraError(
        f"write-back needs {error.name}",
        next_step="Install it: pip install 'comment-toolkit[desk]'.",
    ) from error

#: Sends of one delivery, over about two and a half days, before it is dead.
MAX_ATTEMPTS: Final = 12
FIRST_DELAY: Final = timedelta(seconds=5)
LONGEST_DELAY: Final = timedelta(hours=12)
LONGEST_WAIT: Final = timedelta(hours=24)

#: Most bytes of an answer that are read, and letters of it that are kept.
MAX_ANSWER: Final = 256 * 1024
MAX_MESSAGE: Final = 300

#: Seconds after which an answer that still goes on is not read further.
LONGEST_ANSWER: Final = 30.0

_TIMEOUT: Final = httpx.Timeout(20.0, connect=5.0)

State = Literal["delivered", "retry", "dead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One decision on its way to one target.

    ``delivery_id`` is the idempotency key; it never changes. ``attempts``
    counts the sends before this one. ``sequence`` grows with each decision, so
    that a receiver can tell which of two about a comment is the later.
    """

    delivery_id: str
    target: str
    sequence: int
    comment_id: str
    status: str
    reasons: tuple[str, ...] = ()
    decided_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one send. ``halt``: nothing further to this target in this run."""

    state: State
    at: datetime
    next_attempt_at: datetime | None = None
    http_status: int | None = None
    message: str | None = None
    halt: bool = False


class Outbox(Protocol):
    """What the worker needs of the store. One worker holds it at a time."""

    def due(self, now: datetime, limit: int, without: Collection[str]) -> Sequence[Delivery]:
        """Up to ``limit`` deliveries that are due, none to the targets in ``without``.

        Of two about one comment and target, the later is not given out while
        the earlier waits. Empty also where another worker has taken over.
        """

    def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        """Record what became of it, and that this worker lives."""


class _SendError(Exception):
    """A send that did not succeed, and what that means."""

    def __init__(
        self,
        message: str,
        http_status: int | None = None,
        *,
        final: bool = False,
        halt: bool = False,
        wait: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.http_status = message, http_status
        self.final, self.halt, self.wait = final, halt, wait


def delay(attempts: int, draw: Callable[[], float] = random.random) -> timedelta:
    """Wait after ``attempts`` failed sends: 5 s, 20 s, 80 s … 12 h, less up to half by jitter."""
    times: int = 4 ** min(attempts - 1, 20)
    return min(FIRST_DELAY * times, LONGEST_DELAY) * (0.5 + draw() / 2)


def body_of(delivery: Delivery) -> bytes:
    """The webhook's JSON: the same bytes at every attempt."""
    return orjson.dumps(
        {
            "type": "comment.decided",
            "timestamp": delivery.decided_at,
            "data": {
                **delivery.data,
                "comment_id": delivery.comment_id,
                "status": delivery.status,
                "reasons": list(delivery.reasons),
                "sequence": delivery.sequence,
            },
        },
        option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z,
    )


class Sender:
    """Sends deliveries to their targets. A context manager, since it holds connections."""

    def __init__(
        self,
        targets: Mapping[str, Target],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        draw: Callable[[], float] = random.random,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._targets = targets
        self._clock = clock
        self._draw = draw
        self._client = httpx.Client(
            follow_redirects=False,
            trust_env=False,
            timeout=_TIMEOUT,
            transport=transport,
            headers={
                "User-Agent": "comment-toolkit",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            },
        )

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def send(self, delivery: Delivery) -> Outcome:
        """Send once; never raises for what the other side does.

        Raises SettingsError where the delivery's target is not among the targets.
        """
        target = self._targets.get(delivery.target)
        if target is None:
            raise SettingsError(
                f"no target is called {delivery.target!r}",
                next_step="Name it in the targets file, or give up its deliveries.",
            )
        try:
            status, message = self._to(target, delivery)
        except _SendError as failure:
            return self._failed(delivery, failure)
        except httpx.HTTPError as error:
            # Its text may name the address, never a header.
            return self._failed(
                delivery, _SendError(f"{type(error).__name__}: {_clean(str(error))}")
            )
        return Outcome(state="delivered", at=self._clock(), http_status=status, message=message)

    def _failed(self, delivery: Delivery, failure: _SendError) -> Outcome:
        now = self._clock()
        dead = failure.final or delivery.attempts + 1 >= MAX_ATTEMPTS
        wait = delay(delivery.attempts + 1, self._draw)
        if failure.wait is not None:
            wait = max(wait, min(failure.wait, LONGEST_WAIT))
        return Outcome(
            state="dead" if dead else "retry",
            at=now,
            next_attempt_at=None if dead else now + wait,
            http_status=failure.http_status,
            message=failure.message,
            halt=failure.halt,
        )

    def _to(self, target: Target, delivery: Delivery) -> tuple[int | None, str | None]:
        if isinstance(target, Webhook):
            return self._to_webhook(target, delivery)
        return self._to_wordpress(target, delivery)

    def _to_webhook(self, target: Webhook, delivery: Delivery) -> tuple[int, str | None]:
        body, timestamp = body_of(delivery), int(self._clock().timestamp())
        answer = self._ask(
            "POST",
            target.url,
            content=body,
            headers={
                "Content-Type": "application/json",
                "webhook-id": delivery.delivery_id,
                "webhook-timestamp": str(timestamp),
                "webhook-signature": sign(delivery.delivery_id, timestamp, body, target.secrets),
            },
        )
        if not answer.ok:
            # 410: the receiver wants no more of these. All else may pass.
            raise answer.failure(final=answer.status == 410)
        return answer.status, None

    def _to_wordpress(self, target: WordPress, delivery: Delivery) -> tuple[int | None, str | None]:
        act = target.act(delivery.status, delivery.reasons)
        if act is None:
            return None, "the target leaves such decisions alone"
        # An id that is no number could name another route of the site.
        if not (delivery.comment_id.isascii() and delivery.comment_id.isdigit()):
            raise _SendError("WordPress knows comments by number, and this is none", final=True)
        url = f"{target.url}/wp/v2/comments/{delivery.comment_id}"
        auth = httpx.BasicAuth(target.username, target.password)
        found = self._ask("GET", url, auth=auth, params={"context": "edit"})
        if not found.ok:
            raise found.failure(final=found.wordpress_final)
        now = found.field("status")
        if now == _reads_back(act):
            return found.status, "it was so already"
        if act == "trash":
            # Not status=trash: a site without a trash would delete for good, where
            # DELETE without force refuses (501).
            answer = self._ask("DELETE", url, auth=auth)
            if answer.status == 410:  # rest_already_trashed: somebody was faster
                return answer.status, "it was so already"
        else:
            # WordPress writes the caller's address and browser over the author's
            # in every update that does not state them (its ticket 64248).
            kept = {
                name: found.field(name)
                for name in ("author_ip", "author_user_agent")
                if found.field(name)
            }
            answer = self._ask("POST", url, auth=auth, json={"status": act, **kept})
        if not answer.ok:
            raise answer.failure(final=answer.wordpress_final)
        # WordPress answers 200 also where a plug-in kept the status from changing.
        if answer.field("status") != _reads_back(act):
            raise _SendError(
                f"WordPress answered, but the comment is {_clean(str(answer.field('status')))}",
                answer.status,
            )
        return answer.status, None

    def _ask(self, method: str, url: str, **how: Any) -> _Answer:
        with self._client.stream(method, url, **how) as response:
            # Raw, so that a small packed answer cannot unpack to a large one; and
            # with an end, since each byte that drips in begins the timeout anew.
            body, end = b"", time.monotonic() + LONGEST_ANSWER
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > MAX_ANSWER or time.monotonic() > end:
                    break
            return _Answer(response.status_code, response.headers, body[:MAX_ANSWER], self._clock())


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: httpx.Headers
    body: bytes
    at: datetime

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def wordpress_final(self) -> bool:
        """No such comment, nothing it could do with the request, or no trash to move it to."""
        gone = self.status == 404 and self.field("code") == "rest_comment_invalid_id"
        return gone or self.status in (400, 501)

    def field(self, name: str) -> Any:
        """A field of the JSON object, or null where there is none."""
        try:
            table = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None
        return table.get(name) if isinstance(table, dict) else None

    def failure(self, *, final: bool = False) -> _SendError:
        """What an answer other than 2xx means."""
        said = _clean(str(self.field("code") or self.field("message") or ""))
        message = f"HTTP {self.status}" + (f": {said}" if said else "")
        if 300 <= self.status < 400:
            where = _clean(self.headers.get("location", ""))
            message += f": it points to {where}, and redirects are not followed; mend the address"
        return _SendError(
            message,
            self.status,
            final=final,
            # Credentials or the address are wrong for every delivery alike, and a
            # server that is under load is left alone.
            halt=self.status in (401, 403, 410, 429, 502, 503, 504)
            or 300 <= self.status < 400
            or (self.status == 404 and not final),
            wait=_retry_after(self.headers.get("retry-after"), self.at),
        )


@dataclass(slots=True)
class Run:
    """What one run of the worker did."""

    delivered: int = 0
    retry: int = 0
    dead: int = 0
    halted: tuple[str, ...] = ()
    messages: list[str] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """Deliveries that were tried."""
        return self.delivered + self.retry + self.dead


def deliver(
    outbox: Outbox,
    sender: Sender,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    limit: int = 10_000,
    batch: int = 50,
) -> Run:
    """Send what is due, up to ``limit`` deliveries; record each outcome as it comes.

    A target that refuses the credentials, asks for patience, or does not
    answer is not asked again in this run; what waits for it stays due.
    """
    run, halted = Run(), set[str]()
    while run.sent < limit:
        found = outbox.due(clock(), min(batch, limit - run.sent), halted)
        for delivery in found:
            if delivery.target in halted:
                continue
            outcome = sender.send(delivery)
            outbox.settle(delivery, outcome)
            setattr(run, outcome.state, getattr(run, outcome.state) + 1)
            if outcome.halt or (outcome.state == "retry" and outcome.http_status is None):
                halted.add(delivery.target)
            if outcome.state != "delivered":
                run.messages.append(f"{delivery.target}, {delivery.comment_id}: {outcome.message}")
        if not found:
            break
    run.halted = tuple(sorted(halted))
    return run


def _reads_back(act: WordPressAct) -> str:
    return "approved" if act == "approve" else act


def _retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Seconds or a date; null where it is neither, or lies in the past."""
    if value is None:
        return None
    if value.strip().isdigit():
        return timedelta(seconds=min(int(value), 10**7))
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    wait = (when if when.tzinfo else when.replace(tzinfo=UTC)) - now
    return wait if wait > timedelta(0) else None


def _clean(text: str) -> str:
    """One short line without control signs: an answer is foreign text."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:MAX_MESSAGE].strip()
