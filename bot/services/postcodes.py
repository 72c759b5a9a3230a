"""Importing postcode files: Code-Point Open, ONSPD, or our own CSV, into the packed file."""

import csv
import gzip
import io
import re
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from typing import IO, TypeAlias

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]  # its types omit it

from bot.errors import OperatorError, reason
from bot.services.outlines import UNITED_KINGDOM
from bot.store import postcodes

Told: TypeAlias = Callable[[int, int], None]
"""Called now and then with how many bytes of the file have been read, and how many there are."""

_ROWS_BETWEEN_TOLD = 50_000
_BAD_ROWS_NAMED = 5
_PEEKED = 5  # rows looked at to tell what a file is: one of them may be broken

# ONSPD changes case, order and suffix of its names between editions ("oslaua", "ladcd",
# "lad25cd"; "oseast1m", "EAST1M"). The longer ones are those of the CSV in data/.
_HEADER: Mapping[str, re.Pattern[str]] = {
    "postcode": re.compile(r"pcds|pcd[278]?|postcode"),
    "latitude": re.compile(r"lat|latitude"),
    "longitude": re.compile(r"long|lng|longitude"),
    "easting": re.compile(r"(os)?east1m|eastings?"),
    "northing": re.compile(r"(os)?nrth1m|(os)?north1m|northings?"),
    "quality": re.compile(r"pqi|(os)?grdind|(os)?gridind"),
    "council": re.compile(r"(os)?laua|lad\d*cd|district_code"),
    "ended": re.compile(r"doterm"),
}
_CODE_POINT_WIDTH = 10
_NO_POSITION = {"9", "90"}  # ONSPD's grid indicator and Code-Point's quality for "none"
_YEAR_MONTH = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])")


@dataclass
class Imported:
    """What became of a file's rows; ``total`` is how many postcodes are now known in all."""

    taken: int = 0
    without_position: int = 0
    bad: int = 0
    bad_lines: list[str] = field(default_factory=list)
    total: int = 0


def import_postcodes(
    source: Path,
    target: Path,
    *,
    default: Path | None = None,
    replace: bool = False,
    told: Told | None = None,
) -> Imported:
    """Merge a file into the packed one, or put it in its place with ``replace``.

    Where there is no packed one yet, it is merged into that of ``default``, the shipped data.
    Works beside a running service, which sees the new file at its next lookup. Raises
    OperatorError, and changes nothing, for a file that holds no postcodes with positions.
    """
    new, report = _packed(source, told)
    with postcodes.alone(target):
        if not replace:
            if default is not None:
                _build(default, target)
            if target.exists():
                new = postcodes.merged(postcodes.read(target), new)
        postcodes.write(target, new, shipped=False)
    report.total = len(new.rows)
    return report


def build_default(source: Path, target: Path) -> None:
    """Make the packed file from the shipped data, unless a good one is there already."""
    with postcodes.alone(target):
        _build(source, target)


def _build(source: Path, target: Path) -> None:
    if not postcodes.is_usable(target):
        postcodes.write(target, _packed(source)[0], shipped=True)


def _packed(source: Path, told: Told | None = None) -> tuple[postcodes.Table, Imported]:
    rows = _Rows()
    try:
        for part in _parts(source):
            rows.add(part, told)
    except (OSError, EOFError, OverflowError, zipfile.BadZipFile, zlib.error, csv.Error) as error:
        why = "it is damaged or cut short"
        if isinstance(error, OSError) and error.strerror:  # the system's own, not that of gzip
            why = reason(error)
        raise OperatorError(f"{source} could not be read: {why}") from error
    table = rows.table()
    if not len(table.rows):
        raise OperatorError(f"{source.name} holds no postcodes with positions")
    return table, rows.report


@dataclass(frozen=True)
class _Part:
    """One CSV of a file; ``read`` and ``size`` are bytes of the whole file."""

    name: str
    stream: IO[bytes]
    read: Callable[[], int]
    size: int


def _parts(source: Path) -> Iterator[_Part]:
    size = source.stat().st_size
    with source.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        if start.startswith(b"PK"):
            with zipfile.ZipFile(file) as archive:
                for name in _tables_in(archive, source.name):
                    with archive.open(name) as member:
                        yield _Part(name, member, file.tell, size)
        elif start.startswith(b"\x1f\x8b"):
            with gzip.open(file) as member:
                yield _Part(source.name, member, file.tell, size)  # type: ignore[arg-type]  # a GzipFile is one in all but name
        else:
            yield _Part(source.name, file, file.tell, size)


def _tables_in(archive: zipfile.ZipFile, source: str) -> list[str]:
    """Code-Point's ``Data/CSV/*.csv``, or ONSPD's one big CSV directly in ``Data``."""
    by_folder: dict[str, list[str]] = {}
    for name in archive.namelist():
        path = PurePosixPath(name.casefold())
        if path.suffix == ".csv":
            by_folder.setdefault(path.parent.name, []).append(name)
    names = by_folder.get("csv") or by_folder.get("data")
    if not names:
        raise OperatorError(f"{source} is neither the zip of Code-Point Open nor that of ONSPD")
    return sorted(names)


class _Rows:
    """Columns that grow row by row, and what is to be said about the rows left out."""

    def __init__(self) -> None:
        self.report = Imported()
        self._keys = array("I")
        self._ended = array("H")
        self._councils = array("H")
        self._codes: dict[str, int] = {}
        self._longitudes: list[NDArray[np.float64]] = []
        self._latitudes: list[NDArray[np.float64]] = []

    def add(self, part: _Part, told: Told | None) -> None:
        words = io.TextIOWrapper(part.stream, "utf-8-sig", errors="replace", newline="")
        reader = csv.reader(words)
        peeked = list(islice(reader, _PEEKED))
        columns = _columns(peeked, part.name)
        rows = chain(enumerate(peeked, start=1), _lines(reader))
        if columns is not _CODE_POINT:
            next(rows)  # the header
        while chunk := list(islice(rows, _ROWS_BETWEEN_TOLD)):
            self._add(chunk, columns, part.name)
            if told:
                told(part.read(), part.size)
        words.detach()

    def _add(self, rows: Sequence[tuple[int, list[str]]], columns: "_Columns", part: str) -> None:
        across, up = array("d"), array("d")
        for line, row in rows:
            if not row:
                continue
            try:
                code = row[columns.postcode].replace(" ", "").upper()
                key = postcodes.key(code[:-3], code[-3:])
                x, y = float(row[columns.across] or 0), float(row[columns.up] or 0)
                council = row[columns.council].strip() if columns.council is not None else ""
                ended = _month(row[columns.ended]) if columns.ended is not None else 0
                if columns.quality is not None and row[columns.quality] in _NO_POSITION:
                    x = y = 0
            except (ValueError, LookupError):
                self._note_bad(line, part)
                continue
            self._keys.append(key)
            self._ended.append(ended)
            self._councils.append(self._codes.setdefault(council, len(self._codes)))
            across.append(x)
            up.append(y)
        longitudes, latitudes = np.array(across), np.array(up)
        # On the grid 0,0 is a spot in the sea off Scilly, within the bounds checked at the end.
        longitudes[(longitudes == 0) & (latitudes == 0)] = np.nan
        if columns.on_grid:
            longitudes, latitudes = _from_national_grid().transform(longitudes, latitudes)
        self._longitudes.append(longitudes)
        self._latitudes.append(latitudes)

    def _note_bad(self, line: int, part: str) -> None:
        self.report.bad += 1
        if self.report.bad <= _BAD_ROWS_NAMED:
            self.report.bad_lines.append(f"line {line} of {part}")

    def table(self) -> postcodes.Table:
        if not self._keys:
            return postcodes.EMPTY
        longitudes, latitudes = np.concatenate(self._longitudes), np.concatenate(self._latitudes)
        west, south, east, north = UNITED_KINGDOM
        somewhere = (
            (latitudes > south) & (latitudes < north) & (longitudes > west) & (longitudes < east)
        )
        self.report.taken = int(somewhere.sum())
        self.report.without_position = len(self._keys) - self.report.taken
        return postcodes.table(
            np.frombuffer(self._keys, "u4")[somewhere],
            latitudes[somewhere],
            longitudes[somewhere],
            np.frombuffer(self._ended, "u2")[somewhere],
            np.frombuffer(self._councils, "u2")[somewhere],
            tuple(self._codes),
        )


@dataclass(frozen=True)
class _Columns:
    """Where in a row things are. ``across`` and ``up`` are degrees, or metres ``on_grid``."""

    postcode: int
    across: int
    up: int
    on_grid: bool
    council: int | None = None
    ended: int | None = None
    quality: int | None = None


_CODE_POINT = _Columns(postcode=0, quality=1, across=2, up=3, council=8, on_grid=True)


def _columns(rows: Sequence[Sequence[str]], part: str) -> _Columns:
    """What the first rows of a file say it is. Raises OperatorError when it is something else."""
    at = _by_header(rows[0]) if rows else {}
    if "postcode" not in at:
        if _is_code_point(rows):
            return _CODE_POINT
        raise OperatorError(
            f"{part} is not a postcode file; Beatline reads Code-Point Open and ONSPD (zip or CSV)"
        )
    rest = {what: at.get(what) for what in ("council", "ended", "quality")}
    if {"latitude", "longitude"} <= at.keys():
        return _Columns(at["postcode"], at["longitude"], at["latitude"], on_grid=False, **rest)
    if {"easting", "northing"} <= at.keys():
        return _Columns(at["postcode"], at["easting"], at["northing"], on_grid=True, **rest)
    raise OperatorError(
        f"{part} has postcodes but no positions; ONSPD and Code-Point Open have both"
    )


def _by_header(header: Iterable[str]) -> dict[str, int]:
    at: dict[str, int] = {}
    for index, name in enumerate(header):
        for what, pattern in _HEADER.items():
            if pattern.fullmatch(name.strip().casefold()):
                at.setdefault(what, index)
    return at


def _is_code_point(rows: Iterable[Sequence[str]]) -> bool:
    return any(
        len(row) == _CODE_POINT_WIDTH and all(cell.strip().isdecimal() for cell in row[1:4])
        for row in rows
    )


def _lines(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    return ((reader.line_num, row) for row in reader)  # type: ignore[attr-defined]  # csv has no public reader type


def _month(written: str) -> int:
    if not written.strip():
        return 0
    found = _YEAR_MONTH.fullmatch(written.strip())
    if found is None:
        raise ValueError("not a year and month")
    return postcodes.month(int(found[1]), int(found[2]))


@cache
def _from_national_grid() -> pyproj.Transformer:
    set_network_enabled(False)  # accuracy of metres needs no grid from the internet
    return pyproj.Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)
