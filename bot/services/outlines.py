"""Outlines of areas held in memory: which area is this point in?"""

import math
from collections.abc import Sequence
from functools import cached_property

import shapely

from bot.model import Area, Found, Ground, Point
from bot.ports import PostcodeRow
from bot.store.areas import StoredArea

METRES_PER_DEGREE = 111_320.0  # of latitude; of longitude times its cosine
NEAR_METRES = 30.0
"""How far outside every outline a point still counts as inside the nearest.

The shipped outlines are simplified to 25 m and rounded to 5 places (1 m), and neighbours in the
police data share their edges only roughly, so a home can fall into the crack between two.
"""


class Outlines:
    """The areas of one moment, indexed by where they are."""

    def __init__(self, stored: Sequence[StoredArea]) -> None:
        self.areas = tuple(one.area for one in stored)
        self.has_standins = any(area.standin for area in self.areas)
        self._shapes = shapely.from_wkb([one.outline for one in stored])
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)
        self._councils = frozenset(one.district_code for one in stored)

    @cached_property
    def by_id(self) -> dict[str, Area]:
        return {area.id: area for area in self.areas}

    def find(self, row: PostcodeRow) -> Found:
        """The area of a postcode, by its position and its council.

        The council decides where every area knows its own (the stand-ins do): their outlines are
        approximate, and at the force's edge they cover homes that another force polices.
        """
        if row.point is None:
            return Found(Ground.UNKNOWN)
        if row.district and "" not in self._councils and row.district not in self._councils:
            return Found(Ground.OUTSIDE)
        return self.at(row.point)

    def at(self, point: Point) -> Found:
        """The area of a point: on an edge or in two, the nearest centre, then the first id."""
        spot = shapely.points(point.longitude, point.latitude)
        inside = self._tree.query(spot, predicate="intersects")
        if len(inside) == 1:
            return Found(Ground.FOUND, self.areas[inside[0]])
        if len(inside):
            nearest = min(inside, key=lambda at: self._rank(self.areas[at], point))
            return Found(Ground.FOUND, self.areas[nearest])
        return self._near(point, spot)

    def _near(self, point: Point, spot: shapely.Point) -> Found:
        shrink = math.cos(math.radians(point.latitude))
        around = spot.buffer(NEAR_METRES / METRES_PER_DEGREE / shrink)
        candidates = []
        for at in self._tree.query(around):
            edge = shapely.shortest_line(spot, self._shapes[at])
            (x1, y1), (x2, y2) = edge.coords
            away = METRES_PER_DEGREE * math.hypot((x2 - x1) * shrink, y2 - y1)
            if away <= NEAR_METRES:
                candidates.append((away, self.areas[at].id, at))
        if not candidates:
            return Found(Ground.OUTSIDE)
        return Found(Ground.FOUND, self.areas[min(candidates)[2]])

    def _rank(self, area: Area, point: Point) -> tuple[float, str]:
        return (_metres(area.centre, point) if area.centre else math.inf, area.id)


def _metres(a: Point, b: Point) -> float:
    across = (a.longitude - b.longitude) * math.cos(math.radians(b.latitude))
    return METRES_PER_DEGREE * math.hypot(across, a.latitude - b.latitude)
