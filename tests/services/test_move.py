"""Moving from SQLite to PostgreSQL: every row, whole or not at all, and counted."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from bot.catalogs import Catalogs
from bot.conversation import Address
from bot.delivery.plan import Planner
from bot.errors import OperatorError
from bot.services.move import copy
from bot.services.residents import Residents
from bot.store import dump
from bot.store.concern_tables import mailboxes, replies
from bot.store.database import Database
from bot.store.migrations import Tree, upgrade
from bot.store.tables import deliveries, tombstones
from tests.conftest import FakeClock
from tests.databases import new_postgres_database
from tests.delivery.stage import Stage, set_stage

PEOPLE = 30
ERASED = "28"
HALF_SENT, NOT_PLANNED = "Half of this is sent.", "This is not planned."


def quietly(_done: int, _total: int) -> None:
    """Nobody watches."""


async def opened(url: str, tree: Tree) -> Database:
    database = Database(url)
    await upgrade(database, tree)
    return database


@pytest.fixture
async def source(tmp_path: Path) -> AsyncIterator[Database]:
    database = await opened(f"sqlite:///{tmp_path / 'beatline.sqlite'}", "subscriptions")
    yield database
    await database.close()


@pytest.fixture
async def target(postgres_server: str) -> AsyncIterator[Database]:
    database = await opened(new_postgres_database(postgres_server), "subscriptions")
    yield database
    await database.close()


@pytest.fixture
async def stage(source: Database, clock: FakeClock, catalogs: Catalogs) -> Stage:
    """Followers, one of them erased; a post half sent, another not yet planned."""
    stage = await set_stage(source, clock, catalogs)
    for number in range(PEOPLE):
        await stage.follower(str(number))
    await stage.release(HALF_SENT)
    await stage.begin()
    await stage.release(NOT_PLANNED)
    await Residents(source, stage.keys, clock).forget(Address("telegram", ERASED))
    return stage


async def content(database: Database, kind: str) -> dict[str, list[tuple[Any, ...]]]:
    async with database.read() as connection:
        return {
            table.name: sorted(
                (tuple(row) for row in await connection.execute(select(table))), key=repr
            )
            for table in dump.EVERYTHING[kind]
        }


async def test_every_row_is_moved_also_what_a_backup_leaves_out(
    stage: Stage, source: Database, target: Database
) -> None:
    before = await content(source, "subscriptions")
    assert before["tombstone"]
    assert before["delivery"]
    assert await copy("subscriptions", source, target, quietly) == sum(map(len, before.values()))
    assert await content(target, "subscriptions") == before
    assert await content(source, "subscriptions") == before


async def test_sending_goes_on_from_the_new_database_and_nothing_comes_twice(
    stage: Stage, source: Database, target: Database
) -> None:
    assert 0 < len(stage.channel.arrived) < PEOPLE
    await copy("subscriptions", source, target, quietly)
    moved = replace(
        stage, database=target, planner=Planner(target, stage.clock, ("telegram", "web"))
    )
    await moved.work(moved.another_sender())
    for number in range(PEOPLE):
        got = stage.channel.got(str(number))
        wanted = [] if str(number) == ERASED else [HALF_SENT, NOT_PLANNED]
        assert len(got) == len(wanted)
        assert all(words in message for words, message in zip(wanted, got, strict=True))


async def test_new_rows_are_numbered_on(stage: Stage, source: Database, target: Database) -> None:
    await copy("subscriptions", source, target, quietly)
    residents = Residents(target, stage.keys, stage.clock)
    assert (await residents.meet(Address("telegram", "999"))).id == PEOPLE + 1


async def test_concerns_are_moved_too(tmp_path: Path, postgres_server: str) -> None:
    old = await opened(f"sqlite:///{tmp_path / 'concerns.sqlite'}", "concerns")
    new = await opened(new_postgres_database(postgres_server), "concerns")
    mailbox = {
        "id": b"0" * 16,
        "public_key": b"k" * 32,
        "reference": "C-222222",
        "theme": "noise",
        "state": "saved",
        "urgent": True,
        "answer_wanted": True,
        "raised": date(2026, 11, 23),
        "day": date(2026, 11, 23),
    }
    reply = {"id": b"1" * 16, "mailbox_id": b"0" * 16, "day": date(2026, 11, 24), "sealed": b"x"}
    async with old.write() as connection:
        await connection.execute(insert(mailboxes).values(mailbox))
        await connection.execute(insert(replies).values(reply))
    assert await copy("concerns", old, new, quietly) == 2
    assert await content(new, "concerns") == await content(old, "concerns")
    await old.close()
    await new.close()


async def test_a_move_that_was_cut_short_after_this_database_goes_on_with_the_next(
    stage: Stage, source: Database, target: Database
) -> None:
    moved = await copy("subscriptions", source, target, quietly)
    before = await content(target, "subscriptions")
    assert await copy("subscriptions", source, target, quietly) == moved
    assert await content(target, "subscriptions") == before


async def test_a_database_that_is_in_use_is_never_written_into(
    stage: Stage, source: Database, target: Database
) -> None:
    async with target.write() as connection:
        await connection.execute(
            insert(tombstones).values(lookup=b"x", forgotten_on=date(2026, 11, 23))
        )
    with pytest.raises(OperatorError, match="not empty"):
        await copy("subscriptions", source, target, quietly)


async def test_a_move_that_fails_half_way_leaves_the_new_database_empty(
    stage: Stage, source: Database, target: Database
) -> None:
    def interrupted(done: int, total: int) -> None:
        if done > total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await copy("subscriptions", source, target, interrupted)
    assert not any((await content(target, "subscriptions")).values())
    async with source.write() as connection:  # the old one is free again
        await connection.execute(delete(deliveries))
