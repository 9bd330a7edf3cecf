"""The desk's database: opened, migrated, and written in transactions that hold.

SQLite (WAL) needs no server and is enough for a small team; PostgreSQL is for
larger ones. Both run the same statements. A writing transaction begins with
``BEGIN IMMEDIATE`` on SQLite, so that two never meet in the middle; on
PostgreSQL rows are locked (``FOR UPDATE``).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import orjson

from toolkit.errors import MissingExtraError, SettingsError

try:
    from sqlalchemy import Connection, Engine, create_engine, event, text
    from sqlalchemy.engine import URL, make_url
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
    from sqlalchemy.orm import Session as Session  # also for who writes in its transactions
except ImportError as error:  # pragma: no cover - the extra is there in development
    raise MissingExtraError(
        f"the desk needs {error.name}",
        next_step="Install it: pip install 'comment-toolkit[desk]'.",
    ) from error

Result = TypeVar("Result")
Clock = Callable[[], datetime]

#: Seconds that a writer waits for another one.
BUSY_SECONDS: Final = 30
#: How often a transaction that the database broke off is tried again.
ATTEMPTS: Final = 5
#: An arbitrary number that names the migrations' lock in PostgreSQL.
_MIGRATION_LOCK: Final = 0x6465736B
#: Deadlock, serialization failure.
_TRY_AGAIN: Final = {"40P01", "40001"}


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


class Store:
    """A database with the desk's tables. ``clock`` tells the time of all that is written."""

    def __init__(self, engine: Engine, *, clock: Clock = now) -> None:
        self.engine = engine
        self.clock = clock
        # SQLite lets writers wait by sleeping ever longer; within a process a lock hands
        # over at once. Writers of other processes wait at SQLite's own.
        self._one_writer = threading.Lock() if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        """Whether there is one writer at a time."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session to read from; nothing that is changed in it is kept."""
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            try:
                yield session
            finally:
                # What was read can be looked at afterwards; a rollback would empty it.
                session.expunge_all()
                session.rollback()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction: all of it is kept when the block ends well, else nothing."""
        lock = self._one_writer
        mine = lock is not None and lock.acquire(timeout=BUSY_SECONDS)
        try:
            with (
                self.engine.connect().execution_options(immediate=True) as connection,
                Session(connection, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session
        finally:
            if lock is not None and mine:
                lock.release()

    def transact(self, work: Callable[[Session], Result]) -> Result:
        """``work`` in a transaction, again where the database broke it off (a deadlock).

        ``work`` must do nothing but use the session.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self.write() as session:
                    return work(session)
            except DBAPIError as error:
                if attempt == ATTEMPTS or getattr(error.orig, "sqlstate", None) not in _TRY_AGAIN:
                    raise
                time.sleep(random.uniform(0, 0.05 * attempt))  # noqa: S311
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_store(url: str | Path, *, clock: Clock = now, pool_size: int = 20) -> Store:
    """Open ``url`` and bring its tables to this version.

    ``url`` is a path of a SQLite file (made where it is missing), or
    ``postgresql://user@host/name``.

    Raises SettingsError for an address that is none or that nobody answers at,
    MissingExtraError where the driver is not installed.
    """
    found = database_url(url)
    engine = _engine(found, pool_size)
    try:
        migrate(engine)
    except OperationalError as error:
        raise SettingsError(
            f"the database {found.render_as_string(hide_password=True)} cannot be opened: "
            f"{str(error.orig).strip()}",
            next_step="Look at the address, and whether the server runs.",
        ) from error
    return Store(engine, clock=clock)


def database_url(url: str | Path) -> URL:
    """A path or an address -> SQLAlchemy's URL. Raises SettingsError."""
    if isinstance(url, Path) or "://" not in url:
        return URL.create("sqlite", database=str(url))
    try:
        found = make_url(url)
    except ArgumentError as error:
        raise _unknown(url) from error
    if found.drivername in ("postgresql", "postgres"):
        found = found.set(drivername="postgresql+psycopg")
    if found.drivername not in ("sqlite", "postgresql+psycopg"):
        raise _unknown(url)
    return found


def _unknown(url: str) -> SettingsError:
    return SettingsError(
        f"{url.partition('@')[0]!r} is no database that the desk knows",
        next_step="Give the path of a SQLite file, or postgresql://USER@HOST/NAME.",
    )


def _engine(url: URL, pool_size: int) -> Engine:
    if url.drivername == "sqlite":
        engine = create_engine(
            url,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
            json_deserializer=_json,
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return create_engine(url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True)
    except (ImportError, NoSuchModuleError) as error:
        raise MissingExtraError(
            "PostgreSQL needs psycopg",
            next_step="Install it: pip install 'comment-toolkit[desk]'.",
        ) from error


def _json(value: Any) -> Any:
    # SQLite makes a number of a text that is one.
    return orjson.loads(value) if isinstance(value, (str, bytes)) else value


def _set_up_sqlite(connection: Any, _: Any) -> None:
    # SQLAlchemy's recipe: the driver must not begin transactions by itself.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # A decision that was answered must outlive a power cut, not only a crash.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA cache_size=-65536")
    cursor.execute("PRAGMA temp_store=MEMORY")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def migrate(engine: Engine) -> None:
    """Bring the tables to this version; several processes may do so at once."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "toolkit.moderation:migrations")
    config.set_main_option("path_separator", "os")
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
