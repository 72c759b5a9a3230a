"""Listens to all that is drawn in a made-up language, for words that nobody can translate."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bot import pseudo
from bot.catalog_files import DOMAINS, ROOT, SOURCES, words_in_code
from bot.catalogs import Catalogs
from bot.ports import Words
from bot.text import Text, Value

_OWN_WORDS = re.compile(r"<[^<>]*>|\{\w+\}")
# A name may join its words with "and", as that of the Police and Crime Plan does.
_A_WORD = re.compile(r"\b(?!and\b)[a-z]{3,}\b")


class Listening(Catalogs):
    """The real renderer; ``unmarked`` is what it was given that no translator will ever see.

    A text may pass for values alone: names, numbers, the words of a post. ``values`` are those,
    and what the program itself asks for in another language, such as a question to switch to it.
    """

    def __init__(self, folder: Path) -> None:
        pseudo.write(folder)
        super().__init__(folder, zone=ZoneInfo("Europe/London"), offer_drafts=True)
        self.unmarked: set[str] = set()
        self.values: set[str] = set()

    def words(self, text: Text, language: str) -> Words:
        drawn = super().words(text, language)
        if language in pseudo.CODES:
            for each in _within(text):
                if isinstance(each, Text):
                    self._hear(each)
                elif isinstance(each, str) and _is_of_code(each):
                    self.unmarked.add(f"{each!r} as a value in {text.message!r}")
        if not _has_words(text) or (text.language or language) not in pseudo.CODES:
            self.values |= {span.text for span in drawn if span.text.strip()}
        return drawn

    def outside(self, screen: str) -> str:
        """What of a screen is neither between the brackets nor a value."""
        bare = screen
        while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", " ", bare)) != bare:
            bare = shorter
        for value in sorted(self.values, key=len, reverse=True):
            bare = bare.replace(value, " ")
        return " ".join(re.findall(r"[^\W\d_]{2,}", bare))

    def _hear(self, text: Text) -> None:
        if _has_words(text) and (text.domain, text.context, text.message) not in _marked():
            self.unmarked.add(text.message)


def _within(value: Value) -> Iterator[Value]:
    """A value, and all values in it."""
    yield value
    parts = value.values.values() if isinstance(value, Text) else value
    if not isinstance(value, str) and hasattr(parts, "__iter__"):
        for part in parts:
            yield from _within(part)


def _has_words(text: Text) -> bool:
    return any(letter.isalpha() for letter in _OWN_WORDS.sub("", text.message))


def _is_of_code(value: str) -> bool:
    """Whether somebody wrote these words into the program, where they are no name or site."""
    site = re.fullmatch(r"\w+(\.\w+)+", value)
    return not site and bool(_A_WORD.search(value)) and value in _in_code()


@cache
def _marked() -> frozenset[tuple[str, str | None, str]]:
    return frozenset(
        (domain, entry.msgctxt, entry.msgid)
        for domain in DOMAINS
        for entry in words_in_code(domain)
    )


@cache
def _in_code() -> frozenset[str]:
    return frozenset(
        node.value
        for folder in SOURCES
        for path in (ROOT / folder).rglob("*.py")
        if not path.is_relative_to(ROOT / "bot" / "cli")  # its words are for operators
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
