"""Words become HTML without a way for markup to come in from outside."""

import pytest

from bot.ports import Span
from web.drawing import draw


@pytest.mark.parametrize(
    ("span", "html"),
    [
        (Span("a < b & c"), "a &lt; b &amp; c"),
        (Span("x", ("b",)), "<strong>x</strong>"),
        (Span("x", ("b", "i")), "<strong><em>x</em></strong>"),
        (Span("x", ("u",)), "<u>x</u>"),
        (Span("RG1 1AA", ("code",)), '<code dir="ltr">RG1 1AA</code>'),
        (Span("0800 555 111", isolate="ltr"), '<bdi dir="ltr" class="number">0800 555 111</bdi>'),
        (Span("Royal Mail", isolate="ltr"), '<bdi dir="ltr">Royal Mail</bdi>'),
        (Span("<i>", isolate="auto"), "<bdi>&lt;i&gt;</bdi>"),
        (Span("{0}", ("b",)), "<strong>{0}</strong>"),
        (Span("click", href="javascript:alert(1)"), "click"),
        (
            Span("https://a.example/report?x=1&y", isolate="auto"),
            '<a href="https://a.example/report?x=1&amp;y" rel="noreferrer noopener">'
            "<bdi>https://a.example/report?x=1&amp;y</bdi></a>",
        ),
        (Span("http://a.example"), "http://a.example"),
        (Span("https://"), "https://"),
        (Span("see https://a.example"), "see https://a.example"),
        (Span("https://a.example https://b.example"), "https://a.example https://b.example"),
        (
            Span("page", href='https://a.example/?"&x'),
            '<a href="https://a.example/?&#34;&amp;x" rel="noreferrer noopener">page</a>',
        ),
    ],
)
def test_a_span_is_drawn_with_everything_escaped(span: Span, html: str) -> None:
    assert draw((span,)) == html


def test_a_quotation_is_one_block_however_many_styles_it_has() -> None:
    words = (Span("He said "), Span("I ", ("blockquote",)), Span("saw", ("blockquote", "b")))
    assert draw(words) == "He said <blockquote>I <strong>saw</strong></blockquote>"


def test_words_of_another_language_say_so() -> None:
    assert draw((Span("Help", language="en-GB"),)) == '<span lang="en-GB">Help</span>'
