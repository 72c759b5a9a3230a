"""Days as people type them: "5 December", "5/12", "2026-12-05", "Friday", "5 grudnia"."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache
from itertools import product

from babel.dates import get_date_format, get_day_names, get_month_names

LONGEST = timedelta(days=366)

_BETWEEN = re.compile(r"[\s,،./–—-]+")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")


def day_in(words: str, today: date, locale: str) -> date | None:
    """The day that a text names, after today and within a year; None for anything else.

    Month and day names may be English or those of ``locale``, a name that Babel knows. Numbers
    are day, month and year, or year, month and day. Without a year the next such day is meant.
    """
    plain = _ORDINAL.sub("", _fold(words))
    parts = [part for part in _BETWEEN.split(plain) if part]
    figures = [part for part in parts if part.isdecimal()]
    filler = _filler(locale)
    names = [part for part in parts if not part.isdecimal() and part not in filler]
    if any(len(figure) > 4 for figure in figures):
        return None
    numbers = [int(figure) for figure in figures]
    months, weekdays = _names(get_month_names, locale), _names(get_day_names, locale)
    if names and parts[0] == names[0] and names[0] not in {**months, **weekdays}:
        names = names[1:]  # "until", or such a word of another language
    if not numbers and len(names) == 1 and names[0] in weekdays:
        return today + timedelta(days=(weekdays[names[0]] - today.weekday() - 1) % 7 + 1)
    named = [months[name] for name in names if name in months]
    if len(named) > 1 or not all(name in months or name in weekdays for name in names):
        return None
    return _next(_order(numbers, *named), today)


def _order(numbers: list[int], month: int | None = None) -> tuple[int, int, int | None] | None:
    """Day, month and, where it was given, year."""
    match numbers:
        case [day] if month:
            return day, month, None
        case [day, year] if month:
            return day, month, year
        case [day, number] if not month:
            return day, number, None
        case [year, number, day] if not month and year > 99:
            return day, number, year
        case [day, number, year] if not month:
            return day, number, year
        case _:
            return None


def _next(given: tuple[int, int, int | None] | None, today: date) -> date | None:
    if given is None:
        return None
    day, month, year = given
    if year is not None and year < 100:
        year += 2000
    for guess in (today.year, today.year + 1) if year is None else (year,):
        try:
            found = date(guess, month, day)
        except ValueError:  # the 30th of February
            continue
        if today < found <= today + LONGEST:
            return found
    return None


@cache
def _names(of: Callable[..., Mapping[int, str]], locale: str) -> Mapping[str, int]:
    """Names as they are typed, with their number as Python counts."""
    found = {}
    for width, context, code in product(
        ("wide", "abbreviated"), ("format", "stand-alone"), ("en", "en_GB", locale)
    ):
        names = of(width, context, code)
        found.update({_fold(name).rstrip("."): number for number, name in names.items()})
    return found


@cache
def _filler(locale: str) -> frozenset[str]:
    """The words between the parts of a date, such as the "de" of Spanish."""
    pattern = str(get_date_format("long", locale).pattern)
    return frozenset(_fold(word) for word in re.findall(r"'([^']+)'", pattern))


def _fold(words: str) -> str:
    return unicodedata.normalize("NFKC", words).casefold().strip()
