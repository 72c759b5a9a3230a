"""How much one moment may bring: new chats from everyone together, open pages of one chat."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from bot.conversation import Address


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers. Whoever is known to us is never held up by those for new chats.

    ``uploads_at_once`` bounds the memory that they take, some 60 MB each.

    At once: when a link to the chat is passed around, many come in the same minute.
    """

    new_chats_at_once: int = 1_000
    new_chats_a_second: int = 10
    streams_a_chat: int = 10
    uploads_at_once: int = 8


class NewChats:
    """A leaky bucket: each new chat fills it by one, and it drains steadily."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._filled = 0.0
        self._at: datetime | None = None

    def admit(self, now: datetime) -> bool:
        """Whether one more chat may begin now; if so, it counts."""
        passed = max(0.0, (now - (self._at or now)).total_seconds())
        self._filled = max(0.0, self._filled - passed * self._limits.new_chats_a_second)
        self._at = now
        if self._filled + 1 > self._limits.new_chats_at_once:
            return False
        self._filled += 1
        return True


class Uploads:
    """The files that are being taken in, each of which is held in memory as a whole."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._in_hand = 0

    @contextmanager
    def room(self) -> Iterator[bool]:
        """Gives whether one more may be taken in; if so, it counts until the block ends."""
        has_room = self._in_hand < self._limits.uploads_at_once
        self._in_hand += has_room
        try:
            yield has_room
        finally:
            self._in_hand -= has_room


class Streams:
    """The streams to the open pages of each chat; beyond the limit the oldest is let go."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open: dict[Address, list[asyncio.Event]] = {}

    @contextmanager
    def open(self, address: Address) -> Iterator[asyncio.Event]:
        """Gives the event that lets this stream go."""
        let_go = asyncio.Event()
        mine = self._open.setdefault(address, [])
        mine.append(let_go)
        for oldest in mine[: -self._limits.streams_a_chat]:
            oldest.set()
            mine.remove(oldest)
        try:
            yield let_go
        finally:
            if let_go in mine:
                mine.remove(let_go)
                if not mine:
                    del self._open[address]
