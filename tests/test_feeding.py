"""From a line of feeds.toml to the desk: real sources over HTTP, of every kind, in one poll."""

import json
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path

import pytest

from bot.app import open_feeds
from bot.model import Kind, Source
from bot.services.feeds import Change, News, Polled, Taken
from bot.services.sources import EXAMPLE
from bot.settings import Settings
from bot.store.database import Database
from feeds.fetch import SafeFetch
from tests import town
from tests.conftest import FakeClock
from tests.feeds.loopback import Loopback, answer, serving

SAMPLES = Path(__file__).parent / "feeds" / "samples"
PRIORITY = {
    "issue": "<p>Dark paths by the river.</p>",
    "issue-date": "2026-11-01T00:00:00",
    "action": "<p>New lights are on.</p>",
    "action-date": "2026-11-20T00:00:00",
}


class Desk:
    """The Desk port, which keeps what it is given."""

    def __init__(self) -> None:
        self.news: dict[str, list[News]] = {}

    async def take(
        self, source: Source, news: Sequence[News], listed: Collection[bytes] | None
    ) -> Taken:
        self.news.setdefault(source.id, []).extend(news)
        return Taken(drafts=len(news))


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with serving() as served:
        yield served


def settings(folder: Path, server: Loopback) -> Settings:
    return Settings(
        _env_file=None,
        data_dir=folder,
        police_api_url=f"{server.url}/api",
        outbound_allow=server.allow,
    )  # type: ignore[call-arg]  # mypy knows fields only


def table(id: str, kind: str, url: str) -> str:
    return f'[[feed]]\nid = "{id}"\nkind = "{kind}"\nurl = "{url}"\n'


async def test_every_kind_of_source_reaches_the_desk_once(
    database: Database, clock: FakeClock, server: Loopback, tmp_path: Path
) -> None:
    await town.build(database)
    for name in ("force.rss", "warning.cap", "floods.json", "check.html"):
        server.answers[f"/{name}"] = answer((SAMPLES / name).read_bytes())
    for area in ("ZX01", "ZX02"):
        server.answers[f"/api/thames-valley/{area}/events"] = answer(b"[]")
        server.answers[f"/api/thames-valley/{area}/priorities"] = answer(b"[]")
    server.answers["/api/thames-valley/ZX01/priorities"] = answer(json.dumps([PRIORITY]).encode())
    (tmp_path / "feeds.toml").write_text(
        table("news", "rss", f"{server.url}/force.rss")
        + table("warnings", "cap", f"{server.url}/warning.cap")
        + table("floods", "floods", f"{server.url}/floods.json")
        + table("robots", "rss", f"{server.url}/check.html")
        + '[[feed]]\nid = "police"\nkind = "police_uk"\n'
    )
    desk = Desk()
    fetch = SafeFetch(server.allow, rate=1000)
    feeds = open_feeds(settings(tmp_path, server), database, clock, fetch, desk)
    assert await feeds.poll() == Polled(feeds=5, failed=1, entries=6, drafts=6)
    kinds = {id: [each.entry.kind for each in news] for id, news in desk.news.items()}
    assert kinds == {
        "news": [None, None],
        "warnings": [Kind.ALERT],
        "floods": [Kind.ALERT, Kind.ALERT],
        "police": [Kind.OUTCOME],
    }
    (outcome,) = desk.news["police"]
    assert (outcome.entry.reach.areas, outcome.change) == (("ZX01",), Change.NEW)
    assert await feeds.poll() == Polled(feeds=5, unchanged=4, failed=1)
    assert not any("ZX03" in path for path in server.paths)  # it only stands in for an area


async def test_a_first_start_makes_the_documented_file(
    database: Database, clock: FakeClock, server: Loopback, tmp_path: Path
) -> None:
    open_feeds(settings(tmp_path / "new", server), database, clock, desk=Desk())
    assert (tmp_path / "new" / "feeds.toml").read_text() == EXAMPLE.read_text()
