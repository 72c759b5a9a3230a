"""Flood warnings are read from the Environment Agency's list."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.errors import FeedError
from bot.model import Level, MessageType, Point, Source
from bot.ports import Known, Response
from feeds.fetch import SafeFetch
from feeds.floods import LICENCE, Floods
from tests.feeds.loopback import Loopback, answer, serving

FLOODS = (Path(__file__).parent / "samples" / "floods.json").read_bytes()
SQUARE = [[-0.99, 51.41], [-0.99, 51.49], [-0.91, 51.49], [-0.99, 51.41]]


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with serving() as served:
        yield served


@pytest.fixture
def feed(server: Loopback) -> Floods:
    source = Source("floods", "floods", f"{server.url}/floods")
    return Floods(source, SafeFetch(server.allow, rate=1000), ZoneInfo("Europe/London"))


async def test_a_warning_becomes_an_entry(server: Loopback, feed: Floods) -> None:
    server.answers["/floods"] = answer(FLOODS)
    entry, ended = (await feed.poll(Known())).entries
    assert entry.key == "061FWF01"
    assert entry.title == "Flood warning: River Thames at Example"
    assert entry.summary == "Water is rising. Move things up."
    assert (entry.source, entry.licence) == ("Environment Agency", LICENCE)
    assert entry.link == "https://check-for-flooding.service.gov.uk/target-area/061FWF01"
    assert entry.published == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert (entry.level, entry.message) == (Level.IMPORTANT, MessageType.ALERT)
    assert entry.reach.names == ("River Thames at Example", "Thames", "Oxfordshire")
    assert ended.message is MessageType.CANCEL


async def test_the_outline_of_a_place_is_fetched_once_and_only_from_the_same_host(
    server: Loopback, feed: Floods
) -> None:
    # The list gives plain addresses, which are asked for by HTTPS; this server has none.
    items = json.loads(FLOODS)
    items["items"][0]["floodArea"]["polygon"] = "http://elsewhere.example.org/polygon"
    server.answers["/floods"] = answer(json.dumps(items).encode())
    entry, _ = (await feed.poll(Known())).entries
    assert entry.reach.rings == ()
    assert server.paths == ["/floods"]


@pytest.mark.parametrize(
    ("geojson", "rings"),
    [
        ({"type": "Polygon", "coordinates": [SQUARE]}, 1),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]}, 2),
        ({"features": [{"geometry": {"type": "Polygon", "coordinates": [SQUARE]}}]}, 1),
        ({"type": "Point", "coordinates": [1, 2]}, 0),
        ({"features": [{}]}, 0),
        ([], 0),
    ],
)
async def test_an_outline_is_read_from_geojson(
    server: Loopback, geojson: object, rings: int
) -> None:
    fetch = SafeFetch(server.allow, rate=1000)
    server.answers["/floods"] = answer(FLOODS.replace(b"environment.example.com", b"127.0.0.1"))
    server.answers["/polygon/061FWF01"] = answer(json.dumps(geojson).encode())

    class Plain:
        """The Fetch port, for a server that speaks no TLS."""

        async def __call__(self, url: str, **rest: Any) -> Response:
            path = url.rpartition("127.0.0.1")[2].lstrip(":0123456789")
            return await fetch(f"{server.url}{path}", **rest)

    source = Source("floods", "floods", f"{server.url}/floods")
    feed = Floods(source, Plain(), ZoneInfo("Europe/London"))
    entry, _ = (await feed.poll(Known())).entries
    assert len(entry.reach.rings) == rings
    if rings:
        assert entry.reach.rings[0][0] == Point(51.41, -0.99)
        await feed.poll(Known())
        assert server.paths.count("/polygon/061FWF01") == 1


@pytest.mark.parametrize("body", [b"", b"<html/>", b"[]", b'{"items": 5}', b"[" * 100_000])
async def test_what_is_no_list_of_floods_is_a_failed_poll(
    server: Loopback, feed: Floods, body: bytes
) -> None:
    server.answers["/floods"] = answer(body)
    with pytest.raises(FeedError):
        await feed.poll(Known())
