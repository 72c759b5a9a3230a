"""The whole bot as its own process, spoken to over a Bot API on loopback."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.botapi import TOKEN, BotApi
from tests.fakes.telegram_people import Person

_ROOT = Path(__file__).parents[2]
_START_WITHIN = 60.0
_POSTCODE = "RG1 1AF"  # in the shipped file, in Abbey

Start = Callable[[], Awaitable[asyncio.subprocess.Process]]


@asynccontextmanager
async def _processes(server: BotApi, home: Path) -> AsyncIterator[Start]:
    """Starts Beatline in ``home``, as often as asked; ends what still runs."""
    started: list[asyncio.subprocess.Process] = []
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(_ROOT),
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": server.url,
        "DATA_DIR": str(home / "var"),
        "SECRETS_FILE": str(home / "secrets.toml"),
        "ACCEPT_STANDIN_AREAS": "true",
        "FEEDS_FILE": os.devnull,
        "WEB_PORT": "0",
        "LOG_LEVEL": "DEBUG",
        "LOG_FORMAT": "json",
    }

    async def start() -> asyncio.subprocess.Process:
        with (home / "log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", cwd=home, env=environment, stderr=log
            )
        started.append(process)
        return process

    try:
        yield start
    finally:
        for process in started:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _reach_the_postcode(user: Person) -> None:
    await user.says("/start")
    await user.reads("Which language would you like?", within=_START_WITHIN)
    await user.presses("English")
    await user.reads("postcode")


def _everything_kept(home: Path) -> bytes:
    """All files and the log; the table of postcodes is public."""
    files = (file for file in home.rglob("*") if file.is_file() and file.name != "postcodes.bin")
    return b"".join(file.read_bytes() for file in files)


async def test_a_resident_follows_their_area(server: BotApi, tmp_path: Path) -> None:
    user = server.user(555000111222)
    async with _processes(server, tmp_path) as start:
        process = await start()
        await _reach_the_postcode(user)
        await user.says(_POSTCODE.lower().replace(" ", ""))
        await user.reads("Abbey")
        process.terminate()
        assert await process.wait() == 0
    assert not server.pending
    left = _everything_kept(tmp_path).lower()
    for hidden in (_POSTCODE, _POSTCODE.replace(" ", ""), str(user.id), TOKEN):
        assert hidden.lower().encode() not in left


@pytest.mark.slow
async def test_a_polite_stop_finishes_the_answer_in_hand(server: BotApi, tmp_path: Path) -> None:
    user = server.user()
    async with _processes(server, tmp_path) as start:
        process = await start()
        await _reach_the_postcode(user)
        sent = len(server.made("sendMessage"))
        server.fail("sendMessage", status=429, description="Too Many Requests", retry_after=1)
        await user.says(_POSTCODE)
        await server.sees(lambda: len(server.made("sendMessage")) > sent)
        process.terminate()
        assert await process.wait() == 0
        assert "Abbey" in user.chat.shows[-1]
        assert not server.pending


@pytest.mark.slow
async def test_after_a_sudden_end_the_resident_gets_the_answer_and_goes_on(
    server: BotApi, tmp_path: Path
) -> None:
    user = server.user()
    async with _processes(server, tmp_path) as start:
        process = await start()
        await _reach_the_postcode(user)
        sent = len(server.made("sendMessage"))
        server.fail("sendMessage", "hang")
        await user.says(_POSTCODE)
        await server.sees(lambda: len(server.made("sendMessage")) > sent)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await start()
        await user.reads("Abbey", within=_START_WITHIN)
        await user.says("/places")
        await user.reads("Abbey")
