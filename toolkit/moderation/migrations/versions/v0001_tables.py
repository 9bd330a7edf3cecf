"""The desk's tables, as they were first.

Long, since a migration must not change with the models: every column stands
here once more as it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from toolkit.moderation.migrations.log_guard import statements
from toolkit.moderation.migrations.reasons import REASONS
from toolkit.moderation.tables import Utc

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SMALL_KEY = sa.SmallInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make them, with the empty log and the first reasons."""
    op.create_table(
        "desk_account",
        sa.Column("id", KEY, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "role IN ('moderator', 'lead', 'admin', 'auditor')", name=op.f("ck_desk_account_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_desk_account_login")),
    )
    op.create_table(
        "desk_article",
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("thesis", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_desk_article")),
    )
    op.create_table(
        "desk_attribute",
        sa.Column("id", SMALL_KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_attribute")),
        sa.UniqueConstraint("name", name=op.f("uq_desk_attribute_name")),
    )
    op.create_table(
        "desk_event",
        sa.Column("seq", KEY, autoincrement=False, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("comment", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_desk_event")),
    )
    op.create_index("ix_desk_event_comment", "desk_event", ["comment", "seq"], unique=False)
    op.create_table(
        "desk_head",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_head")),
    )
    op.create_table(
        "desk_login_attempt",
        sa.Column("id", KEY, nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_login_attempt")),
    )
    op.create_index(
        "ix_desk_login_attempt_who_at", "desk_login_attempt", ["who", "at"], unique=False
    )
    op.create_table(
        "desk_model",
        sa.Column("id", SMALL_KEY, nullable=False),
        sa.Column("analyzer", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("added_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_model")),
        sa.UniqueConstraint("analyzer", "version", name=op.f("uq_desk_model_analyzer_version")),
    )
    op.create_table(
        "desk_reason",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_desk_reason")),
    )
    op.create_table(
        "desk_route",
        sa.Column("id", KEY, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_route")),
    )
    op.create_table(
        "desk_score",
        sa.Column("comment", KEY, autoincrement=False, nullable=False),
        sa.Column("attribute", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("model", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("comment", "attribute", "model", name=op.f("pk_desk_score")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_desk_score_value", "desk_score", ["attribute", "value", "comment"], unique=False
    )
    op.create_table(
        "desk_setting",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_desk_setting")),
    )
    op.create_table(
        "desk_target",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_target")),
    )
    op.create_table(
        "desk_batch",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("attribute", sa.Text(), nullable=False),
        sa.Column("lower", sa.Double(), nullable=False),
        sa.Column("upper", sa.Double(), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("undone", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"], ["desk_account.id"], name=op.f("fk_desk_batch_account")
        ),
        sa.ForeignKeyConstraint(["event"], ["desk_event.seq"], name=op.f("fk_desk_batch_event")),
        sa.ForeignKeyConstraint(["undone"], ["desk_event.seq"], name=op.f("fk_desk_batch_undone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_batch")),
    )
    op.create_table(
        "desk_comment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("comment_id", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("author_key", sa.Text(), nullable=True),
        sa.Column("author_name", sa.Text(), nullable=True),
        sa.Column("created_at", Utc(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("source_format", sa.Text(), nullable=False),
        sa.Column("source_status", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("text_sha256", sa.String(length=64), nullable=True),
        sa.Column("imported_at", Utc(), nullable=False),
        sa.Column("evidence", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("first_status", sa.String(length=16), nullable=False),
        sa.Column("highlighted", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "status IN ('NONE', 'APPROVED', 'REJECTED', 'PREMOD', 'SYSTEM_WITHHELD')",
            name=op.f("ck_desk_comment_status"),
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["desk_article.article_id"], name=op.f("fk_desk_comment_article_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_comment")),
        sa.UniqueConstraint(
            "article_id", "comment_id", name=op.f("uq_desk_comment_article_id_comment_id")
        ),
    )
    op.create_index(
        "ix_desk_comment_author", "desk_comment", ["author_key", "created_at"], unique=False
    )
    op.create_index("ix_desk_comment_comment_id", "desk_comment", ["comment_id"], unique=False)
    op.create_index(
        "ix_desk_comment_thread",
        "desk_comment",
        ["article_id", "parent_id", "position"],
        unique=False,
    )
    op.create_table(
        "desk_invitation",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("invited_by", KEY, nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("used_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["desk_account.id"], name=op.f("fk_desk_invitation_invited_by")
        ),
        sa.ForeignKeyConstraint(
            ["used_by"], ["desk_account.id"], name=op.f("fk_desk_invitation_used_by")
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_desk_invitation")),
    )
    op.create_table(
        "desk_login",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["desk_account.id"], name=op.f("fk_desk_login_account")
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_desk_login")),
    )
    op.create_index(op.f("ix_desk_login_account"), "desk_login", ["account"], unique=False)
    op.create_table(
        "desk_quantiles",
        sa.Column("attribute", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("model", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attribute"], ["desk_attribute.id"], name=op.f("fk_desk_quantiles_attribute")
        ),
        sa.ForeignKeyConstraint(["model"], ["desk_model.id"], name=op.f("fk_desk_quantiles_model")),
        sa.PrimaryKeyConstraint("attribute", "model", name=op.f("pk_desk_quantiles")),
    )
    op.create_table(
        "desk_rule",
        sa.Column("id", KEY, nullable=False),
        sa.Column("attribute", sa.Text(), nullable=False),
        sa.Column("lower", sa.Double(), nullable=False),
        sa.Column("upper", sa.Double(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("made_by", KEY, nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("enabled_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["enabled_by"], ["desk_account.id"], name=op.f("fk_desk_rule_enabled_by")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["desk_account.id"], name=op.f("fk_desk_rule_made_by")
        ),
        sa.ForeignKeyConstraint(["reason"], ["desk_reason.code"], name=op.f("fk_desk_rule_reason")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_rule")),
    )
    op.create_table(
        "desk_delivery",
        sa.Column("id", KEY, nullable=False),
        sa.Column("target", KEY, nullable=False),
        sa.Column("comment", KEY, nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("next_at", Utc(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("delivered_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment"], ["desk_comment.id"], name=op.f("fk_desk_delivery_comment")
        ),
        sa.ForeignKeyConstraint(["event"], ["desk_event.seq"], name=op.f("fk_desk_delivery_event")),
        sa.ForeignKeyConstraint(
            ["target"], ["desk_target.id"], name=op.f("fk_desk_delivery_target")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_delivery")),
        sa.UniqueConstraint(
            "target", "event", "comment", name=op.f("uq_desk_delivery_target_event_comment")
        ),
    )
    op.create_index(
        "ix_desk_delivery_due",
        "desk_delivery",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_table(
        "desk_earlier_text",
        sa.Column("id", KEY, nullable=False),
        sa.Column("comment", KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("replaced_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment"], ["desk_comment.id"], name=op.f("fk_desk_earlier_text_comment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_earlier_text")),
    )
    op.create_index(
        op.f("ix_desk_earlier_text_comment"), "desk_earlier_text", ["comment"], unique=False
    )
    op.create_table(
        "desk_item",
        sa.Column("id", KEY, nullable=False),
        sa.Column("comment", KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("risk", sa.Double(), nullable=False),
        sa.Column("stance", sa.Double(), nullable=True),
        sa.Column("waits_since", Utc(), nullable=False),
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("author_key", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("severe", sa.Boolean(), nullable=False),
        sa.Column("recommended", sa.String(length=16), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=True),
        sa.Column("selection", sa.String(length=8), nullable=False),
        sa.Column("second_wanted", sa.Boolean(), nullable=False),
        sa.Column("not_for", KEY, nullable=True),
        sa.Column("because", sa.BigInteger(), nullable=True),
        sa.Column("appeal", sa.BigInteger(), nullable=True),
        sa.Column("lease_by", KEY, nullable=True),
        sa.Column("lease_until", Utc(), nullable=True),
        sa.Column("leased_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment"], ["desk_comment.id"], name=op.f("fk_desk_item_comment")
        ),
        sa.ForeignKeyConstraint(
            ["lease_by"], ["desk_account.id"], name=op.f("fk_desk_item_lease_by")
        ),
        sa.ForeignKeyConstraint(
            ["not_for"], ["desk_account.id"], name=op.f("fk_desk_item_not_for")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_item")),
    )
    op.create_index(
        "ix_desk_item_age",
        "desk_item",
        ["queue", "waits_since", "id"],
        unique=False,
        sqlite_where=sa.text("waiting"),
        postgresql_where=sa.text("waiting"),
    )
    op.create_index(
        "ix_desk_item_article",
        "desk_item",
        ["article_id", "risk", "id"],
        unique=False,
        sqlite_where=sa.text("waiting"),
        postgresql_where=sa.text("waiting"),
    )
    op.create_index(
        "ix_desk_item_author",
        "desk_item",
        ["author_key"],
        unique=False,
        sqlite_where=sa.text("waiting"),
        postgresql_where=sa.text("waiting"),
    )
    op.create_index("ix_desk_item_comment", "desk_item", ["comment", "kind"], unique=False)
    op.create_index(
        "ix_desk_item_lease",
        "desk_item",
        ["lease_by"],
        unique=False,
        sqlite_where=sa.text("lease_by IS NOT NULL"),
        postgresql_where=sa.text("lease_by IS NOT NULL"),
    )
    op.create_index(
        "ix_desk_item_risk",
        "desk_item",
        ["queue", "risk", "id"],
        unique=False,
        sqlite_where=sa.text("waiting"),
        postgresql_where=sa.text("waiting"),
    )
    op.create_index(
        "ix_desk_item_sample",
        "desk_item",
        ["queue", "id"],
        unique=False,
        sqlite_where=sa.text("waiting AND selection = 'random'"),
        postgresql_where=sa.text("waiting AND selection = 'random'"),
    )
    op.create_index(
        "ix_desk_item_stance",
        "desk_item",
        ["queue", "stance", "id"],
        unique=False,
        sqlite_where=sa.text("waiting"),
        postgresql_where=sa.text("waiting"),
    )
    op.create_table(
        "desk_span_label",
        sa.Column("id", KEY, nullable=False),
        sa.Column("comment", KEY, nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("analyzer", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=True),
        sa.Column("labelled_at", Utc(), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("undone", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"], ["desk_account.id"], name=op.f("fk_desk_span_label_account")
        ),
        sa.ForeignKeyConstraint(
            ["comment"], ["desk_comment.id"], name=op.f("fk_desk_span_label_comment")
        ),
        sa.ForeignKeyConstraint(
            ["event"], ["desk_event.seq"], name=op.f("fk_desk_span_label_event")
        ),
        sa.ForeignKeyConstraint(
            ["undone"], ["desk_event.seq"], name=op.f("fk_desk_span_label_undone")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_span_label")),
    )
    op.create_index("ix_desk_span_label_comment", "desk_span_label", ["comment"], unique=False)
    op.create_table(
        "desk_decision",
        sa.Column("id", KEY, nullable=False),
        sa.Column("comment", KEY, nullable=False),
        sa.Column("item", KEY, nullable=True),
        sa.Column("round", sa.String(length=16), nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("selection", sa.String(length=8), nullable=False),
        sa.Column("recommended", sa.String(length=16), nullable=True),
        sa.Column("decided_at", Utc(), nullable=False),
        sa.Column("batch", KEY, nullable=True),
        sa.Column("auto_rule", KEY, nullable=True),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("undone", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "act IN ('approve', 'reject', 'escalate', 'highlight')",
            name=op.f("ck_desk_decision_act"),
        ),
        sa.ForeignKeyConstraint(
            ["account"], ["desk_account.id"], name=op.f("fk_desk_decision_account")
        ),
        sa.ForeignKeyConstraint(
            ["auto_rule"], ["desk_rule.id"], name=op.f("fk_desk_decision_auto_rule")
        ),
        sa.ForeignKeyConstraint(["batch"], ["desk_batch.id"], name=op.f("fk_desk_decision_batch")),
        sa.ForeignKeyConstraint(
            ["comment"], ["desk_comment.id"], name=op.f("fk_desk_decision_comment")
        ),
        sa.ForeignKeyConstraint(["event"], ["desk_event.seq"], name=op.f("fk_desk_decision_event")),
        sa.ForeignKeyConstraint(["item"], ["desk_item.id"], name=op.f("fk_desk_decision_item")),
        sa.ForeignKeyConstraint(
            ["reason"], ["desk_reason.code"], name=op.f("fk_desk_decision_reason")
        ),
        sa.ForeignKeyConstraint(
            ["undone"], ["desk_event.seq"], name=op.f("fk_desk_decision_undone")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_decision")),
    )
    op.create_index("ix_desk_decision_account", "desk_decision", ["account", "id"], unique=False)
    op.create_index("ix_desk_decision_at", "desk_decision", ["decided_at"], unique=False)
    op.create_index("ix_desk_decision_batch", "desk_decision", ["batch"], unique=False)
    op.create_index("ix_desk_decision_comment", "desk_decision", ["comment", "id"], unique=False)
    op.create_table(
        "desk_appeal",
        sa.Column("id", KEY, nullable=False),
        sa.Column("decision", KEY, nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("stated_at", Utc(), nullable=False),
        sa.Column("answered_by", KEY, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("answered_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["desk_account.id"], name=op.f("fk_desk_appeal_answered_by")
        ),
        sa.ForeignKeyConstraint(
            ["decision"], ["desk_decision.id"], name=op.f("fk_desk_appeal_decision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_appeal")),
        sa.UniqueConstraint("decision", name=op.f("uq_desk_appeal_decision")),
    )
    head = sa.table("desk_head", sa.column("id"), sa.column("seq"), sa.column("hash"))
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": "0" * 64}])
    op.bulk_insert(
        sa.table("desk_reason", *(sa.column(name) for name in REASONS[0])), list(REASONS)
    )
    for statement in statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Refused: going back would drop the log."""
    raise NotImplementedError("the desk's tables are not dropped; restore a backup instead")
