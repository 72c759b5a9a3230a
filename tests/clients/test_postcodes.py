"""postcodes.io, where an operator set it up, answers for postcodes our file does not know."""

import json
from collections.abc import Mapping

import pytest

from bot.clients.postcodes import PostcodesApi
from bot.errors import FeedError
from bot.model import Point, PostcodeRow
from bot.ports import Response


class Answers:
    """The Fetch port, answering one thing."""

    def __init__(self, status: int, content: object) -> None:
        self.response = Response(status, {}, json.dumps(content).encode())
        self.asked: list[str] = []

    async def __call__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: object = None,
        limit: int = 2_000_000,
        seconds: float = 10,
        inside: bool = False,
    ) -> Response:
        self.asked.append(url)
        return self.response


LIVE = {
    "status": 200,
    "result": {
        "postcode": "RG1 1AF",
        "latitude": 51.457,
        "longitude": -0.969,
        "codes": {"admin_district": "E06000038"},
    },
}
ENDED = {
    "status": 404,
    "error": "Postcode not found",
    "terminated": {
        "postcode": "RG1 9ZZ",
        "year_terminated": 1996,
        "month_terminated": 6,
        "longitude": -0.97,
        "latitude": 51.46,
    },
}


async def test_a_live_postcode_has_a_place_and_a_council() -> None:
    fetch = Answers(200, LIVE)
    row = await PostcodesApi("https://api.postcodes.io", fetch).find("RG1 1AF")
    assert row == PostcodeRow(Point(51.457, -0.969), "E06000038")
    assert fetch.asked == ["https://api.postcodes.io/postcodes/RG1%201AF"]


async def test_an_ended_postcode_tells_when_it_ended() -> None:
    row = await PostcodesApi("https://x", Answers(404, ENDED)).find("RG1 9ZZ")
    assert row == PostcodeRow(Point(51.46, -0.97), ended=(1996, 6))


async def test_a_postcode_without_a_grid_reference_has_no_place() -> None:
    nowhere = {"result": {"latitude": None, "longitude": None, "codes": None}}
    assert await PostcodesApi("https://x", Answers(200, nowhere)).find("JE2 3AB") == PostcodeRow(
        None
    )


async def test_an_unknown_postcode_is_none() -> None:
    answer = {"status": 404, "error": "Postcode not found"}
    assert await PostcodesApi("https://x", Answers(404, answer)).find("RG1 1ZZ") is None


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (500, {}),
        (429, {}),
        (200, []),
        (200, {"result": None}),
        (200, {"result": {"latitude": "x", "longitude": "y"}}),
        (404, {"terminated": {"year_terminated": 1996, "month_terminated": 13}}),
    ],
)
async def test_any_other_answer_is_a_failure_and_not_a_place(status: int, content: object) -> None:
    with pytest.raises(FeedError):
        await PostcodesApi("https://x", Answers(status, content)).find("RG1 1AF")
