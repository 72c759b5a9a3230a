"""Size: how fast a post is planned for a million (B9), and what residents take on disk (B11)."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, select, text

from bench.results import Result, spread
from bench.stage import Stage, stage
from bot.model import DeliveryState, Priority
from bot.store.deliveries import PAGE
from bot.store.tables import deliveries, subscribers
from tests import town

NO_POST = 0  # what the row-at-a-time loop plans for: nothing sends it
FOLLOWERS = """
    INSERT INTO subscriber (id, lookup, channel, sealed, language, notice, noticed_on, created_on)
    WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :count)
    SELECT n, randomblob(32), 'telegram', randomblob(64), 'en_GB', 1, :today, :today FROM number
"""
PLACES = """
    INSERT INTO place (subscriber_id, area_id) SELECT s.id, a.id FROM subscriber s, area a
    WHERE a.code = :area
"""
USED = """
    SELECT sum(d.pgsize) FROM dbstat d JOIN sqlite_master m ON m.name = d.name
    WHERE m.tbl_name IN ({})
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How many followers, and how often all of them are planned for."""

    followers: int
    rounds: int
    by_row: int


FULL = Size(followers=1_000_000, rounds=3, by_row=10_000)
SHORT = Size(followers=20_000, rounds=1, by_row=500)


def main(*, short: bool = False) -> list[Result]:
    """Measure on SQLite."""
    return asyncio.run(_run(SHORT if short else FULL))


async def _run(size: Size) -> list[Result]:
    async with stage() as scene:
        await _fill(scene, size.followers)
        subscriber = await _bytes(scene, "subscriber", "place") / size.followers
        result = await _fan_out(scene, size)
        row = await _settled_bytes(scene) / (size.followers * size.rounds)
        return [result, _on_disk(subscriber, row)]


async def _fill(scene: Stage, count: int) -> None:
    async with scene.database.write() as connection:
        today = datetime.now(UTC).date().isoformat()
        await connection.execute(text(FOLLOWERS), {"count": count, "today": today})
        await connection.execute(text(PLACES), {"area": town.RIVERSIDE.id})


async def _fan_out(scene: Stage, size: Size) -> Result:
    """A plan and a loop in turns."""
    planned, looped, longest = [], [], []
    for _round in range(size.rounds):
        pages = await _plan(scene)
        planned.append(size.followers / sum(pages))
        longest.append(1000 * max(pages))
        looped.append(await _by_row(scene, size.by_row))
    ratio = min(a / b for a, b in zip(planned, looped, strict=True))
    return Result(
        "B9",
        f"planning for {size.followers:,}, against a loop of one INSERT for each row",
        f"{ratio:.0f}x at least: {spread(planned, '/s')} against {spread(looped, '/s')}; "
        f"longest transaction {spread(longest, ' ms')}",
        "at least 20x, no transaction over 100 ms",
        ratio >= 20 and max(longest) <= 100,
    )


async def _plan(scene: Stage) -> list[float]:
    """Release a post and plan it. Returns the seconds of each transaction."""
    await scene.release()
    pages, more = [], True
    while more:
        start = time.perf_counter()
        more = await scene.planner.step()
        pages.append(time.perf_counter() - start)
    return pages


async def _by_row(scene: Stage, count: int) -> float:
    """Rows a second of a loop that plans one resident after the other, a page a transaction."""
    start = time.perf_counter()
    for first in range(0, count, PAGE):
        async with scene.database.write() as connection:
            page = select(subscribers.c.id).order_by(subscribers.c.id).offset(first).limit(PAGE)
            chosen = (await connection.execute(page.limit(min(PAGE, count - first)))).scalars()
            for number in chosen.all():
                await connection.execute(insert(deliveries).values(_row(number)))
    seconds = time.perf_counter() - start
    async with scene.database.write() as connection:
        await connection.execute(deliveries.delete().where(deliveries.c.post_id == NO_POST))
    return count / seconds


def _row(subscriber: int) -> dict[str, object]:
    return {
        "post_id": NO_POST,
        "subscriber_id": subscriber,
        "token": 1,
        "priority": int(Priority.NEWS),
        "due": datetime.now(UTC),
        "state": int(DeliveryState.QUEUED),
        "attempt": 0,
        "edition": 0,
    }


async def _settled_bytes(scene: Stage) -> float:
    """What the deliveries take once they are sent, each with its place in a chat."""
    async with scene.database.write() as connection:
        await connection.execute(
            deliveries.update().values(state=int(DeliveryState.SENT), message_ref="1234567")
        )
    return await _bytes(scene, "delivery")


async def _bytes(scene: Stage, *names: str) -> float:
    """What tables take with their indexes, by the pages they fill."""
    marks = ", ".join(f":t{number}" for number in range(len(names)))
    values = {f"t{number}": name for number, name in enumerate(names)}
    async with scene.database.read() as connection:
        used = await connection.execute(text(USED.format(marks)), values)
        return float(used.scalar_one())


def _on_disk(subscriber: float, delivery: float) -> Result:
    return Result(
        "B11",
        "bytes on disk: a subscriber with one place, and a delivery, indexes included",
        f"{subscriber:.0f} and {delivery:.0f}",
        "at most 240 and 90",
        subscriber <= 240 and delivery <= 90,
    )
