"""Priorities and meetings in the made-up town, as a source lists them."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot.model import Area
from bot.store import listings
from bot.store.database import Database
from bot.store.tables import areas, events
from tests import town

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
COMMON = {
    "feed": "police-uk",
    "language": "en_GB",
    "source": "data.police.uk",
    "licence": "Open Government Licence v3.0.",
    "link": "",
}


async def number_of(database: Database, area: Area = town.RIVERSIDE) -> int:
    """The key of an area in the database."""
    async with database.read() as connection:
        found = await connection.execute(select(areas.c.id).where(areas.c.code == area.id))
        number: int = found.scalar_one()
    return number


async def priority(database: Database, issue: str, action: str = "", days: int = 30) -> None:
    """Something raised so many days ago in Riverside, with what was done five days later."""
    found = NOON - timedelta(days=days)
    number = await number_of(database)
    async with database.write() as connection:
        await listings.put_priority(
            connection,
            [number],
            found + timedelta(days=5) if action else None,
            key=issue.encode(),
            issue=issue,
            action=action,
            topic=1,
            found_at=found,
            **COMMON,
        )


async def meeting(database: Database, title: str = "Have your say", days: float = 3) -> int:
    """A meeting in Riverside in so many days. Returns its key."""
    number = await number_of(database)
    async with database.write() as connection:
        await listings.put_event(
            connection,
            [number],
            key=title.encode(),
            title=title,
            about="Tell us what matters; we listen.",
            venue="Village Hall, Mill Lane",
            starts_at=NOON + timedelta(days=days),
            ends_at=None,
            **COMMON,
        )
        found = await connection.execute(select(events.c.id).where(events.c.title == title))
        key: int = found.scalar_one()
    return key
