"""`beatline post` beside the running service, as an operator types it, over a loopback Bot API."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.fakes.botapi import TOKEN, BotApi
from tests.fakes.telegram_people import Person

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
        }

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *words),
            cwd=self.home,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def types(self, *words: str) -> tuple[int, str, str]:
        process = await self.start(*words)
        out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()

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
        """The report, once nothing is queued any more."""
        async with asyncio.timeout(DONE_WITHIN):
            while (report := await self.gets("post", "report", code))["queued"]:
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
    ],
)
async def test_a_draft_that_cannot_be_is_refused_in_plain_words(
    operator: Operator, words: tuple[str, ...], status: int, reason: str
) -> None:
    ran = await operator.types("post", "draft", *words)
    assert ran[0] == status
    assert reason in ran[2]
    assert "Traceback" not in ran[2]


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
