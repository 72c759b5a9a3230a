"""Pictures on Telegram: one upload, words under it or below it, and a correction of both."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from io import BytesIO

import pytest
import pytest_asyncio
from PIL import Image

from bot.conversation import Address
from bot.errors import InDoubt, Rejected, TryLater, Unreachable
from bot.model import PictureFile
from bot.ports import Rendered, RenderedPicture, Span
from channels.telegram import TelegramChannel
from tests.channels.contract import words
from tests.channels.telegram_stage import channel_for
from tests.fakes.botapi import BotApi
from tests.fakes.telegram_people import Shown
from tests.images import drawn

TOLD = "Picture: A map of Mill Lane."
PICTURE = RenderedPicture("P-7KX3QD", 40, 30, "A map of Mill Lane.", (Span(TOLD),))
SOMEONE = Address("telegram", "1")


@dataclass
class Album:
    """The Pictures port: counts how often it was opened, and fails as told."""

    content: bytes = field(default_factory=lambda: drawn(form="JPEG"))
    opened: int = 0
    failures: list[Exception] = field(default_factory=list)

    async def __call__(self, name: str) -> PictureFile:
        self.opened += 1
        if self.failures:
            raise self.failures.pop(0)
        return PictureFile("image/jpeg", 40, 30, self.content)


@pytest.fixture
def album() -> Album:
    return Album()


@pytest_asyncio.fixture
async def channel(server: BotApi, album: Album) -> AsyncIterator[TelegramChannel]:
    server.user(1)
    channel = channel_for(server, pictures=album)
    yield channel
    await channel.close()


def pictured(*paragraphs: str) -> Rendered:
    return replace(words(*paragraphs), picture=PICTURE)


def shown(server: BotApi, chat: int = 1) -> list[tuple[bool, str]]:
    """Whether each message has a photo, and its words."""
    return [(each.photo is not None, each.text) for each in messages(server, chat)]


def messages(server: BotApi, chat: int = 1) -> list[Shown]:
    return server.rooms[chat].messages


async def test_words_that_fit_stand_under_the_picture_with_what_it_shows(
    server: BotApi, channel: TelegramChannel, album: Album
) -> None:
    await channel.send(SOMEONE, pictured("Mill Lane is closed."))
    assert shown(server) == [(True, f"Mill Lane is closed.\n\n{TOLD}")]
    assert server.uploaded == [album.content]


async def test_a_large_picture_arrives_whole(
    server: BotApi, channel: TelegramChannel, album: Album
) -> None:
    noise = Image.effect_noise((1_600, 1_600), 100)
    file = BytesIO()
    noise.save(file, "JPEG", quality=95)
    album.content = file.getvalue()
    assert len(album.content) > 1_100_000
    await channel.send(SOMEONE, pictured("News."))
    assert server.uploaded == [album.content]


async def test_a_caption_holds_1024_units_and_not_one_more(
    server: BotApi, channel: TelegramChannel
) -> None:
    room = 1024 - len(f"\n\n{TOLD}")
    police = "👮" * (room // 2) + "x" * (room % 2)
    await channel.send(SOMEONE, pictured(police))
    await channel.send(SOMEONE, pictured(f"{police}y"))
    assert shown(server) == [
        (True, f"{police}\n\n{TOLD}"),
        (True, TOLD),
        (False, f"{police}y"),
    ]


async def test_a_picture_is_uploaded_once_for_everybody(
    server: BotApi, channel: TelegramChannel, album: Album
) -> None:
    for chat in range(1, 21):
        server.user(chat)
    await asyncio.gather(
        *(channel.send(Address("telegram", str(chat)), pictured("News.")) for chat in range(1, 21))
    )
    assert (len(server.uploaded), album.opened) == (1, 1)
    assert all(shown(server, chat) == [(True, f"News.\n\n{TOLD}")] for chat in range(1, 21))


async def test_who_has_blocked_the_bot_does_not_keep_the_picture_from_others(
    server: BotApi, channel: TelegramChannel
) -> None:
    await server.user(2).blocks()
    with pytest.raises(Unreachable):
        await channel.send(Address("telegram", "2"), pictured("News."))
    await channel.send(SOMEONE, pictured("News."))
    assert shown(server) == [(True, f"News.\n\n{TOLD}")]


@pytest.mark.parametrize("failure", [OSError("disk"), LookupError("taken back")])
async def test_a_picture_that_cannot_be_read_means_that_nothing_was_sent(
    server: BotApi,
    channel: TelegramChannel,
    album: Album,
    failure: Exception,
) -> None:
    album.failures = [failure]
    with pytest.raises(TryLater):
        await channel.send(SOMEONE, pictured("News."))
    assert shown(server) == []
    await channel.send(SOMEONE, pictured("News."))
    assert len(shown(server)) == 1


async def test_an_upload_without_an_answer_leaves_doubt_and_the_next_one_uploads_anew(
    server: BotApi, channel: TelegramChannel
) -> None:
    server.user(2)
    server.fail("sendPhoto", "lose")
    with pytest.raises(InDoubt):
        await channel.send(SOMEONE, pictured("News."))
    await channel.send(Address("telegram", "2"), pictured("News."))
    assert len(server.uploaded) == 2


async def test_words_that_cannot_follow_their_picture_leave_doubt(
    server: BotApi, channel: TelegramChannel
) -> None:
    server.fail("sendMessage", "lose")
    with pytest.raises(InDoubt):
        await channel.send(SOMEONE, pictured("Long. " * 200))
    assert shown(server)[0] == (True, TOLD)


async def test_a_correction_puts_new_words_under_the_same_picture(
    server: BotApi, channel: TelegramChannel
) -> None:
    sent = await channel.send(SOMEONE, pictured("Mill Lane."))
    await channel.edit(sent, pictured("Hill Lane."))
    await channel.edit(sent, pictured("Hill Lane."))
    assert shown(server) == [(True, f"Hill Lane.\n\n{TOLD}")]


async def test_words_that_outgrow_a_caption_move_below_the_picture_and_back(
    server: BotApi, channel: TelegramChannel
) -> None:
    sent = await channel.send(SOMEONE, pictured("Short."))
    await channel.edit(sent, pictured("Long. " * 200))
    assert [has_photo for has_photo, _words in shown(server)] == [True, False]
    sent = await channel.send(SOMEONE, pictured("Long. " * 200))
    await channel.edit(sent, pictured("Short."))
    assert shown(server)[2:] == [(True, f"Short.\n\n{TOLD}")]


@pytest.mark.parametrize("text", ["Short.", "Long. " * 200])
async def test_a_correction_without_the_picture_takes_it_back(
    server: BotApi, channel: TelegramChannel, text: str
) -> None:
    sent = await channel.send(SOMEONE, pictured(text))
    await channel.edit(sent, words("That was the wrong picture."))
    assert shown(server) == [(False, "That was the wrong picture.")]


async def test_a_picture_too_old_to_be_taken_back_is_corrected_by_a_further_message(
    server: BotApi, channel: TelegramChannel
) -> None:
    sent = await channel.send(SOMEONE, pictured("Mill Lane."))
    messages(server)[0].too_old = True
    with pytest.raises(Rejected):
        await channel.edit(sent, words("That was the wrong picture."))


async def test_words_cannot_be_given_a_picture_afterwards(channel: TelegramChannel) -> None:
    sent = await channel.send(SOMEONE, words("Mill Lane."))
    with pytest.raises(Rejected):
        await channel.edit(sent, pictured("Hill Lane."))


@pytest.mark.parametrize("text", ["Short.", "Long. " * 200])
async def test_a_picture_is_taken_back_with_its_words(
    server: BotApi, channel: TelegramChannel, text: str
) -> None:
    sent = await channel.send(SOMEONE, pictured(text))
    await channel.delete(sent)
    assert shown(server) == []
