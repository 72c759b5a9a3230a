"""The request class: files up and down, connections closed, and no address in an error."""

import pytest
from telegram import Bot
from telegram.error import TelegramError

from channels.telegram.transport import AiohttpRequest, NotWritten, Unanswered
from tests.fakes.botapi import TOKEN, BotApi


def _bot(server: BotApi, request: AiohttpRequest) -> Bot:
    return Bot(
        TOKEN,
        base_url=f"{server.url}/bot",
        base_file_url=f"{server.url}/file/bot",
        request=request,
        get_updates_request=request,
    )


async def test_a_file_goes_up_and_comes_down_again(server: BotApi) -> None:
    server.user(1)
    request = AiohttpRequest()
    bot = _bot(server, request)
    await bot.send_document(1, b"\x00\xffbytes", caption="Notice", filename="notice.pdf")
    file = await bot.get_file("0")
    assert bytes(await file.download_as_bytearray()) == b"\x00\xffbytes"
    await request.shutdown()


async def test_an_answer_that_is_too_slow_leaves_doubt(server: BotApi) -> None:
    server.fail("getMe", "hang")
    request = AiohttpRequest(read_seconds=0.05)
    with pytest.raises(Unanswered):
        await _bot(server, request).get_me()
    await request.shutdown()


async def test_no_error_holds_the_address_with_its_token(server: BotApi) -> None:
    request = AiohttpRequest()
    server.fail("getMe", "cut")
    errors: list[TelegramError] = []
    for _ in range(2):
        with pytest.raises((NotWritten, Unanswered)) as caught:
            await _bot(server, request).get_me()
        errors.append(caught.value)
        await server.stop()
    assert TOKEN not in f"{errors!r} {[error.__cause__ for error in errors]!r}"
    await request.shutdown()
    await request.shutdown()
