"""What may name the writer is seen; what happens in the street is left alone."""

import pytest

from bot.services.identity_hints import hints


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("ring me on 07700 900123", "a phone number"),
        ("+44 (0)1632 960 001 after six", "a phone number"),
        ("write to jo@example.org", "an e-mail address"),
        ("My name’s Jo Bloggs", "a name"),
        ("Nazywam się Jan", "a name"),
        ("I live opposite the bins", "an address, or where you live"),
        ("it is below my window", "an address, or where you live"),
        ("flat 3, behind the shop", "an address, or where you live"),
        ("at 12 Acacia Avenue", "an address, or where you live"),
        ("near RG1 1AA", "an address, or where you live"),
        ("mieszkam naprzeciwko", "an address, or where you live"),
    ],
)
def test_what_may_name_the_writer_is_seen(words: str, named: str) -> None:
    assert [text.message for text in hints(words)] == [named]


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Men sell drugs by the bins every Friday at 22:30.",
        "Two cars race along the A33 at 3 in the morning, 23/11/2026.",
        "A silver van, three boys, about 15 or 16 years old.",
        "They threw 200 tyres into the lay-by.",
    ],
)
def test_what_happens_in_the_street_is_left_alone(words: str) -> None:
    assert hints(words) == []


def test_all_that_is_found_is_named_once() -> None:
    found = hints("I am called Jo, jo@example.org, 07700 900123, and I live in Acacia Avenue.")
    assert len(found) == 4
