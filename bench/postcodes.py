"""Postcodes: how long an import takes, how much they weigh, how fast one leads to its area."""

import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice, product
from pathlib import Path

from bench.results import Result, spread
from bot.model import Found, Ground
from bot.services.area_files import read_areas
from bot.services.outlines import Outlines
from bot.services.postcodes import import_postcodes
from bot.services.shipped import WARDS
from bot.services.spelling import postcode_in
from bot.store.postcodes import PackedPostcodes

HOW_MANY, SHORT = 1_800_000, 40_000
LOOKUPS = 2_000
ROUNDS = 15

_AREAS = "AB B BA BS CV DE E GL GU HP HU L LE LU M MK N NE NG NN OX PO RG S SE SL SN SO".split()  # noqa: SIM905  # reads best as words
_UNITS = "ABDEFGHJLNPQRSTUWXYZ"
# Metres of the National Grid around the Thames Valley: about half of it is the force's.
_EASTINGS, _NORTHINGS = (420_000, 500_000), (165_000, 250_000)


def main(*, short: bool = False) -> list[Result]:
    """Import a Code-Point Open file of made-up postcodes, and look some up (B13)."""
    how_many = SHORT if short else HOW_MANY
    chance = random.Random(13)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "code-point.csv"), Path(folder, "postcodes.bin")
        with source.open("w") as file:
            file.writelines(_lines(chance, how_many))
        start = time.perf_counter()
        report = import_postcodes(source, target)
        seconds = time.perf_counter() - start
        size = target.stat().st_size / report.total
        rounds = _lookups(PackedPostcodes(target), chance, how_many)
    return [
        Result(
            "B13",
            f"from a postcode to its area, among {report.total:,}",
            f"{spread(rounds, ' µs', 1)}; {size:.1f} bytes each; imported in {seconds:.1f} s",
            "at most 25 µs and 20 bytes",
            statistics.median(rounds) <= 25 and size <= 20,
        )
    ]


def _lookups(known: PackedPostcodes, chance: random.Random, how_many: int) -> Sequence[float]:
    """Microseconds from typed words to an area, by round, for postcodes inside the force."""
    outlines = Outlines(read_areas(WARDS))

    def find(typed: str) -> Found:
        postcode = postcode_in(typed)
        row = known.row(postcode) if postcode else None
        return outlines.find(row) if row else Found(Ground.UNKNOWN)

    everywhere = chance.sample(list(_codes(how_many)), LOOKUPS * 5)
    inside = (code.lower() for code in everywhere if find(code).area)
    typed = list(islice(inside, LOOKUPS))
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for code in typed:
            find(code)
        rounds.append((time.perf_counter() - start) / len(typed) * 1e6)
    return rounds


def _lines(chance: random.Random, how_many: int) -> Iterator[str]:
    for code in _codes(how_many):
        east, north = chance.randint(*_EASTINGS), chance.randint(*_NORTHINGS)
        yield f'"{code}",10,{east},{north},"E92000001","E19000002","E18000009","","","E05000001"\n'


def _codes(how_many: int) -> Iterator[str]:
    outward = [f"{area}{number}" for area, number in product(_AREAS, range(1, 21))]
    inward = [f"{sector}{a}{b}" for sector, a, b in product(range(10), _UNITS, _UNITS)]
    return (f"{out} {unit}" for out, unit in islice(product(outward, inward), how_many))
