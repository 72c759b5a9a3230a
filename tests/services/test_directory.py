"""Whom people are sent to: facts with a source and a date, told when they grow old."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import OperatorError
from bot.services.directory import FRESH, HELPLINES, Directory
from tests.conftest import FakeClock


def test_each_fact_grows_old_by_its_own_date(tmp_path: Path) -> None:
    facts = re.sub(r"checked_on = \S+", "checked_on = 2026-06-01", HELPLINES.read_text())
    one, rest = facts.split("[line.samaritans]")
    path = tmp_path / "helplines.toml"
    path.write_text(f"{one}[line.samaritans]{rest.replace('2026-06-01', '2026-01-01', 1)}")
    clock = FakeClock(datetime(2026, 1, 1, 12, tzinfo=UTC) + FRESH)
    directory = Directory("thames-valley", clock, path)

    assert directory.stale() == []
    clock.set(clock.now() + timedelta(days=1))
    assert directory.stale() == ["Samaritans"]
    clock.set(datetime(2027, 6, 1, tzinfo=UTC))
    assert {"Samaritans", "Thames Valley Police", "Childline"} <= set(directory.stale())


def test_a_force_without_facts_is_told_to_the_operator() -> None:
    with pytest.raises(OperatorError, match="FORCE_ID=nowhere"):
        Directory("nowhere", FakeClock())


def test_the_shipped_facts_each_name_an_https_source_and_a_day_that_has_been() -> None:
    directory = Directory("thames-valley", FakeClock())
    for id in ("non_emergency", "samaritans", "shout", "childline", "nspcc", "domestic_abuse"):
        line = directory.line(id)
        assert line.number
        assert line.source.startswith("https://")
        assert line.checked_on <= date(2026, 11, 23)
    assert directory.force.report_url.startswith("https://")


def test_no_number_is_made_up_for_a_line_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        Directory("thames-valley", FakeClock()).line("nobody")
