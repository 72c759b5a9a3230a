"""Work on PostgreSQL: released posts are planned, also those a killed process had begun."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.catalogs import Catalogs
from bot.jobs import Jobs, Pulse
from bot.model import Post
from bot.services import Services
from bot.store.database import Database
from tests.conftest import FakeClock
from tests.databases import Databases
from tests.delivery.stage import Stage, set_stage

QUICK = Pulse(beat=0.1, dead_after=1.0)
AT_MOST = 30.0


@pytest.fixture
def database_url(postgres_server: str, tmp_path: Path, databases: Databases) -> Iterator[str]:
    """Jobs are for PostgreSQL alone."""
    with databases.lent("subscriptions", tmp_path, postgres_server) as url:
        yield url


@pytest.fixture
async def stage(database: Database, clock: FakeClock, catalogs: Catalogs) -> Stage:
    clock.set(datetime.now(UTC))  # the database keeps the time of jobs
    stage = await set_stage(database, clock, catalogs)
    await stage.follower("1")
    return stage


@pytest.fixture
def jobs(stage: Stage, services: Services, database_url: str) -> Jobs:
    return Jobs(database_url, stage.planner, services, QUICK)


@asynccontextmanager
async def working(*several: Jobs) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(each.run()) for each in several]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


@pytest.mark.parametrize("moment", [0.0, 0.005, 0.01, 0.05])
async def test_a_stop_ends_it_also_in_the_moment_it_starts(jobs: Jobs, moment: float) -> None:
    running = asyncio.create_task(jobs.run())
    await asyncio.sleep(moment)
    running.cancel()
    async with asyncio.timeout(AT_MOST):
        await asyncio.wait({running})
    assert running.cancelled()


async def planned(stage: Stage, *posts: Post) -> None:
    """Wait until these posts are in the outbox."""
    async with asyncio.timeout(AT_MOST):
        for each in posts:
            while (await stage.posts.show(each.code)).planned_at is None:  # noqa: ASYNC110  # a database tells nobody
                await asyncio.sleep(0.02)


async def run_sql(stage: Stage, statement: str) -> None:
    async with stage.database.write() as connection:
        await connection.execute(text(statement))


async def test_a_released_post_is_planned_once_by_several_processes(
    stage: Stage, jobs: Jobs, services: Services, database_url: str
) -> None:
    async with working(jobs, Jobs(database_url, stage.planner, services, QUICK)):
        released = [await stage.release(f"News {number}.") for number in range(5)]
        await planned(stage, *released)
    for post in released:
        assert (await stage.report(post)).audience == 1


async def test_a_correction_is_planned_once_its_original_is_settled(
    stage: Stage, jobs: Jobs
) -> None:
    async with working(jobs):
        post = await stage.alert()  # at any hour at which this test is run
        await planned(stage, post)
        assert await stage.sender.tick() == 1
        correction = await stage.posts.correct(post.code, "No flood.", "tests", now=True)
        await stage.sender.settle()
        await planned(stage, correction)
    assert (await stage.report(correction)).audience == 1


async def test_what_a_killed_process_had_begun_is_taken_up_again(stage: Stage, jobs: Jobs) -> None:
    post = await stage.release()
    await run_sql(
        stage,
        "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat) "
        "VALUES (now() - interval '1 hour') RETURNING id) "
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = dead.id FROM dead",
    )
    async with working(jobs):
        await planned(stage, post)
    assert (await stage.report(post)).audience == 1


async def test_a_released_post_whose_job_is_lost_is_planned_all_the_same(
    stage: Stage, jobs: Jobs
) -> None:
    post = await stage.release()
    await run_sql(stage, "DELETE FROM procrastinate_jobs")
    async with working(jobs):
        await planned(stage, post)


async def test_work_goes_on_after_the_database_was_away(
    stage: Stage, jobs: Jobs, postgres_server: str
) -> None:
    async with working(jobs):
        await planned(stage, await stage.release("Before."))
        await run_sql(
            stage,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        await planned(stage, await stage.release("After."))
        await jobs.probe()
