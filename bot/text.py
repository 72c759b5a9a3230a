"""Words not yet in a language: a message id with its values, drawn later for a reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Literal, TypeAlias, Union

Value: TypeAlias = Union[str, int, float, date, datetime, time, "Text", Sequence["Value"]]
Domain: TypeAlias = Literal["messages", "safety"]


class Month(date):
    """A month as a value: its first day, drawn without the day."""

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month, 1)


@dataclass(frozen=True, slots=True)
class Text:
    """One whole message for a person, in English, with named values.

    ``message`` and ``plural`` are gettext message ids; their ``{names}`` are plain identifiers.
    Values stay values (dates, numbers, areas, other texts) until the one render function draws
    them. ``domain`` names the catalogue: ``safety`` for the phrases of ``bot/safety.py``.
    ``language`` is the one to draw it in, whatever the reader has chosen.
    """

    message: str
    values: Mapping[str, Value] = field(default_factory=dict)
    plural: str | None = None
    count: int | None = None
    context: str | None = None
    domain: Domain = "messages"
    language: str | None = None


def _(message: str, **values: Value) -> Text:
    """Mark a whole sentence for translation."""
    return Text(message, values)


def _n(singular: str, plural: str, count: int, **values: Value) -> Text:
    """Mark a sentence that counts something; ``{count}`` is among its values."""
    return Text(singular, {"count": count, **values}, plural=plural, count=count)


def _p(context: str, message: str, **values: Value) -> Text:
    """Mark words that need a context to be translated, such as a button that is one verb."""
    return Text(message, values, context=context)


def written(words: str, language: str) -> Text:
    """Words of a person or a source, in the language they are in whoever reads them."""
    return Text("{words}", {"words": words}, language=language)


def pack(text: Text) -> dict[str, Any]:
    """A text as JSON can hold it; ``unpack`` gives it back."""
    packed: dict[str, Any] = {"m": text.message}
    if text.values:
        packed["v"] = {name: _pack_value(value) for name, value in text.values.items()}
    for key, part in (("p", text.plural), ("n", text.count), ("c", text.context)):
        if part is not None:
            packed[key] = part
    if text.domain != "messages":
        packed["d"] = text.domain
    if text.language is not None:
        packed["l"] = text.language
    return packed


def unpack(packed: Mapping[str, Any]) -> Text:
    """The text that ``pack`` was given. Raises KeyError, TypeError or ValueError on other input."""
    return Text(
        packed["m"],
        {name: _unpack_value(value) for name, value in packed.get("v", {}).items()},
        plural=packed.get("p"),
        count=packed.get("n"),
        context=packed.get("c"),
        domain=packed.get("d", "messages"),
        language=packed.get("l"),
    )


def _pack_value(value: Value) -> Any:
    match value:
        case str() | int() | float():
            return value
        case Text():
            return {"text": pack(value)}
        case datetime():
            return {"datetime": value.isoformat()}
        case Month():
            return {"month": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case time():
            return {"time": value.isoformat()}
        case _:
            return [_pack_value(part) for part in value]


def _unpack_value(packed: Any) -> Value:
    match packed:
        case {"text": text}:
            return unpack(text)
        case {"datetime": words}:
            return datetime.fromisoformat(words)
        case {"month": words}:
            return Month.fromisoformat(words)
        case {"date": words}:
            return date.fromisoformat(words)
        case {"time": words}:
            return time.fromisoformat(words)
        case list():
            return [_unpack_value(part) for part in packed]
        case str() | int() | float():
            return packed
        case _:
            raise ValueError("not a packed value")
