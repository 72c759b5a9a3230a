"""Outlines of areas held in memory: which area is this point in?"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import product

import numpy as np
import shapely

from bot.model import Area, Found, Ground, Point, PostcodeRow
from bot.store.areas import StoredArea

METRES_PER_DEGREE = 111_320.0  # of latitude; of longitude times the cosine of the latitude
UNITED_KINGDOM = (-9.5, 49.0, 2.5, 61.5)
"""West, south, east and north of it in degrees, with room to spare.

Metres of a national grid, latitude first, and the ways of saying "nowhere" (0,0 and 99.999999)
fall outside.
"""
NEAR_METRES = 30.0
"""How far outside every outline a point still counts as inside the nearest.

The shipped outlines are simplified to 25 m and rounded to 5 places (1 m), and neighbours in the
police data share their edges only roughly, so a home can fall into the crack between two.
"""

_NEAR_DEGREES = NEAR_METRES / METRES_PER_DEGREE / 0.48  # at 61 degrees north, the most it can be
_CELL = 0.01  # degrees; about 1 km, so that few outlines reach into one cell


class Outlines:
    """The areas of one moment, by where they are.

    A grid leads from a point to the few outlines whose box is near it, in a third of the time
    that a tree of geometries takes.
    """

    def __init__(self, stored: Sequence[StoredArea]) -> None:
        self.areas = tuple(one.area for one in stored)
        self.has_standins = any(area.standin for area in self.areas)
        self._councils = frozenset(one.district_code for one in stored)
        self._shapes = shapely.from_wkb(np.array([one.outline for one in stored], object))
        shapely.prepare(self._shapes)
        cells: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for at, box in enumerate(shapely.bounds(self._shapes)):
            for cell in _cells(*box):
                cells[cell].append(at)
        self._cells = {cell: np.array(ats) for cell, ats in cells.items()}
        self._in_cell = {cell: self._shapes[ats] for cell, ats in self._cells.items()}

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
        if row.district and row.district not in self._councils and "" not in self._councils:
            return Found(Ground.OUTSIDE)
        return self.at(row.point)

    def at(self, point: Point) -> Found:
        """The area of a point: on an edge or in two, the nearest centre, then the first id."""
        cell = _cell(point.longitude, point.latitude)
        shapes = self._in_cell.get(cell)
        if shapes is None:
            return Found(Ground.OUTSIDE)
        covering = shapely.intersects_xy(shapes, point.longitude, point.latitude)
        inside = self._cells[cell][covering].tolist()
        if not inside:
            inside = self._nearest(cell, point)
        if not inside:
            return Found(Ground.OUTSIDE)
        if len(inside) == 1:
            return Found(Ground.FOUND, self.areas[inside[0]])
        return Found(Ground.FOUND, min((self.areas[at] for at in inside), key=_from(point)))

    def _nearest(self, cell: tuple[int, int], point: Point) -> list[int]:
        """Those outlines, of equal distance, that are nearest and near enough."""
        spot = shapely.Point(point.longitude, point.latitude)
        lines = shapely.shortest_line(spot, self._in_cell[cell])
        away = np.array([_metres(*line.coords) for line in lines])
        nearest = (away <= NEAR_METRES) & (away == away.min())
        return [int(at) for at in self._cells[cell][nearest]]


def _from(point: Point) -> Callable[[Area], tuple[float, str]]:
    here = (point.longitude, point.latitude)

    def rank(area: Area) -> tuple[float, str]:
        there = area.centre
        return (_metres(here, (there.longitude, there.latitude)) if there else math.inf, area.id)

    return rank


def _metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Between two positions, longitude first, that are not far apart."""
    across = (a[0] - b[0]) * math.cos(math.radians(a[1]))
    return METRES_PER_DEGREE * math.hypot(across, a[1] - b[1])


def _cell(longitude: float, latitude: float) -> tuple[int, int]:
    return math.floor(longitude / _CELL), math.floor(latitude / _CELL)


def _cells(west: float, south: float, east: float, north: float) -> Iterable[tuple[int, int]]:
    """Every cell that a box reaches into, or comes near."""
    left, bottom = _cell(west - _NEAR_DEGREES, south - _NEAR_DEGREES)
    right, top = _cell(east + _NEAR_DEGREES, north + _NEAR_DEGREES)
    return product(range(left, right + 1), range(bottom, top + 1))
