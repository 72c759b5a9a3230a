"""A web chat on a real server on loopback, with a hand-written bot behind it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import httpx

from bot.conversation import Address, Answer, Button, Command, Context, Message, Reply
from bot.dispatcher import Dispatcher
from bot.model import PictureFile
from bot.ports import Renderer
from bot.services import Services
from bot.services.articles import Library
from bot.text import Text, _, _p
from channels.webchat import WebChat
from tests import as_shipped
from tests.conftest import FakeClock
from web.limits import Limits
from web.server import create_app, serve
from web.site import Hook, Site

LONDON = ZoneInfo("Europe/London")
KEY = b"k" * 32
WELCOME = Reply(
    [
        _("Welcome to Beatline."),
        _("Which language would you like?"),
    ],
    (Button(_("English"), "language:en_GB"), Button(_("Polski"), "language:pl")),
)
POSTCODE = _("What is your postcode?")


class Behind(Protocol):
    """What the page talks to: the hand-written bot, or the real dispatcher."""

    async def __call__(self, message: Message) -> Answer: ...

    async def preview(self, language: str) -> Answer: ...

    async def recall(self, address: Address) -> Answer | None: ...

    async def hush(self, address: Address) -> None: ...


@dataclass
class RealBot:
    """The real dispatcher with all its conversations."""

    dispatcher: Dispatcher

    async def __call__(self, message: Message) -> Answer:
        return await self.dispatcher(message)

    async def preview(self, language: str) -> Answer:
        return await self.dispatcher.welcome(language)

    async def recall(self, address: Address) -> Answer | None:
        return await self.dispatcher.recall(address)

    async def hush(self, address: Address) -> None:
        await self.dispatcher.hush(address)


async def _unused(_ctx: Context) -> Reply:
    raise AssertionError("the hand-written bot answers by itself")


COMMANDS = (
    Command(_p("command", "places"), _unused, _("See the areas you follow")),
    Command(_p("command", "help"), _unused, _("See what I can do")),
    Command(_p("command", "hide"), _unused, None),
    Command(_p("command", "cancel"), _unused, None),
)


@dataclass
class Bot:
    """Answers as the dispatcher would, and remembers what it heard."""

    heard: list[Message] = field(default_factory=list)
    language: str = "en_GB"
    last: dict[Address, Answer] = field(default_factory=dict)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    called: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def __call__(self, message: Message) -> Answer:
        self.heard.append(message)
        self.called.set()
        await self.gate.wait()
        answer = Answer((self._reply(message),), self.language)
        self.last[message.address] = answer
        return answer

    async def preview(self, language: str) -> Answer:
        return Answer((WELCOME,), language)

    async def recall(self, address: Address) -> Answer | None:
        return self.last.get(address)

    async def hush(self, address: Address) -> None:
        self.last.pop(address, None)

    def _reply(self, message: Message) -> Reply:
        if message.text == "/start":
            return WELCOME
        if message.text == "fail":
            raise RuntimeError("a bug")
        if message.choice and message.choice.startswith("language:"):
            self.language = message.choice.partition(":")[2]
            return Reply(POSTCODE)
        if message.choice == "turn":
            return Reply(_("Page two"), (Button(_("Back"), "turn"),), replace=True)
        if message.text == "/hide":
            return Reply(_("Done."), hide=True)
        if message.text == "where":
            return Reply(POSTCODE, asks_where=True)
        if message.point is not None:
            return Reply(_("You now follow Riverside."))
        if message.text in {"places", "/places"}:
            return Reply(_("Page one"), (Button(_("More"), "turn"),))
        # Not a sentence of ours: an answer that gives back the words.
        return Reply(Text("{words}", {"words": f"You wrote {len(message.text)} letters."}))


@dataclass
class Stage:
    """The running site: its address, the bot behind it, the channel between."""

    url: str
    bot: Bot
    chat: WebChat
    clock: FakeClock
    failures: list[Exception]
    stop: asyncio.Event

    def client(self, **options: object) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, **options)  # type: ignore[arg-type]  # passed on


@asynccontextmanager
async def on_stage(
    *,
    renderer: Renderer | None = None,
    public_url: str = "http://localhost:8080",
    demo: bool = True,
    hooks: Mapping[str, Hook] | None = None,
    metrics_public: bool = False,
    ready: Callable[[], Awaitable[Mapping[str, object]]] | None = None,
    picture: Callable[[str], Awaitable[PictureFile | None]] | None = None,
    bot: Bot | None = None,
    behind: Behind | None = None,
    library: Library | None = None,
    port: int = 0,
    limits: Limits | None = None,
    services: Services | None = None,
) -> AsyncIterator[Stage]:
    """Serve the site on a free port until the block ends.

    ``behind`` takes the place of the hand-written bot.
    """
    bot, clock, failures, stop = bot or Bot(), FakeClock(), [], asyncio.Event()
    renderer = renderer or as_shipped.catalogs()
    answering = behind or bot
    chat = WebChat(renderer, clock, answering.recall, answering.hush)

    def failed(failure: Exception) -> str:
        failures.append(failure)
        return "4F7K2M"

    app = create_app(
        Site(
            renderer=renderer,
            chat=chat,
            preview=answering.preview,
            commands=COMMANDS,
            clock=clock,
            zone=LONDON,
            public_url=public_url,
            web_key=KEY,
            force_name="Thames Valley Police",
            demo=demo,
            standins=lambda: True,
            library=library or as_shipped.library(),
            picture=picture or _no_picture,
            ready=ready or _ready,
            metrics=lambda: b"beatline_up 1\n",
            metrics_public=metrics_public,
            hooks=hooks or {},
            failed=failed,
            limits=limits or Limits(),
            services=services,
        )
    )
    bound: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    receiving = asyncio.create_task(chat.run(answering))
    serving = asyncio.create_task(
        serve(app, "127.0.0.1", port, stop=stop, started=bound.set_result)
    )
    try:
        both: set[asyncio.Future[Any]] = {serving, bound}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if bound.done():
            url = f"http://127.0.0.1:{bound.result()}"
            yield Stage(url, bot, chat, clock, failures, stop)
    finally:
        stop.set()
        receiving.cancel()
        with suppress(asyncio.CancelledError):
            await receiving
        await serving


async def _no_picture(_code: str) -> PictureFile | None:
    return None


async def _ready() -> Mapping[str, object]:
    return {"ok": True, "checks": []}
