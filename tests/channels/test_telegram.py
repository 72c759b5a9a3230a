"""Telegram: what is heard, in what order, and how its answers are drawn."""

import asyncio

import pytest

from bot.conversation import Answer, Attachment, Message, Reply
from bot.model import Point
from bot.text import _
from channels.telegram import Patience
from tests.channels.telegram_stage import (
    Listener,
    button,
    channel_for,
    running,
    says,
)
from tests.fakes.botapi import BotApi, Limits


async def test_words_become_a_message_and_its_answer_is_drawn(server: BotApi) -> None:
    listener = Listener()
    user = server.user(language_code="pl")
    async with running(channel_for(server), listener):
        await user.says("/start@beatline_bot from-a-poster")
        await user.reads("You said: /start@beatline_bot from-a-poster")
    (message,) = listener.heard
    assert (message.address.channel, message.address.id) == ("telegram", str(user.id))
    assert (message.language_hint, message.group, message.edited) == ("pl", False, False)
    assert message.update.isdigit()


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ("photo", "photo"),
        ("video", "video"),
        ("video_note", "video"),
        ("animation", "video"),
        ("voice", "voice"),
        ("audio", "audio"),
        ("document", "document"),
        ("sticker", "sticker"),
        ("contact", "contact"),
        ("dice", "other"),
    ],
)
async def test_every_kind_of_thing_a_person_sends_is_heard(
    server: BotApi, sent: str, kind: str
) -> None:
    listener = Listener(_answer_thanks)
    user = server.user()
    async with running(channel_for(server), listener):
        await user.sends(sent, "a caption" if sent == "photo" else "")
        await user.reads("Thanks")
    (message,) = listener.heard
    assert [attachment.kind for attachment in message.attachments] == [kind]
    assert message.text == ("a caption" if sent == "photo" else "")


async def test_a_shared_place_is_a_point_and_a_live_one_is_not(server: BotApi) -> None:
    listener = Listener(_answer_thanks)
    user = server.user()
    async with running(channel_for(server), listener):
        await user.shares(51.454, -0.973)
        await user.reads("Thanks")
        await user.shares(51.454, -0.973, live_period=900)
        await user.reads("Thanks")
    assert listener.heard[0].point == Point(51.454, -0.973)
    assert listener.heard[1].point is None
    assert listener.heard[1].attachments == (Attachment("live location"),)


async def test_a_live_place_that_moves_on_is_not_answered_again(server: BotApi) -> None:
    listener = Listener()
    user = server.user()
    async with running(channel_for(server), listener):
        moving = {"latitude": 51.0, "longitude": -1.0, "live_period": 900}
        await user.edits(1, "", location=moving)
        await user.says("hello")
        await user.reads("hello")
    assert len(listener.heard) == 1


async def test_an_edit_says_that_it_is_one(server: BotApi) -> None:
    listener = Listener()
    user = server.user()
    async with running(channel_for(server), listener):
        number = await user.says("RG1")
        await user.reads("RG1")
        await user.edits(number, "RG2")
        await user.reads("RG2")
    assert [message.edited for message in listener.heard] == [False, True]


async def test_service_messages_bots_and_blocking_are_passed_over(server: BotApi) -> None:
    listener = Listener()
    user = server.user()
    async with running(channel_for(server), listener):
        await user.says("", pinned_message=None, delete_chat_photo=True)
        other_bot = {"id": 9, "is_bot": True, "first_name": "Robot"}
        await user.says("I am a bot", **{"from": other_bot})
        await user.blocks()
        await user.unblocks()
        await user.says("hello")
        await user.reads("hello")
    assert [message.text for message in listener.heard] == ["hello"]


async def test_an_update_of_an_unknown_shape_does_not_hold_up_the_next(server: BotApi) -> None:
    listener = Listener()
    user = server.user()
    async with running(channel_for(server), listener):
        await server.deliver({"message": {"nothing": "as expected"}})
        await server.deliver({"message": ["not", "even", "an", "object"]})
        await user.says("hello")
        await user.reads("hello")


async def test_a_press_gives_its_choice_and_stops_the_spinner(server: BotApi) -> None:
    listener = Listener(_ask)
    user = server.user()
    async with running(channel_for(server), listener):
        await user.says("/start")
        await user.reads("Shall I go on?")
        await user.presses("Yes")
        await user.reads("You pressed go:yes")
        await server.sees(lambda: len(server.answered) == 1)
    assert listener.heard[-1].choice == "go:yes"


async def test_a_press_too_old_for_telegram_is_answered_all_the_same(server: BotApi) -> None:
    user = server.user()
    async with running(channel_for(server), Listener(_ask)):
        await user.says("/start")
        shown = await user.reads("Shall I go on?")
        await user.presses_data(shown.id, "go:yes", query="long-ago")
        await user.reads("You pressed go:yes")


async def test_a_reply_that_replaces_redraws_the_pressed_message(server: BotApi) -> None:
    user = server.user()
    async with running(channel_for(server), Listener(_ask)):
        await user.says("/start")
        await user.reads("Shall I go on?")
        await user.presses("Change")
        await user.reads("You pressed go:change")
    assert user.chat.shows == ["You pressed go:change"]


async def test_redrawing_without_a_change_is_no_failure(server: BotApi) -> None:
    user = server.user()
    async with running(channel_for(server), Listener(_ask)):
        await user.says("/start")
        await user.reads("Shall I go on?")
        await user.presses("Same")
        await server.sees(lambda: bool(server.made("editMessageText")))
        await user.says("still there?")
        await user.reads("Shall I go on?")
    assert len(server.made("sendMessage")) == 2


@pytest.mark.parametrize("loss", ["deleted", "too old"])
async def test_a_message_that_cannot_be_redrawn_is_sent_anew(server: BotApi, loss: str) -> None:
    user = server.user()
    async with running(channel_for(server), Listener(_ask)):
        await user.says("/start")
        shown = await user.reads("Shall I go on?")
        if loss == "deleted":
            await user.deletes(shown.id)
        shown.too_old = True
        await user.presses_data(shown.id, "go:change")
        await user.reads("You pressed go:change")


async def test_several_replies_come_in_order(server: BotApi) -> None:
    async def three(_message: Message) -> Answer:
        return says("one", "two", "three")

    user = server.user()
    async with running(channel_for(server), Listener(three)):
        await user.says("count")
        await user.reads("three")
    assert user.chat.shows == ["one", "two", "three"]


async def test_an_answer_without_replies_draws_nothing(server: BotApi) -> None:
    async def silence(message: Message) -> Answer:
        return says(*(["loud"] if message.text == "loud" else []))

    user = server.user()
    async with running(channel_for(server), Listener(silence)):
        await user.says("quiet")
        await user.says("loud")
        await user.reads("loud")
    assert user.chat.shows == ["loud"]


async def test_menus_are_set_for_everyone_by_language_and_for_a_chat(server: BotApi) -> None:
    async def chosen(_message: Message) -> Answer:
        return Answer((Reply(_("Done"), new_language=True),), "zh_Hant")

    user = server.user()
    async with running(channel_for(server), Listener(chosen)):
        await user.says("/language")
        await server.sees(lambda: ("chat", user.id, "") in server.commands)
        await server.sees(lambda: ("default", None, "pl") in server.commands)
    described = {
        scope: [(command["command"], command["description"]) for command in commands]
        for scope, commands in server.commands.items()
    }
    assert described["default", None, ""] == [("start", "Begin"), ("stop", "Stop all messages")]
    assert described["default", None, "pl"][0] == ("start", "Begin (pl)")
    assert described["chat", user.id, ""][0] == ("start", "Begin (zh_Hant)")


async def test_a_menu_that_fails_never_stops_the_chat(server: BotApi) -> None:
    server.fail("setMyCommands", times=50, status=400, description="Bad Request: no")
    user = server.user()
    async with running(channel_for(server), Listener()):
        await user.says("hello")
        await user.reads("hello")


async def test_chats_are_served_side_by_side_and_each_in_its_order(server: BotApi) -> None:
    first_may_end = asyncio.Event()

    async def answer(message: Message) -> Answer:
        if message.text == "slow":
            await first_may_end.wait()
        return says(message.text)

    slow, quick = server.user(1), server.user(2)
    async with running(channel_for(server), Listener(answer)):
        await slow.says("slow")
        await slow.says("after the slow one")
        await quick.says("quick")
        await quick.reads("quick")
        assert slow.chat.shows == []
        first_may_end.set()
        await slow.reads("after the slow one")
    assert slow.chat.shows == ["slow", "after the slow one"]


async def test_one_slow_answer_holds_up_the_next_updates_only_for_a_while(server: BotApi) -> None:
    may_end = asyncio.Event()

    async def answer(message: Message) -> Answer:
        if message.text == "slow":
            await may_end.wait()
        return says(message.text)

    slow, quick = server.user(1), server.user(2)
    channel = channel_for(server, patience=Patience(first=0.01, hand=0.05))
    async with running(channel, Listener(answer)):
        await slow.says("slow")
        await server.sees(lambda: not server.pending)  # acknowledged although not yet answered
        await quick.says("quick")
        await quick.reads("quick")
        await slow.says("second")
        may_end.set()
        await slow.reads("second")
    assert slow.chat.shows == ["slow", "second"]


async def test_an_answer_that_breaks_does_not_silence_the_chat(server: BotApi) -> None:
    async def answer(message: Message) -> Answer:
        if message.text == "break":
            raise RuntimeError("a bug")
        return says(message.text)

    user = server.user()
    async with running(channel_for(server), Listener(answer)):
        await user.says("break")
        await user.says("hello")
        await user.reads("hello")


async def test_an_answer_waits_out_the_flood_limit(server: BotApi) -> None:
    server.limits = Limits(chat=20, burst=2)
    server.fail("sendMessage", status=429, description="Too Many Requests", retry_after=1)
    user = server.user()
    async with running(channel_for(server), Listener()):
        await user.says("hello")
        await user.reads("hello")
    assert [call.status for call in server.made("sendMessage")] == [429, 200]


async def test_an_answer_survives_server_errors(server: BotApi) -> None:
    server.fail("sendMessage", status=500)
    user = server.user()
    async with running(channel_for(server), Listener()):
        await user.says("hello")
        await user.reads("hello")


async def test_an_answer_that_may_have_arrived_is_not_said_twice(server: BotApi) -> None:
    server.fail("sendMessage", "lose")
    user = server.user()
    async with running(channel_for(server), Listener()):
        await user.says("hello")
        await user.reads("hello")
        await user.says("next")
        await user.reads("next")
    assert user.chat.shows == ["You said: hello", "You said: next"]


async def test_someone_who_blocks_in_the_middle_does_not_disturb_the_others(
    server: BotApi,
) -> None:
    gone, here = server.user(1), server.user(2)
    async with running(channel_for(server), Listener()):
        await gone.says("hello")
        await gone.reads("hello")
        gone.chat.closed = "Forbidden: bot was blocked by the user"
        await gone.says("hello?")
        await here.says("hello")
        await here.reads("hello")


async def _answer_thanks(_message: Message) -> Answer:
    return says("Thanks")


async def _ask(message: Message) -> Answer:
    buttons = (button("Yes", "go:yes"), button("Change", "go:change"), button("Same", "go:same"))
    if message.choice is None or message.choice == "go:same":
        return Answer(
            (Reply(_("Shall I go on?"), buttons, replace=message.choice is not None),), "en_GB"
        )
    replace = message.choice == "go:change"
    return Answer(
        (Reply(_("You pressed {choice}", choice=message.choice), replace=replace),), "en_GB"
    )
