"""Alembic's migrations of the desk's tables; run by :func:`toolkit.moderation.store.migrate`."""
