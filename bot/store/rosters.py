"""Who looks after an area, as the force last published it."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Officer
from bot.store.database import insert_into
from bot.store.tables import area_teams, areas


@dataclass(frozen=True, slots=True)
class Roster:
    """The officers of an area, and the team's own contacts: pairs of a channel and an address."""

    officers: tuple[Officer, ...]
    contacts: tuple[tuple[str, str], ...]
    read_at: datetime


async def put(
    connection: AsyncConnection,
    number: int,
    officers: Sequence[Officer],
    contacts: Sequence[tuple[str, str]],
    now: datetime,
) -> None:
    """Keep what is published of an area, by its key, in place of what was."""
    statement = insert_into(connection, area_teams).values(
        area_id=number,
        officers=json.dumps([asdict(each) for each in officers]),
        contacts=json.dumps(list(contacts)),
        read_at=now,
    )
    new = statement.excluded
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["area_id"],
            set_={"officers": new.officers, "contacts": new.contacts, "read_at": new.read_at},
        )
    )


async def of(connection: AsyncConnection, code: str) -> Roster | None:
    """What is known of an area, by its id."""
    rows = await connection.execute(
        select(area_teams)
        .join(areas, areas.c.id == area_teams.c.area_id)
        .where(areas.c.code == code)
    )
    row = rows.one_or_none()
    if row is None:
        return None
    officers = (
        Officer(**{**each, "contacts": _pairs(each["contacts"])})
        for each in json.loads(row.officers)
    )
    return Roster(tuple(officers), _pairs(json.loads(row.contacts)), row.read_at)


async def read_since(connection: AsyncConnection, moment: datetime) -> Collection[int]:
    """The keys of areas that were read at that moment or later."""
    rows = await connection.execute(
        select(area_teams.c.area_id).where(area_teams.c.read_at >= moment)
    )
    return set(rows.scalars())


def _pairs(listed: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((kind, where) for kind, where in listed)
