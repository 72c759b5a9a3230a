"""Telegram: troubles on the line, the webhook, and stopping without losing anything."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.conversation import Answer, Message
from bot.errors import TryLater
from bot.services.conversations import SEEN_KEPT
from channels.telegram import Patience, TelegramChannel, Webhook
from channels.telegram.channel import AT_ONCE
from tests.channels.telegram_stage import Listener, channel_for, running, says, stopped
from tests.fakes.botapi import TOKEN, BotApi


@pytest.fixture
def log() -> Iterator[list[Any]]:
    with capture_logs() as lines:
        yield lines


async def test_a_server_that_is_away_at_first_is_waited_for(server: BotApi) -> None:
    await server.stop()
    channel = channel_for(server)
    async with running(channel, Listener()):
        assert channel.problem == "Telegram has not answered yet."
        await server.start()
        user = server.user()
        await user.says("hello")
        await user.reads("hello")
        assert channel.problem is None


@pytest.mark.parametrize("kind", ["cut", "garble", None])
async def test_the_very_first_call_may_fail(server: BotApi, kind: Any) -> None:
    server.fail("getMe", kind, times=3)
    user = server.user()
    async with running(channel_for(server), Listener()):
        await user.says("hello")
        await user.reads("hello")


@pytest.mark.parametrize("kind", ["cut", "lose", "garble", None])
async def test_polling_survives_cuts_and_server_errors(server: BotApi, kind: Any) -> None:
    server.fail("getUpdates", kind, times=3)
    listener = Listener()
    user = server.user()
    async with running(channel_for(server), listener):
        await user.says("hello")
        await user.reads("hello")
        await user.says("again")
        await user.reads("again")
    assert [message.text for message in listener.heard] == ["hello", "again"]


@pytest.mark.parametrize(
    "result", ["[{}]", "{}", "null", "7", '"x"', "[1, null]", '[{"update_id": "9"}]', "[[]]"]
)
async def test_an_answer_that_is_no_list_of_updates_is_asked_for_again(
    server: BotApi, log: list[Any], result: str
) -> None:
    server.misshape("getUpdates", f'{{"ok": true, "result": {result}}}', times=2)
    user = server.user()
    async with running(channel_for(server), Listener()):
        await user.says("hello")
        await user.reads("hello")
    assert "telegram.not_receiving" in [line["event"] for line in log]


@pytest.mark.parametrize("method", ["getMe", "deleteWebhook", "setMyCommands"])
@pytest.mark.parametrize(
    "body", ['{"ok": true, "result": {}}', '{"description": 1}', "[" * 100_000]
)
async def test_no_first_call_stops_over_an_answer_of_a_wrong_shape(
    server: BotApi, method: str, body: str
) -> None:
    server.misshape(method, body)
    user = server.user()
    async with running(channel_for(server), Listener()):
        await user.says("hello")
        await user.reads("hello")


async def test_an_update_without_a_number_is_passed_over_and_confirmed_by_the_others(
    server: BotApi, log: list[Any]
) -> None:
    user = server.user()
    await user.says("hello")
    server.pending.appendleft({"update_id": 999, "message": server.pending[0]["message"]})
    server.misshape(
        "getUpdates", json.dumps({"ok": True, "result": [{}, *server.pending, {"message": 1}]})
    )
    listener = Listener()
    async with running(channel_for(server), listener):
        await user.reads("hello")
        await server.sees(lambda: not server.pending)
    assert [message.update for message in listener.heard] == ["999", "1000"]
    assert {"event": "telegram.updates_without_number", "log_level": "warning", "count": 2} in log


async def test_a_channel_that_failed_can_be_run_again(server: BotApi) -> None:
    class Breaking(Listener):
        async def __call__(self, message: Message) -> Answer:
            await super().__call__(message)
            if len(self.heard) == 1:
                await asyncio.Event().wait()
            return says(message.text)

    listener = Breaking()
    channel = channel_for(server, patience=Patience(first=0.01, hand=0.05))
    user = server.user()
    task = asyncio.create_task(channel.run(listener))
    await user.says("hello")
    await server.sees(lambda: bool(listener.heard))
    await stopped(task)
    assert channel.problem == "Telegram is not being received."
    async with running(channel, listener):
        await user.reads("hello")
        await user.says("again")
        await user.reads("again")
        assert channel.problem is None


async def test_no_more_of_a_burst_is_in_hand_than_is_remembered_of_a_chat(
    server: BotApi,
) -> None:
    in_hand: list[int] = []
    listener = Listener()

    async def answer(message: Message) -> Answer:
        waiting = {str(update["update_id"]) for update in server.pending}
        in_hand.append(sum(heard.update in waiting for heard in listener.heard))
        return says(message.text)

    listener = Listener(answer)
    user, other = server.user(), server.user(5550002)
    for number in range(30):
        await user.says(f"burst {number}")
    await other.says("hello")
    async with running(channel_for(server), listener):
        await user.reads("burst 29")
        await other.reads("hello")
    heard = [message.text for message in listener.heard if message.text != "hello"]
    assert heard == [f"burst {number}" for number in range(30)]
    assert max(in_hand) <= AT_ONCE + 1  # the other chat's one
    assert AT_ONCE <= SEEN_KEPT


async def test_a_slow_burst_holds_up_the_others_no_longer_than_one_wait(server: BotApi) -> None:
    async def answer(message: Message) -> Answer:
        if message.text == "slow":
            await asyncio.sleep(0.05)
        return says(message.text)

    patience = Patience(first=0.01, hand=0.3)
    user, other = server.user(), server.user(5550002)
    for _ in range(80):
        await user.says("slow")
    await other.says("hello")
    async with running(channel_for(server, patience=patience), Listener(answer)):
        await other.reads("hello", within=2)
        assert len(user.chat.shows) < 40


async def test_a_flood_limit_on_polling_is_waited_out(server: BotApi) -> None:
    server.fail("getUpdates", status=429, description="Too Many Requests", retry_after=1)
    user = server.user()
    async with running(channel_for(server), Listener()):
        await user.says("hello")
        await user.reads("hello")


async def test_a_refused_token_is_named_as_the_problem(server: BotApi) -> None:
    channel = channel_for(server, token="1:not-the-token")
    async with running(channel, Listener()):
        await server.sees(lambda: len(server.made("getMe")) > 2)
        assert channel.problem == "Telegram refuses the token: check TELEGRAM_BOT_TOKEN."


async def test_a_second_process_with_the_token_is_named_and_outlasted(
    server: BotApi, log: list[Any]
) -> None:
    channel = channel_for(server)
    user = server.user()
    async with running(channel, Listener()):
        await server.sees(lambda: bool(server.made("getUpdates")))
        server.fail("getUpdates", status=409, description="Conflict: terminated by other", times=4)
        await user.says("hello")
        await user.reads("hello")
        await user.says("again")
        await user.reads("again")
    reasons = {line["reason"] for line in log if line["event"] == "telegram.not_receiving"}
    assert reasons == {"Another process receives with the same token: stop one of the two."}


async def test_two_pollers_get_the_conflict_of_telegram(server: BotApi) -> None:
    one, other = channel_for(server), channel_for(server)
    user = server.user()
    async with running(one, Listener()):
        await server.sees(lambda: bool(server.made("getUpdates")))
        async with running(other, Listener()):
            await server.sees(lambda: any(call.status == 409 for call in server.calls))
        await user.says("hello")
        await user.reads("hello")


async def test_a_webhook_left_behind_is_removed_before_polling(server: BotApi) -> None:
    server.webhook = "https://old.example/hook"
    user = server.user()
    async with running(channel_for(server), Listener()):
        await user.says("hello")
        await user.reads("hello")


async def test_an_update_counts_as_received_only_once_it_is_answered(server: BotApi) -> None:
    may_end = asyncio.Event()
    listener = Listener(_when(may_end))
    user = server.user()
    async with running(channel_for(server), listener):
        await user.says("hello")
        await server.sees(lambda: bool(listener.heard))
        assert len(server.pending) == 1
        may_end.set()
        await user.reads("hello")
        await server.sees(lambda: not server.pending)


async def test_stopping_finishes_what_is_in_hand_and_confirms_it(server: BotApi) -> None:
    heard, may_end = asyncio.Event(), asyncio.Event()
    user = server.user()
    task = asyncio.create_task(channel_for(server).run(_when(may_end, heard)))
    await user.says("hello")
    await heard.wait()
    task.cancel()
    may_end.set()
    await stopped(task)
    assert user.chat.shows == ["hello"]
    assert not server.pending


async def test_what_cannot_be_finished_in_time_is_left_for_the_next_process(
    server: BotApi,
) -> None:
    heard = asyncio.Event()
    channel = channel_for(server, patience=Patience(first=0.01, hand=0.05))
    user = server.user()
    task = asyncio.create_task(channel.run(_when(asyncio.Event(), heard)))
    await user.says("hello")
    await heard.wait()
    await stopped(task)
    assert len(server.pending) == 1
    async with running(channel_for(server), Listener()):
        await user.reads("hello")


async def test_nothing_of_a_burst_goes_on_after_the_stop(server: BotApi) -> None:
    listener = _when(asyncio.Event())
    user = server.user()
    channel = channel_for(server, patience=Patience(first=0.01, hand=0.05))
    for _ in range(5):
        await user.says("hello")
    task = asyncio.create_task(channel.run(listener))
    await server.sees(lambda: bool(listener.heard))
    await stopped(task)
    assert len(server.pending) == 5
    await asyncio.sleep(0.1)
    assert len(listener.heard) == 1


async def test_a_process_that_dies_is_given_the_update_again(server: BotApi) -> None:
    heard = asyncio.Event()
    user = server.user()
    task = asyncio.create_task(channel_for(server).run(_when(asyncio.Event(), heard)))
    await user.says("hello")
    await heard.wait()
    async with running(channel_for(server), Listener()):  # the first one is still stuck
        await user.reads("You said: hello")
    for _ in range(2):  # the second time ends even the finishing
        task.cancel()
        await asyncio.sleep(0)
    await stopped(task)


@asynccontextmanager
async def _hook(channel: TelegramChannel, secret: str) -> AsyncIterator[str]:
    """A web layer of a few lines, which checks the secret as the real one does."""

    async def take(request: web.Request) -> web.Response:
        if request.headers.get("X-Telegram-Bot-Api-Secret-Token") != secret:
            return web.Response(status=403)
        try:
            await channel.receive(await request.read())
        except TryLater:
            return web.Response(status=503)
        return web.Response()

    app = web.Application()
    app.router.add_post("/hooks/telegram/x", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/telegram/x"
    await runner.cleanup()


async def test_a_webhook_receives_with_its_secret(server: BotApi) -> None:
    listener = Listener()
    user = server.user()
    channels: list[TelegramChannel] = []

    class Late:
        async def receive(self, body: bytes) -> None:
            await channels[0].receive(body)

    async with _hook(Late(), "s3cret") as url:  # type: ignore[arg-type]  # the address comes first
        channels.append(channel_for(server, webhook=Webhook(url, "s3cret")))
        async with running(channels[0], listener):
            await user.says("hello")
            await user.reads("hello")
            await server.sees(lambda: not server.pending)
            assert channels[0].problem is None
        assert server.made("getUpdates") == []


async def test_a_delivery_while_stopped_is_put_off(server: BotApi) -> None:
    channel = channel_for(server, webhook=Webhook(f"{server.url}/x", "s3cret"))
    with pytest.raises(TryLater):
        await channel.receive(b"{}")


async def test_a_delivery_that_is_no_update_is_dropped(server: BotApi) -> None:
    listener = Listener()
    channel = channel_for(server, webhook=Webhook(f"{server.url}/x", "s3cret"))
    async with running(channel, listener):
        await server.sees(lambda: bool(server.webhook))
        for body in (b"no json", b"[]", b"null", b'{"message": 1}', b"\xff\xfe"):
            await channel.receive(body)
    assert listener.heard == []


async def test_no_log_line_holds_words_chat_or_token(server: BotApi, log: list[Any]) -> None:
    async def breaks(_message: Message) -> Answer:
        raise ValueError

    server.fail("getUpdates", times=1)
    user = server.user(77712345)
    async with running(channel_for(server), Listener(breaks)):
        await user.says("RG1 1AA is my secret")
        await server.sees(lambda: not server.pending)
    assert log
    for hidden in ("RG1", "secret", "77712345", TOKEN):
        assert hidden not in json.dumps(log, default=repr)


def _when(may_end: asyncio.Event, heard: asyncio.Event | None = None) -> Listener:
    async def answer(message: Message) -> Answer:
        if heard is not None:
            heard.set()
        await may_end.wait()
        return says(message.text)

    return Listener(answer)
