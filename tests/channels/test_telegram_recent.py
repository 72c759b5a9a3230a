"""Taking back what was said lately on Telegram, and handing over a file."""

from bot.conversation import Answer, File, Message, Reply
from bot.text import _
from channels.telegram.recent import CHATS, KEPT_HOURS, MESSAGES, Recent
from tests.channels.telegram_stage import Listener, button, channel_for, running, says
from tests.fakes.botapi import BotApi

DONE = "Done."


async def _hides(message: Message) -> Answer:
    if "hide" in (message.text, message.choice):
        return Answer((Reply(_("Done."), hide=True),), "en_GB")
    if message.text == "menu":
        return Answer((Reply(_("Menu"), (button("Hide", "hide"),)),), "en_GB")
    return says(f"You said: {message.text}")


async def test_hide_takes_back_both_sides_of_the_talk_before_it_answers(server: BotApi) -> None:
    user = server.user()
    async with running(channel_for(server), Listener(_hides)):
        await user.says("my neighbour")
        await user.reads("my neighbour")
        await user.says("hide")
        await user.reads(DONE)
    assert [shown.text for shown in user.chat.messages] == [DONE]
    assert len(server.made("deleteMessages")) == 1


async def test_hide_by_a_button_takes_the_message_with_the_button_too(server: BotApi) -> None:
    user = server.user()
    async with running(channel_for(server), Listener(_hides)):
        await user.says("menu")
        await user.reads("Menu")
    async with running(channel_for(server), Listener(_hides)):  # a process that saw none of it
        await user.presses("Hide")
        await user.reads(DONE)
    assert user.chat.shows == [DONE]


async def test_one_message_too_old_does_not_keep_the_others(server: BotApi) -> None:
    user = server.user()
    async with running(channel_for(server), Listener(_hides)):
        await user.says("old")
        await user.reads("old")
        await user.says("new")
        await user.reads("new")
        user.chat.messages[0].too_old = True
        await user.says("hide")
        await user.reads(DONE)
    assert [shown.text for shown in user.chat.messages] == ["old", DONE]


async def test_what_could_not_be_taken_back_goes_at_the_next_try(server: BotApi) -> None:
    user = server.user()
    async with running(channel_for(server), Listener(_hides)):
        await user.says("my neighbour")
        await user.reads("my neighbour")
        server.fail("deleteMessages", "garble")
        await user.says("hide")
        await user.reads(DONE)
        assert len(user.chat.messages) == 4
        await user.says("hide")
        await user.reads(DONE)
    assert [shown.text for shown in user.chat.messages] == [DONE]


async def test_hiding_in_one_chat_leaves_the_others_alone(server: BotApi) -> None:
    one, other = server.user(5550001), server.user(5550002)
    async with running(channel_for(server), Listener(_hides)):
        await other.says("hello")
        await other.reads("hello")
        await one.says("hide")
        await one.reads(DONE)
    assert len(other.chat.messages) == 2


async def test_a_file_comes_with_the_words_as_a_document(server: BotApi) -> None:
    file = File("my-data.json", "application/json", b'{"language": "pl"}')

    async def hand_over(message: Message) -> Answer:
        return Answer((Reply(_("Here it is."), file=file),), "en_GB")

    user = server.user()
    async with running(channel_for(server), Listener(hand_over)):
        await user.says("/mydata")
        await user.reads("Here it is.")
        await server.sees(lambda: bool(server.files))
    assert list(server.files.values()) == [file.data]


def test_what_is_noted_stays_few_and_not_for_long() -> None:
    now = 0.0
    recent = Recent(lambda: now)
    for chat in range(1, CHATS + 3):
        recent.note(chat, 1)
    assert recent.take(1) == []
    for number in range(MESSAGES + 5):
        recent.note(7, number)
    assert len(recent.take(7)) == MESSAGES
    recent.note(8, 2)
    now = KEPT_HOURS * 3600 + 1
    recent.note(9, 3)
    assert recent.take(8) == []
    assert recent.take(9) == [3]
