"""The coarse jobs of one `work` process on PostgreSQL, carried by procrastinate.

Any number of such processes may run; procrastinate sees that each periodic job is done by one of
them. It does not take up again what a killed process had begun, so a job of ours does that.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog
from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import DeleteJobCondition, Status

from bot.delivery.plan import Planner
from bot.errors import OperatorError
from bot.services import Services
from bot.store.jobs import PLAN, QUEUE, plan_lock

AT_ONCE = 4
FINISH_SECONDS = 10.0
LOOK_SECONDS = 0.25
PAUSE_SECONDS = 5.0
_NIGHTLY = "30 3 * * *"
_HOURLY = "10 * * * *"
_EVERY_FIVE_SECONDS = "* * * * * */5"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a process shows that it lives, in seconds; what it had begun is then left to it.

    A job that is taken up too early does no harm: it is done twice side by side, to one end.
    """

    beat: float = 2.0
    dead_after: float = 10.0


class Jobs:
    """Plans posts, keeps the nightly duties, and takes up what others left."""

    def __init__(
        self, url: str, planner: Planner, services: Services, pulse: Pulse | None = None
    ) -> None:
        self._planner = planner
        self._services = services
        self._pulse = pulse or Pulse()
        self._url = url
        self._problem: str | None = None

    async def probe(self) -> None:
        """For ``/readyz``: raises OperatorError when jobs cannot be done."""
        if self._problem is not None:
            raise OperatorError(self._problem)

    async def run(self) -> None:
        """Work until cancelled; then finish what is in hand. A lost database is tried again."""
        while True:
            try:
                async with _opened(self._app()) as app:
                    self._problem = None
                    await self._work(app)
            except Exception as error:
                if self._problem is None:
                    log.exception("duty_failed", duty="jobs")
                self._problem = f"Jobs cannot be done ({type(error).__name__})."
            await asyncio.sleep(PAUSE_SECONDS)

    async def plan(self, post: int) -> None:
        """Plan pages, always of the most urgent post, until this one is all planned."""
        while post in await self._planner.left():
            if not await self._planner.step():
                # It is not time yet, another process has it, or messages it follows are on
                # their way.
                await asyncio.sleep(LOOK_SECONDS)

    async def purge(self, timestamp: int) -> None:
        """The nightly duties."""
        await self._services.residents.purge()
        await self._services.posts.purge()
        await self._services.concerns.purge()
        await self._services.meetings.purge()
        await self._services.advice.purge()

    async def read_police(self, timestamp: int) -> None:
        """The figures and teams that the police publish."""
        await self._services.numbers.keep_up()
        await self._services.rosters.refresh()

    async def advise(self, timestamp: int) -> None:
        """Choose the week's advice, once it is time."""
        await self._services.advice.plan_week()

    async def _work(self, app: App) -> None:
        await app.run_worker_async(
            queues=[QUEUE],
            concurrency=AT_ONCE,
            install_signal_handlers=False,
            fetch_job_polling_interval=LOOK_SECONDS,
            shutdown_graceful_timeout=FINISH_SECONDS,
            update_heartbeat_interval=self._pulse.beat,
            stalled_worker_timeout=self._pulse.dead_after,
            delete_jobs=DeleteJobCondition.ALWAYS,
        )

    def _app(self) -> App:
        connector = PsycopgConnector(conninfo=self._url, min_size=1, max_size=AT_ONCE)
        app = App(connector=connector)

        async def take_up(timestamp: int) -> None:
            await self._take_up(app)

        app.task(name=PLAN, queue=QUEUE, retry=RetryStrategy(wait=2))(self.plan)
        for name, cron, duty in (
            ("purge", _NIGHTLY, self.purge),
            ("read police", _NIGHTLY, self.read_police),
            ("advice", _HOURLY, self.advise),
            ("take up", _EVERY_FIVE_SECONDS, take_up),
        ):
            app.periodic(cron=cron)(app.task(name=name, queue=QUEUE, queueing_lock=name)(duty))
        return app

    async def _take_up(self, app: App) -> None:
        """Put jobs of dead processes back in the queue, and posts there that have no job."""
        stalled = await app.job_manager.get_stalled_jobs(
            queue=QUEUE, seconds_since_heartbeat=self._pulse.dead_after
        )
        for job in stalled:
            log.warning("job_taken_up", duty=job.task_name)
            try:
                await app.job_manager.retry_job(job)
            except UniqueViolation:  # the same is waiting already
                await app.job_manager.finish_job(job, Status.ABORTED, delete_job=True)
        for post, moment in (await self._planner.left()).items():
            lock = plan_lock(post)
            if not await app.job_manager.list_jobs_async(queueing_lock=lock):
                waiting = app.configure_task(
                    PLAN, queue=QUEUE, queueing_lock=lock, schedule_at=moment
                )
                with suppress(AlreadyEnqueued):
                    await waiting.defer_async(post=post)


@asynccontextmanager
async def _opened(app: App) -> AsyncIterator[App]:
    """The app with its connections, which a stop never cuts off half open: they would not end."""
    opening = asyncio.create_task(_open(app))
    try:
        await asyncio.shield(opening)
        yield app
    finally:
        with suppress(ConnectorException):
            await opening
        await app.close_async()


async def _open(app: App) -> None:
    await app.open_async()
