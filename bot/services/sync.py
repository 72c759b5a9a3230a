"""`places sync`: the force's own neighbourhoods take the place of the areas we have."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import shapely
from shapely.errors import ShapelyError

from bot.errors import FeedError, OperatorError
from bot.model import Area
from bot.ports import Clock, Neighbourhoods
from bot.services import police_json
from bot.services.areas import Change, is_sound_id, stored, swap
from bot.store import areas, syncing
from bot.store.areas import StoredArea
from bot.store.database import Connection, Database

_AT_ONCE = 4  # requests in flight; the way out paces how many begin each second

Told: TypeAlias = Callable[[int, int], None]
"""Called after each neighbourhood with how many have been read, and how many there are."""


@dataclass(frozen=True)
class Synced:
    """What a sync did: the change of the map, and the neighbourhoods that gave no outline.

    Those of ``kept_old`` keep the outline they had; those of ``left_out`` never had one.
    """

    change: Change
    kept_old: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


async def sync(
    database: Database,
    source: Neighbourhoods,
    clock: Clock,
    *,
    name: str,
    anyway: bool = False,
    told: Told | None = None,
) -> Synced:
    """Read every neighbourhood, then swap the map in one transaction.

    A run that was cut goes on where it was, on the same day and for the same ``name`` (the address
    and force read from). Until all has been read the live areas stay as they are. Raises
    OperatorError when the source fails for good, or where ``swap`` suspects a mistake.
    """
    try:
        listed = _sound(await source.neighbourhoods())
        async with database.write() as connection:
            await syncing.begin(connection, f"{name} {clock.now().date()}", listed)
        await _read_missing(database, source, told)
    except FeedError as failure:
        raise OperatorError(
            f"the neighbourhoods could not be read: {failure}; run it again to go on from here"
        ) from failure
    async with database.write() as connection:
        synced = await _apply(connection, anyway)
        await syncing.end(connection)
    return synced


def _sound(answer: object) -> list[tuple[str, str]]:
    try:
        listed = list(police_json.listed(answer))
    except ValueError as reason:
        raise OperatorError(f"the list of neighbourhoods cannot be used: {reason}") from None
    if not listed:
        raise OperatorError("the list of neighbourhoods is empty")
    unsound = [id for id, _ in listed if not is_sound_id(id)]
    if unsound:
        raise OperatorError(f"the list of neighbourhoods has {len(unsound)} unusable ids")
    return listed


async def _read_missing(database: Database, source: Neighbourhoods, told: Told | None) -> None:
    async with database.read() as connection:
        known = await syncing.everything(connection)
    missing = [one.id for one in known if one.outline is None]
    done = len(known) - len(missing)
    turn = iter(missing)

    async def work() -> None:
        nonlocal done
        for id in turn:  # shared: each worker takes the next
            await _read_one(database, source, id)
            done += 1
            if told:
                told(done, len(known))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(work())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures


async def _read_one(database: Database, source: Neighbourhoods, id: str) -> None:
    centre = police_json.centre(await source.detail(id))
    try:
        outline = stored(Area(id, id), police_json.outline(await source.boundary(id))).outline
    except (ValueError, ShapelyError):
        outline = b""
    async with database.write() as connection:
        await syncing.keep(connection, id, centre, outline)


async def _apply(connection: Connection, anyway: bool) -> Synced:
    await areas.lock(connection)
    before = {
        one.area.id: one for one in await areas.everything(connection) if not one.area.standin
    }
    new: list[StoredArea] = []
    kept_old: list[str] = []
    left_out: list[str] = []
    for one in await syncing.everything(connection):
        area = Area(one.id, one.name or one.id, centre=one.centre)
        old = before.get(one.id)
        if one.outline:
            new.append(stored(area, shapely.from_wkb(one.outline)))
        elif old:
            kept_old.append(one.id)
            new.append(stored(area, shapely.from_wkb(old.outline)))
        else:
            left_out.append(one.id)
    if not new:
        raise OperatorError("none of the neighbourhoods has an outline; the areas stay as they are")
    return Synced(await swap(connection, new, anyway=anyway), kept_old, left_out)
