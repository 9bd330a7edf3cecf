"""Runs migrations on the connection that the store hands over."""

from __future__ import annotations

from alembic import context

from toolkit.moderation.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
