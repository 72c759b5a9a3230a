"""A Bot API that only answers, after a set time, and notes who was written to and when.

The strict one of the tests checks every call, which is too slow beside a bot that sends a thousand
messages a second on the same two cores. ``python -m bench.stub SECONDS`` prints its port.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import aiohttp

ROUND_TRIP = 0.04
LOOK_SECONDS = 0.01
ROOT = Path(__file__).parents[1]

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
# A body is JSON, or a form as the library's own client sends it.
_CHAT = re.compile(rb'chat_id(?:": ?"?|=)(-?\d+)')
_POST = re.compile(rb"P-[2-9A-Z]{6}")


@dataclass(frozen=True, slots=True)
class Call:
    """A message that arrived; times by the machine's monotonic clock, None if not answered."""

    arrived: float
    answered: float | None
    chat: int
    post: str


class Stub:
    """The server as seen from a benchmark."""

    def __init__(self, port: int, session: aiohttp.ClientSession) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._session = session

    async def count(self) -> int:
        """How many messages arrived since ``forget``."""
        async with self._session.get(f"{self.url}/count") as answer:
            return int(await answer.read())

    async def reaches(self, count: int) -> None:
        """Wait until so many messages have arrived."""
        while await self.count() < count:  # noqa: ASYNC110  # it is another process's event
            await asyncio.sleep(LOOK_SECONDS)

    async def calls(self) -> list[Call]:
        """All of them, in the order in which they arrived."""
        async with self._session.get(f"{self.url}/calls") as answer:
            return [Call(*each) for each in await answer.json()]

    async def forget(self) -> None:
        async with self._session.get(f"{self.url}/forget") as answer:
            await answer.read()


@asynccontextmanager
async def stub(round_trip: float = ROUND_TRIP) -> AsyncIterator[Stub]:
    """A stub in its own process for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.stub", str(round_trip)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        port = int(await cast("asyncio.StreamReader", process.stdout).readline())
        async with aiohttp.ClientSession() as session:
            yield Stub(port, session)
    finally:
        process.kill()
        await process.wait()


class _Server(asyncio.Protocol):
    """One connection. Calls on it come one after the other."""

    calls: list[list[float | int | str | None]] = []  # noqa: RUF012  # shared by all connections

    def __init__(self, round_trip: float) -> None:
        self._round_trip = round_trip
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, end, body = self._read.partition(b"\r\n\r\n")
        if not end:
            return
        length = _LENGTH.search(head)
        size = int(length[1]) if length else 0
        if len(body) >= size:
            self._read = body[size:]
            self._serve(head, body[:size])

    def _serve(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"GET /count"):
            self._answer(str(len(self.calls)).encode())
        elif head.startswith(b"GET /calls"):
            self._answer(json.dumps(self.calls).encode())
        elif head.startswith(b"GET /forget"):
            self.calls.clear()
            self._answer(b"")
        else:
            self._message(body)

    def _message(self, body: bytes) -> None:
        chat = _CHAT.search(body)
        posts = _POST.findall(body)
        number = int(chat[1]) if chat else 0
        call: list[float | int | str | None] = [
            time.monotonic(),
            None,
            number,
            posts[-1].decode() if posts else "",
        ]
        self.calls.append(call)
        result = {
            "message_id": len(self.calls),
            "date": 0,
            "chat": {"id": number, "type": "private"},
        }
        answer = json.dumps({"ok": True, "result": result}).encode()
        asyncio.get_running_loop().call_later(self._round_trip, self._acknowledge, call, answer)

    def _acknowledge(self, call: list[float | int | str | None], answer: bytes) -> None:
        if not self._transport.is_closing():
            call[1] = time.monotonic()
            self._answer(answer)

    def _answer(self, body: bytes) -> None:
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )


async def _serve(round_trip: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Server(round_trip), "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
