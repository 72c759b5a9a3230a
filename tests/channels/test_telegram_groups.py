"""Telegram groups: only an admin is an admin, and only what is meant for the bot is heard."""

import pytest

from bot.conversation import Answer, Message, Reply
from bot.text import _
from tests.channels.telegram_stage import Listener, channel_for, running, says
from tests.fakes.botapi import BotApi

GROUP = -100200300


async def _only_admins(message: Message) -> Answer:
    return says(*(["Hello, admin."] if message.from_admin else []))


@pytest.mark.parametrize(
    ("role", "admin"), [("creator", True), ("administrator", True), ("member", False)]
)
async def test_an_admin_is_known_by_their_role(server: BotApi, role: str, admin: bool) -> None:
    listener = Listener()
    person = server.member(GROUP, 7, role=role)
    async with running(channel_for(server), listener):
        await person.says("/setup")
        await person.reads("/setup")
        await person.says("/setup@beatline_bot")
        await person.reads("/setup@beatline_bot")
    assert [(message.group, message.from_admin) for message in listener.heard] == [
        (True, admin),
        (True, admin),
    ]
    assert len(server.made("getChatMember")) == 1


async def test_an_anonymous_admin_is_an_admin(server: BotApi) -> None:
    listener = Listener()
    person = server.member(GROUP, 7)
    person.anonymous = True
    async with running(channel_for(server), listener):
        await person.says("/setup")
        await person.reads("/setup")
    assert listener.heard[0].from_admin


async def test_talk_among_neighbours_is_not_heard(server: BotApi) -> None:
    listener = Listener()
    person = server.member(GROUP, 7, role="creator")
    async with running(channel_for(server), listener):
        await person.says("Did anyone see my cat?")
        await person.says("/help@another_bot")
        await person.says("What does @beatline_bot say?")
        await person.reads("What does")
    assert [message.text for message in listener.heard] == ["What does @beatline_bot say?"]


async def test_an_admin_who_adds_the_bot_is_greeted_and_a_member_is_not(server: BotApi) -> None:
    listener = Listener(_only_admins)
    admin = server.member(GROUP, 7, role="administrator")
    other = server.member(GROUP - 1, 8)
    async with running(channel_for(server), listener):
        await other.adds_the_bot()
        await admin.adds_the_bot()
        await admin.reads("Hello, admin.")
    assert [(message.text, message.from_admin) for message in listener.heard] in (
        [("", False), ("", True)],
        [("", True), ("", False)],
    )
    assert other.chat.shows == []


async def test_a_forum_topic_is_answered_in_that_topic(server: BotApi) -> None:
    person = server.member(GROUP, 7, role="creator", kind="supergroup")
    async with running(channel_for(server), Listener()):
        await person.says("/setup", message_thread_id=42, is_topic_message=True)
        shown = await person.reads("/setup")
    assert shown.thread == 42


async def test_someone_whose_role_cannot_be_asked_is_no_admin(server: BotApi) -> None:
    server.fail("getChatMember", status=500)
    listener = Listener()
    person = server.member(GROUP, 7, role="creator")
    async with running(channel_for(server), listener):
        await person.says("/setup")
        await person.reads("/setup")
    assert not listener.heard[0].from_admin


async def test_what_must_not_stand_in_a_group_is_deleted_there(server: BotApi) -> None:
    async def hides(message: Message) -> Answer:
        return Answer((Reply(_("Not here."), hide=True),), "en_GB")

    person = server.member(GROUP, 7)
    async with running(channel_for(server), Listener(hides)):
        await person.says("good morning, neighbours")
        await person.says("/concern he sells drugs")
        await person.reads("Not here.")
    assert [shown.text for shown in person.chat.messages] == [
        "good morning, neighbours",
        "Not here.",
    ]


async def test_where_the_bot_may_not_delete_the_answer_still_comes(server: BotApi) -> None:
    async def hides(message: Message) -> Answer:
        return Answer((Reply(_("Not here."), hide=True),), "en_GB")

    person = server.member(GROUP, 7)
    for method in ("deleteMessages", "deleteMessage"):
        server.fail(method, status=400, description="Bad Request: message can't be deleted")
    async with running(channel_for(server), Listener(hides)):
        await person.says("/concern he sells drugs")
        await person.reads("Not here.")
