"""Residents met and forgotten: what is left in the database, and for how long."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.conversation import Address, Reply
from bot.security.sealing import ChatKeys
from bot.services.conversations import Conversations, Talk
from bot.services.residents import TOMBSTONE_KEPT, Residents
from bot.store.database import Database
from bot.store.tables import conversations, metadata, subscribers, tombstones
from bot.store.tombstones import apply
from bot.text import _
from tests.cancelling import cancelled_at
from tests.conftest import FakeClock
from tests.resident import Resident

SOMEONE = Address("telegram", "4815162342")


@pytest.fixture
def residents(database: Database, chat_keys: ChatKeys, clock: FakeClock) -> Residents:
    return Residents(database, chat_keys, clock)


async def left(database: Database) -> dict[str, int]:
    """How many rows each table holds, the empty ones left out."""
    async with database.read() as connection:
        counts = {
            table.name: len((await connection.execute(select(table))).all())
            for table in metadata.sorted_tables
        }
    return {name: count for name, count in counts.items() if count}


async def test_of_a_forgotten_resident_only_the_tombstone_is_left(
    residents: Residents, chat_keys: ChatKeys, database: Database
) -> None:
    known = await residents.meet(SOMEONE)
    talk = Talk(expects="follow.where", replies=(Reply(_("Hello")),))
    await Conversations(database, chat_keys).save(known, talk)
    assert await residents.forget(SOMEONE)
    assert await left(database) == {"tombstone": 1}


async def test_nothing_is_kept_of_an_answer_that_comes_after_the_erasing(
    residents: Residents, chat_keys: ChatKeys, database: Database
) -> None:
    known = await residents.meet(SOMEONE)
    await residents.forget(SOMEONE)
    await Conversations(database, chat_keys).save(known, Talk(replies=(Reply(_("Done.")),)))
    assert await left(database) == {"tombstone": 1}


async def test_forgetting_someone_unknown_says_so_and_still_guards_old_backups(
    residents: Residents, database: Database
) -> None:
    assert not await residents.forget(SOMEONE)
    assert not await residents.forget(SOMEONE)
    assert await left(database) == {"tombstone": 1}


async def test_the_tombstone_goes_after_its_days_and_not_before(
    residents: Residents, database: Database, clock: FakeClock
) -> None:
    await residents.forget(SOMEONE)
    clock.set(clock.now() + TOMBSTONE_KEPT)
    await residents.purge()
    assert await left(database) == {"tombstone": 1}
    clock.set(clock.now() + timedelta(days=1))
    await residents.purge()
    assert await left(database) == {}


async def test_who_comes_back_from_a_copy_is_erased_again(
    residents: Residents, database: Database
) -> None:
    await residents.forget(SOMEONE)
    await residents.meet(SOMEONE)
    async with database.write() as connection:
        assert await apply(connection) == 1
    assert await residents.find(SOMEONE) is None


async def test_writing_again_keeps_the_tombstone_and_following_again_removes_it(
    resident: Resident, database: Database
) -> None:
    async def standing() -> int:
        async with database.read() as connection:
            return len((await connection.execute(select(tombstones))).all())

    await resident.says("/forget")
    await resident.presses("Erase")
    await resident.says("/start")
    assert await standing() == 1
    await resident.says("/follow RG1 1AA")
    assert await standing() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_byte_of_a_forgotten_resident_stays_in_the_files(
    residents: Residents,
    chat_keys: ChatKeys,
    database: Database,
    tmp_path: Path,
    clock: FakeClock,
) -> None:
    def holds(words: bytes) -> bool:
        return any(words in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())

    known = await residents.meet(SOMEONE)
    await residents.choose_language(known, "pl")
    talk = Talk(replies=(Reply(_("Long words. " * 1000)),))
    await Conversations(database, chat_keys).save(known, talk)
    async with database.read() as connection:
        sealed = (await connection.execute(select(subscribers.c.sealed))).scalar_one()
        kept_talk = (await connection.execute(select(conversations.c.talk))).scalar_one()[:100]
    lookup = chat_keys.lookup(SOMEONE.channel, SOMEONE.id)
    assert holds(sealed)
    assert holds(lookup)
    assert holds(kept_talk)

    await residents.forget(SOMEONE)
    assert not holds(sealed)
    assert not holds(kept_talk)

    clock.set(clock.now() + TOMBSTONE_KEPT + timedelta(days=1))
    await residents.purge()
    assert not holds(lookup)


async def test_an_erasing_cut_short_anywhere_is_whole_or_nothing_and_can_be_repeated(
    residents: Residents, database: Database
) -> None:
    cut, number = True, 0
    while cut:
        address = Address("telegram", str(number))
        await residents.meet(address)
        before = (await left(database)).get("tombstone", 0)
        cut = await cancelled_at(residents.forget(address), number)
        gone = await residents.find(address) is None
        assert (await left(database)).get("tombstone", 0) - before == gone
        await residents.forget(address)
        assert await residents.find(address) is None
        number += 1
    assert number > 3
