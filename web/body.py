"""Reading what a client sends, with a limit on its size and on its patience."""

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from bot.model import Point

FORM_BYTES = 64 * 1024
# Read on past the limit and thrown away, so that a browser gets to read why it was refused.
SURPLUS_BYTES = 2 * 1024 * 1024
BODY_SECONDS = 15.0
UPLOAD_BYTES = 20_000_000
UPLOAD_SECONDS = 300.0
_MOST_FIELDS = 20

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


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, the first of each name, and its file, which may be empty."""

    fields: dict[str, str]
    file: bytes = b""


class _InMemory(MultiPartParser):
    """Starlette's parser, which would write a file beyond a megabyte to the disk."""

    spool_max_size = UPLOAD_BYTES + FORM_BYTES

    def close(self) -> None:
        """Let go of every file, also of one that was cut off."""
        for file in self._files_to_close_on_error:
            file.close()


def is_upload(request: Request) -> bool:
    """Whether a request brings a file."""
    return request.headers.get("content-type", "").startswith("multipart/form-data")


async def read_form(request: Request, *, takes_file: bool = False) -> Form:
    """What a form holds; a file only where one is asked for.

    Raises HTTPException as ``read_body``, and 400 for what is no form.
    """
    if takes_file and is_upload(request):
        return await _read_upload(request)
    body = await read_body(request, FORM_BYTES, surplus=SURPLUS_BYTES)
    try:
        fields = parse_qs(
            body.decode(errors="replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise HTTPException(400) from error
    return Form({name: values[0] for name, values in fields.items()})


async def _read_upload(request: Request) -> Form:
    limit = UPLOAD_BYTES + FORM_BYTES
    body = await read_body(request, limit, surplus=SURPLUS_BYTES, seconds=UPLOAD_SECONDS)

    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    parser = _InMemory(
        request.headers,
        whole(),
        max_files=1,
        max_fields=_MOST_FIELDS,
        max_part_size=FORM_BYTES,
    )
    try:
        found = (await parser.parse()).multi_items()
        fields = {name: value for name, value in reversed(found) if isinstance(value, str)}
        files = [await value.read() for _name, value in found if isinstance(value, UploadFile)]
    except MultiPartException as error:
        raise HTTPException(400) from error
    finally:
        parser.close()
    return Form(fields, files[0] if files else b"")


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
