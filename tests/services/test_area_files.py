"""Areas come from GeoJSON or from what data.police.uk answers; anything else is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from bot.errors import OperatorError
from bot.model import Point
from bot.services.area_files import read_areas

RING = [[-1.0, 51.4], [-0.9, 51.4], [-0.9, 51.5], [-1.0, 51.5], [-1.0, 51.4]]
HOLE = [[-0.97, 51.43], [-0.93, 51.43], [-0.93, 51.47], [-0.97, 51.47], [-0.97, 51.43]]
BOUNDARY = [{"latitude": str(y), "longitude": str(x)} for x, y in RING]


def feature(properties: dict[str, Any], geometry: Any = None, **more: Any) -> dict[str, Any]:
    shape = geometry or {"type": "Polygon", "coordinates": [RING]}
    return {"type": "Feature", "properties": properties, "geometry": shape, **more}


def saved(tmp_path: Path, content: object, name: str = "areas.json") -> Path:
    path = tmp_path / name
    path.write_text(json.dumps(content))
    return path


def collection(tmp_path: Path, *features: dict[str, Any]) -> Path:
    return saved(tmp_path, {"type": "FeatureCollection", "features": features})


@pytest.mark.parametrize(
    "given",
    [
        feature({"id": "Z1", "name": "One"}),
        feature({"code": "Z1", "name": "One"}),
        feature({"ward_code": "Z1", "name": "One"}),
        feature({"name": "One"}, id="Z1"),
    ],
)
def test_geojson_names_its_areas_in_several_ways(tmp_path: Path, given: dict[str, Any]) -> None:
    (one,) = read_areas(collection(tmp_path, given))
    assert (one.area.id, one.area.name, one.area.standin) == ("Z1", "One", False)
    assert one.area.centre is not None


def test_geojson_with_holes_and_several_parts_keeps_them(tmp_path: Path) -> None:
    far = [[x + 1, y] for x, y in RING]
    shape = {"type": "MultiPolygon", "coordinates": [[RING, HOLE], [far]]}
    properties = {"id": "Z1", "name": "One", "district": "Reading", "district_code": "E06000038"}
    (one,) = read_areas(collection(tmp_path, feature(properties, shape)))
    outline = shapely.from_wkb(one.outline)
    assert len(outline.geoms) == 2
    assert not outline.contains(shapely.Point(-0.95, 51.45))
    assert (one.area.district, one.district_code) == ("Reading", "E06000038")


@pytest.mark.parametrize("wrap", [lambda r: [r], lambda r: {"NC04": r}])
def test_police_json_in_one_file(tmp_path: Path, wrap: Any) -> None:
    centre = {"latitude": "51.46", "longitude": "-0.96"}
    record = {"id": "NC04", "name": "Leake &amp; Keyworth", "centre": centre, "boundary": BOUNDARY}
    (one,) = read_areas(saved(tmp_path, wrap(record)))
    assert (one.area.id, one.area.name) == ("NC04", "Leake & Keyworth")
    assert one.area.centre == Point(51.46, -0.96)


def test_police_json_as_a_folder_of_answers(tmp_path: Path) -> None:
    start = "leicestershire_"
    saved(tmp_path, [{"id": "NC04", "name": "City"}], f"{start}neighbourhoods.json")
    saved(tmp_path, BOUNDARY, f"{start}NC04_boundary.json")
    saved(tmp_path, {"centre": {"latitude": None, "longitude": "x"}}, f"{start}NC04.json")
    (one,) = read_areas(tmp_path)
    assert one.area.name == "City"
    assert one.area.centre is not None  # the outline's own: the force's is nonsense


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([], "holds no areas"),
        ({"type": "FeatureCollection", "features": []}, "holds no areas"),
        ({"type": "Feature"}, "must be a FeatureCollection"),
        ({"type": "FeatureCollection"}, "neither GeoJSON nor"),
        ("words", "neither GeoJSON nor"),
        ([{"id": "a", "name": "A"}], "neither GeoJSON nor"),
        ([{"id": "a", "name": "A", "boundary": []}], "no boundary"),
        ([{"id": "a", "name": "A", "boundary": [{"latitude": "x"}] * 4}], "boundary is broken"),
        ([{"id": "a/b", "name": "A", "boundary": BOUNDARY}], "plain, short id"),
        ([{"name": "A", "boundary": BOUNDARY}], "has no id"),
        ([{"id": "a", "name": "A", "boundary": BOUNDARY}] * 2, "two areas have the id a"),
        ({"type": "FeatureCollection", "features": [feature({"id": "a"})]}, "needs a name"),
        ({"type": "FeatureCollection", "features": [feature({"name": "A"})]}, "short id"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, content: object, reason: str) -> None:
    with pytest.raises(OperatorError, match=reason):
        read_areas(saved(tmp_path, content))


@pytest.mark.parametrize(
    "ring",
    [
        [[471708, 173672], [472708, 173672], [472708, 174672], [471708, 173672]],
        [[y, x] for x, y in RING],
    ],
)
def test_metres_or_latitude_first_are_refused_in_plain_words(
    tmp_path: Path, ring: list[list[float]]
) -> None:
    shape = {"type": "Polygon", "coordinates": [ring]}
    source = collection(tmp_path, feature({"id": "a", "name": "A"}, shape))
    with pytest.raises(OperatorError, match="WGS84 degrees, longitude first"):
        read_areas(source)


def test_what_is_not_json_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "areas.kml"
    source.write_bytes(b"\xff\xfe<kml>")
    with pytest.raises(OperatorError, match="not JSON"):
        read_areas(source)


def test_a_list_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    saved(tmp_path, BOUNDARY, "secret_boundary.json")
    inner = tmp_path / "inner"
    inner.mkdir()
    saved(inner, [{"id": "../secret", "name": "S"}], "neighbourhoods.json")
    with pytest.raises(OperatorError):
        read_areas(inner)
