"""In the middle of a large post: an alert overtakes it, a cancelled one stops, a correction lands.

Nothing here is timed: what counts is what had arrived before, and how many may still follow.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from bot.delivery.outbox import Outbox
from bot.delivery.send import MOST_IN_FLIGHT
from bot.model import Kind, Level, Post
from bot.services.posts import Report
from tests import town
from tests.delivery import crowd
from tests.delivery.stage import STAFF, Stage

MANY, SOME = 20_000, 5_000
FEW = 20
WITHIN = 300.0  # seconds, before a test is given up
LOOK = 0.02

pytestmark = pytest.mark.slow


async def test_an_urgent_alert_overtakes_a_bulk_of_twenty_thousand(stage: Stage) -> None:
    few = range(MANY + 1, MANY + FEW + 1)
    await crowd.gather(stage.database, stage.keys, range(1, MANY + 1), town.RIVERSIDE)
    await crowd.gather(stage.database, stage.keys, few, town.HILLSIDE_NORTH)
    bulk = await stage.release()
    async with _at_work(stage):
        await _arrived(stage, MANY // 4)
        alert = await stage.release(
            kind=Kind.ALERT, level=Level.URGENT, where=[town.HILLSIDE_NORTH]
        )
        before = len(stage.channel.arrived)
        await _finished(stage, bulk, alert)
    last = max(number for number, person in enumerate(stage.channel.who) if int(person) in few)
    assert len(stage.channel.arrived) == MANY + FEW
    # Those on their way go first, and what is started until the alert is planned.
    assert last - before <= 4 * MOST_IN_FLIGHT


async def test_a_cancelled_post_stops_with_what_is_on_its_way(stage: Stage) -> None:
    await crowd.gather(stage.database, stage.keys, range(1, MANY + 1), town.RIVERSIDE)
    post = await stage.release()
    async with _at_work(stage):
        await _arrived(stage, MANY // 4)
        await stage.posts.cancel(post.code, STAFF)
        before = len(stage.channel.arrived)
        await _finished(stage, post)
    report = await stage.report(post)
    assert report.sent == len(stage.channel.arrived) <= before + MOST_IN_FLIGHT
    assert report.sent + report.recalled == report.audience


async def test_a_correction_in_the_middle_reaches_exactly_the_reached(stage: Stage) -> None:
    await crowd.gather(stage.database, stage.keys, range(1, SOME + 1), town.RIVERSIDE)
    post = await stage.release("Mill Lane.")
    async with _at_work(stage):
        await _arrived(stage, SOME // 4)
        new = await stage.posts.correct(post.code, "Hill Lane.", STAFF, now=True)
        # The correction follows old words that are on their way, once their chat may be written to.
        await _finished(stage, post, new)
    early = {person for person, words in stage.channel.arrived if "Mill Lane." in words}
    late = {person for person, words in stage.channel.arrived if "Hill Lane." in words}
    assert sorted(early | late, key=int) == [str(person) for person in range(1, SOME + 1)]
    assert len(stage.channel.arrived) == SOME
    assert sorted(to for to, *_ in stage.channel.edited) == sorted(early)
    assert (await stage.report(new)).sent == len(early)


@asynccontextmanager
async def _at_work(stage: Stage) -> AsyncIterator[None]:
    """Plan and send for as long as the block lasts."""
    working = asyncio.create_task(Outbox(stage.planner, [stage.sender]).run())
    try:
        yield
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


async def _arrived(stage: Stage, count: int) -> None:
    async with asyncio.timeout(WITHIN):
        while len(stage.channel.arrived) < count:  # noqa: ASYNC110  # a channel rings no bell
            await asyncio.sleep(LOOK)


async def _finished(stage: Stage, *posts: Post) -> None:
    async with asyncio.timeout(WITHIN):
        for post in posts:
            while not _is_over(await stage.report(post)):  # noqa: ASYNC110  # nor does a report
                await asyncio.sleep(LOOK)


def _is_over(report: Report) -> bool:
    return report.queued == 0 and report.state != "sending"
