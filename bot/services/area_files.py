"""Reading areas from a file: GeoJSON, or the JSON of data.police.uk as it was saved."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from bot.errors import OperatorError, reason
from bot.model import Area
from bot.services import police_json
from bot.services.areas import is_sound_id, stored
from bot.store.areas import StoredArea

_IDS = ("id", "code", "ward_code")
_LIST = "neighbourhoods.json"
_Read: TypeAlias = tuple[Area, str, BaseGeometry]


def read_areas(source: Path, *, standin: bool = False) -> list[StoredArea]:
    """All areas of a file or a folder. Raises OperatorError, in one sentence, where it cannot.

    GeoJSON: a FeatureCollection of polygons in WGS84 degrees; each feature has an ``id`` (or
    ``code``, or ``ward_code``) and a ``name``, and may have ``district`` and ``district_code``.

    police.uk: a file with a list of neighbourhoods, or a dict of them by id, each with ``id``,
    ``name``, ``boundary`` as the API gives it, and perhaps ``centre``. Or a folder of the API's
    answers: ``neighbourhoods.json``, for each id ``ID_boundary.json``, and perhaps ``ID.json``;
    all names may begin with the same words, such as ``thames-valley_``.
    """
    found: dict[str, StoredArea] = {}
    try:
        for area, district_code, outline in _areas(source, standin):
            if not is_sound_id(area.id) or not area.name:
                raise ValueError(f"area {len(found) + 1} needs a name and a plain, short id")
            if area.id in found:
                raise ValueError(f"two areas have the id {area.id}")
            try:
                found[area.id] = stored(area, outline, district_code)
            except ValueError as error:
                raise ValueError(f"area {area.id} cannot be used: {error}") from None
    except (ValueError, TypeError, LookupError, ShapelyError) as error:
        why = error if type(error) is ValueError else "it is neither GeoJSON nor police.uk JSON"
        raise OperatorError(f"{source.name}: {why}") from error
    except OSError as error:
        file = error.filename or source  # of a folder, the one file that it was
        raise OperatorError(f"{file} could not be read: {reason(error)}") from error
    if not found:
        raise OperatorError(f"{source.name} holds no areas")
    return list(found.values())


def _areas(source: Path, standin: bool) -> Iterator[_Read]:
    if source.is_dir():
        yield from _folder(source)
        return
    content = _json(source)
    if isinstance(content, dict) and content.get("type") == "FeatureCollection":
        yield from (_feature(feature, standin) for feature in content["features"])
    elif isinstance(content, dict) and "type" in content:
        raise ValueError("GeoJSON must be a FeatureCollection")
    else:
        records = content.values() if isinstance(content, dict) else content
        yield from (_neighbourhood(record, record, record["boundary"]) for record in records)


def _folder(source: Path) -> Iterator[_Read]:
    lists = sorted(source.glob(f"*{_LIST}"))
    if len(lists) != 1:
        raise ValueError(f"the folder needs one file named {_LIST}")
    start = lists[0].name.removesuffix(_LIST)
    for record in _json(lists[0]):
        id, _ = police_json.identity(record)
        if not is_sound_id(id):
            raise ValueError("an id is not plain and short")  # and must not lead out of the folder
        detail = source / f"{start}{id}.json"
        boundary = _json(source / f"{start}{id}_boundary.json")
        yield _neighbourhood(record, _json(detail) if detail.exists() else None, boundary)


def _neighbourhood(record: object, detail: object, boundary: object) -> _Read:
    id, name = police_json.identity(record)
    area = Area(id, name, centre=police_json.centre(detail))
    try:
        return area, "", police_json.outline(boundary)
    except ValueError as error:
        raise ValueError(f"area {id} cannot be used: {error}") from None


def _feature(feature: dict[str, Any], standin: bool) -> _Read:
    properties = feature["properties"] or {}
    ids = [properties.get(key) for key in _IDS] + [feature.get("id")]
    id = next((str(one) for one in ids if one not in (None, "")), "")
    name = str(properties.get("name") or "").strip()
    area = Area(id, name, str(properties.get("district") or ""), standin)
    if not feature.get("geometry"):
        raise ValueError(f"area {id} has no outline")
    return area, str(properties.get("district_code") or ""), shape(feature["geometry"])


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise ValueError(f"{path.name} is not JSON") from None
