"""Made-up months of crime for the areas of a demo, from a file in the form of the real ones."""

import asyncio
import csv
import gzip
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeAlias
from zlib import crc32

from bot.offences import SLUGS
from bot.ports import Clock
from bot.services.shipped import SAMPLE
from bot.store import areas, numbers
from bot.store.database import Database
from bot.store.numbers import MonthOfArea

FILE = SAMPLE / "street.csv.gz"
_BEHIND = 2  # months that the newest is behind, as the real ones are

_Place: TypeAlias = Mapping[int, Counter[tuple[str, str]]]
"""The counts of a made-up place by month, as a number that grows by one."""


async def fill(database: Database, clock: Clock) -> None:
    """Where no area has figures, give each those of one of the made-up places of the file."""
    async with database.read() as connection:
        if await numbers.known(connection):
            return
        stored = await areas.everything(connection)
    places = await asyncio.to_thread(_read)
    now = clock.now()
    later = now.year * 12 + now.month - 1 - _BEHIND - max(map(max, places))
    months = [
        MonthOfArea(one, _first(month + later), counts)
        for one in stored
        for month, counts in places[crc32(one.area.id.encode()) % len(places)].items()
    ]
    async with database.write() as connection:
        await numbers.put(connection, months, now, sample=True)


def _read() -> Sequence[_Place]:
    places: dict[str, dict[int, Counter[tuple[str, str]]]] = {}
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            year, month = row["Month"].split("-")
            counts = places.setdefault(row["LSOA name"], {}).setdefault(
                int(year) * 12 + int(month) - 1, Counter()
            )
            counts[SLUGS[row["Crime type"]], row["Last outcome category"]] += 1
    return list(places.values())


def _first(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)
