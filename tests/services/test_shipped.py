"""What ships is right: real postcodes lead to their own ward, and look-alikes to none."""

import asyncio
import csv
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from bot.model import Found, Ground
from bot.services.places import Places
from bot.services.postcodes import import_postcodes
from bot.services.shipped import SHIPPED, prepare_places
from bot.store import areas
from bot.store.database import Database
from bot.store.migrations import upgrade
from bot.store.postcodes import FILE_NAME, PackedPostcodes
from tests.conftest import FakeClock

REPOSITORY = Path(__file__).parents[2]
SAMPLE = SHIPPED / "thames_valley_postcodes_sample.csv"
LOOK_ALIKES = REPOSITORY / "tests/fixtures/postcodes/tv_area_letters_but_other_force.csv"
SHARED = REPOSITORY.parent / "shared/data/postcodes"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Database]:
    """One SQLite database: what is asked here does not depend on the engine."""
    database = Database(f"sqlite:///{tmp_path / 'beatline.sqlite'}")
    await upgrade(database, "subscriptions")
    yield database
    await database.close()


@pytest.fixture
async def places(small: Database, tmp_path: Path, clock: FakeClock) -> Places:
    return Places(small, await prepare_places(tmp_path, small), clock)


async def found(places: Places, typed: Iterable[str]) -> list[Found]:
    return [await places.find(text) for text in typed]


async def test_every_sample_postcode_leads_to_its_own_ward(places: Places) -> None:
    sample = rows(SAMPLE)
    answers = await found(places, (row["postcode"].lower() for row in sample))
    wards = [answer.area.id if answer.area else "" for answer in answers]
    assert wards == [row["ward_code"] for row in sample]
    assert len(wards) == 5004


async def test_no_look_alike_of_another_force_is_known(places: Places) -> None:
    answers = await found(places, (row["postcode"] for row in rows(LOOK_ALIKES)))
    assert {answer.ground for answer in answers} == {Ground.UNKNOWN}
    assert len(answers) == 300


async def test_look_alikes_stay_outside_when_all_of_britain_is_imported(
    places: Places, tmp_path: Path
) -> None:
    known = rows(LOOK_ALIKES)
    source = tmp_path / "code_point.csv"
    with source.open("w") as file:
        csv.writer(file).writerows(
            [row[name] for name in ("postcode", "pqi", "eastings", "northings")]
            + ["E92000001", "", "", "", row["district_code"], row["ward_code"]]
            for row in known
        )
    import_postcodes(source, tmp_path / FILE_NAME)
    answers = await found(places, (row["postcode"] for row in known))
    assert [answer.ground for answer in answers] == [Ground.OUTSIDE] * 300


async def test_the_areas_that_ship_say_that_they_stand_in(places: Places, small: Database) -> None:
    await places.look()
    assert places.has_standins
    async with small.read() as connection:
        assert await areas.count(connection) == await areas.count_standins(connection) == 293


async def test_two_processes_may_prepare_at_once(database: Database, tmp_path: Path) -> None:
    both = await asyncio.gather(*(prepare_places(tmp_path, database) for _ in range(2)))
    assert [len(known) for known in both] == [68_311, 68_311]
    async with database.read() as connection:
        assert await areas.count(connection) == 293


async def test_preparing_again_changes_nothing(small: Database, tmp_path: Path) -> None:
    await prepare_places(tmp_path, small)
    before = (tmp_path / FILE_NAME).stat().st_mtime_ns
    async with small.read() as connection:
        version = await areas.version(connection)
    await prepare_places(tmp_path, small)
    assert (tmp_path / FILE_NAME).stat().st_mtime_ns == before
    async with small.read() as connection:
        assert await areas.version(connection) == version


async def test_raw_code_point_lines_agree_with_what_ships(places: Places, tmp_path: Path) -> None:
    raw = SHARED / "codepoint_open_raw_rg1.csv"
    if not raw.exists():
        pytest.skip("the shared data samples are not beside this repository")
    before = PackedPostcodes(tmp_path / FILE_NAME)
    other = tmp_path / "other.bin"
    import_postcodes(raw, other)
    again = PackedPostcodes(other)
    compared = 0
    with raw.open() as file:
        for code, *_ in csv.reader(file):
            one, two = before.row(code), again.row(code)
            assert two is not None
            if one is not None:
                assert (await places.find(code)).ground is Ground.FOUND
                assert one.district == two.district
                compared += 1
    assert compared > 1000
