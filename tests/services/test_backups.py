"""Backups: the same rows again on any engine, and never somebody who was erased."""

import random
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.catalogs import Catalogs
from bot.conversation import Address
from bot.errors import OperatorError
from bot.model import Frequency, PictureFile, Topic
from bot.security.archive import archive_key, lines, writing
from bot.security.sealing import ChatKeys
from bot.security.secrets import Secrets
from bot.services.backups import USABLE, Backups
from bot.services.residents import TOMBSTONE_KEPT, Residents
from bot.store import dump, pictures, places, preferences
from bot.store.database import Database
from bot.store.migrations import upgrade
from bot.store.tables import metadata, subscribers, syncing, tombstones
from tests import town
from tests.conftest import FakeClock
from tests.databases import new_postgres_database
from tests.delivery.stage import set_stage

SECRETS = Secrets.fresh()
KEY = archive_key(SECRETS)


def quietly(_done: int, _total: int) -> None:
    """Nobody watches."""


def chat(number: int) -> Address:
    return Address("telegram", str(100_000_000 + number))


@pytest.fixture
def residents(database: Database, clock: FakeClock) -> Residents:
    return Residents(database, ChatKeys(SECRETS.chat_keys), clock)


@pytest.fixture
def backups(database: Database, clock: FakeClock) -> Backups:
    return Backups(database, KEY, clock)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup"


async def content(database: Database) -> dict[str, set[tuple[Any, ...]]]:
    """Every row that a backup holds."""
    async with database.read() as connection:
        return {
            name: {tuple(row) for row in await connection.execute(select(table))}
            for name, table in dump.TABLES.items()
        }


async def populate(database: Database, residents: Residents, count: int, seed: int = 0) -> None:
    """A town whose residents follow this and that, some with settings of their own."""
    chance = random.Random(seed)
    await town.build(database)
    for number in range(count):
        known = await residents.meet(chat(number))
        assert known.id is not None
        await residents.choose_language(known, chance.choice(["en_GB", "pl"]))
        async with database.write() as connection:
            for area in chance.sample(town.AREAS, chance.randint(0, 3)):
                found = await places.area(connection, area[0].id)
                assert found is not None
                await places.add(connection, known.id, found[0])
                if chance.random() < 0.5:
                    await preferences.set_place(
                        connection,
                        known.id,
                        found[0],
                        frequency=Frequency.DAILY,
                        topics=Topic.ROAD_SAFETY,
                    )
            await preferences.set_pause(connection, known.id, residents._clock.now().date())


def damages(file: Path) -> Iterator[None]:
    """Cut the file, cut it in half, lengthen it."""
    whole = file.read_bytes()
    for damaged in (whole[:-1], whole[: len(whole) // 2], whole + b"x"):
        file.write_bytes(damaged)
        yield


async def test_a_restore_brings_the_same_rows_back(
    database: Database, residents: Residents, backups: Backups, file: Path
) -> None:
    await populate(database, residents, 20)
    before = await content(database)
    assert await backups.save(file, quietly) == 20
    await residents.stop(await residents.meet(chat(3)))
    await residents.meet(chat(99))
    done = await backups.restore(file, quietly, replace=True)
    assert await content(database) == before
    assert (done.residents, done.stayed_erased) == (20, 0)
    assert done.rows == sum(map(len, before.values()))


async def test_pictures_come_back_few_at_a_time(
    database: Database, backups: Backups, file: Path
) -> None:
    picture = PictureFile("image/jpeg", 40, 30, random.Random(1).randbytes(200_000))
    async with database.write() as connection:
        for _number in range(dump.page_size("picture") + 2):
            await pictures.add(connection, picture)
    before = await content(database)
    await backups.save(file, quietly)
    await backups.restore(file, quietly, replace=False)
    assert await content(database) == before


async def test_after_a_restore_new_residents_are_numbered_on(
    database: Database, residents: Residents, backups: Backups, file: Path
) -> None:
    await populate(database, residents, 5)
    await backups.save(file, quietly)
    await backups.restore(file, quietly, replace=True)
    numbers = {(await residents.meet(chat(number))).id for number in range(7)}
    assert len(numbers) == 7


@pytest.mark.parametrize("seed", range(3))
async def test_whoever_was_erased_after_the_backup_never_comes_back(
    database: Database, residents: Residents, backups: Backups, file: Path, seed: int
) -> None:
    chance = random.Random(seed)
    await populate(database, residents, 12, seed)
    before = await content(database)
    await backups.save(file, quietly)
    erased = chance.sample(range(12), chance.randint(1, 11))
    for number in erased:
        await residents.forget(chat(number))
    if seed:  # some write again, but follow nothing
        await residents.meet(chat(erased[0]))

    done = await backups.restore(file, quietly, replace=True)

    known = [number for number in range(12) if await residents.find(chat(number))]
    assert known == [number for number in range(12) if number not in erased]
    assert (done.residents, done.stayed_erased) == (12 - len(erased), len(erased))
    after = await content(database)
    ids = {row[0] for row in after["subscriber"]}
    assert after["subscriber"] == {row for row in before["subscriber"] if row[0] in ids}
    assert after["place"] == {row for row in before["place"] if row[0] in ids}
    again = await backups.restore(file, quietly, replace=True)
    assert again.stayed_erased == len(erased)


async def test_a_tombstone_lasts_as_long_as_any_backup_it_guards_against(
    database: Database, residents: Residents, backups: Backups, file: Path, clock: FakeClock
) -> None:
    await populate(database, residents, 2)
    await backups.save(file, quietly)
    await residents.forget(chat(0))
    clock.set(clock.now() + USABLE)
    await residents.purge()
    assert (await backups.restore(file, quietly, replace=True)).stayed_erased == 1
    assert await residents.find(chat(0)) is None
    assert USABLE < TOMBSTONE_KEPT


async def test_a_backup_too_old_to_know_who_was_erased_is_refused(
    database: Database, residents: Residents, backups: Backups, file: Path, clock: FakeClock
) -> None:
    await backups.save(file, quietly)
    clock.set(clock.now() + USABLE + timedelta(days=1))
    with pytest.raises(OperatorError, match="after 14 days a backup cannot be put back"):
        await backups.restore(file, quietly, replace=True)


async def test_residents_are_replaced_only_when_told_to(
    database: Database, residents: Residents, backups: Backups, file: Path
) -> None:
    await populate(database, residents, 3)
    await backups.save(file, quietly)
    before = await content(database)
    with pytest.raises(OperatorError, match=r"3 resident\(s\)"):
        await backups.restore(file, quietly, replace=False)
    assert await content(database) == before


async def test_a_damaged_backup_changes_nothing(
    database: Database, residents: Residents, backups: Backups, file: Path
) -> None:
    await populate(database, residents, 40)
    await backups.save(file, quietly)
    before = await content(database)
    for _ in damages(file):
        with pytest.raises(OperatorError, match="damaged"):
            await backups.restore(file, quietly, replace=True)
        assert await content(database) == before


async def test_a_backup_of_a_newer_version_is_refused_and_changes_nothing(
    database: Database, residents: Residents, backups: Backups, file: Path
) -> None:
    await populate(database, residents, 2)
    await backups.save(file, quietly)
    before = await content(database)
    newer = [line.replace(b'"language"', b'"tongue"') for line in lines(file, KEY)]
    with writing(file, KEY) as put:
        for line in newer:
            put(line)
    with pytest.raises(OperatorError, match="newer version"):
        await backups.restore(file, quietly, replace=True)
    assert await content(database) == before


async def test_tombstones_talks_and_half_a_sync_are_not_in_it(
    database: Database, residents: Residents, backups: Backups, file: Path
) -> None:
    await residents.forget(chat(0))
    async with database.write() as connection:
        await connection.execute(insert(syncing).values(code="ZX09", name="Half read"))
    await backups.save(file, quietly)
    words = b"\n".join(lines(file, KEY))
    for name in ("tombstone", "conversation", "area_sync"):
        assert name.encode() not in words
    assert b"Half read" not in words
    await backups.restore(file, quietly, replace=True)
    async with database.read() as connection:
        assert len((await connection.execute(select(tombstones))).all()) == 1
        assert len((await connection.execute(select(syncing))).all()) == 1


def test_every_table_is_in_a_backup_or_left_out_on_purpose() -> None:
    left_out = {table.name for table in metadata.sorted_tables} - dump.TABLES.keys()
    assert left_out == {"tombstone", "conversation", "area_sync"}


async def test_no_chat_id_can_be_read_in_it(
    database: Database, residents: Residents, backups: Backups, file: Path
) -> None:
    await populate(database, residents, 1)
    await backups.save(file, quietly)
    words = b"\n".join(lines(file, KEY))
    assert b'"telegram"' in words
    assert chat(0).id.encode() not in words


async def test_progress_is_told_up_to_the_last_page(
    database: Database, residents: Residents, backups: Backups, file: Path
) -> None:
    async with database.write() as connection:
        day = residents._clock.now().date()
        row = {"channel": "web", "sealed": b"x", "created_on": day}
        rows = [{**row, "lookup": number.to_bytes(32)} for number in range(2_500)]
        await connection.execute(insert(subscribers), rows)
    saved: list[tuple[int, int]] = []
    await backups.save(file, lambda done, total: saved.append((done, total)))
    assert [done for done, _ in saved] == [1000, 2000, 2500]
    put_back: list[int] = []
    await backups.restore(file, lambda done, _: put_back.append(done), replace=True)
    assert put_back[-1] == saved[-1][1]


@pytest.fixture
async def others(postgres_server: str, tmp_path: Path) -> AsyncIterator[Callable[[str], Database]]:
    opened: list[Database] = []

    def other(kind: str) -> Database:
        lite = f"sqlite:///{tmp_path / 'other.sqlite'}"
        url = lite if kind == "sqlite" else new_postgres_database(postgres_server)
        opened.append(Database(url))
        return opened[-1]

    yield other
    for database in opened:
        await database.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_backup_moves_from_one_engine_to_the_other(
    database: Database,
    residents: Residents,
    backups: Backups,
    file: Path,
    clock: FakeClock,
    others: Callable[[str], Database],
    kind: str,
) -> None:
    await populate(database, residents, 8)
    await backups.save(file, quietly)
    other = others(kind)
    await upgrade(other, "subscriptions")
    await Backups(other, KEY, clock).restore(file, quietly, replace=False)
    assert await content(other) == await content(database)
    there = Residents(other, ChatKeys(SECRETS.chat_keys), clock)
    assert await there.find(chat(7)) == await residents.find(chat(7))
    assert (await there.meet(chat(50))).id not in {
        row[0] for row in (await content(database))["subscriber"]
    }


async def test_what_waited_when_a_backup_was_made_may_have_arrived_and_is_not_sent_again(
    database: Database, clock: FakeClock, catalogs: Catalogs, backups: Backups, file: Path
) -> None:
    stage = await set_stage(database, clock, catalogs)
    for number in range(10):
        await stage.follower(str(number))
    post = await stage.release("Road closed.")
    reached = await stage.begin()
    await backups.save(file, quietly)
    await stage.work()
    assert len(stage.channel.arrived) == 10

    await backups.restore(file, quietly, replace=True)
    await stage.work(stage.another_sender())
    assert len(stage.channel.arrived) == 10
    report = await stage.report(post)
    assert (report.state, report.sent, report.unknown) == ("ended", len(reached), 10 - len(reached))

    stage.later(minutes=1)
    await stage.posts.correct(post.code, "Road open.", "tests", now=True)
    await stage.work(stage.another_sender())
    corrected = len(stage.channel.arrived) - 10 + len(stage.channel.edited)
    assert corrected == 10
