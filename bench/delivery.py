"""Delivery: how fast, how evenly, how soon overtaken, how soon stopped (B1 to B4, B7, B8)."""

import asyncio
import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from telegram import Bot
from telegram.request import HTTPXRequest

from bench.results import Result, spread
from bench.stage import UNPACED, Stage, stage
from bench.stub import ROUND_TRIP, Call, Stub, stub
from bot.conversation import Address
from bot.delivery.pace import TICK
from bot.delivery.send import MOST_IN_FLIGHT
from bot.model import Kind, Level
from bot.ports import Rendered
from channels.telegram import TelegramChannel
from tests import town
from tests.fakes.botapi import TOKEN

PACE = 1000
FEW = 50  # who get the alerts

Way = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Size:
    """How much of each: ``rounds`` in turns, messages unpaced, through PTB, and paced."""

    rounds: int
    burst: int
    ptb: int
    paced: int
    alerts: int
    gap: float  # seconds between alerts: one chat gets one message a second


FULL = Size(rounds=5, burst=6_000, ptb=600, paced=100_000, alerts=20, gap=1.2)
SHORT = Size(rounds=1, burst=300, ptb=60, paced=2_000, alerts=2, gap=0.2)


def main(*, short: bool = False) -> list[Result]:
    """Measure on SQLite, in one process, against a stub in another."""
    return asyncio.run(_run(SHORT if short else FULL))


async def _run(size: Size) -> list[Result]:
    async with stub() as server, stage() as scene, _telegram(scene, server) as channel:
        everyone = range(1, size.paced + 1)
        some = range(everyone.stop, everyone.stop + size.burst)
        few = range(some.stop, some.stop + FEW)
        await scene.gather(everyone, town.RIVERSIDE)
        await scene.gather(some, town.HILLSIDE_SOUTH)
        await scene.gather(few, town.HILLSIDE_NORTH)
        return [
            *await _throughput(scene, server, channel, size, some),
            await _paced(scene, server, channel),
            await _overtaking(scene, server, channel, size),
            await _recall(scene, server, channel, size),
        ]


@asynccontextmanager
async def _telegram(scene: Stage, server: Stub) -> AsyncIterator[TelegramChannel]:
    channel = scene.channel(server)
    yield channel
    await channel.close()


async def _throughput(
    scene: Stage, server: Stub, channel: TelegramChannel, size: Size, chats: Sequence[int]
) -> list[Result]:
    """All the ways in turns, so that whatever else this machine does falls on each of them."""
    post = await scene.posts.show((await scene.release(area=town.HILLSIDE_SOUTH)).code)
    await scene.posts.cancel(post.code, "bench")
    what = scene.drawing.alone(post, post, channel.name, "en_GB")
    request = HTTPXRequest()
    bot = Bot(TOKEN, base_url=f"{server.url}/bot", request=request)

    async def durable() -> None:
        await scene.release(area=town.HILLSIDE_SOUTH)
        await scene.plan()
        async with scene.sending(channel, UNPACED):
            await scene.settled()

    async def fleeting() -> None:
        await _at_once(MOST_IN_FLIGHT, chats, lambda chat: _send(channel, chat, what))

    async def ptb(in_flight: int) -> None:
        await _at_once(
            in_flight, chats[: size.ptb], lambda chat: bot.send_message(chat, what.plain)
        )

    ways: dict[str, Way] = {
        "durable": durable,
        "ptb at 64": lambda: ptb(64),
        "fleeting": fleeting,
        "ptb at 16": lambda: ptb(16),
    }
    rates: dict[str, list[float]] = defaultdict(list)
    for _round in range(size.rounds):
        for name, way in ways.items():
            await server.forget()
            await way()
            rates[name].append(_rate(await server.calls()))
    await request.shutdown()
    return [
        _ratio("B1", "durable, unpaced, against PTB at 64 in flight", rates, "ptb at 64", 10),
        _ratio("B2", "the same against PTB at its best, 16 in flight", rates, "ptb at 16", 4),
        _ratio("B3", "durable against not durable, same transport", rates, "fleeting", 0.7),
    ]


def _ratio(name: str, what: str, rates: dict[str, list[float]], other: str, least: float) -> Result:
    ours, theirs = rates["durable"], rates[other]
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    found = f"{ratio:.2f}x: {spread(ours, '/s')} against {spread(theirs, '/s')}"
    return Result(name, what, found, f"at least {least}x", ratio >= least)


async def _at_once(
    in_flight: int, chats: Iterable[int], send: Callable[[int], Awaitable[object]]
) -> None:
    """One call for each chat, so many side by side."""
    left = iter(chats)

    async def work() -> None:
        for chat in left:
            await send(chat)

    await asyncio.gather(*(work() for _ in range(in_flight)))


async def _send(channel: TelegramChannel, chat: int, what: Rendered) -> None:
    await channel.send(Address(channel.name, str(chat)), what)


def _rate(calls: Sequence[Call]) -> float:
    """Messages a second, from the first that arrived to the last that was answered."""
    last = max(each.answered or each.arrived for each in calls)
    return len(calls) / (last - calls[0].arrived)


async def _paced(scene: Stage, server: Stub, channel: TelegramChannel) -> Result:
    await server.forget()
    await scene.release()
    before = time.process_time()
    async with scene.sending(channel, PACE):
        await scene.settled()
    calls = await server.calls()
    seconds = calls[-1].arrived - calls[0].arrived
    busy = (time.process_time() - before) / seconds
    full = Counter(int(each.arrived - calls[0].arrived) for each in calls)
    full.pop(max(full))
    pace, most = len(calls) / seconds / PACE, max(full.values())
    return Result(
        "B4",
        f"{len(calls):,} messages paced at {PACE:,}/s",
        f"{pace:.1%} of pace, {most:,} in the fullest second, {busy:.0%} of one core",
        "at least 97%, no full second over 105%",
        pace >= 0.97 and most <= 1.05 * PACE,
    )


async def _overtaking(scene: Stage, server: Stub, channel: TelegramChannel, size: Size) -> Result:
    """Alerts released from elsewhere, in the middle of a post to everyone."""
    await server.forget()
    bulk = await scene.release()
    released: dict[str, float] = {}
    async with scene.sending(channel, PACE):
        for _alert in range(size.alerts):
            await asyncio.sleep(random.uniform(size.gap, size.gap + 0.5))
            alert = await scene.release(
                area=town.HILLSIDE_NORTH, kind=Kind.ALERT, level=Level.URGENT
            )
            released[alert.code] = time.monotonic()
        await scene.posts.cancel(bulk.code, "bench")
        await scene.settled()
    first: dict[str, float] = {}
    for call in await server.calls():
        if call.post in released and call.answered is not None:
            first.setdefault(call.post, call.answered)
    waits = sorted(1000 * (first[code] - moment) for code, moment in released.items())
    p95 = waits[min(len(waits) - 1, round(0.95 * len(waits)))]
    most = 1000 * (2 * TICK + ROUND_TRIP + 0.05)
    return Result(
        "B7",
        f"an urgent alert overtakes a bulk of {PACE:,}/s, first answer",
        f"p95 {p95:.0f} ms; {spread(waits, ' ms')}",
        f"{most:.0f} ms",
        p95 <= most,
    )


async def _recall(scene: Stage, server: Stub, channel: TelegramChannel, size: Size) -> Result:
    late = []
    for _round in range(size.rounds):
        await server.forget()
        post = await scene.release(area=town.HILLSIDE_SOUTH)
        await scene.plan()
        async with scene.sending(channel, PACE):
            await server.reaches(size.burst // 3)
            await scene.posts.cancel(post.code, "bench")
            moment = time.monotonic()
            await scene.settled()
        late.append(sum((each.answered or 0) > moment for each in await server.calls()))
    most = PACE * (ROUND_TRIP + 2 * TICK)
    return Result(
        "B8",
        f"answers that still come after a recall, at {PACE:,}/s",
        spread(late),
        f"at most {most:.0f}",
        max(late) <= most,
    )
