"""The outbox of one process: a planner, a sender for each channel, and what else is regular."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from bot.delivery.plan import Planner
from bot.delivery.send import Sender
from bot.errors import OperatorError
from bot.store.database import trouble

LOOK_SECONDS = 0.05
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Duty:
    """Something done again and again, so many seconds apart. ``name`` completes "fails at"."""

    name: str
    do: Callable[[], Awaitable[None]]
    seconds: float


class Outbox:
    """Plans, where there is a planner, and sends until cancelled."""

    def __init__(
        self, planner: Planner | None, senders: Sequence[Sender], duties: Sequence[Duty] = ()
    ) -> None:
        self._planner = planner
        self._senders = senders
        planning = [] if planner is None else [Duty("planning", self._plan, LOOK_SECONDS)]
        self._duties = [*planning, *duties]
        self._problems: dict[str, str] = {}

    async def run(self) -> None:
        """Work until cancelled; then finish what is in flight."""
        async with asyncio.TaskGroup() as group:
            for duty in self._duties:
                group.create_task(self._keep(duty))
            for sender in self._senders:
                group.create_task(sender.run())
            await asyncio.Event().wait()  # there may be nothing to do here but to be cancelled

    async def probe(self) -> None:
        """For ``/readyz``: raises OperatorError when something keeps messages from going out."""
        for problem in (*self._problems.values(), *(each.problem for each in self._senders)):
            if problem is not None:
                raise OperatorError(problem)

    async def _keep(self, duty: Duty) -> None:
        """Do a duty again and again; a failure is logged once, shown, and tried again."""
        while True:
            try:
                await duty.do()
                self._problems.pop(duty.name, None)
            except Exception as error:
                if duty.name not in self._problems:
                    log.exception("duty_failed", duty=duty.name)
                self._problems[duty.name] = f"The outbox fails at {duty.name}: {trouble(error)}."
            await asyncio.sleep(duty.seconds)

    async def _plan(self) -> None:
        while self._planner is not None and await self._planner.step():
            for sender in self._senders:
                sender.wake()
