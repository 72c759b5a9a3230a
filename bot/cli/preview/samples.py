"""Sample values for placeholders: by the example in the translators' note, else by their name.

Dates, numbers and lists are values, as they are in the bot, so that the render function writes
them in the reader's way. An example that is itself a message, such as a topic, is translated.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time

import polib

from bot.text import Month, Text, Value

_DAY = date(2026, 11, 20)
_HOUR = datetime(2026, 12, 3, 10, 0, tzinfo=UTC)

_BY_NAME: dict[str, Value] = {
    "area": "Abbey (Reading)",
    "acting": date(2026, 10, 2),
    "areas": ["Abbey (Reading)", "Headington"],
    "before": 12,
    "code": "85258",
    "count": 5,
    "crime": "Burglary",
    "date": _DAY,
    "day": _DAY,
    "district": "Reading",
    "end": datetime(2026, 12, 3, 16, 30, tzinfo=UTC),
    "found": date(2026, 9, 14),
    "force": "Thames Valley Police",
    "hash": "9f86d081884c7d65",
    "id": "P-7KX3QD",
    "kind": "Burglary",
    "line": "Childline",
    "link": "https://www.thamesvalley.police.uk/",
    "month": Month(2026, 6, 1),
    "name": "photo-1.jpg",
    "number": "0800 1111",
    "office": "Information Commissioner's Office",
    "place": "Mill Lane",
    "reviewed": _DAY,
    "samaritans": "Samaritans",
    "shout": "Shout",
    "source": "data.police.uk",
    "start": _HOUR,
    "time": _HOUR,
    "title": "Keep your bike safe",
    "topic": "Road safety",
    "url": "https://www.thamesvalley.police.uk/",
    "was": "Battle",
    "words": "The street lamp by the bridge is broken.",
    "year": 15,
}

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SENTENCE = re.compile(r"(?<=[.\"])\s+(?=[A-Z{])")
_QUOTED = re.compile(r'"([^"{}]+)"')
_UNQUOTED = re.compile(
    r"(?:such as|for example|is like|is) ([A-Z\d]\S*|https:\S+)|, ((?=\S*[\d.-]\w)\S+)"
)
_DESCRIPTION = re.compile(r"\s*(?:is|are|says) ([^,;:.\"]+)")
_CLOCK = re.compile(r"(\d\d):(\d\d)")


class Samples:
    """Chooses a value for each placeholder of a message; ``messages`` are all there are."""

    def __init__(self, messages: Iterable[polib.POEntry]) -> None:
        self._messages: dict[str, list[polib.POEntry]] = {}
        for entry in messages:
            if not _PLACEHOLDER.search(entry.msgid):
                self._messages.setdefault(entry.msgid, []).append(entry)

    def of(self, entry: polib.POEntry) -> dict[str, Value]:
        """The values of every placeholder in a message."""
        note = " ".join(entry.comment.split())
        names = dict.fromkeys(_PLACEHOLDER.findall(f"{entry.msgid} {entry.msgid_plural}"))
        alone = len(names) == 1 and not _PLACEHOLDER.search(note)
        said = dict.fromkeys(names, note) if alone else dict(_said(note))
        return {name: self._value(name, said.get(name, "")) for name in names}

    def _value(self, name: str, note: str) -> Value:
        value = _by_kind(name, note) or _example(name, note) or _known(name, note)
        return self._in_words(value, button=" label " in note)

    def _in_words(self, value: Value, *, button: bool) -> Value:
        """A value that is a message itself, or a list of some, as the texts that they are."""
        if isinstance(value, list):
            return [self._in_words(part, button=button) for part in value]
        if not isinstance(value, str) or value not in self._messages:
            return value
        found = self._messages[value]
        fitting = (each for each in found if (each.msgctxt == "button") is button)
        chosen = next(fitting, found[0])
        return Text(chosen.msgid, context=chosen.msgctxt)


def _said(note: str) -> Iterable[tuple[str, str]]:
    """Each placeholder with what the note says of it; what is said first comes last."""
    for sentence in reversed(_SENTENCE.split(note)):
        parts = _PLACEHOLDER.split(sentence)
        names, texts = parts[1::2], parts[2::2]
        examples = _QUOTED.findall(sentence)
        if names and len(names) == len(
            examples
        ):  # "{line} is a helpline, {number} its number: "A", "1""
            said = texts[-1].partition('"')[0]
            texts = [f'{said} "{example}"' for example in examples]
        yield from zip(names, texts, strict=True)


def _by_kind(name: str, note: str) -> Value | None:
    """Dates and hours, which each language writes in its own way."""
    if name == "month":
        return _BY_NAME[name]
    if clock := _CLOCK.fullmatch((_QUOTED.findall(note) or [""])[0]):
        return time(int(clock[1]), int(clock[2]))
    if re.search(r"\bday and (?:an? )?(?:hour|time)\b", note):
        known = _BY_NAME.get(name)
        return known if isinstance(known, datetime) else _HOUR
    if re.search(r"\b(?:is|are each) a (?:date|day)\b|\ba date\b|\bthe day on which\b", note):
        return _DAY
    return None


def _example(name: str, note: str) -> Value | None:
    """What the note gives as an example; a bare number is one, a quoted one stays as it is."""
    if quoted := _QUOTED.findall(note):
        if name in ("number", "code") and not any(map(str.isdecimal, quoted[0])):
            return None  # it is the example of the placeholder before
        return _parts(quoted[0]) if " a list " in note else str(quoted[0])
    if bare := _UNQUOTED.search(note):
        words = (bare[1] or bare[2]).rstrip(".,;")
        return int(plain) if (plain := words.replace(",", "")).isdecimal() else words
    return 1 if "how many" in note else None


def _known(name: str, note: str) -> Value:
    """What its name says, or what the note says it is."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    described = _DESCRIPTION.match(note)
    return f"‹{described[1].strip() if described else name}›"


def _parts(words: str) -> list[Value]:
    return [*re.split(r", | and ", words)]
