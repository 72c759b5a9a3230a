"""The picture of an area: a small PNG of bars, whatever the months hold."""

import io
from datetime import date

import pytest
from PIL import Image

from bot.model import Area
from bot.offences import AreaNumbers
from bot.services.charts import HEIGHT, WIDTH, bars
from bot.services.numbers import tally

AREA = Area("ZX01", "Riverside")
DARK = (18, 63, 122)


def months(*counts: int | None) -> AreaNumbers:
    """Burglaries of the months of 2026 from January; with so many of all else that it is told."""
    found = [
        tally(date(2026, at, 1), {"burglary": count, "drugs": 4, "robbery": 4})
        for at, count in enumerate(counts, 1)
        if count is not None
    ]
    return AreaNumbers(AREA, found[-1], None, None, {}, False, tuple(found))


def drawn(found: AreaNumbers) -> Image.Image:
    return Image.open(io.BytesIO(bars(found)), formats=["PNG"]).convert("RGB")


@pytest.mark.parametrize("counts", [(5,), (10, 20, 30), (10, None, 30_000), (1_234_567,)])
def test_any_months_make_a_small_picture(counts: tuple[int | None, ...]) -> None:
    found = months(*counts)
    assert len(bars(found)) < 20_000
    assert drawn(found).size == (WIDTH, HEIGHT)


def test_the_newest_month_is_dark_and_as_high_as_it_is_many() -> None:
    def height(image: Image.Image) -> int:
        return sum(image.getpixel((WIDTH - 40, y)) == DARK for y in range(HEIGHT))

    whole, half = height(drawn(months(40, 32))), height(drawn(months(40, 12)))
    assert whole == pytest.approx(2 * half, abs=3)


def test_a_total_that_is_not_told_is_a_pale_bar() -> None:
    newest = tally(date(2026, 9, 1), {"burglary": 40})
    pale = drawn(AreaNumbers(AREA, newest, None, None, {}, False, (newest,)))
    assert pale.getpixel((WIDTH - 40, HEIGHT - 110)) == (185, 202, 226)


def test_an_area_without_a_shown_offence_is_drawn_too() -> None:
    newest = tally(date(2026, 9, 1), {})
    assert drawn(AreaNumbers(AREA, newest, None, None, {}, False, (newest,))).size[0] == WIDTH
