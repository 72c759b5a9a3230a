"""data.police.uk is asked politely, and asked again when it is busy."""

import json
from collections.abc import AsyncIterator, Iterator

import pytest
import stamina

from bot.errors import FeedError
from feeds.fetch import SafeFetch
from feeds.police_uk import PoliceUk
from tests.feeds.loopback import Loopback, answer, serving


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with serving() as served:
        yield served


@pytest.fixture
def police(server: Loopback) -> PoliceUk:
    return PoliceUk(f"{server.url}/api", "thames-valley", SafeFetch(server.allow, rate=1000))


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


def says(content: object) -> bytes:
    return answer(json.dumps(content).encode())


async def test_the_three_answers_a_sync_needs(server: Loopback, police: PoliceUk) -> None:
    base = "/api/thames-valley"
    server.answers[f"{base}/neighbourhoods"] = says([{"id": "N449", "name": "Abbey"}])
    server.answers[f"{base}/N449"] = says({"id": "N449"})
    server.answers[f"{base}/N449/boundary"] = says([{"latitude": "51.4", "longitude": "-1"}])
    assert await police.neighbourhoods() == [{"id": "N449", "name": "Abbey"}]
    assert await police.detail("N449") == {"id": "N449"}
    assert await police.boundary("N449") == [{"latitude": "51.4", "longitude": "-1"}]


async def test_an_id_is_sent_exactly_as_it_is(server: Loopback, police: PoliceUk) -> None:
    await police.detail("Newry Mourne & Down")
    await police.boundary("55.CR3001")
    assert server.paths == [
        "/api/thames-valley/Newry%20Mourne%20%26%20Down",
        "/api/thames-valley/55.CR3001/boundary",
    ]


async def test_a_neighbourhood_that_is_not_there_is_none(police: PoliceUk) -> None:
    assert await police.detail("gone") is None
    assert await police.boundary("gone") is None


async def test_a_force_that_is_not_there_is_a_failure(police: PoliceUk) -> None:
    with pytest.raises(FeedError, match="no such force"):
        await police.neighbourhoods()


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
async def test_a_busy_server_is_asked_again_and_at_last_given_up(
    server: Loopback, police: PoliceUk, status: str
) -> None:
    server.answers["/api/thames-valley/neighbourhoods"] = answer(status=status)
    with pytest.raises(FeedError, match=status[:3]):
        await police.neighbourhoods()
    assert len(server.paths) == 3


async def test_a_cut_connection_is_tried_again(server: Loopback, police: PoliceUk) -> None:
    server.answers["/api/thames-valley/N1"] = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"
    with pytest.raises(FeedError):
        await police.detail("N1")
    assert len(server.paths) == 3


@pytest.mark.parametrize("refusal", [answer(status="403 Forbidden"), answer(b"<html>robots?")])
async def test_a_refusal_is_not_asked_again(
    server: Loopback, police: PoliceUk, refusal: bytes
) -> None:
    server.answers["/api/thames-valley/N1"] = refusal
    with pytest.raises(FeedError):
        await police.detail("N1")
    assert len(server.paths) == 1
