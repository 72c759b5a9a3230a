"""An outbox with a crowd to write to and a stub to write over, as the benchmarks need it."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import literal_column, select

from bench.stub import Stub
from bot.catalogs import Catalogs
from bot.delivery.drawing import Drawing
from bot.delivery.outbox import Outbox
from bot.delivery.plan import Planner
from bot.delivery.send import Sender
from bot.model import Area, Kind, Level, Policy, Post
from bot.schedule import SystemClock
from bot.security import secrets
from bot.security.sealing import ChatKeys
from bot.services.posts import Draft, Posts
from bot.store.database import Database
from bot.store.migrations import upgrade
from bot.store.tables import deliveries, posts
from channels.telegram import TelegramChannel
from tests import town
from tests.delivery import crowd
from tests.delivery.sender import FORCE
from tests.fakes.botapi import TOKEN

UNPACED = 1e6
LONDON = ZoneInfo("Europe/London")
STAFF = "bench"
LOOK_SECONDS = 0.05


@dataclass
class Stage:
    """Posts to a crowd in one database. ``home`` holds the secrets."""

    database: Database
    url: str
    home: Path
    keys: ChatKeys
    posts: Posts
    planner: Planner
    catalogs: Catalogs

    @property
    def drawing(self) -> Drawing:
        return Drawing(self.catalogs, FORCE, demo=False)

    def channel(self, stub: Stub) -> TelegramChannel:
        return TelegramChannel(TOKEN, stub.url, self.catalogs, [], paid=True)

    async def gather(self, chats: range, area: Area = town.RIVERSIDE) -> None:
        await crowd.gather(self.database, self.keys, chats, area)

    async def release(
        self,
        *,
        area: Area = town.RIVERSIDE,
        kind: Kind = Kind.UPDATE,
        level: Level = Level.ROUTINE,
        policy: Policy | None = None,
    ) -> Post:
        """A post that goes out at once."""
        draft = Draft(
            kind=kind, level=level, text="Mill Lane is closed.", areas=[area.id], policy=policy
        )
        post = await self.posts.draft(draft, STAFF)
        await self.posts.approve(post.code, STAFF)
        return await self.posts.send(post.code, STAFF, now=True, again=True)

    async def plan(self) -> None:
        """Plan everything that was released."""
        while await self.planner.step():
            pass

    @asynccontextmanager
    async def sending(self, channel: TelegramChannel, rate: float) -> AsyncIterator[Outbox]:
        """A planner and a sender at work for as long as the block lasts."""
        sender = Sender(
            self.database, channel, self.drawing, self.keys, SystemClock(), LONDON, rate
        )
        outbox = Outbox(self.planner, [sender])
        working = asyncio.create_task(outbox.run())
        try:
            yield outbox
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working

    async def settled(self) -> None:
        """Wait until no message is queued or on its way."""
        while not await self._is_settled():  # noqa: ASYNC110  # other processes settle it too
            await asyncio.sleep(LOOK_SECONDS)

    async def _is_settled(self) -> bool:
        waiting = (
            select(posts.c.id).where(posts.c.planned_at.is_(None), posts.c.live),
            select(deliveries.c.id).where(deliveries.c.state == literal_column("0")),
            select(deliveries.c.id).where(deliveries.c.state == literal_column("1")),
        )
        async with self.database.read() as connection:
            found = [(await connection.execute(each.limit(1))).first() for each in waiting]
        return not any(found)


@asynccontextmanager
async def stage(url: str | None = None) -> AsyncIterator[Stage]:
    """A town without residents, in an empty database: a file of its own if none is given."""
    with tempfile.TemporaryDirectory(prefix="beatline-bench-") as folder:
        home = Path(folder)
        url = url or f"sqlite:///{home / 'beatline.sqlite'}"
        database = Database(url)
        await upgrade(database, "subscriptions")
        await town.build(database)
        clock = SystemClock()
        keys = ChatKeys(secrets.make(home / "secrets.toml").chat_keys)
        try:
            yield Stage(
                database,
                url,
                home,
                keys,
                Posts(database, clock),
                Planner(database, clock, [TelegramChannel.name]),
                Catalogs(zone=LONDON, offer_drafts=True),
            )
        finally:
            await database.close()
