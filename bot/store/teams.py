"""Teams, the areas they serve, and invitations to join one."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Area, Team
from bot.store.areas import area_of
from bot.store.tables import areas, invitations, team_areas, teams


async def lock(connection: AsyncConnection) -> None:
    """Keep everybody else from changing teams until this transaction ends.

    SQLite's one writer needs no more than the transaction itself.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(text("LOCK TABLE team IN EXCLUSIVE MODE"))


async def everything(connection: AsyncConnection, *, samples: bool = False) -> list[Team]:
    """Every real team, or with ``samples`` those of the demo, by name."""
    found = list(
        await connection.execute(
            select(teams).where(teams.c.sample == samples).order_by(teams.c.name)
        )
    )
    served: dict[int, list[str]] = {row.id: [] for row in found}
    rows = select(team_areas).where(team_areas.c.team_id.in_(served)).order_by(team_areas.c.area)
    for row in await connection.execute(rows):
        served[row.team_id].append(row.area)
    return [_team(row, served[row.id]) for row in found]


async def without(connection: AsyncConnection) -> list[Area]:
    """Areas that no real team serves by name, in order of their names."""
    rows = await connection.execute(
        select(areas)
        .where(
            areas.c.code.not_in(
                select(team_areas.c.area)
                .join(teams, teams.c.id == team_areas.c.team_id)
                .where(~teams.c.sample)
            )
        )
        .order_by(areas.c.name, areas.c.code)
    )
    return [area_of(row) for row in rows]


async def add(connection: AsyncConnection, team: Team, *, sample: bool = False) -> int:
    """Add a team with its areas; its ``id`` is not looked at. Returns its new one."""
    statement = insert(teams).values(**_values(team), sample=sample).returning(teams.c.id)
    number: int = (await connection.execute(statement)).scalar_one()
    await _serve(connection, number, team.areas)
    return number


async def change(connection: AsyncConnection, team: Team) -> None:
    """Write down a team of this id as it is now."""
    await connection.execute(update(teams).where(teams.c.id == team.id).values(**_values(team)))
    await connection.execute(delete(team_areas).where(team_areas.c.team_id == team.id))
    await _serve(connection, team.id, team.areas)


async def remove(connection: AsyncConnection, team_id: int) -> None:
    """Delete a team; what it served and its invitations go with it."""
    await connection.execute(delete(teams).where(teams.c.id == team_id))


async def remove_samples(connection: AsyncConnection) -> None:
    await connection.execute(delete(teams).where(teams.c.sample))


async def invite(
    connection: AsyncConnection,
    hash: bytes,
    team_id: int,
    role: str,
    email_domain: str,
    expires_at: datetime,
) -> None:
    """Keep an invitation, by the hash of its code."""
    await connection.execute(
        insert(invitations).values(
            hash=hash,
            team_id=team_id,
            role=role,
            email_domain=email_domain,
            expires_at=expires_at,
        )
    )


async def accept(connection: AsyncConnection, hash: bytes, domain: str) -> tuple[int, str] | None:
    """Delete an invitation made for this domain; its team and role, or None where there is none."""
    taken = await connection.execute(
        delete(invitations)
        .where(invitations.c.hash == hash, invitations.c.email_domain == domain)
        .returning(invitations.c.team_id, invitations.c.role)
    )
    row = taken.one_or_none()
    return None if row is None else (row.team_id, row.role)


async def drop_expired(connection: AsyncConnection, now: datetime) -> None:
    """Delete the invitations that can no longer be used."""
    await connection.execute(delete(invitations).where(invitations.c.expires_at <= now))


async def _serve(connection: AsyncConnection, team_id: int, codes: Collection[str]) -> None:
    if codes:
        await connection.execute(
            insert(team_areas), [{"area": code, "team_id": team_id} for code in codes]
        )


def _values(team: Team) -> dict[str, object]:
    return {
        "name": team.name,
        "everywhere": team.everywhere,
        "email": team.email,
        "urgent_email": team.urgent_email,
        "fallback_email": team.fallback_email,
        "certificate": team.certificate,
        "reply_domains": " ".join(team.reply_domains),
        "office_hours": team.office_hours,
    }


def _team(row: Row[Any], served: Collection[str]) -> Team:
    return Team(
        id=row.id,
        name=row.name,
        areas=tuple(served),
        everywhere=row.everywhere,
        email=row.email,
        urgent_email=row.urgent_email,
        fallback_email=row.fallback_email,
        certificate=row.certificate,
        reply_domains=tuple(row.reply_domains.split()),
        office_hours=row.office_hours,
    )
