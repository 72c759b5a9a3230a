"""What became of posts once their deliveries are gone: counts that name no resident."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState
from bot.store.database import insert_into
from bot.store.tables import deliveries, pacing, posts, totals

PAGE = 2_000


async def sum_up(connection: AsyncConnection, before: datetime, now: datetime) -> bool:
    """Turn one page of deliveries into totals, of a post that is over and was released before.

    A post whose correction or all-clear is still to find those it reached keeps its rows. What was
    never finished, because nobody sends over that channel any more, is settled by the way.
    Returns whether there was such a page.
    """
    later = posts.alias("later")
    follows = exists().where(
        later.c.refers_to == posts.c.id,
        later.c.planned_at.is_(None),
        later.c.live,
        later.c.expires_at > now,
    )
    found = await connection.execute(
        select(posts.c.id, posts.c.live)
        .where(posts.c.send_at < before, or_(posts.c.expires_at <= now, ~posts.c.live), ~follows)
        .where(exists().where(deliveries.c.post_id == posts.c.id))
        .limit(1)
    )
    post = found.one_or_none()
    if post is None:
        return False
    page = select(deliveries.c.id).where(deliveries.c.post_id == post.id).limit(PAGE)
    gone = await connection.execute(
        delete(deliveries)
        .where(deliveries.c.id.in_(page))
        .returning(deliveries.c.token, deliveries.c.state, deliveries.c.error, deliveries.c.attempt)
    )
    counts = Counter((row.token, *_settled(row, live=post.live)) for row in gone)
    statement = insert_into(connection, totals).values(
        [
            {
                "post_id": post.id,
                "token": token,
                "state": int(state),
                "error": error,
                "count": count,
            }
            for (token, state, error), count in counts.items()
        ]
    )
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(totals.primary_key),
            set_={"count": totals.c.count + statement.excluded.count},
        )
    )
    return True


async def of(
    connection: AsyncConnection, post_id: int
) -> list[tuple[str, DeliveryState, str | None, int]]:
    """The totals of a post, by channel and state, with why where they failed."""
    rows = await connection.execute(
        select(pacing.c.channel, totals.c.state, totals.c.error, totals.c.count)
        .join(pacing, pacing.c.token == totals.c.token)
        .where(totals.c.post_id == post_id)
    )
    return [(row[0], DeliveryState(row[1]), row[2] or None, row[3]) for row in rows]


def _settled(row: Any, *, live: bool) -> tuple[DeliveryState, str]:
    match DeliveryState(row.state):
        case DeliveryState.QUEUED if row.attempt:  # it waited to be sent again
            return DeliveryState.UNKNOWN, ""
        case DeliveryState.QUEUED if live:
            return DeliveryState.FAILED, "expired"
        case DeliveryState.QUEUED:
            return DeliveryState.RECALLED, ""
        case DeliveryState.IN_FLIGHT:
            return DeliveryState.UNKNOWN, ""
        case state:
            return state, row.error or ""
