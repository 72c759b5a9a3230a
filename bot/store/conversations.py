"""Where each resident's talk stands, sealed, and the marks of the last updates seen."""

from dataclasses import dataclass

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert_into
from bot.store.tables import conversations, subscribers


@dataclass(frozen=True, slots=True)
class Row:
    """A stored talk: ``talk`` is sealed, ``seen`` the marks of updates, eight bytes each."""

    talk: bytes
    seen: bytes


async def load(connection: AsyncConnection, subscriber_id: int) -> Row | None:
    row = (
        await connection.execute(
            select(conversations.c.talk, conversations.c.seen).where(
                conversations.c.subscriber_id == subscriber_id
            )
        )
    ).one_or_none()
    return None if row is None else Row(bytes(row.talk), bytes(row.seen))


async def save(connection: AsyncConnection, subscriber_id: int, row: Row) -> None:
    """Keep a talk; nothing is kept of a resident who was erased meanwhile."""
    columns = conversations.c
    changed = {"talk": row.talk, "seen": row.seen}
    mine = (
        select(
            subscribers.c.id,
            *(literal(value, columns[name].type) for name, value in changed.items()),
        )
        .where(subscribers.c.id == subscriber_id)
        .with_for_update(key_share=True, read=True)
    )
    await connection.execute(
        insert_into(connection, conversations)
        .from_select([columns.subscriber_id, *(columns[name] for name in changed)], mine)
        .on_conflict_do_update(index_elements=["subscriber_id"], set_=changed)
    )
