"""The words of sources become short plain text that hides nothing."""

import pytest

from bot.reading import prose


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("<p>One.</p>\n<p>Two.</p>", "One.\nTwo."),
        ("One.<br />Two.<BR>Three.", "One.\nTwo.\nThree."),
        ("<ul><li>Lights</li><li>Patrols</li></ul>", "- Lights\n- Patrols"),
        ("Leake &amp; Keyworth", "Leake & Keyworth"),
        ("Leake & Keyworth", "Leake & Keyworth"),
        ("Less than 5 &lt; 6", "Less than 5 < 6"),
        ("<p>&nbsp;</p>", ""),
        ("<p></p>", ""),
        ("<script>alert(1)</script>Words<style>p {}</style>", "Words"),
        ("<!-- note -->Words <img src=x onerror=alert(1)>here", "Words here"),
        ('<a href="https://example.com/">A link</a>', "A link"),
        ("h2. About us\nWe care.", "About us\nWe care."),
        ("No markup at all", "No markup at all"),
    ],
)
def test_html_becomes_plain_text(markup: str, plain: str) -> None:
    assert prose.from_html(markup) == plain


def test_characters_that_turn_or_hide_words_are_taken_out() -> None:
    assert prose.tidy("\u202eecilop\u202c \u200bcall\x00 \x1b[31mus\ufeff") == "ecilop call [31mus"


def test_spaces_and_empty_lines_are_tidied() -> None:
    assert prose.tidy("  one \t two\u00a0three \r\n\r\n\n four ") == "one two three\nfour"
    assert prose.line("one\n two") == "one two"


def test_short_text_is_left_as_it_is() -> None:
    assert prose.shortened("Short.") == "Short."


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("We fitted lights. We also cut back the trees.", 30, "We fitted lights. …"),
        ("Sgt. Example and Dr. Sample went. They came back.", 40,
         "Sgt. Example and Dr. Sample went. …"),
        ("A" * 50, 20, "A" * 18 + " …"),
        ("no sentence ends anywhere in these words at all", 20, "no sentence ends …"),
        ("Is it safe? Yes! It is very safe indeed here.", 25, "Is it safe? Yes! …"),
        ("Line one\nline two goes on and on and on", 20, "Line one …"),
        ("It costs 3.50 pounds and then some more words", 22, "It costs 3.50 …"),
    ],
)  # fmt: skip  # a table
def test_long_text_is_cut_where_a_sentence_ends(text: str, limit: int, short: str) -> None:
    assert prose.shortened(text, limit) == short
    assert len(short) <= limit
