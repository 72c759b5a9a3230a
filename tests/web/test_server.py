"""The server around the pages: headers, limits, pages for machines, hooks, start and stop."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest

from bot.errors import OperatorError, TryLater
from tests.web.page import Page
from tests.web.stage import on_stage
from web.guard import HEADERS
from web.site import Hook

SECRET = {"X-Telegram-Bot-Api-Secret-Token": "s" * 43}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("HEAD", "/events", 204),
        ("GET", "/nowhere", 404),
        ("GET", "/static/nothing.css", 404),
        ("POST", "/", 403),
        ("DELETE", "/", 405),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/leave", 303),
        ("GET", "/hooks/telegram/guess", 405),
    ],
)
async def test_every_answer_carries_the_security_headers(
    method: str, path: str, status: int
) -> None:
    async with on_stage() as stage, stage.client() as client:
        answer = await client.request(method, path)
        assert answer.status_code == status
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers
        assert answer.content == b"" or method != "HEAD"


async def test_the_content_policy_is_the_one_promised() -> None:
    assert HEADERS["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


async def test_a_page_brings_only_files_of_its_own_and_no_inline_script_or_style() -> None:
    async with on_stage() as stage, stage.client() as client:
        page = Page((await client.get("/")).text)
        loaded = [
            given.get("src") or given.get("href") or ""
            for tag, given in page.attributes
            if tag in {"script", "link", "img"}
        ]
        assert len(loaded) == 3
        for address in loaded:
            answer = await client.get(address)
            assert address.startswith("/static/")
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        for _tag, given in page.attributes:
            assert not any(name == "style" or name.startswith("on") for name in given)


async def test_an_unknown_page_is_said_in_words_with_the_way_back() -> None:
    async with on_stage() as stage, stage.client() as client:
        answer = await client.get("/nowhere")
        assert "We cannot find that page" in answer.text
        assert "In an emergency call 999." in answer.text
        assert 'href="/"' in answer.text


async def test_the_machine_pages_say_how_things_are() -> None:
    async def not_ready() -> Mapping[str, object]:
        return {"ok": False, "checks": [{"name": "database", "ok": False}]}

    async with on_stage(ready=not_ready) as stage, stage.client() as client:
        assert (await client.get("/healthz")).text == "ok"
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"][0]["name"] == "database"


ELSEWHERE: list[dict[str, str]] = [
    {"X-Forwarded-For": "127.0.0.1"},
    {"Forwarded": "for=127.0.0.1"},
    {"Via": "1.1 proxy"},
    {"X-Real-IP": "127.0.0.1"},
    {"Host": "chat.example.org"},
    {"Host": "evil.example"},
]


@pytest.mark.parametrize("headers", ELSEWHERE)
async def test_figures_are_for_this_machine_only(headers: dict[str, str]) -> None:
    public = "https://chat.example.org"
    async with on_stage(public_url=public) as stage, stage.client() as client:
        assert (await client.get("/metrics")).text == "beatline_up 1\n"
        assert (await client.get("/metrics", headers=headers)).status_code == 404
    async with on_stage(public_url=public, metrics_public=True) as stage, stage.client() as client:
        assert (await client.get("/metrics", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("chat.example.org", 200),
        ("CHAT.example.org:443", 200),
        ("localhost:8080", 200),
        ("127.0.0.1", 200),
        ("[::1]:8080", 200),
        ("evil.example", 421),
        ("chat.example.org.evil.example", 421),
        ("localhost@evil.example", 421),
        ("evil.example@localhost", 421),
        ("[::1", 421),
        ("192.0.2.1", 421),
        ("", 421),
    ],
)
async def test_the_pages_are_shown_under_their_own_names_only(host: str, status: int) -> None:
    async with (
        on_stage(public_url="https://chat.example.org") as stage,
        stage.client() as client,
    ):
        answer = await client.get("/", headers={"Host": host})
        assert answer.status_code == status
        if status == 421:
            assert '<a href="https://chat.example.org"' in answer.text
            assert answer.headers["x-frame-options"] == "DENY"


async def test_a_name_turned_to_this_machine_cannot_speak_for_the_reader() -> None:
    async with on_stage() as stage, stage.client() as client:
        fields = Page((await client.get("/")).text).form("text").fields
        rebound = {"Host": "evil.example", "Origin": "http://evil.example"}
        answer = await client.post("/", data={**fields, "text": "hello"}, headers=rebound)
        assert answer.status_code == 421
        assert stage.bot.heard == []


async def test_a_hook_takes_only_what_proves_itself() -> None:
    taken: list[bytes] = []

    async def receive(body: bytes) -> None:
        taken.append(body)

    hooks = {"telegram": Hook("random", "s" * 43, receive)}
    async with on_stage(hooks=hooks) as stage, stage.client() as client:

        async def post(path: str, headers: dict[str, str], body: bytes = b"{}") -> int:
            return (await client.post(path, headers=headers, content=body)).status_code

        assert await post("/hooks/telegram/random", SECRET) == 200
        assert await post("/hooks/telegram/other", SECRET) == 404
        assert await post("/hooks/discord/random", SECRET) == 404
        assert await post("/hooks/telegram/random", {}) == 404
        assert await post("/hooks/telegram/random", {next(iter(SECRET)): "guess"}) == 404
        assert await post("/hooks/telegram/random", SECRET, b"x" * 1_048_577) == 404
        assert taken == [b"{}"]


async def test_a_port_in_use_is_one_plain_sentence_for_the_operator() -> None:
    async with on_stage() as stage:
        port = httpx.URL(stage.url).port
        assert port is not None
        with pytest.raises(OperatorError, match=f"Port {port} .* WEB_PORT"):
            async with on_stage(port=port):
                raise AssertionError("the second server came up on a port in use")


async def test_stopping_waits_for_the_answer_in_hand() -> None:
    async with on_stage() as stage, stage.client() as client:
        stage.bot.gate.clear()
        fields = Page((await client.get("/")).text).form("text").fields
        post = asyncio.create_task(client.post("/", data={**fields, "text": "hello"}))
        await stage.bot.called.wait()
        stage.stop.set()
        stage.bot.gate.set()
        assert (await post).status_code == 303


async def test_a_provider_is_asked_to_come_again_while_its_channel_starts_or_stops() -> None:
    async def receive(body: bytes) -> None:
        raise TryLater("the channel is stopping", after=1.5)

    hooks = {"telegram": Hook("random", "s" * 43, receive)}
    async with on_stage(hooks=hooks) as stage, stage.client() as client:
        answer = await client.post("/hooks/telegram/random", headers=SECRET, content=b"{}")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "2"
        assert stage.failures == []


async def test_only_this_page_may_ask_where_the_reader_is() -> None:
    assert "geolocation=(self)" in HEADERS["permissions-policy"]
