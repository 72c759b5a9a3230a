"""Cut short anywhere: never a receipt for nothing, never a concern lost after its receipt."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from textwrap import dedent

import pytest
from sqlalchemy import select

from bot.model import ConcernState
from bot.security import secrets
from bot.security.receipts import Receipts
from bot.store.concern_tables import concerns as table
from bot.store.database import Database
from bot.store.migrations import upgrade
from tests.cancelling import cancelled_at
from tests.conftest import FakeClock
from tests.services.concern_desk import CONCERN, Desk, set_desk

ROOT = Path(__file__).parents[2]
EITHER = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True
)


@pytest.fixture
async def desk(
    database: Database, concerns_database: Database, clock: FakeClock, tmp_path: Path
) -> Desk:
    return await set_desk(database, concerns_database, clock, tmp_path)


async def assert_whole(desk: Desk) -> None:
    """Every mailbox has its concern, and every concern its mailbox and both ways back."""
    boxes = {row.id for row in await desk.rows("mailbox")}
    waiting = [row.mailbox_id for row in await desk.rows("concern")]
    paths = await desk.rows("return_path")
    assert boxes == set(waiting)
    assert len(waiting) == len(boxes)
    assert sorted(row.mailbox_id for row in paths) == sorted([*boxes, *boxes])


@EITHER
async def test_a_sending_cut_short_anywhere_leaves_all_or_nothing_and_no_receipt_for_nothing(
    desk: Desk,
) -> None:
    receipts: list[str] = []

    async def send() -> None:
        receipts.append(await desk.send())

    cut, number = True, 0
    while cut:
        given = len(receipts)
        cut = await cancelled_at(send(), number)
        await assert_whole(desk)
        assert len(receipts) == given + (not cut)
        number += 1
    assert number > 10
    assert (await desk.opens(receipts[0])).state is ConcernState.SAVED


@pytest.mark.slow
async def test_words_added_and_cut_short_anywhere_are_there_once_or_not_at_all(desk: Desk) -> None:
    code = await desk.send()
    cut, number, stored = True, 0, 1
    while cut:
        cut = await cancelled_at(desk.concerns.add(code, CONCERN), number)
        found = len(await desk.rows("concern"))
        assert found - stored in ({0, 1} if cut else {1})
        stored = found
        number += 1
    assert number > 10
    assert (await desk.opens(code)).waiting == stored


@pytest.mark.slow
async def test_an_answer_cut_short_anywhere_is_there_with_its_state_or_not_at_all(
    desk: Desk,
) -> None:
    cut, number = True, 0
    while cut:
        code = await desk.send()
        token = await desk.token(code)
        answering = desk.concerns.reply(token, "Done.", state=ConcernState.CLOSED)
        cut = await cancelled_at(answering, number)
        mailbox = await desk.opens(code)
        assert bool(mailbox.replies) == (mailbox.state is ConcernState.CLOSED)
        assert bool(mailbox.replies) == (mailbox.answered is not None)
        number += 1
    assert number > 5


@pytest.mark.slow
async def test_an_erasing_cut_short_anywhere_is_whole_or_nothing(desk: Desk) -> None:
    cut, number = True, 0
    while cut:
        code = await desk.send()
        cut = await cancelled_at(desk.concerns.erase(code), number)
        await assert_whole(desk)
        await desk.concerns.erase(code)
        assert await desk.left() == {}
        number += 1
    assert number > 5


SENDER = """
    import asyncio, sys
    from pathlib import Path
    from bot.security import secrets
    from bot.store.database import Database
    from tests.conftest import FakeClock
    from tests.services.concern_desk import set_desk

    async def main():
        folder = Path(sys.argv[1])
        desk = await set_desk(
            Database(f"sqlite:///{folder / 'beatline.sqlite'}"),
            Database(f"sqlite:///{folder / 'concerns.sqlite'}"),
            FakeClock(),
            folder,
            secrets.load(folder / "secrets.toml"),
        )
        while True:
            print(await desk.send(), flush=True)

    asyncio.run(main())
"""


@pytest.mark.slow
async def test_killed_outright_every_receipt_that_was_shown_opens_a_whole_concern(
    tmp_path: Path,
) -> None:
    keys = secrets.make(tmp_path / "secrets.toml")
    subscriptions = Database(f"sqlite:///{tmp_path / 'beatline.sqlite'}")
    concerns = Database(f"sqlite:///{tmp_path / 'concerns.sqlite'}")
    await upgrade(subscriptions, "subscriptions")
    await upgrade(concerns, "concerns")
    await subscriptions.close()
    await concerns.close()
    sender = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", dedent(SENDER), str(tmp_path)), cwd=ROOT, stdout=PIPE
    )
    assert sender.stdout is not None
    shown = [await sender.stdout.readline() for _number in range(5)]
    sender.kill()
    shown += (await sender.stdout.read()).splitlines()
    await sender.wait()
    concerns = Database(f"sqlite:///{tmp_path / 'concerns.sqlite'}")
    receipts = Receipts(keys.pepper)
    opened = [(await receipts.open(line.decode().strip())).mailbox_id for line in shown]
    async with concerns.read() as connection:
        stored = set((await connection.execute(select(table.c.mailbox_id))).scalars())
    await concerns.close()
    assert len(shown) >= 5
    assert set(opened) <= stored
