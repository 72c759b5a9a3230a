"""Everything goes when its time is over, and no byte of it stays in a file."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.model import ConcernState
from bot.security.concern_seals import ReplyPaths
from bot.services import retention
from bot.services.retention import Kept
from bot.store.database import Database
from tests.conftest import FakeClock
from tests.services.concern_desk import CONCERN, Desk, set_desk


@pytest.fixture
async def desk(
    database: Database, concerns_database: Database, clock: FakeClock, tmp_path: Path
) -> Desk:
    return await set_desk(database, concerns_database, clock, tmp_path)


async def purged_after(desk: Desk, days: int) -> dict[str, int]:
    """What is left when the purge runs so many days from now."""
    desk.clock.set(desk.clock.now() + timedelta(days=days))
    await desk.concerns.purge()
    return await desk.left()


async def test_a_delivered_concern_is_kept_three_days_for_bounces_and_its_mailbox_longer(
    desk: Desk,
) -> None:
    code = await desk.send()
    await desk.accept_everything()
    assert "concern" in await purged_after(desk, 2)
    assert "concern" not in await purged_after(desk, 1)
    assert (await desk.opens(code)).state is ConcernState.DELIVERED


async def test_what_could_not_be_delivered_is_given_up_after_14_days_and_the_resident_sees_it(
    desk: Desk,
) -> None:
    code = await desk.send()
    assert "concern" in await purged_after(desk, 13)
    assert (await desk.opens(code)).state is ConcernState.SAVED
    assert "concern" not in await purged_after(desk, 1)
    mailbox = await desk.opens(code)
    assert (mailbox.state, mailbox.waiting) == (ConcernState.UNDELIVERED, 0)


async def test_more_can_be_said_after_a_concern_that_was_given_up(desk: Desk) -> None:
    code = await desk.send()
    await purged_after(desk, 14)
    mailbox = await desk.concerns.add(code, CONCERN)
    assert mailbox is not None
    assert (mailbox.state, mailbox.waiting) == (ConcernState.SAVED, 1)


async def test_what_was_added_and_never_arrived_is_not_called_delivered(desk: Desk) -> None:
    code = await desk.send()
    await desk.accept_everything()
    await desk.concerns.add(code, CONCERN)
    await purged_after(desk, 14)
    mailbox = await desk.opens(code)
    assert (mailbox.state, mailbox.waiting, mailbox.lost) == (ConcernState.DELIVERED, 0, 1)


async def test_a_mailbox_is_not_given_up_while_something_newer_of_it_waits(desk: Desk) -> None:
    code = await desk.send()
    desk.clock.set(desk.clock.now() + timedelta(days=10))
    await desk.concerns.add(code, CONCERN)
    await purged_after(desk, 4)
    mailbox = await desk.opens(code)
    assert (mailbox.state, mailbox.waiting, mailbox.lost) == (ConcernState.SAVED, 1, 1)
    await desk.accept_everything()
    assert (await desk.opens(code)).state is ConcernState.DELIVERED


async def test_what_comes_back_after_it_was_erased_is_not_called_delivered(desk: Desk) -> None:
    code = await desk.send()
    await desk.accept_everything()
    (row,) = await desk.rows("concern")
    await purged_after(desk, 4)
    token = ReplyPaths(desk.secrets.reply_key).bounce(row.id)
    assert not await desk.concerns.bounced(token)
    assert not await desk.concerns.bounced(token), "it is counted once"
    mailbox = await desk.opens(code)
    assert (mailbox.state, mailbox.lost) == (ConcernState.UNDELIVERED, 1)


async def test_a_mail_that_comes_back_twice_waits_once(desk: Desk) -> None:
    code = await desk.send()
    await desk.accept_everything()
    (row,) = await desk.rows("concern")
    token = ReplyPaths(desk.secrets.reply_key).bounce(row.id)
    assert await desk.concerns.bounced(token)
    assert not await desk.concerns.bounced(token)
    mailbox = await desk.opens(code)
    assert (mailbox.state, mailbox.waiting, mailbox.lost) == (ConcernState.SAVED, 1, 0)


async def test_a_mailbox_goes_90_days_after_the_last_activity_with_all_that_hangs_on_it(
    desk: Desk,
) -> None:
    code = await desk.send()
    await purged_after(desk, 50)
    await desk.answer(code, "At last.")
    assert set(await purged_after(desk, 89)) == {"mailbox", "reply", "return_path"}
    assert await purged_after(desk, 1) == {}


async def test_a_push_link_goes_after_30_days(desk: Desk) -> None:
    code = await desk.send()
    await desk.concerns.push_on(code, "telegram", "4815162342")
    assert "push_link" in await purged_after(desk, 29)
    assert "push_link" not in await purged_after(desk, 1)
    assert not (await desk.opens(code)).push


async def test_mail_in_quarantine_goes_after_30_days(desk: Desk) -> None:
    await desk.concerns.hold_back(b"From: somebody", "no signature")
    assert await purged_after(desk, 29) == {"quarantine": 1}
    assert await purged_after(desk, 1) == {}


def test_nothing_can_be_kept_longer_than_residents_were_told() -> None:
    with pytest.raises(ValueError, match="90 days"):
        Kept("Mailbox", timedelta(days=91), "the last activity", timedelta(days=90))
    with pytest.raises(ValueError, match="at most"):
        Kept("Mailbox", timedelta(), "the last activity", timedelta(days=90))
    assert len({each.what for each in retention.TABLE}) == len(retention.TABLE)


async def test_no_byte_of_what_was_purged_stays_in_the_files(desk: Desk, tmp_path: Path) -> None:
    holds = await searcher(desk.database, tmp_path)
    code = await desk.send()
    await desk.answer(code, "We will look.")
    await desk.concerns.push_on(code, "telegram", "4815162342")
    await desk.concerns.hold_back(b"From: somebody", "no signature")
    names = ("concern", "reply", "push_link", "quarantine")
    traces = [bytes(row.sealed)[200:300] for name in names for row in await desk.rows(name)]
    traces += [row.id for row in await desk.rows("mailbox")]
    await settled(desk.database)
    assert all(map(holds, traces)), "the search finds what is there"
    assert await purged_after(desk, 91) == {}
    await settled(desk.database)
    assert not any(map(holds, traces))


async def test_deleting_now_leaves_no_byte_in_the_files(desk: Desk, tmp_path: Path) -> None:
    holds = await searcher(desk.database, tmp_path)
    code = await desk.send()
    (row,) = await desk.rows("concern")
    mailbox = await desk.mailbox_of(code)
    traces = (row.sealed[200:300], mailbox.id, mailbox.public_key)
    await settled(desk.database)
    assert all(map(holds, traces))
    await desk.concerns.erase(code)
    await settled(desk.database)
    assert not any(map(holds, traces))


async def searcher(database: Database, folder: Path) -> Callable[[bytes], bool]:
    """A search of every file in which a database keeps its rows."""
    folders = [folder]
    if not database.is_sqlite:
        async with database.read() as connection:
            where = await connection.execute(
                text(
                    "SELECT current_setting('data_directory') || '/base/' || oid FROM pg_database "
                    "WHERE datname = current_database()"
                )
            )
            folders = [Path(where.scalar_one())]
        if not folders[0].is_dir():
            pytest.skip("the PostgreSQL server is on another machine")
    return lambda words: any(words in content for content in _contents(folders))


def _contents(folders: list[Path]) -> Iterator[bytes]:
    for folder in folders:
        for path in folder.iterdir():
            if path.is_file():
                yield path.read_bytes()


async def settled(database: Database) -> None:
    """Let PostgreSQL write to its files what it has in memory."""
    if not database.is_sqlite:
        async with database.write() as connection:
            await connection.execute(text("CHECKPOINT"))
