"""The whole outbox of one process: a planner, and a sender for each channel."""

import asyncio
from collections.abc import Sequence

import structlog

from bot.delivery.plan import Planner
from bot.delivery.send import Sender
from bot.errors import OperatorError

LOOK_SECONDS = 0.25
log = structlog.get_logger()


class Outbox:
    """Plans and sends until cancelled."""

    def __init__(self, planner: Planner, senders: Sequence[Sender]) -> None:
        self._planner = planner
        self._senders = senders
        self._woken = asyncio.Event()
        self._problem: str | None = None

    def wake(self) -> None:
        """Look at once: something was released or stopped."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled; then finish what is in flight."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._plan())
            for sender in self._senders:
                group.create_task(sender.run())

    async def probe(self) -> str | None:
        """For ``/readyz``: raises OperatorError when something keeps messages from going out."""
        for problem in (self._problem, *(sender.problem for sender in self._senders)):
            if problem is not None:
                raise OperatorError(problem)
        return None

    async def _plan(self) -> None:
        while True:
            more = False
            try:
                more = await self._planner.step()
                self._problem = None
            except Exception as error:
                if self._problem is None:
                    log.error("planning_failed", exc_info=error)
                self._problem = f"Posts cannot be planned ({type(error).__name__})."
            for sender in self._senders:
                if more:
                    sender.wake()
            await self._rest(0.0 if more else LOOK_SECONDS)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()
