"""`beatline advice calendar`: what comes in the next weeks, and why."""

import json
from pathlib import Path

import pytest

from tests.cli.test_database import Operator


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


async def test_the_next_twelve_weeks_are_told_with_their_reasons(operator: Operator) -> None:
    status, out, _ = await operator.runs("advice", "calendar", "Caversham Heights", "--json")
    assert status == 0
    found = json.loads(out)
    assert found["area"]["name"] == "Caversham Heights (Reading)"
    assert len(found["weeks"]) == 12
    articles = [week["article"] for week in found["weeks"]]
    assert len(set(articles)) == 12
    assert all(week["reason"] and week["title"] for week in found["weeks"])
    status, out, _ = await operator.runs("advice", "calendar", found["area"]["id"])
    assert found["weeks"][0]["title"] in out
    assert found["weeks"][0]["reason"] in out


async def test_an_area_that_there_is_not_is_refused_in_one_line(operator: Operator) -> None:
    status, out, error = await operator.runs("advice", "calendar", "Nowhere")
    assert (status, out) == (1, "")
    assert "there is no area Nowhere" in error
