"""data.police.uk: the force's own neighbourhoods."""

import json
from typing import Any
from urllib.parse import quote

import stamina

from bot.errors import FeedError, Refused
from bot.ports import Fetch

# The API answers in 0.45 to 5 seconds, and a boundary may be 128 KB (measured October 2026).
_SECONDS = 30
_LIMIT = 20_000_000
_ATTEMPTS = 6


class PoliceUk:
    """The Neighbourhoods port over the police API. Answers are JSON as the API gives it."""

    def __init__(self, url: str, force: str, fetch: Fetch) -> None:
        self._fetch = fetch
        self._force = f"{url}/{quote(force, safe='')}"

    async def neighbourhoods(self) -> Any:
        """``[{"id", "name"}]``. Raises FeedError."""
        answer = await self._get("neighbourhoods")
        if answer is None:
            raise _Final("the police API knows no such force")
        return answer

    async def detail(self, id: str) -> Any:
        """The neighbourhood's page, or None when the API knows none. Raises FeedError."""
        return await self._get(quote(id, safe=""))

    async def boundary(self, id: str) -> Any:
        """``[{"latitude", "longitude"}]``, or None when the API has none. Raises FeedError."""
        return await self._get(f"{quote(id, safe='')}/boundary")

    async def _get(self, path: str) -> Any:
        async for attempt in stamina.retry_context(
            on=_may_pass, attempts=_ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=20.0
        ):
            with attempt:
                return await self._get_once(path)
        raise AssertionError("stamina raises the last failure itself")

    async def _get_once(self, path: str) -> Any:
        response = await self._fetch(f"{self._force}/{path}", limit=_LIMIT, seconds=_SECONDS)
        if response.status == 404:
            return None
        if response.status == 429 or response.status >= 500:
            raise FeedError(f"the police API answered {response.status}")
        if response.status != 200:
            raise _Final(f"the police API answered {response.status}")
        try:
            return json.loads(response.body)
        except ValueError:
            raise _Final("the police API answered with something other than JSON") from None


class _Final(FeedError):
    """An answer that another try would not change."""


def _may_pass(failure: Exception) -> bool:
    return isinstance(failure, FeedError) and not isinstance(failure, Refused | _Final)
