"""Single facts about this installation, by name."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert_into
from bot.store.tables import facts


async def read(connection: AsyncConnection, name: str) -> str | None:
    return (
        await connection.execute(select(facts.c.value).where(facts.c.name == name))
    ).scalar_one_or_none()


async def write(connection: AsyncConnection, name: str, value: str) -> None:
    await connection.execute(
        insert_into(connection, facts)
        .values(name=name, value=value)
        .on_conflict_do_update(index_elements=["name"], set_={"value": value})
    )
