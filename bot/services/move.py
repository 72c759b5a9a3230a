"""Moving an installation from one pair of databases to another, such as SQLite to PostgreSQL."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from bot.errors import OperatorError
from bot.store import dump, facts
from bot.store.database import Database

MODE = "mode"
MOVED = "moved"
"""The mode of a database that was moved away: nothing is started on it any more."""

Told: TypeAlias = Callable[[int, int], None]
"""Hears of progress: rows done, and rows in all."""


async def copy(kind: str, source: Database, target: Database, told: Told) -> int:
    """Copy every row of ``source`` into ``target``, which is empty, in one transaction.

    Nobody may write to either meanwhile. Returns how many rows there are. A target that holds as
    many rows of every kind already was filled by a move that was cut short later, and is kept.
    Raises OperatorError for any other target that is not empty, and when the counts differ.
    """
    everything = dump.EVERYTHING[kind]
    async with source.read() as old, target.write() as new:
        await dump.freeze(old)
        wanted = await dump.counts(old, everything)
        there = await dump.counts(new, everything)
        if any(there.values()):
            _refuse_unless(there == wanted, f"the new {kind} database is not empty: name another")
            return sum(wanted.values())
        done, total = 0, sum(wanted.values())
        for table in everything:
            async for page in dump.pages(old, table):
                await dump.put(new, table, table.c.keys(), page)
                done += len(page)
                told(done, total)
        await dump.go_on_counting(new, everything)
        found = await dump.counts(new, everything)
        _refuse_unless(
            found == wanted, f"the {kind} do not count the same: {_differences(wanted, found)}"
        )
    return total


async def leave(source: Database) -> None:
    """See that nothing is ever started on a database again that was moved away."""
    async with source.write() as connection:
        await facts.write(connection, MODE, MOVED)


def _differences(wanted: Mapping[str, int], found: Mapping[str, int]) -> str:
    return ", ".join(
        f"{name} {wanted[name]} and {found[name]}" for name in wanted if wanted[name] != found[name]
    )


def _refuse_unless(right: bool, words: str) -> None:
    if not right:
        raise OperatorError(words)
