"""Where each resident's talk stands: the step expected, the last answer, the last updates seen."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert_into
from bot.store.tables import conversations


@dataclass(frozen=True, slots=True)
class Row:
    """A stored talk; ``replies`` is JSON, ``seen`` the marks of updates, eight bytes each."""

    expects: str | None
    replies: str
    seen: bytes


async def load(connection: AsyncConnection, subscriber_id: int) -> Row | None:
    row = (
        await connection.execute(
            select(conversations.c.expects, conversations.c.replies, conversations.c.seen).where(
                conversations.c.subscriber_id == subscriber_id
            )
        )
    ).one_or_none()
    return None if row is None else Row(row.expects, row.replies, bytes(row.seen))


async def save(connection: AsyncConnection, subscriber_id: int, row: Row) -> None:
    changed = {"expects": row.expects, "replies": row.replies, "seen": row.seen}
    await connection.execute(
        insert_into(connection, conversations)
        .values(subscriber_id=subscriber_id, **changed)
        .on_conflict_do_update(index_elements=["subscriber_id"], set_=changed)
    )
