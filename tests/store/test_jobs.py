"""Jobs on PostgreSQL: procrastinate's tables at its version, and a job for each released post."""

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from procrastinate.schema import SchemaManager
from sqlalchemy import text

from bot.store import jobs
from bot.store.database import Database
from bot.store.migrations import upgrade
from tests.conftest import FakeClock
from tests.databases import new_postgres_database

SCRIPTS = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


@pytest.fixture
async def empty(postgres_server: str) -> AsyncIterator[Database]:
    database = Database(new_postgres_database(postgres_server))
    yield database
    await database.close()


async def functions(database: Database) -> set[str]:
    """Procrastinate's functions, with their arguments."""
    async with database.read() as connection:
        rows = await connection.execute(
            text(
                "SELECT proname || pg_get_function_identity_arguments(oid) FROM pg_proc "
                "WHERE proname LIKE 'procrastinate%'"
            )
        )
        return set(rows.scalars())


async def waiting(database: Database) -> list[str]:
    """The names under which plannings wait."""
    async with database.read() as connection:
        rows = await connection.execute(text("SELECT queueing_lock FROM procrastinate_jobs"))
        return list(rows.scalars())


async def test_an_upgrade_makes_the_tables_of_jobs_and_a_second_one_leaves_them(
    empty: Database,
) -> None:
    await upgrade(empty, "subscriptions")
    before = await functions(empty)
    await upgrade(empty, "subscriptions")
    assert "procrastinate_retry_job_v2" in " ".join(before)
    assert await functions(empty) == before


async def test_the_concerns_database_has_no_jobs(empty: Database) -> None:
    await upgrade(empty, "concerns")
    assert await functions(empty) == set()


async def test_tables_of_an_older_procrastinate_are_brought_to_the_new_version(
    empty: Database,
) -> None:
    *older, newest = SCRIPTS
    async with empty.write() as connection:
        for script in older:
            sql = script.read_text().replace("%", "%%")
            await connection.exec_driver_sql(sql)
        stand = f"COMMENT ON TABLE procrastinate_jobs IS '{older[-1].stem}'"
        await connection.exec_driver_sql(stand)
    await upgrade(empty, "subscriptions")
    async with empty.read() as connection:
        found = await connection.execute(
            text("SELECT obj_description('procrastinate_jobs'::regclass)")
        )
        assert found.scalar_one() == newest.stem
    assert any(each.startswith("procrastinate_retry_job_v2") for each in await functions(empty))


async def test_a_post_is_put_there_with_its_release_or_not_at_all(
    empty: Database, clock: FakeClock
) -> None:
    await upgrade(empty, "subscriptions")
    async with empty.write() as connection:
        await jobs.plan(connection, 7, clock.now())
    with suppress(ZeroDivisionError):
        async with empty.write() as connection:
            await jobs.plan(connection, 8, clock.now())
            raise ZeroDivisionError
    assert await waiting(empty) == ["plan 7"]
