"""Places: how well news is led to the areas it names, and how long that takes."""

import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from bench.results import Result
from bot.services.placing import Reader
from bot.services.postcodes import build_default
from bot.services.shipped import POSTCODES
from bot.store.postcodes import PackedPostcodes
from tests.labelled import items
from tests.news import SAMPLE_OF_PLACES, Map

HOW_MANY, SHORT = 10_000, 500


def main(*, short: bool = False) -> list[Result]:
    """Score the labelled sets of ``tests/data``, and read many of their items in a row."""
    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder, "postcodes.bin")
        build_default(POSTCODES, packed)
        postcodes = PackedPostcodes(packed)
        start = time.perf_counter()
        wards = Map.shipped()
        reader = wards.reader(postcodes)
        compiled = time.perf_counter() - start
        return [*_scores(wards, reader), _speed(reader, SHORT if short else HOW_MANY, compiled)]


def _scores(wards: Map, reader: Reader) -> list[Result]:
    return [
        Result("places", name, str(wards.score(reader, items(name)))) for name in SAMPLE_OF_PLACES
    ]


def _speed(reader: Reader, how_many: int, compiled: float) -> Result:
    news = [item for name in SAMPLE_OF_PLACES for item in items(name)]
    start = time.perf_counter()
    for item in islice(cycle(news), how_many):
        reader.place(item.title, item.text)
    seconds = time.perf_counter() - start
    found = f"{seconds:.1f} s ({seconds / how_many * 1e6:.0f} µs each), ready in {compiled:.2f} s"
    return Result("places", f"{how_many:,} items placed", found)
