"""What hostile sources send is refused or contained, in one clear line and in little memory."""

import asyncio
import gzip
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.feeds.loopback import Loopback, answer, serving

ROOT = Path(__file__).parents[2]
MOST_GROWTH = 30_000  # kilobytes
PLAIN = (Path(__file__).parent / "samples" / "force.rss").read_bytes()
ITEM = "<item><title>Story {0} of many</title><link>https://example.com/{0}</link>{1}</item>"


def rss(items: str, start: str = "") -> bytes:
    return f"{start}<rss><channel><title>News</title>{items}</channel></rss>".encode()


def doctype(*declarations: str) -> str:
    return f"<!DOCTYPE rss [{''.join(declarations)}]>"


LAUGHS = [f"<!ENTITY a{n + 1} '{f'&a{n};' * 10}'>" for n in range(9)]
ONE = "<item><title>&a9;</title></item>"
FUTURE = "<pubDate>Mon, 01 Jan 2090 00:00:00 GMT</pubDate>"

CASES: dict[str, tuple[bytes, str]] = {
    "/laughs": (rss(ONE, doctype("<!ENTITY a0 'ha'>", *LAUGHS)), "Refused: it has an entity"),
    "/long": (
        rss("<item><title>" + "&a;" * 9_000, doctype(f"<!ENTITY a '{'x' * 1000}'>")),
        "Refused: its entities would make it many times as large",
    ),
    "/external": (
        rss("<item><title>&a;</title></item>", doctype("<!ENTITY a SYSTEM 'file:///etc/passwd'>")),
        "Refused: it wants to bring in another document",
    ),
    "/doctype": (
        rss(ITEM.format(1, ""), '<!DOCTYPE rss SYSTEM "http://127.0.0.1:1/rss.dtd">'),
        "1 entries; None",
    ),
    "/path": (b"/etc/passwd", "FeedError: it is not XML"),
    "/address": (b"http://127.0.0.1:1/feed", "FeedError: it is not XML"),
    "/charset": (
        b'<?xml version="1.0" encoding="utf-16"?>' + rss(ITEM.format(1, "")),
        "1 entries; None",
    ),
    "/future": (rss(ITEM.format(1, FUTURE)), "1 entries; None"),
    "/many": (
        rss("".join(ITEM.format(n, "") for n in range(10_000))),
        "50 entries; 9950 entries beyond the first 50 were left out",
    ),
    "/twice": (rss(ITEM.format(1, "<guid>1</guid>") * 40), "1 entries; None"),
}

BUSY: dict[str, tuple[bytes, str]] = {
    "/deep": (rss("<a>" * 90_000), "Refused: it is nested too deep"),
    "/broken": (rss("<item><title>A & B</title>" + "<b" * 45_000), "1 entries; it is broken XML"),
    "/very-broken": (rss("<item><b" * 90_000), "Refused: it is broken XML"),
    "/huge-title": (rss(f"<item><title>{'word ' * 300_000}</title></item>"), "1 entries; None"),
    "/attributes": (
        rss("<item " + " ".join(f"a{n}='1'" for n in range(50_000)) + "/>"),
        "Refused: it is nested too deep, or has too many attributes",
    ),
}


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with serving() as served:
        yield served


async def polled(server: Loopback, *paths: str) -> dict[str, tuple[str, int]]:
    """What came of each poll in a process of its own, and how far its memory had grown by then."""
    command = [sys.executable, "-m", "tests.feeds.hostile", server.allow[0], "/plain", *paths]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return {path: (words, grown) for path, (words, grown) in json.loads(out).items()}


async def test_hostile_feeds_are_refused_or_contained_in_little_memory(server: Loopback) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n<rss><channel>")
        while True:
            writer.write(b"<item><title>More</title></item>" * 1_000)
            await writer.drain()

    expected = {path: line for path, (_, line) in CASES.items()}
    server.answers = {path: answer(body) for path, (body, _) in CASES.items()}
    server.answers["/plain"] = answer(PLAIN)
    bomb = gzip.compress(bytes(200_000_000))
    assert len(bomb) < 200_000
    server.answers["/bomb"] = answer(bomb, content_encoding="gzip")
    expected["/bomb"] = "Refused: the answer of 127.0.0.1 is larger than"
    server.answers["/endless"] = endless
    expected["/endless"] = "Refused: the answer of 127.0.0.1 is larger than"
    async with serving() as inside:
        server.answers["/redirect"] = answer(status="302 Found", location=f"{inside.url}/feed")
        expected["/redirect"] = "Refused: 127.0.0.1 is not HTTPS"
        found = await polled(server, *expected)
    assert inside.paths == []
    assert_contained(found, expected)


@pytest.mark.parametrize("path", BUSY)
async def test_what_would_keep_a_parser_busy_is_refused_or_contained(
    server: Loopback, path: str
) -> None:
    body, line = BUSY[path]
    server.answers = {"/plain": answer(PLAIN), path: answer(body)}
    assert_contained(await polled(server, path), {path: line})


def assert_contained(found: dict[str, tuple[str, int]], expected: dict[str, str]) -> None:
    for path, line in expected.items():
        words, grown = found[path]
        assert line in words, (path, words)
        assert "\n" not in words
        assert len(words) < 200
        assert grown < MOST_GROWTH, (path, grown)
