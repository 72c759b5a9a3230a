"""A file handed over on the web chat, and a page wiped of what was said."""

from dataclasses import dataclass

import httpx

from bot.conversation import File, Message, Reply
from bot.text import _
from tests.web.page import Page
from tests.web.stage import Bot, on_stage

FILE = File("my-data.json", "application/json", b'{"language": "pl"}')


@dataclass
class RightsBot(Bot):
    def _reply(self, message: Message) -> Reply:
        match message.text:
            case "mydata":
                return Reply(_("Here it is."), file=FILE)
            case "hide":
                return Reply(_("Done."), hide=True)
            case _:
                return super()._reply(message)


async def says(client: httpx.AsyncClient, text: str) -> Page:
    """Type a line; returns the page that follows."""
    page = Page((await client.get("/")).text)
    answer = await client.post("/", data={**page.form("text").fields, "text": text})
    assert answer.status_code == 303
    return Page((await client.get("/")).text)


def links(page: Page) -> list[str]:
    found = [attributes.get("href") for tag, attributes in page.attributes if tag == "a"]
    return [href for href in found if href and href.startswith("/files/")]


async def test_a_file_is_a_link_under_the_message_and_comes_as_a_download() -> None:
    async with on_stage(bot=RightsBot()) as stage, stage.client() as client:
        page = await says(client, "mydata")
        assert page.ours[-1] == "Here it is. Download my-data.json"
        (link,) = links(page)
        answer = await client.get(link)
    assert answer.content == FILE.data
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_nobody_else_gets_the_file() -> None:
    async with on_stage(bot=RightsBot()) as stage, stage.client() as client:
        (link,) = links(await says(client, "mydata"))
        async with stage.client() as other:
            assert (await other.get(link)).status_code == 404
            await says(other, "hello")
            assert (await other.get(link)).status_code == 404
        elsewhere = await client.get(link, headers={"sec-fetch-site": "cross-site"})
        assert elsewhere.status_code == 404


async def test_a_message_without_a_file_has_nothing_to_download() -> None:
    async with on_stage(bot=RightsBot()) as stage, stage.client() as client:
        await says(client, "hello")
        for number in range(6):
            assert (await client.get(f"/files/{number}")).status_code == 404


async def test_hide_wipes_the_page_and_the_memory_behind_it() -> None:
    async with on_stage(bot=RightsBot()) as stage, stage.client() as client:
        (link,) = links(await says(client, "mydata"))
        await says(client, "my neighbour")
        page = await says(client, "hide")
        assert page.messages == [("ours", "Done.")]
        assert (await client.get(link)).status_code == 404
        (address,) = stage.bot.last
        thread = await stage.chat.thread(address)
    assert thread is not None
    assert len(thread.lines) == 1


async def test_after_hiding_the_talk_goes_on() -> None:
    async with on_stage(bot=RightsBot()) as stage, stage.client() as client:
        await says(client, "hide")
        page = await says(client, "hello")
    assert page.mine == ["hello"]
    assert page.ours == ["Done.", "You wrote 5 letters."]
