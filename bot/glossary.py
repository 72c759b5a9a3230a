"""One word for one thing: ``locales/glossary.csv``, in the columns ``term,note`` and a code each.

A cell may hold several words, divided by ``/``. Grammar bends words, so a translation that seems
to lack its term is only noted.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import polib

from bot.ports import Language
from bot.safeguarding import fold

FILE = "glossary.csv"

_STEM = 0.6
"""The part of a word that stays when it is bent."""


class Glossary:
    """The terms with their words in each language; empty where a folder has none."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._rows: list[dict[str, str]] = []
        self._columns: list[str] = []
        if self._path.exists():
            with self._path.open(encoding="utf-8", newline="") as file:
                table = csv.DictReader(file, restkey="beyond", restval="")
                self._rows = list(table)
                self._columns = list(table.fieldnames or [])

    def words(self, language: Language) -> dict[str, list[str]]:
        """The words of a language for each term that has any."""
        cells = {row.get("term", ""): row.get(language.code, "").split("/") for row in self._rows}
        found = {
            term: [word.strip() for word in cell if word.strip()] for term, cell in cells.items()
        }
        return {term: words for term, words in found.items() if words}

    def faults(self) -> Iterator[str]:
        """What keeps the table from being read."""
        if self._path.exists() and self._columns[:2] != ["term", "note"]:
            yield "its first line must be: term,note, then codes of languages"
            return
        for number, row in enumerate(self._rows, 2):
            if "beyond" in row or not row.get("term"):
                mend = "must begin with a term; put a text that has a comma into double quotes"
                yield f"line {number} {mend}"

    def missing(self, language: Language, entries: polib.POFile) -> Iterator[tuple[str, str]]:
        """For each term whose word most translations of it lack: what to say, and an English."""
        for term, words in self.words(language).items():
            pattern = _pattern(term)
            using = [each for each in entries.translated_entries() if pattern.search(each.msgid)]
            without = [each for each in using if not any(_holds(each, word) for word in words)]
            if len(without) * 2 > len(using):
                many = f"{len(without)} of {len(using)} messages have other words"
                said = f"glossary term missing: {term} is “{words[0]}” there"
                yield f"{said}; {many}, the first is this", without[0].msgid


def used(terms: Mapping[str, list[str]], english: str) -> dict[str, list[str]]:
    """Those of the terms that an English message has, each with the words for it."""
    return {term: words for term, words in terms.items() if _pattern(term).search(english)}


@cache
def _pattern(term: str) -> re.Pattern[str]:
    """Finds a term, or several of it, in English."""
    return re.compile(rf"\b{re.escape(_plain(term))}s?\b", re.IGNORECASE)


def _plain(term: str) -> str:
    """A term without what is said of it in brackets."""
    return re.sub(r"\s*\(.*?\)", "", term)


def _holds(entry: polib.POEntry, word: str) -> bool:
    said = fold(" ".join((entry.msgstr, *entry.msgstr_plural.values()))).split()
    stems = [part[: max(2, round(len(part) * _STEM))] for part in fold(_plain(word)).split()]
    return all(any(stem in part for part in said) for stem in stems)
