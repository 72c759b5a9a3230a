"""A demo has figures for every area, made up and as fresh as real ones would be."""

from datetime import UTC, date, datetime

from bot.services import Services
from bot.store import samples
from bot.store.database import Database
from tests.conftest import FakeClock
from tests.services.test_numbers import SEPTEMBER, keep


async def test_a_demo_has_a_year_of_sample_figures_for_each_area(services: Services) -> None:
    await services.numbers.refresh()
    for area in ("ZX01", "ZX02", "ZX03"):
        found = await services.numbers.of(area)
        assert found is not None
        assert found.sample
        assert not found.late
        assert found.newest.month == SEPTEMBER
        assert len(found.history) == 13


async def test_sample_figures_are_always_two_months_behind(
    services: Services, clock: FakeClock
) -> None:
    clock.set(datetime(2031, 1, 5, tzinfo=UTC))
    await services.numbers.refresh()
    found = await services.numbers.of("ZX01")
    assert found is not None
    assert found.newest.month == date(2030, 11, 1)


async def test_where_there_are_figures_no_sample_is_added(
    services: Services, database: Database
) -> None:
    await keep(database, {SEPTEMBER: {("burglary", ""): 9}})
    await services.numbers.refresh()
    assert await services.numbers.of("ZX02") is None


async def test_going_live_takes_the_sample_figures_away(
    services: Services, database: Database
) -> None:
    await services.numbers.refresh()
    async with database.write() as connection:
        await samples.erase(connection)
    assert await services.numbers.of("ZX01") is None
