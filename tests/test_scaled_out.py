"""Several processes on PostgreSQL, of which any may be killed: nothing lost, nothing unbounded."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.delivery.send import MOST_IN_FLIGHT
from bot.model import DeliveryState, Kind, Level, Policy, Post
from bot.schedule import SystemClock
from bot.security import secrets
from bot.security.sealing import ChatKeys
from bot.services.posts import Draft, Posts
from bot.store.database import Database
from bot.store.migrations import upgrade
from bot.store.tables import deliveries
from tests import town
from tests.databases import new_postgres_database
from tests.delivery import crowd
from tests.delivery.sender import ROOT, environment
from tests.delivery.stage import STAFF
from tests.fakes.botapi import BotApi

WITHIN = 240.0  # seconds, before a test is given up
SEND_AND_MARK = 1.0  # seconds in which a living sender finishes something of what it has in hand


class Cluster:
    """Processes of one installation, each in one role."""

    def __init__(self, settings: dict[str, str]) -> None:
        self._settings = settings
        self._running: list[asyncio.subprocess.Process] = []

    async def start(self, role: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run", "--roles", role), cwd=ROOT, env=self._settings
        )
        self._running.append(process)
        return process

    async def kill(self, *processes: asyncio.subprocess.Process) -> None:
        for process in processes:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def end(self) -> None:
        await self.kill(*self._running)


@pytest.fixture
def url(postgres_server: str) -> str:
    return new_postgres_database(postgres_server)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    await upgrade(database, "subscriptions")
    yield database
    await database.close()


@asynccontextmanager
async def cluster(
    server: BotApi, url: str, postgres_server: str, home: Path
) -> AsyncIterator[Cluster]:
    settings = environment(url, server.url, home) | {
        "CONCERNS_DATABASE_URL": new_postgres_database(postgres_server),
        "DATA_DIR": str(home / "var"),
    }
    processes = Cluster(settings)
    try:
        yield processes
    finally:
        await processes.end()


async def released(database: Database, home: Path, people: int, policy: Policy) -> Post:
    """A post to so many residents."""
    await town.build(database)
    keys = ChatKeys(secrets.make(home / "secrets.toml").chat_keys)
    await crowd.gather(database, keys, range(1, people + 1), town.RIVERSIDE)
    posts = Posts(database, SystemClock())
    draft = Draft(
        kind=Kind.UPDATE,
        level=Level.ROUTINE,
        text="News.",
        areas=[town.RIVERSIDE.id],
        policy=policy,
    )
    post = await posts.draft(draft, STAFF)
    await posts.approve(post.code, STAFF)
    return await posts.send(post.code, STAFF, now=True)


async def count(database: Database, *states: DeliveryState) -> int:
    written = [int(state) for state in states]
    async with database.read() as connection:
        found = await connection.execute(
            select(func.count()).where(deliveries.c.state.in_(written))
        )
        return found.scalar_one()


async def none_left(database: Database, people: int, *states: DeliveryState) -> None:
    """Wait until everybody is planned for and no message is in one of these states."""
    async with asyncio.timeout(WITHIN):
        while True:
            planned = await count(database, *DeliveryState) == people
            if planned and await count(database, *states) == 0:
                return
            await asyncio.sleep(0.2)


async def settled(database: Database) -> None:
    """Wait until the senders that live have nothing on its way; what stays is the killed one's."""
    flying = await count(database, DeliveryState.IN_FLIGHT)
    async with asyncio.timeout(WITHIN):
        while True:
            await asyncio.sleep(SEND_AND_MARK)
            before, flying = flying, await count(database, DeliveryState.IN_FLIGHT)
            if flying == before:
                return


def arrivals(server: BotApi) -> Counter[int]:
    return Counter(
        {chat: len(room.messages) for chat, room in server.rooms.items() if room.messages}
    )


async def deliver_with_kills(processes: Cluster, server: BotApi, people: int) -> None:
    """Two send and one work; in the middle one of each is killed, and another takes its place."""
    for chat in range(1, people + 1):
        server.user(chat)
    work, first, _second = [await processes.start(role) for role in ("work", "send", "send")]
    await server.sees(lambda: len(server.made("sendMessage")) > people / 4, within=WITHIN)
    await processes.kill(work, first)
    await processes.start("work")
    await processes.start("send")


async def test_two_senders_and_a_worker_lose_nothing_when_one_of_each_is_killed(
    database: Database, url: str, postgres_server: str, tmp_path: Path
) -> None:
    people = 2_000
    await released(database, tmp_path, people, Policy.AT_MOST_ONCE)
    async with (
        BotApi() as server,
        cluster(server, url, postgres_server, tmp_path) as processes,
    ):
        await deliver_with_kills(processes, server, people)
        await none_left(database, people, DeliveryState.QUEUED)
        await settled(database)
        in_doubt = await count(database, DeliveryState.IN_FLIGHT, DeliveryState.UNKNOWN)
        arrived = arrivals(server)
    assert set(arrived.values()) == {1}
    assert people - len(arrived) <= in_doubt <= MOST_IN_FLIGHT
    assert await count(database, DeliveryState.SENT) + in_doubt == people


@pytest.mark.slow
@pytest.mark.parametrize("policy", list(Policy))
async def test_twenty_thousand_messages_outlive_the_killing_of_a_sender_and_a_worker(
    database: Database, url: str, postgres_server: str, tmp_path: Path, policy: Policy
) -> None:
    people = 20_000
    post = await released(database, tmp_path, people, policy)
    async with (
        BotApi() as server,
        cluster(server, url, postgres_server, tmp_path) as processes,
    ):
        await deliver_with_kills(processes, server, people)
        await none_left(database, people, DeliveryState.QUEUED, DeliveryState.IN_FLIGHT)
        arrived = arrivals(server)
    report = await Posts(database, SystemClock()).report(post.code)
    assert report.sent + report.unknown == report.audience == people
    assert report.unknown <= MOST_IN_FLIGHT
    if policy is Policy.AT_LEAST_ONCE:
        assert len(arrived) == report.sent == people
        assert sum(arrived.values()) - people <= MOST_IN_FLIGHT
    else:
        assert set(arrived.values()) == {1}
        assert people - len(arrived) <= report.unknown
