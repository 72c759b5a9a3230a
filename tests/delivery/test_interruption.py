"""The promise under interruption: at least once loses nothing, at most once repeats nothing."""

import asyncio

import pytest

from bot.model import Policy
from tests.cancelling import cancelled_at
from tests.delivery.stage import Stage

PEOPLE = [str(number) for number in range(6)]


async def interrupted(stage: Stage, suspension: int) -> bool:
    """Run a sender that is cut at an exact await, with whatever it had in flight then."""
    sender = stage.another_sender()

    async def work() -> None:
        await sender.tick()
        await sender.settle()
        await sender.tick()
        await sender.settle()

    before = asyncio.all_tasks()
    cut = await cancelled_at(work(), suspension)
    for task in asyncio.all_tasks() - before:  # a process that dies takes its tasks along
        task.cancel()
    await asyncio.gather(*(asyncio.all_tasks() - before), return_exceptions=True)
    return cut


@pytest.mark.parametrize("policy", Policy)
async def test_a_sender_cut_at_any_await_keeps_the_promise_of_the_post(
    stage: Stage, policy: Policy
) -> None:
    for person in PEOPLE:
        await stage.follower(person)
    cut, suspension = True, 0
    while cut:
        stage.channel.arrived.clear()
        post = await stage.release(f"Cut {suspension}.", policy=policy)
        await stage.plan()
        cut = await interrupted(stage, suspension)
        stage.later(minutes=5)
        heir = stage.another_sender()
        await heir.sweep()
        await stage.work(heir)
        stage.later(days=1)  # so that the daily cap is never reached
        report = await stage.report(post)
        who = stage.channel.who
        assert report.queued == report.failed == 0
        assert report.sent + report.unknown == report.audience == len(PEOPLE)
        if policy is Policy.AT_MOST_ONCE:
            assert len(who) == len(set(who))
            assert len(set(PEOPLE) - set(who)) <= report.unknown
        else:
            assert set(who) == set(PEOPLE)
            assert report.unknown == 0
        suspension += 3 if stage.database.is_sqlite else 11  # PostgreSQL has many more awaits
    assert suspension > 30


@pytest.mark.slow
async def test_a_sender_that_is_stopped_leaves_nothing_in_doubt(stage: Stage) -> None:
    await stage.follower("1")
    for suspension in range(60):
        post = await stage.release(f"Stopped {suspension}.")
        await stage.plan()
        assert await cancelled_at(stage.another_sender().run(), suspension)
        heir = stage.another_sender()
        await heir.sweep()
        await stage.work(heir)
        report = await stage.report(post)
        assert (report.sent, report.unknown) == (1, 0)
        stage.later(days=1)  # so that the daily cap is never reached
