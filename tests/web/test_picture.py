"""A picture on the web chat: found by its name, explained, and told to those who do not see it."""

from dataclasses import dataclass

from bot.conversation import Illustration, Message, Reply
from bot.model import PictureFile
from bot.text import _
from tests.web.stage import Bot, on_stage
from tests.web.test_rights import says

BARS = PictureFile("image/png", 840, 480, b"\x89PNG made up")
NAME = "a/b c.4f7"  # ids of areas are whatever their file says


@dataclass
class PictureBot(Bot):
    def _reply(self, message: Message) -> Reply:
        if message.text == "numbers":
            alt, caption = _("Bars for each month."), _("Month by month.")
            picture = Illustration(NAME, BARS.width, BARS.height, alt, caption)
            return Reply(_("Riverside"), picture=picture)
        return super()._reply(message)


async def album(name: str) -> PictureFile | None:
    return BARS if name == NAME else None


async def test_a_picture_stands_below_the_words_with_what_it_shows() -> None:
    async with on_stage(bot=PictureBot(), picture=album) as stage, stage.client() as client:
        page = await says(client, "numbers")
        (image,) = (attributes for tag, attributes in page.attributes if tag == "img")
        assert image["alt"] == "Bars for each month."
        assert (image["width"], image["height"]) == ("840", "480")
        assert "Month by month." in page.ours[-1]
        answer = await client.get(str(image["src"]))
        assert (answer.status_code, answer.content) == (200, BARS.data)
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["cache-control"] == "private, max-age=3600"


async def test_there_is_no_picture_of_another_name() -> None:
    async with on_stage(bot=PictureBot(), picture=album) as stage, stage.client() as client:
        page = await says(client, "hello")
        assert "img" not in [tag for tag, _attributes in page.attributes]
        assert (await client.get("/pictures/P-222222")).status_code == 404
