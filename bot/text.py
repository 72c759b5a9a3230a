"""Words not yet in a language: a message id with its values, drawn later in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal, TypeAlias

Value: TypeAlias = "str | int | float | date | datetime | time | Text | Sequence[Value]"
Domain: TypeAlias = Literal["messages", "safety"]


@dataclass(frozen=True, slots=True)
class Text:
    """One whole message for a person, in English, with named values.

    ``message`` and ``plural`` are gettext message ids; their ``{names}`` are plain identifiers.
    Values stay values (dates, numbers, areas, other texts) until the one render function draws
    them. ``domain`` names the catalogue: ``safety`` for the phrases of ``bot/safety.py``.
    """

    message: str
    values: Mapping[str, Value] = field(default_factory=dict)
    plural: str | None = None
    count: int | None = None
    context: str | None = None
    domain: Domain = "messages"


def _(message: str, **values: Value) -> Text:
    """Mark a whole sentence for translation."""
    return Text(message, values)


def _n(singular: str, plural: str, count: int, **values: Value) -> Text:
    """Mark a sentence that counts something; ``{count}`` is among its values."""
    return Text(singular, {"count": count, **values}, plural=plural, count=count)


def _p(context: str, message: str, **values: Value) -> Text:
    """Mark words that need a context to be translated, such as a button that is one verb."""
    return Text(message, values, context=context)
