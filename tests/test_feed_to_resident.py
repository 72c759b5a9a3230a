"""The whole way: sources of every kind are polled over HTTP, and residents get their news."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import open_feeds
from bot.catalogs import Catalogs
from bot.delivery.drawing import Drawing
from bot.delivery.plan import Planner
from bot.delivery.send import Sender
from bot.dispatcher import Dispatcher
from bot.model import Frequency
from bot.ports import Channel
from bot.security.sealing import ChatKeys
from bot.services import Services
from bot.services.feeds import Feeds
from bot.settings import Settings
from bot.store import posts
from bot.store.database import Database
from channels.telegram import TelegramChannel
from feeds.fetch import SafeFetch
from handlers import router
from tests.both_channels import Resident, TelegramResident, WebResident, on_telegram, on_web
from tests.conftest import FakeClock
from tests.delivery.stage import LONDON, STAFF
from tests.fakes.botapi import TOKEN
from tests.feeds.loopback import Loopback, answer, serving

SAMPLES = Path(__file__).parent / "feeds" / "samples"
MOST = 8
ENGLISH, POLISH = "English", "Polski (computer translation)"
PRIORITY = {
    "issue": "<p>Dark paths by the river.</p>",
    "issue-date": "2026-11-01T00:00:00",
    "action": "<p>New lights are on.</p>",
    "action-date": "2026-11-20T00:00:00",
}
MEETING = {
    "title": "Have your say",
    "type": "meeting",
    "start_date": "2026-12-03T18:30:00",
    "end_date": "2026-12-03T19:30:00",
    "description": "<p>Meet the team.</p>",
    "address": "Village Hall",
    "contact_details": {},
}
TOML = """
[[feed]]
id = "news"
kind = "rss"
url = "{url}/force.rss"
name = "Example Police"
licence = "Example licence"
areas = ["ZX01"]
trusted = true
[[feed]]
id = "warnings"
kind = "cap"
url = "{url}/warning.cap"
[[feed]]
id = "floods"
kind = "floods"
url = "{url}/floods.json"
areas = ["ZX01"]
[[feed]]
id = "police"
kind = "police_uk"
trusted = true
"""


@dataclass
class Town:
    """A follower on a channel, the sources, and all that lies in between."""

    resident: Resident
    feeds: Feeds
    services: Services
    database: Database
    clock: FakeClock
    planner: Planner
    sender: Sender

    async def gets(self) -> str:
        """What arrives in the chat some minutes later."""
        self.clock.set(self.clock.now() + timedelta(minutes=5))
        while await self.planner.step():
            pass
        for _message in range(MOST):  # a chat gets one a second
            await self.sender.tick()
            await self.sender.settle()
            self.clock.set(self.clock.now() + timedelta(seconds=2))
        if isinstance(self.resident, WebResident):
            await self.resident.opens()
            return self.resident.screen
        assert isinstance(self.resident, TelegramResident)
        news = [shown.text for shown in self.resident.person.chat.news]
        self.resident.person.chat.news.clear()
        return "\n\n".join(news)

    async def approves_drafts(self) -> int:
        """What somebody on duty does. Returns how many drafts there were."""
        async with self.database.read() as connection:
            found = await posts.by_id(connection, range(1, 50))
        drafts = [post for post in found.values() if post.send_at is None]
        for post in drafts:
            await self.services.posts.approve(post.code, STAFF)
            await self.services.posts.send(post.code, STAFF, now=True)
        return len(drafts)


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with serving() as served:
        for name in ("force.rss", "warning.cap", "floods.json"):
            served.answers[f"/{name}"] = answer((SAMPLES / name).read_bytes())
        for area in ("ZX01", "ZX02"):
            for what in ("priorities", "events"):
                served.answers[f"/api/thames-valley/{area}/{what}"] = answer(b"[]")
        area = "/api/thames-valley/ZX01"
        served.answers[f"{area}/priorities"] = answer(json.dumps([PRIORITY]).encode())
        served.answers[f"{area}/events"] = answer(json.dumps([MEETING]).encode())
        yield served


@pytest.fixture(params=["web", "telegram"])
async def stage(
    request: pytest.FixtureRequest,
    server: Loopback,
    database: Database,
    services: Services,
    dispatcher: Dispatcher,
    catalogs: Catalogs,
    clock: FakeClock,
    chat_keys: ChatKeys,
    tmp_path: Path,
) -> AsyncIterator[Town]:
    (tmp_path / "feeds.toml").write_text(TOML.format(url=server.url))
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        police_api_url=f"{server.url}/api",
        outbound_allow=server.allow,
    )  # type: ignore[call-arg]  # mypy knows fields only
    feeds = open_feeds(settings, database, clock, SafeFetch(server.allow, rate=1000))
    async with AsyncExitStack() as stack:
        channel: Channel
        if request.param == "web":
            resident: WebResident | TelegramResident = await stack.enter_async_context(
                on_web(dispatcher, catalogs)
            )
            assert isinstance(resident, WebResident)
            channel = resident.stage.chat
        else:
            resident = await stack.enter_async_context(on_telegram(dispatcher, catalogs))
            channel = await stack.enter_async_context(sending(resident, catalogs))
        sender = Sender(
            database,
            channel,
            Drawing(catalogs, "Thames Valley Police", demo=False),
            chat_keys,
            clock,
            LONDON,
            rate=1000,
        )
        planner = Planner(database, clock, ("telegram", "web"))
        yield Town(resident, feeds, services, database, clock, planner, sender)


@asynccontextmanager
async def sending(resident: TelegramResident, catalogs: Catalogs) -> AsyncIterator[TelegramChannel]:
    """Telegram as a process has it that only sends."""
    menu = list(router().commands.values())
    channel = TelegramChannel(TOKEN, resident.server.url, catalogs, menu)
    yield channel
    await channel.close()


async def follow(resident: Resident, language: str) -> None:
    await resident.says("/start")
    await resident.presses(language)
    await resident.says("/follow RG1 1AA")
    await resident.forges(f"often:{int(Frequency.AT_ONCE)}:ZX01")


@pytest.mark.parametrize(
    ("language", "check"), [(ENGLISH, "To check it"), (POLISH, "Aby to sprawdzić")]
)
async def test_news_of_every_kind_of_source_arrives_in_the_chat(
    stage: Town, server: Loopback, language: str, check: str
) -> None:
    await follow(stage.resident, language)

    polled = await stage.feeds.poll()

    assert (polled.failed, polled.queued) == (0, 3)
    arrived = await stage.gets()
    assert "Three men were sentenced." in arrived
    assert "Example Police" in arrived
    assert "Dark paths by the river." in arrived
    assert "New lights are on." in arrived
    assert "Have your say" in arrived
    assert check in arrived
    assert "The river is over its banks." not in arrived, "an alert waits for a person"

    assert await stage.approves_drafts() == polled.drafts
    arrived = await stage.gets()
    assert "The river is over its banks." in arrived

    assert (await stage.feeds.poll()).queued == 0
    assert await stage.gets() == ""
    await stage.resident.says("/outcomes")
    stage.resident.reads("New lights are on.")
    await stage.resident.says("/events")
    stage.resident.reads("Village Hall")
