"""Dates are read however sources write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.reading import dates

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mon, 23 Nov 2026 10:30:00 GMT", datetime(2026, 11, 23, 10, 30, tzinfo=UTC)),
        ("Mon, 23 Nov 2026 10:30:00 +0100", datetime(2026, 11, 23, 9, 30, tzinfo=UTC)),
        ("15 Jun 2026 10:30 BST", datetime(2026, 6, 15, 9, 30, tzinfo=UTC)),
        ("2026-06-15T10:30:00", datetime(2026, 6, 15, 9, 30, tzinfo=UTC)),
        ("2026-11-23T10:30:00", datetime(2026, 11, 23, 10, 30, tzinfo=UTC)),
        ("2026-11-23T10:30:00Z", datetime(2026, 11, 23, 10, 30, tzinfo=UTC)),
        ("2026-11-23T10:30:00+01:00", datetime(2026, 11, 23, 9, 30, tzinfo=UTC)),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("04/11/2026", datetime(2026, 11, 4, tzinfo=UTC)),
        ("04.11.2026, 16:05", datetime(2026, 11, 4, 16, 5, tzinfo=UTC)),
        ("4/6/2026 16:05:30", datetime(2026, 6, 4, 15, 5, 30, tzinfo=UTC)),
    ],
)
def test_a_date_is_read(text: str, moment: datetime) -> None:
    assert dates.moment(text, LONDON) == moment


@pytest.mark.parametrize(
    "text",
    ["", None, "yesterday", "31/02/2026", "11/23/2026", "Mon", "0001-01-01T00:00:00+14:00", "٤/٥"],
)
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert dates.moment(text, LONDON) is None
