"""One exchange with an engine: tried again while that may help, and told without a word of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import stamina

from bot.errors import FeedError
from bot.ports import Fetch, Response

ATTEMPTS = 3
SECONDS = 30.0
_LIMIT = 2_000_000


class Passing(FeedError):
    """The engine is busy or failed: the same may go well in a moment."""


class Exchange:
    """Asks one engine over the safe way out. ``inside`` keeps every request on our own network.

    Every method raises FeedError, whose words name the engine and a status and nothing else.
    """

    def __init__(self, engine: str, url: str, fetch: Fetch, *, inside: bool = False) -> None:
        self._engine = engine
        self._url = url
        self._fetch = fetch
        self._inside = inside

    async def ask(
        self, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        """What the engine answers, read as JSON; a ``body`` is posted as such.

        429 and 5xx are tried again, after a pause that grows and is never the same.
        """
        async for attempt in stamina.retry_context(
            on=Passing, attempts=ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=10.0
        ):
            with attempt:
                return self._read(await self._once(path, body, headers))
        raise AssertionError("stamina raises the last failure itself")

    async def _once(self, path: str, body: object, headers: Mapping[str, str] | None) -> Response:
        response = await self._fetch(
            f"{self._url}{path}",
            headers=headers,
            json=body,
            limit=_LIMIT,
            seconds=SECONDS,
            inside=self._inside,
        )
        if response.status == 429 or response.status >= 500:
            raise Passing(f"{self._engine} answered {response.status}")
        return response

    def _read(self, response: Response) -> Any:
        if response.status in {401, 403}:
            raise FeedError(f"{self._engine} does not take our key: see TRANSLATE_KEY")
        if response.status == 456:
            raise QuotaSpent(f"the quota of {self._engine} is spent")
        if response.status != 200:
            raise FeedError(f"{self._engine} answered {response.status}")
        try:
            return json.loads(response.body)
        except (ValueError, RecursionError):
            raise self.strange() from None

    def strange(self) -> FeedError:
        """For an answer that is not what it should be."""
        return FeedError(f"{self._engine} answered in a way that is not known")

    def whole(self, words: object, count: int) -> list[str]:
        """The words of an answer, as many as were asked for. Raises FeedError for any other."""
        if not isinstance(words, list) or len(words) != count:
            raise self.strange()
        if not all(isinstance(each, str) for each in words):
            raise self.strange()
        return words


class QuotaSpent(FeedError):
    """Nothing more is translated before the engine's count begins anew."""


def loads(segments: Sequence[str], most: int, room: int) -> Iterator[list[str]]:
    """Segments in their order, at most so many at a time and so many bytes of UTF-8.

    One that is larger goes alone.
    """
    load: list[str] = []
    size = 0
    for each in segments:
        bytes_ = len(each.encode())
        if load and (len(load) == most or size + bytes_ > room):
            yield load
            load, size = [], 0
        load.append(each)
        size += bytes_
    if load:
        yield load
