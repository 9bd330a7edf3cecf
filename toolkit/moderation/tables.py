"""The desk's tables: what is stored, and what may never change again.

Comments and their scores come in by intake. An *item* is one task for one
person: the first look at a comment, a blind second look, an escalated comment,
an appeal. What people do is a *decision* (or a span label), and each is also
an *event* in an append-only log, in the same transaction. The tables are what
the log says, made quick to ask; nothing is deleted by a decision.

Times are UTC in microseconds. Names of tables begin with ``desk_``, so that
they can share a database with a site's own.

Longer than most modules: the tables refer to each other by key, and whoever
reads one needs its neighbours.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar, Final, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Role = Literal["moderator", "lead", "admin", "auditor"]
#: Coral's vocabulary, as in :class:`toolkit.records.Decision`.
Status = Literal["NONE", "APPROVED", "REJECTED", "PREMOD", "SYSTEM_WITHHELD"]
#: ``first`` look, blind ``second`` look, ``escalated`` to a lead, ``appeal`` of an author.
ItemKind = Literal["first", "second", "escalated", "appeal"]
Act = Literal["approve", "reject", "escalate", "highlight", "label"]
#: How a comment came before a moderator; see :mod:`toolkit.moderation.evaluation`.
Selection = Literal["random", "queue"]

STATUSES: Final = ("NONE", "APPROVED", "REJECTED", "PREMOD", "SYSTEM_WITHHELD")
ROLES: Final = ("moderator", "lead", "admin", "auditor")
ACTS: Final = ("approve", "reject", "escalate", "highlight")


class Utc(TypeDecorator[datetime]):
    """An aware UTC time; SQLite, which has no zones, keeps it as UTC without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC. Raises ValueError for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """With the zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: SQLite counts up by itself only where the key is a plain INTEGER.
Key = BigInteger().with_variant(Integer(), "sqlite")


#: A key of few rows that stands in many.
SmallKey = SmallInteger().with_variant(Integer(), "sqlite")


def _partial(name: str, *columns: str, where: str) -> Index:
    condition = text(where)
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


class Base(DeclarativeBase):
    """Names constraints alike on both databases, so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: Utc(),
        str: Text(),
        float: Double(),
        int: BigInteger(),
        dict[str, Any]: JSON(),
    }


class Article(Base):
    """What comments stand under."""

    __tablename__ = "desk_article"

    article_id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str | None]
    title: Mapped[str | None]
    text: Mapped[str | None]
    #: The article's claim, one sentence a line.
    thesis: Mapped[str | None]


class Comment(Base):
    """A comment as it came in, with where its moderation stands."""

    __tablename__ = "desk_comment"
    __table_args__ = (
        UniqueConstraint("article_id", "comment_id"),
        Index("ix_desk_comment_comment_id", "comment_id"),
        Index("ix_desk_comment_thread", "article_id", "parent_id", "position"),
        Index("ix_desk_comment_author", "author_key", "created_at"),
        CheckConstraint(f"status IN {STATUSES}", name="status"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    comment_id: Mapped[str]
    article_id: Mapped[str] = mapped_column(ForeignKey("desk_article.article_id"))
    parent_id: Mapped[str | None]
    #: What the site tells authors apart by: the id, else the handle, else the name.
    author_key: Mapped[str | None]
    author_name: Mapped[str | None]
    created_at: Mapped[datetime | None]
    #: Null where the source has none (deleted, removed).
    text: Mapped[str | None]
    depth: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(BigInteger)
    source_format: Mapped[str]
    source_status: Mapped[str]
    language: Mapped[str | None]
    #: SHA-256 of the text, to tell an edited comment from the same one again.
    text_sha256: Mapped[str | None] = mapped_column(String(64))
    imported_at: Mapped[datetime]
    #: Spans behind the scores, as dicts of :class:`toolkit.records.Evidence`.
    evidence: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    #: Coral's word for where it stands now.
    status: Mapped[str] = mapped_column(String(16))
    #: ``status`` as it came in: what is left when all decisions are undone.
    first_status: Mapped[str] = mapped_column(String(16))
    highlighted: Mapped[bool]


class EarlierText(Base):
    """The text of a comment before its author changed it."""

    __tablename__ = "desk_earlier_text"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    comment: Mapped[int] = mapped_column(ForeignKey("desk_comment.id"), index=True)
    text: Mapped[str | None]
    replaced_at: Mapped[datetime]


class Model(Base):
    """An analyzer and the version whose numbers are stored."""

    __tablename__ = "desk_model"
    __table_args__ = (UniqueConstraint("analyzer", "version"),)

    id: Mapped[int] = mapped_column(SmallKey, primary_key=True)
    analyzer: Mapped[str]
    #: ``unknown`` where the source of the numbers does not say.
    version: Mapped[str]
    added_at: Mapped[datetime]


class Attribute(Base):
    """A column of results, such as ``toxicity__insult``: a small key for a long name."""

    __tablename__ = "desk_attribute"

    id: Mapped[int] = mapped_column(SmallKey, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Score(Base):
    """A number of a comment by one version of a model. Unknown has no row.

    Counts of markers (``rhetoric__name_calling``) are kept where they are not 0.
    """

    __tablename__ = "desk_score"
    __table_args__ = (
        Index("ix_desk_score_value", "attribute", "value", "comment"),
        {"sqlite_with_rowid": False},
    )

    # Without foreign keys: millions of rows are written at once, by intake alone.
    comment: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    attribute: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    model: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    value: Mapped[float]


class Quantiles(Base):
    """101 quantiles of an attribute and model version over the site's own comments."""

    __tablename__ = "desk_quantiles"

    attribute: Mapped[int] = mapped_column(
        SmallInteger, ForeignKey("desk_attribute.id"), primary_key=True, autoincrement=False
    )
    model: Mapped[int] = mapped_column(
        SmallInteger, ForeignKey("desk_model.id"), primary_key=True, autoincrement=False
    )
    points: Mapped[list[float]] = mapped_column(JSON)
    count: Mapped[int]


class Account(Base):
    """A person who works here. Never deleted: the log names them."""

    __tablename__ = "desk_account"
    __table_args__ = (CheckConstraint(f"role IN {ROLES}", name="role"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    #: In lower case, unique.
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    #: argon2id, PHC string.
    password: Mapped[str]
    active: Mapped[bool]
    created_at: Mapped[datetime]
    #: ``blur`` (bool), ``queue``, ``order`` and the like.
    settings: Mapped[dict[str, Any]]


class Login(Base):
    """A server-side session. Only hashes of its tokens are stored."""

    __tablename__ = "desk_login"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[int] = mapped_column(ForeignKey("desk_account.id"), index=True)
    csrf: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class LoginAttempt(Base):
    """A failed attempt, for the rate limit. ``who`` is a hash of login name or address."""

    __tablename__ = "desk_login_attempt"
    __table_args__ = (Index("ix_desk_login_attempt_who_at", "who", "at"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    who: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class Invitation(Base):
    """A link that makes an account once."""

    __tablename__ = "desk_invitation"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("desk_account.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_by: Mapped[int | None] = mapped_column(ForeignKey("desk_account.id"))


class Item(Base):
    """A task for one person, with what the queue sorts and filters by."""

    __tablename__ = "desk_item"
    __table_args__ = (
        _partial("ix_desk_item_risk", "queue", "risk", "id", where="waiting"),
        _partial("ix_desk_item_age", "queue", "waits_since", "id", where="waiting"),
        _partial("ix_desk_item_stance", "queue", "stance", "id", where="waiting"),
        _partial("ix_desk_item_article", "article_id", "risk", "id", where="waiting"),
        _partial("ix_desk_item_sample", "queue", "id", where="waiting AND selection = 'random'"),
        _partial("ix_desk_item_author", "author_key", where="waiting"),
        Index("ix_desk_item_comment", "comment", "kind"),
        # Leases that run are few; this finds a person's own at once.
        _partial("ix_desk_item_lease", "lease_by", where="lease_by IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    comment: Mapped[int] = mapped_column(ForeignKey("desk_comment.id"))
    kind: Mapped[str] = mapped_column(String(16))
    queue: Mapped[str]
    waiting: Mapped[bool]
    #: In [0, 1], higher comes first; where nothing could be measured, the middle.
    risk: Mapped[float]
    #: Alignment with the article's thesis in [-1, 1]; null where unknown.
    stance: Mapped[float | None]
    waits_since: Mapped[datetime]
    article_id: Mapped[str]
    author_key: Mapped[str | None]
    language: Mapped[str | None]
    #: Counted by the hourly limit.
    severe: Mapped[bool]
    #: The policy's recommendation and the rule that gave it.
    recommended: Mapped[str | None] = mapped_column(String(16))
    rule: Mapped[str | None]
    policy_version: Mapped[str | None]
    selection: Mapped[str] = mapped_column(String(8))
    #: Drawn, before anyone looked, for a blind second look.
    second_wanted: Mapped[bool]
    #: Who must not get it: the person who decided first, or whom an appeal is about.
    not_for: Mapped[int | None] = mapped_column(ForeignKey("desk_account.id"))
    #: The decision that called for it: a second look, an escalation. ``desk_decision.id``.
    because: Mapped[int | None] = mapped_column(BigInteger)
    #: ``desk_appeal.id`` of an appeal's item.
    appeal: Mapped[int | None] = mapped_column(BigInteger)
    lease_by: Mapped[int | None] = mapped_column(ForeignKey("desk_account.id"))
    lease_until: Mapped[datetime | None]
    #: When the lease's holder got it: the decision's seconds count from here.
    leased_at: Mapped[datetime | None]


class Decision(Base):
    """What a person (or an auto rule) decided. Undone ones stay, marked."""

    __tablename__ = "desk_decision"
    __table_args__ = (
        Index("ix_desk_decision_comment", "comment", "id"),
        Index("ix_desk_decision_account", "account", "id"),
        Index("ix_desk_decision_batch", "batch"),
        Index("ix_desk_decision_at", "decided_at"),
        CheckConstraint("act IN ('approve', 'reject', 'escalate', 'highlight')", name="act"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    comment: Mapped[int] = mapped_column(ForeignKey("desk_comment.id"))
    item: Mapped[int | None] = mapped_column(ForeignKey("desk_item.id"))
    #: The kind of its item: ``first``, ``second``, ``escalated``, ``appeal``; or
    #: ``bulk``, ``rule``. A blind second look (``second``) does not change the status.
    round: Mapped[str] = mapped_column(String(16))
    #: Who is answerable; for a rule, the person who switched it on.
    account: Mapped[int] = mapped_column(ForeignKey("desk_account.id"))
    act: Mapped[str] = mapped_column(String(16))
    #: A code of ``desk_reason``; each rejection has one.
    reason: Mapped[str | None] = mapped_column(ForeignKey("desk_reason.code"))
    note: Mapped[str | None]
    #: The comment's status after it; null where it does not change the status.
    status: Mapped[str | None] = mapped_column(String(16))
    #: From the card being shown to the decision; null for bulk and rules.
    seconds: Mapped[float | None]
    selection: Mapped[str] = mapped_column(String(8))
    recommended: Mapped[str | None] = mapped_column(String(16))
    decided_at: Mapped[datetime]
    #: Decisions of one bulk act share it.
    batch: Mapped[int | None] = mapped_column(ForeignKey("desk_batch.id"))
    auto_rule: Mapped[int | None] = mapped_column(ForeignKey("desk_rule.id"))
    event: Mapped[int] = mapped_column(BigInteger, ForeignKey("desk_event.seq"))
    #: The event that took it back; null while it stands.
    undone: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("desk_event.seq"))


class SpanLabel(Base):
    """A person confirmed or denied what a span is said to be: labelled data."""

    __tablename__ = "desk_span_label"
    __table_args__ = (Index("ix_desk_span_label_comment", "comment"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    comment: Mapped[int] = mapped_column(ForeignKey("desk_comment.id"))
    account: Mapped[int] = mapped_column(ForeignKey("desk_account.id"))
    analyzer: Mapped[str]
    label: Mapped[str]
    #: Code points of the comment's text, end exclusive.
    start: Mapped[int]
    end: Mapped[int]
    confirmed: Mapped[bool]
    model_version: Mapped[str | None]
    labelled_at: Mapped[datetime]
    event: Mapped[int] = mapped_column(BigInteger, ForeignKey("desk_event.seq"))
    undone: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("desk_event.seq"))


class Reason(Base):
    """An entry of the policy page. Retired, not deleted: old decisions name it."""

    __tablename__ = "desk_reason"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str]
    description: Mapped[str]
    position: Mapped[int]
    active: Mapped[bool]


class Rule(Base):
    """An auto rule ``{attribute, lower, upper, action}``; off until a lead switches it on."""

    __tablename__ = "desk_rule"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    attribute: Mapped[str]
    #: Inclusive bounds.
    lower: Mapped[float]
    upper: Mapped[float]
    action: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(ForeignKey("desk_reason.code"))
    made_by: Mapped[int] = mapped_column(ForeignKey("desk_account.id"))
    made_at: Mapped[datetime]
    #: Null while it is off.
    enabled_by: Mapped[int | None] = mapped_column(ForeignKey("desk_account.id"))


class Route(Base):
    """``{when, queue}``: the first whose conditions all hold names the queue."""

    __tablename__ = "desk_route"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    position: Mapped[int]
    #: Conditions: ``{"column", "lower", "upper", "when_null", "equals"}`` each.
    conditions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    queue: Mapped[str]


class Batch(Base):
    """One bulk act over a range of scores."""

    __tablename__ = "desk_batch"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account: Mapped[int] = mapped_column(ForeignKey("desk_account.id"))
    attribute: Mapped[str]
    lower: Mapped[float]
    upper: Mapped[float]
    act: Mapped[str] = mapped_column(String(16))
    count: Mapped[int]
    made_at: Mapped[datetime]
    event: Mapped[int] = mapped_column(BigInteger, ForeignKey("desk_event.seq"))
    undone: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("desk_event.seq"))


class Appeal(Base):
    """An author's statement against a decision, and the written answer."""

    __tablename__ = "desk_appeal"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    #: One appeal a decision.
    decision: Mapped[int] = mapped_column(ForeignKey("desk_decision.id"), unique=True)
    statement: Mapped[str]
    stated_at: Mapped[datetime]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("desk_account.id"))
    answer: Mapped[str | None]
    #: ``upheld`` or ``overturned``; null while it is open.
    outcome: Mapped[str | None] = mapped_column(String(16))
    answered_at: Mapped[datetime | None]


class Event(Base):
    """The log. Append-only (triggers refuse UPDATE and DELETE), without gaps."""

    __tablename__ = "desk_event"
    __table_args__ = (Index("ix_desk_event_comment", "comment", "seq"),)

    #: 1, 2, 3, ... without gaps.
    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    #: Null where no person acted.
    account: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(32))
    comment: Mapped[int | None] = mapped_column(BigInteger)
    #: Canonical JSON, hashed as these very characters.
    body: Mapped[str]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Head(Base):
    """One row: the log's last event. Locked by whoever appends."""

    __tablename__ = "desk_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class Setting(Base):
    """A setting of the whole desk; the value is JSON."""

    __tablename__ = "desk_setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class Target(Base):
    """Where decisions are written back to."""

    __tablename__ = "desk_target"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    #: ``webhook`` or ``wordpress``.
    kind: Mapped[str] = mapped_column(String(16))
    url: Mapped[str]
    #: The signing secret, or the application password.
    secret: Mapped[str]
    settings: Mapped[dict[str, Any]]
    active: Mapped[bool]


class Delivery(Base):
    """The outbox: a row for each target and decision (or undo), in its transaction."""

    __tablename__ = "desk_delivery"
    __table_args__ = (
        UniqueConstraint("target", "event", "comment"),
        _partial("ix_desk_delivery_due", "next_at", where="next_at IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    target: Mapped[int] = mapped_column(ForeignKey("desk_target.id"))
    #: The comment whose status is to be told, and the event that set it.
    comment: Mapped[int] = mapped_column(ForeignKey("desk_comment.id"))
    event: Mapped[int] = mapped_column(BigInteger, ForeignKey("desk_event.seq"))
    status: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int]
    #: Null once it is delivered or given up.
    next_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
