"""/hide, as a resident lives it."""

from dataclasses import replace

from bot.conversation import Address
from tests.resident import Resident


async def test_hide_asks_the_channel_to_take_the_talk_back_and_says_nothing_of_it(
    resident: Resident,
) -> None:
    await resident.says("/hide")
    assert resident.answer is not None
    assert resident.answer.replies[-1].hide
    assert resident.shown[0].plain.startswith("Done.")


async def test_hide_says_plainly_what_may_be_left(resident: Resident) -> None:
    await resident.says("/hide")
    resident.reads("Messages older than 48 hours may still be here")
    resident.reads("delete the chat")


async def test_on_the_web_chat_it_speaks_of_the_page(resident: Resident) -> None:
    visitor = replace(resident, address=Address("web", "someone"))
    await visitor.says("/hide")
    visitor.reads("This page is empty now")
