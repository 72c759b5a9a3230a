"""Keys can be changed under a populated database, and a cut in the middle loses nobody."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.errors import OperatorError
from bot.security import secrets
from bot.security.sealing import ChatKeys
from bot.security.secrets import Secrets
from bot.services.keys import Keys
from bot.store import keys as key_store
from bot.store import subscribers, tables
from bot.store.database import Database

CHATS = [("telegram", str(7_000_000_000 + number)) for number in range(key_store.PAGE + 5)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "secrets.toml"


@pytest.fixture
async def populated(database: Database, path: Path) -> Database:
    """Residents stored under the keys at ``path``, more than one page of them."""
    chat_keys = ChatKeys(secrets.make(path).chat_keys)
    async with database.write() as connection:
        rows = [row(chat_keys, channel, chat_id) for channel, chat_id in CHATS]
        await connection.execute(insert(tables.subscribers), rows)
    return database


def row(chat_keys: ChatKeys, channel: str, chat_id: str) -> dict[str, object]:
    return {
        "lookup": chat_keys.lookup(channel, chat_id),
        "channel": channel,
        "sealed": chat_keys.seal(channel, chat_id),
        "created_on": date(2026, 11, 23),
    }


async def assert_everybody_is_found(database: Database, current: Secrets) -> None:
    chat_keys = ChatKeys(current.chat_keys)
    async with database.read() as connection:
        found = [
            await subscribers.find(connection, chat_keys.lookup(channel, chat_id))
            for channel, chat_id in (CHATS[0], CHATS[-1])
        ]
        sample = await key_store.newest_sealed(connection)
    assert None not in found
    assert sample is not None
    assert chat_keys.unseal(sample) == CHATS[-1][1]
    assert current.previous is None


async def test_after_a_rotation_everybody_is_found_under_the_new_keys(
    populated: Database, path: Path
) -> None:
    before = secrets.load(path)
    assert await Keys(populated, path).rotate() == len(CHATS)
    after = secrets.load(path)
    assert after.chat_keys != before.chat_keys
    await assert_everybody_is_found(populated, after)


async def test_a_rotation_cut_before_the_rows_moved_is_finished_at_the_next_start(
    populated: Database, path: Path
) -> None:
    secrets.begin_rotation(path, secrets.load(path))
    settled = await Keys(populated, path).settle(secrets.load(path))
    assert settled == secrets.load(path)
    await assert_everybody_is_found(populated, settled)


async def test_a_rotation_cut_after_the_rows_moved_is_finished_at_the_next_start(
    populated: Database, path: Path
) -> None:
    keys = Keys(populated, path)
    between = secrets.begin_rotation(path, secrets.load(path))
    await keys.move_rows(between)
    assert await keys.move_rows(between) == 0
    await assert_everybody_is_found(populated, await keys.settle(secrets.load(path)))


async def test_a_rotation_cut_short_is_finished_by_the_next_one(
    populated: Database, path: Path
) -> None:
    secrets.begin_rotation(path, secrets.load(path))
    assert await Keys(populated, path).rotate() == len(CHATS)
    await assert_everybody_is_found(populated, secrets.load(path))


async def test_rows_move_all_or_not_at_all(populated: Database, path: Path) -> None:
    keys = Keys(populated, path)
    between = secrets.begin_rotation(path, secrets.load(path))
    stranger = ChatKeys(Secrets.fresh().chat_keys)
    async with populated.write() as connection:
        await connection.execute(insert(tables.subscribers), row(stranger, "web", "x"))
    with pytest.raises(OperatorError, match="cannot be read"):
        await keys.move_rows(between)
    assert between.previous is not None
    old = ChatKeys(between.previous)
    async with populated.read() as connection:
        assert await subscribers.find(connection, old.lookup(*CHATS[0]))


async def test_a_lost_secrets_file_is_noticed_before_anybody_is_lost(
    populated: Database, path: Path
) -> None:
    made_anew = secrets.make(path.with_name("another.toml"))
    with pytest.raises(OperatorError, match="put the right one back"):
        await Keys(populated, path).settle(made_anew)


async def test_any_keys_fit_an_empty_database(database: Database, path: Path) -> None:
    made = secrets.make(path)
    assert await Keys(database, path).settle(made) == made


async def test_keys_of_a_running_service_are_not_rotated(populated: Database, path: Path) -> None:
    with secrets.in_use(path), pytest.raises(OperatorError, match="stop Beatline first"):
        await Keys(populated, path).rotate()
