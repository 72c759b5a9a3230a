"""What a computer's translation must hold to be shown: same numbers, right script, like length."""

import re
import unicodedata
from collections import Counter

from bot.errors import FeedError

SHORTEST, LONGEST = 0.3, 3.0
"""How long it may be, as a part of the original."""

_ALWAYS_FITS = 40  # characters: a short word may well become a long one
_FEW_LETTERS = 4
_FEW_WORDS = 3
# A point, a comma or a narrow space may divide thousands, as the language has it.
# As a message shows them as links, in whatever script the words around them are.
_ADDRESS = re.compile(r"\w+:/|www\.|@\w+|(?:[\w-]{2,}\.)+[a-z]{2,}\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f'’]\d{3})*(?!\d)")
_SCRIPTS = {
    "Arab": ("ARABIC",),
    "Beng": ("BENGALI",),
    "Cyrl": ("CYRILLIC",),
    "Deva": ("DEVANAGARI",),
    "Gujr": ("GUJARATI",),
    "Guru": ("GURMUKHI",),
    "Hans": ("CJK",),
    "Hant": ("CJK",),
    "Latn": ("LATIN",),
    "Taml": ("TAMIL",),
    "Telu": ("TELUGU",),
}


class Unfit(FeedError):
    """A translation that fails a check, so that the original is shown; says which, no words."""


def verify(source: str, translated: str, script: str) -> None:
    """Look at a translation, both without what was kept. ``script`` is that of the language.

    Raises Unfit.
    """
    if not _has_letters(source):
        return
    if _numbers(source) != _numbers(translated):
        raise Unfit("its numbers differ")
    if not set(_ADDRESS.findall(translated)) <= set(_ADDRESS.findall(source)):
        raise Unfit("it holds an address that is not in the original")
    if len(translated.strip()) > max(_ALWAYS_FITS, LONGEST * len(source.strip())):
        raise Unfit("it is too long")
    if len(translated.strip()) < SHORTEST * len(source.strip()):
        raise Unfit("it is too short")
    if not _is_in(script, translated):
        raise Unfit("it is in another script")
    if len(source.split()) >= _FEW_WORDS and source.split() == translated.split():
        raise Unfit("it is not translated")


def with_latin_digits(words: str) -> str:
    """Words with every digit as it is typed into a telephone here."""
    return "".join(
        str(unicodedata.digit(letter)) if unicodedata.category(letter) == "Nd" else letter
        for letter in words
    )


def _has_letters(words: str) -> bool:
    return any(letter.isalpha() for letter in words)


def _numbers(words: str) -> Counter[str]:
    found = (re.sub(r"\D", "", number) for number in _NUMBER.findall(with_latin_digits(words)))
    return Counter(number.lstrip("0") or "0" for number in found)


def _is_in(script: str, words: str) -> bool:
    """Whether most letters are of a script. Too few, or a script not listed, say nothing."""
    letters = [letter for letter in words if letter.isalpha()]
    names = _SCRIPTS.get(script)
    if names is None or len(letters) < _FEW_LETTERS:
        return True
    fitting = sum(unicodedata.name(letter, "").startswith(names) for letter in letters)
    return fitting > len(letters) / 2
