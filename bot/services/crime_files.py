"""Reading street crime in bulk, as data.police.uk/data gives it, and counting it by area."""

import asyncio
import csv
import gzip
import io
import math
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

from bot.errors import OperatorError, reason
from bot.model import Area, Point
from bot.offences import SLUGS
from bot.ports import Clock
from bot.services.outlines import Outlines
from bot.store import areas, numbers
from bot.store.areas import StoredArea
from bot.store.database import Database

_NEEDED = ("Month", "Longitude", "Latitude", "Crime type", "Last outcome category")
_ENDINGS = ("-street.csv", "-street.csv.gz")
_FILES = (".csv", ".csv.gz")

Told: TypeAlias = Callable[[int, int], None]
"""Called after each file with how many have been read, and how many there are."""


@dataclass
class Street:
    """What files of street crime held, offence by offence.

    ``counts`` are those within an area of ours, by its id, month, category and outcome. Of the
    others some have no place, and some lie ``elsewhere``. ``bad`` rows could not be read.
    """

    rows: int = 0
    without_place: int = 0
    elsewhere: int = 0
    bad: int = 0
    categories: Counter[str] = field(default_factory=Counter)
    counts: dict[tuple[str, date], Counter[tuple[str, str]]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    months: set[date] = field(default_factory=set)

    @property
    def placed(self) -> int:
        return self.rows - self.without_place - self.elsewhere


async def import_street(
    database: Database,
    clock: Clock,
    source: Path,
    *,
    sample: bool = False,
    told: Told | None = None,
) -> Street:
    """Count the offences of a file, or of a folder or zip of them, by the areas of now.

    A month that is there takes the place of what was known of it, in every area: where the files
    have nothing, nothing was recorded. So the files of one month are imported together, such as
    a force's and those of the British Transport Police. Of a ``sample`` only the areas that it
    has offences in are touched. Raises OperatorError, in one sentence, where there is nothing to
    count.
    """
    async with database.read() as connection:
        stored = await areas.everything(connection)
    street = await asyncio.to_thread(read_street, source, Outlines(stored), told)
    if not street.placed:
        raise OperatorError(f"{source.name} has no offences within the areas on board")
    async with database.write() as connection:
        await areas.lock(connection)
        if not sample:
            await numbers.forget_samples(connection)  # the two do not compare
        await numbers.put(
            connection, list(_months(street, stored, sample)), clock.now(), sample=sample
        )
    return street


def read_street(source: Path, outlines: Outlines, told: Told | None = None) -> Street:
    """Count every row. Raises OperatorError as ``import_street``."""
    street = Street()
    places: dict[tuple[str, str], Area | None] = {}  # thousands share each anonymised point
    try:
        with ExitStack() as opened:
            files = _files(source, opened)
            for done, (name, begin) in enumerate(files, start=1):
                with io.TextIOWrapper(
                    begin(), encoding="utf-8-sig", errors="replace", newline=""
                ) as text:
                    _count(name, text, street, outlines, places)
                if told:
                    told(done, len(files))
    except (OSError, EOFError, zipfile.BadZipFile) as error:
        why = reason(error) if isinstance(error, OSError) else "it is damaged"
        raise OperatorError(f"{source.name} could not be read: {why}") from error
    return street


def _months(
    street: Street, stored: list[StoredArea], sample: bool
) -> Iterator[numbers.MonthOfArea]:
    for area in stored:
        for month in sorted(street.months):
            counts: Mapping[tuple[str, str], int] = street.counts.get((area.area.id, month), {})
            if counts or not sample:
                yield numbers.MonthOfArea(area, month, counts)


_Begin: TypeAlias = Callable[[], BinaryIO]


def _files(source: Path, opened: ExitStack) -> Sequence[tuple[str, _Begin]]:
    """The files of street crime by name: the one that is meant, or those of a folder or a zip."""
    found: list[tuple[str, _Begin]]
    if source.is_dir():
        paths = sorted(path for path in source.rglob("*") if path.name.endswith(_ENDINGS))
        found = [(path.name, partial(_begin, path)) for path in paths]
    elif zipfile.is_zipfile(source):
        archive = opened.enter_context(zipfile.ZipFile(source))
        names = sorted(name for name in archive.namelist() if name.endswith(_ENDINGS[0]))
        found = [(name, partial(_begin_within, archive, name)) for name in names]
    elif source.name.endswith(_FILES):
        return [(source.name, partial(_begin, source))]
    else:
        raise OperatorError(f"{source.name} is no CSV file, folder or zip of street crime")
    if not found:
        raise OperatorError(f"{source.name} has no file whose name ends in {_ENDINGS[0]}")
    return found


def _begin(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _begin_within(archive: zipfile.ZipFile, name: str) -> BinaryIO:
    return cast("BinaryIO", archive.open(name))


def _count(
    name: str,
    text: Iterable[str],
    street: Street,
    outlines: Outlines,
    places: dict[tuple[str, str], Area | None],
) -> None:
    try:
        rows = csv.DictReader(text, strict=True)
        missing = [column for column in _NEEDED if column not in (rows.fieldnames or ())]
        if missing:
            raise OperatorError(f"{name} is no file of street crime: no column {missing[0]!r}")
        for row in rows:
            _take(row, street, outlines, places)
    except csv.Error as error:
        raise OperatorError(f"{name} is not sound CSV: {error}") from None


def _take(
    row: Mapping[str, str | None],
    street: Street,
    outlines: Outlines,
    places: dict[tuple[str, str], Area | None],
) -> None:
    words, category = row["Month"] or "", row["Crime type"] or ""
    try:
        month = date.fromisoformat(f"{words}-01")
    except ValueError:
        street.bad += 1
        return
    if not category:
        street.bad += 1
        return
    street.rows += 1
    street.months.add(month)
    slug = SLUGS.get(category) or "-".join(category.lower().split())
    street.categories[slug] += 1
    spot = (row["Longitude"] or "", row["Latitude"] or "")
    point = _point(*spot)
    if point is None:
        street.without_place += 1
        return
    if spot not in places:
        places[spot] = outlines.at(point).area
    area = places[spot]
    if area is None:
        street.elsewhere += 1
    else:
        street.counts[area.id, month][slug, row["Last outcome category"] or ""] += 1


def _point(longitude: str, latitude: str) -> Point | None:
    with suppress(ValueError):
        point = Point(float(latitude), float(longitude))
        if math.isfinite(point.latitude + point.longitude) and point != Point(0, 0):
            return point
    return None
