"""Push replies: the one place where a mailbox and a chat stand together, for those who asked.

The chat id is sealed to its mailbox; rows are deleted at close, and after 30 days.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ConcernState
from bot.store.concern_tables import mailboxes, push_links
from bot.store.database import insert_into


@dataclass(frozen=True, slots=True)
class Link:
    """A mailbox of which a chat is to be told that there is news."""

    mailbox_id: bytes
    sealed: bytes


async def put(
    connection: AsyncConnection, mailbox_id: bytes, channel: str, sealed: bytes, day: date
) -> None:
    """Link a chat to a mailbox, in the place of any other."""
    values = {"channel": channel, "sealed": sealed, "day": day, "news": False}
    await connection.execute(
        insert_into(connection, push_links)
        .values(mailbox_id=mailbox_id, **values)
        .on_conflict_do_update(index_elements=["mailbox_id"], set_=values)
    )


async def remove(connection: AsyncConnection, mailbox_id: bytes) -> None:
    await connection.execute(delete(push_links).where(push_links.c.mailbox_id == mailbox_id))


async def is_on(connection: AsyncConnection, mailbox_id: bytes) -> bool:
    linked = exists().where(push_links.c.mailbox_id == mailbox_id)
    return bool((await connection.execute(select(linked))).scalar_one())


async def note_news(connection: AsyncConnection, mailbox_id: bytes) -> None:
    await connection.execute(
        update(push_links).where(push_links.c.mailbox_id == mailbox_id).values(news=True)
    )


async def with_news(connection: AsyncConnection, channel: str, most: int) -> list[Link]:
    """Links of a channel that there is something to tell."""
    rows = await connection.execute(
        select(push_links.c.mailbox_id, push_links.c.sealed)
        .where(push_links.c.channel == channel, push_links.c.news)
        .limit(most)
    )
    return [Link(row.mailbox_id, row.sealed) for row in rows]


async def of_channel(connection: AsyncConnection, channel: str) -> list[Link]:
    """All links of a channel."""
    rows = await connection.execute(
        select(push_links.c.mailbox_id, push_links.c.sealed).where(push_links.c.channel == channel)
    )
    return [Link(row.mailbox_id, row.sealed) for row in rows]


async def settle(connection: AsyncConnection, mailbox_id: bytes) -> None:
    """Note that a chat was told; of a closed concern it needs to hear no more."""
    mine = push_links.c.mailbox_id == mailbox_id
    await connection.execute(update(push_links).where(mine).values(news=False))
    await connection.execute(delete(push_links).where(mine, _of_closed()))


async def purge(connection: AsyncConnection, until: date) -> int:
    """Delete links made on a day or before, and those of closed concerns. Returns how many."""
    gone = delete(push_links).where(
        (push_links.c.day <= until) | (_of_closed() & ~push_links.c.news)
    )
    return (await connection.execute(gone)).rowcount


def _of_closed() -> ColumnElement[bool]:
    closed = mailboxes.c.state == ConcernState.CLOSED.value
    return push_links.c.mailbox_id.in_(select(mailboxes.c.id).where(closed))
