"""A translation with another number, in another script or of another length is not shown."""

import pytest

from bot.services.translation.verification import Unfit, verify, with_latin_digits

SOURCE = "Three cars and 2 vans were hit on 5 December, at a loss of 1,500 pounds."
GOOD = "Uszkodzono trzy samochody i 2 furgonetki 5 grudnia, straty to 1\u00a0500 funtów."


@pytest.mark.parametrize(
    ("source", "translated", "script"),
    [
        (SOURCE, GOOD, "Latn"),
        (SOURCE, GOOD.replace("1\u00a0500", "1.500"), "Latn"),
        (SOURCE, GOOD.replace("1\u00a0500", "1500"), "Latn"),
        ("Call 101 now please", "اب 101 پر کال کریں", "Arab"),
        ("Call 101 now please", "اب ۱۰۱ پر کال کریں", "Arab"),
        ("Road", "Carretera", "Latn"),
        ("Sam Lee", "Sam Lee", "Latn"),
        ("12 / 13", "12 / 13", "Arab"),
    ],
)
def test_a_whole_translation_passes(source: str, translated: str, script: str) -> None:
    verify(source, translated, script)


@pytest.mark.parametrize(
    ("translated", "script", "why"),
    [
        (GOOD.replace("5 grudnia", "6 grudnia"), "Latn", "numbers"),
        (GOOD.replace("2 furgonetki", "furgonetki"), "Latn", "numbers"),
        (GOOD + " 999", "Latn", "numbers"),
        (GOOD + " https://evil.example/a", "Latn", "address"),
        (GOOD + " Zob. evil.example", "Latn", "address"),
        (GOOD + " Pisz do @evil", "Latn", "address"),
        (GOOD + " bla" * 80, "Latn", "long"),
        ("2 5 1500", "Latn", "short"),
        (GOOD, "Arab", "script"),
        (SOURCE, "Latn", "not translated"),
    ],
)
def test_a_fault_is_found_and_told_without_the_words(
    translated: str, script: str, why: str
) -> None:
    with pytest.raises(Unfit, match=why) as caught:
        verify(SOURCE, translated, script)

    assert "cars" not in str(caught.value)


def test_digits_are_those_that_people_dial_here() -> None:
    assert with_latin_digits("اتصل ٩٩٩ ۱۰۱ १०१ ੧੦੧") == "اتصل 999 101 101 101"
