"""A real engine for tests: Apertium from Debian, behind a server that speaks as LibreTranslate.

Its Spanish is poor, but it is a machine's, the same every time, and it needs no network.
"""

import asyncio
import html
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.feeds.loopback import Loopback, answer, serving

MISSING = "needs Apertium with its Spanish: apt-get install apertium-eng-spa"
MODES = {("en", "es"): "eng-spa", ("es", "en"): "spa-eng"}
LANGUAGES = [
    {"code": "en", "name": "English", "targets": ["en", "es"]},
    {"code": "es", "name": "Spanish", "targets": ["en", "es"]},
]

needs_apertium = pytest.mark.skipif(
    shutil.which("apertium") is None
    or not Path("/usr/share/apertium/modes/eng-spa.mode").is_file(),
    reason=MISSING,
)

_KEPT = re.compile(r'<span translate="no">.*?</span>', re.DOTALL)
_SPECIAL = re.compile(r"([\\\[\]{}^$@/<>])")


@asynccontextmanager
async def engine() -> AsyncIterator[Loopback]:
    """The server; ``bodies`` are the questions it was asked."""
    async with serving() as served:
        served.answers["/health"] = answer(b'{"status": "ok"}')
        served.answers["/languages"] = answer(json.dumps(LANGUAGES).encode())
        served.answers["/translate"] = partial(_answer, served)
        yield served


async def _answer(served: Loopback, writer: asyncio.StreamWriter) -> None:
    question = json.loads(served.bodies[-1])
    mode = MODES.get((question["source"], question["target"]))
    if mode is None or question["format"] != "html":
        writer.write(answer(b'{"error": "not supported"}', "400 Bad Request"))
    else:
        words = [await _translated(segment, mode) for segment in question["q"]]
        writer.write(answer(json.dumps({"translatedText": words}).encode()))
    await writer.drain()


async def _translated(segment: str, mode: str) -> str:
    """Kept pieces pass as what Apertium calls a superblank, which stays in its place."""
    process = await asyncio.create_subprocess_exec(
        *("apertium", "-u", "-f", "none", mode),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _error = await process.communicate(f"{_deformatted(segment)}\n".encode())
    words = out.decode(errors="ignore").replace("\uffff", "").replace("\0", "").strip()
    pieces = _KEPT.split(words)
    said = [html.escape(re.sub(r"[\[\]\\]", "", piece), quote=False) for piece in pieces]
    kept = [*_KEPT.findall(words), ""]
    return "".join(one + two for one, two in zip(said, kept, strict=True))


def _deformatted(segment: str) -> str:
    pieces = [_SPECIAL.sub(r"\\\1", html.unescape(piece)) for piece in _KEPT.split(segment)]
    kept = [*(f"[{piece}]" for piece in _KEPT.findall(segment)), ""]
    return "".join(one + two for one, two in zip(pieces, kept, strict=True))
