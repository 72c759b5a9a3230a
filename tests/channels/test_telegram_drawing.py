"""Telegram HTML: whatever the words, it parses, fits, and shows them as they were."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ports import Mark, Rendered, RenderedButton, Span
from channels.telegram.drawing import LIMIT, keyboard, messages, utf16_length
from tests.channels.contract import squeezed
from tests.fakes.telegram_html import parse, utf16

_MARKS: tuple[Mark, ...] = ("b", "i", "u", "code", "blockquote")
_ISOLATE = re.compile("[\u2066\u2068\u2069]")
_WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2066\u2068\u2069")
    | st.sampled_from(' \n<>&"👮ا'),
    max_size=40,
)
_SPANS = st.builds(
    Span,
    st.builds(lambda text, times: text * times, _WORDS, st.integers(1, 400)),
    st.lists(st.sampled_from(_MARKS), max_size=3, unique=True).map(tuple),
    st.none() | st.just('https://example.org/?a=1&b="2"'),
    st.sampled_from([None, "ltr", "auto"]),
)


def _drawn(*spans: Span) -> Rendered:
    return Rendered((spans,), "en_GB", "ltr")


@given(st.lists(st.lists(_SPANS, max_size=4).map(tuple), max_size=4).map(tuple))
def test_any_words_parse_fit_and_arrive_whole(paragraphs: tuple[tuple[Span, ...], ...]) -> None:
    shown = [parse(html)[0] for html in messages(Rendered(paragraphs, "ur", "rtl"))]
    assert all(0 < utf16(text) <= LIMIT for text in shown)
    assert all(
        text.count("\u2066") + text.count("\u2068") == text.count("\u2069") for text in shown
    )
    sent = ["".join(span.text for span in words) for words in paragraphs]
    assert squeezed([_ISOLATE.sub("", text) for text in shown]) == squeezed(sent)


def test_marks_nest_and_what_neighbours_share_stays_open() -> None:
    (html,) = messages(
        _drawn(
            Span("Call ", ("blockquote",)),
            Span("now", ("b", "blockquote")),
            Span(" <please>", ("blockquote",)),
        )
    )
    assert html == "<blockquote>Call <b>now</b> &lt;please&gt;</blockquote>"


def test_a_link_keeps_its_address_and_cannot_break_out_of_it() -> None:
    (html,) = messages(_drawn(Span("Read more", href='https://example.org/"><b>?a=1&b=2')))
    _, (entity,) = parse(html)
    assert entity.url == 'https://example.org/"><b>?a=1&b=2'


def test_isolates_stand_round_the_words_but_never_in_code() -> None:
    (html,) = messages(
        _drawn(
            Span("RG1 1AA", isolate="ltr"),
            Span("Abbey", isolate="auto"),
            Span("X-1", ("code",), isolate="ltr"),
        )
    )
    assert html == "\u2066RG1 1AA\u2069\u2068Abbey\u2069<code>X-1</code>"


@pytest.mark.parametrize(
    ("first", "gap", "second"),
    [
        ("a. b " * 600, "\n\n", "second " * 300),
        ("no stop " * 400 + "Stop.", " ", "Second " * 300),
        ("word" * 900, " ", "w" * 1000),
    ],
)
def test_a_long_text_is_parted_at_the_best_end_there_is(first: str, gap: str, second: str) -> None:
    shown = [html.strip() for html in messages(_drawn(Span(first + gap + second)))]
    assert shown == [first.strip(), second.strip()]


def test_a_name_is_not_parted_where_it_fits_into_the_next_message() -> None:
    name = "Long Name " * 20
    shown = messages(_drawn(Span("x" * 4000), Span(name, isolate="auto"), Span(" end")))
    assert shown[0] == "x" * 4000
    assert shown[1].startswith(f"\u2068{name}\u2069")


def test_emoji_count_twice_as_telegram_counts_them() -> None:
    assert utf16_length("👮a") == utf16("👮a") == 3
    shown = messages(_drawn(Span("👮" * 5000)))
    assert all(utf16(text) <= LIMIT for text in shown)
    assert "".join(shown) == "👮" * 5000


def test_short_labels_stand_two_in_a_row_and_long_ones_alone() -> None:
    labels = ["Yes", "No", "A label that is rather long", "Back", "Help", "Stop"]
    markup = keyboard([RenderedButton(label, "x") for label in labels])
    assert markup is not None
    rows = [[button.text for button in row] for row in markup.inline_keyboard]
    assert rows == [["Yes", "No"], ["A label that is rather long"], ["Back", "Help"], ["Stop"]]


def test_no_buttons_make_no_keyboard() -> None:
    assert keyboard([]) is None
