"""Feeds: what an unchanged one costs against a parse, and a poll of a thousand of them.

`python -m bench.feeds` is the server: half of its feeds know conditional requests.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.results import Result, spread
from bot.model import Source
from bot.ports import Known, Response
from bot.schedule import SystemClock
from bot.services.feeds import Feeds, News, Taken
from bot.store.database import Database
from bot.store.migrations import upgrade
from feeds.fetch import SafeFetch
from feeds.rss import Rss

HOW_MANY, SHORT = 1_000, 50
ROUNDS = 7
EVERY_SECONDS = 300
ITEMS = 20
LONDON = ZoneInfo("Europe/London")

_STORY = "<p>Officers were called to the High Street on Friday evening. Two men were arrested.</p>"
_ITEM = (
    "<item><title>Two men arrested after a burglary, number {0}</title><guid>story-{0}</guid>"
    "<link>https://news.example.com/story-{0}</link><pubDate>Mon, 23 Nov 2026 10:00:00 GMT"
    "</pubDate><description><![CDATA[{1}]]></description></item>"
)
BODY = (
    "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>News</title>"
    + "".join(_ITEM.format(number, _STORY * 20) for number in range(ITEMS))
    + "</channel></rss>"
).encode()


def main(*, short: bool = False) -> list[Result]:
    """Compare an unchanged feed with a parse (B12), then poll many over HTTP."""
    how_many = SHORT if short else HOW_MANY
    unchanged, parsed = asyncio.run(_compare(2 if short else ROUNDS))
    ratio = statistics.median(parsed) / statistics.median(unchanged)
    with _server() as port, tempfile.TemporaryDirectory() as folder:
        seconds, first = asyncio.run(_poll(port, how_many, Path(folder)))
    share = seconds / EVERY_SECONDS
    costs = f"{spread(unchanged, ' ms', 3)} and {spread(parsed, ' ms', 1)}"
    return [
        Result(
            "B12",
            f"processor time of an unchanged feed against a parse ({len(BODY) // 1000} kB)",
            f"{ratio:,.0f} times less: {costs}",
            "at least 50 times less",
            ratio >= 50,
        ),
        Result(
            "",
            f"a poll of {how_many:,} unchanged feeds, with HTTP and bookkeeping",
            f"{seconds:.1f} s of processor time, {share:.1%} of one core at a poll each five "
            f"minutes; {first:.1f} s where all are new",
        ),
    ]


async def _compare(rounds: int) -> tuple[Sequence[float], Sequence[float]]:
    """Milliseconds of the processor for one look, in turns: nothing new, and all to be parsed."""
    feed = Rss(Source("bench", "rss", "https://news.example.com/feed"), _Held(), LONDON)
    known = (await feed.poll(Known())).known
    unchanged, parsed = [], []
    for _ in range(rounds):
        unchanged.append(await _timed(feed, known, 200))
        parsed.append(await _timed(feed, Known(), 10))
    return unchanged, parsed


async def _timed(feed: Rss, known: Known, times: int) -> float:
    start = time.process_time()
    for _ in range(times):
        await feed.poll(known)
    return (time.process_time() - start) / times * 1_000


class _Held:
    """The Fetch port: the same body at once, so that only what comes after is measured."""

    async def __call__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: object = None,
        limit: int = 2_000_000,
        seconds: float = 10,
        inside: bool = False,
    ) -> Response:
        return Response(200, {"content-type": "text/xml"}, BODY, url)


class _Shredder:
    """The Desk port: makes nothing of any news."""

    async def take(
        self, source: Source, news: Sequence[News], listed: Collection[bytes] | None
    ) -> Taken:
        return Taken()


async def _poll(port: int, how_many: int, folder: Path) -> tuple[float, float]:
    """Seconds of the processor for all feeds, unchanged and at first."""
    sources = [
        Source(f"feed-{number}", "rss", f"http://127.0.0.1:{port}/{number}")
        for number in range(how_many)
    ]
    fetch = SafeFetch([f"127.0.0.1:{port}"], rate=1_000_000)
    database = Database(f"sqlite:///{folder / 'bench.sqlite'}")
    await upgrade(database, "subscriptions")
    adapters = {source.id: Rss(source, fetch, LONDON) for source in sources}
    feeds = Feeds(database, SystemClock(), sources, adapters, _Shredder())
    start = time.process_time()
    polled = await feeds.poll()
    first = time.process_time() - start
    assert polled.failed == 0, (await feeds.standings())[0].problem  # noqa: S101  # or it measures nothing
    start = time.process_time()
    polled = await feeds.poll()
    seconds = time.process_time() - start
    assert polled.unchanged == how_many  # noqa: S101  # the same
    await database.close()
    return seconds, first


@contextmanager
def _server() -> Iterator[int]:
    """The port of a server in a process of its own, whose time is not counted."""
    command = [sys.executable, "-m", "bench.feeds"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101  # it was asked for
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    asked = await reader.readuntil(b"\r\n\r\n")
    number = int(asked.split(b" ", 2)[1].strip(b"/"))
    tag = f'ETag: "{number}"\r\n' if number % 2 else ""
    if number % 2 and b"if-none-match" in asked.lower():
        writer.write(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n")
    else:
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(BODY)}\r\n{tag}Connection: close\r\n\r\n"
        writer.write(head.encode() + BODY)
    await writer.drain()
    writer.close()


async def _serve() -> None:
    server = await asyncio.start_server(_talk, "127.0.0.1", 0, backlog=1_000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
