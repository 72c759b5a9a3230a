"""`beatline post` beside the running service, as an operator types it, over a loopback Bot API."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests import shell
from tests.fakes.botapi import TOKEN, BotApi
from tests.fakes.telegram_people import Person
from tests.images import drawn
from tests.web.page import Page

ROOT = Path(__file__).parents[2]
START_WITHIN = 60.0
DONE_WITHIN = 30.0


@dataclass
class Operator:
    """Someone at a shell; the service runs with the same settings."""

    home: Path
    url: str = "http://127.0.0.1:9"
    may_send: bool = True
    token: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DATA_DIR": str(self.home / "var"),
            "SECRETS_FILE": str(self.home / "secrets.toml"),
            "TELEGRAM_BOT_TOKEN": self.token,
            "TELEGRAM_API_URL": self.url,
            "ACCEPT_STANDIN_AREAS": "true",
            "FEEDS_FILE": os.devnull,
            "OPERATOR_MAY_SEND": str(self.may_send).lower(),
            "WEB_PORT": "0",
            "LOG_FORMAT": "json",
        }

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *words),
            cwd=self.home,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def serves(
        self, roles: str = "receive,web,send,work"
    ) -> tuple[asyncio.subprocess.Process, str]:
        """Start the service; returns it with the address of its page."""
        service = await self.start("run", "--roles", roles)
        assert service.stderr is not None
        async with asyncio.timeout(START_WITHIN):
            async for line in service.stderr:
                event = json.loads(line)
                if event["event"] == "serving":
                    return service, f"http://127.0.0.1:{event['port']}"
        raise AssertionError("it did not start")

    async def types(self, *words: str) -> tuple[int, str, str]:
        ran = await shell.runs(self.home, *words, settings=self.environment)
        return ran.status, ran.out, ran.err

    async def gets(self, *words: str) -> Any:
        """The JSON that a command prints; it must have worked."""
        status, out, err = await self.types(*words, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    async def drafts(self, text: str, *options: str) -> str:
        drafted = await self.gets(
            *("post", "draft", "--kind", "update", "--everywhere", "--text", text), *options
        )
        code: str = drafted["id"]
        return code

    async def is_done(self, code: str) -> Any:
        """The report, once sending has ended."""
        async with asyncio.timeout(DONE_WITHIN):
            while (report := await self.gets("post", "report", code))["state"] == "sending":
                pass
        return report


Follow = Callable[[int], Awaitable[Person]]


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[BotApi]:
    async with BotApi() as server:
        yield server


async def test_a_draft_is_shown_as_it_was_written(operator: Operator) -> None:
    code = await operator.drafts(
        "Mill Lane is closed.", "--title", "Road", "--topic", "road-safety"
    )
    shown = await operator.gets("post", "show", code)
    assert {
        "id": code,
        "state": "draft",
        "kind": "update",
        "topic": "road-safety",
        "policy": "at-most-once",
        "areas": ["everywhere"],
        "title": "Road",
        "text": "Mill Lane is closed.",
    }.items() <= shown.items()


async def test_the_audience_of_nobody_is_nobody(operator: Operator) -> None:
    found = await operator.gets("audience", "--area", "E05013864")
    assert found == {"total": 0, "by_channel": {}, "by_language": {}}


@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [
        (
            ("--kind", "update", "--level", "urgent", "--everywhere", "--text", "x"),
            1,
            "only an alert",
        ),
        (("--kind", "update", "--text", "x"), 1, "--everywhere"),
        (("--kind", "update", "--everywhere"), 1, "--text"),
        (("--kind", "update", "--area", "Atlantis", "--text", "x"), 1, "no area Atlantis"),
        (("--kind", "update", "--area", "Abbey", "--text", "x"), 1, "may be one of"),
        (("--kind", "news", "--everywhere", "--text", "x"), 2, "--kind"),
        (("--kind", "update", "--everywhere", "--text", "x", "--alt", "A map."), 1, "--image"),
        (("--kind", "update", "--everywhere", "--text", "x", "--image", __file__), 1, "--alt"),
        (
            ("--kind", "update", "--everywhere", "--text", "x", "--image", __file__, "--alt", "x"),
            1,
            "PNG, JPEG or WebP",
        ),
    ],
)
async def test_a_draft_that_cannot_be_is_refused_in_plain_words(
    operator: Operator, words: tuple[str, ...], status: int, reason: str
) -> None:
    ran = await operator.types("post", "draft", *words)
    assert ran[0] == status
    assert reason in ran[2]
    assert "Traceback" not in ran[2]


async def test_a_language_is_known_and_a_post_released_before_it_is_translated(
    operator: Operator,
) -> None:
    code = await operator.drafts("Hello.")
    for language, told in (("xx", "there is no language xx"), ("pl", "is not released yet")):
        status, _out, err = await operator.types("post", "translate", code, language)
        assert status == 1
        assert told in err


async def test_a_person_puts_better_words_in_the_place_of_a_computers(
    operator: Operator, tmp_path: Path
) -> None:
    code = await operator.drafts("Hello.")
    for command in (("approve", code), ("send", code)):
        assert (await operator.types("post", *command))[0] == 0
    status, _out, err = await operator.types("post", "translate", code, "pl")
    assert status == 1
    assert "its readers get the original" in err

    better = tmp_path / "better.txt"
    better.write_text("Dzień dobry.", "utf-8")
    translate = ("post", "translate", code, "pl")
    assert (await operator.types(*translate, "--text-file", str(better)))[0] == 0
    shown = await operator.gets(*translate)
    assert shown == {
        "id": code,
        "language": "pl",
        "title": "",
        "text": "Dzień dobry.",
        "by": "by a person",
    }


async def test_only_who_may_send_can_approve_and_send(operator: Operator) -> None:
    operator.may_send = False
    code = await operator.drafts("Hello.")
    for command in (("approve", code), ("send", code), ("correct", code, "--text", "x")):
        status, _out, err = await operator.types("post", *command)
        assert status == 1
        assert "OPERATOR_MAY_SEND" in err


async def test_a_post_goes_from_draft_to_report_and_is_corrected(
    operator: Operator, server: BotApi
) -> None:
    operator.url, operator.token = server.url, TOKEN
    person = server.user()
    service = await operator.start("run")
    try:
        await person.says("/start")
        await person.chat.reads("Which language would you like?", within=START_WITHIN)
        await person.presses("English")
        await person.chat.reads("postcode")
        await person.says("RG1 1AF")
        await person.chat.reads("Abbey")
        found = await operator.gets("audience", "--area", "E05013864")
        assert found == {"total": 1, "by_channel": {"telegram": 1}, "by_language": {"en_GB": 1}}

        alert = ("post", "draft", "--kind", "alert", "--level", "urgent", "--area", "E05013864")
        code = (await operator.gets(*alert, "--text", "Flood in Mill Lane."))["id"]
        assert (await operator.types("post", "send", code))[0] == 1  # not approved yet
        assert (await operator.types("post", "approve", code))[0] == 0
        assert (await operator.types("post", "send", code, "--now"))[0] == 0
        await person.chat.reads("Flood in Mill Lane.")
        report = await operator.is_done(code)
        assert report == {
            "id": code,
            "state": "sent",
            "audience": 1,
            "queued": 0,
            "sent": 1,
            "failed": 0,
            "unknown": 0,
            "recalled": 0,
            "by_channel": {
                "telegram": {"queued": 0, "sent": 1, "failed": 0, "unknown": 0, "recalled": 0}
            },
            "reasons": {},
        }

        again = (await operator.gets(*alert, "--text", "Flood in Mill Lane."))["id"]
        assert (await operator.types("post", "approve", again))[0] == 0
        status, _out, err = await operator.types("post", "send", again, "--now")
        assert (status, "--again" in err) == (1, True)

        words = ("--text", "The flood is in Hill Lane.", "--now")
        assert (await operator.types("post", "correct", code, *words))[0] == 0
        await server.sees(lambda: "Hill Lane" in person.chat.shows[-1])
        assert not any("Mill Lane" in shown for shown in person.chat.shows)
    finally:
        service.terminate()
        await service.communicate()
    assert service.returncode == 0


@pytest.mark.slow
async def test_a_picture_goes_from_a_file_to_chat_and_page_and_stays_for_the_next_visit(
    operator: Operator, server: BotApi
) -> None:
    operator.url, operator.token = server.url, TOKEN
    file = operator.home / "map.png"
    file.write_bytes(drawn(40, 30))
    person = server.user()
    service, url = await operator.serves()
    async with httpx.AsyncClient() as browser:
        try:
            for words in ("English", "RG1 1AF"):
                await writes(browser, url, words)
            for words in ("/start", "English", "RG1 1AF"):
                await person.says(words)
            await person.chat.reads("You now follow")
            alert = ("--kind", "alert", "--level", "urgent", "--area", "E05013864")
            drafted = await operator.gets(
                *("post", "draft", *alert, "--text", "Flood."),
                *("--image", str(file), "--alt", "A map of <Mill> Lane."),
            )
            code = drafted["id"]
            shown = await operator.gets("post", "show", code)
            assert (shown["picture"], shown["alt"]) == ("40 x 30", "A map of <Mill> Lane.")
            assert (await operator.types("post", "approve", code))[0] == 0
            assert (await operator.types("post", "send", code, "--now"))[0] == 0
            assert (await person.chat.reads("Picture: A map of <Mill> Lane.")).photo is not None
            await operator.is_done(code)
            assert await pictures(browser, url) == [(f"/pictures/{code}", "40", "30")]
        finally:
            service.terminate()
            await service.communicate()
        service, url = await operator.serves()
        try:
            assert await pictures(browser, url) == [(f"/pictures/{code}", "40", "30")]
            assert (await operator.types("post", "cancel", code))[0] == 0
            assert (await browser.get(f"{url}/pictures/{code}")).status_code == 404
        finally:
            service.terminate()
            await service.communicate()


async def test_an_open_page_is_told_at_once_when_another_process_does_the_rest(
    operator: Operator,
) -> None:
    web, url = await operator.serves("receive,web")
    rest = await operator.start("run", "--roles", "send,work")
    try:
        async with httpx.AsyncClient() as browser:
            for words in ("English", "RG1 1AF"):
                await writes(browser, url, words)
            alert = ("--kind", "alert", "--level", "urgent", "--everywhere")
            drafted = await operator.gets("post", "draft", *alert, "--text", "Flood in Mill Lane.")
            code = drafted["id"]
            assert (await operator.types("post", "approve", code))[0] == 0
            assert (await operator.types("post", "send", code, "--now"))[0] == 0
            assert (await operator.is_done(code))["by_channel"]["web"]["sent"] == 1
            assert "Flood in Mill Lane." in Page((await browser.get(url)).text).ours[-1]
    finally:
        for process in (web, rest):
            process.terminate()
            await process.communicate()


async def writes(browser: httpx.AsyncClient, url: str, words: str) -> None:
    """Type a line on the page."""
    page = Page((await browser.get(url)).text)
    answer = await browser.post(url, data={**page.form("text").fields, "text": words})
    assert answer.status_code == 303


async def pictures(browser: httpx.AsyncClient, url: str) -> list[tuple[str, str, str]]:
    """The address and size of each picture on the page; all of them come, and say what they are."""
    page = Page((await browser.get(url)).text)
    found = [attributes for tag, attributes in page.attributes if tag == "img"]
    for each in found:
        assert each["alt"] == "A map of <Mill> Lane."
        answer = await browser.get(f"{url}{each['src']}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "private, max-age=3600"
    return [(each["src"] or "", each["width"] or "", each["height"] or "") for each in found]
