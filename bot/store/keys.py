"""Stored chat ids seen from their keys: whether they fit, and moving them to new ones."""

from collections.abc import Callable

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import subscribers

PAGE = 1_000

Reseal = Callable[[bytes], tuple[bytes, bytes] | None]


async def newest_sealed(connection: AsyncConnection) -> bytes | None:
    """The sealed chat id stored last, or None where there is none."""
    rows = select(subscribers.c.sealed).order_by(subscribers.c.id.desc()).limit(1)
    return (await connection.execute(rows)).scalar_one_or_none()


async def rekey(connection: AsyncConnection, reseal: Reseal) -> int:
    """Give every resident the lookup and seal that ``reseal`` makes of the present seal.

    It returns None for a row that is to stay. Returns how many rows changed.
    """
    change = (
        update(subscribers)
        .where(subscribers.c.id == bindparam("row"))
        .values(lookup=bindparam("new_lookup"), sealed=bindparam("new_sealed"))
    )
    changed = last = 0
    while True:
        page = (
            select(subscribers.c.id, subscribers.c.sealed)
            .where(subscribers.c.id > last)
            .order_by(subscribers.c.id)
            .limit(PAGE)
        )
        rows = (await connection.execute(page)).all()
        if not rows:
            return changed
        last = rows[-1].id
        new = [
            {"row": row.id, "new_lookup": made[0], "new_sealed": made[1]}
            for row in rows
            if (made := reseal(row.sealed)) is not None
        ]
        if new:
            await connection.execute(change, new)
        changed += len(new)
