"""postcodes.io, asked for a postcode that the imported file does not know, where it is set up."""

import json
from datetime import date
from typing import Any
from urllib.parse import quote

from bot.errors import FeedError
from bot.model import Point, PostcodeRow
from bot.ports import Fetch

_LIMIT = 100_000


class PostcodesApi:
    """The PostcodeLookup port over the postcodes.io API, public or an operator's own."""

    def __init__(self, url: str, fetch: Fetch) -> None:
        self._url = url
        self._fetch = fetch

    @classmethod
    def where(cls, url: str | None, fetch: Fetch) -> "PostcodesApi | None":
        """One for that address, or None where the operator has given none."""
        return cls(url, fetch) if url else None

    async def find(self, postcode: str) -> PostcodeRow | None:
        response = await self._fetch(f"{self._url}/postcodes/{quote(postcode)}", limit=_LIMIT)
        if response.status not in {200, 404}:
            raise FeedError(f"postcodes.io answered {response.status}")
        try:
            answer = json.loads(response.body)
            if response.status == 200:
                return _live(answer["result"])
            return _ended(answer["terminated"]) if "terminated" in answer else None
        except (ValueError, KeyError, TypeError):
            raise FeedError("postcodes.io answered in a way that is not known") from None


def _live(result: dict[str, Any]) -> PostcodeRow:
    return PostcodeRow(_point(result), (result.get("codes") or {}).get("admin_district") or "")


def _ended(result: dict[str, Any]) -> PostcodeRow:
    ended = date(int(result["year_terminated"]), int(result["month_terminated"]), 1)
    return PostcodeRow(_point(result), ended=(ended.year, ended.month))


def _point(result: dict[str, Any]) -> Point | None:
    latitude, longitude = result["latitude"], result["longitude"]
    return (
        None if latitude is None or longitude is None else Point(float(latitude), float(longitude))
    )
