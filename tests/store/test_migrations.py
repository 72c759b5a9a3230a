"""The schema's history and the tables in the code say the same, on both engines."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bot.store import concern_tables, tables
from bot.store.database import Database
from bot.store.migrations import Tree, is_current, upgrade

TREES: list[tuple[Tree, sa.MetaData]] = [
    ("subscriptions", tables.metadata),
    ("concerns", concern_tables.metadata),
]


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The tables of jobs are procrastinate's."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


@pytest.mark.parametrize(("tree", "metadata"), TREES)
async def test_revisions_build_exactly_the_tables_the_code_names(
    database_url: str, tree: Tree, metadata: sa.MetaData
) -> None:
    database = Database(database_url)
    await upgrade(database, tree)

    async with database.read() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"include_name": is_ours}), metadata
            )
        )

    assert [d for d in differences if "comment" not in str(d)] == []
    assert await is_current(database, tree)
    await database.close()


async def test_two_processes_may_upgrade_at_the_same_time(database_url: str) -> None:
    first, second = Database(database_url), Database(database_url)

    await asyncio.gather(upgrade(first, "subscriptions"), upgrade(second, "subscriptions"))

    assert await is_current(first, "subscriptions")
    assert await is_current(second, "subscriptions")
    await first.close()
    await second.close()


async def test_an_empty_database_is_not_current(database_url: str) -> None:
    database = Database(database_url)

    assert not await is_current(database, "subscriptions")

    await database.close()


async def test_concerns_have_no_row_ids_in_which_their_order_would_show(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'concerns.sqlite'}")
    await upgrade(database, "concerns")

    async with database.read() as connection:
        for table in concern_tables.metadata.tables:
            with pytest.raises(sa.exc.OperationalError, match="no such column: rowid"):
                await connection.execute(sa.text(f"SELECT rowid FROM {table}"))  # noqa: S608  # our own table names

    await database.close()
