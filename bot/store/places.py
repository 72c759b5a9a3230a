"""Who follows which area, and what they must be asked after a reorganisation."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Area, Place
from bot.store import preferences
from bot.store.areas import area_of
from bot.store.database import insert_into
from bot.store.tables import areas, places, subscribers


async def of(connection: AsyncConnection, subscriber_id: int) -> list[Place]:
    """The places of a resident, by name."""
    rows = await connection.execute(
        select(places.c.was, places.c.other_id, *preferences.PER_PLACE, *areas.c)
        .join(areas, areas.c.id == places.c.area_id)
        .where(places.c.subscriber_id == subscriber_id)
        .order_by(areas.c.name, areas.c.code)
    )
    found = list(rows)
    others = await _by_number(connection, {row.other_id for row in found if row.other_id})
    return [
        Place(area_of(row), row.was, others.get(row.other_id), **preferences.per_place(row))
        for row in found
    ]


async def _by_number(connection: AsyncConnection, numbers: set[int]) -> dict[int, Area]:
    if not numbers:
        return {}
    rows = await connection.execute(select(areas).where(areas.c.id.in_(numbers)))
    return {row.id: area_of(row) for row in rows}


async def hold(connection: AsyncConnection, subscriber_id: int) -> None:
    """Let one transaction at a time change what this resident follows."""
    await connection.execute(
        select(subscribers.c.id).where(subscribers.c.id == subscriber_id).with_for_update()
    )


async def area(
    connection: AsyncConnection, code: str, *, hold: bool = False
) -> tuple[int, Area] | None:
    """An area with its key; ``hold`` keeps it from being removed until this transaction ends."""
    found = select(areas).where(areas.c.code == code)
    if hold:
        found = found.with_for_update(read=True)
    row = (await connection.execute(found)).one_or_none()
    return None if row is None else (row.id, area_of(row))


async def count(connection: AsyncConnection, subscriber_id: int) -> int:
    """How many areas a resident follows."""
    return (
        await connection.execute(
            select(func.count()).select_from(places).where(places.c.subscriber_id == subscriber_id)
        )
    ).scalar_one()


async def count_followers(connection: AsyncConnection, number: int) -> int:
    """How many residents follow an area."""
    return (
        await connection.execute(
            select(func.count()).select_from(places).where(places.c.area_id == number)
        )
    ).scalar_one()


async def with_followers(
    connection: AsyncConnection, codes: Collection[str], fewest: int
) -> frozenset[str]:
    """Which of these areas, by code, at least so many residents follow."""
    rows = await connection.execute(
        select(areas.c.code)
        .join(places, places.c.area_id == areas.c.id)
        .where(areas.c.code.in_(codes))
        .group_by(areas.c.code)
        .having(func.count() >= fewest)
    )
    return frozenset(rows.scalars())


async def follows(connection: AsyncConnection, subscriber_id: int, number: int) -> bool:
    mine = exists().where(places.c.subscriber_id == subscriber_id, places.c.area_id == number)
    return bool((await connection.execute(select(mine))).scalar_one())


async def add(connection: AsyncConnection, subscriber_id: int, number: int) -> None:
    await connection.execute(
        insert_into(connection, places)
        .values(subscriber_id=subscriber_id, area_id=number)
        .on_conflict_do_nothing()
    )


async def remove(connection: AsyncConnection, subscriber_id: int, number: int) -> bool:
    """Returns whether there was anything to remove."""
    gone = await connection.execute(
        delete(places).where(places.c.subscriber_id == subscriber_id, places.c.area_id == number)
    )
    return gone.rowcount > 0


async def record_consent(
    connection: AsyncConnection, subscriber_id: int, notice: int, today: date
) -> None:
    """Note once which privacy notice a resident was shown; following again undoes a stop."""
    mine = update(subscribers).where(subscribers.c.id == subscriber_id)
    await connection.execute(mine.values(stopped_on=None))
    await connection.execute(
        mine.where(subscribers.c.notice.is_(None)).values(notice=notice, noticed_on=today)
    )


async def settle(connection: AsyncConnection, subscriber_id: int, number: int) -> bool:
    """Take one of the two areas a resident was asked about as theirs, with what they had set.

    Returns whether there was such a question.
    """
    asked = (
        await connection.execute(
            select(places.c.area_id).where(
                places.c.subscriber_id == subscriber_id,
                or_(places.c.area_id == number, places.c.other_id == number),
                or_(places.c.was.is_not(None), places.c.other_id.is_not(None)),
            )
        )
    ).scalars()
    questions = list(asked)
    if not questions:
        return False
    mine = update(places).where(places.c.subscriber_id == subscriber_id)
    if not await follows(connection, subscriber_id, number):
        moving = questions.pop()
        await connection.execute(mine.where(places.c.area_id == moving).values(area_id=number))
    for asked_about in questions:
        if asked_about != number:
            await remove(connection, subscriber_id, asked_about)
    await connection.execute(mine.where(places.c.area_id == number).values(was=None, other_id=None))
    return True


async def move(
    connection: AsyncConnection, old: int, new: int, *, was: str, other: int | None
) -> int:
    """Move the followers of an area that is no more, so that each is told and, if need be, asked.

    Who follows both already keeps the one. Returns how many now follow ``new`` because of this.
    """
    have_both = select(places.c.subscriber_id).where(places.c.area_id == new).scalar_subquery()
    await connection.execute(
        delete(places).where(places.c.area_id == old, places.c.subscriber_id.in_(have_both))
    )
    moved = await connection.execute(
        update(places)
        .where(places.c.area_id == old)
        .values(area_id=new, was=func.coalesce(places.c.was, was), other_id=other)
    )
    await connection.execute(update(places).where(places.c.other_id == old).values(other_id=new))
    return moved.rowcount


async def drop(connection: AsyncConnection, old: int) -> None:
    """End all following of an area that is no more and that nothing replaces."""
    await connection.execute(delete(places).where(places.c.area_id == old))
    await connection.execute(update(places).where(places.c.other_id == old).values(other_id=None))


async def forget_moot_questions(connection: AsyncConnection) -> None:
    """Do not ask "is it the other one?" of a resident who follows the other one as well."""
    mine = places.alias("mine")
    followed = exists().where(
        mine.c.subscriber_id == places.c.subscriber_id, mine.c.area_id == places.c.other_id
    )
    await connection.execute(update(places).where(followed).values(other_id=None))
