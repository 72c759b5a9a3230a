"""The months of an area as a picture of bars: digits only, so that it is in every language."""

import io
import math
from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFont

from bot.offences import AreaNumbers, Tally
from bot.services.rises import MONTHS

WIDTH, HEIGHT = 660, 440  # about twice what a narrow phone shows, for sharp digits
_LEFT, _RIGHT, _TOP, _BOTTOM = 90, 10, 24, 96
_LINES = 4  # of the grid, at most
_PART = 0.68  # of its month's width, for a bar

_PAPER = "#ffffff"
_GRID = "#d5dbe3"
_DIGITS = "#1d2733"
_BAR = "#7d9cc4"
_NEWEST = "#123f7a"
_PALE = {_BAR: "#dbe5f2", _NEWEST: "#b9cae2"}

_Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont


def bars(found: AreaNumbers) -> bytes:
    """A PNG with a bar for each of thirteen months, the newest dark; a gap where one is unknown.

    A pale bar stands for a total that is not told, and shows the least that it can be.
    """
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    draw = ImageDraw.Draw(image)
    digits = ImageFont.load_default(size=30)  # it comes with Pillow
    top = _step(found.history) * _LINES
    _grid(draw, digits, top)
    known = {each.month: each for each in found.history}
    for place, month in enumerate(_months(found.newest.month)):
        if month in known:
            _bar(draw, known[month], place, top, is_newest=place == MONTHS)
        _under(draw, digits, month, place)
    kept = io.BytesIO()
    # So few colours as a palette: a few kilobytes.
    image.quantize(32, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _grid(draw: ImageDraw.ImageDraw, digits: _Font, top: int) -> None:
    for line in range(_LINES + 1):
        value = top * line // _LINES
        y = _height(value, top)
        draw.line((_LEFT, y, WIDTH - _RIGHT, y), fill=_GRID, width=2)
        draw.text((_LEFT - 12, y), str(value), fill=_DIGITS, font=digits, anchor="rm")


def _bar(draw: ImageDraw.ImageDraw, tally: Tally, place: int, top: int, *, is_newest: bool) -> None:
    colour = _NEWEST if is_newest else _BAR
    value = tally.shown if tally.total is None else tally.total
    middle, half = _middle(place), _wide() * _PART / 2
    box = (middle - half, _height(value, top), middle + half, _height(0, top))
    if tally.total is None:
        draw.rectangle(box, fill=_PALE[colour], outline=colour, width=2)
    elif value:
        draw.rectangle(box, fill=colour)


def _under(draw: ImageDraw.ImageDraw, digits: _Font, month: date, place: int) -> None:
    """The number of a month, and the year under the first of each."""
    x, y = _middle(place), HEIGHT - _BOTTOM
    draw.text((x, y + 14), str(month.month), fill=_DIGITS, font=digits, anchor="mt")
    if month.month == 1 or (place == 0 and month.month != 12):  # two years would not fit
        draw.text((x, y + 56), str(month.year), fill=_DIGITS, font=digits, anchor="mt")


def _months(newest: date) -> list[date]:
    last = newest.year * 12 + newest.month - 1
    return [date(each // 12, each % 12 + 1, 1) for each in range(last - MONTHS, last + 1)]


def _step(history: Sequence[Tally]) -> int:
    """A round number between two lines of the grid: 1, 2 or 5 and noughts."""
    most = max((each.total or each.shown for each in history), default=0)
    least = max(1, math.ceil(most / _LINES))
    power: int = 10 ** (len(str(least)) - 1)
    return next(each * power for each in (1, 2, 5, 10) if each * power >= least)


def _wide() -> float:
    return (WIDTH - _LEFT - _RIGHT) / (MONTHS + 1)


def _middle(place: int) -> float:
    return _LEFT + (place + 0.5) * _wide()


def _height(value: int, top: int) -> float:
    return HEIGHT - _BOTTOM - value / top * (HEIGHT - _TOP - _BOTTOM)
