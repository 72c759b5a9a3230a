"""Residents: found by a keyed hash of their chat id, which itself is kept only sealed."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Subscriber
from bot.store import deliveries
from bot.store.database import insert_into
from bot.store.tables import (
    conversations,
    pictures,
    places,
    post_areas,
    posts,
    subscribers,
    totals,
    variants,
)
from bot.store.tables import deliveries as deliveries_table


@dataclass(frozen=True, slots=True)
class Dates:
    """When what became of a resident, and which privacy notice they were shown."""

    created_on: date
    stopped_on: date | None
    notice: int | None
    noticed_on: date | None


_COLUMNS = (subscribers.c.id, subscribers.c.channel, subscribers.c.language)


async def find(connection: AsyncConnection, lookup: bytes) -> Subscriber | None:
    row = (
        await connection.execute(select(*_COLUMNS).where(subscribers.c.lookup == lookup))
    ).one_or_none()
    return None if row is None else Subscriber(row.id, row.channel, row.language)


async def dates(connection: AsyncConnection, subscriber_id: int) -> Dates:
    row = (
        await connection.execute(
            select(
                subscribers.c.created_on,
                subscribers.c.stopped_on,
                subscribers.c.notice,
                subscribers.c.noticed_on,
            ).where(subscribers.c.id == subscriber_id)
        )
    ).one()
    return Dates(*row)


async def add(
    connection: AsyncConnection, lookup: bytes, channel: str, sealed: bytes, today: date
) -> Subscriber:
    """Store a resident unless another task just did; return the one stored."""
    values = {"lookup": lookup, "channel": channel, "sealed": sealed, "created_on": today}
    await connection.execute(
        insert_into(connection, subscribers)
        .values(values)
        .on_conflict_do_nothing(index_elements=["lookup"])
    )
    stored = await find(connection, lookup)
    if stored is None:
        raise RuntimeError("a resident vanished while being stored")
    return stored


async def set_language(connection: AsyncConnection, subscriber_id: int, language: str) -> None:
    await connection.execute(
        update(subscribers).where(subscribers.c.id == subscriber_id).values(language=language)
    )


async def stop(connection: AsyncConnection, subscriber_id: int, today: date) -> None:
    """End every message to a resident; the row goes with a later purge."""
    await connection.execute(delete(places).where(places.c.subscriber_id == subscriber_id))
    await connection.execute(
        update(subscribers).where(subscribers.c.id == subscriber_id).values(stopped_on=today)
    )


async def purge(connection: AsyncConnection, before: date) -> int:
    """Erase those who stopped, or wrote but never followed a place, before a day."""
    follows = exists().where(places.c.subscriber_id == subscribers.c.id)
    return await _delete(
        connection,
        ~follows,
        or_(
            subscribers.c.stopped_on < before,
            subscribers.c.stopped_on.is_(None)
            & subscribers.c.noticed_on.is_(None)  # it is noted when the first place is followed
            & (subscribers.c.created_on < before),
        ),
    )


async def erase(connection: AsyncConnection, lookup: bytes) -> bool:
    """Erase a resident and all that hangs on them. Returns whether there was one."""
    return await _delete(connection, subscribers.c.lookup == lookup) > 0


async def erase_among(connection: AsyncConnection, lookups: Select[Any]) -> int:
    """Erase everyone whose keyed hash is among these. Returns how many there were."""
    return await _delete(connection, subscribers.c.lookup.in_(lookups))


async def count(connection: AsyncConnection) -> int:
    """How many residents are stored."""
    return (await connection.execute(select(func.count()).select_from(subscribers))).scalar_one()


async def erase_all(connection: AsyncConnection) -> int:
    """Erase every resident, and what was sent to them: the end of a demo."""
    for table in (deliveries_table, totals, variants, post_areas, posts, pictures):
        await connection.execute(delete(table))
    await connection.execute(delete(places))
    await connection.execute(delete(conversations))
    return (await connection.execute(delete(subscribers))).rowcount


async def _delete(connection: AsyncConnection, *whom: ColumnElement[bool]) -> int:
    await deliveries.let_go(connection, select(subscribers.c.id).where(*whom))
    return (await connection.execute(delete(subscribers).where(*whom))).rowcount
