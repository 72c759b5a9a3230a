"""Polls addresses in a process of its own, and prints what came of each and how memory grew.

`python -m tests.feeds.hostile HOST:PORT PATH …`; the first address is a harmless one, after which
the process has loaded all that it ever loads.
"""

import asyncio
import json
import resource
import sys
from zoneinfo import ZoneInfo

from bot.errors import FeedError
from bot.model import Source
from bot.ports import Known
from feeds.fetch import SafeFetch
from feeds.rss import Rss


def peak() -> int:
    """The most memory this process has had, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def outcome(fetch: SafeFetch, url: str) -> str:
    feed = Rss(Source("hostile", "rss", url), fetch, ZoneInfo("Europe/London"))
    try:
        result = await feed.poll(Known())
    except FeedError as reason:
        return f"{type(reason).__name__}: {reason}"
    return f"{len(result.entries)} entries; {result.problem}"


async def main(host: str, harmless: str, *paths: str) -> None:
    fetch = SafeFetch([host], rate=1000)
    await outcome(fetch, f"http://{host}{harmless}")
    before = peak()
    outcomes = {
        path: [await outcome(fetch, f"http://{host}{path}"), peak() - before] for path in paths
    }
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
