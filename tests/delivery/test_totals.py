"""After ninety days nobody can tell to whom a post went, and its report still adds up."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from bot.errors import InDoubt, OperatorError, Rejected, Unreachable
from bot.model import DeliveryState, Kind, Level
from bot.services.posts import DELIVERIES_KEPT, Draft
from bot.store import totals
from bot.store.tables import deliveries, pictures
from tests.cancelling import cancelled_at
from tests.delivery.stage import STAFF, Stage
from tests.images import drawn

LONG = DELIVERIES_KEPT + timedelta(minutes=1)
DAYS = DELIVERIES_KEPT.days


async def rows(stage: Stage) -> int:
    async with stage.database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(deliveries))).scalar_one()


async def test_a_report_is_the_same_when_the_rows_behind_it_are_gone(stage: Stage) -> None:
    for person in "123456":
        await stage.follower(person, channel="telegram")
    await stage.follower("7", channel="web")
    stage.channel.failures["2"] = [Unreachable("blocked")]
    stage.channel.failures["3"] = [Rejected("not now")]
    stage.channel.failures["4"] = [InDoubt("no answer")]
    post = await stage.release()
    await stage.work()
    stage.channel.name = "web"
    await stage.work(stage.another_sender())
    before = await stage.report(post)
    assert (before.sent, before.failed, before.unknown, before.queued) == (4, 2, 1, 0)
    assert before.by_channel["web"]["sent"] == 1

    stage.later(days=DAYS)
    await stage.posts.purge()
    assert await rows(stage) == 7
    stage.later(minutes=1)
    await stage.posts.purge()
    assert await rows(stage) == 0
    assert await stage.report(post) == before
    await stage.posts.purge()
    assert await stage.report(post) == before


async def test_what_nobody_ever_sent_is_settled_and_counted_too(stage: Stage) -> None:
    for person in "123":
        await stage.follower(person, channel="web")
    post = await stage.release()
    stopped = await stage.release("Another.")
    await stage.plan()
    await stage.posts.cancel(stopped.code, STAFF)
    stage.clock.set(stage.clock.now() + LONG)
    await stage.posts.purge()
    assert await rows(stage) == 0
    report = await stage.report(post)
    assert (report.audience, report.failed, report.reasons) == (3, 3, {"expired": 3})
    report = await stage.report(stopped)
    assert (report.audience, report.recalled, report.state) == (3, 3, "cancelled")


async def test_a_post_that_still_goes_out_keeps_its_rows(stage: Stage) -> None:
    await stage.follower("1")
    post = await stage.release(expires_at=stage.clock.now() + 2 * LONG)
    await stage.work()
    stage.clock.set(stage.clock.now() + LONG)
    await stage.posts.purge()
    assert await rows(stage) == 1
    assert (await stage.report(post)).sent == 1


async def test_a_correction_on_its_way_still_finds_those_it_must_reach(stage: Stage) -> None:
    await stage.follower("1")
    post = await stage.release("Mill Lane is closed.")
    await stage.work()
    stage.later(days=DAYS)
    new = await stage.posts.correct(post.code, "Hill Lane is closed.", STAFF)
    stage.later(minutes=5)
    await stage.posts.purge()
    await stage.work()
    assert (await stage.report(new)).sent == 1
    await stage.posts.purge()
    assert await rows(stage) == 1  # the correction's own
    with pytest.raises(OperatorError, match="no longer known whom"):
        await stage.posts.correct(post.code, "Too late.", STAFF)


async def test_a_purge_cut_short_anywhere_counts_nothing_twice(stage: Stage) -> None:
    for person in range(5):
        await stage.follower(str(person))
    post = await stage.release()
    await stage.work()
    before = await stage.report(post)
    stage.clock.set(stage.clock.now() + LONG)
    cut, number = True, 0
    while cut:
        cut = await cancelled_at(stage.posts.purge(), number)
        number += 1
        assert await stage.report(post) == before
    assert await rows(stage) == 0


async def test_a_large_post_is_summed_up_page_by_page(stage: Stage) -> None:
    post = await stage.release()
    await stage.plan()
    count = totals.PAGE * 2 + 10
    states = (DeliveryState.SENT, DeliveryState.UNKNOWN)
    async with stage.database.write() as connection:
        await connection.execute(
            insert(deliveries),
            [
                {
                    "post_id": post.id,
                    "subscriber_id": number,
                    "token": 1,
                    "priority": 5,
                    "due": stage.clock.now(),
                    "state": int(states[number % 2]),
                    "attempt": 0,
                    "edition": 0,
                }
                for number in range(count)
            ],
        )
    stage.clock.set(stage.clock.now() + LONG)
    async with stage.database.write() as connection:
        now = stage.clock.now()
        assert await totals.sum_up(connection, now - DELIVERIES_KEPT, now)
    assert await rows(stage) == count - totals.PAGE
    await stage.posts.purge()
    report = await stage.report(post)
    assert (report.audience, report.sent, report.unknown) == (count, count // 2, count // 2)


async def test_the_content_of_a_picture_goes_with_the_rows_and_its_words_stay(stage: Stage) -> None:
    post = await stage.release(image=drawn(), alt="A map.")
    waiting = Draft(
        kind=Kind.UPDATE,
        level=Level.ROUTINE,
        text="Not sent yet.",
        areas=None,
        image=drawn(),
        alt="Another map.",
    )
    await stage.posts.draft(waiting, STAFF)
    stage.clock.set(stage.clock.now() + LONG)
    await stage.posts.purge()
    async with stage.database.read() as connection:
        kept = (
            (await connection.execute(select(pictures.c.data).order_by(pictures.c.id)))
            .scalars()
            .all()
        )
    assert [data is not None for data in kept] == [False, True]
    found = await stage.posts.find(post.code)
    assert found is not None
    assert found.variants[0].picture is not None
    assert await stage.posts.picture(post.code) is None
