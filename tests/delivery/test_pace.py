"""All who send with one token share one pace, and slow down together."""

import pytest

from bot.delivery.pace import Pace
from bot.store import pacing
from bot.store.database import Database


@pytest.fixture
async def token(database: Database) -> int:
    async with database.write() as connection:
        return await pacing.token_of(connection, "telegram")


async def ahead(database: Database, token: int) -> float:
    """How many seconds of slots are taken already."""
    async with database.write() as connection:
        pace = await pacing.read(connection, token)
    return pace.next_free - pace.now


async def lease(database: Database, pace: Pace, slots: int) -> float:
    async with database.write() as connection:
        _room, rate = await pace.room(connection)
        return (await pace.lease(connection, slots, rate)).first


async def test_two_senders_never_take_the_same_slots(database: Database, token: int) -> None:
    one, other = Pace(token, 10), Pace(token, 10)
    await lease(database, one, 1_000)
    before = await ahead(database, token)
    assert await lease(database, other, 500) <= before
    assert await lease(database, one, 1) > before
    assert 140 < await ahead(database, token) < 151


async def test_there_is_no_room_while_slots_are_taken(database: Database, token: int) -> None:
    pace = Pace(token, 10)
    async with database.write() as connection:
        assert (await pace.room(connection))[0] >= 1
    await lease(database, pace, 100)
    async with database.write() as connection:
        assert (await pace.room(connection))[0] == 0


async def test_time_in_which_nobody_sent_is_not_made_up_for(database: Database, token: int) -> None:
    pace = Pace(token, 1_000)
    async with database.write() as connection:
        assert (await pace.room(connection))[0] <= 100  # although the token was never used


async def test_too_many_requests_hold_and_slow_everyone_and_once_only(
    database: Database, token: int
) -> None:
    one, other = Pace(token, 100), Pace(token, 100)
    async with database.write() as connection:
        await one.pause(connection, 30)
        await other.pause(connection, 30)
        room, rate = await other.room(connection)
    assert (room, rate) == (0, 70)
    assert 29 < await ahead(database, token) <= 30


async def test_the_pace_grows_back_to_what_is_allowed_and_no_further(
    database: Database, token: int
) -> None:
    pace = Pace(token, 100)
    async with database.write() as connection:
        await pace.pause(connection, -2)  # a pause that ended two seconds ago
        assert 70 < (await pace.room(connection))[1] < 100
        await pace.pause(connection, -60)
        assert (await pace.room(connection))[1] == 100


async def test_a_slow_machine_leases_further_ahead_but_not_without_bound(
    database: Database, token: int
) -> None:
    quick, slow = Pace(token, 1_000), Pace(token, 1_000)
    for _tick in range(100):
        slow.took(60)
    async with database.write() as connection:
        assert (await quick.room(connection))[0] < (await slow.room(connection))[0] <= 441
