"""A desk on each database: SQLite, and a real PostgreSQL that lives as long as the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import polars as pl
import pytest
from desk_browser import PASSWORD, Browser
from desk_frames import rows
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine, insert, text

from toolkit.moderation import accounts
from toolkit.moderation.events import GENESIS
from toolkit.moderation.intake import import_comments
from toolkit.moderation.migrations.log_guard import statements
from toolkit.moderation.migrations.reasons import REASONS
from toolkit.moderation.store import Store, open_store
from toolkit.moderation.tables import Base, Head, Reason
from toolkit.web.desk import create_desk
from toolkit.web.keys import KeyRing


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


def _binaries() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    return folders[-1] if folders else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a cluster of our own, without a port that others could reach."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (scripts/check installs it)")
    # Its socket's path must be short, and the server does not run as root.
    folder = Path(tempfile.mkdtemp(prefix="desk-pg-", dir="/tmp"))
    as_user: list[str] = []
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]

    def run(*command: str) -> None:
        subprocess.run([*as_user, *command], check=True, capture_output=True, cwd=folder)

    data = folder / "data"
    run(str(binaries / "initdb"), "-D", str(data), "-U", "desk", "-A", "trust", "-E", "UTF8",
        "--locale=C.UTF-8", "--no-sync")  # fmt: skip
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=200"
    run(str(binaries / "pg_ctl"), "-D", str(data), "-w", "-o", options, "-l",
        str(folder / "log"), "start")  # fmt: skip
    try:
        yield f"postgresql+psycopg://desk@/postgres?host={folder}"
    finally:
        run(str(binaries / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_desk(postgresql: str) -> Iterator[Engine]:
    """One database with the tables; making one for each test would take seconds."""
    open_store(postgresql).close()
    engine = create_engine(postgresql)
    yield engine
    engine.dispose()


def _empty(engine: Engine) -> None:
    """As after the migrations, whatever a test did (tampering included)."""
    names = ", ".join(table.name for table in Base.metadata.sorted_tables)
    with engine.begin() as connection:
        connection.execute(text("DROP FUNCTION desk_event_refuse() CASCADE"))
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
        connection.execute(insert(Head).values(id=1, seq=0, hash=GENESIS))
        connection.execute(insert(Reason), list(REASONS))
        for statement in statements("postgresql"):
            connection.execute(text(statement))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("desk") / "template.db"
    store = open_store(path)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path
) -> Iterator[str]:
    """The address of an empty desk."""
    if request.param == "sqlite":
        path = tmp_path / "desk.db"
        shutil.copy(sqlite_template, path)
        yield str(path)
        return
    engine = request.getfixturevalue("postgresql_desk")
    _empty(engine)
    yield engine.url.render_as_string(hide_password=False)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(database: str, clock: Clock) -> Iterator[Store]:
    opened = open_store(database, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def fill(store: Store) -> Callable[..., None]:
    """Put comments before the moderators."""

    def put(number: int = 10, **options: object) -> None:
        import_comments(store, rows(number, **options), versions={"toxicity": "t-1"}, source="test")  # type: ignore[arg-type]

    return put


@pytest.fixture
def people(store: Store) -> dict[str, accounts.Account]:
    """ana and bo (moderators), lea (lead), adam (admin), aud (auditor); one password for all."""
    wanted = {
        "ana": "moderator",
        "bo": "moderator",
        "lea": "lead",
        "adam": "admin",
        "aud": "auditor",
    }
    hashed = _hash_once()
    found: dict[str, accounts.Account] = {}
    with store.write() as session:
        for login, role in wanted.items():
            account = accounts.Account(
                login=login, name=login.title(), role=role, password=hashed,
                active=True, created_at=store.clock(), settings={},
            )  # fmt: skip
            session.add(account)
            found[login] = account
    return found


_hashed: list[str] = []


def _hash_once() -> str:
    if not _hashed:
        _hashed.append(accounts.hashed(PASSWORD))
    return _hashed[0]


class _Desk:
    """One application for all tests: making it takes longer than most of them."""

    app: FastAPI | None = None


@pytest.fixture
def served(store: Store) -> FastAPI:
    """The desk under ``/desk``, without the rest of the server."""
    if _Desk.app is None:
        _Desk.app = create_desk(store)
    _Desk.app.state.store = store
    _Desk.app.state.keys = KeyRing()
    _Desk.app.state.figures = {}
    app = FastAPI()
    app.mount("/desk", _Desk.app)
    return app


@pytest.fixture
def anybody(served: FastAPI) -> Browser:
    return Browser(TestClient(served, base_url="https://desk.example"))


def _signed_in(login: str) -> object:
    @pytest.fixture(name=login)
    def browser(served: FastAPI, store: Store, people: dict[str, accounts.Account]) -> Browser:
        found = Browser(TestClient(served, base_url="https://desk.example"))
        with store.write() as session:
            session_of = accounts.begin(session, store.clock(), people[login])
        found.client.cookies.set("desk_session", session_of.token)
        found.csrf = session_of.csrf
        return found

    return browser


ana, bo, lea, adam, aud = (_signed_in(login) for login in ("ana", "bo", "lea", "adam", "aud"))


@pytest.fixture
def one(store: Store) -> Callable[..., None]:
    """Put one comment of this text before the moderators."""

    def put(text: str, evidence: list[dict[str, object]], *, author: str = "Ina") -> None:
        frame = pl.DataFrame(
            {
                "comment_id": ["c1"],
                "article_id": ["a1"],
                "text": [text],
                "author_name": [author],
                "toxicity__toxicity": [0.9],
                "evidence": [orjson.dumps(evidence).decode()],
            }
        )
        import_comments(store, frame, versions={}, source="test")

    return put
