"""Residents find, follow and leave areas; nothing of where they live is kept but the area."""

import asyncio
from collections.abc import Mapping
from datetime import date

import pytest
from shapely.geometry import box
from sqlalchemy import select, text

from bot.errors import FeedError, UserError
from bot.model import Area, Ground, Place, Point, PostcodeRow, Subscriber
from bot.services.areas import replace_areas, stored
from bot.services.places import MAX_PLACES, NOTICE, Places
from bot.store import subscribers, tables
from bot.store.areas import StoredArea
from bot.store.database import Database
from tests.conftest import FakeClock

TODAY = date(2026, 11, 23)
HERE, ELSEWHERE = Point(51.45, -0.95), Point(55.9, -3.2)


class Known:
    """A PostcodeLookup that knows what it is told, or fails."""

    def __init__(self, rows: Mapping[str, PostcodeRow], failure: FeedError | None = None) -> None:
        self.rows = rows
        self.failure = failure
        self.asked: list[str] = []

    async def find(self, postcode: str) -> PostcodeRow | None:
        self.asked.append(postcode)
        if self.failure:
            raise self.failure
        return self.rows.get(postcode)


ROWS = {
    "RG1 1AA": PostcodeRow(HERE),
    "RG1 9ZZ": PostcodeRow(HERE, ended=(1996, 6)),
    "EH1 1AA": PostcodeRow(ELSEWHERE),
    "JE2 3AB": PostcodeRow(None),
}


def area(id: str, name: str, district: str, at: int) -> StoredArea:
    west = -1.0 + at / 10
    return stored(Area(id, name, district), box(west, 51.4, west + 0.1, 51.5))


TOWN = [
    area("a", "Abbey", "Reading", 0),
    area("b", "Abbey", "Vale of White Horse", 1),
    area("c", "St. Mary's", "Wycombe", 2),
    area("d", "Kingham, Rollright and Enstone", "West Oxfordshire", 3),
    area("e", "Abbeymead", "Slough", 4),
    area("f", "Château & Côte", "Oxford", 5),
]


@pytest.fixture
async def places(database: Database, clock: FakeClock) -> Places:
    await replace_areas(database, TOWN)
    return Places(database, Known(ROWS), clock)


@pytest.fixture
async def resident(database: Database) -> Subscriber:
    async with database.write() as connection:
        return await subscribers.add(connection, bytes(32), "test", b"sealed", TODAY)


@pytest.mark.parametrize(
    ("typed", "ground"),
    [
        ("rg11aa", Ground.FOUND),
        ("EH1 1AA", Ground.OUTSIDE),
        ("RG1 1AB", Ground.UNKNOWN),
        ("JE2 3AB", Ground.UNKNOWN),
        ("somewhere", Ground.NOT_A_POSTCODE),
    ],
)
async def test_every_answer_to_a_postcode(places: Places, typed: str, ground: Ground) -> None:
    found = await places.find(typed)
    assert found.ground is ground
    assert (found.area is not None) is (ground is Ground.FOUND)
    assert found.ended is None


async def test_an_ended_postcode_leads_to_where_it_was_and_says_when_it_ended(
    places: Places,
) -> None:
    found = await places.find("RG1 9ZZ")
    assert found.area is not None
    assert (found.area.id, found.ended) == ("a", date(1996, 6, 1))


@pytest.mark.parametrize(
    ("point", "ground"),
    [
        (HERE, Ground.FOUND),
        (ELSEWHERE, Ground.OUTSIDE),
        (Point(float("nan"), 0.0), Ground.OUTSIDE),
        (Point(0.0, float("inf")), Ground.OUTSIDE),
    ],
)
async def test_a_shared_location_is_found_or_outside(
    places: Places, point: Point, ground: Ground
) -> None:
    assert (await places.find_point(point)).ground is ground


async def test_an_outside_lookup_is_asked_only_for_what_the_file_does_not_know(
    database: Database, clock: FakeClock
) -> None:
    await replace_areas(database, TOWN)
    outside = Known({"RG1 1AB": PostcodeRow(HERE)})
    places = Places(database, Known(ROWS), clock, outside)
    assert (await places.find("RG1 1AA")).ground is Ground.FOUND
    assert (await places.find("RG1 1AB")).ground is Ground.FOUND
    assert (await places.find("RG1 1AD")).ground is Ground.UNKNOWN
    assert outside.asked == ["RG1 1AB", "RG1 1AD"]


async def test_an_outside_lookup_that_fails_means_not_known(
    database: Database, clock: FakeClock
) -> None:
    places = Places(database, Known({}), clock, Known({}, FeedError("down")))
    assert (await places.find("RG1 1AA")).ground is Ground.UNKNOWN


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("abbey", ["a", "b", "e"]),
        ("Abbey, Reading", ["a"]),
        ("reading abbey", ["a"]),
        ("abbey vale", ["b"]),
        ("ST MARYS", ["c"]),
        ("st mary’s", ["c"]),
        ("rollright", ["d"]),
        ("kingham and enst", ["d"]),
        ("chateau and cote", ["f"]),
        ("Reading", []),
        ("the Abbey in Reading", ["a"]),
        ("my area near abbey, reading", ["a"]),
        ("Abbey (Vale of White Horse)", ["b"]),
        ("", []),
        ("!?", []),
        ("nowhere", []),
    ],
)
async def test_areas_are_found_by_name(places: Places, words: str, ids: list[str]) -> None:
    assert [one.id for one in await places.named(words)] == ids


@pytest.mark.parametrize(
    ("words", "districts"),
    [
        ("Reading", ["Reading"]),
        ("the area of Reading", ["Reading"]),
        ("vale", ["Vale of White Horse"]),
        ("VALE OF WHITE HORSE", ["Vale of White Horse"]),
        ("oxfordshire", ["West Oxfordshire"]),
        ("Abbey, Reading", []),
        ("oxfo", []),
        ("the of", []),
        ("", []),
        ("nowhere", []),
    ],
)
async def test_districts_are_found_by_their_words(
    places: Places, words: str, districts: list[str]
) -> None:
    assert await places.districts_named(words) == districts


async def test_every_area_is_in_the_list_of_its_district(
    database: Database, clock: FakeClock
) -> None:
    await replace_areas(database, [*TOWN, area("g", "Zed", "", 6), area("h", "Élan", "", 7)])
    places = Places(database, Known({}), clock)
    districts = await places.districts()
    assert districts == [*sorted(districts[:-1]), ""]
    listed = {district: await places.in_district(district) for district in districts}
    assert [one.id for one in listed[""]] == ["h", "g"]
    assert sorted(one.id for areas in listed.values() for one in areas) == list("abcdefgh")
    assert await places.in_district("gone") == []


@pytest.mark.parametrize("count", [0, 1, 40, 41, 293])
async def test_letters_lead_to_every_area_once_where_they_are_many(
    database: Database, clock: FakeClock, count: int
) -> None:
    names = [f"{'ABBCDÉ4?'[n % 8]}{'mnopqrst'[n % 7]} {n}" for n in range(count)]
    new = [stored(Area(f"t{n}", name), box(-1, 51, -0.99, 51.01)) for n, name in enumerate(names)]
    if new:
        await replace_areas(database, new)
    places = Places(database, Known({}), clock)
    letters = await places.letters("")
    assert bool(letters) is (count > 40)
    assert len(letters) <= 8
    found = [one for first, last in letters for one in await places.in_district("", first, last)]
    assert found == (await places.in_district("") if letters else [])
    assert len(await places.in_district("")) == count


async def test_at_most_eight_names_are_offered(database: Database, clock: FakeClock) -> None:
    await replace_areas(database, [area(f"t{n}", "Thames", "", n) for n in range(12)])
    assert len(await Places(database, Known({}), clock).named("thames")) == 8


async def test_following_is_shown_and_may_be_done_twice(
    places: Places, resident: Subscriber
) -> None:
    assert (await places.follow(resident, "a")).name == "Abbey"
    await places.follow(resident, "a")
    (mine,) = await places.of(resident)
    assert mine == Place(await places.follow(resident, "a"))


async def test_leaving_is_told_from_never_having_followed(
    places: Places, resident: Subscriber
) -> None:
    await places.follow(resident, "a")
    left = await places.leave(resident, "a")
    assert left is not None
    assert left.id == "a"
    assert await places.leave(resident, "a") is None
    assert await places.leave(resident, "gone") is None
    assert await places.of(resident) == []


async def test_an_area_that_is_gone_cannot_be_followed(
    places: Places, resident: Subscriber
) -> None:
    with pytest.raises(UserError):
        await places.follow(resident, "gone")
    assert await places.area("gone") is None
    assert await places.area("a") is not None


async def test_a_stranger_follows_nothing(places: Places) -> None:
    stranger = Subscriber(None, "test")
    assert await places.of(stranger) == []
    assert await places.leave(stranger, "a") is None
    assert await places.settle(stranger, "a") is None


async def test_ten_places_are_enough_also_when_pressed_at_once(
    database: Database, clock: FakeClock, resident: Subscriber
) -> None:
    await replace_areas(database, [area(f"t{n}", f"T{n}", "", n) for n in range(14)])
    places = Places(database, Known({}), clock)
    results = await asyncio.gather(
        *(places.follow(resident, f"t{n}") for n in range(14)), return_exceptions=True
    )
    assert sum(isinstance(result, UserError) for result in results) == 4
    assert len(await places.of(resident)) == MAX_PLACES
    followed = (await places.of(resident))[0].area.id
    await places.follow(resident, followed)  # again, at the limit, is no more than before


async def test_following_notes_the_notice_once_and_undoes_a_stop(
    database: Database, places: Places, resident: Subscriber, clock: FakeClock
) -> None:
    await places.follow(resident, "a")
    assert resident.id is not None
    async with database.write() as connection:
        await subscribers.stop(connection, resident.id, TODAY)
    clock.set(clock.now().replace(year=2027))
    await places.follow(resident, "b")
    row = tables.subscribers.c
    async with database.read() as connection:
        stored = await connection.execute(select(row.notice, row.noticed_on, row.stopped_on))
        assert tuple(stored.one()) == (NOTICE, TODAY, None)


async def test_the_database_never_sees_the_postcode(
    database: Database, places: Places, resident: Subscriber
) -> None:
    found = await places.find("RG1 1AA")
    assert found.area is not None
    await places.follow(resident, found.area.id)
    async with database.read() as connection:
        for table in tables.metadata.sorted_tables:
            rows = (await connection.execute(text(f'SELECT * FROM "{table.name}"'))).all()  # noqa: S608  # our own names
            assert "1AA" not in repr(rows)
