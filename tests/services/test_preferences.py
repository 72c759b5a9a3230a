"""What residents set is kept, each place apart, and survives what happens to a place."""

import asyncio
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.model import (
    USUAL_TOPICS,
    Frequency,
    Level,
    Place,
    Preferences,
    QuietHours,
    Subscriber,
    Topic,
)
from bot.services import Services
from bot.services.areas import replace_areas
from bot.services.preferences import ResidentPreferences
from bot.store import subscribers
from bot.store.areas import StoredArea
from bot.store.database import Database
from tests import town
from tests.conftest import FakeClock

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def preferences(services: Services) -> ResidentPreferences:
    return services.preferences


@pytest.fixture
async def resident(database: Database, services: Services) -> Subscriber:
    """Someone who follows two areas."""
    async with database.write() as connection:
        mine = await subscribers.add(connection, bytes(32), "test", b"sealed", date(2026, 11, 23))
    await services.places.follow(mine, "ZX01")
    await services.places.follow(mine, "ZX02")
    return mine


async def place(services: Services, resident: Subscriber, area_id: str) -> Place:
    (found,) = [one for one in await services.places.of(resident) if one.area.id == area_id]
    return found


async def test_who_has_set_nothing_has_the_defaults(
    services: Services, preferences: ResidentPreferences, resident: Subscriber
) -> None:
    mine = await place(services, resident, "ZX01")
    assert mine == Place(town.RIVERSIDE, None, None, USUAL_TOPICS, Frequency.WEEKLY, Level.ROUTINE)
    assert await preferences.of(resident) == Preferences(
        QuietHours(time(22), time(7)), None, daily_cap=5, digest_hour=18
    )


async def test_each_place_has_its_own_settings(
    services: Services, preferences: ResidentPreferences, resident: Subscriber
) -> None:
    await preferences.choose(
        resident, "ZX01", frequency=Frequency.DAILY, alerts=Level.URGENT, topics=Topic(0)
    )
    mine = await place(services, resident, "ZX01")
    assert (mine.frequency, mine.alerts, mine.topics) == (Frequency.DAILY, Level.URGENT, Topic(0))
    assert await place(services, resident, "ZX02") == Place(town.HILLSIDE_NORTH)


async def test_two_devices_may_turn_topics_at_once(
    services: Services, preferences: ResidentPreferences, resident: Subscriber
) -> None:
    await asyncio.gather(
        *(preferences.turn(resident, "ZX01", topic, on=False) for topic in USUAL_TOPICS),
        preferences.turn(resident, "ZX01", Topic.DOMESTIC_ABUSE, on=True),
    )
    assert (await place(services, resident, "ZX01")).topics == Topic.DOMESTIC_ABUSE


async def test_what_is_not_followed_cannot_be_set(
    services: Services, preferences: ResidentPreferences, resident: Subscriber
) -> None:
    for area_id in ("ZX03", "gone"):
        await preferences.choose(resident, area_id, alerts=Level.URGENT)
        await preferences.turn(resident, area_id, Topic.GENERAL, on=False)
    assert len(await services.places.of(resident)) == 2


async def test_quiet_hours_are_kept_and_may_be_none(
    preferences: ResidentPreferences, resident: Subscriber
) -> None:
    hours = QuietHours(time(21, 30), time(6, 45))
    assert await preferences.be_quiet(resident, "21:30-06:45") == hours
    assert (await preferences.of(resident)).quiet == hours
    assert await preferences.be_quiet(resident, "at night") is None
    assert (await preferences.of(resident)).quiet == hours
    await preferences.be_quiet_never(resident)
    assert (await preferences.of(resident)).quiet is None


async def test_a_pause_counts_local_days_and_ends_by_itself(
    preferences: ResidentPreferences, resident: Subscriber, clock: FakeClock
) -> None:
    clock.set(datetime(2026, 7, 1, 23, 30, tzinfo=UTC))  # half past midnight on 2 July in London
    assert await preferences.pause_for(resident, 3) == date(2026, 7, 5)
    assert (await preferences.of(resident)).paused_until == date(2026, 7, 5)
    clock.set(datetime(2026, 7, 4, 22, 59, tzinfo=UTC))
    assert (await preferences.of(resident)).paused_until == date(2026, 7, 5)
    clock.set(datetime(2026, 7, 4, 23, 0, tzinfo=UTC))
    assert (await preferences.of(resident)).paused_until is None


async def test_a_pause_can_end_on_a_day_and_be_ended(
    preferences: ResidentPreferences, resident: Subscriber
) -> None:
    assert await preferences.pause_until(resident, "5 grudnia", "pl") == date(2026, 12, 5)
    assert await preferences.pause_until(resident, "never", "pl") is None
    assert (await preferences.of(resident)).paused_until == date(2026, 12, 5)
    await preferences.end_pause(resident)
    assert (await preferences.of(resident)).paused_until is None


@pytest.mark.parametrize(("words", "cap"), [("3", 3), (" 20 ", 20), ("١٠", 10)])
async def test_the_daily_limit_is_a_number(
    preferences: ResidentPreferences, resident: Subscriber, words: str, cap: int
) -> None:
    assert await preferences.limit(resident, words) == cap
    assert (await preferences.of(resident)).daily_cap == cap


@pytest.mark.parametrize("words", ["0", "21", "-1", "ten", "", "5.5", "9" * 5000, "²"])
async def test_other_words_leave_the_daily_limit_alone(
    preferences: ResidentPreferences, resident: Subscriber, words: str
) -> None:
    assert await preferences.limit(resident, words) is None
    assert (await preferences.of(resident)).daily_cap == 5


async def test_the_hour_of_the_news_is_kept(
    preferences: ResidentPreferences, resident: Subscriber
) -> None:
    assert await preferences.gather_at(resident, "8am") == 8
    assert await preferences.gather_at(resident, "half past eight") is None
    assert (await preferences.of(resident)).digest_hour == 8
    assert await preferences.gather_at(resident, "0:00") == 0
    assert (await preferences.of(resident)).digest_hour == 0


async def test_a_stranger_sets_nothing_and_has_the_defaults(
    preferences: ResidentPreferences,
) -> None:
    stranger = Subscriber(None, "test")
    await preferences.choose(stranger, "ZX01", alerts=Level.URGENT)
    await preferences.turn(stranger, "ZX01", Topic.GENERAL, on=False)
    await preferences.be_quiet_never(stranger)
    await preferences.pause_for(stranger, 3)
    await preferences.limit(stranger, "3")
    await preferences.gather_at(stranger, "8am")
    assert await preferences.of(stranger) == Preferences()


async def test_a_redrawn_map_keeps_what_was_set_whichever_area_is_chosen(
    database: Database, services: Services, preferences: ResidentPreferences, resident: Subscriber
) -> None:
    await preferences.choose(resident, "ZX01", frequency=Frequency.DAILY)
    await preferences.choose(resident, "ZX02", alerts=Level.URGENT)
    await replace_areas(
        database,
        [
            StoredArea(area, outline.wkb)
            for (old, outline) in town.AREAS
            for area in [type(old)(f"NEW{old.id}", f"New {old.name}", old.district)]
        ],
        anyway=True,
    )
    assert await services.places.settle(resident, "NEWZX01") is not None
    settled = await place(services, resident, "NEWZX01")
    assert (settled.frequency, settled.was) == (Frequency.DAILY, None)
    assert (await place(services, resident, "NEWZX02")).alerts == Level.URGENT
