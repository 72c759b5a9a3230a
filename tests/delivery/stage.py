"""A stage for the outbox: residents who follow areas, a channel that does as told, one sender."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from bot.catalogs import Catalogs
from bot.conversation import Address, OnMessage
from bot.delivery.drawing import Drawing
from bot.delivery.plan import Planner
from bot.delivery.send import Sender
from bot.errors import DeliveryError
from bot.model import Area, Kind, Level, Post
from bot.ports import Channel, Rendered, Sent
from bot.security.sealing import ChatKeys
from bot.security.secrets import Secrets
from bot.services.posts import Draft, Posts, Report
from bot.store import pacing
from bot.store.database import Database
from bot.store.tables import areas, places, subscribers
from tests import town
from tests.conftest import FakeClock

LONDON = ZoneInfo("Europe/London")
STAFF = "tests"


@dataclass
class CollectingChannel:
    """The Channel port: keeps what arrives, and fails as told, once for each failure."""

    name: str = "telegram"
    problem: str | None = None
    drawn: int = 0
    gap: float = 0.0
    arrived: list[tuple[str, str]] = field(default_factory=list)
    edited: list[tuple[str, str, str]] = field(default_factory=list)
    failures: dict[str, list[DeliveryError]] = field(default_factory=lambda: defaultdict(list))
    lost_answers: set[str] = field(default_factory=set)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def run(self, on_message: OnMessage) -> None:
        raise NotImplementedError("nobody speaks here")

    async def send(self, to: Address, what: Rendered) -> Sent:
        await self.gate.wait()
        failures = self.failures[to.id]
        error = failures.pop(0) if failures else None
        if error is None or to.id in self.lost_answers:
            self.arrived.append((to.id, what.plain))
        if error is not None:
            raise error
        return Sent(to, str(len(self.arrived)))

    async def edit(self, sent: Sent, what: Rendered) -> None:
        failures = self.failures[f"edit {sent.to.id}"]
        if failures:
            raise failures.pop(0)
        self.edited.append((sent.to.id, sent.reference, what.plain))

    async def delete(self, sent: Sent) -> None:
        raise NotImplementedError("the outbox takes nothing back")

    def spacing(self, to: Address) -> float:
        return self.gap

    def got(self, person: str) -> list[str]:
        """What one person received, in order."""
        return [words for to, words in self.arrived if to == person]

    @property
    def who(self) -> list[str]:
        return [to for to, _words in self.arrived]


@dataclass
class Stage:
    """Posts, a planner and a sender over one real database."""

    database: Database
    clock: FakeClock
    channel: CollectingChannel
    posts: Posts
    planner: Planner
    keys: ChatKeys
    catalogs: Catalogs
    sender: Sender

    def another_sender(self, channel: Channel | None = None, *, rate: float = 1000) -> Sender:
        """A sender as another process would have it."""
        return Sender(
            self.database,
            channel or self.channel,
            Drawing(self.catalogs, "Thames Valley Police", demo=False),
            self.keys,
            self.clock,
            LONDON,
            rate,
        )

    async def begin(self) -> set[str]:
        """Plan, and send to the first few only. Returns to whom."""
        await self.plan()
        slow = self.another_sender(rate=10)
        await slow.tick()
        await slow.settle()
        return set(self.channel.who)

    async def follower(
        self,
        person: str,
        *where: Area,
        channel: str = "telegram",
        language: str = "en_GB",
        settings: dict[str, object] | None = None,
        **place: object,
    ) -> int:
        """Someone who follows areas; ``settings`` are columns of theirs, ``place`` of the place.

        Unlike a new resident, they hear of everything at once.
        """
        numbers = await self._numbers()
        async with self.database.write() as connection:
            number: int = (
                await connection.execute(
                    insert(subscribers)
                    .values(
                        lookup=self.keys.lookup(channel, person),
                        sealed=self.keys.seal(channel, person),
                        channel=channel,
                        language=language,
                        created_on=self.clock.now().date(),
                        **(settings or {}),
                    )
                    .returning(subscribers.c.id)
                )
            ).scalar_one()
            for area in where or (town.RIVERSIDE,):
                values = {"frequency": 1, **place}
                await connection.execute(
                    insert(places).values(subscriber_id=number, area_id=numbers[area.id], **values)
                )
        return number

    async def set(self, person: int, **values: object) -> None:
        async with self.database.write() as connection:
            await connection.execute(
                update(subscribers).where(subscribers.c.id == person).values(values)
            )

    async def release(
        self,
        text: str = "Road closed.",
        *,
        kind: Kind = Kind.UPDATE,
        level: Level = Level.ROUTINE,
        where: Iterable[Area] | None = (town.RIVERSIDE,),
        **options: object,
    ) -> Post:
        """Draft, approve and send at once."""
        draft = Draft(
            kind=kind,
            level=level,
            text=text,
            areas=None if where is None else [area.id for area in where],
            **options,  # type: ignore[arg-type]  # passed on
        )
        post = await self.posts.draft(draft, STAFF)
        await self.posts.approve(post.code, STAFF)
        return await self.posts.send(post.code, STAFF, now=True, again=True)

    async def alert(self, text: str = "Flood.", level: Level = Level.URGENT) -> Post:
        return await self.release(text, kind=Kind.ALERT, level=level)

    async def plan(self) -> None:
        while await self.planner.step():
            pass

    async def work(self, sender: Sender | None = None) -> None:
        """Plan and send until nothing is left to do at this time of the clock."""
        sender = sender or self.sender
        await self.plan()
        while True:
            started = await sender.tick()
            await sender.settle()
            if not started:
                # The pace runs by the real clock: with nothing started, the outbox may only be
                # waiting for its next slot.
                async with self.database.read() as connection:
                    token = await pacing.token_of(connection, self.channel.name)
                    pace = await pacing.read(connection, token)
                if pace.next_free <= pace.now:
                    return
                await asyncio.sleep(pace.next_free - pace.now)
                if not await sender.tick():
                    return
                await sender.settle()

    async def report(self, post: Post) -> Report:
        return await self.posts.report(post.code)

    def later(self, **delta: float) -> None:
        self.clock.set(self.clock.now() + timedelta(**delta))

    def at(self, *moment: int) -> None:
        """Set the clock to a local time."""
        self.clock.set(datetime(*moment, tzinfo=LONDON).astimezone(UTC))  # type: ignore[arg-type, misc]  # a moment's parts

    async def _numbers(self) -> dict[str, int]:
        async with self.database.read() as connection:
            rows = await connection.execute(select(areas.c.code, areas.c.id))
            return {row.code: row.id for row in rows}


async def set_stage(database: Database, clock: FakeClock, catalogs: Catalogs) -> Stage:
    await town.build(database)
    return stage_over(database, clock, catalogs, ChatKeys(Secrets.fresh().chat_keys))


def stage_over(database: Database, clock: FakeClock, catalogs: Catalogs, keys: ChatKeys) -> Stage:
    """A stage over a database that has its town already."""
    channel = CollectingChannel()
    drawing = Drawing(catalogs, "Thames Valley Police", demo=False)
    return Stage(
        database,
        clock,
        channel,
        Posts(database, clock),
        Planner(database, clock, ("telegram", "web")),
        keys,
        catalogs,
        Sender(database, channel, drawing, keys, clock, LONDON, rate=1000),
    )
