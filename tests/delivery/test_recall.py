"""A cancelled post stays cancelled, a corrected one corrected, for exactly those it reached."""

import pytest

from bot.errors import InDoubt, OperatorError, Rejected, Unreachable
from bot.model import Kind, Level, Subscriber
from tests.delivery.stage import STAFF, Stage


async def test_a_cancelled_post_stops_and_the_rest_is_recalled(stage: Stage) -> None:
    for person in range(30):
        await stage.follower(str(person))
    post = await stage.release()
    reached = len(await stage.begin())
    assert 0 < reached < 30
    await stage.posts.cancel(post.code, STAFF)
    now = await stage.report(post)
    assert (now.state, now.sent, now.recalled, now.queued) == (
        "cancelled",
        reached,
        30 - reached,
        0,
    )
    await stage.work()
    assert len(stage.channel.arrived) == reached
    assert await stage.report(post) == now


async def test_a_post_cancelled_in_its_window_reaches_nobody(stage: Stage) -> None:
    await stage.follower("1")
    draft = await stage.release("one")
    waiting = await stage.posts.cancel(draft.code, STAFF)
    await stage.work()
    assert stage.channel.arrived == []
    assert not waiting.live


async def test_a_correction_edits_what_was_sent_where_it_can(stage: Stage) -> None:
    await stage.follower("1")
    post = await stage.release("Mill Lane is closed.")
    await stage.work()
    new = await stage.posts.correct(post.code, "Hill Lane is closed.", STAFF, now=True)
    await stage.work()
    ((person, reference, words),) = stage.channel.edited
    assert (person, reference) == ("1", "1")
    assert words.startswith(f"Correction. This replaces our message {post.code}.")
    assert "Hill Lane is closed." in words
    assert len(stage.channel.arrived) == 1
    assert (await stage.report(new)).sent == 1


async def test_where_a_message_cannot_be_edited_the_correction_follows(stage: Stage) -> None:
    await stage.follower("1")
    post = await stage.release("Mill Lane is closed.")
    await stage.work()
    stage.channel.failures["edit 1"] = [Rejected("message can't be edited")]
    await stage.posts.correct(post.code, "Hill Lane is closed.", STAFF, now=True)
    await stage.work()
    assert "Hill Lane is closed." in stage.channel.got("1")[1]


async def test_what_went_out_in_a_digest_is_corrected_by_a_further_message(stage: Stage) -> None:
    await stage.follower("1", frequency=2)
    wrong = await stage.release("Mill Lane is closed.")
    await stage.release("Market on Sunday.")
    await stage.plan()
    stage.later(days=1)
    await stage.work()
    await stage.posts.correct(wrong.code, "Hill Lane is closed.", STAFF, now=True)
    await stage.work()
    assert stage.channel.edited == []
    assert [len(stage.channel.got("1")), "Hill Lane" in stage.channel.got("1")[-1]] == [2, True]


async def test_a_correction_reaches_exactly_those_reached(stage: Stage) -> None:
    for person in "1234":
        await stage.follower(person)
    stage.channel.failures["2"] = [Unreachable("blocked")]
    stage.channel.failures["3"] = [Rejected("not now")]
    stage.channel.failures["4"] = [InDoubt("no answer")]
    post = await stage.release()
    await stage.work()
    await stage.follower("5")
    new = await stage.posts.correct(post.code, "Better.", STAFF, now=True)
    await stage.work()
    report = await stage.report(new)
    assert (report.audience, report.sent) == (2, 2)
    assert [to for to, *_ in stage.channel.edited] == ["1"]
    assert len(stage.channel.got("4")) == 1  # what was in doubt has no message to edit


async def test_who_was_still_to_get_a_post_gets_the_corrected_words_alone(stage: Stage) -> None:
    for person in range(30):
        await stage.follower(str(person))
    post = await stage.release("Mill Lane.")
    early = await stage.begin()
    new = await stage.posts.correct(post.code, "Hill Lane.", STAFF, now=True)
    await stage.work()
    for late in {str(number) for number in range(30)} - early:
        assert ["Hill Lane." in words for words in stage.channel.got(late)] == [True]
    assert {to for to, *_ in stage.channel.edited} == early
    assert (await stage.report(new)).audience == len(early)


async def test_a_correction_waits_for_old_words_that_are_on_their_way(stage: Stage) -> None:
    await stage.follower("1")
    await stage.follower("2")
    post = await stage.release("Mill Lane.")
    await stage.plan()
    stage.channel.gate.clear()
    await stage.sender.tick()
    new = await stage.posts.correct(post.code, "Hill Lane.", STAFF, now=True)
    other = await stage.release("Another post.")
    await stage.plan()
    assert (await stage.report(new)).audience == 0
    assert (await stage.report(other)).audience == 2
    stage.channel.gate.set()
    await stage.sender.settle()
    await stage.work()
    assert {to for to, *_ in stage.channel.edited} == {"1", "2"}


async def test_the_last_correction_is_the_one_that_counts(stage: Stage) -> None:
    await stage.follower("1")
    post = await stage.release("one")
    await stage.work()
    await stage.posts.correct(post.code, "two", STAFF, now=True)
    await stage.posts.correct(post.code, "three", STAFF, now=True)
    await stage.work()
    assert ["three" in words for *_, words in stage.channel.edited] == [True]


async def test_an_all_clear_ends_an_alert_and_is_a_message_of_its_own(stage: Stage) -> None:
    for person in range(30):
        await stage.follower(str(person))
    alert = await stage.alert("Flood.")
    reached = await stage.begin()
    over = await stage.posts.correct(alert.code, "It is over.", STAFF, all_clear=True)
    await stage.work()
    assert stage.channel.edited == []
    clear = {to for to, words in stage.channel.arrived if words.startswith("All clear.")}
    assert clear == reached
    assert (await stage.report(over)).sent == len(reached)
    assert (await stage.report(alert)).recalled == 30 - len(reached)


async def test_an_urgent_alert_is_corrected_by_night_too(stage: Stage) -> None:
    await stage.follower("1")
    stage.at(2026, 11, 23, 23, 0)
    alert = await stage.alert("Flood.")
    news = await stage.release("News.")
    await stage.work()
    await stage.posts.correct(alert.code, "No flood.", STAFF, now=True)
    await stage.work()
    assert ["No flood." in words for *_, words in stage.channel.edited] == [True]
    assert (await stage.report(news)).queued == 1


async def test_only_what_was_sent_can_be_corrected_and_corrections_refer_to_it(
    stage: Stage,
) -> None:
    await stage.follower("1")
    post = await stage.release(kind=Kind.ALERT, level=Level.IMPORTANT)
    await stage.work()
    new = await stage.posts.correct(post.code, "Better.", STAFF, now=True)
    assert (new.kind, new.level, new.priority) == (post.kind, post.level, post.priority)
    with pytest.raises(OperatorError, match=post.code):
        await stage.posts.correct(new.code, "Best.", STAFF)


async def test_what_reached_a_resident_can_be_read_again_in_its_newest_words(
    stage: Stage,
) -> None:
    number = await stage.follower("1")
    post = await stage.release("Mill Lane.")
    await stage.release("Another.", expires_at=stage.clock.now().replace(year=2027))
    await stage.work()
    await stage.posts.correct(post.code, "Hill Lane.", STAFF, now=True)
    await stage.work()
    read = await stage.posts.received(Subscriber(number, "telegram", "en_GB"))
    assert [words.body for _post, words in read] == ["Hill Lane.", "Another."]


async def test_a_correction_that_is_cancelled_gives_way_to_the_one_before(stage: Stage) -> None:
    for person in range(30):
        await stage.follower(str(person))
    post = await stage.release("one")
    early = await stage.begin()
    await stage.posts.correct(post.code, "two", STAFF, now=True)
    await stage.plan()
    wrong = await stage.posts.correct(post.code, "three", STAFF)
    await stage.sender.sweep()
    await stage.posts.cancel(wrong.code, STAFF)
    await stage.work()
    late = {to: words for to, words in stage.channel.arrived if to not in early}
    assert len(late) == 30 - len(early)
    assert all("two" in words for words in late.values())
    assert {to for to, _reference, words in stage.channel.edited if "two" in words} == early


async def test_what_was_recalled_for_a_cancelled_correction_goes_out_all_the_same(
    stage: Stage,
) -> None:
    await stage.follower("1")
    post = await stage.release("one")
    await stage.work()
    first = await stage.posts.correct(post.code, "two", STAFF, now=True)
    await stage.plan()
    wrong = await stage.posts.correct(post.code, "three", STAFF)
    await stage.work()
    assert (await stage.report(first)).recalled == 1
    await stage.posts.cancel(wrong.code, STAFF)
    await stage.work()
    assert ["two" in words for *_, words in stage.channel.edited] == [True]


async def test_an_all_clear_reaches_those_to_whom_the_alert_was_to_be_sent_again(
    stage: Stage,
) -> None:
    await stage.follower("1")
    stage.channel.failures["1"] = [InDoubt("no answer")]
    alert = await stage.alert("Flood.")
    await stage.plan()
    await stage.sender.tick()
    await stage.sender.settle()
    await stage.posts.correct(alert.code, "It is over.", STAFF, all_clear=True)
    at_once = await stage.report(alert)
    assert (at_once.unknown, at_once.recalled) == (1, 0)
    stage.later(minutes=1)
    await stage.work()
    assert [words.startswith("All clear.") for words in stage.channel.got("1")] == [True]
    assert await stage.report(alert) == at_once
