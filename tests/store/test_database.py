"""Transactions are whole or not at all, whatever interrupts them."""

import asyncio

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError

from bot.store.database import Database
from bot.store.tables import facts
from tests.cancelling import cancelled_at


async def _count(database: Database) -> int:
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(facts))).scalar_one()


async def test_an_exception_rolls_everything_back(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as connection:
            await connection.execute(insert(facts).values(name="a", value="1"))
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await fail()

    assert await _count(database) == 0


async def test_a_task_cancelled_at_any_await_leaves_nothing_half_written(
    database: Database,
) -> None:
    async def work(name: str) -> None:
        async with database.write() as connection:
            await connection.execute(insert(facts).values(name=f"{name}-1", value="1"))
            await connection.execute(insert(facts).values(name=f"{name}-2", value="2"))

    cut, number = True, 0
    while cut:
        cut = await cancelled_at(work(str(number)), number)
        assert await _count(database) % 2 == 0
        number += 1

    async with database.write() as connection:
        await connection.execute(insert(facts).values(name="afterwards", value="works"))
    assert number > 3


async def test_readers_see_what_was_committed_and_cannot_write(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(insert(facts).values(name="a", value="1"))

    async with database.read() as connection:
        assert (await connection.execute(select(facts.c.value))).scalar_one() == "1"
        with pytest.raises(DBAPIError, match=r"read-?only"):
            await connection.execute(insert(facts).values(name="b", value="1"))

    assert await _count(database) == 1


async def test_a_reader_sees_one_moment_whatever_is_written_meanwhile(database: Database) -> None:
    count = select(func.count()).select_from(facts)
    async with database.read() as reading:
        assert (await reading.execute(count)).scalar_one() == 0
        async with database.write() as writing:
            await writing.execute(insert(facts).values(name="a", value="1"))
        assert (await reading.execute(count)).scalar_one() == 0

    assert await _count(database) == 1


async def test_many_writers_at_once_lose_nothing(database: Database) -> None:
    async def add(number: int) -> None:
        async with database.write() as connection:
            await connection.execute(insert(facts).values(name=str(number), value="x"))

    await asyncio.gather(*(add(n) for n in range(40)))

    assert await _count(database) == 40
