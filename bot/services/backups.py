"""Backups of the subscriptions: made beside a running service, and put back without undoing an
erasure."""

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from bot.errors import OperatorError
from bot.ports import Clock
from bot.security import archive
from bot.store import advice, deliveries, dump, posts, subscribers, tombstones
from bot.store.database import Connection, Database

USABLE = timedelta(days=14)
"""How old a backup may be; tombstones are kept a day longer."""

Told: TypeAlias = Callable[[int, int], None]
"""Hears of progress: rows done, and rows in all."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore put back: residents, rows of every kind, and who stayed erased."""

    made_on: date
    residents: int
    rows: int
    stayed_erased: int


class Backups:
    """Saves the subscriptions database to a sealed file, and puts such a file back.

    ``key`` is ``archive_key`` of the secrets the database is written under. The concerns database
    is never in a backup, nor are the secrets.
    """

    def __init__(self, database: Database, key: bytes, clock: Clock) -> None:
        self._database = database
        self._key = key
        self._clock = clock

    async def save(self, path: Path, told: Told) -> int:
        """Write everything, as it is at one moment. Returns how many residents there are.

        Raises OperatorError where the file cannot be written.
        """
        with archive.writing(path, self._key) as put:
            async with self._database.read() as connection:
                await dump.freeze(connection)
                counts = await dump.counts(connection, dump.TABLES.values())
                total, done = sum(counts.values()), 0
                residents = await subscribers.count(connection)
                put(_line({"made_on": self._clock.now().date().isoformat(), "rows": total}))
                for name, table in dump.TABLES.items():
                    put(_line({"table": name, "columns": table.c.keys()}))
                    async for page in dump.pages(connection, table):
                        for row in page:
                            put(_line([_packed(value) for value in row]))
                        done += len(page)
                        told(done, total)
        return residents

    async def restore(self, path: Path, told: Told, *, replace: bool) -> Restored:
        """Put a backup in the place of what is there, in one transaction.

        Who was erased since it was made stays erased, and nothing goes out of it that may have
        been sent since. Raises OperatorError for a file that is
        damaged, foreign or too old, and for a database that holds residents unless ``replace``.
        """
        lines = archive.lines(path, self._key)
        header = json.loads(next(lines))
        made_on = self._fresh(path, date.fromisoformat(header["made_on"]))
        async with self._database.write() as connection:
            residents = await subscribers.count(connection)
            if residents and not replace:
                raise OperatorError(
                    f"the database holds {residents} resident(s), whom the backup would replace: "
                    "go on with --yes"
                )
            await dump.clear(connection)
            rows = await _fill(connection, path, lines, lambda done: told(done, header["rows"]))
            await dump.go_on_counting(connection, dump.TABLES.values())
            # Kept, so that a correction still goes to those reached; but what was waiting when
            # the backup was made may have gone out since.
            await posts.end_released(connection)
            await deliveries.doubt_unfinished(connection)
            await advice.end_week(connection, self._clock.now())
            stayed_erased = await tombstones.apply(connection)
            residents = await subscribers.count(connection)
        await self._database.truncate_log()
        return Restored(made_on, residents, rows, stayed_erased)

    def _fresh(self, path: Path, made_on: date) -> date:
        if self._clock.now().date() - made_on > USABLE:
            raise OperatorError(
                f"{path} is of {made_on}: after {USABLE.days} days a backup cannot be put back, "
                "because it is no longer known who asked to be erased since"
            )
        return made_on


async def _fill(
    connection: Connection, path: Path, lines: Iterator[bytes], told: Callable[[int], None]
) -> int:
    """Put every row where it belongs. Returns how many there were."""
    done = 0
    for name, columns, page in _pages(map(json.loads, lines)):
        try:
            await dump.put(connection, dump.TABLES[name], columns, page)
        except KeyError:
            raise OperatorError(
                f"{path} was made by a newer version of Beatline: update this one first"
            ) from None
        done += len(page)
        told(done)
    return done


def _pages(
    lines: Iterator[Any],
) -> Iterator[tuple[str, Sequence[str], list[list[Any]]]]:
    """Table, columns and rows, so many rows at a time."""
    name, columns = "", list[str]()
    page: list[list[Any]] = []
    for line in lines:
        opens_table = isinstance(line, dict)
        if page and (opens_table or len(page) == dump.page_size(name)):
            yield name, columns, page
            page = []
        if opens_table:
            name, columns = line["table"], line["columns"]
        else:
            page.append([_unpacked(value) for value in line])
    if page:
        yield name, columns, page


def _line(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _packed(value: Any) -> Any:
    """A value of any column as JSON can hold it."""
    match value:
        case bytes():
            return {"bytes": base64.b64encode(value).decode()}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case None | str() | int() | float():
            return value
        case _:
            raise TypeError(f"a backup cannot hold {type(value).__name__}")


def _unpacked(value: Any) -> Any:
    match value:
        case {"bytes": words}:
            return base64.b64decode(words)
        case {"moment": words}:
            return datetime.fromisoformat(words)
        case {"day": words}:
            return date.fromisoformat(words)
        case _:
            return value
