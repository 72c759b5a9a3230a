"""Drawing a rendered reply as Telegram HTML, in messages short enough to send."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from itertools import chain

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.ports import Mark, Rendered, RenderedButton, Span, Words

LIMIT = 4096  # UTF-16 units after entities are parsed, core.telegram.org/bots/api#sendmessage
CAPTION_LIMIT = 1024  # the same, core.telegram.org/bots/api#sendphoto
SHORT_LABEL = 16  # two of these stand side by side on a narrow phone

_ISOLATES = {"ltr": "\u2066", "auto": "\u2068"}
_POP = "\u2069"
_NESTING: tuple[Mark, ...] = ("blockquote", "b", "i", "u", "code")  # the outermost first
_ENDS = (
    re.compile(r"\n\n+"),
    re.compile(r"[.!?…。！？।۔؟][\"'”’»)\u2069]*\s+|[。！？]"),
    re.compile(r"\s+"),
)


def messages(what: Rendered) -> list[str]:
    """The reply as HTML for one or more messages, each within Telegram's limit.

    With a picture the first is its caption: all the words where they fit, with what the picture
    shows for those who cannot see it; else that alone.
    """
    words = _joined(what.paragraphs)
    if what.picture is None:
        return [_html(part) for part in _split(words)]
    caption = _joined((*what.paragraphs, what.picture.told))
    if utf16_length(_text(caption)) <= CAPTION_LIMIT:
        return [_html(caption)]
    first = next(_split(what.picture.told, CAPTION_LIMIT))
    return [_html(first), *(_html(part) for part in _split(words))]


def keyboard(buttons: Sequence[RenderedButton]) -> InlineKeyboardMarkup | None:
    """Buttons under a message: short labels two in a row, long ones alone."""
    rows: list[list[InlineKeyboardButton]] = []
    beside = False
    for button in buttons:
        drawn = InlineKeyboardButton(button.label, callback_data=button.choice)
        short = utf16_length(button.label) <= SHORT_LABEL
        if beside and short:
            rows[-1].append(drawn)
        else:
            rows.append([drawn])
        beside = short and len(rows[-1]) == 1
    return InlineKeyboardMarkup(rows) if rows else None


def utf16_length(text: str) -> int:
    """How long Telegram finds a text: characters outside the basic plane count twice."""
    return len(text) + sum(character > "\uffff" for character in text)


def _joined(paragraphs: Sequence[Words]) -> Words:
    gap = Span("\n\n")
    return tuple(chain.from_iterable((gap, *paragraph) for paragraph in paragraphs))[1:]


def _text(words: Words) -> str:
    return "".join(map(_shown, words))


def _shown(span: Span) -> str:
    """The visible characters of a span, its isolates included; code is copied, so has none."""
    if span.isolate is None or "code" in span.marks or not span.text:
        return span.text
    return f"{_ISOLATES[span.isolate]}{span.text}{_POP}"


def _split(words: Words, limit: int = LIMIT) -> Iterator[Words]:
    while words:
        text = _text(words)
        if utf16_length(text) <= limit:
            part, words = words, ()
        else:
            part, words = _divide(words, _cut(text, words, limit))
        if any(span.text.strip() for span in part):
            yield part


def _cut(text: str, words: Words, limit: int) -> int:
    """Where a text that is too long should end: after a paragraph, a sentence, a word."""
    end = _fitting(text, limit)
    whole = _kept_whole(words, end)
    for pattern in _ENDS:
        ends = [found.end() for found in pattern.finditer(text, 0, end)]
        for place in reversed(ends):
            if not any(start < place < stop for start, stop in whole):
                return place
    return next((start for start, stop in whole if start < end < stop), end)


def _fitting(text: str, limit: int) -> int:
    """How many characters from the start fit, leaving room to close an isolate cut in two."""
    units = 0
    for index, character in enumerate(text):
        units += 2 if character > "\uffff" else 1
        if units >= limit:
            return index
    return len(text)


def _kept_whole(words: Words, end: int) -> list[tuple[int, int]]:
    """Where isolates lie; one that alone fills a message cannot be kept whole, so is left out."""
    ranges = []
    position = 0
    for span in words:
        start, position = position, position + len(_shown(span))
        isolated = position - start > len(span.text)
        if isolated and not (start == 0 and position > end):
            ranges.append((start, position))
    return ranges


def _divide(words: Words, cut: int) -> tuple[Words, Words]:
    """Part the spans at a place in the visible text; a span parted in two keeps its style."""
    before: list[Span] = []
    for index, span in enumerate(words):
        shown = _shown(span)
        if cut >= len(shown):
            before.append(span)
            cut -= len(shown)
            continue
        inside = cut - 1 if len(shown) > len(span.text) else cut
        if inside > 0:
            before.append(_with_text(span, span.text[:inside]))
            span = _with_text(span, span.text[inside:])
        return tuple(before), (span, *words[index + 1 :])
    return tuple(before), ()


def _with_text(span: Span, text: str) -> Span:
    return replace(span, text=text)


def _html(words: Words) -> str:
    """Nest the tags of neighbouring spans properly: what they share stays open between them."""
    drawn: list[str] = []
    opened: list[str] = []
    for span in words:
        tags = _tags(span)
        shared = _shared(opened, tags)
        drawn.extend(_closing(opened[shared:]))
        drawn.extend(f"<{tag}>" for tag in tags[shared:])
        drawn.append(escape(_shown(span)))
        opened = tags
    drawn.extend(_closing(opened))
    return "".join(drawn)


def _tags(span: Span) -> list[str]:
    tags: list[str] = [mark for mark in _NESTING if mark in span.marks]
    if span.href is not None:
        tags.insert("blockquote" in span.marks, f'a href="{escape(span.href)}"')
    return tags


def _shared(opened: Sequence[str], tags: Sequence[str]) -> int:
    count = 0
    for one, other in zip(opened, tags, strict=False):
        if one != other:
            break
        count += 1
    return count


def _closing(tags: Sequence[str]) -> Iterator[str]:
    return (f"</{tag.split()[0]}>" for tag in reversed(tags))
