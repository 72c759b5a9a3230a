"""What a resident has set: for each place, and for all of them. Null is the default."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import (
    ALL_TOPICS,
    USUAL_TOPICS,
    Frequency,
    Level,
    Preferences,
    QuietHours,
    Topic,
)
from bot.store.tables import places, subscribers

PER_RESIDENT = (
    subscribers.c.quiet_from,
    subscribers.c.quiet_until,
    subscribers.c.paused_until,
    subscribers.c.daily_cap,
    subscribers.c.digest_hour,
)
PER_PLACE = (places.c.topics, places.c.frequency, places.c.alerts)
_KINDS: Mapping[str, type[Topic | Frequency | Level]] = {
    "topics": Topic,
    "frequency": Frequency,
    "alerts": Level,
}


def per_place(row: Row[Any]) -> dict[str, Any]:
    """What was set in a row with the columns ``PER_PLACE``, by the names that ``Place`` has."""
    stored = {name: getattr(row, name) for name in _KINDS}
    return {name: _KINDS[name](value) for name, value in stored.items() if value is not None}


async def set_place(
    connection: AsyncConnection,
    subscriber_id: int,
    number: int,
    **chosen: Topic | Frequency | Level,
) -> None:
    """Set what is given, by the names that ``Place`` has, for one place."""
    await connection.execute(
        update(places)
        .where(places.c.subscriber_id == subscriber_id, places.c.area_id == number)
        .values({name: int(value) for name, value in chosen.items()})
    )


async def turn(
    connection: AsyncConnection, subscriber_id: int, number: int, topics: Topic, *, on: bool
) -> bool:
    """Turn some topics of one place on or off, and leave the others as they are.

    Returns whether that changed anything.
    """
    present = func.coalesce(places.c.topics, int(USUAL_TOPICS))
    changed = (
        present.bitwise_or(int(topics)) if on else present.bitwise_and(int(ALL_TOPICS & ~topics))
    )
    turned = await connection.execute(
        update(places)
        .where(
            places.c.subscriber_id == subscriber_id,
            places.c.area_id == number,
            present != changed,
        )
        .values(topics=changed)
    )
    return turned.rowcount > 0


async def of(connection: AsyncConnection, subscriber_id: int) -> Preferences:
    """What a resident has set for all their places together; the defaults for one who is gone."""
    row = (
        await connection.execute(select(*PER_RESIDENT).where(subscribers.c.id == subscriber_id))
    ).one_or_none()
    return Preferences() if row is None else per_resident(row)


def per_resident(row: Any) -> Preferences:
    """What was set in a row with the columns ``PER_RESIDENT``."""
    stored = {"daily_cap": row.daily_cap, "digest_hour": row.digest_hour}
    chosen: dict[str, Any] = {name: value for name, value in stored.items() if value is not None}
    if row.quiet_from is not None:
        chosen["quiet"] = _quiet(row.quiet_from, row.quiet_until)
    return Preferences(paused_until=row.paused_until, **chosen)


async def set_quiet(
    connection: AsyncConnection, subscriber_id: int, quiet: QuietHours | None
) -> None:
    start, end = (_minutes(quiet.start), _minutes(quiet.end)) if quiet else (0, 0)
    await _change(connection, subscriber_id, quiet_from=start, quiet_until=end)


async def set_pause(connection: AsyncConnection, subscriber_id: int, until: date | None) -> None:
    await _change(connection, subscriber_id, paused_until=until)


async def set_daily_cap(connection: AsyncConnection, subscriber_id: int, messages: int) -> None:
    await _change(connection, subscriber_id, daily_cap=messages)


async def set_digest_hour(connection: AsyncConnection, subscriber_id: int, hour: int) -> None:
    await _change(connection, subscriber_id, digest_hour=hour)


async def _change(
    connection: AsyncConnection, subscriber_id: int, **values: int | date | None
) -> None:
    await connection.execute(
        update(subscribers).where(subscribers.c.id == subscriber_id).values(**values)
    )


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _quiet(start: int, end: int) -> QuietHours | None:
    """Minutes after midnight as hours; the same twice stands for none."""
    return None if start == end else QuietHours(time(*divmod(start, 60)), time(*divmod(end, 60)))
