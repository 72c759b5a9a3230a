"""Messages that teams send again and again, as sentences with slots, translated once by people.

An answer to residents needs no template: "You said" and "We did" frame the words of any language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.text import Text, Value, _, _n


class Slot(StrEnum):
    """What may stand in a slot."""

    WORDS = "words"
    COUNT = "count"
    DAY = "day"
    TIME = "time"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Template:
    """A title and paragraphs, whose ``{slots}`` are filled with values of the named kind."""

    title: Text
    body: Sequence[Text]
    slots: Mapping[str, Slot]

    def filled(self, values: Mapping[str, Value]) -> tuple[Text, tuple[Text, ...]]:
        """The title and the paragraphs with these values, one for each slot."""
        return _filled(self.title, values), tuple(_filled(text, values) for text in self.body)


def _filled(text: Text, values: Mapping[str, Value]) -> Text:
    count = values.get("count")
    return replace(text, values=values, count=count if isinstance(count, int) else None)


# Translators: Closes an alert of the police. {link} is an address.
_SEEN = _("Did you see or film anything? Call 101, or report it online: {link}")

TEMPLATES: Mapping[str, Template] = {
    "burglary-series": Template(
        # Translators: The title of an alert. {place} is a street or a place, such as "Mill Lane".
        _("Burglaries: {place}"),
        (
            # Translators: {place} is a street or a place, {day} a date, "20 November 2026".
            _n(
                "{count} home was broken into since {day}. Place: {place}.",
                "{count} homes were broken into since {day}. Place: {place}.",
                0,
            ),
            _("Lock your doors and windows, also when you are at home."),
            _SEEN,
        ),
        {"place": Slot.WORDS, "count": Slot.COUNT, "day": Slot.DAY, "link": Slot.LINK},
    ),
    "vehicle-crime": Template(
        # Translators: The title of an alert. {place} is a street or a place, such as "Mill Lane".
        _("Vehicle crime: {place}"),
        (
            # Translators: {place} is a street or a place, {day} a date, "20 November 2026".
            _n(
                "{count} vehicle was broken into or stolen since {day}. Place: {place}.",
                "{count} vehicles were broken into or stolen since {day}. Place: {place}.",
                0,
            ),
            _("Lock your vehicle, and leave nothing in it that can be seen."),
            _SEEN,
        ),
        {"place": Slot.WORDS, "count": Slot.COUNT, "day": Slot.DAY, "link": Slot.LINK},
    ),
    "fraud-call": Template(
        # Translators: The title of an alert. {place} is a street or a place, such as "Mill Lane".
        _("Fraud by phone: {place}"),
        (
            # Translators: {caller} is what the fraudsters say they are, such as "the bank".
            _("Somebody calls people and pretends to be this: {caller}. It is a fraud."),
            _("End the call. Give no money, cards or codes to anyone."),
            # Translators: {link} is the address of a page of the police.
            _("Has it happened to you? Call your bank at once, then report it: {link}"),
        ),
        {"place": Slot.WORDS, "caller": Slot.WORDS, "link": Slot.LINK},
    ),
    "missing-person": Template(
        # Translators: The title of an alert. {name} is the name of a person, such as "Ann Smith".
        _("Missing: {name}"),
        (
            # Translators: {time} is a day and an hour, {place} a street or a place.
            _("Last seen: {time}, {place}."),
            # Translators: {looks} is what the person looks like, in the words of the police.
            _("What to look for: {looks}."),
            _("Have you seen this person? Call 101. If anyone is in danger now, call 999."),
        ),
        {"name": Slot.WORDS, "time": Slot.TIME, "place": Slot.WORDS, "looks": Slot.WORDS},
    ),
    "road-closure": Template(
        # Translators: The title of a message. {place} is a road, such as "Mill Lane".
        _("Road closed: {place}"),
        (
            # Translators: {start} and {end} are each a day and an hour.
            _("The road is closed from {start} to {end}. Please go another way."),
        ),
        {"place": Slot.WORDS, "start": Slot.TIME, "end": Slot.TIME},
    ),
    "meeting": Template(
        _("Meet your police team"),
        (
            _("Come and tell your police team what matters to you."),
            # Translators: {time} is a day and an hour, {place} a street or a place.
            _("When: {time}. Where: {place}."),
        ),
        {"time": Slot.TIME, "place": Slot.WORDS},
    ),
}
"""By the name an operator types."""
