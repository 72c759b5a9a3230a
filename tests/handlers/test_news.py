"""The rest of a digest, opened by its button, and a message checked by its id."""

import pytest

from bot.catalogs import Catalogs
from bot.conversation import Address
from bot.dispatcher import Dispatcher
from bot.model import Kind, Level
from bot.security.sealing import ChatKeys
from bot.services import Services
from bot.services.posts import Draft
from bot.store.database import Database
from tests.conftest import FakeClock
from tests.delivery.stage import Stage, stage_over
from tests.images import drawn
from tests.resident import Resident


@pytest.fixture
async def stage(
    database: Database,
    services: Services,
    clock: FakeClock,
    catalogs: Catalogs,
    chat_keys: ChatKeys,
) -> Stage:
    """An outbox over the same database as the conversations."""
    return stage_over(database, clock, catalogs, chat_keys)


@pytest.fixture
async def follower(stage: Stage, dispatcher: Dispatcher, catalogs: Catalogs) -> Resident:
    await stage.follower("1", frequency=2)
    return Resident(dispatcher, catalogs, Address("telegram", "1"))


async def test_what_a_digest_left_out_is_one_press_away(stage: Stage, follower: Resident) -> None:
    for number in range(9):
        await stage.release(f"Number {number}. " + "word " * 110)
    await stage.plan()
    stage.later(days=1)
    await stage.work()
    assert "There are 4 more." in stage.channel.got("1")[0]
    await follower.forges("news:0")
    follower.reads("Number 8.")
    await follower.presses("More news")
    follower.reads("Number 0.")
    follower.reads_nothing_of("Number 8.")
    await follower.forges("news:90")
    follower.reads("There is no more news.")


async def test_a_message_that_was_sent_is_confirmed_with_its_words_and_its_state(
    stage: Stage, follower: Resident
) -> None:
    post = await stage.release("Mill Lane is closed.")
    await follower.says(f"/verify {post.code.lower()}")
    follower.reads(f"{post.code} was sent by this service on Monday 23 November, 12:00.")
    follower.reads("Mill Lane is closed.")
    await stage.posts.cancel(post.code, "tests")
    await follower.says(f"/verify {post.code}")
    follower.reads("It was cancelled.")


async def test_what_a_picture_shows_is_told_to_who_checks_or_reads_on(
    stage: Stage, follower: Resident
) -> None:
    post = await stage.release("Mill Lane is closed.", image=drawn(), alt="A map of Mill Lane.")
    await follower.says(f"/verify {post.code}")
    follower.reads("Mill Lane is closed.")
    follower.reads("Picture: A map of Mill Lane.")
    await stage.plan()
    stage.later(days=1)
    await stage.work()
    await follower.forges("news:0")
    follower.reads("Picture: A map of Mill Lane.")


async def test_a_draft_is_nothing_that_was_sent(stage: Stage, follower: Resident) -> None:
    draft = await stage.posts.draft(
        Draft(kind=Kind.UPDATE, level=Level.ROUTINE, text="Secret.", areas=None), "tests"
    )
    await follower.says(f"/verify {draft.code}")
    follower.reads("No post with that id was sent by this service.")
    follower.reads_nothing_of("Secret.")
