"""Choosing an area from the list, by buttons alone and on every channel."""

import pytest
from shapely.geometry import box

from bot.catalogs import Catalogs
from bot.conversation import MAX_CHOICE_BYTES
from bot.dispatcher import Dispatcher
from bot.model import Area
from bot.services.area_files import read_areas
from bot.services.areas import replace_areas, stored
from bot.services.shipped import WARDS
from bot.store.database import Database
from tests.both_channels import CHANNELS, ChannelName, nothing_logged, on
from tests.resident import Resident

WAYS_ON = {"More", "Back", "Help"}


async def build(database: Database, *named: tuple[str, str]) -> None:
    """Put areas of these names and districts in the place of the town's."""
    new = [
        stored(Area(f"Q{n:03}", name, district), box(-1.0, 51.4, -0.9, 51.5))
        for n, (name, district) in enumerate(named)
    ]
    await replace_areas(database, new, anyway=True)


def listed(resident: Resident) -> list[str]:
    labels = [button.label for button in resident.buttons]
    assert labels[-2:] == ["Back", "Help"]
    assert len(labels) <= 8 + len(WAYS_ON)
    return [label for label in labels if label not in WAYS_ON]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_an_area_is_followed_by_buttons_alone(
    channel: ChannelName, dispatcher: Dispatcher, catalogs: Catalogs
) -> None:
    with nothing_logged():
        async with on(channel, dispatcher, catalogs) as resident:
            await resident.says("/start")
            for label in ("English", "Choose from a list", "Southtown", "Hillside"):
                await resident.presses(label)
            resident.reads("You now follow Hillside (Southtown).")


async def test_every_screen_that_asks_where_offers_the_list(stranger: Resident) -> None:
    await stranger.says("/start")
    await stranger.presses("English")
    stranger.sees("Choose from a list")
    for words in ("/follow", "/follow nowhere", "/follow RG2 2AA", "/follow RG9 9ZZ"):
        await stranger.says(words)
        stranger.sees("Choose from a list")
    await stranger.says("/follow hillside")
    stranger.sees("Choose from a list")


async def test_the_list_goes_from_districts_to_areas_and_back(resident: Resident) -> None:
    await resident.says("/follow")
    await resident.presses("Choose from a list")
    resident.reads("Where do you live?")
    assert listed(resident) == ["Northtown", "Southtown", "Thames Valley Police"]
    await resident.presses("Thames Valley Police")
    resident.reads("Which of these areas is yours?")
    assert listed(resident) == ["Riverside"]
    await resident.presses("Back")
    assert listed(resident) == ["Northtown", "Southtown", "Thames Valley Police"]
    await resident.presses("Back")
    resident.reads("What is your postcode?")


async def test_the_list_still_takes_a_postcode_a_point_a_name_or_a_number(
    resident: Resident,
) -> None:
    for screen in ("follow.list", "follow.list:00000000"):
        await resident.forges(screen)
        resident.reads("You can also type your postcode or send your location.")
        await resident.says("RG1 1AB")
        resident.reads("You now follow Hillside (Northtown).")
        await resident.forges(screen)
        await resident.shares(51.45, -0.95)
        resident.reads("You now follow Riverside.")
    await resident.forges("follow.list")
    await resident.says("southtown")
    await resident.says("1")
    resident.reads("You now follow Hillside (Southtown).")


async def test_a_district_is_shown_eight_at_a_time(resident: Resident, database: Database) -> None:
    names = [f"Ward {n:02}" for n in range(20)]
    await build(database, *((name, "Reading") for name in names))
    await resident.says("/follow")
    await resident.presses("Choose from a list")  # one district needs no choice of one
    assert listed(resident) == names[:8]
    await resident.presses("More")
    assert listed(resident) == names[8:16]
    await resident.says("more")
    assert listed(resident) == names[16:]
    assert "More" not in [button.label for button in resident.buttons]
    await resident.presses("Back")
    assert listed(resident) == names[8:16]
    await resident.presses("Back")
    await resident.presses("Back")
    resident.reads("What is your postcode?")


async def test_many_areas_without_a_district_are_found_by_their_first_letter(
    resident: Resident, database: Database
) -> None:
    """As after a sync with the force: 293 neighbourhoods, and no word of their districts."""
    names = sorted(one.area.name for one in read_areas(WARDS))
    await build(database, *((name, "") for name in names))
    await resident.says("/follow")
    await resident.presses("Choose from a list")
    resident.reads("Which letter does the name of your area begin with?")
    ranges = listed(resident)
    assert len(ranges) <= 8
    assert ranges[0].startswith("A")
    seen: list[str] = []
    for letters in ranges:
        await resident.forges("follow.list")
        await resident.presses(letters)
        resident.reads("Which of these areas is yours?")
        while True:
            seen += listed(resident)
            assert all(len(b.choice.encode()) <= MAX_CHOICE_BYTES for b in resident.buttons)
            if "More" not in [button.label for button in resident.buttons]:
                break
            await resident.presses("More")
    assert sorted(seen) == names
    await resident.forges("follow.list")
    await resident.presses(ranges[-1])
    await resident.presses("Back")
    assert listed(resident) == ranges


@pytest.mark.parametrize(
    "arguments",
    [
        ":",
        "::",
        ":::",
        ":x",
        ":::1:2:3",
        ":-:-:-",
        ":00000000:z-a",
        ":00000000:a-z:99",
        ":00000000:a:1",
        ":00000000::-1",
        ":00000000::²",
        ":00000000::99999999999999999999",
    ],
)
async def test_a_forged_place_in_the_list_still_shows_the_list(
    resident: Resident, arguments: str
) -> None:
    await resident.forges(f"follow.list{arguments}")
    resident.reads("You can also type your postcode or send your location.")
    resident.sees("Back", "Help")


async def test_a_district_by_its_name_offers_its_areas(
    resident: Resident, database: Database
) -> None:
    await build(database, ("Abbey", "Reading"), ("Park", "Reading"), ("Park", "West Berkshire"))
    for words in ("Reading", "reading", "the area near Reading"):
        await resident.says(f"/follow {words}")
        resident.reads("Which of these areas of Reading is yours?")
        assert listed(resident) == ["Abbey", "Park"]
    await resident.presses("Park")
    resident.reads("You now follow Park (Reading).")
    await resident.says("/follow Park in Reading")
    resident.reads("You now follow Park (Reading).")


async def test_a_name_of_areas_and_of_districts_is_asked_about(
    resident: Resident, database: Database
) -> None:
    await build(
        database, ("Witney West", "West Oxfordshire"), ("Newbury", "West Berkshire"), ("Z", "Z")
    )
    await resident.says("/follow west")
    resident.reads("Which of these areas is yours?")
    resident.sees("Witney West (West Oxfordshire)", "Areas of West Berkshire")
    await resident.presses("Areas of West Berkshire")
    assert listed(resident) == ["Newbury"]
