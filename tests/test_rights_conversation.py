"""A resident's rights, as one transcript, on the web chat and on Telegram alike."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.catalogs import Catalogs
from bot.dispatcher import Dispatcher
from bot.services import Services
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


async def downloaded(resident: Anyone) -> Any:
    """The file that came with the last answer."""
    if isinstance(resident, TelegramResident):
        return json.loads(next(reversed(resident.server.files.values())))
    links = [given.get("href") or "" for tag, given in resident.page.attributes if tag == "a"]
    link = next(link for link in links if link.startswith("/files/"))
    return (await resident.client.get(link)).json()


def still_shown(resident: Anyone) -> list[str]:
    """Every word on the person's screen, theirs and ours."""
    if isinstance(resident, TelegramResident):
        return [shown.text for shown in resident.person.chat.messages]
    return [words for _kind, words in resident.page.messages]


async def test_from_the_notice_to_the_file_to_being_a_stranger(
    neighbour: Anyone, services: Services
) -> None:
    await neighbour.says("/privacy")
    neighbour.reads("Your privacy")
    await neighbour.presses("Get my data")
    neighbour.reads("Here is everything I hold about this chat")
    assert [area["name"] for area in (await downloaded(neighbour))["areas"]] == ["Riverside"]
    await neighbour.presses("Erase my data")
    address = neighbour.address
    await neighbour.says("Erase")
    neighbour.reads("Done. I erased everything")
    assert await services.residents.find(address) is None
    assert len(still_shown(neighbour)) == 1
    await neighbour.says("/start")
    neighbour.reads("Which language would you like?")


async def test_hide_leaves_one_neutral_message_and_the_talk_goes_on(neighbour: Anyone) -> None:
    await neighbour.says("my neighbour shouts at night")
    await neighbour.says("/privacy")
    await neighbour.presses("Hide")
    (left,) = still_shown(neighbour)
    assert left.startswith("Done.")
    await neighbour.says("/places")
    neighbour.reads("You follow Riverside.")
