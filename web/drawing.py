"""Draws words as HTML: all that a span holds is escaped, the only markup is added here."""

from collections.abc import Iterable
from itertools import groupby

from markupsafe import Markup, escape

from bot.ports import Mark, Span, Words

_TAGS: dict[Mark, Markup] = {
    "b": Markup("<strong>{}</strong>"),
    "i": Markup("<em>{}</em>"),
    "u": Markup("<u>{}</u>"),
    "code": Markup('<code dir="ltr">{}</code>'),
}
_LINKED = ("https://", "http://", "tel:", "mailto:", "sms:")


def draw(words: Words) -> Markup:
    """One paragraph's words; line breaks are left to the style sheet."""
    return Markup().join(
        Markup("<blockquote>{}</blockquote>").format(_run(spans)) if quoted else _run(spans)
        for quoted, spans in groupby(words, key=lambda span: "blockquote" in span.marks)
    )


def _run(spans: Iterable[Span]) -> Markup:
    return Markup().join(_span(span) for span in spans)


def _span(span: Span) -> Markup:
    drawn = escape(span.text)
    if span.isolate == "ltr":
        drawn = Markup('<bdi dir="ltr">{}</bdi>').format(drawn)
    elif span.isolate == "auto":
        drawn = Markup("<bdi>{}</bdi>").format(drawn)
    for mark in reversed(span.marks):
        drawn = _TAGS.get(mark, Markup("{}")).format(drawn)
    if span.href and span.href.startswith(_LINKED):
        link = Markup('<a href="{}" rel="noreferrer noopener">{}</a>')
        drawn = link.format(span.href, drawn)
    return drawn
