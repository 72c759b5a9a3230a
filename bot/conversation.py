"""What is said and answered: messages, replies, and the router that joins them to handlers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from bot.model import Point, Subscriber
from bot.text import Text

if TYPE_CHECKING:
    from bot.services import Services

MAX_CHOICE_BYTES = 64


@dataclass(frozen=True, slots=True)
class Address:
    """Where a chat is: a channel's name and the provider's id for it. Never logged."""

    channel: str
    id: str

    def __repr__(self) -> str:
        return f"Address({self.channel!r}, …)"

    __str__ = __repr__


AttachmentKind: TypeAlias = Literal[
    "photo", "video", "voice", "audio", "document", "sticker", "contact", "live location", "other"
]


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something other than words that came with a message.

    ``size`` is in bytes, None where the channel does not say. ``open`` fetches the content; it is
    None where a channel hands none over. Only a step that takes files calls it. ``as_file`` says
    that the content is as its maker left it: a messenger shrinks what is sent as a picture.
    """

    kind: AttachmentKind
    size: int | None = None
    open: Callable[[], Awaitable[bytes]] | None = field(default=None, repr=False, compare=False)
    as_file: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One thing a person did: typed words, pressed a button, shared a point.

    ``choice`` is the id on the pressed button (hostile until checked). ``update`` names the
    provider's delivery, so that a repeat is known; empty where a channel has no repeats.
    ``language_hint`` is the client's own setting, used for this answer only and never stored.
    ``edited`` says that earlier words were changed. In a ``group`` only ``from_admin`` is heard.
    """

    address: Address
    text: str = ""
    choice: str | None = None
    point: Point | None = None
    attachments: tuple[Attachment, ...] = ()
    update: str = ""
    language_hint: str | None = None
    edited: bool = False
    group: bool = False
    from_admin: bool = False

    def __repr__(self) -> str:
        return f"Message({self.address!r}, …)"


@dataclass(frozen=True, slots=True)
class Button:
    """A choice a person can press, or make by typing its label or its number.

    ``choice`` is a compact id of at most 64 bytes: a route and its arguments, ``route:a:b``.
    """

    label: Text
    choice: str

    def __post_init__(self) -> None:
        if len(self.choice.encode()) > MAX_CHOICE_BYTES:
            raise ValueError(f"a choice id holds at most {MAX_CHOICE_BYTES} bytes: {self.choice}")


@dataclass(frozen=True, slots=True)
class File:
    """Something to keep: UTF-8 text, so that a channel without files can show it as words."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Illustration:
    """A picture beside words, without its content, which the Pictures port finds by ``name``.

    ``width`` and ``height`` are pixels. ``alt`` tells it to those who cannot see it; ``caption``
    explains it to those who do, where the picture needs that.
    """

    name: str
    width: int
    height: int
    alt: Text
    caption: Text | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers: paragraphs, buttons, and the step that expects the next words.

    ``replace`` asks the channel to redraw the message whose button was pressed, where it can.
    ``new_language`` tells the channel that its menus must be drawn anew for this chat.
    ``asks_where`` says that a point would answer it, so a channel may offer to share one.
    ``file`` comes with the words and is kept nowhere. ``hide`` asks the channel to take back what
    it can of this chat before the reply is drawn. ``picture`` goes with the words. ``private``
    keeps this part of the talk in memory: nothing of it is stored, neither the words nor that
    there were any. ``takes_files`` says that photos and videos would answer it; anywhere else
    they are refused.
    """

    text: Text | Sequence[Text]
    buttons: Sequence[Button] = ()
    expects: str | None = None
    replace: bool = False
    new_language: bool = False
    asks_where: bool = False
    file: File | None = None
    hide: bool = False
    picture: Illustration | None = None
    private: bool = False
    takes_files: bool = False

    @property
    def paragraphs(self) -> tuple[Text, ...]:
        return (self.text,) if isinstance(self.text, Text) else tuple(self.text)


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything to be drawn for one message, in order, in one language."""

    replies: tuple[Reply, ...]
    language: str


OnMessage: TypeAlias = Callable[[Message], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler is given.

    ``args`` are the words after a command. ``choice`` holds the arguments of a pressed button.
    ``danger`` says that the words asked for help, which was given before the handler is called.
    ``language`` is that of the answer: what the resident chose, or else the client's own. The
    latter is for this answer only; what is stored or passed on goes by ``resident.language``.
    """

    message: Message
    resident: Subscriber
    services: Services
    language: str
    args: str = ""
    choice: tuple[str, ...] = ()
    danger: bool = False


Handler: TypeAlias = Callable[[Context], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Command:
    """A word that starts a conversation, with its line in the channel's menu (None: unlisted).

    ``word`` is its English name as a text: people may type its translation as well.
    """

    word: Text
    handler: Handler
    menu: Text | None

    @property
    def name(self) -> str:
        return self.word.message


_NAME = re.compile(r"[a-z]+")
_STEP = re.compile(r"[a-z]+(\.[a-z_]+)*")


@dataclass(slots=True)
class Router:
    """Joins commands, expected answers and button presses to handlers.

    The handlers of a ``private`` router are called without a record being made of the person;
    every reply of theirs is private.
    """

    private: bool = False
    commands: dict[str, Command] = field(default_factory=dict)
    answers: dict[str, Handler] = field(default_factory=dict)
    choices: dict[str, Handler] = field(default_factory=dict)
    otherwise: Handler | None = None
    private_handlers: set[Handler] = field(default_factory=set)

    def command(self, word: Text, menu: Text | None = None) -> Callable[[Handler], Handler]:
        """Handle ``/word``, in English and in translation; ``menu`` is its one-line description."""
        name = word.message
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a command name: {name}")

        def register(handler: Handler) -> Handler:
            _once(self.commands, name)
            self.commands[name] = Command(word, handler, menu)
            return self._noted(handler)

        return register

    def answer(self, step: str) -> Callable[[Handler], Handler]:
        """Handle the next words after a reply that ``expects`` this step."""
        return self._add(self.answers, step)

    def choice(self, route: str) -> Callable[[Handler], Handler]:
        """Handle a press of a button whose choice id is ``route`` or ``route:arguments``."""
        return self._add(self.choices, route)

    def fallback(self, handler: Handler) -> Handler:
        """Handle what nothing else does."""
        self.otherwise = handler
        return handler

    def include(self, other: Router) -> None:
        """Take in another router's handlers. Raises ValueError where a name is taken."""
        self.otherwise = other.otherwise or self.otherwise
        self.private_handlers |= other.private_handlers
        for mine, theirs in (
            (self.commands, other.commands),
            (self.answers, other.answers),
            (self.choices, other.choices),
        ):
            for name, handler in theirs.items():
                _once(mine, name)
                mine[name] = handler  # type: ignore[assignment]  # same kind on both sides

    def _add(self, table: dict[str, Handler], name: str) -> Callable[[Handler], Handler]:
        if not _STEP.fullmatch(name):
            raise ValueError(f"not a step name: {name}")

        def register(handler: Handler) -> Handler:
            _once(table, name)
            table[name] = handler
            return self._noted(handler)

        return register

    def _noted(self, handler: Handler) -> Handler:
        if self.private:
            self.private_handlers.add(handler)
        return handler


def _once(table: dict[str, object] | dict[str, Command] | dict[str, Handler], name: str) -> None:
    if name in table:
        raise ValueError(f"two handlers for {name}")
