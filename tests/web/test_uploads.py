"""A photo sent from the page: taken in memory, within limits, and only where one is asked for."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest

from bot.conversation import Answer, Message, Reply
from bot.text import _
from tests.web.page import Form, Page
from tests.web.stage import Bot, Stage, on_stage
from web.body import FORM_BYTES, UPLOAD_BYTES
from web.limits import Limits


@dataclass
class PhotoBot(Bot):
    """Asks for a photo after the word "photo", and keeps what it is given."""

    received: list[bytes] = field(default_factory=list)

    async def __call__(self, message: Message) -> Answer:
        self.heard.append(message)
        self.called.set()
        for attachment in message.attachments:
            assert attachment.open is not None
            self.received.append(await attachment.open())
            assert attachment.size == len(self.received[-1])
            assert attachment.as_file
        await self.gate.wait()
        asks = message.text == "photo" or bool(message.attachments)
        answer = Answer((Reply(_("Heard."), takes_files=asks, private=asks),), "en_GB")
        self.last[message.address] = answer
        return answer


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with on_stage(bot=PhotoBot(), limits=Limits(uploads_at_once=1)) as stage:
        yield stage


@pytest.fixture
async def visitor(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody whose page asks for a photo."""
    async with stage.client(timeout=60) as client:
        await says(client, "photo")
        yield client


async def says(client: httpx.AsyncClient, text: str) -> None:
    page = Page((await client.get("/")).text)
    await client.post("/", data={**page.form("text").fields, "text": text})


async def upload_form(client: httpx.AsyncClient) -> Form | None:
    page = Page((await client.get("/")).text)
    return next((form for form in page.forms if "file" in form.fields), None)


async def upload(client: httpx.AsyncClient, content: bytes, **changed: str) -> httpx.Response:
    form = await upload_form(client)
    assert form is not None
    fields = {name: value for name, value in form.fields.items() if name != "file"} | changed
    return await client.post("/", data=fields, files={"file": ("DCIM_0001.jpg", content)})


def received(stage: Stage) -> list[bytes]:
    assert isinstance(stage.bot, PhotoBot)
    return stage.bot.received


async def test_the_field_for_a_file_is_there_only_while_one_is_asked_for(
    stage: Stage, visitor: httpx.AsyncClient
) -> None:
    assert await upload_form(visitor) is not None
    await says(visitor, "something else")
    assert await upload_form(visitor) is None


async def test_a_photo_arrives_as_it_was_and_without_its_name(
    stage: Stage, visitor: httpx.AsyncClient
) -> None:
    content = bytes(range(256)) * 100
    answer = await upload(visitor, content)
    assert answer.status_code == 303
    assert received(stage) == [content]
    page = await visitor.get("/")
    assert "DCIM" not in page.text
    assert Page(page.text).mine[-1] == "Photo or video"


async def test_a_large_photo_never_touches_the_disk(
    stage: Stage,
    visitor: httpx.AsyncClient,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Python would put its temporary files there, and cannot: it is a file, not a folder.
    nowhere = tmp_path_factory.mktemp("temporary") / "not-a-folder"
    nowhere.write_bytes(b"")
    monkeypatch.setattr(tempfile, "tempdir", str(nowhere))
    content = b"\xff" * 15_000_000
    assert (await upload(visitor, content)).status_code == 303
    assert received(stage) == [content]


async def test_a_file_beyond_the_limit_is_refused_in_words(
    stage: Stage, visitor: httpx.AsyncClient
) -> None:
    answer = await upload(visitor, bytes(UPLOAD_BYTES + FORM_BYTES))
    assert answer.status_code == 413
    assert "That file is too big" in answer.text
    assert "nothing was sent" in answer.text
    assert received(stage) == []


async def test_the_same_form_twice_is_taken_once(stage: Stage, visitor: httpx.AsyncClient) -> None:
    form = await upload_form(visitor)
    assert form is not None
    fields = {name: value for name, value in form.fields.items() if name != "file"}
    for content in (b"one", b"one", b"two"):
        await visitor.post("/", data=fields, files={"file": ("a.jpg", content)})
    assert received(stage) == [b"one", b"two"]


async def test_a_file_is_not_read_where_none_is_asked_for(stage: Stage) -> None:
    async with stage.client() as client:
        await says(client, "hello")
        fields = Page((await client.get("/")).text).form("text").fields
        answer = await client.post("/", data=fields, files={"file": ("a.jpg", b"photo")})
        assert answer.status_code == 403
        large = {"file": ("a.jpg", bytes(FORM_BYTES))}
        assert (await client.post("/", data=fields, files=large)).status_code == 413
    assert received(stage) == []


async def test_a_form_of_another_site_brings_no_file(
    stage: Stage, visitor: httpx.AsyncClient
) -> None:
    assert (await upload(visitor, b"photo", token="made up")).status_code == 403
    assert received(stage) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x\r\n",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n',
        b'--x\r\nContent-Disposition: form-data; filename="a"\r\n\r\nphoto\r\n--x--\r\n',
        b"not a form at all",
    ],
)
async def test_a_broken_upload_is_refused_in_words(
    stage: Stage, visitor: httpx.AsyncClient, body: bytes
) -> None:
    kind = {"content-type": "multipart/form-data; boundary=x"}
    answer = await visitor.post("/", content=body, headers=kind)
    assert answer.status_code in {400, 403}
    assert stage.failures == []
    assert received(stage) == []


async def test_more_files_at_once_than_memory_allows_are_asked_to_wait(
    stage: Stage, visitor: httpx.AsyncClient
) -> None:
    form = await upload_form(visitor)
    assert form is not None
    stage.bot.gate.clear()
    stage.bot.called.clear()
    first = asyncio.create_task(upload(visitor, b"one"))
    await stage.bot.called.wait()
    fields = {name: value for name, value in form.fields.items() if name != "file"}
    answer = await visitor.post("/", data=fields, files={"file": ("a.jpg", b"two")})
    assert answer.status_code == 503
    assert "Very many people are sending files just now." in answer.text
    stage.bot.gate.set()
    assert (await first).status_code == 303
