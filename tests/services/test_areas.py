"""When the map is redrawn, followers go where most of their area went, and are told."""

from collections.abc import Iterable
from datetime import date

import pytest
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from bot.errors import OperatorError
from bot.model import Area, Place, Point, PostcodeRow, Subscriber
from bot.services.areas import is_sound_id, replace_areas, stored
from bot.services.places import Places
from bot.store import subscribers
from bot.store.areas import StoredArea
from bot.store.database import Database
from tests.conftest import FakeClock


class Nowhere:
    """A PostcodeLookup that knows no postcode."""

    async def find(self, postcode: str) -> PostcodeRow | None:
        return None


def area(id: str, shape: BaseGeometry, *, standin: bool = False) -> StoredArea:
    return stored(Area(id, f"Name of {id}", standin=standin), shape)


def strip(left: float, right: float) -> Polygon:
    """A strip of land: from 0 to 10 across the whole of the map."""
    return box(-1.0 + left / 100, 51.4, -1.0 + right / 100, 51.5)


LEFT, RIGHT = area("left", strip(0, 5)), area("right", strip(5, 10))


@pytest.fixture
async def places(database: Database, clock: FakeClock) -> Places:
    await replace_areas(database, [LEFT, RIGHT])
    return Places(database, Nowhere(), clock)


async def resident(database: Database, number: int = 1) -> Subscriber:
    async with database.write() as connection:
        return await subscribers.add(
            connection, bytes([number]) * 32, "test", b"sealed", date(2026, 11, 23)
        )


def summary(places: Iterable[Place]) -> list[tuple[str, str | None, str | None]]:
    return [(one.area.id, one.was, one.other.id if one.other else None) for one in places]


async def test_followers_move_to_the_area_that_covers_most(
    database: Database, places: Places
) -> None:
    mine = await resident(database)
    await places.follow(mine, "left")
    new = [area("a", strip(0, 4)), area("b", strip(4, 10))]
    change = await replace_areas(database, new, anyway=True)
    assert summary(await places.of(mine)) == [("a", "Name of left", None)]
    assert (change.areas, change.added, change.removed) == (2, 2, 2)
    assert (change.moved, change.asked, change.dropped) == (1, 0, 0)


async def test_where_two_are_about_as_good_the_resident_is_asked(
    database: Database, places: Places
) -> None:
    mine = await resident(database)
    await places.follow(mine, "left")
    new = [area("a", strip(0, 2)), area("b", strip(2, 5)), area("c", strip(5, 10))]
    change = await replace_areas(database, new, anyway=True)
    assert summary(await places.of(mine)) == [("b", "Name of left", "a")]
    assert change.asked == 1


@pytest.mark.parametrize("choice", ["a", "b"])
async def test_the_answer_settles_it(database: Database, places: Places, choice: str) -> None:
    mine = await resident(database)
    await places.follow(mine, "left")
    new = [area("a", strip(0, 2)), area("b", strip(2, 5)), area("c", strip(5, 10))]
    await replace_areas(database, new, anyway=True)
    settled = await places.settle(mine, choice)
    assert settled is not None
    assert settled.id == choice
    assert summary(await places.of(mine)) == [(choice, None, None)]
    assert await places.settle(mine, choice) is None


async def test_an_answer_to_no_question_changes_nothing(database: Database, places: Places) -> None:
    mine = await resident(database)
    await places.follow(mine, "left")
    assert await places.settle(mine, "left") is None
    assert await places.settle(mine, "right") is None
    assert await places.settle(mine, "gone") is None
    assert summary(await places.of(mine)) == [("left", None, None)]


async def test_who_follows_both_ends_with_one(database: Database, places: Places) -> None:
    mine = await resident(database)
    await places.follow(mine, "left")
    await places.follow(mine, "right")
    await replace_areas(database, [area("whole", strip(0, 10))], anyway=True)
    assert [one.area.id for one in await places.of(mine)] == ["whole"]


async def test_who_follows_both_candidates_is_not_asked(database: Database, places: Places) -> None:
    mine = await resident(database)
    await places.follow(mine, "left")
    await places.follow(mine, "right")
    new = [area("a", strip(0, 2)), area("b", strip(2, 5)), area("right", strip(5, 10))]
    await replace_areas(database, new, anyway=True)
    await places.follow(mine, "a")
    await replace_areas(database, [*new[:2], area("c", strip(5, 10))], anyway=True)
    assert all(one.other is None for one in await places.of(mine))


async def test_a_second_redrawing_before_the_answer_keeps_the_name_they_knew(
    database: Database, places: Places
) -> None:
    mine = await resident(database)
    await places.follow(mine, "left")
    new = [area("a", strip(0, 2)), area("b", strip(2, 5)), area("c", strip(5, 10))]
    await replace_areas(database, new, anyway=True)
    await replace_areas(database, [area("x", strip(0, 2)), area("y", strip(2, 10))], anyway=True)
    ((id, was, _),) = summary(await places.of(mine))
    assert (id, was) == ("y", "Name of left")


async def test_an_area_that_keeps_its_id_keeps_its_followers_unasked(
    database: Database, places: Places
) -> None:
    mine = await resident(database)
    await places.follow(mine, "left")
    await replace_areas(database, [area("left", strip(0, 6)), area("right", strip(6, 10))])
    assert summary(await places.of(mine)) == [("left", None, None)]


async def test_standins_give_way_to_the_force_s_own_areas_without_asking_the_operator(
    database: Database, clock: FakeClock
) -> None:
    await replace_areas(database, [area("E05", strip(0, 10), standin=True)])
    places = Places(database, Nowhere(), clock)
    mine = await resident(database)
    await places.follow(mine, "E05")
    await replace_areas(database, [area("N449", strip(0, 10))])
    assert summary(await places.of(mine)) == [("N449", "Name of E05", None)]


async def test_losing_more_than_half_of_the_areas_needs_a_yes(
    database: Database, places: Places
) -> None:
    with pytest.raises(OperatorError, match="--yes"):
        await replace_areas(database, [area("whole", strip(0, 10))])
    assert await places.area("left") is not None
    assert await places.area("whole") is None


async def test_followers_are_not_left_without_an_area_unless_the_operator_says_so(
    database: Database, places: Places
) -> None:
    mine = await resident(database)
    await places.follow(mine, "left")
    new = [RIGHT, area("far", box(-2.0, 52.0, -1.9, 52.1))]
    with pytest.raises(OperatorError, match="1 followed places"):
        await replace_areas(database, new)
    assert summary(await places.of(mine)) == [("left", None, None)]
    assert (await replace_areas(database, new, anyway=True)).dropped == 1
    assert await places.of(mine) == []


async def test_a_change_by_another_process_is_seen_at_the_next_look(
    database: Database, places: Places
) -> None:
    point = Point(51.45, -0.98)
    before = (await places.find_point(point)).area
    await replace_areas(database, [area("whole", strip(0, 10))], anyway=True)
    after = (await places.find_point(point)).area
    assert before is not None
    assert after is not None
    assert (before.id, after.id) == ("left", "whole")


def test_an_outline_that_crosses_itself_is_mended() -> None:
    bow = Polygon([(-1.0, 51.4), (-0.9, 51.5), (-0.9, 51.4), (-1.0, 51.5)])
    assert area("bow", bow).outline


@pytest.mark.parametrize(
    "shape",
    [
        box(471_000, 173_000, 472_000, 174_000),
        box(51.4, -1.0, 51.5, -0.9),
        Polygon(),
        Polygon([(-1.0, 51.4), (-0.9, 51.4), (-0.8, 51.4)]),
    ],
)
def test_an_outline_that_is_not_one_is_refused(shape: Polygon) -> None:
    with pytest.raises(ValueError, match=r"WGS84|no outline"):
        area("odd", shape)


@pytest.mark.parametrize(
    ("id", "sound"),
    [
        ("N449", True),
        ("55.CR3001", True),
        ("10-13", True),
        ("Newry Mourne & Down", True),
        ("E05006627", True),
        ("", False),
        ("../people", False),
        ("a/b", False),
        ("a?b", False),
        ("a#b", False),
        (".", False),
        ("a\nb", False),
        ("x" * 51, False),
    ],
)
def test_ids_that_could_lead_elsewhere_are_refused(id: str, sound: bool) -> None:
    assert is_sound_id(id) is sound
