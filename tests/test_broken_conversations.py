"""What goes wrong in a real talk: old buttons, two devices, edits, restarts, changed code."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update

from bot.catalogs import Catalogs
from bot.dispatcher import Dispatcher
from bot.model import Subscriber
from bot.security.sealing import ChatKeys
from bot.services import Services
from bot.services.conversations import Talk
from bot.store.database import Database
from bot.store.tables import conversations
from tests.both_channels import (
    CHANNELS,
    ChannelName,
    TelegramResident,
    WebResident,
    nothing_logged,
    on,
    on_telegram,
    on_web,
    telegram_running,
)
from tests.conftest import new_dispatcher
from tests.fakes.botapi import BotApi

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Anyone = WebResident | TelegramResident


@pytest.fixture(params=CHANNELS)
async def neighbour(
    request: pytest.FixtureRequest, dispatcher: Dispatcher, catalogs: Catalogs
) -> AsyncIterator[Anyone]:
    """Someone on either channel who has chosen English and follows Riverside."""
    channel: ChannelName = request.param
    with nothing_logged():
        async with on(channel, dispatcher, catalogs) as resident:
            await settle(resident)
            yield resident


async def settle(resident: Anyone) -> None:
    await resident.says("/start")
    await resident.presses("English")
    await resident.says("RG1 1AA")
    resident.reads("You now follow Riverside.")


async def known(services: Services, resident: Anyone) -> Subscriber:
    found = await services.residents.find(resident.address)
    assert found is not None
    return found


async def test_a_button_of_an_earlier_screen_still_works(neighbour: Anyone) -> None:
    await neighbour.says("/follow Hillside")
    old = neighbour.buttons[0].choice
    await neighbour.says("/help")
    await neighbour.forges(old)
    neighbour.reads("You now follow Hillside (Northtown).")


async def test_a_button_for_what_is_gone_shows_what_there_is(neighbour: Anyone) -> None:
    await neighbour.forges("places.leave:ZX01")
    await neighbour.forges("places.leave:ZX01")
    neighbour.reads("You do not follow any area yet.")


async def test_a_button_of_code_that_is_gone_leaves_the_choices_open(neighbour: Anyone) -> None:
    await neighbour.says("/follow Hillside")
    await neighbour.forges("retired.route:1")
    neighbour.reads("I do not know that. Send /help")
    await neighbour.says("hillside (southtown)")
    neighbour.reads("You now follow Hillside (Southtown).")


async def test_a_command_inside_a_question_wins(neighbour: Anyone) -> None:
    await neighbour.says("/follow")
    await neighbour.says("/places")
    neighbour.reads("You follow Riverside.")
    await neighbour.says("RG1 1AB")
    neighbour.reads("Would you like to follow it?")
    await neighbour.says("1")
    neighbour.reads("You now follow Hillside (Northtown).")


async def test_a_mistyped_command_keeps_question_and_choices(neighbour: Anyone) -> None:
    await neighbour.says("/follow Hillside")
    for words in ("/folow", "/", "/123", "/follow_me", "/ÄÖÜ x"):
        await neighbour.says(words)
        neighbour.reads("I do not know that. Send /help")
        neighbour.sees("Hillside (Northtown)", "Hillside (Southtown)")
    await neighbour.says("2")
    neighbour.reads("You now follow Hillside (Southtown).")


async def test_a_question_of_code_that_is_gone_is_not_a_trap(
    neighbour: Anyone, services: Services
) -> None:
    await services.conversations.save(await known(services, neighbour), Talk("retired.step"))
    await neighbour.says("whatever")
    neighbour.reads("did not understand")
    await neighbour.says("/follow RG1 1AB")
    neighbour.reads("You now follow Hillside (Northtown).")


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "null",
        "{}",
        '["words"]',
        '{"expects": null, "replies": [{"words": ["an older form"], "buttons": []}]}',
        '{"expects": null, "replies": [{"text": ["x"], "buttons": [], "where": false}]}',
        json.dumps(
            {
                "expects": "follow.where",
                "replies": [
                    {
                        "text": [{"m": "x"}],
                        "buttons": [[{"m": "y"}, "z" * 65]],
                        "where": False,
                    }
                ],
            }
        ),
    ],
)
async def test_a_last_answer_in_another_versions_form_is_not_a_trap(
    neighbour: Anyone, chat_keys: ChatKeys, database: Database, stored: str
) -> None:
    async with database.write() as connection:
        talk = chat_keys.seal_talk(stored.encode())
        await connection.execute(update(conversations).values(talk=talk))
    await neighbour.says("/frobnicate")
    neighbour.reads("I do not know that.")
    neighbour.sees("Help")
    await neighbour.says("1")
    neighbour.reads("call 999")


async def test_the_language_may_change_in_the_middle_of_a_question(neighbour: Anyone) -> None:
    await neighbour.says("/follow Hillside")
    await neighbour.forges("language.set:pl")
    await neighbour.says("/follow Hillside")
    await neighbour.says("Hillside (Southtown)")
    await neighbour.forges("language.set:en_GB")
    await neighbour.says("/places")
    neighbour.reads("You follow Hillside (Southtown) and Riverside.")


async def test_words_changed_afterwards_are_asked_for_anew(
    dispatcher: Dispatcher, catalogs: Catalogs
) -> None:
    async with on_telegram(dispatcher, catalogs) as resident:
        await settle(resident)
        await resident.says("/follow Hillside")
        await resident.edits(1, "RG1 1AB")
        resident.reads("I only read new messages.")
        resident.sees("Hillside (Northtown)", "Hillside (Southtown)")
        await resident.says("Hillside (Southtown)")
        resident.reads("You now follow Hillside (Southtown).")


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "contact", "document", "dice"])
async def test_what_cannot_be_read_keeps_question_and_choices(
    dispatcher: Dispatcher, catalogs: Catalogs, kind: str
) -> None:
    async with on_telegram(dispatcher, catalogs) as resident:
        await settle(resident)
        await resident.says("/follow Hillside")
        await resident.sends(kind)
        resident.reads("I can read words and locations only.")
        await resident.says("option 2")
        resident.reads("You now follow Hillside (Southtown).")


async def test_a_button_of_a_deleted_message_is_answered(
    dispatcher: Dispatcher, catalogs: Catalogs
) -> None:
    async with on_telegram(dispatcher, catalogs) as resident:
        await settle(resident)
        await resident.says("/places")
        gone = resident.shown[-1]
        await resident.person.deletes(gone.id)
        await resident.forges(resident.buttons[0].choice)
        assert resident.shown
        assert resident.shown[-1].id != gone.id


async def test_two_pages_of_one_browser_are_taken_in_turn(
    dispatcher: Dispatcher, catalogs: Catalogs
) -> None:
    async with on_web(dispatcher, catalogs) as one:
        await settle(one)
        other = WebResident(stage=one.stage, client=one.client)
        await other.opens()
        await one.opens()
        await asyncio.gather(one.says("/follow RG1 1AB"), other.says("/follow RG1 1AD"))
        await one.says("/places")
        for area in ("Riverside", "Hillside (Northtown)", "Hillside (Southtown)"):
            one.reads(area)


async def test_two_phones_of_one_person_are_taken_in_turn(
    dispatcher: Dispatcher, catalogs: Catalogs
) -> None:
    async with on_telegram(dispatcher, catalogs) as resident:
        await settle(resident)
        person = resident.person
        await asyncio.gather(
            person.says("/follow RG1 1AB"), person.says("/stop"), person.says("/follow RG1 1AD")
        )
        await resident.says("/places")
        resident.reads("Hillside (Southtown)")
        resident.reads_nothing_of("Riverside")


async def test_a_page_goes_on_after_the_bot_was_restarted_in_the_middle(
    services: Services, catalogs: Catalogs
) -> None:
    async with on_web(new_dispatcher(services, catalogs), catalogs) as resident:
        await settle(resident)
        await resident.says("/follow Hillside")
        cookies = resident.client.cookies
    async with on_web(new_dispatcher(services, catalogs), catalogs, cookies) as resident:
        resident.reads("Which of these areas is yours?")
        await resident.says("2")
        resident.reads("You now follow Hillside (Southtown).")


async def test_what_was_sent_while_the_bot_was_away_is_answered_in_order(
    services: Services, catalogs: Catalogs
) -> None:
    async with BotApi() as server:
        resident = TelegramResident(server=server, person=server.user())
        async with telegram_running(server, new_dispatcher(services, catalogs), catalogs):
            await settle(resident)
            await resident.says("/follow Hillside")
        await resident.person.says("2")
        async with telegram_running(server, new_dispatcher(services, catalogs), catalogs):
            await resident.person.reads("You now follow Hillside (Southtown).")
            await resident.says("/places")
            resident.reads("You follow Hillside (Southtown) and Riverside.")
