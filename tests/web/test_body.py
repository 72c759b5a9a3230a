"""What clients send is read strictly, or refused."""

import pytest
from starlette.exceptions import HTTPException

from bot.model import Point
from web.body import read_point


@pytest.mark.parametrize(
    ("words", "point"),
    [
        ("51.4543,-0.9781", Point(51.4543, -0.9781)),
        ("-0.0000,180.0000", Point(0, 180)),
        ("-90.0,-180.0", Point(-90, -180)),
    ],
)
def test_a_point_is_read_as_the_page_sends_it(words: str, point: Point) -> None:
    assert read_point(words) == point


@pytest.mark.parametrize(
    "words",
    [
        "",
        "51.4543",
        "51.4543,-0.9781,3.0",
        "51.45432,-0.97812",
        "51,-1",
        " 51.4543,-0.9781",
        "51.4543,-0.9781\n",
        "90.1,0.0",
        "51.0,180.1",
        "nan,nan",
        "1e1.0,0.0",
        "٥١.٠,٠.٠",
        "RG1 1AA",
    ],
)
def test_anything_else_is_not_a_point(words: str) -> None:
    with pytest.raises(HTTPException) as refused:
        read_point(words)
    assert refused.value.status_code == 400
