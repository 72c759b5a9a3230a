"""News reaches the areas that it names, and nobody where it names none."""

from collections.abc import Iterable
from pathlib import Path

import pytest
import shapely

from bot.model import Area
from bot.services.area_files import read_areas
from bot.services.areas import replace_areas, stored
from bot.services.placing import Placer, Placing, Reader, reader_of
from bot.services.postcodes import import_postcodes
from bot.services.shipped import SHIPPED, WARDS
from bot.store.areas import StoredArea
from bot.store.database import Database
from bot.store.postcodes import PackedPostcodes
from tests import town
from tests.labelled import items
from tests.news import SAMPLE_OF_PLACES, Map

READING = "Reading/*"


@pytest.fixture(scope="session")
def wards() -> Map:
    return Map.shipped()


@pytest.fixture(scope="session")
def postcodes(tmp_path_factory: pytest.TempPathFactory) -> PackedPostcodes:
    path = tmp_path_factory.mktemp("postcodes") / "postcodes.bin"
    import_postcodes(SHIPPED / "thames_valley_postcodes_sample.csv", path)
    return PackedPostcodes(path)


@pytest.fixture(scope="session")
def reader(wards: Map, postcodes: PackedPostcodes) -> Reader:
    return wards.reader(postcodes)


@pytest.mark.parametrize(
    ("title", "text", "meant"),
    [
        ("Robbery appeal", "It happened in Chalvey, Slough.", ["Slough/Chalvey"]),
        (
            "Burglaries in the Tilehurst area of Reading",
            "",
            ["Reading/Tilehurst", "West Berkshire/Tilehurst*"],
        ),
        ("Robbery – Reading", "", [READING]),
        ("ROBBERY IN READING", "", [READING]),
        ("Reading’s new officers", "", [READING]),
        ("Arson in St Mary’s, Oxford", "", ["Oxford/St. Mary's"]),
        ("Cars stolen in Oxford and Cowley", "", ["Oxford/*"]),
        ("Cars stolen in Cowley, Oxford", "", ["Oxford/Cowley", "Oxford/Temple Cowley"]),
        (
            "Cars stolen in Thame and Wallingford",
            "",
            ["South Oxfordshire/Thame", "South Oxfordshire/Wallingford"],
        ),
        ("Fire at a farm in Shiplake", "", ["South Oxfordshire/Sonning Common"]),
        ("Stabbing in Reading town centre", "", ["Reading/Abbey"]),
        ("Noise in Abbey ward, Reading", "", ["Reading/Abbey"]),
        ("Police day in Wokingham Borough", "", ["Wokingham/*"]),
        ("Theft in Theale, near Reading", "", ["West Berkshire/Theale"]),
        ("Assault in Reading Road, Henley", "", ["South Oxfordshire/Henley-on-Thames"]),
        (
            "Slough man jailed for Windsor raid",
            "",
            ["Windsor and Maidenhead/Clewer*", "Windsor and Maidenhead/Eton*"],
        ),
        ("Slough man jailed", "", ["Slough/*"]),
        ("Knife bins at Slough police station", "", ["Slough/*"]),
        ("Slough Borough Council to act in Britwell", "", ["Slough/Britwell"]),
    ],
)
def test_a_place_means_its_areas(
    wards: Map, reader: Reader, title: str, text: str, meant: list[str]
) -> None:
    assert reader.place(title, text).areas == wards.like(meant)


@pytest.mark.parametrize(
    "text",
    [
        "Thames Valley Police has published its yearly report.",
        "Reading the small print can save you from a scam.",
        "Police Constable Jack Newbury has won an award. Newbury joined in 2009.",
        "Jo Windsor, aged 31, of Oxford Road, Reading, was jailed at Slough Crown Court.",
        "A woman was robbed in Oxford Street.",
        "A man was found in Abbey.",
        "Crime fell in Berkshire, Buckinghamshire and Oxfordshire.",
        "The driver of RG12 ABC was stopped on the M40.",
        "A crash closed the road in Burnham-on-Sea.",
        "A resident of Swindon was fined.",
        "",
    ],
)
def test_what_names_no_place_is_force_wide_and_reaches_nobody(reader: Reader, text: str) -> None:
    placing = reader.place("An officer’s news", text)
    assert placing == Placing.FORCE_WIDE
    assert placing.is_force_wide
    assert not placing.areas


def test_a_postcode_or_its_first_half_is_a_place(wards: Map, reader: Reader) -> None:
    outcode = reader.place("Tools stolen in RG31", "").areas
    assert wards.like(["Reading/Tilehurst"]) < outcode < wards.like([READING, "West Berkshire/*"])
    assert reader.place("Burglary in RG10 0AA", "").areas == wards.like(["Wokingham/Twyford*"])


def test_the_names_that_said_so_are_told(reader: Reader) -> None:
    assert reader.place("Cars stolen in Thame and in Didcot", "").names == ("Thame", "Didcot")


def test_a_later_paragraph_is_read_where_the_first_names_no_place(
    wards: Map, reader: Reader
) -> None:
    text = "A man was robbed on Sunday.\nIt happened in Wantage.\nCall us, or visit us in Oxford."
    assert reader.place("Robbery", text).areas == wards.like(["Vale of White Horse/Wantage*"])
    contacts = "One.\nTwo.\nThree.\nFour.\nOur office is in Oxford."
    assert reader.place("Robbery", contacts).is_force_wide


def test_a_long_hostile_text_is_read_to_its_end(reader: Reader) -> None:
    assert reader.place("Reading " * 2_000, "of 34, of " * 5_000).areas


@pytest.mark.parametrize("name", SAMPLE_OF_PLACES)
def test_places_are_found_in_labelled_news(wards: Map, reader: Reader, name: str) -> None:
    score = wards.score(reader, items(name))
    print(f"\nplaces, {name}: {score}", *score.wrong, sep="\n")  # noqa: T201  # for pytest -s
    assert score.items >= 100
    assert score.precision >= 0.94
    assert score.recall >= 0.94


def merged(wards: Map, id: str, name: str, patterns: Iterable[str]) -> StoredArea:
    """A force's own neighbourhood, which has a name but no council."""
    shapes = shapely.from_wkb([wards.by_id[ward].outline for ward in wards.like(patterns)])
    return stored(Area(id, name), shapely.union_all(shapes))


@pytest.fixture(scope="session")
def neighbourhoods(wards: Map) -> list[StoredArea]:
    north = ["Reading/Caversham*", "Reading/Emmer Green", "Reading/Thames"]
    south = ["Reading/Whitley", "Reading/Church", "Reading/Katesgrove"]
    everything = wards.like([READING]) - wards.like(north + south)
    rest = [f"Reading/{wards.by_id[id].area.name}" for id in everything]
    return [
        merged(wards, "N101", "Caversham and Emmer Green", north),
        merged(wards, "N102", "South Reading", south),
        merged(wards, "N103", "Reading Central", rest),
        merged(wards, "N104", "Slough", ["Slough/*"]),
    ]


@pytest.mark.parametrize(
    ("title", "meant"),
    [
        ("Burglary in Caversham", {"N101"}),
        ("Burglary in Emmer Green", {"N101"}),
        ("Burglary in Caversham Heights", {"N101"}),
        ("Burglary in Whitley", {"N102"}),
        ("Burglary in South Reading", {"N102"}),
        ("Burglary in Reading", {"N101", "N102", "N103"}),
        ("Burglary in Cippenham", {"N104"}),
        ("Burglary in Oxford", set()),
    ],
)
def test_after_a_sync_wards_and_towns_mean_the_neighbourhoods_that_lie_there(
    neighbourhoods: list[StoredArea], title: str, meant: set[str]
) -> None:
    reader = reader_of(neighbourhoods)
    assert reader is not None
    assert reader.place(title, "").areas == meant


async def test_news_is_placed_on_the_map_of_the_moment(
    database: Database, postcodes: PackedPostcodes, neighbourhoods: list[StoredArea]
) -> None:
    placer = Placer(database, postcodes)
    assert (await placer.place("Robbery in Reading", "")).is_force_wide
    await replace_areas(database, read_areas(WARDS, standin=True))
    assert len((await placer.place("Robbery in Reading", "")).areas) == 16
    await replace_areas(database, neighbourhoods)
    assert (await placer.place("Robbery in Whitley", "")).areas == {"N102"}


def test_areas_elsewhere_are_found_by_their_own_names(tmp_path: Path) -> None:
    path = tmp_path / "postcodes.bin"
    town.write_postcodes(path)
    made_up = [StoredArea(area, outline.wkb) for area, outline in town.AREAS]
    made_up.append(stored(Area("ZX04", "***"), shapely.box(-2.0, 51.4, -1.9, 51.5)))
    reader = reader_of(made_up, PackedPostcodes(path))
    assert reader is not None
    assert reader.place("Fire in Riverside ward", "").areas == {"ZX01"}
    assert reader.place("Fire in Hillside, Northtown", "").areas == {"ZX02"}
    assert reader.place("Fire in Hillside ward", "").is_force_wide
    assert reader.place("Fire in RG1", "").areas == {"ZX01", "ZX02", "ZX03"}
