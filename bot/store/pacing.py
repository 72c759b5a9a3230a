"""The pace of a token, in one row that all its senders share; the clock is the database's.

On SQLite there is one machine, so its clock is ours.
"""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Float, case, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert_into
from bot.store.tables import pacing


@dataclass(frozen=True, slots=True)
class Pace:
    """Where a token stands; times are seconds since 1970 by the database's clock."""

    now: float
    next_free: float
    rate: float | None
    cut_at: float | None
    holds: int
    moved_at: float | None


async def token_of(connection: AsyncConnection, channel: str) -> int:
    """The number of a channel's token, made on first use."""
    number = select(pacing.c.token).where(pacing.c.channel == channel)
    found = (await connection.execute(number)).scalar_one_or_none()
    if found is not None:
        return int(found)
    await connection.execute(
        insert_into(connection, pacing)
        .values(channel=channel, next_free=0.0)
        .on_conflict_do_nothing(index_elements=["channel"])
    )
    return int((await connection.execute(number)).scalar_one())


async def read(connection: AsyncConnection, token: int) -> Pace:
    row = (
        await connection.execute(
            select(
                _now(connection).label("now"),
                pacing.c.next_free,
                pacing.c.rate,
                pacing.c.cut_at,
                pacing.c.holds,
                pacing.c.moved_at,
            ).where(pacing.c.token == token)
        )
    ).one()
    return Pace(*row)


async def lease(
    connection: AsyncConnection, token: int, slots: int, rate: float, slack: float
) -> float:
    """Take the next slots; returns in how many seconds the first begins, below 0 for at once.

    ``slack`` is how many seconds of unused slots may be made up for.
    """
    taken = slots / rate
    now = _now(connection)
    free = _later(connection, pacing.c.next_free, now - slack) + taken
    row = (
        await connection.execute(
            update(pacing)
            .where(pacing.c.token == token)
            .values(next_free=free)
            .returning(pacing.c.next_free, _now(connection).label("now"))
        )
    ).one()
    return float(row.next_free - taken - row.now)


async def pause(
    connection: AsyncConnection, token: int, seconds: float, *, rate: float, cut: float
) -> None:
    """Let nobody send for a while, then at ``rate`` times ``cut``: one cut a second at most."""
    now = _now(connection)
    again = (pacing.c.cut_at > now - 1) & pacing.c.cut_at.is_not(None)
    await connection.execute(
        update(pacing)
        .where(pacing.c.token == token)
        .values(
            next_free=_later(connection, pacing.c.next_free, now + seconds),
            rate=case((again, pacing.c.rate), else_=literal(rate * cut)),
            cut_at=now + seconds,
            holds=pacing.c.holds + 1,
        )
    )


async def moved(connection: AsyncConnection, token: int) -> None:
    """Note that a message got through just now."""
    await connection.execute(
        update(pacing).where(pacing.c.token == token).values(moved_at=_now(connection))
    )


def _now(connection: AsyncConnection) -> ColumnElement[float]:
    if connection.dialect.name == "postgresql":
        return func.extract("epoch", func.clock_timestamp()).cast(Float)
    return literal(time.time(), Float)


def _later(
    connection: AsyncConnection, one: ColumnElement[Any], other: ColumnElement[Any]
) -> ColumnElement[Any]:
    postgres = connection.dialect.name == "postgresql"
    return (func.greatest if postgres else func.max)(one, other)
