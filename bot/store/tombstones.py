"""Residents who asked to be forgotten: a keyed hash and a day, so that no restore undoes it."""

from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import subscribers
from bot.store.database import insert_into
from bot.store.tables import subscribers as subscribers_table
from bot.store.tables import tombstones


async def set_up(connection: AsyncConnection, lookup: bytes, today: date) -> None:
    await connection.execute(
        insert_into(connection, tombstones)
        .values(lookup=lookup, forgotten_on=today)
        .on_conflict_do_update(index_elements=["lookup"], set_={"forgotten_on": today})
    )


async def lift(connection: AsyncConnection, subscriber_id: int) -> None:
    """Let a resident who follows an area again be restored again."""
    mine = (
        select(subscribers_table.c.lookup)
        .where(subscribers_table.c.id == subscriber_id)
        .scalar_subquery()
    )
    await connection.execute(delete(tombstones).where(tombstones.c.lookup == mine))


async def purge(connection: AsyncConnection, before: date) -> None:
    await connection.execute(delete(tombstones).where(tombstones.c.forgotten_on < before))


async def apply(connection: AsyncConnection) -> int:
    """Erase everyone who has a tombstone. Returns how many had come back."""
    return await subscribers.erase_among(connection, select(tombstones.c.lookup))
