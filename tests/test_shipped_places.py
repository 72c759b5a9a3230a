"""The map that ships, as residents meet it: every area finds its people, no look-alike does."""

import csv
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import Beatline, joined
from bot.conversation import Address
from bot.services.shipped import SHIPPED
from bot.settings import Settings
from tests.resident import Resident

LOOK_ALIKES = Path(__file__).parent / "fixtures/postcodes/tv_area_letters_but_other_force.csv"
SAMPLE = SHIPPED / "thames_valley_postcodes_sample.csv"


@pytest.fixture
async def beatline(tmp_path: Path) -> AsyncIterator[Beatline]:
    settings = Settings(_env_file=None, data_dir=tmp_path)  # type: ignore[call-arg]  # mypy knows fields only
    async with joined(settings) as beatline:
        yield beatline


async def newcomer(beatline: Beatline) -> Resident:
    resident = Resident(beatline.dispatcher, beatline.catalogs, Address("test", "1"))
    await resident.says("/start")
    await resident.presses("English")
    return resident


async def test_all_look_alikes_are_pointed_to_police_uk_and_nobody_is_subscribed(
    beatline: Beatline,
) -> None:
    resident = await newcomer(beatline)
    with LOOK_ALIKES.open() as file:
        postcodes = [row["postcode"] for row in csv.DictReader(file)]

    for postcode in postcodes:
        await resident.says(f"/follow {postcode}")
        resident.reads("www.police.uk")
        resident.reads("you follow nothing new")

    assert len(postcodes) == 300
    await resident.says("/places")
    resident.reads("You do not follow any area yet.")


async def test_one_postcode_of_every_council_leads_to_its_ward(beatline: Beatline) -> None:
    resident = await newcomer(beatline)
    with SAMPLE.open() as file:
        of_each = {row["district"]: row for row in csv.DictReader(file)}

    for row in of_each.values():
        await resident.says("/stop")
        await resident.says(f"/follow {row['postcode'].replace(' ', '').lower()}")
        resident.reads(f"You now follow {row['ward']}")

    assert len(of_each) == 13
