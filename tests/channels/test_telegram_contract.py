"""Telegram keeps the contract of every channel."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.conversation import Address
from bot.errors import InDoubt, Rejected, TryLater, Unreachable
from bot.ports import RenderedButton
from tests.channels.contract import ChannelContract, words
from tests.channels.telegram_stage import channel_for
from tests.fakes.botapi import BotApi


class _TelegramReach:
    def __init__(self, server: BotApi) -> None:
        self.channel = channel_for(server)
        self.address = Address("telegram", "5550001")
        self._server = server
        self._person = server.user(5550001)

    def shown(self) -> list[str]:
        return self._person.chat.shows

    async def unreachable(self) -> Address:
        person = self._server.user(5550002)
        await person.blocks()
        return Address("telegram", "5550002")


class TestTelegram(ChannelContract):
    async def interrupts(self, *, after: int, times: int) -> None:
        self.server.fail("sendMessage", after=after, times=times, status=502)

    @pytest_asyncio.fixture
    async def reach(self, server: BotApi) -> AsyncIterator[_TelegramReach]:
        self.server = server
        reach = _TelegramReach(server)
        yield reach
        await reach.channel.close()


@pytest_asyncio.fixture
async def reach(server: BotApi) -> AsyncIterator[_TelegramReach]:
    reach = _TelegramReach(server)
    yield reach
    await reach.channel.close()


async def test_a_chat_that_does_not_exist_is_unreachable(reach: _TelegramReach) -> None:
    with pytest.raises(Unreachable):
        await reach.channel.send(Address("telegram", "1"), words("Hello."))


async def test_the_flood_limit_says_how_long_everyone_must_wait(
    reach: _TelegramReach, server: BotApi
) -> None:
    server.fail("sendMessage", status=429, description="Too Many Requests", retry_after=7)
    with pytest.raises(TryLater) as caught:
        await reach.channel.send(reach.address, words("Hello."))
    assert (caught.value.after, caught.value.everyone) == (7, True)


async def test_a_server_error_is_tried_again_later(reach: _TelegramReach, server: BotApi) -> None:
    server.fail("sendMessage", status=502, description="Bad Gateway")
    with pytest.raises(TryLater):
        await reach.channel.send(reach.address, words("Hello."))


async def test_no_connection_means_that_nothing_was_sent(
    reach: _TelegramReach, server: BotApi
) -> None:
    await server.stop()
    with pytest.raises(TryLater):
        await reach.channel.send(reach.address, words("Hello."))


@pytest.mark.parametrize("kind", ["cut", "lose", "garble"])
async def test_a_request_without_an_answer_leaves_doubt(
    reach: _TelegramReach, server: BotApi, kind: str
) -> None:
    server.fail("sendMessage", kind)  # type: ignore[arg-type]  # parametrised by its kinds
    with pytest.raises(InDoubt):
        await reach.channel.send(reach.address, words("Hello."))


async def test_a_message_telegram_refuses_names_the_reason_and_no_words(
    reach: _TelegramReach,
) -> None:
    with pytest.raises(Rejected, match="Button_data_invalid") as caught:
        await reach.channel.send(
            reach.address, words("My secret.", buttons=(RenderedButton("Yes", ""),))
        )
    assert "secret" not in str(caught.value)


async def test_a_refused_token_never_shows_in_the_error(server: BotApi) -> None:
    channel = channel_for(server, token="1:not-the-token")
    with pytest.raises(TryLater) as caught:
        await channel.send(Address("telegram", "5550001"), words("Hello."))
    assert "not-the-token" not in f"{caught.value!r} {caught.value.__cause__!r}"
    await channel.close()


async def test_an_edit_that_grew_follows_with_its_new_parts(reach: _TelegramReach) -> None:
    sent = await reach.channel.send(reach.address, words("Short."))
    await reach.channel.edit(sent, words("Long. " * 1000))
    assert len(reach.shown()) == 2


async def test_a_message_too_old_to_delete_is_refused(
    reach: _TelegramReach, server: BotApi
) -> None:
    sent = await reach.channel.send(reach.address, words("Old."))
    server.rooms[5550001].messages[0].too_old = True
    with pytest.raises(Rejected):
        await reach.channel.delete(sent)


async def test_an_edit_of_a_message_that_is_gone_is_refused(reach: _TelegramReach) -> None:
    sent = await reach.channel.send(reach.address, words("Soon gone."))
    await reach.channel.delete(sent)
    with pytest.raises(Rejected):
        await reach.channel.edit(sent, words("Too late."))


async def test_a_later_part_waits_for_the_flood_limit_to_pass(
    reach: _TelegramReach, server: BotApi
) -> None:
    server.fail("sendMessage", after=1, status=429, description="Flood", retry_after=1)
    sent = await reach.channel.send(reach.address, words("Long. " * 1000))
    assert len(reach.shown()) == len(sent.reference.split(",")) == 2


async def test_a_later_part_that_must_wait_too_long_leaves_doubt(
    reach: _TelegramReach, server: BotApi
) -> None:
    server.fail("sendMessage", after=1, status=429, description="Flood", retry_after=900)
    with pytest.raises(InDoubt):
        await reach.channel.send(reach.address, words("Long. " * 1000))
    assert len(reach.shown()) == 1


async def test_an_edit_that_only_redrew_may_be_done_again(
    reach: _TelegramReach, server: BotApi
) -> None:
    sent = await reach.channel.send(reach.address, words("Short."))
    server.fail("sendMessage", status=502)
    with pytest.raises(TryLater):
        await reach.channel.edit(sent, words("Long. " * 1000))
    await reach.channel.edit(sent, words("Long. " * 1000))
    assert len(reach.shown()) == 2


@pytest.mark.parametrize(
    "body",
    [
        '{"ok": true, "result": {}}',
        '{"ok": true, "result": null}',
        '{"ok": true, "description": "?"}',
        "[" * 100_000,
    ],
)
async def test_an_answer_of_a_wrong_shape_leaves_doubt(
    reach: _TelegramReach, server: BotApi, body: str
) -> None:
    server.misshape("sendMessage", body)
    with pytest.raises(InDoubt):
        await reach.channel.send(reach.address, words("Hello."))


@pytest.mark.parametrize("parameters", ["[]", '{"retry_after": "soon"}', "null", "7"])
async def test_a_flood_limit_that_names_no_time_is_a_short_one(
    reach: _TelegramReach, server: BotApi, parameters: str
) -> None:
    server.misshape("sendMessage", f'{{"ok": false, "parameters": {parameters}}}', status=429)
    with pytest.raises(TryLater) as caught:
        await reach.channel.send(reach.address, words("Hello."))
    assert caught.value.after == 1
