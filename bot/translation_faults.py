"""What can be wrong with one translation: found on loading, and told to translators by a check.

Whatever is in ``faults`` also keeps a translation from being shown. ``doubts`` needs the eye of a
person, so they are only told.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import polib

from bot.ports import Language

LONGEST_BUTTON = 30
"""The most characters on a button; a rule of this house."""
LONGEST_MESSAGE = 4096
"""The most UTF-16 units in a message of Telegram."""

_PLACEHOLDER = re.compile(r"\{[^{}]*\}?|\}")
_TAG = re.compile(r"<[^<>]*>?")
# Telegram makes a link of a bare name of a site, too, and of a name after @.
_ADDRESS = re.compile(
    r"https?://[^\s<>\"]+[^\s<>\".,;:)]|(?:[\w-]{2,}\.)+[a-z]{2,}\b|@\w+", re.IGNORECASE
)
_NUMBER = re.compile(r"\d+")
_COMMAND = re.compile(r"(?<![\w<])/[a-z]+")
_BIDI = re.compile("[\u061c\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_JOINERS = "\u200c\u200d"
_NOT_ONE_WORD = re.compile(r"[\s/@]")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_LIMIT = re.compile(r"Max (\d+)")
_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f'’][^\W\d_]+)*")
_SAME = re.compile(r"same (?:as|in) (?:the )?english", re.IGNORECASE)
# Letters of one alphabet that look like those of another, so that nobody sees the mistake.
_LIKE_CYRILLIC = frozenset("aceiopxyABCEHIKMOPTXjs")
_MIXED = frozenset({"LATIN", "CYRILLIC", "GREEK"})


def faults(entry: polib.POEntry) -> list[str]:
    """Every fault of a translated entry, each in words a volunteer can act on.

    A plural form is compared with the English singular or plural, whichever it matches, because
    languages differ in which forms carry the number.
    """
    english = _english(entry)
    return [
        f"{form}{fault}" for form, words in _forms(entry) for fault in _of(english, words, entry)
    ]


def doubts(entry: polib.POEntry, language: Language) -> list[str]:
    """What a translation into this language should hardly ever have."""
    english = _english(entry)
    return [
        f"{form}{doubt}"
        for form, words in _forms(entry)
        for doubt in (
            *_letters(english, words, language),
            *_untranslated(english, words, entry),
        )
    ]


def limit(entry: polib.POEntry) -> int:
    """How many characters a translation may have."""
    if noted := _LIMIT.search(entry.comment or ""):
        return int(noted[1])
    if entry.msgctxt == "button":
        return LONGEST_BUTTON
    return min(LONGEST_MESSAGE, 100 + 4 * max(map(len, _english(entry))))


def script_of(letter: str) -> str:
    """The script of a letter by its name in Unicode: ``LATIN``, ``ARABIC``, ``CJK``."""
    return unicodedata.name(letter, "").split(" ")[0]


def _english(entry: polib.POEntry) -> list[str]:
    return [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid]


def _forms(entry: polib.POEntry) -> Iterator[tuple[str, str]]:
    """Each form of a translation with what its faults are told under."""
    if not entry.msgid_plural:
        yield "", entry.msgstr
    for number, words in sorted(entry.msgstr_plural.items()):
        yield f"plural form {number}: ", words


def _of(english: list[str], words: str, entry: polib.POEntry) -> Iterator[str]:
    for pattern, fault in (
        (_PLACEHOLDER, "the parts in {braces} must be the same as in the English"),
        (_TAG, "the tags in <angle brackets> must be the same as in the English"),
        (_ADDRESS, "web addresses must be the same as in the English"),
        (_NUMBER, "numbers must be the same as in the English, in the digits 0-9"),
        (_COMMAND, "commands such as /stop must stay as they are"),
    ):
        if not any(_count(pattern, text) == _count(pattern, words) for text in english):
            yield fault
    if not _closed(words):
        yield "a tag is opened and not closed, or closed in the wrong order"
    if _BIDI.search(words):
        yield "take out the invisible direction marks; they are added when it is shown"
    if unseen := _invisible(words):
        yield f"take out the invisible character {unseen}; type the words around it anew"
    if "\ufffd" in words:
        yield "� stands where a letter was lost; save the file as UTF-8 and type it anew"
    if any(letter.isdigit() and not letter.isascii() for letter in words):
        yield "write numbers in the digits 0-9"
    if (length := _length(words, entry)) > (most := limit(entry)):
        yield f"too long: {length} characters, at most {most}"
    if entry.msgctxt == "command" and _NOT_ONE_WORD.search(words):
        yield "write one word, without blank or slash; people type it as a command"
    if words != words.strip():
        yield "take out the blank at the beginning or the end"


def _length(words: str, entry: polib.POEntry) -> int:
    """In characters; a button whose note names no limit is counted without its placeholders."""
    if entry.msgctxt == "button" and not _LIMIT.search(entry.comment or ""):
        words = _PLACEHOLDER.sub("", words)
    return len(words)


@lru_cache(maxsize=8192)  # the English is compared with every language
def _count(pattern: re.Pattern[str], words: str) -> list[str]:
    return sorted(pattern.findall(words))


def _closed(words: str) -> bool:
    open_tags: list[str] = []
    for tag in _TAG.findall(words):
        name = re.sub(r"[</>]| .*", "", tag)
        if not tag.startswith("</"):
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            return False
    return not open_tags


def _invisible(words: str) -> str:
    """The first character that nobody can see and no script needs, by its name."""
    if words.replace("\n", "").isprintable():  # nearly all are, and this is quick
        return ""
    for before, letter in zip(" " + words, words, strict=False):
        if letter in _JOINERS and not before.isascii():  # Persian, Urdu and Indic scripts join so
            continue
        if letter == "\n" or _BIDI.match(letter) or unicodedata.category(letter) not in _UNSEEN:
            continue
        return f"U+{ord(letter):04X} ({unicodedata.name(letter, 'a control character').lower()})"
    return ""


def _letters(english: list[str], words: str, language: Language) -> Iterator[str]:
    bare = _TAG.sub(" ", _PLACEHOLDER.sub(" ", _ADDRESS.sub(" ", _COMMAND.sub(" ", words))))
    kept = {word for text in english for word in _WORD.findall(text)}
    own = [word for word in _WORD.findall(bare) if word not in kept]
    for wrong, right in language.wrong_letters:
        if wrong in words:
            yield f"write {right} where {wrong} stands; they look alike and are two letters"
    for word in own:
        scripts = {script_of(letter) for letter in word if letter.isalpha()} & _MIXED
        if len(scripts) > 1 or (language.script == "Cyrl" and _looks_cyrillic(word)):
            yield f"“{word}” holds letters of another alphabet that look alike; type it anew"
    expected = {script_of(letter) for letter in language.native if letter.isalpha()}
    letters = [letter for word in own for letter in word if letter.isalpha()]
    if len(letters) > 2 and 2 * sum(script_of(letter) in expected for letter in letters) < len(
        letters
    ):
        yield f"most of it is not in the script of {language.english}; translate it"


def _looks_cyrillic(word: str) -> bool:
    """Whether a word of Latin letters passes for a Cyrillic one; abbreviations keep their own."""
    return set(word) <= _LIKE_CYRILLIC and not (word.isupper() and len(word) > 1)


def _untranslated(english: list[str], words: str, entry: polib.POEntry) -> Iterator[str]:
    """Nothing is said of a name or a single word, which two languages may well share."""
    bare = _PLACEHOLDER.sub(" ", _TAG.sub(" ", words))
    plain = [word for word in _WORD.findall(bare) if word.islower() and len(word) > 2]
    noted = _SAME.search(f"{entry.comment} {entry.tcomment}")
    if words in english and plain and len(_WORD.findall(bare)) > 1 and not noted:
        yield (
            "it is the same as the English; translate it, or write the line "
            "“# same as the English” above it"
        )
