"""The fake Bot API says no where Telegram does, in Telegram's words."""

from io import BytesIO
from typing import Any

import aiohttp
import pytest

from tests.fakes.botapi import TOKEN, BotApi, Limits
from tests.images import drawn

Json = dict[str, Any]


async def _call(
    server: BotApi, method: str, params: Json | None = None, *, token: str = TOKEN
) -> Json:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/bot{token}/{method}", json=params or {}) as response,
    ):
        answer: Json = await response.json()
        assert answer["ok"] or answer["error_code"] == response.status
        return answer


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("<b>open", "can't parse entities: Can't find end tag corresponding to start tag \"b\""),
        ("<div>no</div>", 'can\'t parse entities: Unsupported start tag "div" at byte offset 0'),
        ("é</b>", "can't parse entities: Unexpected end tag at byte offset 2"),
        (
            "<b>x</i>",
            "can't parse entities: Unmatched end tag at byte offset 4, "
            'expected "</b>", found "</i>"',
        ),
        ("a < b", "can't parse entities: Unclosed start tag at byte offset 2"),
        ("<b> </b>", "message text is empty"),
        ("👮" * 2049, "message is too long"),
    ],
)
async def test_text_is_checked_as_telegram_does(text: str, complaint: str) -> None:
    async with BotApi() as server:
        server.user(1)
        answer = await _call(
            server, "sendMessage", {"chat_id": 1, "text": text, "parse_mode": "HTML"}
        )
    assert answer["description"] == f"Bad Request: {complaint}"


@pytest.mark.parametrize("data", ["", "x" * 65, "é" * 33])
async def test_a_button_holds_one_to_sixty_four_bytes(data: str) -> None:
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": data}]]}
    async with BotApi() as server:
        server.user(1)
        answer = await _call(
            server, "sendMessage", {"chat_id": 1, "text": "x", "reply_markup": markup}
        )
    assert answer["description"] == "Bad Request: BUTTON_DATA_INVALID"


@pytest.mark.parametrize(
    ("method", "params", "complaint"),
    [
        ("sendMessage", {"chat_id": 2, "text": "x"}, "chat not found"),
        ("editMessageText", {"message_id": 9, "text": "x"}, "message to edit not found"),
        ("deleteMessage", {"message_id": 9}, "message to delete not found"),
        (
            "answerCallbackQuery",
            {"callback_query_id": "9"},
            "query is too old and response timeout expired or query ID is invalid",
        ),
        ("setMyCommands", {"language_code": "zh-Hant"}, "invalid language code specified"),
        (
            "setMyCommands",
            {"commands": [{"command": "Start", "description": "x"}]},
            "BOT_COMMAND_INVALID",
        ),
        (
            "setWebhook",
            {"url": "http://example.org/"},
            "bad webhook: An HTTPS URL must be provided for webhook",
        ),
    ],
)
async def test_what_is_not_there_or_not_allowed_is_refused(
    method: str, params: Json, complaint: str
) -> None:
    async with BotApi() as server:
        server.user(1)
        answer = await _call(server, method, {"chat_id": 1} | params)
    assert answer["description"] == f"Bad Request: {complaint}"


@pytest.mark.parametrize(
    ("photo", "caption", "complaint"),
    [
        (drawn(), "👮" * 513, "message caption is too long"),
        (b"not a picture", "", "IMAGE_PROCESS_FAILED"),
        (drawn(6_000, 4_001, mode="1"), "", "PHOTO_INVALID_DIMENSIONS"),
        (drawn(210, 10), "", "PHOTO_INVALID_DIMENSIONS"),
        (bytes(10 * 1024 * 1024 + 1), "", "file of size 10485761 bytes is too big for a photo"),
    ],
    ids=["caption", "words", "large", "slim", "heavy"],
)
async def test_a_photo_is_checked_as_telegram_does(
    photo: bytes, caption: str, complaint: str
) -> None:
    form = aiohttp.FormData({"chat_id": "1", "caption": caption})
    form.add_field("photo", BytesIO(photo), filename="picture.jpg")
    async with BotApi() as server, aiohttp.ClientSession() as session:
        server.user(1)
        async with session.post(f"{server.url}/bot{TOKEN}/sendPhoto", data=form) as response:
            answer = await response.json()
    assert answer["description"].partition(";")[0] == f"Bad Request: {complaint}"


async def test_a_photo_has_a_caption_and_no_text_and_is_sent_again_by_its_id() -> None:
    form = aiohttp.FormData({"chat_id": "1", "caption": "One"})
    form.add_field("photo", drawn(), filename="picture.jpg")
    async with BotApi() as server, aiohttp.ClientSession() as session:
        server.user(1)
        async with session.post(f"{server.url}/bot{TOKEN}/sendPhoto", data=form) as response:
            sent = (await response.json())["result"]
        photo = {"chat_id": 1, "message_id": sent["message_id"]}
        no_text = await _call(server, "editMessageText", photo | {"text": "x"})
        redrawn = await _call(server, "editMessageCaption", photo | {"caption": "Two"})
        again = await _call(
            server, "sendPhoto", {"chat_id": 1, "photo": sent["photo"][-1]["file_id"]}
        )
        unknown = await _call(server, "sendPhoto", {"chat_id": 1, "photo": "nowhere"})
        words = (await _call(server, "sendMessage", {"chat_id": 1, "text": "x"}))["result"]
        no_caption = await _call(
            server,
            "editMessageCaption",
            {"chat_id": 1, "message_id": words["message_id"], "caption": "x"},
        )
        assert len(server.uploaded) == 1
    assert no_text["description"] == "Bad Request: there is no text in the message to edit"
    assert redrawn["result"]["caption"] == "Two"
    assert again["result"]["photo"] == sent["photo"]
    assert "wrong remote file identifier" in unknown["description"]
    assert no_caption["description"] == "Bad Request: there is no caption in the message to edit"


async def test_only_the_right_token_and_known_methods_are_served() -> None:
    async with BotApi() as server:
        assert (await _call(server, "getMe", token="1:x"))["error_code"] == 401
        assert (await _call(server, "getEverything"))["error_code"] == 404
        assert (await _call(server, "getMe"))["ok"]


async def test_a_chat_takes_a_burst_and_then_asks_to_wait() -> None:
    async with BotApi(limits=Limits(chat=0.1, burst=2)) as server:
        server.user(1)
        answers = [
            await _call(server, "sendMessage", {"chat_id": 1, "text": "x"}) for _ in range(3)
        ]
    assert [answer["ok"] for answer in answers] == [True, True, False]
    assert answers[-1]["parameters"]["retry_after"] >= 1


async def test_updates_stay_until_a_later_offset_confirms_them() -> None:
    async with BotApi() as server:
        await server.user(1).says("one")
        await server.user(1).says("two")
        first = (await _call(server, "getUpdates", {"limit": 1}))["result"]
        again = (await _call(server, "getUpdates"))["result"]
        later = (await _call(server, "getUpdates", {"offset": first[0]["update_id"] + 1}))["result"]
    assert [update["message"]["text"] for update in (*first, *again, *later)] == [
        "one",
        "one",
        "two",
        "two",
    ]
