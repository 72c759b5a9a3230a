"""How old a reader must be for an English text, so that advice is for everybody.

The formula is the Flesch-Kincaid grade (Kincaid et al., 1975, for the US Navy):
``0.39 × words per sentence + 11.8 × syllables per word - 15.59``. A grade is a school year; in
England the child in it is five years older than its number. A child is nine until the tenth
birthday, so a text for nine-year-olds comes to less than 10.
"""

import re
from collections.abc import Iterable, Sequence

NINE_YEARS_OLD = 10.0
"""A reading age of nine is less than this."""
LONGEST_SENTENCE = 25
"""Words."""

_WORD = re.compile(r"[a-z]+(?:['’-][a-z]+)*", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?।۔؟])[\"”’)]*\s+")
_VOWELS = re.compile(r"[aeiouy]+")
# An e that is not said: "home", "while", "called", "takes", "files".
_SILENT = re.compile(r"(?:[^aeiouyl]|[aeiouy]l)e$|[^aeiouytd]ed$|(?:[^aeiouysxzcghl]|[aeiouy]l)es$")
# Two vowels that are said apart: "radio", "area", "being", "quiet", "create", "fuel", "usual".
_APART = re.compile(r"(?<![tcsg])i[ao]|ea$|[aeiou]ing|iet|eate|uel|(?<![qg])ua")


def sentences(blocks: Iterable[str]) -> list[str]:
    """The sentences of headings, paragraphs and list items, each of which ends one."""
    found = (sentence for block in blocks for sentence in _SENTENCE_END.split(block))
    return [sentence for sentence in found if words_in(sentence)]


def words_in(sentence: str) -> list[str]:
    return _WORD.findall(sentence)


def reading_age(sentences: Sequence[str]) -> float:
    """Years of age; zero for no words at all."""
    words = [word for sentence in sentences for word in words_in(sentence)]
    if not words:
        return 0.0
    spoken = sum(syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * spoken / len(words) - 15.59 + 5


def syllables(word: str) -> int:
    """How many syllables an English word has, by its spelling; right for most words."""
    return sum(_syllables(part) for part in re.split("['’-]", word.lower()) if part)


def _syllables(word: str) -> int:
    found = len(_VOWELS.findall(word)) + len(_APART.findall(word))
    return max(found - bool(_SILENT.search(word)), 1)
