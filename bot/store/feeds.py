"""Where the reading of each outside source stands, and what was seen there before."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert_into
from bot.store.tables import entries, feeds


@dataclass(frozen=True, slots=True)
class Standing:
    """One source: what its last good reading left, and how the last poll went."""

    id: int
    name: str
    etag: str
    modified: str
    digest: bytes
    next_poll: datetime
    read_at: datetime | None
    failures: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class Marks:
    """Hashes by which a thing is known again, and one of what would be shown of it."""

    key: bytes
    link: bytes | None
    heading: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry that was there before. ``post_id`` is the post that was made of it, if any."""

    id: int
    feed_id: int
    marks: Marks
    first_seen: datetime
    post_id: int | None


async def enrol(connection: AsyncConnection, names: Collection[str], now: datetime) -> None:
    """Make sure that each source has a row; a new one is due at once."""
    if names:
        await connection.execute(
            insert_into(connection, feeds).on_conflict_do_nothing(index_elements=["name"]),
            [{"name": name, "next_poll": now} for name in names],
        )


async def claim(
    connection: AsyncConnection, names: Collection[str], now: datetime, until: datetime
) -> list[Standing]:
    """Those of the sources that are due, taken for this process alone until a moment."""
    found = await connection.execute(
        update(feeds)
        .where(feeds.c.name.in_(names), feeds.c.next_poll <= now)
        .values(next_poll=until)
        .returning(feeds)
    )
    return [_standing(row) for row in found]


async def standings(connection: AsyncConnection) -> list[Standing]:
    rows = await connection.execute(select(feeds).order_by(feeds.c.name))
    return [_standing(row) for row in rows]


async def note(connection: AsyncConnection, feed_id: int, **values: object) -> None:
    """Set columns of a source."""
    await connection.execute(update(feeds).where(feeds.c.id == feed_id).values(values))


async def seen(connection: AsyncConnection, feed_id: int) -> list[Seen]:
    """Everything that was seen at a source and is still remembered."""
    rows = await connection.execute(select(entries).where(entries.c.feed_id == feed_id))
    return [_seen(row) for row in rows]


async def told_elsewhere(
    connection: AsyncConnection, feed_id: int, marks: Iterable[Marks], since: datetime
) -> list[Seen]:
    """What was made a post for another source, first seen since, by address or by heading."""
    marks = list(marks)
    links = [each.link for each in marks if each.link is not None]
    rows = await connection.execute(
        select(entries)
        .where(entries.c.feed_id != feed_id, entries.c.first_seen >= since)
        .where(entries.c.post_id.is_not(None))
        .where(
            or_(
                entries.c.link.in_(links),
                entries.c.heading.in_([each.heading for each in marks]),
            )
        )
        .order_by(entries.c.id)
    )
    return [_seen(row) for row in rows]


async def post_of(connection: AsyncConnection, name: str, key: bytes) -> int | None:
    """The post that was made of an entry of a source."""
    found = await connection.execute(
        select(entries.c.post_id)
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .where(feeds.c.name == name, entries.c.key == key)
    )
    number: int | None = found.scalar_one_or_none()
    return number


async def add(
    connection: AsyncConnection,
    feed_id: int,
    new: Sequence[tuple[Marks, int | None]],
    now: datetime,
) -> None:
    """Remember entries, each with the post that was made of it; one that is known stays so."""
    if new:
        await connection.execute(
            insert_into(connection, entries).on_conflict_do_nothing(),
            [
                {
                    "feed_id": feed_id,
                    **asdict(marks),
                    "first_seen": now,
                    "last_seen": now,
                    "post_id": post_id,
                }
                for marks, post_id in new
            ],
        )


async def change(
    connection: AsyncConnection, entry_id: int, marks: Marks, post_id: int | None
) -> None:
    """Remember an entry as it is now."""
    await connection.execute(
        update(entries).where(entries.c.id == entry_id).values(**asdict(marks), post_id=post_id)
    )


async def still_there(
    connection: AsyncConnection, ids: Collection[int], now: datetime, but_since: datetime
) -> None:
    """Note that entries are still published, for those that this was not noted of lately."""
    await connection.execute(
        update(entries)
        .where(entries.c.id.in_(ids), entries.c.last_seen < but_since)
        .values(last_seen=now)
    )


async def forget(connection: AsyncConnection, feed_id: int, before: datetime) -> None:
    """Forget the entries of a source that were last seen before a moment."""
    await connection.execute(
        delete(entries).where(entries.c.feed_id == feed_id, entries.c.last_seen < before)
    )


def _seen(row: Row[Any]) -> Seen:
    marks = Marks(row.key, row.link, row.heading, row.content)
    return Seen(row.id, row.feed_id, marks, row.first_seen, row.post_id)


def _standing(row: Row[Any]) -> Standing:
    return Standing(**{**row._mapping, "digest": row.digest or b""})
