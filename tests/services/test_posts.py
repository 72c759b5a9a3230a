"""A post is released on purpose, once, as it was approved, by somebody who is on record."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.catalogs import Catalogs
from bot.errors import OperatorError
from bot.model import Kind, Level, Picture, Policy, Post, Priority
from bot.services.posts import Draft, Posts
from bot.store import audit
from bot.store.database import Database
from tests import town
from tests.conftest import FakeClock
from tests.delivery.stage import STAFF, Stage, set_stage
from tests.images import drawn


@pytest.fixture
async def stage(database: Database, clock: FakeClock, catalogs: Catalogs) -> Stage:
    return await set_stage(database, clock, catalogs)


@pytest.fixture
def posts(stage: Stage) -> Posts:
    return stage.posts


def draft(**options: Any) -> Draft:
    usual: dict[str, Any] = {
        "kind": Kind.UPDATE,
        "level": Level.ROUTINE,
        "text": "Mill Lane is closed.",
        "areas": [town.RIVERSIDE.id],
    }
    return Draft(**(usual | options))


async def approved(posts: Posts, **options: Any) -> Post:
    post = await posts.draft(draft(**options), STAFF)
    return await posts.approve(post.code, STAFF)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"text": "  "}, "empty"),
        ({"text": "x" * 3_001}, "longer"),
        ({"level": Level.URGENT}, "only an alert"),
        ({"areas": []}, "area"),
        ({"areas": ["ZX99"]}, "no area ZX99"),
    ],
)
async def test_a_draft_that_cannot_be_sent_is_refused(
    posts: Posts, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(OperatorError, match=reason):
        await posts.draft(draft(**options), STAFF)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"image": drawn()}, "give --image and --alt, or neither"),
        ({"image": drawn(), "alt": "  "}, "give --image and --alt, or neither"),
        ({"alt": "A map."}, "give --image and --alt, or neither"),
        ({"image": drawn(), "alt": "x" * 501}, "longer than 500"),
        ({"image": b"not a picture", "alt": "A map."}, "PNG, JPEG or WebP"),
    ],
)
async def test_a_picture_that_cannot_be_shown_to_all_is_refused(
    posts: Posts, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(OperatorError, match=reason):
        await posts.draft(draft(**options), STAFF)


async def test_a_picture_is_kept_with_what_it_shows_and_seen_once_it_goes_out(
    posts: Posts, clock: FakeClock
) -> None:
    post = await approved(posts, image=drawn(40, 30), alt=" A map\nof Mill Lane. ")
    assert post.variants[0].picture == Picture(post.code, 40, 30, "A map of Mill Lane.")
    assert await posts.picture(post.code) is None
    await posts.send(post.code, STAFF)
    assert await posts.picture(post.code) is None  # it can still be taken back
    clock.set(clock.now() + timedelta(seconds=60))
    found = await posts.picture(post.code)
    assert found is not None
    assert (found.media_type, found.width, found.height) == ("image/jpeg", 40, 30)
    await posts.cancel(post.code, STAFF)
    assert await posts.picture(post.code) is None
    assert await posts.picture("P-222222") is None


async def test_a_picture_or_its_words_changed_behind_the_approval_are_not_sent(
    stage: Stage, posts: Posts
) -> None:
    for change in ("UPDATE variant SET alt = 'Another.'", "UPDATE picture SET data = NULL"):
        post = await approved(posts, image=drawn(), alt="A map.")
        async with stage.database.write() as connection:
            await connection.execute(text(change))
        with pytest.raises(OperatorError, match="changed since"):
            await posts.send(post.code, STAFF)


async def test_a_correction_keeps_the_picture_until_one_takes_it_back(posts: Posts) -> None:
    post = await approved(posts, image=drawn(), alt="A map.")
    await posts.send(post.code, STAFF, now=True)
    first = await posts.correct(post.code, "Hill Lane is closed.", STAFF)
    assert first.variants[0].picture == Picture(first.code, 40, 30, "A map.")
    assert await posts.picture(first.code) == await posts.picture(post.code) is not None
    second = await posts.correct(post.code, "No lane is closed.", STAFF, without_picture=True)
    third = await posts.correct(post.code, "Mill Road is closed.", STAFF)
    for each in (second, third):
        assert each.variants[0].picture is None
    for each in (post, first, second, third):
        assert await posts.picture(each.code) is None


async def test_alerts_must_arrive_and_all_else_must_not_come_twice(posts: Posts) -> None:
    alert = await posts.draft(draft(kind=Kind.ALERT, level=Level.URGENT), STAFF)
    news = await posts.draft(draft(), STAFF)
    assert (alert.policy, alert.priority) == (Policy.AT_LEAST_ONCE, Priority.URGENT)
    assert (news.policy, news.priority) == (Policy.AT_MOST_ONCE, Priority.NEWS)


async def test_a_job_that_runs_twice_drafts_once(posts: Posts) -> None:
    first = await posts.draft(draft(key="feed 7"), STAFF)
    assert await posts.draft(draft(key="feed 7", text="Other."), STAFF) == first


async def test_nothing_is_sent_that_was_not_approved_within_two_hours(
    posts: Posts, clock: FakeClock
) -> None:
    post = await posts.draft(draft(), STAFF)
    with pytest.raises(OperatorError, match="not approved"):
        await posts.send(post.code, STAFF)
    await posts.approve(post.code, STAFF)
    clock.set(clock.now() + timedelta(hours=2, seconds=1))
    with pytest.raises(OperatorError, match="two hours"):
        await posts.send(post.code, STAFF)


async def test_words_changed_behind_the_approval_are_not_sent(stage: Stage, posts: Posts) -> None:
    post = await approved(posts)
    async with stage.database.write() as connection:
        await connection.execute(text("UPDATE variant SET body = 'Send money.'"))
    with pytest.raises(OperatorError, match="changed since"):
        await posts.send(post.code, STAFF)


async def test_another_audience_than_the_approved_one_asks_again(
    stage: Stage, posts: Posts
) -> None:
    post = await approved(posts)
    await stage.follower("1")
    with pytest.raises(OperatorError, match="approve it again"):
        await posts.send(post.code, STAFF)


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({}, 60),
        ({"kind": Kind.ALERT, "level": Level.URGENT}, 20),
        ({"areas": [town.RIVERSIDE.id, town.HILLSIDE_NORTH.id]}, 60),
        ({"areas": None, "kind": Kind.ALERT, "level": Level.URGENT}, 120),
    ],
)
async def test_a_release_can_be_taken_back_for_a_while(
    posts: Posts, clock: FakeClock, options: dict[str, Any], seconds: int
) -> None:
    post = await approved(posts, **options)
    sent = await posts.send(post.code, STAFF)
    assert sent.send_at == clock.now() + timedelta(seconds=seconds)
    assert (await posts.report(post.code)).state == "waiting"


async def test_a_post_for_later_waits_for_its_time(stage: Stage, posts: Posts) -> None:
    await stage.follower("1")
    later = stage.clock.now() + timedelta(hours=3)
    post = await approved(posts, send_at=later)
    await posts.send(post.code, STAFF, now=True)
    await stage.work()
    assert stage.channel.arrived == []
    stage.clock.set(later)
    await stage.work()
    assert stage.channel.who == ["1"]


async def test_the_same_words_twice_in_ten_minutes_need_a_second_thought(
    posts: Posts, clock: FakeClock
) -> None:
    first = await approved(posts)
    await posts.send(first.code, STAFF, now=True)
    second = await approved(posts)
    with pytest.raises(OperatorError, match=first.code):
        await posts.send(second.code, STAFF)
    await posts.send(second.code, STAFF, again=True)
    third = await approved(posts)
    clock.set(clock.now() + timedelta(minutes=11, seconds=1))
    await posts.send(third.code, STAFF)


async def test_what_was_cancelled_is_not_sent_and_not_sent_twice(posts: Posts) -> None:
    post = await approved(posts)
    await posts.cancel(post.code, STAFF)
    for step in (posts.approve, posts.send, posts.cancel):
        with pytest.raises(OperatorError, match="cancelled"):
            await step(post.code, STAFF)


async def test_the_audience_counts_each_follower_once_by_channel_and_language(
    stage: Stage, posts: Posts
) -> None:
    await stage.follower("1", town.RIVERSIDE, town.HILLSIDE_NORTH)
    await stage.follower("2", channel="web", language="pl")
    both = await posts.audience([town.RIVERSIDE.id, town.HILLSIDE_NORTH.id])
    assert (both.total, both.by_channel, both.by_language) == (
        2,
        {"telegram": 1, "web": 1},
        {"en_GB": 1, "pl": 1},
    )
    assert (await posts.audience(None)).total == 2
    assert (await posts.audience([town.HILLSIDE_SOUTH.id])).total == 0


async def test_every_step_is_on_record_and_no_entry_can_be_changed(
    stage: Stage, posts: Posts
) -> None:
    post = await approved(posts)
    await posts.send(post.code, "sergeant")
    async with stage.database.write() as connection:
        entries = (await connection.execute(text("SELECT entry FROM audit"))).scalars().all()
        assert [entry.split('"')[3] for entry in entries] == ["draft", "approve", "send"]
        assert '"actor":"sergeant"' in entries[-1]
        assert await audit.unbroken(connection)
        await connection.execute(
            text("UPDATE audit SET entry = replace(entry, 'sergeant', 'constable')")
        )
        assert not await audit.unbroken(connection)


async def test_a_post_nobody_knows_is_said_to_be_unknown(posts: Posts) -> None:
    with pytest.raises(OperatorError, match="no post P-222222"):
        await posts.report("P-222222")
