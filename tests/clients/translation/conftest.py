"""A server on loopback that answers as an engine does, and no pauses between tries."""

from collections.abc import AsyncIterator, Iterator

import pytest
import stamina

from tests.feeds.loopback import Loopback, serving


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with serving() as served:
        yield served


@pytest.fixture(autouse=True)
def _no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield
