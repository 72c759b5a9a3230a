"""Many residents at once, who follow one area and hear of everything, by day and by night."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import insert, select

from bot.model import Area
from bot.security.sealing import ChatKeys
from bot.store.database import Database
from bot.store.tables import areas, places, subscribers

AT_ONCE, MANY = 1, 10_000
PAGE = 10_000


async def gather(database: Database, keys: ChatKeys, chats: Iterable[int], area: Area) -> None:
    """Let each of these Telegram chats follow an area.

    Who sends by the machine's own clock must not find them asleep, so they have no quiet hours.
    """
    numbers = list(chats)
    for start in range(0, len(numbers), PAGE):
        await _gather_page(database, keys, numbers[start : start + PAGE], area)


async def _gather_page(database: Database, keys: ChatKeys, chats: list[int], area: Area) -> None:
    today = datetime.now(UTC).date()
    residents = [
        {
            "id": chat,
            "lookup": keys.lookup("telegram", str(chat)),
            "sealed": keys.seal("telegram", str(chat)),
            "channel": "telegram",
            "language": "en_GB",
            "notice": 1,
            "noticed_on": today,
            "created_on": today,
            "quiet_from": 0,
            "quiet_until": 0,
            "daily_cap": MANY,
        }
        for chat in chats
    ]
    async with database.write() as connection:
        followed: int = (
            await connection.execute(select(areas.c.id).where(areas.c.code == area.id))
        ).scalar_one()
        await connection.execute(insert(subscribers), residents)
        await connection.execute(
            insert(places),
            [{"subscriber_id": chat, "area_id": followed, "frequency": AT_ONCE} for chat in chats],
        )
