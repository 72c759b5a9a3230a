"""How often one chat may send a concern or try a receipt code. Threat-model, section 6.

Safety information is never limited. Who is counted is known by a keyed hash alone, in memory; the
key is new each day and at every start, so that nothing leads from a count to a person.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil

from bot.conversation import Address
from bot.errors import UserError
from bot.ports import Clock
from bot.text import Text, _n

MOST_CHATS = 50_000
"""Of those beyond, the ones counted longest ago are forgotten; ceilings for everyone still hold."""

WRONG_UNNOTICED = 100
WRONG_AT_FULL_BRAKE = 1_000
LONGEST_PAUSE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in a stretch of time."""

    most: int
    within: timedelta


CONCERNS = (Limit(3, timedelta(hours=1)), Limit(8, timedelta(days=1)))
CODES = (Limit(20, timedelta(hours=1)),)


@dataclass(slots=True)
class _Counts:
    concerns: list[datetime] = field(default_factory=list)
    codes: list[datetime] = field(default_factory=list)


class Limits:
    """Counts what each chat did today."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._day = date.min
        self._key = b""
        self._chats: OrderedDict[bytes, _Counts] = OrderedDict()

    @contextmanager
    def concern(self, address: Address) -> Iterator[None]:
        """Count a concern that is taken within the block, and none that is not.

        Raises UserError, which says how long to wait, for one too many.
        """
        times = self._counts(address).concerns
        minutes = _taken(times, CONCERNS, self._clock.now())
        if minutes:
            raise UserError(_too_many_concerns(minutes))
        try:
            yield
        except Exception:
            times.pop()  # one chat has one message in hand at a time, so it is the one from above
            raise

    def take_code(self, address: Address) -> None:
        """Count a try of a receipt code. Raises UserError as ``concern``."""
        minutes = _taken(self._counts(address).codes, CODES, self._clock.now())
        if minutes:
            raise UserError(_too_many_codes(minutes))

    def _counts(self, address: Address) -> _Counts:
        today = self._clock.now().date()
        if today != self._day:
            self._day, self._key = today, secrets.token_bytes(32)
            self._chats.clear()
        name = f"{address.channel}:{address.id}".encode()
        chat = hmac.digest(self._key, name, hashlib.sha256)
        counts = self._chats.setdefault(chat, _Counts())
        self._chats.move_to_end(chat)
        if len(self._chats) > MOST_CHATS:
            self._chats.popitem(last=False)
        return counts


def _taken(times: list[datetime], limits: Sequence[Limit], now: datetime) -> int:
    """Add a time unless a limit is reached. Returns the minutes to wait, 0 where it was added."""
    waits = [
        times[-limit.most] + limit.within - now for limit in limits if len(times) >= limit.most
    ]
    longest = max(waits, default=timedelta())
    if longest > timedelta():
        return ceil(longest / timedelta(minutes=1))
    times.append(now)
    return 0


def _too_many_concerns(minutes: int) -> Text:
    # Translators: {count} is a number of minutes, such as 25.
    return _n(
        "Nothing was sent. You have sent several concerns, so please wait {count} minute. "
        "In danger, call 999. To tell the police now, call 101.",
        "Nothing was sent. You have sent several concerns, so please wait {count} minutes. "
        "In danger, call 999. To tell the police now, call 101.",
        minutes,
    )


def _too_many_codes(minutes: int) -> Text:
    # Translators: {count} is a number of minutes, such as 25.
    return _n(
        "You have tried many codes. Please wait {count} minute and try again. In danger, call 999.",
        "You have tried many codes. Please wait {count} minutes and try again. "
        "In danger, call 999.",
        minutes,
    )


class Brake:
    """Slows every look at a mailbox while many wrong codes come from everyone together.

    It never locks anybody out, and slows right and wrong codes alike.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: deque[datetime] = deque(maxlen=WRONG_AT_FULL_BRAKE)

    def count_wrong(self) -> None:
        self._wrong.append(self._clock.now())

    @property
    def pause(self) -> timedelta:
        """How long to wait before the next look: the more wrong codes in an hour, the longer."""
        hour_ago = self._clock.now() - timedelta(hours=1)
        while self._wrong and self._wrong[0] <= hour_ago:
            self._wrong.popleft()
        return LONGEST_PAUSE * max(0, len(self._wrong) - WRONG_UNNOTICED) / WRONG_AT_FULL_BRAKE
