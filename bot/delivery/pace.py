"""The pace of one token, shared by all who send with it: slots leased from one row."""

import math
from dataclasses import dataclass

from bot.store import pacing
from bot.store.database import Connection

TICK = 0.02
"""Seconds between two looks at the outbox while there is something to do."""
LONGEST_TICK = 0.2
SLACK = 2 * TICK
"""Seconds of unused slots that may be made up for: never a twentieth more in any second."""
CUT = 0.7
REGROWTH = 1.1  # a second


@dataclass(slots=True)
class Pace:
    """``rate`` is messages a second at best. After the provider says "too many" everyone pauses,
    goes on more slowly, and grows back by a tenth a second.
    """

    token: int
    rate: float
    tick: float = TICK

    def took(self, seconds: float) -> None:
        """Learn how long a tick takes here, so that slots are leased far enough ahead."""
        self.tick += (max(TICK, min(LONGEST_TICK, seconds)) - self.tick) / 10

    async def room(self, connection: Connection) -> tuple[int, float]:
        """How many slots begin within the next two ticks, and the messages a second as of now."""
        pace = await pacing.read(connection, self.token)
        rate, free = self.now(pace), pace.now - pace.next_free
        slots = math.floor((min(free, SLACK) + 2 * self.tick) * rate)
        return (slots if slots > 0 else int(free > -TICK)), rate

    async def lease(self, connection: Connection, slots: int, rate: float) -> "Slots":
        """Take the next slots."""
        return Slots(await pacing.lease(connection, self.token, slots, rate, SLACK), 1 / rate)

    async def pause(self, connection: Connection, seconds: float) -> None:
        """Hold everyone who sends with this token, and cut the rate."""
        rate = self.now(await pacing.read(connection, self.token))
        await pacing.pause(connection, self.token, seconds, rate=rate, cut=CUT)

    def now(self, pace: pacing.Pace) -> float:
        """Messages a second, for a row as it was read."""
        if pace.rate is None or pace.cut_at is None:
            return self.rate
        grown: float = REGROWTH ** min(100.0, max(0.0, pace.now - pace.cut_at))
        return min(self.rate, max(1.0, pace.rate * grown))


@dataclass(frozen=True, slots=True)
class Slots:
    """When messages may begin: the first in ``first`` seconds, then one every ``step``."""

    first: float
    step: float

    def delay(self, number: int) -> float:
        return max(0.0, self.first + number * self.step)
