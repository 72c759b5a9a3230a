"""How much one moment may bring: new chats from everyone together, open pages of one chat."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from bot.conversation import Address
from tests.web.page import Page
from tests.web.stage import on_stage
from tests.web.test_conversation import opened, type_in
from web.limits import Limits, NewChats, Streams

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FEW = Limits(new_chats_at_once=3, new_chats_a_second=1, streams_a_chat=2)


def test_new_chats_come_in_one_burst_and_then_at_a_steady_rate() -> None:
    new_chats = NewChats(FEW)
    assert [new_chats.admit(NOON) for _chat in range(4)] == [True, True, True, False]
    later = NOON + timedelta(seconds=2)
    assert [new_chats.admit(later) for _chat in range(3)] == [True, True, False]
    much_later = NOON + timedelta(hours=1)
    assert [new_chats.admit(much_later) for _chat in range(4)] == [True, True, True, False]


def test_a_clock_set_back_shuts_nobody_out_for_long() -> None:
    new_chats = NewChats(FEW)
    assert [new_chats.admit(NOON) for _chat in range(3)] == [True, True, True]
    before = NOON - timedelta(hours=1)
    assert not new_chats.admit(before)
    assert new_chats.admit(before + timedelta(seconds=1))


def test_the_oldest_stream_of_a_chat_is_let_go() -> None:
    streams, chat, another = Streams(FEW), Address("web", "one"), Address("web", "another")
    with streams.open(another) as elsewhere, streams.open(chat) as first:
        with streams.open(chat) as second:
            assert not first.is_set()
            with streams.open(chat) as third:
                let_go = [stream.is_set() for stream in (first, second, third, elsewhere)]
                assert let_go == [True, False, False, False]
        with streams.open(chat) as fourth:
            assert not fourth.is_set()


async def test_beyond_the_ceiling_strangers_are_told_and_those_known_go_on() -> None:
    async with on_stage(limits=FEW) as stage, stage.client() as known:
        await type_in(known, await opened(known), "hello")
        async with stage.client() as strangers:
            page = await opened(strangers)
            for number in range(4):
                strangers.cookies.clear()
                answer = await type_in(strangers, page, f"flood {number}")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "60"
        assert "set-cookie" not in answer.headers
        refused = Page(answer.text)
        for said in ("Nothing was sent.", "call 999", "call 101"):
            assert said in refused.notice
        assert refused.form("text").fields["text"] == "flood 3"
        assert [message.text for message in stage.bot.heard if message.text != "/start"] == [
            *("hello", "flood 0", "flood 1")
        ]
        assert (await type_in(known, await opened(known), "still here")).status_code == 303


async def test_a_made_up_cookie_is_a_strangers() -> None:
    async with on_stage(limits=FEW) as stage, stage.client() as client:
        for number in range(5):
            client.cookies.clear()
            client.cookies.set("beatline", f"{number}" * 43)
            answer = await type_in(client, await opened(client), f"flood {number}")
        assert answer.status_code == 503


async def test_a_chat_has_so_many_streams_and_no_more() -> None:
    async with on_stage(limits=FEW) as stage, stage.client() as client, AsyncExitStack() as stack:
        await type_in(client, await opened(client), "hello")
        thread = await stage.chat.thread(stage.bot.heard[-1].address)
        assert thread is not None
        streams = []
        for _page in range(3):
            stream = client.stream("GET", f"/events?seen={thread.version}")
            streams.append((await stack.enter_async_context(stream)).aiter_lines())
        async with asyncio.timeout(5):
            assert [line async for line in streams[0]] == []
        thread.wake()
        for stream_lines in streams[1:]:
            assert await anext(stream_lines) == f"data: {thread.version}"
