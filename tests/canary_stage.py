"""The service as it really runs, with two residents and a post office; and all that it writes."""

import asyncio
import base64
import json
import os
import re
import socket
import stat
import sys
import tomllib
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Engine, create_engine, event, inspect, text

from tests.fakes.botapi import TOKEN, BotApi
from tests.fakes.telegram_people import Person, Shown
from tests.postroom import PostOffice
from tests.web.page import Page

ROOT = Path(__file__).parents[1]
START_WITHIN = 120.0
ANSWER_WITHIN = 60.0
CODE = re.compile(r"[2-9A-HJ-NP-Z]{6}(?:-[2-9A-HJ-NP-Z]{6}){2}")
LONG_AGO = date(2020, 1, 1)

_REVIEW = "Please check. Nothing has been sent yet"
_ANSWER = "Yes, they may answer"


@dataclass
class HeldPost(PostOffice):
    """A mail server that takes its time: it accepts nothing before it is ``opened``."""

    opened: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    offered: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.offered += 1
        await self._notify()
        await self.opened.wait()
        answer = await super().handle_DATA(server, session, envelope)
        await self._notify()
        return answer

    async def is_offered(self) -> None:
        """Wait until an e-mail stands at the door."""
        async with asyncio.timeout(START_WITHIN), self.changed:
            await self.changed.wait_for(lambda: self.offered > 0)

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()


@dataclass
class Installation:
    """A live service in ``home``, with the addresses of its two databases by name."""

    home: Path
    databases: Mapping[str, str]
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    _process: asyncio.subprocess.Process | None = None
    _told: "asyncio.Task[None] | None" = None
    _events: Counter[str] = field(default_factory=Counter)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        (self.home / "tmp").mkdir()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.home),
            "TMPDIR": str(self.home / "tmp"),
            "DATA_DIR": str(self.home / "var"),
            "DATABASE_URL": self.databases["subscriptions"],
            "CONCERNS_DATABASE_URL": self.databases["concerns"],
            "SECRETS_FILE": str(self.home / "keys" / "secrets.toml"),
            "ACCEPT_STANDIN_AREAS": "true",
            "LOG_LEVEL": "DEBUG",
            "LOG_FORMAT": "json",
            "WEB_PORT": str(self.port),
            **self.settings,
        }

    async def types(self, *words: str) -> str:
        """What an operator's command prints; it must have worked."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *words),
            cwd=self.home,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate()
        assert process.returncode == 0, out.decode()
        return out.decode()

    async def start(self) -> None:
        """Run the service until it serves pages; the log is kept in a file."""
        self.port = self.port or free_port()
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            cwd=self.home,
            env=self._environment,
            stderr=asyncio.subprocess.PIPE,
        )
        assert self._process.stderr is not None
        self._events.clear()
        self._told = asyncio.create_task(self._write_log(self._process.stderr))
        await self.logs("serving")

    async def stop(self) -> None:
        assert self._process is not None
        assert self._told is not None
        self._process.terminate()
        assert await self._process.wait() == 0
        await self._told
        self._process = None

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    @property
    def keys(self) -> dict[str, bytes]:
        """The keys of the secrets file, by name."""
        written = tomllib.loads((self.home / "keys" / "secrets.toml").read_text())
        return {name: base64.b64decode(word) for name, word in written.items()}

    def places(self) -> dict[str, bytes]:
        """Everything written: each file and each table by its name, and files without one.

        The secrets file holds keys alone, and the file of postcodes is public.
        """
        found = {
            str(path.relative_to(self.home)): path.read_bytes()
            for path in self.home.rglob("*")
            if path.is_file() and path.parent.name != "keys" and path.name != "postcodes.bin"
        }
        for name, url in self.databases.items():
            found |= {f"{name}: {table}": rows for table, rows in _tables(url)}
        return found | (nameless_files(self._process.pid) if self._process else {})

    @asynccontextmanager
    async def without(self, database: str, table: str) -> AsyncIterator[None]:
        """Take a table away, so that whatever needs it fails."""
        await asyncio.to_thread(self._rename, database, table, "gone")
        try:
            yield
        finally:
            await asyncio.to_thread(self._rename, database, "gone", table)

    def _rename(self, database: str, table: str, name: str) -> None:
        with _engine(self.databases[database]) as engine, engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))

    def let_time_pass(self) -> list[bytes]:
        """Make every concern old, and return what must be gone when it is purged."""
        with _engine(self.databases["concerns"]) as engine, engine.begin() as connection:
            sealed = [
                bytes(row[0])[:64] for row in connection.execute(text("SELECT sealed FROM concern"))
            ]
            boxes = [bytes(row[0]) for row in connection.execute(text("SELECT id FROM mailbox"))]
            for table, column in (
                ("mailbox", "day"),
                ("mailbox", "raised"),
                ("concern", "day"),
                ("concern", "accepted"),
            ):
                change = text(f"UPDATE {table} SET {column} = :day")  # noqa: S608  # our own names
                connection.execute(change, {"day": LONG_AGO.isoformat()})
        return [*sealed, *boxes]

    def count(self, table: str) -> int:
        """How many rows a table of the concerns database has."""
        with _engine(self.databases["concerns"]) as engine, engine.connect() as connection:
            found = connection.execute(text(f"SELECT count(*) FROM {table}"))  # noqa: S608  # our own names
            return int(found.scalar_one())

    async def logs(self, event: str, times: int = 1) -> None:
        """Wait until the service that runs has logged an event so many times."""
        async with asyncio.timeout(START_WITHIN), self._changed:
            await self._changed.wait_for(lambda: self._events[event] >= times)

    async def _write_log(self, lines: asyncio.StreamReader) -> None:
        with (self.home / "log").open("ab") as log:
            async for line in lines:
                log.write(line)
                log.flush()
                async with self._changed:
                    self._events[json.loads(line)["event"]] += 1
                    self._changed.notify_all()


@asynccontextmanager
async def running(installation: Installation) -> AsyncIterator[None]:
    """The service runs for as long as the block lasts; what is left of it is ended."""
    await installation.start()
    try:
        yield
        await installation.stop()
    finally:
        await installation.kill()


async def tells_on_telegram(person: Person, words: str, *, where: str = "Skip") -> Shown:
    """Walk through /concern as a resident does, to its last answer."""

    async def any_answer() -> Shown:
        return await person.chat.next_shown(lambda _: True, "anything", ANSWER_WITHIN)

    await person.says("/concern")
    await person.reads("without your name", within=ANSWER_WITHIN)
    await person.presses("I have read this")
    await any_answer()
    await person.says(words)
    await any_answer()
    await person.says(where)
    shown = await any_answer()
    while _REVIEW not in shown.text:
        await person.presses(_ANSWER if _ANSWER in shown.buttons else "Skip")
        shown = await any_answer()
    await person.presses("Send")
    return await any_answer()


@dataclass
class Visitor:
    """Somebody at the web chat whose browser runs no scripts."""

    client: httpx.AsyncClient
    page: Page = field(default_factory=lambda: Page(""))

    @property
    def session(self) -> str:
        return next(iter(self.client.cookies.values()))

    async def opens(self) -> str:
        """Load the page; returns the last thing that we say on it."""
        answer = await self.client.get("/")
        answer.raise_for_status()
        self.page = Page(answer.text)
        return self.page.ours[-1] if self.page.ours else ""

    async def says(self, words: str) -> str:
        return await self._posts(text=words)

    @property
    def buttons(self) -> dict[str, str]:
        """The choices that stand open, by their labels."""
        return {label: id for form in self.page.forms for id, label in form.buttons.items()}

    async def presses(self, label: str) -> str:
        assert label in self.buttons, (label, self.page.messages[-1:], self.page.notice)
        return await self._posts(choice=self.buttons[label])

    async def uploads(self, name: str, content: bytes) -> str:
        form = next(form for form in self.page.forms if "file" in form.fields)
        hidden = {name: value for name, value in form.fields.items() if name != "file"}
        return await self._sends(data=hidden, files={"file": (name, content)})

    async def tells(self, words: str, photo: tuple[str, bytes] | None = None) -> str:
        """Walk through /concern as a resident does, to its last answer."""
        await self.says("/concern")
        await self.presses("I have read this")
        said = await self.says(words)
        while _REVIEW not in said:
            if photo is not None and any("file" in form.fields for form in self.page.forms):
                said, photo = await self.uploads(*photo), None
            elif "Go on" in self.buttons:
                said = await self.presses("Go on")
            else:
                said = await self.presses(_ANSWER if _ANSWER in self.buttons else "Skip")
        return await self.presses("Send")

    async def _posts(self, **fields: str) -> str:
        return await self._sends(data={**self.page.form("text").fields, **fields})

    async def _sends(self, **body: Any) -> str:
        answer = await self.client.post("/", **body)
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.status_code
        return await self.opens()


@asynccontextmanager
async def browsing(url: str, *, address: str, headers: Mapping[str, str]) -> AsyncIterator[Visitor]:
    """A browser on the machine of ``address``, which is one of the loopback's own."""
    transport = httpx.AsyncHTTPTransport(local_address=address)
    async with httpx.AsyncClient(
        base_url=url, transport=transport, headers=dict(headers), timeout=ANSWER_WITHIN
    ) as client:
        yield Visitor(client)


@asynccontextmanager
async def telegram() -> AsyncIterator[BotApi]:
    """A Bot API whose numbers of updates and messages are told from all others."""
    async with BotApi(first_update=918_273_645_001, first_message=1_618_033_001) as server:
        yield server


def over_telegram(server: BotApi) -> dict[str, str]:
    """The settings that bring the channel up."""
    return {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": server.url}


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port: int = chosen.getsockname()[1]
    return port


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _overwrite_what_is_deleted)
    try:
        yield engine
    finally:
        engine.dispose()


def _overwrite_what_is_deleted(connection: Any, _record: object) -> None:
    """As the service does, so that nothing this test changes leaves a copy behind."""
    connection.execute("PRAGMA secure_delete=ON")


def _tables(url: str) -> Iterator[tuple[str, bytes]]:
    """Every table with all its rows: in a file, a value may lie on two pages."""
    if url.startswith("sqlite") and not Path(url.partition("///")[2]).exists():
        return
    with _engine(url) as engine, engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608  # names from the catalogue
            yield table, b"\n".join(b"\x1f".join(map(_plain, row)) for row in rows)


def _plain(value: object) -> bytes:
    match value:
        case bytes() | memoryview():
            return bytes(value)
        case str():
            return value.encode()
        case dict() | list():
            return json.dumps(value).encode()
        case _:
            return str(value).encode()


def nameless_files(process: int) -> dict[str, bytes]:
    """Files that a process has deleted and still holds open, such as temporary ones."""
    found = {}
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # it may be closed while we look
            status = descriptor.stat()
            if stat.S_ISREG(status.st_mode) and not status.st_nlink:
                found[f"deleted, open as {descriptor.name}"] = descriptor.read_bytes()
    return found
