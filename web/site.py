"""What the pages are given by the rest of the service."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.conversation import Address, Answer, Command
from bot.model import PictureFile, Point
from bot.ports import Clock, Rendered, RenderedButton, Renderer
from bot.services import Services
from bot.services.articles import Library
from bot.text import Text
from web.limits import Limits


class Line(Protocol):
    """One thing said in a chat: by the person (``str``) or by us."""

    @property
    def number(self) -> int: ...

    @property
    def said(self) -> str | Rendered: ...

    @property
    def at(self) -> datetime: ...


class Thread(Protocol):
    """One chat as its page shows it; see ``channels/webchat.py``."""

    @property
    def language(self) -> str | None: ...

    @property
    def lines(self) -> Sequence[Line]: ...

    @property
    def buttons(self) -> Sequence[RenderedButton]: ...

    @property
    def shortened(self) -> bool: ...

    @property
    def asks_where(self) -> bool: ...

    @property
    def takes_files(self) -> bool: ...

    @property
    def private(self) -> bool: ...

    @property
    def version(self) -> int: ...


class Chat(Protocol):
    """The web chat channel, as the pages use it."""

    async def post(
        self,
        address: Address,
        *,
        text: str = "",
        choice: str | None = None,
        point: Point | None = None,
        file: bytes = b"",
        shown: Text | None = None,
        update: str = "",
        language_hint: str | None = None,
    ) -> int | None: ...

    async def thread(self, address: Address) -> Thread | None: ...

    async def change(self, address: Address, seen: int) -> int | None: ...

    async def leave(self, address: Address) -> None: ...


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a provider posts its updates: an unguessable path and the secret it must show.

    ``receive`` is awaited with the body before the provider is told that all is well.
    """

    path: str
    secret: str
    receive: Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Everything the pages need; ``bot/app.py`` fills it in.

    ``preview`` draws the welcome for someone not yet known, in a language code; it stores nothing.
    ``commands`` are those of the bot; the page's menu lists the ones with a line of their own.
    ``library`` holds the advice.
    ``picture`` gives a picture by its name, None where there is none to be seen.
    ``web_key`` is at least 32 bytes, for session addresses and form tokens. ``ready`` gives the
    report of ``/readyz``, whose ``ok`` decides between 200 and 503. ``metrics`` is Prometheus text.
    ``hooks`` are by channel name. ``failed`` logs a bug and returns its reference number.
    ``services`` is None where there are no areas to show.
    """

    renderer: Renderer
    chat: Chat
    preview: Callable[[str], Awaitable[Answer]]
    commands: Sequence[Command]
    clock: Clock
    zone: ZoneInfo
    public_url: str
    web_key: bytes
    force_name: str
    demo: bool
    standins: Callable[[], bool]
    library: Library
    picture: Callable[[str], Awaitable[PictureFile | None]]
    ready: Callable[[], Awaitable[Mapping[str, object]]]
    metrics: Callable[[], bytes]
    metrics_public: bool
    hooks: Mapping[str, Hook]
    failed: Callable[[Exception], str]
    limits: Limits = field(default_factory=Limits)
    services: Services | None = None
