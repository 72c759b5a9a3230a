"""One look at an outside address, that costs little where nothing has changed."""

import hashlib

from bot.errors import FeedError
from bot.ports import Fetch, Known, Response


async def visit(fetch: Fetch, url: str, known: Known, accept: str) -> tuple[Response | None, Known]:
    """What an address answers, or None where that is unchanged, and what to know the next time.

    Raises FeedError for any other status than 200 and 304.
    """
    asked = {
        "Accept": accept,
        "If-None-Match": known.etag,
        "If-Modified-Since": known.modified,
    }
    response = await fetch(url, headers={name: value for name, value in asked.items() if value})
    if response.status == 304:
        return None, known
    if response.status != 200:
        raise FeedError(f"its server answered {response.status}")
    now = Known(
        response.headers.get("etag", "")[:500],
        response.headers.get("last-modified", "")[:100],
        digest(response.body),
    )
    return (None if now.digest == known.digest else response), now


def digest(body: bytes) -> bytes:
    """By which a body is known again."""
    return hashlib.sha256(body).digest()
