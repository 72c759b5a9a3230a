"""What a resident may set, as one transcript, on the web chat and on Telegram alike."""

from collections.abc import AsyncIterator

import pytest

from bot.catalogs import Catalogs
from bot.dispatcher import Dispatcher
from tests.both_channels import CHANNELS, ChannelName, TelegramResident, WebResident, on

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Anyone = WebResident | TelegramResident


@pytest.fixture(params=CHANNELS)
async def neighbour(
    request: pytest.FixtureRequest, dispatcher: Dispatcher, catalogs: Catalogs
) -> AsyncIterator[Anyone]:
    """Someone who has chosen English and follows Riverside."""
    channel: ChannelName = request.param
    async with on(channel, dispatcher, catalogs) as resident:
        await resident.says("/start")
        await resident.presses("English")
        await resident.says("RG1 1AA")
        yield resident


async def test_topics_are_turned_off_in_place_and_counted(neighbour: Anyone) -> None:
    await neighbour.presses("Topics")
    await neighbour.presses("Communities")
    await neighbour.presses("Road safety: on")
    neighbour.sees("Road safety: off")
    await neighbour.says("general news: on")
    neighbour.reads("11 of 16 topics are on.")
    await neighbour.presses("Back")
    await neighbour.presses("Back")
    neighbour.reads("You follow Riverside.")
    neighbour.reads("11 of 16 topics are on.")


async def test_frequency_and_alerts_are_pressed_or_typed(neighbour: Anyone) -> None:
    await neighbour.presses("How often")
    await neighbour.presses("Once a day")
    neighbour.reads("News comes once a day")
    await neighbour.presses("Change the hour")
    await neighbour.says("7pm")
    neighbour.reads("Daily and weekly news now comes at 19:00.")
    await neighbour.says("/alerts")
    await neighbour.says("3")
    neighbour.reads("You get urgent alerts only.")


async def test_quiet_hours_and_a_pause_are_typed_and_told(neighbour: Anyone) -> None:
    await neighbour.says("/quiet")
    await neighbour.says("sometimes")
    neighbour.reads("I did not understand those hours.")
    await neighbour.says("9pm to 7am")
    neighbour.reads("Your quiet hours are from 21:00 to 07:00.")
    await neighbour.says("/pause")
    await neighbour.says("5 December")
    neighbour.reads("It comes again on 5 December 2026.")
    await neighbour.says("/places")
    neighbour.reads("It comes again on 5 December 2026.")


async def test_a_command_wins_in_the_middle_of_any_setting(neighbour: Anyone) -> None:
    for setting in ("/quiet", "/pause", "/topics", "/frequency", "/alerts"):
        await neighbour.says(setting)
        await neighbour.says("/cancel")
        neighbour.reads("Cancelled. Nothing was changed.")
    await neighbour.says("/quiet")
    await neighbour.says("/stop")
    neighbour.reads("Stopped.")
