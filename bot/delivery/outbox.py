"""The outbox of one process: a planner, a sender for each channel, and a look at the queue."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from bot import metrics
from bot.delivery.plan import Planner
from bot.delivery.send import Sender
from bot.errors import OperatorError
from bot.ports import Clock
from bot.store import deliveries
from bot.store.database import Database

LOOK_SECONDS = 0.05
COUNT_SECONDS = 15.0
log = structlog.get_logger()


class Outbox:
    """Plans and sends until cancelled."""

    def __init__(
        self, database: Database, clock: Clock, planner: Planner, senders: Sequence[Sender]
    ) -> None:
        self._database = database
        self._clock = clock
        self._planner = planner
        self._senders = senders
        self._problems: dict[str, str] = {}

    async def run(self) -> None:
        """Work until cancelled; then finish what is in flight."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep("planning", self._plan, LOOK_SECONDS))
            group.create_task(self._keep("counting", self._count, COUNT_SECONDS))
            for sender in self._senders:
                group.create_task(sender.run())

    async def probe(self) -> None:
        """For ``/readyz``: raises OperatorError when something keeps messages from going out."""
        for problem in (*self._problems.values(), *(each.problem for each in self._senders)):
            if problem is not None:
                raise OperatorError(problem)

    async def _keep(self, name: str, duty: Callable[[], Awaitable[None]], seconds: float) -> None:
        """Do a duty again and again; a failure is logged once, shown, and tried again."""
        while True:
            try:
                await duty()
                self._problems.pop(name, None)
            except Exception as error:
                if name not in self._problems:
                    log.exception("duty_failed", duty=name)
                self._problems[name] = f"The outbox fails at {name} ({type(error).__name__})."
            await asyncio.sleep(seconds)

    async def _plan(self) -> None:
        while await self._planner.step():
            for sender in self._senders:
                sender.wake()

    async def _count(self) -> None:
        now = self._clock.now()
        async with self._database.read() as connection:
            depth = await deliveries.depth(connection, now)
            oldest = await deliveries.oldest_due(connection, now)
        metrics.queued.clear()
        for (channel, priority), count in depth.items():
            metrics.queued.labels(channel, str(priority)).set(count)
        metrics.oldest_due.clear()
        for channel, due in oldest.items():
            metrics.oldest_due.labels(channel).set((now - due).total_seconds())
