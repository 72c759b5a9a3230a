"""No engine gets a sentence that says what to do in an emergency."""

import pytest

from bot import safety
from bot.services.translation.emergencies import cut


@pytest.mark.parametrize(
    "sentence",
    [
        "In an emergency, always call 999.",
        "If you see him, dial 999!",
        "Call us straight away if a crime is in progress.",
        "If you are in immediate danger, ring at once.",
        "Textphone: 18000.",
        safety.EMERGENCY.message,
        safety.SILENT.message,
        safety.DEAF.message,
    ],
)
def test_it_is_cut_out_and_the_rest_stays(sentence: str) -> None:
    words, was_cut = cut(f"Cars were hit. {sentence} Lock yours.")

    assert words == "Cars were hit. Lock yours."
    assert was_cut


@pytest.mark.parametrize(
    "words",
    [
        "Cars were hit near no. 9. Call 101, quoting 43260012345.",
        "It is not an emergency. Call 101.",
        "The emergency services came at 9.99 pounds.",
        "A rope of 1999 metres.",
        "",
    ],
)
def test_other_words_stay_as_they_are(words: str) -> None:
    assert cut(words) == (words, False)


def test_only_its_own_line_is_cut_where_lines_have_no_full_stop() -> None:
    words, was_cut = cut("Come on Monday\n\n- Bring a bike\nIn an emergency call 999\nMill Lane")

    assert words == "Come on Monday\n\n- Bring a bike\nMill Lane"
    assert was_cut


def test_a_sentence_may_go_on_in_the_next_line() -> None:
    assert cut("Thank you. If he comes back while you are in,\ncall 999.") == ("Thank you.", True)
