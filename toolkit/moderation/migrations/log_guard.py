"""Triggers that refuse to change or remove an event, in both databases' languages."""

from __future__ import annotations

from typing import Final

_SQLITE: Final = [
    f"CREATE TRIGGER desk_event_no_{verb.lower()} BEFORE {verb} ON desk_event "
    "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
    for verb in ("UPDATE", "DELETE")
]
_POSTGRESQL: Final = [
    "CREATE FUNCTION desk_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$",
    "CREATE TRIGGER desk_event_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON desk_event "
    "FOR EACH STATEMENT EXECUTE FUNCTION desk_event_refuse()",
]


def statements(dialect: str) -> list[str]:
    """The statements that guard ``desk_event``."""
    return _SQLITE if dialect == "sqlite" else _POSTGRESQL
