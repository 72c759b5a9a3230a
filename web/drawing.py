"""Draws words as HTML: all that a span holds is escaped, the only markup is added here.

A span that is one bare https address becomes a link, as Telegram makes it by itself.
"""

import re
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
_ADDRESS = re.compile(r"https://[^\s<>\"]+")
_NUMBER = re.compile(r"[+\d][\d .:/-]*")  # of a phone, or a time: it stays on one line
_A_NUMBER = Markup('<bdi dir="ltr" class="number">{}</bdi>')
_FROM_LEFT = Markup('<bdi dir="ltr">{}</bdi>')
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
        drawn = (_A_NUMBER if _NUMBER.fullmatch(span.text) else _FROM_LEFT).format(drawn)
    elif span.isolate == "auto":
        drawn = Markup("<bdi>{}</bdi>").format(drawn)
    if span.language is not None:
        drawn = Markup('<span lang="{}">{}</span>').format(span.language, drawn)
    for mark in reversed(span.marks):
        drawn = _TAGS.get(mark, Markup("{}")).format(drawn)
    href = span.href or (span.text if _ADDRESS.fullmatch(span.text) else "")
    if href.startswith(_LINKED):
        link = Markup('<a href="{}" rel="noreferrer noopener">{}</a>')
        drawn = link.format(href, drawn)
    return drawn
