"""Times of day as people type them: "21:30-06:45", "9pm to 7am", "9pm देखि 7am सम्म"."""

import re
import unicodedata
from datetime import time

from bot.model import QuietHours

_TIME = r"(\d{1,2})(?:[:.h]?(\d{2}))?h?(?:\s*([ap]m))?"
_TO = r"(?:\s*[-–—−~]+\s*|\s+(?![ap]m\b)[^\W\d_]{1,6}\s+)"
_LEAD = r"(?:[^\W\d_]+\s+)?"  # "from", "between", or such a word of another language
_TAIL = r"(?:\s+[^\W\d_a-z]+)?"  # "until", in the languages of India that say it last
_ONE = re.compile(_LEAD + _TIME)
_TWO = re.compile(_LEAD + _TIME + _TO + _TIME + _TAIL)


def hours_in(words: str) -> QuietHours | None:
    """The two times that a text is, in the 24-hour or the 12-hour clock; None for anything else.

    The same time twice is neither a whole day nor nothing, so it is None too.
    """
    found = _TWO.fullmatch(_plain(words))
    if found is None:
        return None
    start, end = _time(*found.group(1, 2, 3)), _time(*found.group(4, 5, 6))
    if start is None or end is None or start == end:
        return None
    return QuietHours(start, end)


def hour_in(words: str) -> int | None:
    """The full hour, 0 to 23, that a text is; None for anything else, also for half past."""
    found = _ONE.fullmatch(_plain(words))
    moment = _time(*found.group(1, 2, 3)) if found else None
    return None if moment is None or moment.minute else moment.hour


def _plain(words: str) -> str:
    folded = unicodedata.normalize("NFKC", words).casefold().strip()
    # Vowel signs, which the patterns would take for gaps within a word.
    folded = "".join(each for each in folded if not unicodedata.category(each).startswith("M"))
    return folded.replace("a.m.", "am").replace("p.m.", "pm")


def _time(hours: str, minutes: str | None, half: str | None) -> time | None:
    hour, minute = int(hours), int(minutes or 0)
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif (hour, minute) == (24, 0):
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None
