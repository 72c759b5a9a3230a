"""A picture comes with its words on every channel."""

from bot.conversation import Address
from bot.ports import Rendered, RenderedPicture, Span
from channels.telegram.channel import TelegramChannel
from tests.channels.telegram_stage import channel_for
from tests.fakes.botapi import BotApi

PICTURE = RenderedPicture(b"\x89PNG made up", "Crimes, month by month.", "Bars for each month.")
WORDS = Rendered(((Span("Riverside"),),), "en_GB", "ltr", picture=PICTURE)


async def test_telegram_shows_the_picture_with_its_caption_before_the_words(
    server: BotApi,
) -> None:
    person = server.user(1)
    channel: TelegramChannel = channel_for(server)
    await channel.send(Address("telegram", "1"), WORDS)
    (photo,) = server.made("sendPhoto")
    assert photo.params["photo"] == PICTURE.data
    assert person.chat.shows == ["Crimes, month by month.", "Riverside"]
    await channel.close()
