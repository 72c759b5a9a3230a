"""Which areas an entry's own geometry touches: points, circles and outlines."""

import asyncio
import math
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely.affinity import scale

from bot.model import Circle, Reach
from bot.services.outlines import METRES_PER_DEGREE
from bot.store import areas
from bot.store.areas import StoredArea
from bot.store.database import Database

TOUCHES = 0.01
"""The part of an area, or of the geometry, that must be in both: neighbours share their edges."""

_RING_POINTS = 3


class Reaches:
    """Compares geometry with the map as it is now."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._map = _Map(())
        self._version: str | None = None
        self._loading = asyncio.Lock()

    async def areas(self, reach: Reach) -> frozenset[str]:
        """The ids of areas that a reach names, as far as there are such, or else touches."""
        here = await self._current()
        named = here.ids & frozenset(reach.areas)
        return named or frozenset(here.touched(reach))

    async def _current(self) -> "_Map":
        async with self._loading, self._database.read() as connection:
            version = await areas.version(connection)
            if version != self._version:
                self._map = _Map(await areas.everything(connection))
                self._version = version
        return self._map


class _Map:
    def __init__(self, stored: Sequence[StoredArea]) -> None:
        self._codes = np.array([one.area.id for one in stored], object)
        self._shapes = shapely.from_wkb(np.array([one.outline for one in stored], object))
        self._tree = shapely.STRtree(self._shapes)
        self.ids = frozenset(self._codes)

    def touched(self, reach: Reach) -> Iterator[str]:
        for point in reach.points:
            place = shapely.Point(point.longitude, point.latitude)
            yield from self._codes[self._tree.query(place, predicate="intersects")]
        for shape in _shapes(reach):
            near = self._tree.query(shape, predicate="intersects")
            shared = shapely.area(shapely.intersection(self._shapes[near], shape))
            least = TOUCHES * np.minimum(shapely.area(self._shapes[near]), shape.area)
            yield from self._codes[near[shared > least]]


def _shapes(reach: Reach) -> Iterator[shapely.Geometry]:
    """Circles and outlines; not what cannot be one, of two points or of no numbers."""
    yield from (_disc(each) for each in reach.circles if math.isfinite(each.radius))
    for ring in reach.rings:
        points = np.array([(point.longitude, point.latitude) for point in ring])
        if len(points) >= _RING_POINTS and np.isfinite(points).all():
            yield shapely.make_valid(shapely.Polygon(points))  # some cross themselves


def _disc(circle: Circle) -> shapely.Geometry:
    """A circle in degrees: wider than high, as degrees of longitude are shorter here."""
    centre = shapely.Point(circle.centre.longitude, circle.centre.latitude)
    radius = max(circle.radius * 1000, 1) / METRES_PER_DEGREE  # of none: the place itself
    return scale(centre.buffer(radius), xfact=1 / math.cos(math.radians(circle.centre.latitude)))
