"""Push replies: a chat is told that there is news, only if it asked, and forgotten at the close."""

from pathlib import Path

import pytest

from bot.conversation import Address
from bot.model import ConcernState
from bot.security.secrets import Secrets
from bot.services.push_links import PushLinks
from bot.store.database import Database
from tests.conftest import FakeClock
from tests.services.concern_desk import Desk, set_desk

CHAT = Address("telegram", "4815162342")


@pytest.fixture
async def desk(
    database: Database, concerns_database: Database, clock: FakeClock, tmp_path: Path
) -> Desk:
    return await set_desk(database, concerns_database, clock, tmp_path)


@pytest.fixture
def links(desk: Desk) -> PushLinks:
    return PushLinks(desk.database, desk.secrets.reply_key)


async def test_nobody_is_told_who_did_not_ask(desk: Desk, links: PushLinks) -> None:
    code = await desk.send()
    await desk.answer(code, "We will look.")
    assert await links.waiting("telegram") == []
    assert "push_link" not in await desk.left()


async def test_a_chat_that_asked_is_told_once_for_all_the_news_there_is(
    desk: Desk, links: PushLinks
) -> None:
    code = await desk.send()
    assert await desk.concerns.push_on(code, CHAT.channel, CHAT.id)
    assert (await desk.opens(code)).push
    assert await links.waiting("telegram") == [], "there is no news yet"
    await desk.answer(code, "We will look.")
    await desk.answer(code, "", ConcernState.WORKING)
    (push,) = await links.waiting("telegram")
    assert push.address == CHAT
    assert CHAT.id not in repr(push)
    assert await links.waiting("web") == []
    await links.told(push)
    assert await links.waiting("telegram") == []
    await desk.answer(code, "Done.")
    assert len(await links.waiting("telegram")) == 1


async def test_the_close_is_told_and_then_the_chat_is_forgotten(
    desk: Desk, links: PushLinks
) -> None:
    code = await desk.send()
    await desk.concerns.push_on(code, CHAT.channel, CHAT.id)
    await desk.answer(code, "", ConcernState.CLOSED, "solved")
    await desk.concerns.purge()
    (push,) = await links.waiting("telegram")
    await links.told(push)
    assert "push_link" not in await desk.left()


async def test_switched_off_the_chat_is_forgotten_at_once(desk: Desk, links: PushLinks) -> None:
    code = await desk.send()
    await desk.concerns.push_on(code, CHAT.channel, CHAT.id)
    await desk.answer(code, "We will look.")
    assert await desk.concerns.push_off(code)
    assert await links.waiting("telegram") == []
    assert not (await desk.opens(code)).push


async def test_only_the_chat_that_asked_last_is_told(desk: Desk, links: PushLinks) -> None:
    code = await desk.send()
    await desk.concerns.push_on(code, CHAT.channel, CHAT.id)
    await desk.concerns.push_on(code, "web", "another")
    await desk.answer(code, "We will look.")
    assert await links.waiting("telegram") == []
    assert [push.address for push in await links.waiting("web")] == [Address("web", "another")]


async def test_a_stored_link_tells_no_chat_without_our_key(desk: Desk) -> None:
    code = await desk.send()
    await desk.concerns.push_on(code, CHAT.channel, CHAT.id)
    await desk.answer(code, "We will look.")
    (row,) = await desk.rows("push_link")
    assert CHAT.id.encode() not in row.sealed
    thief = PushLinks(desk.database, Secrets.fresh().reply_key)
    assert await thief.waiting("telegram") == []


async def test_a_chat_that_cannot_be_reached_any_more_is_forgotten(
    desk: Desk, links: PushLinks
) -> None:
    code = await desk.send()
    await desk.concerns.push_on(code, CHAT.channel, CHAT.id)
    await desk.answer(code, "We will look.")
    (push,) = await links.waiting("telegram")
    await links.drop(push.mailbox_id)
    assert "push_link" not in await desk.left()
