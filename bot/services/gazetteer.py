"""Areas as a list to choose from: their names as people type them, districts, first letters."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from bot.model import Area

FEW = 40
"""So many areas are simply listed; of more, people first say what theirs begins with."""

_MOST_RANGES = 8
_IDLE = frozenset("the near in my area of".split())  # noqa: SIM905  # reads best as words
_DROPPED = re.compile(r"['’`]")  # "Mary's" is typed "Marys"
_PUNCTUATION = re.compile(r"[^\w]+|_")


def words_of(text: str) -> list[str]:
    """The words that tell a name from others, without accents, case and punctuation."""
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)
    ).casefold()
    words = _PUNCTUATION.sub(" ", _DROPPED.sub("", plain).replace("&", " and ")).split()
    return [word for word in words if word not in _IDLE] or words


def likeness(asked: Sequence[str], area: Area) -> int | None:
    """How well words name an area: 0 exactly, 1 by whole words, 2 by beginnings, None not."""
    name, district = words_of(area.name), words_of(area.district)
    if list(asked) in (name, name + district, district + name):
        return 0
    if not any(_begins(word, name) for word in asked):
        return None
    both = name + district
    if all(word in both for word in asked):
        return 1
    return 2 if all(_begins(word, both) for word in asked) else None


def in_order(areas: Iterable[Area]) -> list[Area]:
    """By name, as one looks for it."""
    return sorted(areas, key=lambda area: (_initial(area), words_of(area.name), area.id))


def between(areas: Iterable[Area], first: str, last: str) -> list[Area]:
    """Those whose names begin with a letter from ``first`` to ``last``."""
    return [area for area in areas if first <= _initial(area) <= last]


def ranges(areas: Sequence[Area]) -> list[tuple[str, str]]:
    """At most eight ranges of first letters, of about one size; none where areas are few."""
    if len(areas) <= FEW:
        return []
    counts = sorted(Counter(map(_initial, areas)).items())
    size = len(areas) // _MOST_RANGES
    while len(found := _filled(counts, size)) > _MOST_RANGES:
        size += 1
    return found


def _filled(counts: Iterable[tuple[str, int]], size: int) -> list[tuple[str, str]]:
    """Ranges that hold no more than ``size``, but for letters that alone have more."""
    found: list[tuple[str, str]] = []
    room = 0
    for letter, count in counts:
        if found and count <= room:
            found[-1] = (found[-1][0], letter)
            room -= count
        else:
            found.append((letter, letter))
            room = size - count
    return found


def _initial(area: Area) -> str:
    return words_of(area.name)[0][0] if words_of(area.name) else "#"


def _begins(start: str, words: list[str]) -> bool:
    return any(word.startswith(start) for word in words)
