"""Whole tables out of a database and into one, whichever engine either is."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, cast, delete, false, func, insert, select, text
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import concern_tables
from bot.store.tables import conversations, metadata, pictures, syncing, tombstones

PAGE = 1_000
_HEAVY_PAGES = {pictures.name: 10}

# Tombstones must outlive a restore. Where a talk stood is of no use by then, nor is half a sync.
_LEFT_OUT = (tombstones, conversations, syncing)
TABLES: Mapping[str, Table] = {
    table.name: table for table in metadata.sorted_tables if table not in _LEFT_OUT
}
"""What a backup holds, each table after those it refers to."""

EVERYTHING: Mapping[str, Sequence[Table]] = {
    "subscriptions": metadata.sorted_tables,
    "concerns": concern_tables.metadata.sorted_tables,
}
"""All tables of each database, in that order."""


async def freeze(connection: AsyncConnection) -> None:
    """Let everything this transaction reads be of one moment; the first thing that it does."""
    if connection.dialect.name == "postgresql":  # SQLite's transactions are so by themselves
        await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


async def counts(connection: AsyncConnection, tables: Iterable[Table]) -> dict[str, int]:
    """How many rows these tables hold, by name."""
    return {
        table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
        for table in tables
    }


def page_size(table: str) -> int:
    """How many rows of a table are held in memory at a time."""
    return _HEAVY_PAGES.get(table, PAGE)


async def pages(connection: AsyncConnection, table: Table) -> AsyncIterator[list[Sequence[Any]]]:
    """Every row of a table, so many at a time, its values in the order of the columns."""
    async with connection.stream(select(table)) as result:
        async for page in result.partitions(page_size(table.name)):
            yield [tuple(row) for row in page]


async def clear(connection: AsyncConnection) -> None:
    """Empty every table that a backup holds, and what hangs on them."""
    await connection.execute(delete(conversations))
    for table in reversed(list(TABLES.values())):
        await connection.execute(delete(table))


async def put(
    connection: AsyncConnection, table: Table, columns: Sequence[str], page: Sequence[Sequence[Any]]
) -> None:
    """Add rows to a table. Raises KeyError for a column that is not known."""
    known = [table.c[column].name for column in columns]
    await connection.execute(insert(table), [dict(zip(known, row, strict=True)) for row in page])


async def go_on_counting(connection: AsyncConnection, tables: Iterable[Table]) -> None:
    """Let PostgreSQL number new rows after those just put in; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        column = table.autoincrement_column
        if column is not None:
            counter = cast(func.pg_get_serial_sequence(table.name, column.name), REGCLASS)
            following = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
            await connection.execute(select(func.setval(counter, following, false())))
