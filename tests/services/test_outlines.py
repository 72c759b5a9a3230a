"""A point is in one area, always the same one, however it lies among the outlines."""

import random

import pytest
import shapely
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from bot.model import Area, Found, Ground, Point, PostcodeRow
from bot.services.areas import stored
from bot.services.outlines import NEAR_METRES, Outlines
from bot.store.areas import StoredArea

METRE_NORTH = 1 / 111_320


def area(id: str, shape: BaseGeometry, council: str = "") -> StoredArea:
    return stored(Area(id, id.title()), shape, council)


WEST, EAST = area("west", box(-1.0, 51.4, -0.9, 51.5)), area("east", box(-0.9, 51.4, -0.8, 51.5))
TWO = Outlines([WEST, EAST])


def id_of(found: Found) -> str | None:
    return found.area.id if found.area else None


def test_a_point_inside_is_in_that_area() -> None:
    assert id_of(TWO.at(Point(51.45, -0.95))) == "west"
    assert id_of(TWO.at(Point(51.45, -0.85))) == "east"


def test_a_point_on_the_shared_edge_goes_to_the_nearer_centre() -> None:
    thin = area("thin", box(-0.9, 51.4, -0.88, 51.5))
    assert id_of(Outlines([WEST, thin]).at(Point(51.45, -0.9))) == "thin"
    assert id_of(Outlines([thin, WEST]).at(Point(51.45, -0.9))) == "thin"


def test_at_equal_distance_the_first_id_has_it() -> None:
    for pair in ([WEST, EAST], [EAST, WEST]):
        assert id_of(Outlines(pair).at(Point(51.45, -0.9))) == "east"


@pytest.mark.parametrize("corner", [(51.4, -1.0), (51.5, -1.0), (51.5, -0.8), (51.45, -1.0)])
def test_corners_and_outer_edges_belong_to_the_area(corner: tuple[float, float]) -> None:
    assert TWO.at(Point(*corner)).ground is Ground.FOUND


def test_where_outlines_overlap_the_nearer_centre_has_it() -> None:
    over = area("over", box(-0.92, 51.44, -0.88, 51.46))
    assert id_of(Outlines([WEST, EAST, over]).at(Point(51.45, -0.91))) == "over"


def test_a_home_in_the_crack_between_two_goes_to_the_nearer() -> None:
    east = area("east", box(-0.8997, 51.4, -0.8, 51.5))  # 21 m of nobody's land
    cracked = Outlines([WEST, east])
    assert id_of(cracked.at(Point(51.45, -0.89995))) == "west"
    assert id_of(cracked.at(Point(51.45, -0.89975))) == "east"


@pytest.mark.parametrize(("metres", "ground"), [(0.9, Ground.FOUND), (1.1, Ground.OUTSIDE)])
def test_beyond_the_tolerance_a_point_is_outside(metres: float, ground: Ground) -> None:
    away = Point(51.5 + metres * NEAR_METRES * METRE_NORTH, -0.95)
    assert TWO.at(away).ground is ground


def test_far_away_is_outside() -> None:
    assert TWO.at(Point(55.95, -3.19)).ground is Ground.OUTSIDE
    assert TWO.at(Point(-90.0, 180.0)).ground is Ground.OUTSIDE
    assert Outlines([]).at(Point(51.45, -0.95)).ground is Ground.OUTSIDE


def test_a_hole_is_not_part_of_an_area() -> None:
    ring = Polygon(
        box(-1.0, 51.4, -0.9, 51.5).exterior.coords,
        [list(box(-0.97, 51.43, -0.93, 51.47).exterior.coords)],
    )
    assert Outlines([area("ring", ring)]).at(Point(51.45, -0.95)).ground is Ground.OUTSIDE


def test_the_grid_agrees_with_asking_every_outline() -> None:
    chance = random.Random(5)
    known = [
        (f"a{n}", box(x, y, x + chance.uniform(0.001, 0.05), y + chance.uniform(0.001, 0.05)))
        for n in range(60)
        for x, y in [(chance.uniform(-1.1, -0.8), chance.uniform(51.3, 51.6))]
    ]
    outlines = Outlines([area(id, shape) for id, shape in known])
    for _ in range(2000):
        x, y = chance.uniform(-1.1, -0.8), chance.uniform(51.3, 51.6)
        inside = {id for id, shape in known if shape.contains(shapely.Point(x, y))}
        found = id_of(outlines.at(Point(y, x)))
        assert found in inside if inside else found is None or near(dict(known)[found], x, y)


def near(shape: BaseGeometry, x: float, y: float) -> bool:
    return bool(shape.distance(shapely.Point(x, y)) < 0.0005)


def test_a_postcode_of_another_council_is_outside_even_within_an_approximate_outline() -> None:
    ours = Outlines([area("west", box(-1.0, 51.4, -0.9, 51.5), "E06000038")])
    inside = Point(51.45, -0.95)
    assert ours.find(PostcodeRow(inside, "E06000038")).ground is Ground.FOUND
    assert ours.find(PostcodeRow(inside, "E07000084")).ground is Ground.OUTSIDE
    assert ours.find(PostcodeRow(inside)).ground is Ground.FOUND


def test_the_force_s_own_outlines_need_no_council() -> None:
    assert TWO.find(PostcodeRow(Point(51.45, -0.95), "E07000084")).ground is Ground.FOUND


def test_a_postcode_without_a_place_is_unknown() -> None:
    assert TWO.find(PostcodeRow(None)).ground is Ground.UNKNOWN
