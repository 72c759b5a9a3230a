"""Reading what a client sends, with a limit on its size and on its patience."""

import asyncio
import re
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.model import Point

FORM_BYTES = 64 * 1024
# Read on past the limit and thrown away, so that a browser gets to read why it was refused.
SURPLUS_BYTES = 2 * 1024 * 1024
BODY_SECONDS = 15.0

_NUMBER = re.compile(r"[0-9]{1,12}")
_POINT = re.compile(r"(-?[0-9]{1,2}\.[0-9]{1,4}),(-?[0-9]{1,3}\.[0-9]{1,4})")


async def read_body(
    request: Request, limit: int, *, surplus: int = 0, seconds: float = BODY_SECONDS
) -> bytes:
    """The body, at most ``limit`` bytes. Raises HTTPException 413 (too long) or 408 (too slow)."""
    body = bytearray()
    length = 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                length += len(chunk)
                if length <= limit:
                    body += chunk
                elif length > limit + surplus:
                    break
    except TimeoutError as error:
        raise HTTPException(408) from error
    if length > limit:
        raise HTTPException(413)
    return bytes(body)


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, the first of each name. Raises HTTPException as ``read_body``."""
    body = await read_body(request, FORM_BYTES, surplus=SURPLUS_BYTES)
    try:
        fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=20)
    except ValueError as error:
        raise HTTPException(400) from error
    return {name: values[0] for name, values in fields.items()}


def read_number(words: str) -> int | None:
    """A whole number of a sensible length, None for anything else."""
    return int(words) if _NUMBER.fullmatch(words) else None


def read_point(words: str) -> Point:
    """A point as the page's script sends it: degrees to about ten metres, "51.4543,-0.9781".

    Raises HTTPException 400 for anything else.
    """
    given = _POINT.fullmatch(words)
    if given is None:
        raise HTTPException(400)
    latitude, longitude = float(given[1]), float(given[2])
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise HTTPException(400)
    return Point(latitude, longitude)
