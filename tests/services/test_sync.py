"""A sync reads the force's own areas whole before anything changes, and goes on after a cut."""

import asyncio
from datetime import date
from typing import Any

import pytest
from shapely.geometry import box

from bot.errors import FeedError, OperatorError
from bot.model import Area, Point, PostcodeRow, Subscriber
from bot.services import sync
from bot.services.areas import replace_areas, stored
from bot.services.places import Places
from bot.services.sync import Synced
from bot.store import areas, subscribers, syncing
from bot.store.areas import StoredArea
from bot.store.database import Database
from tests.conftest import FakeClock


class Force:
    """The Neighbourhoods port: strips of land by id, some of them troubled."""

    def __init__(self, *ids: str) -> None:
        self.ids = list(ids)
        self.boundaries: dict[str, Any] = {}
        self.failing: set[str] = set()
        self.asked: list[str] = []

    async def neighbourhoods(self) -> Any:
        return [{"id": id, "name": f"{id} &amp; Co"} for id in self.ids]

    async def detail(self, id: str) -> Any:
        return {"centre": {"latitude": "51.45", "longitude": str(-0.95 + self.ids.index(id) / 10)}}

    async def boundary(self, id: str) -> Any:
        self.asked.append(id)
        if id in self.failing:
            raise FeedError("the police API answered 503")
        return self.boundaries.get(id, ring(self.ids.index(id)))


class Nowhere:
    """A PostcodeLookup that knows no postcode."""

    async def find(self, postcode: str) -> PostcodeRow | None:
        return None


def ring(at: int) -> list[dict[str, str]]:
    outline = box(-1.0 + at / 10, 51.4, -0.9 + at / 10, 51.5).exterior.coords
    return [{"latitude": f"{y:.10f}", "longitude": f"{x:.10f}"} for x, y in outline]


def standin(id: str, at: int) -> StoredArea:
    shape = box(-1.0 + at / 10, 51.4, -0.9 + at / 10, 51.5)
    return stored(Area(id, f"Ward {id}", standin=True), shape)


async def run(
    database: Database, force: Force, clock: FakeClock, *, anyway: bool = False, name: str = "tvp"
) -> Synced:
    return await sync.sync(database, force, clock, name=name, anyway=anyway)


async def live(database: Database) -> list[str]:
    async with database.read() as connection:
        return [one.area.id for one in await areas.everything(connection)]


async def resident(database: Database) -> Subscriber:
    async with database.write() as connection:
        return await subscribers.add(connection, bytes(32), "test", b"sealed", date(2026, 11, 23))


async def test_the_force_s_own_areas_take_the_place_of_the_standins(
    database: Database, clock: FakeClock
) -> None:
    await replace_areas(database, [standin("E1", 0), standin("E2", 1)])
    places = Places(database, Nowhere(), clock)
    mine = await resident(database)
    await places.follow(mine, "E2")
    told: list[tuple[int, int]] = []
    synced = await sync.sync(
        database, Force("N1", "N2"), clock, name="tvp", told=lambda *done: told.append(done)
    )
    assert synced.change.areas == 2
    assert told[-1] == (2, 2)
    area = await places.area("N2")
    assert area == Area("N2", "N2 & Co", centre=Point(51.45, -0.95 + 1 / 10))
    (place,) = await places.of(mine)
    assert (place.area.id, place.was) == ("N2", "Ward E2")


async def test_a_run_that_was_cut_goes_on_where_it_was(
    database: Database, clock: FakeClock
) -> None:
    await replace_areas(database, [standin("E1", 0)])
    force = Force(*(f"N{n}" for n in range(9)))
    force.failing = {"N8"}
    with pytest.raises(OperatorError, match="503; run it again"):
        await run(database, force, clock)
    assert await live(database) == ["E1"]
    async with database.read() as connection:
        kept = {one.id for one in await syncing.everything(connection) if one.outline}
    force.failing, force.asked = set(), []
    await run(database, force, clock)
    assert kept
    assert not kept & set(force.asked)
    assert await live(database) == sorted(force.ids)
    async with database.read() as connection:
        assert await syncing.everything(connection) == []


async def test_a_cancelled_run_changes_nothing_and_can_go_on(
    database: Database, clock: FakeClock
) -> None:
    await replace_areas(database, [standin("E1", 0)])
    force = Force("N1", "N2")
    reading = asyncio.Event()

    class Stuck(Force):
        async def boundary(self, id: str) -> Any:
            reading.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(run(database, Stuck("N1", "N2"), clock))
    await reading.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await live(database) == ["E1"]
    await run(database, force, clock)
    assert await live(database) == ["N1", "N2"]


@pytest.mark.parametrize("other", ["another day", "another force"])
async def test_what_was_read_for_another_day_or_force_is_not_mixed_in(
    database: Database, clock: FakeClock, other: str
) -> None:
    force = Force("N1", "N2")
    force.failing = {"N2"}
    with pytest.raises(OperatorError):
        await run(database, force, clock)
    force.failing, force.asked = set(), []
    if other == "another day":
        clock.set(clock.now().replace(day=24))
    await run(database, force, clock, name="tvp" if other == "another day" else "met")
    assert sorted(force.asked) == ["N1", "N2"]


@pytest.mark.parametrize(
    "boundary",
    [
        None,
        [],
        [{"latitude": "51.4"}],
        [{"latitude": None, "longitude": "x"}] * 4,
        "no",
        ring(0)[:2],
    ],
)
async def test_a_missing_boundary_keeps_the_old_outline_or_leaves_the_area_out(
    database: Database, clock: FakeClock, boundary: object
) -> None:
    await run(database, Force("N1", "N2"), clock)
    force = Force("N1", "N2", "N3")
    for id in ("N2", "N3"):
        force.boundaries[id] = boundary if boundary is not None else []
    synced = await run(database, force, clock)
    assert (synced.kept_old, synced.left_out) == (["N2"], ["N3"])
    assert await live(database) == ["N1", "N2"]


async def test_a_list_that_lost_most_areas_needs_a_yes(
    database: Database, clock: FakeClock
) -> None:
    await run(database, Force("N1", "N2", "N3"), clock)
    with pytest.raises(OperatorError, match="2 of 3"):
        await run(database, Force("N1"), clock)
    assert await live(database) == ["N1", "N2", "N3"]
    await run(database, Force("N1"), clock, anyway=True)
    assert await live(database) == ["N1"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ([], "empty"),
        ({}, "not a list"),
        ([{"name": "no id"}], "no id"),
        ([{"id": "../people", "name": "x"}], "1 unusable"),
    ],
)
async def test_an_unusable_list_changes_nothing(
    database: Database, clock: FakeClock, answer: object, reason: str
) -> None:
    class Odd(Force):
        async def neighbourhoods(self) -> Any:
            return answer

    await replace_areas(database, [standin("E1", 0)])
    with pytest.raises(OperatorError, match=reason):
        await run(database, Odd(), clock)
    assert await live(database) == ["E1"]


async def test_a_force_without_any_outline_changes_nothing(
    database: Database, clock: FakeClock
) -> None:
    await replace_areas(database, [standin("E1", 0)])
    force = Force("N1")
    force.boundaries["N1"] = []
    with pytest.raises(OperatorError, match="none of the neighbourhoods"):
        await run(database, force, clock)
    assert await live(database) == ["E1"]
