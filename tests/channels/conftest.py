"""A fake Bot API for each test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fakes.botapi import BotApi


@pytest_asyncio.fixture
async def server() -> AsyncIterator[BotApi]:
    async with BotApi() as server:
        yield server
