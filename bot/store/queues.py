"""How the outbox stands, channel by channel; small indexes answer it beside any sending."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState, Priority
from bot.store.tables import deliveries, pacing


@dataclass(slots=True)
class Queued:
    """Rows of one channel: those due, by priority; those to be looked at later; and the rest."""

    token: int
    due: dict[Priority, int] = field(default_factory=dict)
    later: int = 0
    oldest_due: datetime | None = None
    in_flight: int = 0
    unknown: int = 0


async def queued(connection: AsyncConnection, now: datetime) -> Mapping[str, Queued]:
    """By channel, for every channel that ever sent or was planned for."""
    found = {
        row.channel: Queued(row.token)
        for row in await connection.execute(select(pacing).order_by(pacing.c.channel))
    }
    by_token = {each.token: each for each in found.values()}
    is_due = deliveries.c.due <= now
    rows = await connection.execute(
        select(
            deliveries.c.token,
            deliveries.c.priority,
            func.sum(case((is_due, 1), else_=0)).label("due"),
            func.sum(case((is_due, 0), else_=1)).label("later"),
            func.min(deliveries.c.due).label("oldest"),
        )
        .where(_in(DeliveryState.QUEUED))
        .group_by(deliveries.c.token, deliveries.c.priority)
    )
    for row in rows:
        queue = by_token[row.token]
        queue.later += row.later
        if row.due:
            queue.due[Priority(row.priority)] = row.due
            queue.oldest_due = min(queue.oldest_due or row.oldest, row.oldest)
    for token, count in await _counted(connection, DeliveryState.IN_FLIGHT):
        by_token[token].in_flight = count
    for token, count in await _counted(connection, DeliveryState.UNKNOWN):
        by_token[token].unknown = count
    return found


async def _counted(connection: AsyncConnection, state: DeliveryState) -> Sequence[tuple[int, int]]:
    statement = (
        select(deliveries.c.token, func.count()).where(_in(state)).group_by(deliveries.c.token)
    )
    return [(row[0], row[1]) for row in await connection.execute(statement)]


def _in(state: DeliveryState) -> ColumnElement[bool]:
    """Written out, not bound: only then does the planner take the partial index."""
    return deliveries.c.state == literal_column(str(int(state)))
