"""Made-up languages that show before any translator comes what a real one will meet.

``en_XA`` is English with accents, two fifths longer, between ⟦ and ⟧; ``ar_XB`` is the same in
Arabic letters, from right to left. Whatever is not between the brackets was never marked for
translation. They are made where they are needed and are on no list.
"""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import polib

from bot.catalog_files import DOMAINS, file_of, start
from bot.languages import ENGLISH, LOCALES, REGISTRY, describe, enter
from bot.ports import Language
from bot.translation_faults import limit

CODES = ("en_XA", "ar_XB")
OPEN, CLOSE = "⟦", "⟧"

_LONGER = 0.4
_FILL = "~"
# Parts that a translator must leave alone.
_KEPT = re.compile(
    r"(<[^<>]*>|\{\w+\}|https?://\S+|(?:[\w-]{2,}\.)+[a-z]{2,}\b|(?<![\w<])/[a-z]+|\d+)"
)
_LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS = {
    "en_XA": str.maketrans(_LATIN, "åƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýžÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ"),
    "ar_XB": str.maketrans(_LATIN, "ابثدةفغهيجكلمنوپقرستعڤوخىز" * 2),
}
_NAMES = {"en_XA": ("Accents", "Åççéñţš", "en_GB"), "ar_XB": ("Mirror", "ميررور", "ar")}


def write(folder: Path, locales: Path = LOCALES) -> list[Language]:
    """Make a folder of locales with English and the made-up languages; gives the latter."""
    text = (locales / REGISTRY).read_text(encoding="utf-8")
    english = text.partition(f"[{ENGLISH}]")[2].partition("\n[")[0]
    (folder / REGISTRY).write_text(f"[{ENGLISH}]{english}", encoding="utf-8")
    made = list(_languages())
    for language in made:
        enter(language, folder)
        start(language, folder)
        for domain in DOMAINS:
            _fill(file_of(folder, language.code, domain), language)
    return made


def pretend(english: str, code: str, most: int) -> str:
    """An English message in a made-up language, of ``most`` characters at most."""
    parts = _KEPT.split(english)
    own = sum(map(len, parts[::2]))
    room = most - len(english) - len(OPEN + CLOSE)
    parts[::2] = [part.translate(_LETTERS[code]) for part in parts[::2]]
    if room < 0:  # a label that has the longest length in English already
        last = max(range(0, len(parts), 2), key=lambda number: len(parts[number]))
        parts[last] = parts[last][:room].rstrip()
    fill = _FILL * min(max(0, room), math.ceil(own * _LONGER))
    return f"{OPEN}{''.join(parts)}{fill}{CLOSE}"


def _languages() -> Iterator[Language]:
    for code in CODES:
        english, native, babel = _NAMES[code]
        yield describe(code, babel=babel, english=english, native=native)


def _fill(path: Path, language: Language) -> None:
    entries = polib.pofile(str(path))
    for entry in entries:
        most = limit(entry)
        if entry.msgid_plural:
            forms = {form: entry.msgid_plural for form in entry.msgstr_plural}
            words = {form: pretend(each, language.code, most) for form, each in forms.items()}
            entry.msgstr_plural = words
        else:
            entry.msgstr = pretend(entry.msgid, language.code, most)
        entry.tcomment = "Reviewed by nobody: it is made up"  # so that no English stands below it
    entries.save(str(path))
