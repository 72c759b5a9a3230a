"""Monthly figures of an area: honest, and without what could point at somebody."""

import json
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from datetime import UTC, date, datetime

import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from bot.catalogs import Catalogs
from bot.model import Kind, Level, Post
from bot.offences import CATEGORIES, FEWEST, AreaNumbers
from bot.services import Services
from bot.services.numbers import LATE_AFTER, Numbers, shown_of, tally
from bot.services.posts import Posts
from bot.store import areas, numbers
from bot.store.database import Database
from bot.store.numbers import Counts, MonthOfArea, StoredMonth
from feeds.fetch import SafeFetch
from feeds.police_uk import PoliceUk
from tests import town
from tests.conftest import FakeClock
from tests.feeds.loopback import Loopback, answer, serving
from tests.resident import Resident

SEPTEMBER = date(2026, 9, 1)
CRIMES = "/api/crimes-street/all-crime"


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with serving() as served:
        yield served


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
def counting(database: Database, clock: FakeClock, catalogs: Catalogs, server: Loopback) -> Numbers:
    police = PoliceUk(f"{server.url}/api", "thames-valley", SafeFetch(server.allow, rate=1000))
    return Numbers(database, clock, Posts(database, clock), police, catalogs)


async def keep(
    database: Database,
    months: Mapping[date, Counts],
    area: str = "ZX01",
    *,
    sample: bool = False,
) -> None:
    async with database.write() as connection:
        (one,) = (each for each in await areas.everything(connection) if each.area.id == area)
        given = [MonthOfArea(one, month, counts) for month, counts in months.items()]
        await numbers.put(connection, given, datetime(2026, 11, 1, tzinfo=UTC), sample=sample)


async def found(services: Services, area: str = "ZX01") -> AreaNumbers:
    numbers = await services.numbers.of(area)
    assert numbers is not None
    return numbers


def year(*counts: int, category: str = "burglary") -> dict[date, Counts]:
    """So many of a category in each of these months, the last of which is September 2026."""
    last = SEPTEMBER.year * 12 + SEPTEMBER.month - 1
    first = last - len(counts) + 1
    return {
        date((first + at) // 12, (first + at) % 12 + 1, 1): {(category, ""): count}
        for at, count in enumerate(counts)
    }


async def test_the_newest_month_stands_beside_the_month_and_the_year_before(
    services: Services, database: Database
) -> None:
    await keep(database, year(7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19))
    numbers = await found(services)
    assert numbers.newest.month == SEPTEMBER
    assert numbers.newest.categories["burglary"] == 19
    assert numbers.before is not None
    assert numbers.before.categories["burglary"] == 18
    assert numbers.year_before is not None
    assert numbers.year_before.categories["burglary"] == 7
    assert [each.shown for each in numbers.history] == list(range(7, 20))


async def test_an_area_without_figures_has_none(services: Services) -> None:
    assert await services.numbers.of("ZX01") is None
    assert await services.numbers.of("nowhere") is None


async def test_a_month_that_is_missing_is_not_taken_for_a_quiet_one(
    services: Services, database: Database
) -> None:
    months = year(*[10] * 12, 40)
    del months[date(2026, 8, 1)]
    await keep(database, months)
    numbers = await found(services)
    assert numbers.before is None
    assert len(numbers.history) == 12
    assert not numbers.rises


@pytest.mark.parametrize(
    ("hidden", "total"),
    [
        ({}, False),  # all others are none at all: that would be told
        ({"drugs": 3}, False),
        ({"drugs": 3, "robbery": 1}, False),  # four together
        ({"drugs": 4, "robbery": 4}, True),
        ({"drugs": 3, "robbery": 2}, True),
        (dict.fromkeys(list(CATEGORIES)[1:], 4), False),  # as high as each can be
    ],
)
def test_a_total_is_told_only_where_it_gives_nothing_away(
    hidden: dict[str, int], total: bool
) -> None:
    shown = tally(SEPTEMBER, {"anti-social-behaviour": 20, **hidden})
    assert shown.shown == 20
    assert shown.total == (20 + sum(hidden.values()) if total else None)
    assert all(shown.categories[name] is None for name in hidden)


def test_of_one_hidden_category_the_total_would_tell_the_count() -> None:
    counts = dict.fromkeys(CATEGORIES, 10) | {"drugs": 4}
    assert tally(SEPTEMBER, counts).total is None
    assert tally(SEPTEMBER, counts | {"drugs": 5}).total == 135


@given(st.dictionaries(st.sampled_from(sorted(CATEGORIES)), st.integers(0, 12)))
def test_a_total_never_leaves_one_possibility_only(counts: dict[str, int]) -> None:
    shown = tally(SEPTEMBER, counts)
    assert all(count is None or count >= FEWEST for count in shown.categories.values())
    if shown.total is not None:
        hidden = sum(count is None for count in shown.categories.values())
        rest = shown.total - shown.shown
        assert hidden == rest == 0 or (rest >= FEWEST and 0 < rest < 4 * hidden and hidden > 1)


def month_of(counts: Counts) -> StoredMonth:
    return StoredMonth(SEPTEMBER, False, datetime(2026, 11, 1, tzinfo=UTC), counts)


def test_the_most_common_results_are_told_and_rare_ones_only_as_there() -> None:
    counts = {
        ("burglary", "Under investigation"): 20,
        ("drugs", "Local resolution"): 6,
        ("drugs", "Offender given a caution"): 4,
        ("robbery", "Offender given a caution"): 2,
        ("vehicle-crime", "Suspect charged"): 3,
        ("shoplifting", "Awaiting court outcome"): 4,
    }
    outcomes, more = shown_of(month_of(counts))[1:]
    assert outcomes == {
        "Under investigation": 20,
        "Local resolution": 6,
        "Offender given a caution": 6,
    }
    assert next(iter(outcomes)) == "Under investigation"
    assert more


def test_results_do_not_give_away_a_total_that_is_hidden() -> None:
    counts = {("burglary", "Under investigation"): 20, ("drugs", "Under investigation"): 3}
    tallied, outcomes, more = shown_of(month_of(counts))
    assert tallied.total is None
    assert outcomes == {}  # 23 beside 20 burglaries would tell of 3
    assert more


@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from(["burglary", "drugs", "robbery", "anti-social-behaviour"]),
            st.sampled_from(["", "Under investigation", "Local resolution"]),
        ),
        st.integers(1, 12),
    )
)
def test_no_result_that_is_told_lets_one_work_out_a_small_number(counts: Counts) -> None:
    tallied, outcomes, _ = shown_of(month_of(counts))
    assert all(count >= FEWEST for count in outcomes.values())
    without = tallied.categories["anti-social-behaviour"] or 0
    if tallied.total is None:
        assert not outcomes or sum(outcomes.values()) <= tallied.shown - without
    else:
        rest = tallied.total - without - sum(outcomes.values())
        assert not outcomes or rest == 0 or rest >= FEWEST


async def test_a_rise_is_noted_when_it_is_real(services: Services, database: Database) -> None:
    await keep(database, year(*[10] * 12, 30))
    (rise,) = await services.numbers.rises("ZX01")
    assert (rise.area, rise.category, rise.count) == (town.RIVERSIDE, "burglary", 30)
    await keep(database, year(*[10] * 12, 14))
    assert await services.numbers.rises("ZX01") == ()


async def test_data_is_late_when_a_newer_month_should_be_out(
    services: Services, database: Database, clock: FakeClock
) -> None:
    await keep(database, year(20))
    end = datetime(2026, 10, 1, tzinfo=UTC)
    clock.set(end + LATE_AFTER)
    assert not (await found(services)).late
    clock.set(end + LATE_AFTER * 1.02)
    assert (await found(services)).late


def crime(latitude: str, category: str = "burglary", result: str | None = None) -> object:
    street = {"id": 1, "name": "On or near Example Street"}
    return {
        "category": category,
        "location": {"latitude": latitude, "longitude": "-0.95", "street": street},
        "outcome_status": {"category": result, "date": "2026-10"} if result else None,
        "persistent_id": "",
        "month": "2026-09",
    }


def says(content: object) -> bytes:
    return answer(json.dumps(content).encode())


async def known(database: Database) -> Collection[tuple[int, date, bytes]]:
    async with database.read() as connection:
        return await numbers.known(connection)


async def test_the_police_are_asked_for_a_year_of_each_of_their_areas_once(
    services: Services, counting: Numbers, database: Database, server: Loopback
) -> None:
    server.answers["/api/crime-last-updated"] = says({"date": "2026-09-01"})
    server.answers[CRIMES] = says(
        [
            *[crime("51.45", result="Local resolution")] * 6,
            *[crime("51.55", "drugs")] * 5,  # in the area beside, whose outline it touches
            crime("0"),  # no place
        ]
    )
    await counting.refresh()
    assert server.paths.count(CRIMES) == 2 * 13  # the third area only stands in for one
    assert {form.partition("date=")[2] for form in server.bodies} >= {"2025-09", "2026-09"}
    riverside = await found(services)
    assert riverside.newest.categories["burglary"] == 6
    assert riverside.newest.categories["drugs"] is None
    assert (await found(services, "ZX02")).newest.categories["drugs"] == 5
    assert await services.numbers.of("ZX03") is None
    await counting.refresh()
    assert server.paths.count(CRIMES) == 2 * 13


async def test_when_the_police_do_not_answer_the_rest_waits_for_the_next_turn(
    services: Services, counting: Numbers, database: Database, server: Loopback
) -> None:
    await counting.refresh()
    assert await known(database) == set()
    server.answers["/api/crime-last-updated"] = says({"date": "2026-09-01"})
    server.answers[CRIMES] = answer(status="503 Service Unavailable")
    await counting.refresh()
    assert server.paths.count(CRIMES) < 2 * 13
    assert await known(database) == set()
    server.answers[CRIMES] = says([crime("51.45")])
    await counting.refresh()
    assert len(await known(database)) == 2 * 13


async def test_a_month_that_the_force_has_not_handed_in_is_not_taken_for_one_without_crime(
    services: Services, counting: Numbers, database: Database, server: Loopback
) -> None:
    server.answers["/api/crime-last-updated"] = says({"date": "2026-09-01"})
    server.answers[CRIMES] = says([])
    await counting.refresh()
    assert await known(database) == set()
    server.answers[CRIMES] = says([crime("51.45")] * 6)
    await counting.refresh()
    assert (await found(services)).newest.categories["burglary"] == 6


async def codes(database: Database) -> list[str]:
    async with database.read() as connection:
        return list((await connection.execute(text("SELECT code FROM post"))).scalars())


async def only_post(services: Services, database: Database) -> Post:
    (code,) = await codes(database)
    return await services.posts.show(code)


async def test_the_newest_month_is_posted_once_to_those_who_follow_the_area(
    services: Services, counting: Numbers, database: Database, resident: Resident
) -> None:
    await keep(database, year(*[10] * 12, 30))
    await keep(database, year(9), area="ZX02")
    await resident.says("/follow RG1 1AA")
    await counting.tell()
    await counting.tell()
    post = await only_post(services, database)
    assert (post.kind, post.level, post.send_at is not None) == (Kind.NUMBERS, Level.ROUTINE, True)
    assert [area.id for area in post.areas] == ["ZX01"]
    words = post.words("en_GB")
    assert words.title == "Riverside, September 2026"
    assert "At least 30 crimes and incidents were recorded here." in words.body
    assert "Burglary: 30. That is more than chance explains" in words.body
    assert post.origin is not None
    assert post.origin.source == "data.police.uk"
    assert {each.language for each in post.variants} >= {"en_GB", "pl"}
    assert "wrzesień 2026" in post.words("pl").title


async def test_a_late_month_is_not_news(
    counting: Numbers, database: Database, clock: FakeClock, resident: Resident
) -> None:
    await keep(database, year(20))
    await resident.says("/follow RG1 1AA")
    clock.set(datetime(2027, 2, 1, tzinfo=UTC))
    await counting.tell()
    assert await codes(database) == []
