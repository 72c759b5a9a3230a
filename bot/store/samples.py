"""What a demo has shown, to be taken away before a service goes live."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import numbers
from bot.store.tables import (
    advice,
    advice_weeks,
    area_teams,
    deliveries,
    entries,
    events,
    feeds,
    pictures,
    post_areas,
    posts,
    priorities,
    reminders,
    totals,
    variants,
)

# Each before those it refers to.
_SHOWN = (
    advice,
    advice_weeks,
    reminders,
    events,
    priorities,
    entries,
    feeds,
    deliveries,
    totals,
    variants,
    post_areas,
    posts,
    pictures,
    area_teams,
)


async def erase(connection: AsyncConnection) -> None:
    """Delete every post and everything that was read of sources."""
    for table in _SHOWN:
        await connection.execute(delete(table))
    await numbers.forget_samples(connection)
