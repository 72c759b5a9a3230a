"""`beatline status`, for people and for programs."""

import json
from pathlib import Path

import pytest

from bot.delivery.plan import Planner
from bot.schedule import SystemClock
from bot.store.database import Database
from tests.cli.test_database import Operator


@pytest.fixture
async def operator(tmp_path: Path) -> Operator:
    operator = Operator(tmp_path)
    async with operator.residents():
        pass
    return operator


async def test_before_anything_is_sent_it_says_so(operator: Operator) -> None:
    assert await operator.runs("status") == (0, "Nothing was ever sent.\n", "")


async def test_each_channel_is_told_with_its_figures(operator: Operator) -> None:
    database = Database(f"sqlite:///{operator.home / 'var' / 'beatline.sqlite'}")
    await Planner(database, SystemClock(), ["telegram"]).step()
    await database.close()
    _status, out, _ = await operator.runs("status")
    for words in ("telegram", "0 urgent", "30 of 30 a second", "well"):
        assert words in out
    _status, out, _ = await operator.runs("status", "--json")
    (figures,) = json.loads(out)["channels"].values()
    assert figures["due"] == {"0": 0, "3": 0, "5": 0, "6": 0, "7": 0}
    assert figures["stands_still"] is False
    assert figures.keys() >= {"oldest_due", "pace", "holds", "unknown", "in_flight"}
