"""Starting and restarting: a demo and a live service never touch each other's residents."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import text

from bot import logs
from bot.app import joined, open_samples
from bot.conversation import Address
from bot.errors import OperatorError
from bot.model import Concern
from bot.services.teams import Change
from bot.settings import Settings
from bot.store.database import Database
from bot.store.migrations import upgrade
from tests.resident import Resident

SOMEBODY = Address("test", "4815162342")

Start = Callable[..., Settings]


@pytest.fixture
def start(tmp_path: Path, database_url: str) -> Start:
    """The settings of one start on the same folder and database as the others."""

    def settings(**chosen: Any) -> Settings:
        return Settings(
            _env_file=None,  # type: ignore[call-arg]  # mypy knows fields only
            data_dir=tmp_path / "var",
            database_url=database_url,
            secrets_file=tmp_path / "secrets.toml",
            **chosen,
        )

    return settings


@pytest.fixture(autouse=True)
def quiet_logs() -> Any:
    yield
    logs.reset()
    structlog.reset_defaults()


async def follow(settings: Settings) -> None:
    async with joined(settings) as beatline:
        resident = Resident(beatline.dispatcher, beatline.catalogs, SOMEBODY)
        await resident.says("/start")
        await resident.presses("English")
        await resident.says("/follow RG1 1AF")
        resident.reads("You now follow")


async def followed(settings: Settings) -> int:
    async with joined(settings) as beatline:
        known = await beatline.services.residents.find(SOMEBODY)
        return len(await beatline.services.places.of(known)) if known else 0


async def test_what_is_followed_outlives_a_restart(start: Start) -> None:
    await follow(start(demo=False))
    assert await followed(start(demo=False)) == 1


async def test_the_first_live_start_erases_the_residents_of_a_demo(start: Start) -> None:
    await follow(start(demo=True))
    assert await followed(start(demo=False)) == 0


async def test_the_first_live_start_erases_the_concerns_of_a_demo_and_its_sample_team(
    start: Start,
) -> None:
    async with joined(start(demo=True)) as beatline:
        services = beatline.services
        code = await services.concerns.send(Concern(text="Only trying", language="en_GB"))
        await services.concerns.hold_back(b"Only trying", "sender")
    for demo, there in ((True, True), (False, False)):
        async with joined(start(demo=demo)) as beatline:
            services = beatline.services
            assert (await services.concerns.look(code) is not None) is there
            assert bool(await services.concerns.quarantined()) is there
            assert (await services.teams.for_area(None) is not None) is there


async def test_the_first_live_start_leaves_no_figures_of_posts_of_the_demo(
    start: Start, database_url: str
) -> None:
    await follow(start(demo=True))
    database = Database(database_url)
    async with database.write() as connection:
        await connection.execute(text("INSERT INTO delivery_total VALUES (1, 1, 2, '', 7)"))
    await followed(start(demo=False))
    async with database.read() as connection:
        left = await connection.execute(text("SELECT count(*) FROM delivery_total"))
    await database.close()
    assert left.scalar_one() == 0


async def test_the_first_live_start_takes_the_samples_away(start: Start, database_url: str) -> None:
    async def counts() -> list[int]:
        database = Database(database_url)
        async with database.read() as connection:
            found = [
                (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()  # noqa: S608  # our own names
                for table in ("post", "local_priority", "event", "feed")
            ]
        await database.close()
        return found

    settings = start(demo=True)
    async with joined(settings) as beatline:
        polled = await open_samples(settings, beatline.subscriptions, beatline.clock).poll()
    assert polled.failed == 0
    assert (polled.queued, polled.drafts) == (5, 2)
    shown = await counts()
    assert all(shown)

    async with joined(start(demo=True)):
        assert await counts() == shown
    async with joined(start(demo=False)):
        assert await counts() == [0, 0, 0, 0]


async def test_a_live_service_started_without_its_token_is_refused_and_loses_nobody(
    start: Start,
) -> None:
    await follow(start(demo=False))

    with pytest.raises(OperatorError, match="belongs to a live service"):
        await followed(start())

    assert await followed(start(demo=False)) == 1


async def test_a_pilot_beside_a_token_keeps_its_residents_when_it_goes_live(start: Start) -> None:
    token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
    await follow(start(demo=True, telegram_bot_token=token))
    assert await followed(start(telegram_bot_token=token)) == 1


async def test_a_demo_takes_concerns_at_once_and_a_live_service_once_all_holds(
    start: Start, tmp_path: Path
) -> None:
    async def takes(channel: str, **chosen: Any) -> bool:
        async with joined(start(**chosen)) as beatline:
            return await beatline.services.gate.is_open(channel)

    token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
    assert await takes("web")
    assert await takes("web", demo=True, telegram_bot_token=token)
    assert not await takes("telegram", demo=True, telegram_bot_token=token)
    live = {
        "demo": False,
        "accept_standin_areas": True,
        "mail_url": f"maildir:{tmp_path / 'mail'}",
    }
    assert not await takes("web", **live)
    async with joined(start(**live)) as beatline:
        everywhere = Change(everywhere=True, email="desk@police.example")
        await beatline.services.teams.add("Force desk", everywhere, "operator")
    assert await takes("web", **live)
    for missing in ("accept_standin_areas", "mail_url"):
        assert not await takes("web", **{**live, missing: None})


async def test_a_database_newer_than_the_code_is_refused_in_one_sentence(
    start: Start, database_url: str
) -> None:
    database = Database(database_url)
    await upgrade(database, "subscriptions")
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 's9999'"))
    await database.close()

    with pytest.raises(OperatorError, match="newer Beatline"):
        await followed(start())
