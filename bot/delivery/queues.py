"""How the outbox stands: for `beatline status`, /metrics and /readyz, from any process."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta

from bot import metrics
from bot.delivery.pace import Pace
from bot.errors import OperatorError
from bot.model import Priority
from bot.ports import Clock
from bot.store import pacing, posts, queues
from bot.store.database import Connection, Database
from bot.store.queues import Queued

STANDS_STILL = timedelta(minutes=1)
"""How long a message may be due while none gets through, before it is said that all stand still.

A bulk send keeps messages waiting for hours, but then others get through."""

PLANNED_WITHIN = timedelta(minutes=3)
"""A correction waits that long at most, for messages of its original that are on their way."""


@dataclass(frozen=True, slots=True)
class Queue:
    """One channel. Times are in seconds, ``pace`` in messages a second as of now.

    ``due`` is by priority, ``later`` what waits for a digest or the end of quiet hours. ``paused``
    is how long the provider makes us wait still, and ``holds`` how often it did.
    ``since_last`` is None when no message ever got through. ``unknown`` may have arrived.
    """

    due: Mapping[int, int]
    later: int
    in_flight: int
    oldest_due: float | None
    since_last: float | None
    pace: float
    full_pace: float
    paused: float
    holds: int
    unknown: int

    @property
    def stands_still(self) -> bool:
        """Whether messages are due, may go out, and none does."""
        longest = STANDS_STILL.total_seconds()
        waited = self.oldest_due is not None and self.oldest_due > longest
        silent = self.since_last is None or self.since_last > longest
        return waited and silent and self.paused == 0

    def as_dict(self) -> dict[str, object]:
        """As JSON shows it, with the state in it."""
        return asdict(self) | {"stands_still": self.stands_still}


class Queues:
    """The queues of all channels. ``rates`` are messages a second, at best, by channel."""

    def __init__(self, database: Database, clock: Clock, rates: Mapping[str, float]) -> None:
        self._database = database
        self._clock = clock
        self._rates = rates

    async def look(self) -> dict[str, Queue]:
        """Every channel that ever sent or was planned for, by name."""
        async with self._database.read() as connection:
            found = await queues.queued(connection, self._clock.now())
            return {name: await self._queue(connection, name, each) for name, each in found.items()}

    async def count(self) -> None:
        """Bring the figures of /metrics up to date."""
        metrics.show_queues({name: asdict(each) for name, each in (await self.look()).items()})

    async def probe(self) -> str | None:
        """For /readyz. Raises OperatorError when messages are due and none gets through, or when
        nobody plans what was released."""
        found = await self.look()
        if still := [name for name, each in found.items() if each.stands_still]:
            raise OperatorError(
                f"Messages over {' and '.join(still)} are due, but for a minute none got through: "
                "see that a process with the role send runs, and what its log says."
            )
        if waiting := await self._not_planned():
            raise OperatorError(
                f"{waiting} post(s) wait to be planned: see that a process with the role work "
                "runs, and what its log says."
            )
        paused = [f"{name} for {each.paused:.0f} s" for name, each in found.items() if each.paused]
        return f"told to wait by {', '.join(paused)}" if paused else None

    async def _not_planned(self) -> int:
        now = self._clock.now()
        async with self._database.read() as connection:
            return await posts.not_begun(connection, now, now - PLANNED_WITHIN)

    async def _queue(self, connection: Connection, name: str, queued: Queued) -> Queue:
        pace = await pacing.read(connection, queued.token)
        full = self._rates.get(name, 0.0)
        now = self._clock.now()
        oldest = queued.oldest_due
        return Queue(
            due={int(priority): queued.due.get(priority, 0) for priority in Priority},
            later=queued.later,
            in_flight=queued.in_flight,
            oldest_due=None if oldest is None else (now - oldest).total_seconds(),
            since_last=None if pace.moved_at is None else max(0.0, pace.now - pace.moved_at),
            pace=Pace(queued.token, full).now(pace),
            full_pace=full,
            paused=max(0.0, (pace.cut_at or 0.0) - pace.now),
            holds=pace.holds,
            unknown=queued.unknown,
        )
