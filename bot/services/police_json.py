"""What data.police.uk says of a neighbourhood, read from its JSON, saved or fetched."""

import html
import math
from collections.abc import Iterator

from shapely import Polygon

from bot.model import Point


def listed(answer: object) -> Iterator[tuple[str, str]]:
    """Ids and names of ``/{force}/neighbourhoods``. Raises ValueError for another shape."""
    if not isinstance(answer, list):
        raise ValueError("it is not a list of neighbourhoods")
    for record in answer:
        yield identity(record)


def identity(record: object) -> tuple[str, str]:
    """A neighbourhood's id, kept as it is, and its name, which carries HTML entities."""
    if not isinstance(record, dict) or not isinstance(record.get("id"), str | int):
        raise ValueError("a neighbourhood has no id")
    name = record.get("name")
    return str(record["id"]), html.unescape(name).strip() if isinstance(name, str) else ""


def centre(detail: object) -> Point | None:
    """The force's own centre, or None: the numbers are strings, and may be null or nonsense."""
    try:
        return _point(detail["centre"])  # type: ignore[index]  # any other shape is caught
    except (KeyError, TypeError, ValueError):
        return None


def outline(boundary: object) -> Polygon:
    """The one ring of ``/boundary``. Raises ValueError for a missing or broken one."""
    if not isinstance(boundary, list) or len(boundary) < 3:
        raise ValueError("it has no boundary")
    try:
        ring = [_point(vertex) for vertex in boundary]
    except (KeyError, TypeError, ValueError):
        raise ValueError("its boundary is broken") from None
    return Polygon([(point.longitude, point.latitude) for point in ring])


def _point(record: dict[str, str]) -> Point:
    point = Point(float(record["latitude"]), float(record["longitude"]))
    if not (math.isfinite(point.latitude) and math.isfinite(point.longitude)):
        raise ValueError("not a place")
    return point
