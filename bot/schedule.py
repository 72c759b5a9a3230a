"""The clock: each trigger calls one service method. APScheduler is a clock only, no store."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.services import Services

log = structlog.get_logger()


class SystemClock:
    """The Clock port: the machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def schedule(services: Services) -> AsyncIOScheduler:
    """A scheduler, not yet started, with every regular duty in it."""
    scheduler = AsyncIOScheduler(timezone=UTC)
    nightly = CronTrigger(hour=3, minute=30, timezone=UTC)
    hourly = CronTrigger(minute=10, timezone=UTC)
    for name, duty, often in (
        ("purge", services.residents.purge, nightly),
        ("purge of posts", services.posts.purge, nightly),
        ("purge of concerns", services.concerns.purge, nightly),
        ("purge of meetings", services.meetings.purge, nightly),
        ("purge of advice", services.advice.purge, nightly),
        ("advice", services.advice.plan_week, hourly),
    ):
        scheduler.add_job(
            _guarded(name, duty),
            often,
            coalesce=True,
            misfire_grace_time=None,
        )
    for name, duty in {
        "numbers": services.numbers.keep_up,
        "teams": services.rosters.refresh,
    }.items():
        scheduler.add_job(
            _guarded(name, duty),
            CronTrigger(hour=4, timezone=UTC),
            next_run_time=datetime.now(UTC),  # at a start too: what is there is not read again
            coalesce=True,
            misfire_grace_time=None,
        )
    return scheduler


def _guarded(name: str, duty: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
    """A duty that logs its failure instead of ending the clock; the next turn tries again."""

    async def run() -> None:
        try:
            await duty()
        except Exception:
            log.exception("duty_failed", duty=name)

    return run
