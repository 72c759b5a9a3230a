"""Which advice went to whom, how far a week's choice has come, and what readers thought of it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import USUAL_TOPICS, Area, Topic
from bot.store.areas import area_of
from bot.store.database import insert_into
from bot.store.tables import (
    advice,
    advice_votes,
    advice_weeks,
    areas,
    places,
    posts,
    subscribers,
)

_AREA = [column for column in areas.c if column.name not in {"outline", "district_code"}]
_FRIDAY = 4


@dataclass(slots=True)
class Past:
    """On which day each article last came to a resident, and the day of the first of all."""

    had: dict[str, date] = field(default_factory=dict)
    since: date | None = None


async def stands_at(connection: AsyncConnection, friday: date) -> int | None:
    """The last subscriber selected for a week, 0 at its beginning; None once it is released.

    The week is this transaction's alone until it ends.
    """
    await connection.execute(
        insert_into(connection, advice_weeks)
        .values(friday=friday, cursor=0)
        .on_conflict_do_nothing()
    )
    found = await connection.execute(
        select(advice_weeks).where(advice_weeks.c.friday == friday).with_for_update()
    )
    row = found.one()
    return None if row.released_at is not None else int(row.cursor)


async def go_on(connection: AsyncConnection, friday: date, cursor: int) -> None:
    """Note the last subscriber selected."""
    await _set(connection, friday, cursor=cursor)


async def released(connection: AsyncConnection, friday: date, now: datetime) -> None:
    """Note that a week's posts are in the outbox: whoever comes later waits for the next."""
    await _set(connection, friday, released_at=now)


async def end_week(connection: AsyncConnection, now: datetime) -> None:
    """Choose nothing more for this week: what was sent since its Friday is not known here."""
    friday = now.date() + timedelta(days=_FRIDAY - now.weekday())
    if now.date() >= friday:
        await stands_at(connection, friday)
        await released(connection, friday, now)


async def readers(
    connection: AsyncConnection, friday: date, after: int, limit: int
) -> Sequence[int]:
    """The next residents in order who follow an area and have no pause over a day."""
    follows = exists().where(places.c.subscriber_id == subscribers.c.id)
    awake = or_(subscribers.c.paused_until.is_(None), subscribers.c.paused_until <= friday)
    rows = await connection.execute(
        select(subscribers.c.id)
        .where(subscribers.c.id > after, subscribers.c.stopped_on.is_(None), follows, awake)
        .order_by(subscribers.c.id)
        .limit(limit)
    )
    return rows.scalars().all()


async def followed(
    connection: AsyncConnection, subscriber_ids: Collection[int]
) -> Mapping[int, Sequence[tuple[Area, Topic]]]:
    """The areas of these residents with the topics wanted there, always in the same order."""
    topics = func.coalesce(places.c.topics, int(USUAL_TOPICS)).label("topics")
    rows = await connection.execute(
        select(places.c.subscriber_id, topics, *_AREA)
        .join(areas, areas.c.id == places.c.area_id)
        .where(places.c.subscriber_id.in_(subscriber_ids))
        .order_by(places.c.subscriber_id, areas.c.code)
    )
    found: dict[int, list[tuple[Area, Topic]]] = defaultdict(list)
    for row in rows:
        found[row.subscriber_id].append((area_of(row), Topic(row.topics)))
    return found


async def past(connection: AsyncConnection, subscriber_ids: Collection[int]) -> Mapping[int, Past]:
    """What these residents have had so far; those who had nothing are left out."""
    rows = await connection.execute(
        select(
            advice.c.subscriber_id,
            advice.c.article,
            func.max(advice.c.friday).label("last"),
            func.min(advice.c.friday).label("first"),
        )
        .where(advice.c.subscriber_id.in_(subscriber_ids))
        .group_by(advice.c.subscriber_id, advice.c.article)
    )
    found: dict[int, Past] = defaultdict(Past)
    for row in rows:
        mine = found[row.subscriber_id]
        mine.had[row.article] = row.last
        mine.since = min(mine.since or row.first, row.first)
    return found


async def add(
    connection: AsyncConnection, friday: date, rows: Sequence[tuple[int, str, int]]
) -> None:
    """Keep what was chosen: subscriber, article and post."""
    await connection.execute(
        insert(advice),
        [
            {"subscriber_id": subscriber, "friday": friday, "article": article, "post_id": post}
            for subscriber, article, post in rows
        ],
    )


async def unreleased(connection: AsyncConnection, friday: date) -> Mapping[int, int]:
    """The posts of a week that are still to be released, with how many each is for."""
    rows = await connection.execute(
        select(advice.c.post_id, func.count().label("audience"))
        .join(posts, posts.c.id == advice.c.post_id)
        .where(advice.c.friday == friday, posts.c.send_at.is_(None), posts.c.live)
        .group_by(advice.c.post_id)
        .order_by(advice.c.post_id)
    )
    return {row.post_id: row.audience for row in rows}


async def of(connection: AsyncConnection, subscriber_id: int) -> list[tuple[date, str]]:
    """Everything kept for one resident: the Friday and the article, the newest last."""
    rows = await connection.execute(
        select(advice.c.friday, advice.c.article)
        .where(advice.c.subscriber_id == subscriber_id)
        .order_by(advice.c.friday)
    )
    return [(row.friday, row.article) for row in rows]


async def vote(connection: AsyncConnection, article: str, *, useful: bool) -> None:
    """Count one opinion of an article."""
    statement = insert_into(connection, advice_votes).values(
        article=article, useful=int(useful), not_useful=int(not useful)
    )
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["article"],
            set_={
                name: advice_votes.c[name] + statement.excluded[name]
                for name in ("useful", "not_useful")
            },
        )
    )


async def votes(connection: AsyncConnection) -> Mapping[str, tuple[int, int]]:
    """How many found each article useful, and how many did not."""
    rows = await connection.execute(select(advice_votes))
    return {row.article: (row.useful, row.not_useful) for row in rows}


async def purge(connection: AsyncConnection, before: date) -> None:
    """Forget what went to whom before a day."""
    await connection.execute(delete(advice).where(advice.c.friday < before))
    await connection.execute(delete(advice_weeks).where(advice_weeks.c.friday < before))


async def _set(connection: AsyncConnection, friday: date, **values: object) -> None:
    await connection.execute(
        update(advice_weeks).where(advice_weeks.c.friday == friday).values(values)
    )
