"""The outbox on a stage, over each kind of database."""

import pytest_asyncio

from bot.catalogs import Catalogs
from bot.store.database import Database
from tests.conftest import FakeClock
from tests.delivery.stage import Stage, set_stage


@pytest_asyncio.fixture
async def stage(database: Database, clock: FakeClock, catalogs: Catalogs) -> Stage:
    return await set_stage(database, clock, catalogs)
