"""Every conversation as a transcript, on the web chat and on Telegram, through one dispatcher."""

from collections.abc import AsyncIterator

import pytest

from bot.catalogs import Catalogs
from bot.dispatcher import Dispatcher
from tests.both_channels import (
    CHANNELS,
    ChannelName,
    TelegramResident,
    WebResident,
    on,
    on_telegram,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Anyone = WebResident | TelegramResident


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest) -> ChannelName:
    name: ChannelName = request.param
    return name


@pytest.fixture
async def newcomer(
    channel: ChannelName, dispatcher: Dispatcher, catalogs: Catalogs
) -> AsyncIterator[Anyone]:
    """Someone who has never written before."""
    async with on(channel, dispatcher, catalogs) as resident:
        yield resident


@pytest.fixture
async def neighbour(newcomer: Anyone) -> Anyone:
    """Someone who has chosen English and follows Riverside."""
    await newcomer.says("/start")
    await newcomer.presses("English")
    await newcomer.says("RG1 1AA")
    return newcomer


async def test_from_nothing_to_an_area_in_one_tap_and_one_line(newcomer: Anyone) -> None:
    await newcomer.says("/start")
    newcomer.reads("Which language would you like?")
    newcomer.reads("call 999")
    await newcomer.presses("English")
    newcomer.reads("What is your postcode?")
    await newcomer.says("rg11aa")
    newcomer.reads("You now follow Riverside.")
    newcomer.sees("My areas", "Follow an area", "Help")


async def test_two_areas_of_one_name_are_told_apart_by_number(neighbour: Anyone) -> None:
    await neighbour.says("/follow Hillside")
    neighbour.reads("Which of these areas is yours?")
    await neighbour.says("option 2")
    neighbour.reads("You now follow Hillside (Southtown).")


async def test_an_unknown_postcode_is_asked_again(neighbour: Anyone) -> None:
    await neighbour.says("/follow")
    await neighbour.says("nowhere at all")
    neighbour.reads("I do not know that postcode. Please try again.")
    await neighbour.says("RG1 1AB")
    neighbour.reads("You now follow Hillside (Northtown).")


async def test_a_postcode_elsewhere_is_sent_to_its_own_police(neighbour: Anyone) -> None:
    await neighbour.says("/follow RG2 2AA")
    neighbour.reads("outside the area of Thames Valley Police")
    neighbour.reads("www.police.uk")


async def test_an_area_is_left_and_taken_back(neighbour: Anyone) -> None:
    await neighbour.presses("My areas")
    neighbour.reads("You follow Riverside.")
    await neighbour.forges("places.leave:ZX01")
    neighbour.reads("You no longer follow Riverside.")
    await neighbour.says("undo")
    neighbour.reads("You now follow Riverside.")


async def test_the_language_changes_and_changes_back(neighbour: Anyone) -> None:
    await neighbour.says("/language")
    await neighbour.says("Polski")
    neighbour.reads("Polski")
    await neighbour.says("/language")
    await neighbour.says("ENGLISH")
    neighbour.reads("I will write to you in English.")


async def test_help_names_every_way_to_reach_someone(neighbour: Anyone) -> None:
    await neighbour.says("Help!")
    for words in ("call 999", "press 55", "18000", "101", "0800 555 111", "/stop"):
        neighbour.reads(words)


async def test_cancel_leaves_any_question(neighbour: Anyone) -> None:
    await neighbour.says("/follow")
    await neighbour.says("/cancel")
    neighbour.reads("Cancelled. Nothing was changed.")


async def test_stop_ends_everything_in_one_step(neighbour: Anyone) -> None:
    await neighbour.says("stop")
    neighbour.reads("Stopped. I will send you no more messages")
    await neighbour.says("/places")
    neighbour.reads("You do not follow any area yet.")


async def test_what_nobody_asked_for_gets_a_way_on(neighbour: Anyone) -> None:
    await neighbour.says("lovely weather")
    neighbour.reads("did not understand")
    neighbour.sees("Follow an area", "My areas", "Help")


async def test_words_of_danger_are_answered_with_help_first(neighbour: Anyone) -> None:
    await neighbour.says("my partner hits me")
    assert neighbour.screen.startswith("If you or someone else is in danger now")
    neighbour.reads("0808 2000 247")


async def test_a_shared_point_leads_to_its_area(dispatcher: Dispatcher, catalogs: Catalogs) -> None:
    async with on_telegram(dispatcher, catalogs) as resident:
        await resident.says("/start")
        await resident.presses("English")
        await resident.shares(51.45, -0.95)
        resident.reads("You now follow Riverside.")


async def test_a_photo_is_not_kept_and_the_question_stays(
    dispatcher: Dispatcher, catalogs: Catalogs
) -> None:
    async with on_telegram(dispatcher, catalogs) as resident:
        await resident.says("/start")
        await resident.presses("English")
        await resident.sends("photo")
        resident.reads("I can read words and locations only.")
        await resident.says("RG1 1AA")
        resident.reads("You now follow Riverside.")
