"""/events: what one can come to, with a reminder the day before and a file for the calendar."""

import pytest

from bot.catalogs import Catalogs
from bot.conversation import Address
from bot.dispatcher import Dispatcher
from bot.security.sealing import ChatKeys
from bot.services import Services
from bot.store import listings
from bot.store.database import Database
from tests import listed
from tests.conftest import FakeClock
from tests.delivery.stage import Stage, stage_over
from tests.resident import Resident


@pytest.fixture
async def stage(
    database: Database,
    services: Services,
    clock: FakeClock,
    catalogs: Catalogs,
    chat_keys: ChatKeys,
) -> Stage:
    return stage_over(database, clock, catalogs, chat_keys)


@pytest.fixture
async def follower(stage: Stage, dispatcher: Dispatcher, catalogs: Catalogs) -> Resident:
    """Someone on Telegram who gets the news of Riverside once a week."""
    await stage.follower("1", frequency=3)
    return Resident(dispatcher, catalogs, Address("telegram", "1"))


async def test_events_are_listed_with_time_and_place(
    follower: Resident, database: Database
) -> None:
    await listed.meeting(database)
    await listed.meeting(database, "Long over", days=-1)
    await follower.says("/events")
    follower.reads("Have your say\nThursday 26 November, 12:00\nVillage Hall, Mill Lane\nRiverside")
    follower.reads_nothing_of("Long over")
    await follower.presses("1. Have your say")
    follower.reads("Tell us what matters; we listen.")
    follower.reads("Source: data.police.uk.")


async def test_a_reminder_comes_the_day_before_whatever_the_frequency(
    follower: Resident, database: Database, services: Services, stage: Stage
) -> None:
    key = await listed.meeting(database)
    await follower.forges(f"events.one:{key}")
    await follower.presses("Remind me")
    follower.reads("I will remind you on Wednesday 25 November, 10:00.")
    await services.meetings.send_reminders()
    await stage.work()
    assert stage.channel.arrived == []
    stage.at(2026, 11, 25, 10, 0)
    for _twice in range(2):
        await services.meetings.send_reminders()
        await stage.work()
    (words,) = stage.channel.got("1")
    assert "Reminder" in words
    assert "Have your say" in words
    assert "Thursday 26 November 2026, 12:00" in words
    assert "Village Hall" in words


async def test_an_event_that_was_called_off_reminds_nobody(
    follower: Resident, database: Database, services: Services, stage: Stage
) -> None:
    key = await listed.meeting(database)
    await follower.forges(f"events.remind:{key}")
    async with database.write() as connection:
        await listings.keep(connection, "police-uk", [], stage.clock.now())
    stage.at(2026, 11, 25, 10, 0)
    await services.meetings.send_reminders()
    await stage.work()
    assert stage.channel.arrived == []
    await follower.forges(f"events.one:{key}")
    follower.reads("That event is over, or was called off.")


async def test_it_can_be_too_late_for_a_reminder(follower: Resident, database: Database) -> None:
    key = await listed.meeting(database, days=0.5)
    await follower.forges(f"events.remind:{key}")
    follower.reads("That is too soon for a reminder.")


async def test_an_event_goes_into_any_calendar(follower: Resident, database: Database) -> None:
    key = await listed.meeting(database)
    await follower.forges(f"events.file:{key}")
    (shown,) = follower.shown
    assert shown.file is not None
    assert shown.file.media_type == "text/calendar"
    lines = shown.file.data.decode().split("\r\n")
    assert "DTSTART:20261126T120000Z" in lines
    assert "LOCATION:Village Hall\\, Mill Lane" in lines
    assert "DESCRIPTION:Tell us what matters\\; we listen." in lines
    assert all(len(line.encode()) <= 75 for line in lines)


async def test_what_will_be_reminded_is_among_ones_data(
    follower: Resident, database: Database
) -> None:
    await follower.forges(f"events.remind:{await listed.meeting(database)}")
    await follower.says("/mydata")
    (shown,) = follower.shown
    assert shown.file is not None
    assert b"Have your say" in shown.file.data


async def test_who_follows_nothing_and_where_nothing_happens_is_told(
    resident: Resident,
) -> None:
    await resident.says("/events")
    resident.reads("You do not follow any area yet.")
    await resident.says("/follow RG1 1AA")
    await resident.says("/events")
    resident.reads("No events are published for your areas just now.")
