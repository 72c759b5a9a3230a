"""Official warnings are read from CAP alerts, alone or in an index."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import FeedError
from bot.model import Circle, Entry, Kind, Level, MessageType, Point, Source
from bot.ports import Known
from feeds.cap import MOST_ALERTS, Cap
from feeds.fetch import SafeFetch
from tests.feeds.loopback import Loopback, answer, serving

WARNING = (Path(__file__).parent / "samples" / "warning.cap").read_text()
SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "feeds" / "cap-google"
ATOM = "http://www.w3.org/2005/Atom"
CAP = "application/cap+xml"
RING = ((51.41, -0.99), (51.49, -0.99), (51.49, -0.91), (51.41, -0.91), (51.41, -0.99))


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with serving() as served:
        yield served


@pytest.fixture
def feed(server: Loopback) -> Cap:
    source = Source("warnings", "cap", f"{server.url}/cap", hosts=("example.com",))
    return Cap(source, SafeFetch(server.allow, rate=1000), ZoneInfo("Europe/London"))


async def read(server: Loopback, feed: Cap, text: str) -> list[Entry]:
    server.answers["/cap"] = answer(text.encode())
    return list((await feed.poll(Known())).entries)


async def test_a_warning_becomes_an_entry(server: Loopback, feed: Cap) -> None:
    (entry,) = await read(server, feed, WARNING)
    assert entry.key == "warnings@example.com,example-2,2026-11-23T10:00:00+00:00"
    assert entry.references == ("warnings@example.com,example-1,2026-11-23T08:00:00+00:00",)
    assert (entry.message, entry.kind, entry.level) == (
        MessageType.UPDATE,
        Kind.ALERT,
        Level.URGENT,
    )
    assert entry.title == "Flooding by the river"
    assert entry.summary == "The river is over its banks.\nKeep away from the water."
    assert entry.source == "Example Agency"
    assert entry.link == "https://www.example.com/warnings/2"
    assert entry.published == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert entry.expires == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert entry.reach.names == ("Riverside",)
    assert entry.reach.rings == (tuple(Point(*pair) for pair in RING),)
    assert entry.reach.circles == (Circle(Point(51.55, -0.95), 2.5),)


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("<status>Actual", "<status>Exercise"),
        ("<status>Actual", "<status>Test"),
        ("<status>Actual", "<status>"),
        ("<scope>Public", "<scope>Restricted"),
        ("<scope>Public</scope>", ""),
        ("<msgType>Update", "<msgType>Ack"),
    ],
)
async def test_only_actual_warnings_for_the_public_are_taken(
    server: Loopback, feed: Cap, said: str, instead: str
) -> None:
    assert await read(server, feed, WARNING.replace(said, instead)) == []


async def test_a_cancellation_may_say_nothing_but_what_it_cancels(
    server: Loopback, feed: Cap
) -> None:
    start, _, rest = WARNING.partition("<info>")
    cancel = start.replace("Update", "Cancel") + rest.rpartition("</info>")[2]
    (entry,) = await read(server, feed, cancel)
    assert entry.message is MessageType.CANCEL
    assert len(entry.references) == 1
    assert entry.title


async def test_an_index_leads_to_its_warnings(server: Loopback, feed: Cap) -> None:
    for number in range(3):
        server.answers[f"/{number}.cap"] = answer(
            WARNING.replace("example-2", f"n-{number}").encode()
        )
    links = "".join(
        f"<entry><link href='/page'/><link type='{CAP}' href='/{number}.cap'/></entry>"
        for number in (0, 1, 2, 2, 9)
    )
    server.answers["/cap"] = answer(f"<feed xmlns='{ATOM}'>{links}</feed>".encode())
    result = await feed.poll(Known())
    assert [each.key.split(",")[1] for each in result.entries] == ["n-0", "n-1", "n-2"]
    assert result.problem == "1 of its warnings could not be read"
    assert "/page" not in server.paths


async def test_an_rss_index_leads_to_its_warnings(server: Loopback, feed: Cap) -> None:
    server.answers["/1.cap"] = answer(WARNING.encode())
    item = f"<item><link>{server.url}/1.cap</link></item>"
    assert len(await read(server, feed, f"<rss><channel>{item}</channel></rss>")) == 1


async def test_warnings_may_stand_in_the_index_itself(server: Loopback, feed: Cap) -> None:
    inside = WARNING.partition("?>")[2]
    index = f"<feed xmlns='{ATOM}'><entry><content>{inside}</content></entry></feed>"
    assert len(await read(server, feed, index)) == 1


async def test_no_more_than_fifty_warnings_are_asked_for(server: Loopback, feed: Cap) -> None:
    items = "".join(f"<item><link>/{number}.cap</link></item>" for number in range(200))
    await read(server, feed, f"<rss>{items}</rss>")
    assert len(server.paths) == 1 + MOST_ALERTS


@pytest.mark.parametrize("body", ["<html/>", "<thing/>", "words", "<alert><broken></alert>"])
async def test_what_is_no_warning_is_a_failed_poll(server: Loopback, feed: Cap, body: str) -> None:
    with pytest.raises(FeedError):
        await read(server, feed, body)


async def test_an_unchanged_index_asks_for_nothing_more(server: Loopback, feed: Cap) -> None:
    server.answers["/cap"] = answer(b"<rss><item><link>/1.cap</link></item></rss>")
    first = await feed.poll(Known())
    assert (await feed.poll(first.known)).unchanged
    assert server.paths == ["/cap", "/1.cap", "/cap"]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample feeds are not beside this repository")
async def test_every_recorded_warning_is_read_or_refused(server: Loopback, feed: Cap) -> None:
    taken: dict[str, int] = {}
    for path in sorted(SAMPLES.iterdir()):
        server.answers["/cap"] = answer(path.read_bytes())
        try:
            taken[path.name] = len((await feed.poll(Known())).entries)
        except FeedError:
            taken[path.name] = -1
    assert {name for name, count in taken.items() if count == 1} >= {
        "canada.cap",
        "earthquake.cap",
        "weather.cap",
        "wcatwc-warning.cap",
    }
    assert taken["invalid.cap"] == 0  # it does not say whom it is for
