"""The service is killed while it forwards: nothing is lost, and no concern is sent a third time.

Once a server has a whole e-mail it delivers it, whether we live to hear so or not.
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.app import joined
from bot.model import Concern, ConcernState
from bot.settings import Settings
from bot.store.concern_tables import mailboxes
from bot.store.database import Database
from tests.postroom import PostOffice, serving

ROOT = Path(__file__).parents[2]
STEPS = ("rcpt", "data", "accepted")
WITHIN = 120.0  # seconds, before the test is given up


@pytest.mark.slow
async def test_killed_at_each_step_of_sending_nothing_is_lost_or_sent_a_third_time(
    tmp_path: Path,
) -> None:
    async with serving(PostOffice()) as office:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DATA_DIR": str(tmp_path / "var"),
            "MAIL_URL": f"smtp://127.0.0.1:{office.port}",
            "MAIL_FROM": "beatline@beat.example",
            "DEMO": "true",
        }
        await _raise(tmp_path, count=len(STEPS) + 1)
        hit: set[str] = set()
        for wanted in STEPS:
            async with _forwarding(tmp_path, environment) as process:
                _kill_at(office, process, wanted, hit)
                async with asyncio.timeout(WITHIN):
                    await process.wait()
        assert len(hit) == len(STEPS)
        office.watch = lambda step, sender: None
        async with _forwarding(tmp_path, environment):
            async with asyncio.timeout(WITHIN):
                while await _states(tmp_path) != {ConcernState.DELIVERED}:  # noqa: ASYNC110  # in another process
                    await asyncio.sleep(0.2)
    sent = Counter(str(each.mail_from) for each in office.accepted)
    assert len(sent) == len(STEPS) + 1, "none is lost"
    assert sorted(sent.values()) == [1, 1, 2, 2], "twice only what the server had already"


def _kill_at(
    office: PostOffice, process: asyncio.subprocess.Process, wanted: str, hit: set[str]
) -> None:
    """Kill it when it reaches that step with a concern that it was not killed at before."""
    office.watch = lambda step, sender: None

    def watch(step: str, sender: str) -> None:
        if step == wanted and sender not in hit and process.returncode is None:
            hit.add(sender)
            process.kill()
            office.watch = lambda step, sender: None

    office.watch = watch


async def _raise(home: Path, count: int) -> None:
    settings = Settings(_env_file=None, data_dir=home / "var", demo=True)  # type: ignore[call-arg]  # mypy knows fields only
    async with joined(settings) as beatline:
        for _ in range(count):
            concern = Concern(text="A made-up concern.", language="en_GB")
            await beatline.services.concerns.send(concern)


async def _states(home: Path) -> set[ConcernState]:
    database = Database(f"sqlite:///{home / 'var' / 'concerns.sqlite'}")
    try:
        async with database.read() as connection:
            rows = await connection.execute(select(mailboxes.c.state))
            return set(map(ConcernState, rows.scalars()))
    finally:
        await database.close()


@asynccontextmanager
async def _forwarding(
    home: Path, environment: dict[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run", "--roles", "work"), cwd=home, env=environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
