"""A resident on either channel: the web chat over HTTP without scripts, or Telegram."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from io import StringIO
from itertools import count
from typing import Literal, Protocol, TypeAlias

import httpx

from bot import logs
from bot.catalogs import Catalogs
from bot.conversation import Address, Answer, Message
from bot.dispatcher import Dispatcher
from bot.ports import RenderedButton
from channels.telegram import Patience, TelegramChannel
from handlers import router
from tests.fakes.botapi import TOKEN, BotApi, Call
from tests.fakes.telegram_people import Person, Shown
from tests.web.page import Page
from tests.web.stage import Bot, Stage, on_stage

ChannelName: TypeAlias = Literal["web", "telegram"]
CHANNELS: tuple[ChannelName, ...] = ("web", "telegram")

_visitors = count(1)
_QUICK = Patience(first=0.01, most=0.05, poll=20, hand=30, draw=5)


class Resident(Protocol):
    """What a person can do and see on any channel; ``screen`` is all that the last answer says."""

    @property
    def address(self) -> Address: ...

    @property
    def screen(self) -> str: ...

    @property
    def buttons(self) -> list[RenderedButton]: ...

    async def says(self, text: str) -> None: ...

    async def forges(self, choice: str) -> None:
        """Press a button that may never have been there."""

    async def presses(self, label: str) -> None: ...

    def reads(self, words: str) -> None: ...

    def reads_nothing_of(self, words: str) -> None: ...

    def sees(self, *labels: str) -> None: ...


@dataclass
class Reader:
    """Reads the last answer; how it got there is the channel's."""

    screen: str = ""
    buttons: list[RenderedButton] = field(default_factory=list)

    async def forges(self, choice: str) -> None:
        raise NotImplementedError

    async def presses(self, label: str) -> None:
        choices = [button.choice for button in self.buttons if button.label == label]
        assert choices, f"no button {label!r} among {[one.label for one in self.buttons]}"
        await self.forges(choices[0])

    def reads(self, words: str) -> None:
        assert words in self.screen, f"{words!r} is not in:\n{self.screen}"

    def reads_nothing_of(self, words: str) -> None:
        assert words not in self.screen, f"{words!r} is in:\n{self.screen}"

    def sees(self, *labels: str) -> None:
        shown = [button.label for button in self.buttons]
        assert all(label in shown for label in labels), f"{labels} are not all in {shown}"


@dataclass
class WebResident(Reader):
    """Someone at the web chat whose browser runs no scripts."""

    stage: Stage = field(kw_only=True)
    client: httpx.AsyncClient = field(kw_only=True)
    page: Page = field(default_factory=lambda: Page(""))
    last_line: int = 0
    status: int = 200

    @property
    def address(self) -> Address:
        return self.stage.bot.heard[-1].address

    async def opens(self) -> None:
        """Load the page; what it says since the last time is the screen."""
        self.page = Page((await self.client.get("/")).text)
        lines = zip(_line_numbers(self.page), self.page.messages, strict=True)
        fresh = [(number, said) for number, said in lines if number > self.last_line]
        self.screen = "\n\n".join(words for _number, (kind, words) in fresh if kind == "ours")
        self.last_line = max((number for number, _said in fresh), default=self.last_line)
        offered = next((form.buttons for form in self.page.forms if form.buttons), {})
        self.buttons = [RenderedButton(label, choice) for choice, label in offered.items()]

    async def says(self, text: str) -> None:
        await self._posts(text=text)

    async def forges(self, choice: str) -> None:
        await self._posts(choice=choice)

    async def shares(self, latitude: float, longitude: float) -> None:
        await self._posts(point=f"{latitude},{longitude}")

    async def uploads(self, content: bytes) -> None:
        """Choose a file and send it by the form that the page then has."""
        form = next(form for form in self.page.forms if "file" in form.fields)
        hidden = {name: value for name, value in form.fields.items() if name != "file"}
        answer = await self.client.post("/", data=hidden, files={"file": ("holiday.jpg", content)})
        self.status = answer.status_code
        await self.opens()

    async def _posts(self, **fields: str) -> None:
        # No browser can send half a character.
        whole = {name: value.encode(errors="replace").decode() for name, value in fields.items()}
        hidden = self.page.form("text").fields
        answer = await self.client.post("/", data={**hidden, **whole})
        self.status = answer.status_code
        await self.opens()


@dataclass
class TelegramResident(Reader):
    """Someone with Telegram, in their own chat with the bot."""

    server: BotApi = field(kw_only=True)
    person: Person = field(kw_only=True)
    shown: list[Shown] = field(default_factory=list)
    last_call: Call | None = None

    @property
    def address(self) -> Address:
        return Address("telegram", str(self.person.chat.id))

    async def says(self, text: str) -> None:
        await self.person.says(text)
        await self._waits()

    async def edits(self, number: int, text: str) -> None:
        await self.person.edits(number, text)
        await self._waits()

    async def sends(self, kind: str, caption: str = "") -> None:
        await self.person.sends(kind, caption)
        await self._waits()

    async def shares(self, latitude: float, longitude: float) -> None:
        await self.person.shares(latitude, longitude)
        await self._waits()

    async def forges(self, choice: str) -> None:
        ours = [shown.id for shown in self.person.chat.messages if shown.mine]
        await self.person.presses_data(ours[-1] if ours else 1, choice)
        await self._waits()

    async def _waits(self) -> None:
        """Until the bot has told Telegram that everything sent is dealt with."""
        if self.server.pending:
            sent = self.server.pending[-1]["update_id"]
            await self.server.sees(lambda: self._confirmed() > sent, within=60)
        redrawn = self._redrawn_since()
        self.last_call = self.server.calls[-1]
        if redrawn and not self.person.chat.news:
            return  # redrawn just as it was: the screen still stands
        self.shown = list(self.person.chat.news)
        self.person.chat.news.clear()
        self.screen = "\n\n".join(shown.text for shown in self.shown)
        self.buttons = [
            RenderedButton(button["text"], button["callback_data"])
            for shown in self.shown
            for row in shown.keyboard
            for button in row
        ]

    def _redrawn_since(self) -> bool:
        for call in reversed(self.server.calls):
            if call is self.last_call:
                return False
            if call.method == "editMessageText":
                return True
        return False

    def _confirmed(self) -> int:
        polls = (call for call in reversed(self.server.calls) if call.method == "getUpdates")
        return next((int(poll.params.get("offset") or 0) for poll in polls), 0)


@dataclass
class Behind(Bot):
    """The real dispatcher, where the web tests' stage has a hand-written bot."""

    dispatcher: Dispatcher = field(kw_only=True)

    async def __call__(self, message: Message) -> Answer:
        self.heard[:] = [message]
        return await self.dispatcher(message)

    async def preview(self, language: str) -> Answer:
        return await self.dispatcher.welcome(language)

    async def recall(self, address: Address) -> Answer | None:
        return await self.dispatcher.recall(address)

    async def hush(self, address: Address) -> None:
        await self.dispatcher.hush(address)


@asynccontextmanager
async def on_web(
    dispatcher: Dispatcher, catalogs: Catalogs, cookies: httpx.Cookies | None = None
) -> AsyncIterator[WebResident]:
    """A visitor of the web chat, served over HTTP; by their cookies, one who was here before."""
    async with (
        on_stage(bot=Behind(dispatcher=dispatcher), renderer=catalogs, demo=False) as stage,
        stage.client(cookies=cookies) as client,
    ):
        resident = WebResident(stage=stage, client=client)
        await resident.opens()
        yield resident


@asynccontextmanager
async def on_telegram(
    dispatcher: Dispatcher, catalogs: Catalogs
) -> AsyncIterator[TelegramResident]:
    """A person on Telegram, served through a Bot API on loopback."""
    async with BotApi() as server, telegram_running(server, dispatcher, catalogs):
        yield TelegramResident(server=server, person=server.user(5_550_000 + next(_visitors)))


@asynccontextmanager
async def telegram_running(
    server: BotApi, dispatcher: Dispatcher, catalogs: Catalogs
) -> AsyncIterator[None]:
    """The Telegram channel as the app runs it, until the block ends."""
    menu = list(router().commands.values())
    channel = TelegramChannel(TOKEN, server.url, catalogs, menu, patience=_QUICK)
    running = asyncio.create_task(channel.run(dispatcher))
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait([running])


@asynccontextmanager
async def on(
    channel: ChannelName, dispatcher: Dispatcher, catalogs: Catalogs
) -> AsyncIterator[WebResident | TelegramResident]:
    """Someone new on a channel."""
    async with AsyncExitStack() as stack:
        if channel == "web":
            yield await stack.enter_async_context(on_web(dispatcher, catalogs))
        else:
            yield await stack.enter_async_context(on_telegram(dispatcher, catalogs))


def _line_numbers(page: Page) -> list[int]:
    return [
        int((given.get("id") or "m0")[1:])  # one without is a form for scripts, never shown
        for tag, given in page.attributes
        if tag == "li" and "line" in (given.get("class") or "").split()
    ]


@contextmanager
def nothing_logged() -> Iterator[None]:
    """Fails where the block leaves a warning, an error or a traceback in the log."""
    stream = StringIO()
    logs.setup("WARNING", "json", stream=stream)
    try:
        yield
    finally:
        logs.reset()
    assert stream.getvalue() == ""
