"""A picture on the web chat: seen by its reader only, and told to those who do not see it."""

from dataclasses import dataclass

from bot.conversation import Message, Picture, Reply
from bot.text import _
from tests.web.stage import Bot, on_stage
from tests.web.test_rights import says

PICTURE = Picture(b"\x89PNG made up", _("Month by month."), _("Bars for each month."))


@dataclass
class PictureBot(Bot):
    def _reply(self, message: Message) -> Reply:
        if message.text == "numbers":
            return Reply(_("Riverside"), picture=PICTURE)
        return super()._reply(message)


async def test_a_picture_stands_above_the_words_with_what_it_shows() -> None:
    async with on_stage(bot=PictureBot()) as stage, stage.client() as client:
        page = await says(client, "numbers")
        (image,) = (attributes for tag, attributes in page.attributes if tag == "img")
        assert image["alt"] == "Bars for each month."
        assert "Month by month." in page.ours[-1]
        answer = await client.get(str(image["src"]))
        assert (answer.status_code, answer.content) == (200, PICTURE.data)
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["cache-control"] == "no-store"
        async with stage.client() as other:
            assert (await other.get(str(image["src"]))).status_code == 404


async def test_a_message_without_a_picture_has_none() -> None:
    async with on_stage(bot=PictureBot()) as stage, stage.client() as client:
        await says(client, "hello")
        for number in range(6):
            assert (await client.get(f"/pictures/{number}")).status_code == 404
