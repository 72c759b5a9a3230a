"""Points, circles and outlines of warnings lead to the areas that they touch."""

import pytest

from bot.model import Circle, Point, Reach
from bot.services.reaches import Reaches
from bot.store.database import Database
from tests import town


def square(south: float, west: float, side: float) -> tuple[Point, ...]:
    corners = ((0, 0), (0, side), (side, side), (side, 0), (0, 0))
    return tuple(Point(south + up, west + right) for up, right in corners)


@pytest.mark.parametrize(
    ("reach", "ids"),
    [
        (Reach(), set()),
        (Reach(points=(Point(51.45, -0.95),)), {"ZX01"}),
        (Reach(points=(Point(52.9, -0.95),)), set()),
        (Reach(points=(Point(51.45, -0.95), Point(51.55, -0.95))), {"ZX01", "ZX02"}),
        (Reach(circles=(Circle(Point(51.45, -0.95), 0),)), {"ZX01"}),
        (Reach(circles=(Circle(Point(51.45, -0.95), 3),)), {"ZX01"}),
        (Reach(circles=(Circle(Point(51.45, -0.95), 12),)), {"ZX01", "ZX02", "ZX03"}),
        (Reach(rings=(square(51.42, -0.98, 0.05),)), {"ZX01"}),
        (Reach(rings=(square(51.3, -1.5, 0.5),)), set()),  # only shares an edge with three
        (Reach(rings=(square(51.3, -1.5, 0.7),)), {"ZX01", "ZX02", "ZX03"}),
        (Reach(rings=((*square(51.42, -0.98, 0.05)[::2], Point(51.42, -0.98)),)), set()),
        (Reach(rings=((Point(51.45, -0.95),),)), set()),
        (Reach(rings=((Point(float("nan"), -0.95),) * 4,)), set()),
        (Reach(rings=((Point(float("inf"), 0), *square(51.42, -0.98, 0.05)),)), set()),
        (Reach(areas=("ZX02", "gone")), {"ZX02"}),
        (Reach(areas=("ZX02",), points=(Point(51.45, -0.95),)), {"ZX02"}),
        (Reach(areas=("gone",), points=(Point(51.45, -0.95),)), {"ZX01"}),
    ],
)
async def test_a_reach_leads_to_areas(database: Database, reach: Reach, ids: set[str]) -> None:
    await town.build(database)
    assert await Reaches(database).areas(reach) == ids


async def test_a_map_without_areas_is_touched_by_nothing(database: Database) -> None:
    assert not await Reaches(database).areas(Reach(points=(Point(51.45, -0.95),)))


async def test_the_map_is_read_again_when_it_has_changed(database: Database) -> None:
    reaches = Reaches(database)
    here = Reach(points=(Point(51.45, -0.95),))
    before = await reaches.areas(here)
    await town.build(database)
    assert not before
    assert await reaches.areas(here) == {"ZX01"}
