"""What an unfinished sync has read so far, kept so that a run that was cut can go on."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Point
from bot.store import facts
from bot.store.database import insert_into
from bot.store.tables import syncing

_RUN = "areas sync"


@dataclass(frozen=True, slots=True)
class Read:
    """A listed neighbourhood. ``outline`` is None until read, and empty where there is none."""

    id: str
    name: str
    centre: Point | None = None
    outline: bytes | None = None


async def begin(connection: AsyncConnection, run: str, listed: Iterable[tuple[str, str]]) -> None:
    """Take up the run of this name, or start it anew; either way for the areas now listed."""
    if await facts.read(connection, _RUN) != run:
        await end(connection)
        await facts.write(connection, _RUN, run)
    names = dict(listed)
    await connection.execute(delete(syncing).where(syncing.c.code.not_in(names)))
    statement = insert_into(connection, syncing)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["code"], set_={"name": statement.excluded.name}
        ),
        [{"code": code, "name": name} for code, name in names.items()],
    )


async def everything(connection: AsyncConnection) -> list[Read]:
    rows = await connection.execute(select(syncing).order_by(syncing.c.code))
    return [
        Read(
            row.code,
            row.name,
            None if row.latitude is None else Point(row.latitude, row.longitude),
            row.outline,
        )
        for row in rows
    ]


async def keep(
    connection: AsyncConnection, code: str, centre: Point | None, outline: bytes
) -> None:
    """Keep what was read of one neighbourhood; an empty outline says that it has none."""
    await connection.execute(
        update(syncing)
        .where(syncing.c.code == code)
        .values(
            latitude=centre.latitude if centre else None,
            longitude=centre.longitude if centre else None,
            outline=outline,
        )
    )


async def end(connection: AsyncConnection) -> None:
    await connection.execute(delete(syncing))
    await facts.write(connection, _RUN, "")
