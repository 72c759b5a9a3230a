"""News feeds are read as they are meant, and refused where they are something else."""

import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import FeedError
from bot.model import Entry, Source
from bot.ports import Known
from feeds.fetch import SafeFetch
from feeds.rss import MOST_ENTRIES, Rss, discovered
from tests.feeds.loopback import Loopback, answer, serving

SAMPLES = Path(__file__).parent / "samples"
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with serving() as served:
        yield served


@pytest.fixture
def feed(server: Loopback) -> Rss:
    source = Source("news", "rss", f"{server.url}/feed", licence="OGL", hosts=("example.com",))
    return Rss(source, SafeFetch(server.allow, rate=1000), LONDON)


async def read(server: Loopback, feed: Rss, body: bytes, **headers: str) -> list[Entry]:
    server.answers["/feed"] = answer(body, **headers)
    return list((await feed.poll(Known())).entries)


async def test_an_item_becomes_an_entry_of_plain_text(server: Loopback, feed: Rss) -> None:
    first, second = await read(server, feed, (SAMPLES / "force.rss").read_bytes())
    assert first == Entry(
        key="news-1",
        title="Three men sentenced for burglary & theft – Newtown",
        summary="Three men were sentenced.\n- One was jailed.\n- Two were fined.",
        source="Example Police news",
        licence="OGL",
        language="en_GB",
        link="https://www.example.com/news/1?utm_source=rss#top",
        published=datetime(2026, 11, 23, 10, 30, tzinfo=UTC),
        categories=("Burglary",),
    )
    assert second.key == "https://elsewhere.example.org/2"
    assert second.published == datetime(2026, 6, 15, 9, 30, tzinfo=UTC)


async def test_an_item_without_an_address_has_none_and_is_known_by_its_title_and_day(
    server: Loopback, feed: Rss
) -> None:
    body = b"""<rss version="2.0"><channel><title>News</title>
        <item><title>One</title></item><item><title>Two</title></item></channel></rss>"""
    entries = await read(server, feed, body)
    assert [(each.title, each.link) for each in entries] == [("One", ""), ("Two", "")]


async def test_a_link_to_a_host_that_was_not_named_is_left_out(server: Loopback, feed: Rss) -> None:
    _, second = await read(server, feed, (SAMPLES / "force.rss").read_bytes())
    assert second.link == ""


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://example.com/a", True),
        ("https://news.example.com/a", True),
        ("http://example.com/a", False),
        ("https://badexample.com/a", False),
        ("https://example.com.evil.org/a", False),
        ("https://me@example.com/a", False),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
    ],
)
async def test_links_are_https_and_lead_to_the_hosts_of_the_source(
    server: Loopback, feed: Rss, link: str, kept: bool
) -> None:
    body = f"<rss><channel><item><title>T</title><link>{link}</link></item></channel></rss>"
    (entry,) = await read(server, feed, body.encode())
    assert bool(entry.link) == kept


async def test_an_atom_entry_that_was_only_updated_has_no_day_of_publication(
    server: Loopback, feed: Rss
) -> None:
    (entry,) = await read(server, feed, (SAMPLES / "government.atom").read_bytes())
    assert entry.key == "tag:www.example.com,2005:/government/news/knives"
    assert entry.published is None
    assert entry.updated == datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    assert entry.link == "https://www.example.com/government/news/knives"


async def test_words_in_another_encoding_than_declared_are_read(
    server: Loopback, feed: Rss
) -> None:
    (entry,) = await read(server, feed, (SAMPLES / "windows.rss").read_bytes())
    assert entry.title == "It’s £5 – written another"


async def test_an_unchanged_feed_is_not_parsed_again(server: Loopback, feed: Rss) -> None:
    body = (SAMPLES / "force.rss").read_bytes()
    server.answers["/feed"] = answer(body, etag='"7"', last_modified="Mon, 23 Nov 2026")
    first = await feed.poll(Known())
    second = await feed.poll(first.known)
    assert (first.unchanged, second.unchanged) == (False, True)
    assert server.headers[1]["if-none-match"] == '"7"'
    assert server.headers[1]["if-modified-since"] == "Mon, 23 Nov 2026"
    server.answers["/feed"] = answer(status="304 Not Modified")
    third = await feed.poll(first.known)
    assert (third.unchanged, third.known) == (True, first.known)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ((SAMPLES / "check.html").read_bytes(), "a web page where a feed should be"),
        (b"", "empty"),
        (b'{"items": []}', "not XML"),
        (gzip.compress(b"<rss/>", mtime=0), "packed"),
        (b"<alert/>", "<alert> where a feed should be"),
        (b"/etc/passwd", "not XML"),
        (b"https://example.com/feed", "not XML"),
    ],
)
async def test_what_is_no_feed_is_refused_in_plain_words(
    server: Loopback, feed: Rss, body: bytes, reason: str
) -> None:
    with pytest.raises(FeedError, match=reason):
        await read(server, feed, body)


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "500 Error"])
async def test_an_error_of_the_server_is_a_failed_poll(
    server: Loopback, feed: Rss, status: str
) -> None:
    server.answers["/feed"] = answer(b"<rss/>", status=status)
    with pytest.raises(FeedError, match=status[:3]):
        await feed.poll(Known())


async def test_no_more_than_fifty_entries_are_taken(server: Loopback, feed: Rss) -> None:
    items = "".join(f"<item><title>T{n}</title><guid>{n}</guid></item>" for n in range(10_000))
    server.answers["/feed"] = answer(f"<rss><channel>{items}</channel></rss>".encode())
    result = await feed.poll(Known())
    assert len(result.entries) == MOST_ENTRIES
    assert result.problem == "9950 entries beyond the first 50 were left out"


async def test_broken_xml_is_read_as_far_as_it_goes_and_says_so(
    server: Loopback, feed: Rss
) -> None:
    server.answers["/feed"] = answer(b"<rss><channel><item><title>A & B</title><b></item>")
    result = await feed.poll(Known())
    assert [each.title for each in result.entries] == ["A & B"]
    assert result.problem is not None


async def test_an_empty_feed_is_no_fault(server: Loopback, feed: Rss) -> None:
    server.answers["/feed"] = answer(b"<rss><channel><title>None now</title></channel></rss>")
    result = await feed.poll(Known())
    assert (list(result.entries), result.problem, result.name) == ([], None, "None now")


def test_a_page_names_its_feeds() -> None:
    page = """<html><head>
        <LINK rel="alternate" type="application/rss+xml" title="News" href="/News.xml?a=1&b=2">
        <link href='https://other.example/atom' type='application/atom+xml' rel='alternate home'/>
        <link rel="stylesheet" type="text/css" href="/style.css">
        <link rel="alternate" type="application/json" href="/feed.json">
        </head>"""
    assert discovered(page, "https://www.example.com/news/") == [
        "https://www.example.com/News.xml?a=1&b=2",
        "https://other.example/atom",
    ]
