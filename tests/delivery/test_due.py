"""What a resident asked for holds at the moment a message becomes due, on every day of the year."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.due import InDigest, Never, Now, Wait, decide, digest_slot, local_day
from bot.errors import InDoubt
from bot.model import (
    Frequency,
    Kind,
    Level,
    Policy,
    Post,
    Preferences,
    QuietHours,
    Subscriber,
    Topic,
    Variant,
    priority_of,
)
from bot.services.preferences import ResidentPreferences
from bot.store.deliveries import Following, Gate
from tests.delivery.stage import Stage

LONDON = ZoneInfo("Europe/London")
HERE = 1
AT_ONCE = (Following(HERE, frequency=Frequency.AT_ONCE),)
DAILY = (Following(HERE, frequency=Frequency.DAILY),)
WEEKLY = (Following(HERE),)
NEVER_QUIET = Preferences(quiet=None)
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON).astimezone(UTC)  # type: ignore[arg-type, misc]  # a moment's parts


def post(
    kind: Kind = Kind.UPDATE,
    level: Level = Level.ROUTINE,
    *,
    released: datetime = NOON,
    topic: Topic = Topic.GENERAL,
    refers_to: int | None = None,
) -> Post:
    return Post(
        id=1,
        code="P-222222",
        kind=kind,
        level=level,
        topic=topic,
        policy=Policy.AT_MOST_ONCE,
        everywhere=False,
        areas=(),
        variants=(Variant("en_GB", "", "Words."),),
        priority=priority_of(kind, level),
        live=True,
        expires_at=released + timedelta(days=30),
        send_at=released,
        refers_to=refers_to,
    )


def decided(
    what: Post,
    follows: tuple[Following, ...] = AT_ONCE,
    preferences: Preferences = NEVER_QUIET,
    gate: Gate = Gate(),  # noqa: B008  # frozen
    now: datetime = NOON,
) -> object:
    return decide(what, {HERE}, follows, preferences, gate, now, LONDON)


URGENT = post(Kind.ALERT, Level.URGENT)
IMPORTANT = post(Kind.ALERT, Level.IMPORTANT)


def test_who_left_the_area_or_turned_the_topic_off_gets_nothing() -> None:
    assert decided(post(), ()) == Never("no longer follows the area")
    assert decided(post(), (Following(2),)) == Never("no longer follows the area")
    quiet_topics = (Following(HERE, topics=Topic.ROAD_SAFETY),)
    assert decided(post(), quiet_topics) == Never("no longer wanted")
    assert decided(post(topic=Topic.ROAD_SAFETY), (quiet_topics[0],)) != Never("no longer wanted")


def test_alerts_come_by_level_whatever_the_topics() -> None:
    no_topics = Following(HERE, topics=Topic(0), alerts=Level.IMPORTANT)
    assert decided(post(Kind.ALERT), (no_topics,)) == Never("no longer wanted")
    assert decided(IMPORTANT, (no_topics,)) == Now()
    urgent_only = Following(HERE, alerts=Level.URGENT)
    assert decided(IMPORTANT, (urgent_only,)) == Never("no longer wanted")
    assert decided(URGENT, (urgent_only,)) == Now()


def test_an_urgent_alert_passes_quiet_hours_pause_and_cap() -> None:
    night = local(2026, 11, 23, 23, 30)
    held = Preferences(paused_until=date(2026, 12, 1), daily_cap=1)
    gate = Gate(local_day(night, LONDON), sent=9)
    assert decided(URGENT, WEEKLY, held, gate, night) == Now()


def test_an_important_alert_waits_for_the_end_of_quiet_hours_and_no_digest() -> None:
    night = local(2026, 11, 23, 23, 30)
    assert decided(IMPORTANT, WEEKLY, Preferences(), now=night) == Wait(local(2026, 11, 24, 7))
    morning = local(2026, 11, 24, 7)
    assert decided(IMPORTANT, WEEKLY, Preferences(), now=morning) == Now()


@pytest.mark.parametrize("hour", [22, 23, 0, 6])
def test_news_waits_through_the_usual_quiet_hours(hour: int) -> None:
    day = 24 if hour < 12 else 23
    decision = decided(post(), preferences=Preferences(), now=local(2026, 11, day, hour, 59))
    assert decision == Wait(local(2026, 11, 24, 7))


def test_quiet_hours_within_one_day_end_on_that_day() -> None:
    siesta = Preferences(quiet=QuietHours(time(13), time(15)))
    assert decided(post(), preferences=siesta, now=local(2026, 11, 23, 14)) == Wait(
        local(2026, 11, 23, 15)
    )
    assert decided(post(), preferences=siesta, now=local(2026, 11, 23, 15)) == Now()


def test_a_pause_ends_on_its_local_day_and_leaves_the_quiet_hours_to_follow() -> None:
    paused = Preferences(paused_until=date(2026, 11, 25))
    assert decided(post(), preferences=paused) == Wait(local(2026, 11, 25))
    midnight = local(2026, 11, 25)
    assert decided(post(), preferences=paused, now=midnight) == Wait(local(2026, 11, 25, 7))


def test_what_is_over_the_daily_cap_comes_on_the_next_day() -> None:
    gate = Gate(local_day(NOON, LONDON), sent=5)
    assert decided(post(), gate=gate) == Wait(local(2026, 11, 24))
    assert decided(post(), gate=gate, now=local(2026, 11, 24)) == Now()
    assert decided(IMPORTANT, gate=gate) == Wait(local(2026, 11, 24))


def test_daily_news_comes_together_at_the_hour_of_the_day() -> None:
    assert decided(post(), DAILY) == Wait(local(2026, 11, 23, 18), gathered=True)
    assert decided(post(), DAILY, now=local(2026, 11, 23, 18)) == InDigest()


def test_weekly_news_comes_together_on_friday() -> None:
    assert decided(post(), WEEKLY) == Wait(local(2026, 11, 27, 18), gathered=True)
    assert decided(post(), WEEKLY, now=local(2026, 11, 27, 18)) == InDigest()


def test_of_two_followed_areas_the_more_frequent_counts() -> None:
    both = (Following(HERE), Following(2, frequency=Frequency.AT_ONCE))
    news = post()
    assert decide(news, {HERE, 2}, both, NEVER_QUIET, Gate(), NOON, LONDON) == Now()


def test_there_is_one_digest_a_day_at_most() -> None:
    evening = local(2026, 11, 23, 18, 5)
    gate = Gate(digest_day=local_day(evening, LONDON))
    late = post(released=local(2026, 11, 23, 17, 59))
    assert decided(late, DAILY, gate=gate, now=evening) == Wait(
        local(2026, 11, 24, 18), gathered=True
    )


def test_a_correction_comes_at_once_but_not_at_night() -> None:
    correction = post(refers_to=7)
    assert decided(correction, ()) == Now()
    night = local(2026, 11, 23, 23)
    assert decided(correction, (), Preferences(), now=night) == Wait(local(2026, 11, 24, 7))


def test_an_hour_that_comes_twice_counts_once() -> None:
    """On 25 October 2026 it is 01:30 in London twice."""
    since = local(2026, 10, 24, 12)
    slot = digest_slot(Frequency.DAILY, 1, since, None, LONDON)
    assert slot == datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    again = digest_slot(Frequency.DAILY, 1, since, local_day(slot, LONDON), LONDON)
    assert again == datetime(2026, 10, 26, 1, 0, tzinfo=UTC)
    until = Preferences(quiet=QuietHours(time(22), time(1, 30)))
    second = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)  # 01:15 by the clock, the second time
    assert decided(post(released=since), preferences=until, now=second) == Now()


def test_an_hour_that_is_left_out_counts_as_the_next() -> None:
    """On 28 March 2027 there is no 01:30 in London."""
    since = local(2027, 3, 27, 12)
    assert digest_slot(Frequency.DAILY, 1, since, None, LONDON) == datetime(
        2027, 3, 28, 1, 0, tzinfo=UTC
    )
    until = Preferences(quiet=QuietHours(time(22), time(1, 30)))
    night = local(2027, 3, 28, 0, 30)
    assert decided(post(released=since), preferences=until, now=night) == Wait(
        datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    )


YEARS = timedelta(days=730)


@given(
    now=st.timedeltas(timedelta(), YEARS).map(lambda passed: local(2026, 1, 1) + passed),
    start=st.times(),
    end=st.times(),
    often=st.sampled_from(Frequency),
    hour=st.integers(0, 23),
    pause=st.none() | st.dates(date(2026, 1, 1), date(2028, 1, 1)),
    sent=st.integers(0, 6),
    zone=st.sampled_from(["Europe/London", "America/Santiago", "Australia/Lord_Howe"]),
)
def test_waiting_always_ends_in_the_future_and_comes_to_an_end(
    now: datetime,
    start: time,
    end: time,
    often: Frequency,
    hour: int,
    pause: date | None,
    sent: int,
    zone: str,
) -> None:
    there = ZoneInfo(zone)
    quiet = None if start == end else QuietHours(start, end)
    wishes = Preferences(quiet, pause, 5, hour)
    gate = Gate(local_day(now, there), sent)
    what, follows = post(released=now), (Following(HERE, frequency=often),)
    for _look in range(40):
        decision = decide(what, {HERE}, follows, wishes, gate, now, there)
        if not isinstance(decision, Wait):
            assert isinstance(decision, Now | InDigest)
            return
        assert decision.until > now
        now = decision.until
    raise AssertionError("it waits for ever")


# On the whole way through the outbox


async def test_a_weekly_digest_is_one_message_by_area_and_kind_the_newest_first(
    stage: Stage,
) -> None:
    await stage.follower("1", frequency=None)
    codes = []
    for words in ("First.", "Second."):
        codes.append((await stage.release(words, title=f"{words} title")).code)
        stage.later(minutes=1)
        await stage.work()
    assert stage.channel.arrived == []
    stage.at(2026, 11, 27, 18, 0)
    await stage.work()
    (words,) = stage.channel.got("1")
    assert words.index("Second.") < words.index("First.")
    assert words.startswith("News from your areas\n\nRiverside\n\nNews from your police team\n")
    for code in codes:
        assert (await stage.posts.report(code)).sent == 1
    await stage.work()
    assert len(stage.channel.arrived) == 1


async def test_a_long_digest_says_how_much_more_there_is(stage: Stage) -> None:
    await stage.follower("1", frequency=2)
    for number in range(9):
        await stage.release(f"{number} " + "word " * 110)
    await stage.plan()
    stage.later(days=1)
    await stage.work()
    (words,) = stage.channel.got("1")
    assert "There are 4 more." in words
    assert len(words) < 4096


async def test_a_digest_in_doubt_is_lost_but_what_must_arrive_comes_by_itself(
    stage: Stage,
) -> None:

    await stage.follower("1", frequency=2)
    careful = await stage.release("May be lost.")
    thorough = await stage.release("Must arrive.", policy=Policy.AT_LEAST_ONCE)
    await stage.plan()
    stage.later(days=1)
    stage.channel.failures["1"] = [InDoubt("no answer")]
    await stage.work()
    assert ["Must arrive." in words for words in stage.channel.got("1")] == [True]
    assert "May be lost." not in stage.channel.got("1")[0]
    assert (await stage.report(careful)).unknown == 1
    assert (await stage.report(thorough)).sent == 1


async def test_settings_changed_after_the_release_count(stage: Stage) -> None:
    person = await stage.follower("1")
    await stage.release()
    await stage.plan()
    await stage.set(person, paused_until=date(2026, 11, 25), quiet_from=0, quiet_until=0)
    await stage.work()
    assert stage.channel.arrived == []
    stage.at(2026, 11, 25, 0, 0)
    await stage.work()
    assert stage.channel.who == ["1"]


async def test_the_sixth_message_of_a_day_comes_on_the_next_morning(stage: Stage) -> None:
    await stage.follower("1")
    for number in range(6):
        await stage.release(f"News {number}.")
    await stage.work()
    assert len(stage.channel.arrived) == 5
    await stage.alert()
    await stage.work()
    assert len(stage.channel.arrived) == 6
    stage.at(2026, 11, 24, 7, 0)
    await stage.work()
    assert len(stage.channel.arrived) == 7


async def test_a_pause_that_ends_early_lets_go_what_it_held(stage: Stage) -> None:
    number = await stage.follower("1")
    resident = Subscriber(number, "telegram", "en_GB")
    wishes = ResidentPreferences(stage.database, stage.clock, LONDON)
    await wishes.pause_for(resident, 10)
    await stage.release()
    await stage.work()
    assert stage.channel.arrived == []
    stage.later(hours=1)
    await wishes.end_pause(resident)
    await stage.work()
    assert len(stage.channel.got("1")) == 1
