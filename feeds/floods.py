"""Flood warnings of the Environment Agency: https://environment.data.gov.uk/flood-monitoring/.

Refreshed every 15 minutes. One entry stands for a place; it is edited as its severity changes.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from bot.errors import FeedError
from bot.model import Entry, Kind, Level, MessageType, Point, Reach, Source
from bot.ports import FeedResult, Fetch, Known
from bot.reading import dates, links, prose, visits

MOST_FLOODS = 50
NAME = "Environment Agency"
# As the API's documentation asks for.
LICENCE = (
    "Open Government Licence v3.0. This uses Environment Agency flood and river level data from "
    "the real-time data API (Beta)"
)
_PAGE = "https://check-for-flooding.service.gov.uk/target-area/"
_LEVELS = {1: Level.URGENT, 2: Level.IMPORTANT, 3: Level.ROUTINE}
_NO_LONGER = 4


class Floods:
    """The Feed port over ``/id/floods``, with the outlines of the places it names."""

    def __init__(self, source: Source, fetch: Fetch, zone: tzinfo) -> None:
        self._source = source
        self._fetch = fetch
        self._zone = zone
        self._rings: dict[str, Sequence[tuple[Point, ...]]] = {}  # outlines do not change

    async def poll(self, known: Known) -> FeedResult:
        """Read it once. Raises FeedError."""
        response, now = await visits.visit(self._fetch, self._source.url, known, "application/json")
        if response is None:
            return FeedResult(known=now, unchanged=True)
        items = _items(response.body)
        entries = [
            entry(item, self._source, self._zone, rings)
            for item, rings in zip(
                items, await asyncio.gather(*map(self._outline, items)), strict=True
            )
        ]
        return FeedResult(entries, now)

    async def _outline(self, item: Mapping[str, Any]) -> Sequence[tuple[Point, ...]]:
        """The outline of a flood area, or nothing: the warning goes without it, by its names."""
        address = str(_area(item).get("polygon") or "").replace("http://", "https://", 1)
        if links.host(address) != links.host(self._source.url):
            return ()
        if address not in self._rings:
            try:
                response = await self._fetch(address)
                self._rings[address] = tuple(_rings(json.loads(response.body)))
            except (FeedError, ValueError, TypeError, KeyError, IndexError, RecursionError):
                return ()
        return self._rings[address]


def entry(
    item: Mapping[str, Any], source: Source, zone: tzinfo, rings: Sequence[tuple[Point, ...]] = ()
) -> Entry:
    """One warning; a withdrawn one says so as its message type."""
    code = str(item.get("floodAreaID") or item.get("@id"))
    severity = item.get("severityLevel")
    place = prose.line(str(item.get("description") or code))
    area = _area(item)
    return Entry(
        key=code,
        title=": ".join(filter(None, (prose.line(str(item.get("severity") or "")), place))),
        summary=prose.shortened(prose.tidy(str(item.get("message") or ""))),
        source=source.name or NAME,
        licence=source.licence or LICENCE,
        language=source.language,
        link=f"{_PAGE}{code}" if code.isalnum() else "",
        published=dates.moment(item.get("timeRaised"), zone),
        updated=dates.moment(item.get("timeMessageChanged"), zone),
        kind=Kind.ALERT,
        level=_LEVELS.get(severity, Level.ROUTINE) if isinstance(severity, int) else Level.ROUTINE,
        categories=("Flood",),
        reach=Reach(
            source.areas,
            rings=tuple(rings),
            names=tuple(
                prose.line(str(name))
                for name in (place, item.get("eaAreaName"), area.get("county"))
                if name
            ),
        ),
        message=MessageType.CANCEL if severity == _NO_LONGER else MessageType.ALERT,
    )


def _items(body: bytes) -> Sequence[Mapping[str, Any]]:
    try:
        items = json.loads(body)["items"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise FeedError("it is not the list of floods that it should be") from None
    if not isinstance(items, list):
        raise FeedError("it is not the list of floods that it should be")
    sound = [item for item in items if isinstance(item, dict)]
    return [item for item in sound if item.get("floodAreaID") or item.get("@id")][:MOST_FLOODS]


def _area(item: Mapping[str, Any]) -> Mapping[str, Any]:
    area = item.get("floodArea")
    return area if isinstance(area, dict) else {}


def _rings(geojson: Any) -> Sequence[tuple[Point, ...]]:
    """The outer rings of every polygon in a GeoJSON document."""
    match geojson:
        case {"features": list(features)}:
            return [ring for each in features for ring in _rings(each["geometry"])]
        case {"type": "Polygon", "coordinates": [outer, *_]}:
            return [tuple(Point(float(y), float(x)) for x, y, *_ in outer)]
        case {"type": "MultiPolygon", "coordinates": parts}:
            return [tuple(Point(float(y), float(x)) for x, y, *_ in outer) for outer, *_ in parts]
    return []
