"""How the outbox stands, as an operator and a probe see it from any process."""

import pytest

from bot import metrics
from bot.delivery.queues import Queue, Queues
from bot.errors import InDoubt, OperatorError, TryLater
from bot.model import Priority
from tests.delivery.stage import Stage

RATES = {"telegram": 1000.0, "web": 1000.0}


@pytest.fixture
def queues(stage: Stage) -> Queues:
    return Queues(stage.database, stage.clock, RATES)


async def telegram(queues: Queues) -> Queue:
    return (await queues.look())["telegram"]


async def test_what_waits_is_counted_by_priority_and_age(stage: Stage, queues: Queues) -> None:
    for number in range(3):
        await stage.follower(str(number))
    await stage.follower("weekly", frequency=None)
    await stage.release()
    await stage.alert()
    await stage.plan()
    stage.later(seconds=30)
    found = await telegram(queues)
    assert found.due == {**dict.fromkeys(map(int, Priority), 0), 0: 4, 5: 4}
    assert (found.oldest_due, found.since_last) == (30.0, None)
    await stage.work()
    after = await telegram(queues)
    assert (sum(after.due.values()), after.later, after.in_flight) == (0, 1, 0)
    assert after.oldest_due is None
    assert after.since_last is not None


async def test_what_is_in_doubt_is_counted(stage: Stage, queues: Queues) -> None:
    await stage.follower("1")
    stage.channel.failures["1"] = [InDoubt("no answer")]
    await stage.release()
    await stage.work()
    assert (await telegram(queues)).unknown == 1


async def test_a_provider_that_says_too_many_shows_as_a_pause_a_slower_pace_and_a_count(
    stage: Stage, queues: Queues
) -> None:
    await stage.follower("1")
    stage.channel.failures["1"] = [TryLater("flood", after=3600, everyone=True)]
    await stage.release()
    await stage.plan()
    await stage.sender.tick()
    await stage.sender.settle()
    found = await telegram(queues)
    assert found.pace < found.full_pace == 1000
    assert 3500 < found.paused <= 3600
    assert found.holds == 1
    stage.later(minutes=5)
    assert "told to wait by telegram" in str(await queues.probe())


async def test_messages_that_nobody_sends_make_the_service_not_ready_until_somebody_does(
    stage: Stage, queues: Queues
) -> None:
    await stage.follower("1")
    await stage.release()
    await stage.plan()
    assert await queues.probe() is None
    stage.later(seconds=61)
    with pytest.raises(OperatorError, match="Messages over telegram are due"):
        await queues.probe()
    await stage.work()
    assert await queues.probe() is None


async def test_posts_that_nobody_plans_make_it_not_ready_until_somebody_does(
    stage: Stage, queues: Queues
) -> None:
    await stage.follower("1")
    await stage.release()
    assert await queues.probe() is None
    stage.later(minutes=4)
    with pytest.raises(OperatorError, match="1 post"):
        await queues.probe()
    await stage.work()
    assert await queues.probe() is None


async def test_a_provider_that_is_down_shows_too_though_it_is_tried_again_and_again(
    stage: Stage, queues: Queues
) -> None:
    await stage.follower("1")
    stage.channel.failures["1"] = [TryLater("server error", after=0) for _ in range(3)]
    await stage.release()
    await stage.plan()
    stage.later(seconds=61)
    for _ in range(3):
        await stage.sender.tick()
        await stage.sender.settle()
        stage.later(seconds=1)
    with pytest.raises(OperatorError, match="none got through"):
        await queues.probe()
    await stage.work()
    assert await queues.probe() is None


async def test_messages_for_later_do_not_make_it_stand_still(stage: Stage, queues: Queues) -> None:
    await stage.follower("1", frequency=None)
    await stage.release()
    await stage.work()
    stage.later(hours=3)
    assert (await telegram(queues)).later == 1
    assert await queues.probe() is None


async def test_metrics_show_the_queues(stage: Stage, queues: Queues) -> None:
    await stage.follower("1")
    await stage.release()
    await stage.plan()
    await queues.count()
    words = metrics.exposition().decode()
    assert 'beatline_queued{channel="telegram",priority="5"} 1.0' in words
    assert 'beatline_pace{channel="telegram"} 1000.0' in words
    await stage.work()
    await queues.count()
    assert 'priority="5"} 0.0' in metrics.exposition().decode()
