"""Chats: residents of both channels at once, each from a first hello to help."""

import asyncio
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import httpx

from bench.results import Result
from tests.fakes.botapi import TOKEN, BotApi
from tests.fakes.telegram_people import Json, Room, Shown
from tests.web.page import Page

RESIDENTS, SHORT = 500, 10  # of each channel
PATIENCE = 120.0  # seconds for one answer, before it counts as lost
ROOT = Path(__file__).parents[1]

# What is sent, and what its answer must say. Words in brackets are a button's choice id.
WALK = (
    ("/start", "Which language would you like?"),
    ("[language.set:en_GB]", "What is your postcode?"),
    ("RG1 1AF", "You now follow Abbey"),
    ("/places", "You follow Abbey"),
    ("/help", "press 55"),
)


@dataclass
class Figures:
    """Answer times of one channel in seconds, and how many messages were sent."""

    sent: int = 0
    times: list[float] = field(default_factory=list)

    def note(self, start: float, *, answered: bool) -> None:
        self.sent += 1
        if answered:
            self.times.append(time.perf_counter() - start)


class Telegram(BotApi):
    """A Bot API on which each person waits for their own news; a thousand on one is slow."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: dict[int, asyncio.Queue[str]] = {}

    async def _show(self, room: Room, shown: Shown) -> Json:
        if room.id in self.shown:
            self.shown[room.id].put_nowait(shown.text)
        return await super()._show(room, shown)


def main(*, short: bool = False) -> list[Result]:
    """Answer times by channel, messages a second, and whether anything was lost."""
    return asyncio.run(_run(SHORT if short else RESIDENTS))


async def _run(residents: int) -> list[Result]:
    figures = {"web chat": Figures(), "Telegram": Figures()}
    with tempfile.TemporaryDirectory() as folder:
        async with Telegram() as server, _beatline(Path(folder), server) as address:
            start = time.perf_counter()
            # A connection kept open may be closed from the other end just as it is used again.
            limits = httpx.Limits(max_connections=residents, max_keepalive_connections=0)
            transport = httpx.AsyncHTTPTransport(limits=limits)
            async with transport, asyncio.TaskGroup() as group:
                for number in range(residents):
                    group.create_task(_on_web(address, transport, figures["web chat"]))
                    group.create_task(_on_telegram(server, 1000 + number, figures["Telegram"]))
            seconds = time.perf_counter() - start
        followed = _followed(Path(folder) / "var")
    answered = sum(len(found.times) for found in figures.values())
    everyone = Result(
        "",
        f"chats: {2 * residents} residents at once",
        f"{answered / seconds:.0f} messages a second; {followed:,} follow their area",
    )
    return [everyone, *(_result(channel, found) for channel, found in figures.items())]


def _result(channel: str, figures: Figures) -> Result:
    marks = statistics.quantiles(figures.times, n=100)
    times = ", ".join(f"p{mark} {marks[mark - 1] * 1000:.0f} ms" for mark in (50, 95, 99))
    lost = figures.sent - len(figures.times)
    found = f"{times}; {figures.sent:,} sent, {lost} without their answer"
    return Result("", f"chats: {channel}, until the answer", found)


async def _on_web(address: str, transport: httpx.AsyncHTTPTransport, figures: Figures) -> None:
    """One visitor; the answer is on the page that follows, so its time counts."""
    client = httpx.AsyncClient(base_url=address, transport=transport, timeout=PATIENCE)
    page = Page((await client.get("/")).text)
    for said, wanted in WALK:
        start = time.perf_counter()
        with suppress(httpx.TransportError):
            await client.post("/", data={**page.form("text").fields, **_form(said)})
        page = Page((await client.get("/")).text)
        figures.note(start, answered=wanted in page.ours[-1])


async def _on_telegram(server: Telegram, id: int, figures: Figures) -> None:
    person, shown = server.user(id), server.shown.setdefault(id, asyncio.Queue())
    for said, wanted in WALK:
        start = time.perf_counter()
        choice = _form(said).get("choice")
        await (person.presses_data(1, choice) if choice else person.says(said))
        async with asyncio.timeout(PATIENCE):
            figures.note(start, answered=wanted in await shown.get())


def _form(said: str) -> dict[str, str]:
    return {"choice": said[1:-1]} if said.startswith("[") else {"text": said}


@asynccontextmanager
async def _beatline(home: Path, server: BotApi) -> AsyncIterator[str]:
    """The whole service as its own process; gives the address of its page."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        cwd=home,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": server.url,
            "DATA_DIR": str(home / "var"),
            "SECRETS_FILE": str(home / "secrets.toml"),
            "ACCEPT_STANDIN_AREAS": "true",
            "FEEDS_FILE": os.devnull,
            "WEB_PORT": "0",
            "LOG_FORMAT": "json",
        },
        stderr=asyncio.subprocess.PIPE,
    )
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    listening = asyncio.create_task(_listen(cast("asyncio.StreamReader", process.stderr), port))
    try:
        yield f"http://127.0.0.1:{await port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await listening


async def _listen(log: asyncio.StreamReader, port: asyncio.Future[int]) -> None:
    """Tell the port once the service says it, and pass on whatever it warns of."""
    async for line in log:
        event: Json = {"level": "error", "event": line}
        if line.startswith(b"{"):
            event = json.loads(line)
        if event["event"] == "serving":
            port.set_result(event["port"])
        elif event["level"] != "info":
            print(f"chats: the service says: {event}")
    if not port.done():
        port.set_exception(RuntimeError("the service did not start"))


def _followed(data: Path) -> int:
    with closing(sqlite3.connect(data / "beatline.sqlite")) as database:
        count: int = database.execute("SELECT count(*) FROM place").fetchone()[0]
    return count
