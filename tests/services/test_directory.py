"""Whom people are sent to: facts with a source and a date, told when they grow old."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import OperatorError
from bot.services.directory import FRESH, HELPLINES, Directory
from handlers.contact.tree import ENDS
from tests.conftest import FakeClock

SMALL = """
[national]
find_force_url = "https://example.org/find"

[force.anywhere]
name = "Anywhere Police"
website = "https://anywhere.example.org/"
report_url = "https://anywhere.example.org/report/"
source = "https://anywhere.example.org/"
checked_on = 2026-10-01

[force.anywhere.line.victims]
name = "Support Anywhere"
number = "0300 000 0000"
source = "https://example.org/victims"
checked_on = 2026-10-01

[line.victims]
name = "Support Everywhere"
number = "0300 000 0001"
source = "https://example.org/victims"
checked_on = 2026-10-01

[page.code]
name = "Code"
url = "https://example.org/code"
source = "https://example.org/code"
checked_on = 2025-01-01

[form.hate_crime]
name = "Report hate crime"
url = "https://example.org/hate-crime"
source = "https://example.org/hate-crime"
checked_on = 2025-01-01
"""


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


@pytest.fixture
def small(tmp_path: Path, clock: FakeClock) -> Directory:
    path = tmp_path / "helplines.toml"
    path.write_text(SMALL)
    return Directory("anywhere", clock, path)


def test_a_force_has_lines_of_its_own(small: Directory) -> None:
    assert small.line("victims").name == "Support Anywhere"


def test_what_a_force_has_no_form_for_is_reported_at_its_first_page(small: Directory) -> None:
    assert small.report_url("hate_crime") == "https://example.org/hate-crime"
    assert small.report_url("burglary") == "https://anywhere.example.org/report/"


def test_a_page_a_force_does_not_have_is_not_made_up(small: Directory) -> None:
    assert small.page("victims_portal") is None


def test_pages_and_forms_nobody_checked_for_half_a_year_are_named_too(small: Directory) -> None:
    assert small.stale() == ["Code", "Report hate crime"]


def test_every_fact_that_ships_was_checked_lately_against_a_named_source() -> None:
    directory = Directory("thames-valley", FakeClock(datetime(2026, 11, 23, tzinfo=UTC)))
    assert directory.stale() == []
    rows = HELPLINES.read_text().split("\n[")[2:]
    for row in rows:
        assert 'source = "https://' in row, row
        assert "checked_on = 2026-" in row, row


def test_every_end_of_contact_finds_its_lines_and_pages(clock: FakeClock) -> None:
    directory = Directory("thames-valley", clock)
    for end in ENDS.values():
        assert all(directory.line(line).url for line in end.lines)
        assert all(directory.page(page) for page in end.pages)
