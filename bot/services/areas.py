"""Changing the map: one set of areas takes the place of another, and followers move with it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from bot.errors import OperatorError
from bot.model import Area, Point
from bot.services.outlines import UNITED_KINGDOM
from bot.store import areas, places
from bot.store.areas import StoredArea
from bot.store.database import Connection, Database

RIVAL_SHARE = 2 / 3
"""A second area that took at least this share of what the first took is asked about."""

MAX_ID_BYTES = 50  # an id travels in a button, 64 bytes with its route
_UNSAFE_ID = re.compile(r"[/?#\\\x00-\x1f\x7f]|\.\.|^\.$|^\s|\s$")
_POLYGONS = {"Polygon", "MultiPolygon"}


@dataclass(frozen=True)
class Change:
    """What became of the areas: figures for the operator. ``moved`` counts followers."""

    areas: int = 0
    added: int = 0
    removed: int = 0
    moved: int = 0
    asked: int = 0
    dropped: int = 0


def is_sound_id(id: str) -> bool:
    """Whether an area's id can safely be part of an address and of a button."""
    return 0 < len(id.encode()) <= MAX_ID_BYTES and not _UNSAFE_ID.search(id)


def stored(area: Area, shape: BaseGeometry, district_code: str = "") -> StoredArea:
    """An area ready to be stored: a valid outline, a centre, degrees of latitude and longitude.

    Raises ValueError with the reason, in a few plain words, for an outline that cannot be used.
    """
    shape = _surface(shape)
    if not shapely.box(*UNITED_KINGDOM).covers(shape):
        raise ValueError(
            "its coordinates are not in the United Kingdom as WGS84 degrees, longitude first"
        )
    if area.centre is None:
        inner = shape.representative_point()
        area = Area(area.id, area.name, area.district, area.standin, Point(inner.y, inner.x))
    return StoredArea(area, shapely.to_wkb(shape), district_code)


def _surface(shape: BaseGeometry) -> BaseGeometry:
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in _POLYGONS]
    surface = shapely.union_all(parts) if len(parts) != 1 else parts[0]
    if surface.is_empty or surface.area == 0:
        raise ValueError("it has no outline")
    return surface


async def replace_areas(
    database: Database, new: Sequence[StoredArea], *, anyway: bool = False
) -> Change:
    """Put a new set of areas in the place of the present one, in one transaction.

    Raises OperatorError, and changes nothing, where it looks like a mistake: as ``swap``.
    """
    async with database.write() as connection:
        return await swap(connection, new, anyway=anyway)


async def swap(
    connection: Connection, new: Sequence[StoredArea], *, anyway: bool = False
) -> Change:
    """The change of ``replace_areas`` within a transaction.

    Followers of an area whose id is gone move to the one that covers most of it. Raises
    OperatorError, unless ``anyway``, where more than half of the force's own areas would go or
    followers would be left without an area.
    """
    await areas.lock(connection)
    old = await areas.everything(connection)
    kept = {one.area.id for one in new}
    gone = [one for one in old if one.area.id not in kept]
    own = sum(not one.area.standin for one in old)
    own_gone = sum(not one.area.standin for one in gone)
    if not anyway and own_gone * 2 > own:
        raise OperatorError(
            f"this would remove {own_gone} of {own} areas; add --yes if that is right"
        )
    numbers = await areas.put(connection, new)
    moved = asked = dropped = 0
    tree = shapely.STRtree(shapely.from_wkb([one.outline for one in new]))
    for one in gone:
        heirs = _heirs(one, new, tree)
        if not heirs:
            dropped += await places.count_followers(connection, one.number)
            await places.drop(connection, one.number)
            continue
        first, *rival = (numbers[heir.area.id] for heir in heirs)
        count = await places.move(
            connection,
            one.number,
            first,
            was=one.area.label,
            other=rival[0] if rival else None,
        )
        moved, asked = moved + count, asked + (count if rival else 0)
    if dropped and not anyway:
        raise OperatorError(
            f"{dropped} followed places lie in no area of the new map; "
            "add --yes to end their following"
        )
    await places.forget_moot_questions(connection)
    for one in gone:
        await areas.remove(connection, one.number)
    await areas.mark_changed(connection)
    return Change(
        len(new), len(kept - {one.area.id for one in old}), len(gone), moved, asked, dropped
    )


def _heirs(gone: StoredArea, new: Sequence[StoredArea], tree: shapely.STRtree) -> list[StoredArea]:
    """The one or two new areas whose followers those of an old one may well be."""
    outline = shapely.from_wkb(gone.outline)
    touching = tree.query(outline, predicate="intersects")
    shares = shapely.area(shapely.intersection(tree.geometries[touching], outline))
    ranked = sorted(
        (-share, new[at].area.id, at) for share, at in zip(shares, touching, strict=True) if share
    )
    if not ranked:
        return []
    enough = -ranked[0][0] * RIVAL_SHARE
    return [new[at] for share, _, at in ranked[:2] if -share >= enough]
