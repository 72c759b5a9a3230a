"""A picture on its way: to Telegram and the web chat, corrected, and told in words in a digest."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio

from bot.conversation import Address, Answer, Reply
from bot.delivery.send import Sender
from bot.model import PictureFile
from bot.ports import Rendered, RenderedPicture, Span
from bot.text import Text
from channels.webchat import WebChat
from tests.channels.telegram_stage import channel_for
from tests.delivery.stage import STAFF, Stage
from tests.fakes.botapi import BotApi
from tests.images import drawn

ALT = "A map of Mill Lane."
TOLD = f"Picture: {ALT}"


@pytest_asyncio.fixture
async def server() -> AsyncIterator[BotApi]:
    async with BotApi() as server:
        yield server


@pytest_asyncio.fixture
async def telegram(stage: Stage, server: BotApi) -> AsyncIterator[Sender]:
    async def content(name: str) -> PictureFile:
        found = await stage.posts.picture(name)
        if found is None:
            raise LookupError(name)
        return found

    channel = channel_for(server, pictures=content)
    yield stage.another_sender(channel)
    await channel.close()


def shown(server: BotApi, chat: int) -> list[tuple[bool, str]]:
    """Whether each message has a photo, and its words from the second paragraph on."""
    return [
        (each.photo is not None, each.text.partition("\n\n")[2])
        for each in server.rooms[chat].messages
    ]


async def test_everybody_gets_the_picture_from_one_upload_and_a_correction_of_its_words(
    stage: Stage, server: BotApi, telegram: Sender
) -> None:
    for chat in range(1, 6):
        server.user(chat)
        await stage.follower(str(chat))
    post = await stage.release("Mill Lane is closed.", image=drawn(), alt=ALT)
    await stage.work(telegram)
    assert (await stage.report(post)).sent == 5
    assert len(server.uploaded) == 1
    stage.later(seconds=1)
    await stage.posts.correct(post.code, "Hill Lane is closed.", STAFF, now=True)
    await stage.work(telegram)
    for chat in range(1, 6):
        ((has_photo, words),) = shown(server, chat)
        assert has_photo
        assert words.startswith("Hill Lane is closed.")
        assert words.endswith(TOLD)


async def test_a_wrong_picture_is_taken_back_from_exactly_those_who_have_it(
    stage: Stage, server: BotApi, telegram: Sender
) -> None:
    for chat in (1, 2):
        server.user(chat)
        await stage.follower(str(chat))
    await server.user(2).blocks()
    post = await stage.release("This man is missing.", image=drawn(), alt="A man with a red hat.")
    await stage.work(telegram)
    stage.later(seconds=1)
    new = await stage.posts.correct(
        post.code, "The picture was wrong.", STAFF, without_picture=True, now=True
    )
    await stage.work(telegram)
    assert (await stage.report(new)).audience == 1
    ((has_photo, words),) = shown(server, 1)
    assert not has_photo
    assert words.startswith("The picture was wrong.")
    assert shown(server, 2) == []


async def test_a_picture_taken_back_before_it_was_sent_is_not_sent(
    stage: Stage, server: BotApi, telegram: Sender
) -> None:
    server.user(1)
    await stage.follower("1")
    post = await stage.release("This man is missing.", image=drawn(), alt="A man with a red hat.")
    await stage.posts.correct(
        post.code, "The picture was wrong.", STAFF, without_picture=True, now=True
    )
    await stage.work(telegram)
    assert [has_photo for has_photo, _words in shown(server, 1)] == [False]
    assert server.uploaded == []


async def test_a_digest_tells_what_pictures_show(stage: Stage) -> None:
    await stage.follower("1", frequency=2)
    await stage.release("Mill Lane is closed.", image=drawn(), alt=ALT)
    await stage.release("Market on Sunday.")
    await stage.plan()
    stage.later(days=1)
    await stage.work()
    assert f"Mill Lane is closed.\n{TOLD}\n" in stage.channel.got("1")[0]


async def test_an_open_page_shows_the_picture_and_its_correction(stage: Stage) -> None:
    here = Address("web", "1")

    async def welcomed(_address: Address) -> Answer:
        return Answer((Reply(Text("Hello.")),), "en_GB")

    async def nobody_leaves(_address: Address) -> None:
        raise AssertionError("nobody leaves")

    chat = WebChat(stage.catalogs, stage.clock, welcomed, nobody_leaves)
    sender = stage.another_sender(chat)
    await stage.follower("1", channel="web")
    await chat.thread(here)
    post = await stage.release("Mill Lane is closed.", image=drawn(40, 30), alt=ALT)
    await stage.work(sender)
    picture = RenderedPicture(post.code, 40, 30, ALT, (Span("Picture: "), Span(ALT)))
    assert await last_picture(chat, here) == picture
    new = await stage.posts.correct(post.code, "Hill Lane is closed.", STAFF, now=True)
    await stage.work(sender)
    assert await last_picture(chat, here) == replace(picture, name=new.code)
    await stage.posts.correct(
        post.code, "The picture was wrong.", STAFF, without_picture=True, now=True
    )
    await stage.work(sender)
    assert await last_picture(chat, here) is None
    assert (await stage.report(post)).by_channel["web"]["sent"] == 1


async def last_picture(chat: WebChat, address: Address) -> RenderedPicture | None:
    """The picture of the newest message on a page."""
    thread = await chat.thread(address)
    assert thread is not None
    newest = thread.lines[-1].said
    assert isinstance(newest, Rendered)
    return newest.picture
