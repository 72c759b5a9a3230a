"""The web chat: what is said on open pages, held in memory only and never written down."""

import asyncio
import re
import secrets
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

import structlog

from bot.conversation import Address, Answer, Message, OnMessage
from bot.errors import Rejected, TryLater
from bot.model import Point
from bot.ports import Clock, Rendered, RenderedButton, Renderer, Sent
from bot.text import Text, _

MAX_THREADS = 5_000
MAX_LINES = 200
MAX_LETTERS = 40_000
IDLE = timedelta(hours=12)
SWEEP_SECONDS = 600.0
REMEMBERED_UPDATES = 50
# Whoever leaves is not kept waiting for longer; what is stored is cleared behind their back.
LEAVE_SECONDS = 0.25
HUSH_PAUSES = (0.0, 0.5, 5.0)  # seconds before each try

# Translators: Stands in the chat for what the person did; their point itself is not shown.
SHARED = _("Location shared")

log = structlog.get_logger()

# Controls, and marks that would turn the direction of the words around them.
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said: words typed or pressed by the person, or a message of ours."""

    number: int
    said: str | Rendered
    at: datetime

    @property
    def letters(self) -> int:
        if isinstance(self.said, str):
            return len(self.said)
        kept = (each.data for each in (self.said.file, self.said.picture) if each)
        return len(self.said.plain) + sum(map(len, kept))


@dataclass(slots=True, eq=False)
class Thread:
    """One chat as its page shows it.

    ``language`` is the code of the last answer's, None before one. ``shortened`` says that there
    was more than is shown. ``asks_where`` says that a point would answer us. ``version`` changes
    with everything that a page would draw anew.
    """

    used: datetime
    language: str | None = None
    lines: list[Line] = field(default_factory=list)
    shortened: bool = False
    asks_where: bool = False
    version: int = field(default_factory=lambda: secrets.randbelow(2**32))
    next_number: int = 1
    updates: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED_UPDATES))
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def buttons(self) -> tuple[RenderedButton, ...]:
        """The choices still open: those of everything we said since the person last spoke."""
        buttons: list[RenderedButton] = []
        for line in reversed(self.lines):
            if isinstance(line.said, str):
                break
            buttons[:0] = line.said.buttons
        return tuple(buttons)

    def label(self, choice: str) -> str | None:
        """The words on a button of this thread, the newest first."""
        for line in reversed(self.lines):
            if isinstance(line.said, Rendered):
                for button in line.said.buttons:
                    if button.choice == choice:
                        return button.label
        return None

    def add(self, said: str | Rendered, at: datetime) -> Line:
        line = Line(self.next_number, said, at)
        self.next_number += 1
        self.lines.append(line)
        self._shorten()
        self.wake()
        return line

    def empty(self) -> None:
        """Forget everything said, and that there was anything."""
        self.lines.clear()
        self.shortened = False
        self.wake()

    def wake(self) -> None:
        """Tell every open page of this thread to look again."""
        self.version += 1
        self.changed.set()
        self.changed = asyncio.Event()

    def _shorten(self) -> None:
        letters = sum(line.letters for line in self.lines)
        while len(self.lines) > MAX_LINES or (letters > MAX_LETTERS and len(self.lines) > 1):
            letters -= self.lines.pop(0).letters
            self.shortened = True


class WebChat:
    """Conversations on web pages. Implements the Channel port.

    ``recall`` gives the last answer of a chat that this process does not remember, or None;
    ``hush`` makes it None.
    Memory is bounded: the least recently used of ``MAX_THREADS`` threads goes first, the oldest
    lines of a thread go beyond ``MAX_LINES`` or ``MAX_LETTERS``, idle threads after ``IDLE``.
    """

    name = "web"

    def __init__(
        self,
        renderer: Renderer,
        clock: Clock,
        recall: Callable[[Address], Awaitable[Answer | None]],
        hush: Callable[[Address], Awaitable[None]],
    ) -> None:
        self._renderer = renderer
        self._clock = clock
        self._recall = recall
        self._hush = hush
        self._on_message: OnMessage | None = None
        self._threads: OrderedDict[Address, Thread] = OrderedDict()
        self._turns: WeakValueDictionary[Address, asyncio.Lock] = WeakValueDictionary()
        self._leaving: set[asyncio.Task[None]] = set()
        self._in_hand = 0
        self._nothing_in_hand = asyncio.Event()
        self._nothing_in_hand.set()

    @property
    def problem(self) -> str | None:
        return None if self._on_message else "The web chat is not receiving messages."

    async def run(self, on_message: OnMessage) -> None:
        """Take messages from ``post`` until cancelled; the web server brings them."""
        self._on_message = on_message
        try:
            while True:
                await asyncio.sleep(SWEEP_SECONDS)
                self._forget_idle()
        finally:
            self._on_message = None
            await self._nothing_in_hand.wait()

    async def post(
        self,
        address: Address,
        *,
        text: str = "",
        choice: str | None = None,
        point: Point | None = None,
        shown: Text | None = None,
        update: str = "",
        language_hint: str | None = None,
    ) -> int | None:
        """Hear a person and put their words and the answer on their page.

        The page shows ``shown`` in place of ``text``, for a command that was pressed. The same
        ``update`` twice is heard once. Returns the number of the line that shows their words.
        Raises TryLater while the channel is starting or stopping: nothing was taken in.
        """
        if (on_message := self._on_message) is None:
            raise TryLater("the web chat is not receiving", after=5)
        with self._hand():
            thread = await self.thread(address) or self._begin(address)
            async with self._turn(address):
                if update and update in thread.updates:
                    return _last_heard(thread)
                if not thread.lines:
                    # Their page showed the welcome without our knowing them: catch up with it.
                    start = Message(address, "/start", language_hint=language_hint)
                    self._draw(thread, await on_message(start))
                message = Message(
                    address,
                    _HIDDEN.sub("", text),
                    choice=choice,
                    point=point,
                    update=update,
                    language_hint=language_hint,
                )
                answer = await on_message(message)
                thread.updates.append(update)
                self._show(thread, answer, message, shown)
                return _last_heard(thread)

    async def thread(self, address: Address) -> Thread | None:
        """What this chat's page shows; after a restart the last answer, where there is one."""
        if address not in self._threads:
            answer = await self._recall(address)
            if address in self._threads:
                return self._threads[address]
            if answer is None or not answer.replies:
                return None
            thread = self._begin(address)
            thread.shortened = True
            self._draw(thread, answer)
        thread = self._threads[address]
        thread.used = self._clock.now()
        self._threads.move_to_end(address)
        return thread

    async def change(self, address: Address, seen: int) -> int | None:
        """Wait until the page that drew version ``seen`` is out of date; return the new version.

        None when the thread has been forgotten meanwhile.
        """
        while (thread := self._threads.get(address)) and thread.version == seen:
            await thread.changed.wait()
        return thread.version if thread else None

    async def leave(self, address: Address) -> None:
        """Forget what was said, here and in the database; the page then shows the welcome.

        Returns within ``LEAVE_SECONDS``: a slow database is cleared in the background.
        """
        if address in self._threads:
            self._drop(address)
        self._begin(address)  # an empty thread, so that nothing is recalled meanwhile
        clearing = asyncio.create_task(self._clear(address))
        self._leaving.add(clearing)
        clearing.add_done_callback(self._leaving.discard)
        await asyncio.wait({clearing}, timeout=LEAVE_SECONDS)

    async def send(self, to: Address, what: Rendered) -> Sent:
        """Put a message on an open page; who comes later is shown it by ``recall``."""
        thread = self._threads.get(to)
        if thread is None:
            return Sent(to, "")
        line = thread.add(what, self._clock.now())
        return Sent(to, str(line.number))

    def spacing(self, to: Address) -> float:
        return 0.0

    @property
    def drawn(self) -> int:
        return 0  # pages have no pace that answers could take from

    async def edit(self, sent: Sent, what: Rendered) -> None:
        thread, index = self._find(sent)
        if thread is None or index is None:
            raise Rejected("the message is no longer on the page")
        if thread.lines[index].said != what:
            thread.lines[index] = replace(thread.lines[index], said=what)
            thread.wake()

    async def delete(self, sent: Sent) -> None:
        thread, index = self._find(sent)
        if thread is not None and index is not None:
            del thread.lines[index]
            thread.wake()

    async def _clear(self, address: Address) -> None:
        """Clear the stored answer, after those still in the making."""
        with self._hand():
            async with self._turn(address):
                for pause in HUSH_PAUSES:
                    await asyncio.sleep(pause)
                    try:
                        await self._hush(address)
                        break
                    except Exception:
                        log.exception("hush_failed", channel=self.name)

    def _turn(self, address: Address) -> asyncio.Lock:
        """Held while one thing of a chat is dealt with: they are taken in the order they came."""
        return self._turns.setdefault(address, asyncio.Lock())

    @contextmanager
    def _hand(self) -> Iterator[None]:
        """What is done inside is finished before the channel stops."""
        self._in_hand += 1
        self._nothing_in_hand.clear()
        try:
            yield
        finally:
            self._in_hand -= 1
            if not self._in_hand:
                self._nothing_in_hand.set()

    def _begin(self, address: Address) -> Thread:
        self._forget_idle()
        while len(self._threads) >= MAX_THREADS:
            self._drop(next(iter(self._threads)))
        return self._threads.setdefault(address, Thread(self._clock.now()))

    def _forget_idle(self) -> None:
        before = self._clock.now() - IDLE
        while self._threads and next(iter(self._threads.values())).used < before:
            self._drop(next(iter(self._threads)))

    def _drop(self, address: Address) -> None:
        self._threads.pop(address).wake()

    def _find(self, sent: Sent) -> tuple[Thread | None, int | None]:
        thread = self._threads.get(sent.to)
        for index, line in enumerate(thread.lines if thread else ()):
            if str(line.number) == sent.reference:
                return thread, index
        return thread, None

    def _show(self, thread: Thread, answer: Answer, message: Message, shown: Text | None) -> None:
        """Put the person's words and our answer in the thread.

        A reply that replaces moves the message whose button was pressed below the press, so that
        the page still reads from top to bottom. One that hides is all that is left.
        """
        if not answer.replies:
            return  # a repeat that was answered already
        if any(reply.hide for reply in answer.replies):
            thread.empty()
            self._draw(thread, answer)
            return
        heard = self._heard(thread, message, shown, answer.language)
        if message.choice is not None and answer.replies[0].replace:
            _take_last_of_ours(thread)
        if heard:
            thread.add(heard, self._clock.now())
        self._draw(thread, answer)

    def _heard(
        self, thread: Thread, message: Message, shown: Text | None, language: str
    ) -> str | None:
        """What the page shows of what a person did: never where they are."""
        if message.choice is not None:
            return thread.label(message.choice)
        shown = SHARED if message.point else shown
        return self._renderer.plain(shown, language) if shown else message.text

    def _draw(self, thread: Thread, answer: Answer) -> None:
        thread.language = answer.language
        thread.asks_where = any(reply.asks_where for reply in answer.replies)
        for reply in answer.replies:
            thread.add(self._renderer.reply(reply, answer.language), self._clock.now())


def _last_heard(thread: Thread) -> int | None:
    numbers = (line.number for line in reversed(thread.lines) if isinstance(line.said, str))
    return next(numbers, None)


def _take_last_of_ours(thread: Thread) -> None:
    if thread.lines and isinstance(thread.lines[-1].said, Rendered):
        del thread.lines[-1]
