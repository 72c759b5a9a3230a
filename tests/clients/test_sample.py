"""A demo reads files in the formats of the real sources, and asks nobody outside."""

import json
from datetime import UTC, datetime

import pytest

from bot.clients.sample import HOST, POLICE, SampleFetch
from bot.services.shipped import SAMPLE
from tests.conftest import FakeClock

WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture
def fetch() -> SampleFetch:
    return SampleFetch(SAMPLE, FakeClock(WEDNESDAY))


async def test_every_area_has_something_and_always_the_same(fetch: SampleFetch) -> None:
    for what in ("priorities", "events"):
        address = f"{POLICE}/thames-valley/E05009999/{what}"
        first, again = await fetch(address), await fetch(address)
        assert first == again
        assert all("Sample: " in str(each) for each in json.loads(first.body))


async def test_its_days_count_from_monday_so_that_they_are_current_and_hold_for_a_week(
    fetch: SampleFetch,
) -> None:
    warning = (await fetch(f"{HOST}/warning.cap")).body.decode()
    assert "<sent>2026-11-22T08:00:00+00:00</sent>" in warning
    news = (await fetch(f"{HOST}/news.rss")).body.decode()
    assert "<pubDate>Wed, 18 Nov 2026 10:00:00 +0000</pubDate>" in news
    assert "@" not in news


@pytest.mark.parametrize(
    "address", [f"{HOST}/../feeds.toml/x", f"{HOST}/nothing.rss", f"{POLICE}/a/b/c/d", HOST]
)
async def test_anything_else_is_not_there(fetch: SampleFetch, address: str) -> None:
    assert (await fetch(address)).status == 404
