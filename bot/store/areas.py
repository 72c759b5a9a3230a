"""Areas and their outlines, and a mark that tells every process when they changed."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Area, Point
from bot.store import facts
from bot.store.database import insert_into
from bot.store.tables import areas

_VERSION = "areas version"


@dataclass(frozen=True, slots=True)
class StoredArea:
    """An area with its outline (WKB, WGS84 degrees, longitude first) and its council's ONS code.

    ``number`` is its key in the database, 0 until it is stored.
    """

    area: Area
    outline: bytes
    district_code: str = ""
    number: int = 0


async def lock(connection: AsyncConnection) -> None:
    """Keep everybody else from changing areas, or following one, until this transaction ends.

    SQLite's one writer needs no more than the transaction itself.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(text("LOCK TABLE area IN EXCLUSIVE MODE"))


async def version(connection: AsyncConnection) -> str | None:
    """A mark that differs after every change of the areas, by whichever process."""
    return await facts.read(connection, _VERSION)


async def mark_changed(connection: AsyncConnection) -> None:
    await facts.write(connection, _VERSION, secrets.token_hex(8))


async def everything(connection: AsyncConnection) -> list[StoredArea]:
    rows = await connection.execute(select(areas).order_by(areas.c.code))
    return [StoredArea(area_of(row), row.outline, row.district_code, number=row.id) for row in rows]


async def count(connection: AsyncConnection) -> int:
    return (await connection.execute(select(func.count()).select_from(areas))).scalar_one()


async def count_standins(connection: AsyncConnection) -> int:
    return (
        await connection.execute(select(func.count()).select_from(areas).where(areas.c.standin))
    ).scalar_one()


async def put(connection: AsyncConnection, new: Sequence[StoredArea]) -> dict[str, int]:
    """Add areas, or change those already there by id. Returns the key of every area by its id."""
    statement = insert_into(connection, areas)
    changed = {
        column.name: statement.excluded[column.name] for column in areas.c if not column.primary_key
    }
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["code"], set_=changed),
        [_values(one) for one in new],
    )
    rows = await connection.execute(select(areas.c.code, areas.c.id))
    return {row.code: row.id for row in rows}


async def remove(connection: AsyncConnection, number: int) -> None:
    """Delete an area that nobody follows any more."""
    await connection.execute(delete(areas).where(areas.c.id == number))


def area_of(row: Row[Any]) -> Area:
    """An Area from a row that holds the columns of ``area``."""
    centre = None if row.latitude is None else Point(row.latitude, row.longitude)
    return Area(row.code, row.name, row.district, row.standin, centre)


def _values(one: StoredArea) -> dict[str, object]:
    centre = one.area.centre
    return {
        "code": one.area.id,
        "name": one.area.name,
        "district": one.area.district,
        "district_code": one.district_code,
        "standin": one.area.standin,
        "latitude": centre.latitude if centre else None,
        "longitude": centre.longitude if centre else None,
        "outline": one.outline,
    }
