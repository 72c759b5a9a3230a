"""Clients that dribble: waited for, but not for ever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message
from uvicorn import Config
from uvicorn.server import ServerState

from web.body import read_body
from web.patience import PatientProtocol


class _Hasty(PatientProtocol):
    head_seconds = 0.05


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a hasty server that says hello."""
    config = Config(PlainTextResponse("hello"), ws="none", lifespan="off", log_config=None)
    server = await asyncio.get_running_loop().create_server(
        lambda: _Hasty(config, ServerState(), {}), "127.0.0.1", 0
    )
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            await writer.wait_closed()


async def test_a_client_that_never_finishes_its_request_is_let_go() -> None:
    async with connected() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: a")
        assert await reader.read() == b""


async def test_a_second_request_that_is_never_finished_is_let_go_too() -> None:
    async with connected() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHo")
        answer = await reader.read()
        assert answer.endswith(b"hello")
        assert answer.count(b"HTTP/1.1 200") == 1


async def test_a_body_that_never_ends_is_given_up() -> None:
    async def dribble() -> Message:
        await asyncio.Event().wait()
        return {"type": "http.request"}

    request = Request({"type": "http", "method": "POST", "headers": []}, dribble)
    with pytest.raises(HTTPException) as refusal:
        await read_body(request, 10, seconds=0.01)
    assert refusal.value.status_code == 408
