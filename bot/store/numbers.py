"""How many crimes an area had in a month: counts only, by category and newest result."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy import bindparam, delete, insert, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.areas import StoredArea
from bot.store.tables import areas, crime_counts, crime_months, places

Counts: TypeAlias = Mapping[tuple[str, str], int]
"""How many, by category and outcome; the outcome is empty where none was published."""


@dataclass(frozen=True, slots=True)
class MonthOfArea:
    """The crimes of a month, from its first day, within an area as it is drawn now."""

    area: StoredArea
    month: date
    counts: Counts


@dataclass(frozen=True, slots=True)
class StoredMonth:
    """The crimes of a month as they were counted at ``read_at``; ``sample`` ones are made up."""

    month: date
    sample: bool
    read_at: datetime
    counts: Counts


def drawn(area: StoredArea) -> bytes:
    """A mark of an outline: what was counted within another one cannot be compared."""
    return _mark(area.outline)


async def put(
    connection: AsyncConnection, months: Sequence[MonthOfArea], now: datetime, *, sample: bool
) -> None:
    """Keep these months in place of what was known of them."""
    if not months:
        return
    await connection.execute(
        delete(crime_months).where(
            crime_months.c.area_id == bindparam("number"),
            crime_months.c.month == bindparam("first"),
        ),
        [{"number": each.area.number, "first": each.month} for each in months],
    )
    await connection.execute(
        insert(crime_months),
        [
            {
                "area_id": each.area.number,
                "month": each.month,
                "drawn": drawn(each.area),
                "sample": sample,
                "read_at": now,
            }
            for each in months
        ],
    )
    rows = [
        {
            "area_id": each.area.number,
            "month": each.month,
            "category": category,
            "outcome": outcome,
            "count": count,
        }
        for each in months
        for (category, outcome), count in each.counts.items()
    ]
    if rows:
        await connection.execute(insert(crime_counts), rows)


async def of(connection: AsyncConnection, code: str, since: date) -> list[StoredMonth]:
    """The months of an area, by its id, from ``since`` on, as it is drawn now; oldest first."""
    area = (await connection.execute(select(areas).where(areas.c.code == code))).one_or_none()
    if area is None:
        return []
    mark = _mark(area.outline)
    which = (crime_months.c.area_id == area.id) & (crime_months.c.month >= since)
    months = await connection.execute(
        select(crime_months)
        .where(which, crime_months.c.drawn == mark)
        .order_by(crime_months.c.month)
    )
    kinds = crime_counts.c
    rows = await connection.execute(
        select(kinds.month, kinds.category, kinds.outcome, kinds["count"]).where(
            kinds.area_id == area.id, kinds.month >= since
        )
    )
    counts: dict[date, dict[tuple[str, str], int]] = {}
    for month, category, outcome, count in rows:
        counts.setdefault(month, {})[category, outcome] = count
    return [
        StoredMonth(row.month, row.sample, row.read_at, counts.get(row.month, {})) for row in months
    ]


async def known(connection: AsyncConnection) -> Collection[tuple[int, date, bytes]]:
    """Which months are there of which areas, by their keys, and how those were drawn."""
    rows = await connection.execute(
        select(crime_months.c.area_id, crime_months.c.month, crime_months.c.drawn)
    )
    return {(row.area_id, row.month, row.drawn) for row in rows}


async def followed_areas(connection: AsyncConnection) -> Sequence[str]:
    """The ids of areas that somebody follows."""
    rows = await connection.execute(
        select(areas.c.code).where(areas.c.id.in_(select(places.c.area_id))).order_by(areas.c.code)
    )
    return rows.scalars().all()


async def forget(connection: AsyncConnection, before: date) -> None:
    """Forget months before one that nothing is compared with any more."""
    await connection.execute(delete(crime_months).where(crime_months.c.month < before))


async def forget_empty(connection: AsyncConnection) -> None:
    """Forget months of which no area has any crime."""
    told = select(crime_counts.c.month).distinct()
    await connection.execute(delete(crime_months).where(crime_months.c.month.not_in(told)))


async def forget_samples(connection: AsyncConnection) -> None:
    """Take out what was made up for a demo."""
    await connection.execute(delete(crime_months).where(crime_months.c.sample == true()))


def _mark(outline: bytes) -> bytes:
    return hashlib.sha256(outline).digest()[:8]
