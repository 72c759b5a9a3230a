"""The packed postcode file: 16 bytes a postcode, sorted, read into memory, replaced in one step.

``DATA_DIR/postcodes.bin`` is one line of JSON (what the file is, how many postcodes, the codes of
their councils), then five arrays: keys, latitudes, longitudes, months of ending, councils; then
the CRC-32 of all that. It is public reference data and holds nothing about residents.
"""

import fcntl
import json
import os
import sys
import tempfile
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import structlog
from numpy.typing import NDArray

from bot.errors import OperatorError, reason
from bot.model import Point, PostcodeRow

_log = structlog.get_logger()

FILE_NAME = "postcodes.bin"
_NAME = "Beatline postcodes"
_FORMAT = f"{_NAME} 2"
_ALIGNMENT = 8
_LONGEST_HEADER = 1_000_000
_CHECKSUM_BYTES = 4
_ARRAYS = (
    ("key", "I", 4),
    ("latitude", "i", 4),
    ("longitude", "i", 4),
    ("ended", "H", 2),
    ("council", "H", 2),
)
_BYTES_EACH = sum(size for *_, size in _ARRAYS)
_DEGREE = 1_000_000

_Identity: TypeAlias = tuple[int, int, int]

_ROW = np.dtype(
    [("key", "u4"), ("latitude", "i4"), ("longitude", "i4"), ("ended", "u2"), ("council", "u2")]
)

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_UNIT_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"  # C I K M O V never end a postcode
_UNITS = {
    a + b: i * len(_UNIT_LETTERS) + j
    for i, a in enumerate(_UNIT_LETTERS)
    for j, b in enumerate(_UNIT_LETTERS)
}
_FIRST_UNIT, _LAST_UNIT = "0AA", "9ZZ"
_SECOND = {"": 0} | {c: i for i, c in enumerate("0123456789" + _LETTERS, start=1)}


def key(outward: str, inward: str) -> int:
    """The 32-bit number of a postcode. Raises ValueError or KeyError for what is not one."""
    return (_district(outward) * 10 + int(inward[0])) * len(_UNITS) + _UNITS[inward[1:]]


@lru_cache(maxsize=4096)  # there are some 3,000 outward codes
def _district(outward: str) -> int:
    letters = 2 if outward[1].isalpha() else 1
    area = _LETTERS.index(outward[0]) * 27
    if letters == 2:
        area += _LETTERS.index(outward[1]) + 1
    return (area * 10 + int(outward[letters])) * len(_SECOND) + _SECOND[outward[letters + 1 :]]


@dataclass(frozen=True)
class Table:
    """Postcodes in memory: rows sorted by key, one for each, and the councils they point into."""

    rows: NDArray[Any]
    councils: tuple[str, ...]


EMPTY = Table(np.empty(0, _ROW), ())


def table(
    keys: NDArray[np.uint32],
    latitudes: NDArray[np.float64],
    longitudes: NDArray[np.float64],
    ended: NDArray[np.uint16],
    councils: NDArray[np.uint16],
    codes: tuple[str, ...],
) -> Table:
    """Pack columns of one length. Degrees in, millionths of a degree kept: about 0.1 m."""
    rows = np.empty(len(keys), _ROW)
    rows["key"], rows["ended"], rows["council"] = keys, ended, councils
    rows["latitude"] = np.rint(latitudes * _DEGREE)
    rows["longitude"] = np.rint(longitudes * _DEGREE)
    return Table(_one_each(rows), codes)


def merged(old: Table, new: Table) -> Table:
    """Both, one row for each postcode: a live one before an ended one, then the newer."""
    councils = tuple(dict.fromkeys(old.councils + new.councils))
    place = np.array([councils.index(code) for code in new.councils], "u2")
    rows = new.rows.copy()
    if len(rows):
        rows["council"] = place[rows["council"]]
    return Table(_one_each(np.concatenate([old.rows, rows])), councils)


def month(year: int, number: int) -> int:
    """A month as one number, never 0, for the month in which a postcode ended."""
    return year * 12 + number - 1


def _one_each(rows: NDArray[Any]) -> NDArray[Any]:
    # Sorting is stable, so the last of each key is a live one where there is one, and the newest.
    rows = rows[np.lexsort((rows["ended"] == 0, rows["key"]))]
    last = np.ones(len(rows), bool)
    last[:-1] = rows["key"][1:] != rows["key"][:-1]
    return rows[last]


def write(path: Path, content: Table, *, shipped: bool) -> None:
    """Put a whole new file in place in one step; readers keep the old one until they look again.

    ``shipped`` marks the file as nothing but our own default, which may be built anew at any time.
    """
    header = {
        "format": _FORMAT,
        "order": sys.byteorder,
        "count": len(content.rows),
        "shipped": shipped,
        "councils": content.councils,
    }
    line = json.dumps(header).encode()
    line += b" " * (-(len(line) + 1) % _ALIGNMENT) + b"\n"
    columns = (np.ascontiguousarray(content.rows[column]).tobytes() for column, *_ in _ARRAYS)
    whole = line + b"".join(columns)
    with _writing(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        unfinished = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(handle, 0o644)  # public data: the service may run as another user
                file.write(whole + _checksum(whole))
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


def read(path: Path) -> Table:
    """The whole file as a table, to merge into. Raises OperatorError when it is damaged."""
    file = _File(path)
    rows = np.empty(file.count, _ROW)
    for column, code, _ in _ARRAYS:
        rows[column] = np.frombuffer(file.arrays[column], np.dtype(code))
    return Table(rows, file.councils)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold off other processes that would merge into the same file at the same time."""
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_suffix(".lock").open("w")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {reason(error)}") from None


def is_usable(path: Path) -> bool:
    """Whether the file is there and whole; False where it is missing or a damaged default.

    Raises OperatorError for a damaged file that an operator imported, or a foreign one: only they
    can say what was in it.
    """
    try:
        _File(path)
    except FileNotFoundError:
        return False
    except OperatorError:
        if _was_shipped(path):
            return False
        raise
    return True


class PackedPostcodes:
    """The PostcodeLookup port over the packed file; notices by itself when it was replaced.

    A new file that is damaged or unreadable leaves the one read before in use.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = _File(path)
        self._seen: _Identity | None = self._file.identity
        self._has_warned = False

    async def find(self, postcode: str) -> PostcodeRow | None:
        return self.row(postcode)

    def row(self, postcode: str) -> PostcodeRow | None:
        """Where a normalised postcode ("RG1 1AA") is, without waiting for anything."""
        outward, inward = postcode.split(" ")
        return self._newest().row(key(outward, inward))

    def points(self, outward: str) -> list[Point]:
        """Where the live postcodes are that begin with these letters and digits, as "RG1"."""
        try:
            return self._newest().points(key(outward, _FIRST_UNIT), key(outward, _LAST_UNIT))
        except (KeyError, ValueError, IndexError):
            return []

    def __len__(self) -> int:
        return self._newest().count

    def _newest(self) -> "_File":
        found = _identity(self._path)
        if found != self._seen:
            self._seen = found  # a damaged one is read once, not at every lookup
            self._read_again()
        return self._file

    def _read_again(self) -> None:
        try:
            self._file = _File(self._path)
        except (OSError, OperatorError) as error:
            if not self._has_warned:
                _log.warning("postcodes.kept_the_old", reason=str(error))
            self._has_warned = True
        else:
            self._seen = self._file.identity
            self._has_warned = False


class _File:
    """One version of the file in memory; what becomes of the file on disk does not matter to it.

    Raises FileNotFoundError, or OperatorError for one that cannot be read or is not right.
    """

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                line = file.readline(_LONGEST_HEADER)
                header = _header(line)
                end = len(line) + header["count"] * _BYTES_EACH if header else 0
                # The size comes first, so that nothing large and foreign is read.
                is_whole = header is not None and status.st_size == end + _CHECKSUM_BYTES
                content = line + file.read(end + _CHECKSUM_BYTES) if is_whole else b""
        except FileNotFoundError:
            raise
        except OSError as error:
            raise OperatorError(f"{path} cannot be read: {reason(error)}") from None
        if header is None or not is_whole or _checksum(content[:end]) != content[end:]:
            raise _damaged(path)
        self.identity = _identity_of(status)
        self.count: int = header["count"]
        self.councils: tuple[str, ...] = tuple(header["councils"])
        self.arrays: dict[str, memoryview[int]] = {}
        start, whole = len(line), memoryview(content)
        for column, code, size in _ARRAYS:
            end = start + self.count * size
            self.arrays[column] = whole[start:end].cast(code)  # type: ignore[call-overload]  # a code of _ARRAYS
            start = end
        self._keys, self._latitudes, self._longitudes, self._ended, self._council = (
            self.arrays[column] for column, *_ in _ARRAYS
        )
        if self.count and np.max(self._council) >= len(self.councils):
            raise _damaged(path)

    def row(self, wanted: int) -> PostcodeRow | None:
        at = bisect_left(self._keys, wanted)
        if at == self.count or self._keys[at] != wanted:
            return None
        ended = self._ended[at]
        return PostcodeRow(
            Point(self._latitudes[at] / _DEGREE, self._longitudes[at] / _DEGREE),
            self.councils[self._council[at]],
            (ended // 12, ended % 12 + 1) if ended else None,
        )

    def points(self, first: int, last: int) -> list[Point]:
        start, end = bisect_left(self._keys, first), bisect_right(self._keys, last)
        return [
            Point(self._latitudes[at] / _DEGREE, self._longitudes[at] / _DEGREE)
            for at in range(start, end)
            if not self._ended[at]
        ]


def _damaged(path: Path) -> OperatorError:
    return OperatorError(
        f"{path} is damaged or not a postcode file: move it away, "
        "then import your postcode file again"
    )


def _header(line: bytes) -> dict[str, Any] | None:
    """What the first line says, where all of it is as this version and machine writes it."""
    header = _json(line)
    match header:
        case {
            "format": str(name),
            "order": str(order),
            "count": int(count),
            "shipped": bool(),
            "councils": [*councils],
        } if name == _FORMAT and order == sys.byteorder:
            is_number = not isinstance(count, bool) and count >= 0
            return header if is_number and all(isinstance(c, str) for c in councils) else None
    return None


def _was_shipped(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            line = file.readline(_LONGEST_HEADER)
    except OSError:
        return False
    match _json(line):
        case {"format": str(name), "shipped": True}:
            return name.startswith(_NAME)
    return False


def _json(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _checksum(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(_CHECKSUM_BYTES, "big")


def _identity(path: Path) -> _Identity | None:
    try:
        return _identity_of(os.stat(path))  # noqa: PTH116  # at every lookup; half the time of Path.stat
    except OSError:
        return None


def _identity_of(status: os.stat_result) -> _Identity:
    # The time of any change, its mode and name included; nobody can set it back, as they can mtime.
    return status.st_ino, status.st_size, status.st_ctime_ns
