"""What sources list of an area until it is over: priorities with their stages, and meetings."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import LocalPriority, Meeting, Origin, Topic
from bot.store.areas import area_of
from bot.store.database import insert_into
from bot.store.tables import areas, events, feeds, priorities, reminders

_AREA = [column for column in areas.c if column.name not in {"id", "outline", "district_code"}]


async def put_priority(
    connection: AsyncConnection,
    area_ids: Collection[int],
    acting_at: datetime | None,
    **values: object,
) -> None:
    """Add a priority to areas, or take over what is said of it now.

    The first action makes it acting, another one later reviewed. An action that is taken back
    leaves the dates on which something was said.
    """
    statement = insert_into(connection, priorities)
    new, old = statement.excluded, priorities.c
    is_first = and_(old.acting_at.is_(None), new.action != "")
    is_other = and_(old.acting_at.is_not(None), new.action != old.action, new.action != "")
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["area_id", "feed", "key"],
            set_={
                "action": new.action,
                "topic": new.topic,
                "link": new.link,
                "acting_at": case((is_first, new.acting_at), else_=old.acting_at),
                "reviewed_at": case((is_other, new.acting_at), else_=old.reviewed_at),
                "gone_at": None,
            },
        ),
        [{"area_id": each, "acting_at": acting_at, **values} for each in sorted(area_ids)],
    )


async def put_event(
    connection: AsyncConnection, area_ids: Collection[int], **values: object
) -> None:
    """Add a meeting to areas, or take over what is said of it now."""
    statement = insert_into(connection, events)
    new = statement.excluded
    changing = ("title", "about", "venue", "starts_at", "ends_at", "link")
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["area_id", "feed", "key"],
            set_={name: new[name] for name in changing} | {"gone_at": None},
        ),
        [{"area_id": each, **values} for each in sorted(area_ids)],
    )


async def keep(
    connection: AsyncConnection, feed: str, keys: Collection[bytes], now: datetime
) -> None:
    """Note what a source lists no more, given the keys of all that it lists."""
    for table in (priorities, events):
        rows = await connection.execute(
            select(table.c.id, table.c.key).where(table.c.feed == feed, table.c.gone_at.is_(None))
        )
        gone = [row.id for row in rows if row.key not in keys]
        if gone:
            await connection.execute(update(table).where(table.c.id.in_(gone)).values(gone_at=now))


async def priorities_of(connection: AsyncConnection, area: str) -> list[LocalPriority]:
    """What is listed for an area by its id; what something was last said of comes first."""
    newest = func.coalesce(priorities.c.reviewed_at, priorities.c.acting_at, priorities.c.found_at)
    rows = await connection.execute(
        _priorities(areas.c.code == area).order_by(newest.desc(), priorities.c.id)
    )
    return [_priority(row) for row in rows]


async def waiting(connection: AsyncConnection) -> list[LocalPriority]:
    """What nothing is said to be done about, in every area, the oldest first."""
    rows = await connection.execute(
        _priorities(priorities.c.action == "").order_by(priorities.c.found_at, priorities.c.id)
    )
    return [_priority(row) for row in rows]


async def read_at(connection: AsyncConnection, area: str) -> datetime | None:
    """When the sources of an area's priorities last answered, the least lately read of them."""
    named = (
        select(priorities.c.feed)
        .join(areas, areas.c.id == priorities.c.area_id)
        .where(areas.c.code == area, priorities.c.gone_at.is_(None))
    )
    found = await connection.execute(
        select(func.min(feeds.c.read_at)).where(feeds.c.name.in_(named))
    )
    moment: datetime | None = found.scalar_one_or_none()
    return moment


async def meetings_of(
    connection: AsyncConnection, area_ids: Collection[str], now: datetime
) -> list[Meeting]:
    """Meetings of areas, by their ids, that are still to come, the soonest first."""
    rows = await connection.execute(_meetings(areas.c.code.in_(area_ids), events.c.starts_at > now))
    return [_meeting(row) for row in rows]


async def meeting(connection: AsyncConnection, number: int) -> Meeting | None:
    """A meeting that is still listed."""
    row = (await connection.execute(_meetings(events.c.id == number))).one_or_none()
    return None if row is None else _meeting(row)


async def remind(connection: AsyncConnection, subscriber: int, event: int, due: datetime) -> None:
    """Keep that a resident wants to be reminded; asking again moves it."""
    statement = insert_into(connection, reminders)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["subscriber_id", "event_id"], set_={"due": statement.excluded.due}
        ),
        {"subscriber_id": subscriber, "event_id": event, "due": due},
    )


async def has_due_reminders(connection: AsyncConnection, now: datetime) -> bool:
    """Whether anybody is to be reminded now."""
    due = select(reminders.c.event_id).where(reminders.c.due <= now).limit(1)
    return (await connection.execute(due)).first() is not None


async def due_reminders(connection: AsyncConnection, now: datetime) -> Mapping[int, Sequence[int]]:
    """Take the reminders that are due: the residents by the meeting. Nobody else gets them."""
    rows = await connection.execute(
        delete(reminders)
        .where(reminders.c.due <= now)
        .returning(reminders.c.event_id, reminders.c.subscriber_id)
    )
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row.event_id, []).append(row.subscriber_id)
    return found


async def reminders_of(connection: AsyncConnection, subscriber: int) -> list[tuple[str, datetime]]:
    """What a resident will be reminded of, and when."""
    rows = await connection.execute(
        select(events.c.title, reminders.c.due)
        .join(events, events.c.id == reminders.c.event_id)
        .where(reminders.c.subscriber_id == subscriber)
        .order_by(reminders.c.due)
    )
    return [(row.title, row.due) for row in rows]


async def forget(connection: AsyncConnection, before: datetime) -> None:
    """Forget meetings that were over, and priorities that were listed no more, by a moment."""
    await connection.execute(delete(events).where(events.c.starts_at < before))
    await connection.execute(delete(priorities).where(priorities.c.gone_at < before))


def _priorities(which: ColumnElement[bool]) -> Select[Any]:
    return (
        select(priorities, *_AREA)
        .join(areas, areas.c.id == priorities.c.area_id)
        .where(which, priorities.c.gone_at.is_(None))
    )


def _meetings(*which: ColumnElement[bool]) -> Select[Any]:
    return (
        select(events, *_AREA)
        .join(areas, areas.c.id == events.c.area_id)
        .where(*which, events.c.gone_at.is_(None))
        .order_by(events.c.starts_at, events.c.id)
    )


def _priority(row: Row[Any]) -> LocalPriority:
    return LocalPriority(
        area=area_of(row),
        said=row.issue,
        did=row.action,
        topic=Topic(row.topic),
        language=row.language,
        origin=_origin(row, row.reviewed_at or row.acting_at or row.found_at),
        found=row.found_at,
        acting=row.acting_at,
        reviewed=row.reviewed_at,
    )


def _meeting(row: Row[Any]) -> Meeting:
    return Meeting(
        id=row.id,
        area=area_of(row),
        title=row.title,
        about=row.about,
        venue=row.venue,
        starts=row.starts_at,
        ends=row.ends_at,
        language=row.language,
        origin=_origin(row),
    )


def _origin(row: Row[Any], published: datetime | None = None) -> Origin:
    return Origin(row.source, row.licence, row.link, published)
