"""Bulk files of street crime, counted by area: what is in them, and nothing else."""

import csv
import gzip
import io
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from shapely.geometry import box

from bot.errors import OperatorError
from bot.model import Point
from bot.offences import SLUGS
from bot.services.area_files import read_areas
from bot.services.areas import swap
from bot.services.crime_files import import_street
from bot.services.shipped import WARDS
from bot.store import areas, numbers
from bot.store.areas import StoredArea
from bot.store.database import Database
from tests import town
from tests.conftest import FakeClock
from tests.services.street import HEADER, line, write

REAL = Path(__file__).parents[3] / "shared" / "data" / "police" / "tvp-street-2018-06.csv.gz"
SINCE = date(2018, 1, 1)
MONTH = date(2026, 9, 1)
RIVERSIDE = Point(51.45, -0.95)
NORTH = Point(51.55, -0.95)
FAR = Point(53.0, -0.95)

LINES = [
    line("Anti-social behaviour", RIVERSIDE),
    line("Anti-social behaviour", RIVERSIDE),
    line("Burglary", RIVERSIDE, "Under investigation", id="a1"),
    line("Burglary", NORTH, "Local resolution", id="a2"),
    line("Robbery", FAR, "Under investigation", id="a3"),
    line("Drugs", None, "Local resolution", id="a4"),
    line("Other crime", RIVERSIDE, "Under investigation", month="no month"),
]


@pytest.fixture(autouse=True)
async def a_town(database: Database) -> None:
    await town.build(database)


async def counts(database: Database, area: str) -> dict[date, dict[tuple[str, str], int]]:
    async with database.read() as connection:
        found = await numbers.of(connection, area, SINCE)
    return {each.month: dict(each.counts) for each in found}


async def test_offences_are_counted_by_area_category_and_newest_result(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    street = await import_street(database, clock, write(tmp_path / "street.csv", LINES))
    assert (street.rows, street.placed, street.elsewhere) == (6, 4, 1)
    assert (street.without_place, street.bad) == (1, 1)
    assert street.categories == {
        "anti-social-behaviour": 2,
        "burglary": 2,
        "robbery": 1,
        "drugs": 1,
    }
    assert await counts(database, "ZX01") == {
        MONTH: {("anti-social-behaviour", ""): 2, ("burglary", "Under investigation"): 1}
    }
    assert await counts(database, "ZX02") == {MONTH: {("burglary", "Local resolution"): 1}}
    assert await counts(database, "ZX03") == {MONTH: {}}  # nothing was recorded there


async def test_a_month_that_comes_again_takes_the_place_of_the_first(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    await import_street(database, clock, write(tmp_path / "one.csv", LINES))
    again = [line("Burglary", RIVERSIDE, "Local resolution")]
    await import_street(database, clock, write(tmp_path / "two.csv", again))
    assert await counts(database, "ZX01") == {MONTH: {("burglary", "Local resolution"): 1}}
    assert await counts(database, "ZX02") == {MONTH: {}}


@pytest.mark.parametrize("form", ["folder", "zip", "gzip"])
async def test_files_are_read_as_they_are_downloaded(
    database: Database, clock: FakeClock, tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "all"
    files = {
        "2026-08/2026-08-thames-valley-street.csv": [line("Drugs", NORTH, month="2026-08")],
        "2026-09/2026-09-thames-valley-street.csv": [line("Drugs", NORTH)],
        "2026-09/2026-09-btp-street.csv": [line("Drugs", NORTH)],
        "2026-09/2026-09-thames-valley-outcomes.csv": ["not,street,crime"],
    }
    for name, lines in files.items():
        write(folder / name, lines)
    source = folder
    if form == "zip":
        source = tmp_path / "all.zip"
        with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in files:
                archive.write(folder / name, name)
    if form == "gzip":
        for name in files:
            path = folder / name
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
    done: list[tuple[int, int]] = []
    await import_street(database, clock, source, told=lambda *so_far: done.append(so_far))
    assert done == [(1, 3), (2, 3), (3, 3)]
    august = date(2026, 8, 1)
    assert await counts(database, "ZX02") == {
        august: {("drugs", ""): 1},
        MONTH: {("drugs", ""): 2},  # of both forces
    }


async def test_of_a_sample_only_areas_with_offences_in_it_are_touched(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    await import_street(database, clock, write(tmp_path / "street.csv", LINES), sample=True)
    assert await counts(database, "ZX03") == {}
    async with database.write() as connection:
        await numbers.forget_samples(connection)
    assert await counts(database, "ZX01") == {}


async def test_real_figures_take_the_place_of_all_sample_ones(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    await import_street(database, clock, write(tmp_path / "street.csv", LINES), sample=True)
    august = [line("Drugs", NORTH, month="2026-08")]
    await import_street(database, clock, write(tmp_path / "august.csv", august))
    assert list(await counts(database, "ZX01")) == [date(2026, 8, 1)]


async def test_figures_of_an_area_that_was_drawn_anew_are_not_told(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    await import_street(database, clock, write(tmp_path / "street.csv", LINES))
    async with database.write() as connection:
        await areas.put(connection, [StoredArea(town.RIVERSIDE, box(-1, 51.4, -0.9, 51.49).wkb)])
    assert await counts(database, "ZX01") == {}
    assert await counts(database, "ZX02") != {}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("street.csv", "a,b\n1,2\n", "no column 'Month'"),
        ("street.csv", f"{HEADER}\n", "no offences within"),
        ("street.csv", f'{HEADER}\n"never closed', "not sound CSV"),
        ("street.txt", "words", "is no CSV file"),
        ("street.csv.gz", "words", "could not be read"),
        ("gone.csv", None, "no such file"),
    ],
)
async def test_what_is_no_street_crime_is_refused_in_one_sentence(
    database: Database, clock: FakeClock, tmp_path: Path, name: str, content: str | None, words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    with pytest.raises(OperatorError, match=words):
        await import_street(database, clock, path)


async def test_a_folder_without_street_crime_is_refused(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    with pytest.raises(OperatorError, match="no file whose name ends in"):
        await import_street(database, clock, tmp_path)


async def test_a_real_month_of_thames_valley_agrees_with_a_direct_count(
    database: Database, clock: FakeClock
) -> None:
    if not REAL.exists():
        pytest.skip("the data samples are not beside this checkout")
    wards = read_areas(WARDS, standin=True)
    async with database.write() as connection:
        await swap(connection, wards, anyway=True)
    street = await import_street(database, clock, REAL)
    with gzip.open(REAL) as file:
        rows = list(csv.DictReader(io.TextIOWrapper(file, encoding="utf-8")))
    directly = Counter(SLUGS[row["Crime type"]] for row in rows)
    assert street.rows == len(rows) == 18_188
    assert street.categories == directly
    assert street.without_place == sum(not row["Longitude"] for row in rows) == 1_697
    kept: Counter[str] = Counter()
    results: Counter[str] = Counter()
    async with database.read() as connection:
        for ward in wards:
            for month in await numbers.of(connection, ward.area.id, SINCE):
                assert month.month == date(2018, 6, 1)
                for (category, outcome), count in month.counts.items():
                    kept[category] += count
                    results[outcome] += count
    assert kept.total() == results.total() == street.placed
    assert street.placed + street.elsewhere + street.without_place == street.rows
    assert street.elsewhere < 200  # a dozen in other districts, and some on the very edge
    assert all(kept[category] <= directly[category] for category in directly)
