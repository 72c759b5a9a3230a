"""Days are understood as people type them, in English and in the reader's language."""

from datetime import date, timedelta

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from bot.services.days import LONGEST, day_in

TODAY = date(2026, 11, 23)  # a Monday

days = st.dates(TODAY + timedelta(days=1), TODAY + LONGEST)
locales = st.sampled_from(["en_GB", "pl", "ro", "es", "it", "pt_PT", "uk", "ne", "hi"])


@given(days, locales)
def test_a_day_written_out_in_the_readers_language_is_understood(day: date, locale: str) -> None:
    words = format_date(day, "d MMMM yyyy", locale=locale)
    assert day_in(words, TODAY, locale) == day


def test_a_day_in_urdu_is_understood_with_its_own_comma() -> None:
    assert day_in("5 دسمبر، 2026", TODAY, "ur") == date(2026, 12, 5)


@given(days, st.sampled_from(["%d/%m/%Y", "%d.%m.%y", "%Y-%m-%d", "%d %b %Y", "%A %d %B %Y"]))
def test_a_day_in_figures_or_in_english_is_understood_by_everyone(day: date, form: str) -> None:
    assert day_in(day.strftime(form), TODAY, "pl") == day


@given(days)
def test_without_a_year_the_next_such_day_is_meant(day: date) -> None:
    found = day_in(f"{day:%d %B}", TODAY, "en_GB")
    assert found is not None
    assert (found.day, found.month) == (day.day, day.month)
    assert TODAY < found <= day


@given(st.text(), locales)
def test_no_text_is_too_strange(words: str, locale: str) -> None:
    found = day_in(words, TODAY, locale)
    assert found is None or TODAY < found <= TODAY + LONGEST


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("5 December", date(2026, 12, 5)),
        ("5th dec.", date(2026, 12, 5)),
        ("December 5", date(2026, 12, 5)),
        ("until 5 December", date(2026, 12, 5)),
        ("5/12", date(2026, 12, 5)),
        ("3 January", date(2027, 1, 3)),
        ("Friday", date(2026, 11, 27)),
        ("until monday", date(2026, 11, 30)),
        ("Saturday, 5 December 2026", date(2026, 12, 5)),
        ("５／１２", date(2026, 12, 5)),
    ],
)
def test_ordinary_spellings(words: str, day: date) -> None:
    assert day_in(words, TODAY, "en_GB") == day


def test_the_readers_own_words_are_understood() -> None:
    assert day_in("do 5 grudnia", TODAY, "pl") == date(2026, 12, 5)
    assert day_in("piątek", TODAY, "pl") == date(2026, 11, 27)
    assert day_in("el 5 de diciembre", TODAY, "es") == date(2026, 12, 5)
    assert day_in("5 de dezembro de 2026", TODAY, "pt_PT") == date(2026, 12, 5)


@pytest.mark.parametrize(
    "words",
    [
        *("", "5", "tomorrow?", "30 February", "29 February", "23 November 2026", "5/12/2025"),
        *(
            "1/1/2030",
            "December",
            "5 December January",
            "in 3 days",
            "5 12 2026 7",
            "12月5日",
            "5/12 12345",
        ),
    ],
)
def test_what_is_no_day_within_a_year_is_not_guessed_at(words: str) -> None:
    assert day_in(words, TODAY, "en_GB") is None
