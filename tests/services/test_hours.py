"""Times of day are understood as people type them, and nothing else is taken for one."""

from collections.abc import Callable
from datetime import time
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import QuietHours
from bot.services.hours import hour_in, hours_in

minutes = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))
dashes = st.sampled_from(["-", " - ", "–", " – ", " to ", " until ", " do ", " à ", " bis "])


def in_twelve_hours(moment: time) -> str:
    half = "pm" if moment.hour >= 12 else "am"
    hour = (moment.hour - 1) % 12 + 1
    return f"{hour}:{moment.minute:02}{half}" if moment.minute else f"{hour} {half}"


Spelling: TypeAlias = Callable[[time], str]
SPELLINGS: list[Spelling] = [
    lambda moment: f"{moment:%H:%M}",
    lambda moment: f"{moment:%H.%M}",
    lambda moment: f"{moment:%H%M}",
    lambda moment: f"{moment.hour}:{moment:%M}",
    lambda moment: f"{moment.hour}h{moment:%M}",
    in_twelve_hours,
]
spellings = st.sampled_from(SPELLINGS)


@given(minutes, minutes, dashes, spellings, spellings)
def test_any_two_times_in_any_spelling_are_understood(
    start: time, end: time, dash: str, one: Spelling, other: Spelling
) -> None:
    expected = None if start == end else QuietHours(start, end)
    assert hours_in(f"{one(start)}{dash}{other(end)}") == expected
    assert hours_in(f"  FROM {one(start)}{dash}{other(end)} ") == expected


@given(st.text())
def test_no_text_is_too_strange(words: str) -> None:
    found = hours_in(words)
    assert found is None or found.start != found.end
    assert hour_in(words) in {None, *range(24)}


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("21:30-06:45", time(21, 30), time(6, 45)),
        ("9pm to 7am", time(21), time(7)),
        ("9 p.m. to 7 a.m.", time(21), time(7)),
        ("between 22 and 7", time(22), time(7)),
        ("od 22 do 7", time(22), time(7)),
        ("9pm देखि 7am सम्म", time(21), time(7)),
        ("22:00 ਤੋਂ 7:00 ਤੱਕ", time(22), time(7)),
        ("22h-6h45", time(22), time(6, 45)),
        ("12am-12pm", time(0), time(12)),
        ("20-24:00", time(20), time(0)),
        ("２２：００－０７：００", time(22), time(7)),
        ("٢٢-٧", time(22), time(7)),
    ],
)
def test_ordinary_spellings(words: str, start: time, end: time) -> None:
    assert hours_in(words) == QuietHours(start, end)


@pytest.mark.parametrize(
    "words",
    ["", "22", "9-9", "25-7", "22:60-7", "13pm-7am", "22 7", "RG2 1AA", "1-2-3", "9pm-7am please"],
)
def test_what_is_not_two_times_is_not_guessed_at(words: str) -> None:
    assert hours_in(words) is None


@pytest.mark.parametrize(
    ("words", "hour"),
    [("7pm", 19), ("18", 18), ("18:00", 18), ("at 8 am", 8), ("18:30", None), ("soon", None)],
)
def test_the_hour_of_the_news_is_a_full_hour(words: str, hour: int | None) -> None:
    assert hour_in(words) == hour
