"""What can be wrong with one translation: found on loading, and told to translators by a check."""

import re
from collections import Counter

import polib

_PLACEHOLDER = re.compile(r"\{[^{}]*\}?|\}")
_TAG = re.compile(r"<[^<>]*>?")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:)]")
_NUMBER = re.compile(r"\d+")
_COMMAND = re.compile(r"(?<![\w<])/[a-z]+")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_LIMIT = re.compile(r"Max (\d+)")


def faults(entry: polib.POEntry) -> list[str]:
    """Every fault of a translated entry, each in words a volunteer can act on.

    A plural form is compared with the English singular or plural, whichever it matches, because
    languages differ in which forms carry the number.
    """
    if not entry.msgid_plural:
        return _compare([entry.msgid], entry.msgstr, entry)
    english = [entry.msgid, entry.msgid_plural]
    found = []
    for number, form in sorted(entry.msgstr_plural.items()):
        found += [f"plural form {number}: {fault}" for fault in _compare(english, form, entry)]
    return found


def _compare(english: list[str], words: str, entry: polib.POEntry) -> list[str]:
    found = [
        fault
        for pattern, fault in (
            (_PLACEHOLDER, "the parts in {braces} must be the same as in the English"),
            (_TAG, "the tags in <angle brackets> must be the same as in the English"),
            (_ADDRESS, "web addresses must be the same as in the English"),
            (_NUMBER, "numbers must be the same as in the English, in the digits 0-9"),
            (_COMMAND, "commands such as /stop must stay as they are"),
        )
        if not any(_count(pattern, text) == _count(pattern, words) for text in english)
    ]
    if not _closed(words):
        found.append("a tag is opened and not closed, or closed in the wrong order")
    if _BIDI.search(words):
        found.append("take out the invisible direction marks; they are added when it is shown")
    if any(letter.isdigit() and not letter.isascii() for letter in words):
        found.append("write numbers in the digits 0-9")
    if (limit := _LIMIT.search(entry.comment or "")) and len(words) > int(limit[1]):
        found.append(f"too long: {len(words)} characters, at most {limit[1]}")
    if words != words.strip():
        found.append("take out the blank at the beginning or the end")
    return found


def _count(pattern: re.Pattern[str], words: str) -> Counter[str]:
    return Counter(pattern.findall(words))


def _closed(words: str) -> bool:
    open_tags: list[str] = []
    for tag in _TAG.findall(words):
        name = re.sub(r"[</>]| .*", "", tag)
        if not tag.startswith("</"):
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            return False
    return not open_tags
