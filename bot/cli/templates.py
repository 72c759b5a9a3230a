"""Templates on the command line: slots as they are typed, and the words in every language."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot import safety
from bot.catalogs import Catalogs
from bot.errors import OperatorError
from bot.languages import ENGLISH
from bot.model import Variant
from bot.templates import TEMPLATES, Slot, Template
from bot.text import Value

LONGEST_WORDS = 200
MOST_DIGITS = 6


def written(
    name: str, typed: Sequence[str], catalogs: Catalogs, zone: ZoneInfo
) -> tuple[Variant, ...]:
    """A filled template in each language that has it whole, English first. Raises OperatorError.

    Where no speaker has checked a language it says so, and the English stands below.
    """
    template = TEMPLATES.get(name)
    if template is None:
        raise OperatorError(f"there is no template {name}; there are {', '.join(TEMPLATES)}")
    values = _values(name, template, typed, zone)
    return tuple(_variants(template, values, catalogs))


def _variants(
    template: Template, values: Mapping[str, Value], catalogs: Catalogs
) -> Iterator[Variant]:
    title, body = template.filled(values)
    english = [catalogs.plain(text, ENGLISH) for text in (title, *body)]
    yield Variant(ENGLISH, english[0], "\n\n".join(english[1:]))
    for language in catalogs.offered:
        words = [catalogs.plain(text, language.code) for text in (title, *body)]
        if set(words) & set(english):
            continue
        if language.status == "draft":
            words += [catalogs.plain(safety.MACHINE_LABEL, language.code), *english[1:]]
        yield Variant(language.code, words[0], "\n\n".join(words[1:]))


def _values(
    name: str, template: Template, typed: Sequence[str], zone: ZoneInfo
) -> dict[str, Value]:
    values = {}
    for each in typed:
        slot, equals, words = each.partition("=")
        if not equals or slot not in template.slots:
            raise OperatorError(f"--slot {each}: {name} has {_named(template)}")
        values[slot] = _value(slot, template.slots[slot], words.strip(), zone)
    if missing := [slot for slot in template.slots if slot not in values]:
        raise OperatorError(f"{name} needs --slot {missing[0]}=…; it has {_named(template)}")
    return values


def _named(template: Template) -> str:
    return ", ".join(f"{slot} ({kind.value})" for slot, kind in template.slots.items())


def _value(slot: str, kind: Slot, words: str, zone: ZoneInfo) -> Value:
    match kind:
        case Slot.COUNT if words.isdecimal() and len(words) <= MOST_DIGITS and int(words) > 0:
            return int(words)
        case Slot.LINK if words.startswith("https://") and " " not in words:
            return words
        case Slot.WORDS if words and "\n" not in words and len(words) <= LONGEST_WORDS:
            return words
        case Slot.DAY | Slot.TIME:
            try:
                if kind is Slot.DAY:
                    return date.fromisoformat(words)
                moment = datetime.fromisoformat(words)
                if ":" in words:  # a day alone would be told as midnight
                    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
            except ValueError:
                pass
    raise OperatorError(f"--slot {slot}={words}: give {_EXPECTED[kind]}")


_EXPECTED = {
    Slot.COUNT: f"a number from 1, of at most {MOST_DIGITS} digits",
    Slot.LINK: "an address that begins with https://",
    Slot.WORDS: f"one line of at most {LONGEST_WORDS} letters",
    Slot.DAY: "a day such as 2026-12-01",
    Slot.TIME: "a day and an hour such as 2026-12-01 18:00",
}
