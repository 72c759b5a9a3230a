"""Which language a text seems to be in. Proposes; never decides for anybody.

The writing decides first: some scripts and some letters belong to one language alone. Then, where
the ``detect`` extra is installed, CLD2 is asked. Short texts stay undecided. The rules and what
they were tried on: docs/translating.md.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence

from bot.ports import Language

try:
    import pycld2
except ModuleNotFoundError:
    pycld2 = None

FEWEST_LETTERS = 8
FEWEST_ENGLISH_WORDS = 4  # the names of places here are English in every language

# By the first word of the Unicode names of their letters, ISO 639 codes.
_OF_SCRIPT = {
    "GURMUKHI": "pa",
    "GUJARATI": "gu",
    "TAMIL": "ta",
    "TELUGU": "te",
    "BENGALI": "bn",
    "CJK": "zh",
}
_SCRIPTS = {"LATIN": "Latn", "CYRILLIC": "Cyrl", "ARABIC": "Arab", "DEVANAGARI": "Deva"}
_OF_LETTERS = {"ټډړښ": "ps", "ٹڈڑںے": "ur", "їєґ": "uk"}


class Detection:
    """Finds which of the ``offered`` languages somebody may want to be written to in."""

    def __init__(self, offered: Sequence[Language]) -> None:
        self._offered = offered

    def language(self, words: str) -> Language | None:
        """The language on offer that the words are in; None where that is not certain."""
        code = detect(words)
        return next((each for each in self._offered if each.code.split("_")[0] == code), None)

    def proposals(self, words: str, chosen: str | None) -> Sequence[Language]:
        """The languages to ask about, for words that were not understood; often none.

        One where it is certain. Where only the script is, and it is not that of the language
        ``chosen``, all that are written in it: a language spelled by ear in Latin letters cannot
        be told, but whoever writes so can choose.
        """
        chosen = chosen or "en_GB"
        found = self.language(words)
        if found is not None:
            is_name = found.code == "en_GB" and len(words.split()) < FEWEST_ENGLISH_WORDS
            return () if found.code == chosen or is_name else (found,)
        written = _SCRIPTS.get(script(words))
        scripts = {language.code: language.script for language in self._offered}
        if scripts.get(chosen) == written or count_letters(words) < FEWEST_LETTERS:
            return ()
        return tuple(language for language in self._offered if language.script == written)


def detect(words: str) -> str | None:
    """The ISO 639 code of the language of the words; None where that is not certain."""
    if count_letters(words) < FEWEST_LETTERS:
        return None
    if code := _OF_SCRIPT.get(script(words)):
        return code
    for telling, code in _OF_LETTERS.items():
        if set(telling) & set(words.casefold()):
            return code
    return _by_cld2(words)


def count_letters(words: str) -> int:
    return sum(unicodedata.category(each)[0] == "L" for each in words)


def script(words: str) -> str:
    """The script of most letters, as Unicode names begin, such as ``LATIN``; "" without letters."""
    names = Counter(
        unicodedata.name(letter, "").partition(" ")[0]
        for letter in words
        if unicodedata.category(letter)[0] == "L"
    )
    return names.most_common(1)[0][0] if names else ""


def _by_cld2(words: str) -> str | None:
    if pycld2 is None:
        return None
    # It refuses control characters.
    spaced = "".join(each if unicodedata.category(each)[0] in "LM" else " " for each in words)
    certain, _size, found = pycld2.detect(spaced.encode(), bestEffort=False)
    code = found[0][1]
    return code.split("-")[0] if certain and code != "un" else None
