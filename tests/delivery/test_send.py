"""What is released reaches each follower once, in order, and its report says what happened."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, text

from bot.conversation import Address
from bot.errors import InDoubt, Rejected, TryLater, Unreachable
from bot.model import Kind, Level, Policy
from bot.services.residents import Residents
from bot.store.database import Database
from bot.store.tables import gates, pacing
from tests import town
from tests.delivery.stage import CollectingChannel, Stage

NEVER = datetime(2100, 1, 1, tzinfo=UTC)
WAITING = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock')"
)


async def test_every_follower_of_the_area_gets_a_post_once(stage: Stage) -> None:
    await stage.follower("1")
    await stage.follower("2", town.RIVERSIDE, town.HILLSIDE_NORTH)
    await stage.follower("3", town.HILLSIDE_SOUTH)
    post = await stage.release("Road closed.", where=(town.RIVERSIDE, town.HILLSIDE_NORTH))
    await stage.work()
    await stage.work()
    assert sorted(stage.channel.who) == ["1", "2"]
    report = await stage.report(post)
    assert (report.state, report.audience, report.sent, report.queued) == ("sent", 2, 2, 0)
    assert report.by_channel["telegram"]["sent"] == 2


async def test_a_message_names_its_kind_its_area_its_force_and_its_id(stage: Stage) -> None:
    await stage.follower("1")
    post = await stage.release("Mill Lane is closed.", title="Road works")
    await stage.work()
    assert stage.channel.got("1") == [
        "News from your police team\n\nRoad works\n\nMill Lane is closed.\n\n"
        f"Thames Valley Police, for Riverside. To check it: /verify {post.code}"
    ]


async def test_a_post_to_everywhere_reaches_all_who_follow_anything(stage: Stage) -> None:
    await stage.follower("1", town.HILLSIDE_SOUTH)
    await stage.follower("2", town.RIVERSIDE, town.HILLSIDE_NORTH)
    await stage.release(where=None)
    await stage.work()
    assert sorted(stage.channel.who) == ["1", "2"]


async def test_an_urgent_alert_overtakes_what_waits(stage: Stage) -> None:
    for person in range(6):
        await stage.follower(str(person))
    await stage.release("News.")
    await stage.plan()
    await stage.alert("Flood.")
    await stage.work()
    assert all("Flood." in words for _to, words in stage.channel.arrived[:6])


async def test_a_chat_gets_its_messages_in_order_one_at_a_time_with_a_pause(stage: Stage) -> None:
    stage.channel.gap = 1
    await stage.follower("1")
    for words in ("one", "two"):
        await stage.release(words)
    await stage.work()
    assert len(stage.channel.arrived) == 1
    stage.later(milliseconds=900)
    await stage.work()
    assert len(stage.channel.arrived) == 1
    stage.later(milliseconds=200)
    await stage.work()
    assert ["one" in stage.channel.got("1")[0], "two" in stage.channel.got("1")[1]] == [True] * 2


async def test_a_chat_that_must_wait_holds_up_nobody_else_and_keeps_its_order(
    stage: Stage,
) -> None:
    await stage.follower("1")
    await stage.follower("2")
    stage.channel.failures["1"] = [TryLater("server error", after=5)]
    await stage.release("one")
    await stage.release("two")
    await stage.work()
    assert len(stage.channel.got("2")) == 2
    assert stage.channel.got("1") == []
    stage.later(seconds=6)
    await stage.work()
    assert ["one" in words for words in stage.channel.got("1")] == [True, False]


async def test_too_many_requests_hold_the_whole_token_and_lose_nothing(stage: Stage) -> None:
    for person in range(5):
        await stage.follower(str(person))
    stage.channel.failures["0"] = [TryLater("flood limit", after=0.2, everyone=True)]
    post = await stage.release()
    await stage.plan()
    await stage.sender.tick()
    await stage.sender.settle()
    other = stage.another_sender()
    await other.tick()
    assert other.in_flight == 0
    await asyncio.sleep(0.25)
    await stage.work()
    assert sorted(stage.channel.who) == list("01234")
    assert (await stage.report(post)).sent == 5


async def test_whoever_blocked_the_bot_is_written_to_no_more(stage: Stage) -> None:
    await stage.follower("1")
    stage.channel.failures["1"] = [Unreachable("blocked")]
    first = await stage.release("one")
    second = await stage.release("two")
    await stage.work()
    assert stage.channel.arrived == []
    for post in (first, second):
        report = await stage.report(post)
        assert (report.failed, report.reasons) == (1, {"subscription ended": 1})


async def test_a_message_the_provider_refuses_fails_with_its_reason(stage: Stage) -> None:
    await stage.follower("1")
    stage.channel.failures["1"] = [Rejected("message is too long")]
    post = await stage.release()
    await stage.work()
    assert (await stage.report(post)).reasons == {"message is too long": 1}


async def test_a_post_in_doubt_is_not_sent_again_unless_its_policy_says_so(stage: Stage) -> None:
    await stage.follower("1")
    stage.channel.lost_answers.add("1")
    stage.channel.failures["1"] = [InDoubt("no answer")]
    careful = await stage.release("once")
    await stage.work()
    assert (await stage.report(careful)).unknown == 1
    stage.channel.failures["1"] = [InDoubt("no answer")]
    thorough = await stage.release("for certain", policy=Policy.AT_LEAST_ONCE)
    await stage.work()
    assert [len(stage.channel.got("1")), (await stage.report(thorough)).sent] == [3, 1]


async def test_doubt_does_not_go_on_for_ever(stage: Stage) -> None:
    await stage.follower("1")
    stage.channel.lost_answers.add("1")
    stage.channel.failures["1"] = [InDoubt("no answer")] * 100
    post = await stage.alert()
    await stage.work()
    assert len(stage.channel.arrived) == 5
    assert (await stage.report(post)).unknown == 1


async def test_who_stopped_or_was_erased_gets_nothing_of_what_was_queued(stage: Stage) -> None:
    stopped = await stage.follower("1")
    await stage.follower("2")
    await stage.follower("3")
    post = await stage.release()
    await stage.plan()
    await stage.set(stopped, stopped_on=stage.clock.now().date())
    residents = Residents(stage.database, stage.keys, stage.clock)
    assert await residents.forget(Address("telegram", "2"))
    await stage.work()
    assert stage.channel.who == ["3"]
    report = await stage.report(post)
    assert (report.audience, report.sent, report.reasons) == (3, 1, {"subscription ended": 2})


async def test_a_new_follower_is_in_the_next_post(stage: Stage) -> None:
    await stage.follower("1")
    await stage.release("one")
    await stage.work()
    await stage.follower("2")
    await stage.release("two")
    await stage.work()
    assert stage.channel.who.count("2") == 1


async def test_an_expired_post_is_never_sent(stage: Stage) -> None:
    await stage.follower("1")
    end = stage.clock.now() + timedelta(hours=1)
    post = await stage.release(expires_at=end)
    await stage.plan()
    stage.clock.set(end)
    await stage.work()
    assert stage.channel.arrived == []
    assert (await stage.report(post)).reasons == {"expired": 1}


async def test_a_sender_that_died_leaves_doubt_which_the_next_one_settles(stage: Stage) -> None:
    await stage.follower("1")
    careful = await stage.release("once")
    await stage.plan()
    stage.channel.gate.clear()
    await stage.sender.tick()
    await stage.follower("2")
    alert = await stage.alert("Flood.")
    await stage.plan()
    await stage.sender.tick()

    stage.later(minutes=2)
    living = CollectingChannel()
    heir = stage.another_sender(living)
    await heir.sweep()
    await stage.work(heir)
    assert (await stage.report(careful)).unknown == 1
    assert (await stage.report(alert)).sent == 2
    assert sorted(living.who) == ["1", "2"]
    stage.channel.gate.set()
    await stage.sender.finish()


async def test_a_late_refusal_does_not_repeat_what_the_heir_has_sent(stage: Stage) -> None:
    await stage.follower("1")
    alert = await stage.alert("Flood.")
    await stage.plan()
    stage.channel.failures["1"] = [TryLater("busy", after=0.0)]
    stage.channel.gate.clear()
    await stage.sender.tick()
    stage.later(minutes=2)
    living = CollectingChannel()
    heir = stage.another_sender(living)
    await heir.sweep()
    await stage.work(heir)
    stage.channel.gate.set()
    await stage.sender.settle()
    stage.later(minutes=2)
    await stage.work(heir)
    assert (living.who, stage.channel.who) == (["1"], [])
    assert (await stage.report(alert)).sent == 1


@pytest.mark.parametrize("kind", [Kind.UPDATE, Kind.ALERT])
async def test_two_senders_side_by_side_send_everything_once(stage: Stage, kind: Kind) -> None:
    for person in range(40):
        await stage.follower(str(person))
    await stage.release(kind=kind, level=Level.ROUTINE)
    await stage.plan()
    other = stage.another_sender()
    for _turn in range(60):
        await asyncio.gather(stage.sender.tick(), other.tick())
        await asyncio.gather(stage.sender.settle(), other.settle())
    assert sorted(stage.channel.who, key=int) == [str(person) for person in range(40)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer
async def test_who_waits_for_a_chat_keeps_nobody_from_the_pace(stage: Stage) -> None:
    """Else a sender that marks that chat, and then the pace, would wait for it: a deadlock."""
    await stage.follower("1")
    chat = await stage.follower("2", town.HILLSIDE_SOUTH)
    await stage.release()
    await stage.plan()
    await stage.sender.tick()
    while stage.sender.in_flight:  # noqa: ASYNC110  # what it waits for has no event
        await asyncio.sleep(0)
    await stage.release(where=[town.HILLSIDE_SOUTH])
    await stage.plan()
    async with stage.database.write() as another:
        await another.execute(insert(gates).values(subscriber_id=chat, next_ok=NEVER, sent=0))
        ticking = asyncio.create_task(stage.sender.tick())
        async with asyncio.timeout(30):
            while not await somebody_waits(stage.database):  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.01)
        async with stage.database.write() as third:
            await third.execute(select(pacing).with_for_update(nowait=True))
        await another.rollback()
    await ticking
    await stage.sender.settle()
    assert stage.channel.who == ["1", "2"]


async def somebody_waits(database: Database) -> bool:
    """Whether a transaction of PostgreSQL waits for another."""
    async with database.read() as connection:
        return bool((await connection.execute(WAITING)).scalar_one())


async def test_answers_to_people_take_their_share_of_the_pace(stage: Stage) -> None:
    await stage.sender.tick()
    stage.channel.drawn += 60_000  # a minute's worth
    await stage.sender.tick()
    await stage.follower("1")
    await stage.release()
    await stage.plan()
    assert await stage.sender.tick() == 0
