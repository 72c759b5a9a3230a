"""Posts: drafted, approved, released, corrected and stopped; and who would hear of one."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import (
    USUAL_TOPICS,
    Area,
    Frequency,
    Kind,
    Level,
    Origin,
    Picture,
    Policy,
    Post,
    Priority,
    Topic,
    Variant,
)
from bot.store import translations
from bot.store.areas import area_of
from bot.store.tables import areas, pictures, places, post_areas, posts, subscribers, variants

DEFAULT_LANGUAGE = "en_GB"

_AREA = [  # all but the outline, which is large
    areas.c.code,
    areas.c.name,
    areas.c.district,
    areas.c.standin,
    areas.c.latitude,
    areas.c.longitude,
]


@dataclass(frozen=True, slots=True)
class Standing:
    """What may change of a post while it is being sent."""

    id: int
    live: bool
    expires_at: datetime
    edition: int
    corrected_by: int | None


@dataclass(frozen=True, slots=True)
class ToPlan:
    """A released post, and how far it is planned: the last subscriber selected, and their area.

    A ``picked`` one goes to those only whom it was chosen for.
    """

    id: int
    kind: Kind
    level: Level
    topic: Topic
    priority: Priority
    everywhere: bool
    refers_to: int | None
    all_clear: bool
    edition: int
    cursor: int
    cursor_area: int | None
    picked: bool


async def add(
    connection: AsyncConnection,
    words: Sequence[Variant],
    area_ids: Collection[int],
    **values: object,
) -> int:
    """Store a post with its words and areas; ``values`` are columns of ``post``."""
    statement = insert(posts).values(live=True, language=words[0].language, **values)
    number: int = (await connection.execute(statement.returning(posts.c.id))).scalar_one()
    await connection.execute(
        insert(variants),
        [
            {
                "post_id": number,
                "language": each.language,
                "title": each.title,
                "body": each.body,
                "said": each.said,
                "alt": each.picture and each.picture.alt,
            }
            for each in words
        ],
    )
    if area_ids:
        rows = [{"post_id": number, "area_id": area_id} for area_id in area_ids]
        await connection.execute(insert(post_areas), rows)
    return number


async def by_code(connection: AsyncConnection, code: str, *, hold: bool = False) -> Post | None:
    """A post by its public id; ``hold`` keeps everyone else from changing it meanwhile."""
    number = select(posts.c.id).where(posts.c.code == code)
    if hold:
        number = number.with_for_update()
    return await _one(connection, (await connection.execute(number)).scalar_one_or_none())


async def by_key(connection: AsyncConnection, key: str) -> Post | None:
    """The post that was drafted under a key."""
    number = select(posts.c.id).where(posts.c.dedupe_key == key)
    return await _one(connection, (await connection.execute(number)).scalar_one_or_none())


async def by_id(connection: AsyncConnection, ids: Collection[int]) -> dict[int, Post]:
    """Posts with their words and areas."""
    original = posts.alias("original")
    rows = await connection.execute(
        select(posts, original.c.code.label("refers_code"))
        .outerjoin(original, original.c.id == posts.c.refers_to)
        .where(posts.c.id.in_(ids))
    )
    written = await connection.execute(
        select(variants, posts.c.code, pictures.c.width, pictures.c.height)
        .join(posts, posts.c.id == variants.c.post_id)
        .outerjoin(pictures, pictures.c.id == posts.c.picture_id)
        .where(variants.c.post_id.in_(ids))
    )
    words: dict[int, list[Variant]] = defaultdict(list)
    for row in written:
        words[row.post_id].append(_variant(row))
    for row in await translations.by_post(connection, ids):
        # The picture is the same in every language, and told in the one of the row.
        words[row.post_id].append(translations.variant_of(row, words[row.post_id][0].picture))
    where = await connection.execute(
        select(post_areas.c.post_id, *_AREA)
        .join(areas, areas.c.id == post_areas.c.area_id)
        .where(post_areas.c.post_id.in_(ids))
        .order_by(areas.c.name, areas.c.code)
    )
    found: dict[int, list[Area]] = defaultdict(list)
    for row in where:
        found[row.post_id].append(area_of(row))
    return {row.id: _post(row, words[row.id], found[row.id]) for row in rows}


async def standing(connection: AsyncConnection, ids: Collection[int]) -> dict[int, Standing]:
    """How these posts stand. Nobody changes that before this transaction ends."""
    rows = await connection.execute(
        select(posts.c.id, posts.c.live, posts.c.expires_at, posts.c.edition, posts.c.corrected_by)
        .where(posts.c.id.in_(ids))
        .order_by(posts.c.id)
        .with_for_update(read=True)
    )
    return {row.id: Standing(*row) for row in rows}


async def targets(connection: AsyncConnection, post_id: int) -> dict[int, Area]:
    """A post's areas by their keys, in order."""
    rows = await connection.execute(
        select(areas.c.id, *_AREA)
        .join(post_areas, post_areas.c.area_id == areas.c.id)
        .where(post_areas.c.post_id == post_id)
        .order_by(areas.c.id)
    )
    return {row.id: area_of(row) for row in rows}


async def change(connection: AsyncConnection, post_id: int, **values: object) -> None:
    """Set columns of a post."""
    await connection.execute(update(posts).where(posts.c.id == post_id).values(values))


async def reword(connection: AsyncConnection, post_id: int, title: str, body: str) -> None:
    """Put other words into a post that has one language."""
    await connection.execute(
        update(variants).where(variants.c.post_id == post_id).values(title=title, body=body)
    )


async def of_area(
    connection: AsyncConnection,
    area_id: int,
    kinds: Collection[Kind],
    since: datetime,
    now: datetime,
    limit: int,
) -> dict[int, Post]:
    """Posts for an area, or for all, that began to go out since; newest first.

    Those that were cancelled, or brought to an end, are among them; advice is not, which was
    chosen for each resident.
    """
    mine = or_(posts.c.asked_for, posts.c.picked)
    here = exists().where(post_areas.c.post_id == posts.c.id, post_areas.c.area_id == area_id)
    rows = await connection.execute(
        select(posts.c.id)
        .where(posts.c.send_at >= since, posts.c.send_at <= now, posts.c.refers_to.is_(None))
        .where(posts.c.kind.in_([kind.value for kind in kinds]), ~mine)
        .where(or_(posts.c.everywhere, here))
        .order_by(posts.c.send_at.desc(), posts.c.id.desc())
        .limit(limit)
    )
    ids = list(rows.scalars())
    found = await by_id(connection, ids)
    return {number: found[number] for number in ids}


async def drafts(connection: AsyncConnection, now: datetime) -> list[Post]:
    """What was neither released nor cancelled, and could still go out, the oldest first."""
    rows = await connection.execute(
        select(posts.c.id)
        .where(posts.c.send_at.is_(None), posts.c.live, posts.c.expires_at > now)
        .order_by(posts.c.id)
    )
    numbers = list(rows.scalars())
    found = await by_id(connection, numbers)
    return [found[number] for number in numbers]


async def follow_ups(
    connection: AsyncConnection, ids: Collection[int], now: datetime
) -> list[Post]:
    """The corrections and all-clears of posts that began to go out, the oldest first."""
    rows = await connection.execute(
        select(posts.c.id)
        .where(posts.c.refers_to.in_(ids), posts.c.send_at <= now)
        .order_by(posts.c.send_at, posts.c.id)
    )
    numbers = list(rows.scalars())
    found = await by_id(connection, numbers)
    return [found[number] for number in numbers]


async def end_released(connection: AsyncConnection) -> None:
    """Let nothing more go out of any post: what was sent since is not known here."""
    await connection.execute(update(posts).where(posts.c.send_at.is_not(None)).values(live=False))


async def value(connection: AsyncConnection, post_id: int, column: str) -> Any:
    """One column of a post that ``Post`` does not carry."""
    return (
        await connection.execute(select(posts.c[column]).where(posts.c.id == post_id))
    ).scalar_one()


async def correction_before(connection: AsyncConnection, correction: Post) -> int | None:
    """The newest other released correction of the same post that was not cancelled."""
    found = await connection.execute(
        select(posts.c.id)
        .where(posts.c.refers_to == correction.refers_to, ~posts.c.all_clear)
        .where(posts.c.id != correction.id, posts.c.cancelled_at.is_(None))
        .where(posts.c.send_at.is_not(None))
        .order_by(posts.c.edition.desc())
        .limit(1)
    )
    return found.scalar_one_or_none()


async def sent_lately(connection: AsyncConnection, post: Post, since: datetime) -> str | None:
    """The public id of another post in the same words that was released since."""
    words = post.variants[0]
    same = exists().where(
        variants.c.post_id == posts.c.id,
        variants.c.language == words.language,
        variants.c.title == words.title,
        variants.c.body == words.body,
    )
    found = await connection.execute(
        select(posts.c.code)
        .where(posts.c.id != post.id, posts.c.send_at >= since, posts.c.cancelled_at.is_(None))
        .where(same)
        .limit(1)
    )
    return found.scalar_one_or_none()


async def outcomes(
    connection: AsyncConnection,
    area: str,
    topic: Topic,
    since: datetime,
    now: datetime,
    most: int,
) -> list[int]:
    """Keys of the newest outcomes released since a moment on a topic, for an area's code.

    The newest is last.
    """
    here = exists().where(
        post_areas.c.post_id == posts.c.id, post_areas.c.area_id == areas.c.id, areas.c.code == area
    )
    rows = await connection.execute(
        select(posts.c.id)
        .where(
            posts.c.kind == Kind.OUTCOME.value,
            posts.c.live,
            posts.c.refers_to.is_(None),
            posts.c.send_at >= since,
            posts.c.send_at <= now,
            posts.c.topic.op("&")(int(topic)) != 0,
            or_(posts.c.everywhere, here),
        )
        .order_by(posts.c.send_at.desc(), posts.c.id.desc())
        .limit(most)
    )
    return list(rows.scalars())[::-1]


async def next_to_plan(
    connection: AsyncConnection, now: datetime, but: Collection[int] = ()
) -> ToPlan | None:
    """The most urgent post, ``but`` those, whose time has come and that is not all planned.

    It is this transaction's alone; another planner finds the next one.
    """
    found = await connection.execute(
        select(posts)
        .where(posts.c.planned_at.is_(None), posts.c.live, posts.c.send_at <= now)
        .where(posts.c.expires_at > now, posts.c.id.not_in(but))
        .order_by(posts.c.priority, posts.c.send_at, posts.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = found.one_or_none()
    if row is None:
        return None
    return ToPlan(
        row.id,
        Kind(row.kind),
        Level(row.level),
        Topic(row.topic),
        Priority(row.priority),
        row.everywhere,
        row.refers_to,
        row.all_clear,
        row.edition,
        row.cursor,
        row.cursor_area,
        row.picked,
    )


async def left_to_plan(connection: AsyncConnection, now: datetime) -> dict[int, datetime]:
    """When sending begins, by post, of all that are released and not all planned yet."""
    rows = await connection.execute(
        select(posts.c.id, posts.c.send_at)
        .where(posts.c.planned_at.is_(None), posts.c.send_at.is_not(None))
        .where(posts.c.live, posts.c.expires_at > now)
    )
    return {row.id: row.send_at for row in rows}


async def not_begun(connection: AsyncConnection, now: datetime, before: datetime) -> int:
    """How many posts were to be sent before a moment, and are not even planned in part."""
    found = await connection.execute(
        select(func.count())
        .where(posts.c.planned_at.is_(None), posts.c.send_at < before)
        .where(posts.c.live, posts.c.expires_at > now)
        .where(posts.c.cursor == 0, posts.c.cursor_area.is_(None))
    )
    return found.scalar_one()


def wants(kind: Kind, level: Level, topic: Topic) -> ColumnElement[bool]:
    """Whether a place's settings let a post through: alerts by level, all else by topic."""
    if kind is not Kind.ALERT:
        return func.coalesce(places.c.topics, int(USUAL_TOPICS)).bitwise_and(int(topic)) != 0
    if level is Level.URGENT:
        return true()
    return func.coalesce(places.c.alerts, int(Level.ROUTINE)) <= int(level)


async def audience(
    connection: AsyncConnection,
    area_ids: Collection[int] | None,
    kind: Kind,
    level: Level,
    topic: Topic,
    *,
    at_once: bool = False,
) -> Mapping[tuple[str, str], int]:
    """How many follow, by channel and language; None for everywhere.

    With ``at_once`` only those who do not get their news in a digest.
    """
    followed = true() if area_ids is None else places.c.area_id.in_(area_ids)
    followers = select(places.c.subscriber_id).where(followed, wants(kind, level, topic))
    if at_once:
        followers = followers.where(places.c.frequency == int(Frequency.AT_ONCE))
    language = func.coalesce(subscribers.c.language, DEFAULT_LANGUAGE)
    rows = await connection.execute(
        select(subscribers.c.channel, language, func.count())
        .where(and_(subscribers.c.stopped_on.is_(None), subscribers.c.id.in_(followers)))
        .group_by(subscribers.c.channel, language)
    )
    return {(row[0], row[1]): row[2] for row in rows}


async def _one(connection: AsyncConnection, number: int | None) -> Post | None:
    return None if number is None else (await by_id(connection, [number]))[number]


def _variant(row: Row[Any]) -> Variant:
    shown = row.alt is not None and row.width is not None
    picture = Picture(row.code, row.width, row.height, row.alt) if shown else None
    return Variant(row.language, row.title, row.body, picture, row.said)


def _post(row: Row[Any], words: Sequence[Variant], targets: Sequence[Area]) -> Post:
    return Post(
        id=row.id,
        code=row.code,
        kind=Kind(row.kind),
        level=Level(row.level),
        topic=Topic(row.topic),
        policy=Policy(row.policy),
        everywhere=row.everywhere,
        areas=tuple(targets),
        variants=tuple(sorted(words, key=lambda each: each.language != row.language)),
        priority=Priority(row.priority),
        live=row.live,
        expires_at=row.expires_at,
        audience=row.audience,
        wanted_at=row.wanted_at,
        approved_at=row.approved_at,
        send_at=row.send_at,
        planned_at=row.planned_at,
        cancelled_at=row.cancelled_at,
        refers_to=row.refers_to,
        refers_code=row.refers_code,
        all_clear=row.all_clear,
        edition=row.edition,
        corrected_by=row.corrected_by,
        origin=_origin(row),
        asked_for=row.asked_for,
    )


def _origin(row: Row[Any]) -> Origin | None:
    if row.source is None:
        return None
    return Origin(row.source, row.licence or "", row.link or "", row.published_at)
