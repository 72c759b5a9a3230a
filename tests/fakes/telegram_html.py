"""Telegram's HTML as its server reads it: the same tags, the same complaints.

The rules are those of core.telegram.org/bots/api#html-style, the words those of the server.
"""

import re
from dataclasses import dataclass
from html import unescape

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_TAG = re.compile(r"<(/?)([A-Za-z-]*)([^<>]*)>")
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9A-Fa-f]+|lt|gt|amp|quot);")
_HREF = re.compile(r'\s*href\s*=\s*"([^"]*)"\s*')


class CannotParse(Exception):
    """What follows "can't parse entities: " in the server's answer."""


@dataclass(frozen=True)
class Entity:
    """A styled run: where it starts and how long it is, in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None = None

    def as_json(self) -> dict[str, str | int]:
        found: dict[str, str | int] = {
            "type": self.type,
            "offset": self.offset,
            "length": self.length,
        }
        return found | ({"url": self.url} if self.url else {})


def utf16(text: str) -> int:
    """The length of a text in UTF-16 units, which is how Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def parse(html: str) -> tuple[str, list[Entity]]:
    """The visible text and its entities. Raises CannotParse."""
    text = ""
    entities: list[Entity] = []
    opened: list[tuple[str, int, str | None]] = []
    position = 0
    while position < len(html):
        if html[position] == "&" and (found := _ENTITY.match(html, position)):
            text += unescape(found.group())
            position = found.end()
        elif html[position] == "<":
            tag = _TAG.match(html, position)
            if tag is None:
                raise CannotParse(f"Unclosed start tag at byte offset {_bytes(html, position)}")
            _follow(tag, _bytes(html, position), text, opened, entities)
            position = tag.end()
        else:
            text += html[position]
            position += 1
    if opened:
        raise CannotParse(f'Can\'t find end tag corresponding to start tag "{opened[-1][0]}"')
    return text, sorted(entities, key=lambda entity: (entity.offset, -entity.length))


def _follow(
    tag: re.Match[str],
    offset: int,
    text: str,
    opened: list[tuple[str, int, str | None]],
    entities: list[Entity],
) -> None:
    closing, name, rest = tag[1], tag[2].lower(), tag[3]
    if not closing:
        if name not in _TAGS:
            raise CannotParse(f'Unsupported start tag "{name}" at byte offset {offset}')
        href = _HREF.fullmatch(rest)
        opened.append((name, utf16(text), unescape(href[1]) if href else None))
        return
    if not opened:
        raise CannotParse(f"Unexpected end tag at byte offset {offset}")
    expected, start, url = opened.pop()
    if name not in ("", expected):
        raise CannotParse(
            f"Unmatched end tag at byte offset {offset}, "
            f'expected "</{expected}>", found "</{name}>"'
        )
    if utf16(text) > start:
        entities.append(Entity(_TAGS[expected], start, utf16(text) - start, url))


def _bytes(html: str, position: int) -> int:
    return len(html[:position].encode())
