"""A post is planned page by page, whole however often it is cut, the most urgent post first."""

import pytest
from sqlalchemy import func, insert, select, text

from bot.model import Kind, Level, Topic
from bot.store import deliveries
from bot.store.tables import deliveries as table
from bot.store.tables import places, subscribers
from tests import town
from tests.cancelling import cancelled_at
from tests.delivery.stage import Stage

CROWD = deliveries.PAGE * 2 + 10


async def crowd(stage: Stage, count: int) -> None:
    """Many followers of Riverside at once, whose seals are of the usual size."""
    today = stage.clock.now().date()
    sealed = stage.keys.seal("telegram", "1234567890")
    async with stage.database.write() as connection:
        await connection.execute(
            insert(subscribers),
            [
                {
                    "id": number,
                    "lookup": stage.keys.lookup("telegram", str(number)),
                    "sealed": sealed,
                    "channel": "telegram",
                    "language": "en_GB",
                    "notice": 1,
                    "noticed_on": today,
                    "created_on": today,
                }
                for number in range(1, count + 1)
            ],
        )
        area = (await connection.execute(select(func.min(places.c.area_id)))).scalar()
        area = area or (await connection.execute(text("SELECT min(id) FROM area"))).scalar_one()
        rows = [{"subscriber_id": number, "area_id": area} for number in range(1, count + 1)]
        await connection.execute(insert(places), rows)


async def planned(stage: Stage) -> int:
    async with stage.database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def test_a_page_holds_at_most_five_thousand_and_all_are_planned(stage: Stage) -> None:
    await crowd(stage, CROWD)
    await stage.release()
    sizes = []
    while await stage.planner.step():
        sizes.append(await planned(stage))
    assert sizes[:3] == [5_000, 10_000, CROWD]
    assert await planned(stage) == CROWD


async def test_a_plan_that_was_cut_anywhere_goes_on_and_plans_everyone_once(
    stage: Stage,
) -> None:
    for person in range(3):
        await stage.follower(str(person), town.RIVERSIDE, town.HILLSIDE_NORTH)
    await stage.release(where=(town.RIVERSIDE, town.HILLSIDE_NORTH))
    cut, number = True, 0
    while cut:
        cut = await cancelled_at(stage.planner.step(), number)
        number += 1
    await stage.plan()
    assert await planned(stage) == 3


async def test_a_page_that_is_there_already_does_not_end_the_plan(stage: Stage) -> None:
    """As after a restore of the post from before its first page."""
    await crowd(stage, deliveries.PAGE + 1)
    post = await stage.release()
    await stage.planner.step()
    async with stage.database.write() as connection:
        await connection.execute(text("UPDATE post SET cursor = 0 WHERE id = :id"), {"id": post.id})
    await stage.plan()
    assert await planned(stage) == deliveries.PAGE + 1


async def test_an_urgent_post_is_planned_between_the_pages_of_a_large_one(stage: Stage) -> None:
    await crowd(stage, CROWD)
    await stage.release()
    await stage.planner.step()
    alert = await stage.alert()
    await stage.planner.step()
    assert (await stage.report(alert)).audience == deliveries.PAGE


async def test_who_does_not_want_the_topic_is_no_part_of_the_audience(stage: Stage) -> None:
    await stage.follower("1")
    await stage.follower("2", topics=int(Topic.ROAD_SAFETY))
    await stage.follower("3", settings={"stopped_on": stage.clock.now().date()})
    sensitive = await stage.release("one", topic=Topic.DOMESTIC_ABUSE)
    roads = await stage.release("two", topic=Topic.ROAD_SAFETY)
    alert = await stage.release("three", kind=Kind.ALERT, level=Level.URGENT)
    await stage.plan()
    audiences = [(await stage.report(post)).audience for post in (sensitive, roads, alert)]
    assert audiences == [0, 2, 2]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_million_followers_fit_on_a_small_disk(stage: Stage) -> None:
    """At most 240 bytes for a subscriber with one place, and 90 for a delivery."""
    await crowd(stage, 3_000)
    subscriber = await _bytes(stage, "subscriber", "place") / 3_000
    for number in range(3):
        await stage.release(f"News {number}.")
    await stage.plan()
    assert subscriber <= 240
    assert await _bytes(stage, "delivery") / 9_000 <= 110  # while all of it is queued
    async with stage.database.write() as connection:
        await connection.execute(table.update().values(state=2, message_ref="1234567"))
        await connection.execute(
            text(
                "INSERT INTO chat_gate (subscriber_id, next_ok, day, sent)"
                " SELECT id, 1795435200000, 739943, 1 FROM subscriber"
            )
        )
    assert await _bytes(stage, "delivery") / 9_000 <= 90
    # What a chat has had is kept for as long as it may decide something, and no longer.
    stage.later(days=3)
    await stage.posts.purge()
    async with stage.database.write() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM chat_gate"))).scalar_one() == 0


async def _bytes(stage: Stage, *tables: str) -> float:
    """What these tables take with their indexes, by the pages they fill."""
    async with stage.database.read() as connection:
        rows = await connection.execute(
            text(
                "SELECT d.name, m.tbl_name, sum(d.pgsize) AS used FROM dbstat d"
                " JOIN sqlite_master m ON m.name = d.name GROUP BY d.name, m.tbl_name"
            )
        )
        return float(sum(row.used for row in rows if row.tbl_name in tables))
