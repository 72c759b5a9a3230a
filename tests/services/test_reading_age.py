"""The reading age of a text, by the formula that the module states."""

import pytest

from bot.services.reading_age import NINE_YEARS_OLD, reading_age, sentences, syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("the", 1),
        ("home", 1),
        ("called", 1),
        ("files", 1),
        ("noise", 1),
        ("police", 2),
        ("needed", 2),
        ("table", 2),
        ("being", 2),
        ("quiet", 2),
        ("houses", 2),
        ("station", 2),
        ("D-lock", 2),
        ("bicycles", 3),
        ("radio", 3),
        ("area", 3),
        ("emergency", 4),
    ],
)
def test_syllables_are_counted_as_they_are_said(word: str, count: int) -> None:
    assert syllables(word) == count


def test_the_age_is_the_grade_of_the_formula_and_five_years() -> None:
    # 6 words in 1 sentence with 6 syllables: 0.39 × 6 + 11.8 × 1 - 15.59 + 5.
    assert reading_age(["The cat sat on the mat."]) == pytest.approx(3.55)
    assert reading_age([]) == 0


def test_plain_words_are_for_nine_year_olds_and_officialese_is_not() -> None:
    plain = ["Lock your door when you go out.", "Call your bank and tell them."]
    official = ["Residents experiencing victimisation should initiate notification procedures."]
    assert reading_age(plain) < NINE_YEARS_OLD < reading_age(official)


def test_headings_and_list_items_end_a_sentence_and_abbreviated_quotes_do_too() -> None:
    blocks = ["What to do", 'Say "no." Then go! Will you?', "Lock the door", "…"]
    assert sentences(blocks) == ["What to do", 'Say "no.', "Then go!", "Will you?", "Lock the door"]
