"""feeds.toml: which outside sources are read, and what the operator says about each."""

import re
import shutil
import tomllib
from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.errors import OperatorError
from bot.model import Source, Topic
from bot.reading import links
from bot.services.shipped import SHIPPED

EXAMPLE = SHIPPED / "feeds.example.toml"
TOPICS: Mapping[str, Topic] = {
    (topic.name or "").lower().replace("_", "-"): topic for topic in Topic
}
SHORTEST_INTERVAL = timedelta(minutes=1)

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SPAN = re.compile(r"(\d{1,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_WORDS = {"id", "kind", "url", "name", "licence", "language"}
_LISTS = {"areas", "hosts"}
_SPANS = {"interval", "max_age"}
_KEYS = _WORDS | _LISTS | _SPANS | {"topic", "trusted"}


def make_file(path: Path) -> None:
    """Put the documented example where the file is missing."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(EXAMPLE, path)


def read_file(path: Path, kinds: Collection[str]) -> list[Source]:
    """The sources of a file. Raises OperatorError that names the file, the feed and the mend."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OperatorError(f"{path}: it is not TOML: {error}") from None
    if unknown := content.keys() - {"feed"}:
        raise OperatorError(f"{path}: each source begins with [[feed]]; {min(unknown)} is unknown")
    found: list[Source] = []
    for number, table in enumerate(content.get("feed", ()), 1):
        try:
            found.append(_source(table, kinds))
        except ValueError as reason:
            raise OperatorError(f"{path}: feed {table.get('id', number)}: {reason}") from None
    ids = [source.id for source in found]
    if twice := {id for id in ids if ids.count(id) > 1}:
        raise OperatorError(f"{path}: feed {min(twice)}: there are two of that id")
    return found


def _source(table: Mapping[str, Any], kinds: Collection[str]) -> Source:
    if unknown := table.keys() - _KEYS:
        raise ValueError(f"{min(unknown)} is unknown; it may have {', '.join(sorted(_KEYS))}")
    for name in _WORDS & table.keys():
        _require(isinstance(table[name], str), f'{name} needs words in "quotes"')
    for name in _LISTS & table.keys():
        given = table[name]
        sound = isinstance(given, list) and all(isinstance(each, str) for each in given)
        _require(sound, f'{name} needs a list, such as ["one", "two"]')
    _require(_ID.fullmatch(table.get("id", "")) is not None, 'it needs an id, such as "force-news"')
    _require(table.get("kind") in kinds, f"its kind is one of {', '.join(sorted(kinds))}")
    _require(isinstance(table.get("trusted", False), bool), "trusted is true or false")
    values = dict(table)
    values.update({name: tuple(table[name]) for name in _LISTS & table.keys()})
    values.update({name: _span(name, table[name]) for name in _SPANS & table.keys()})
    if "topic" in table:
        _require(table["topic"] in TOPICS, f"topics are {', '.join(TOPICS)}")
        values["topic"] = TOPICS[table["topic"]]
    source = Source(**values)
    _require(bool(links.host(source.url)) or source.kind == "police_uk", "it needs an url")
    _require(source.interval >= SHORTEST_INTERVAL, 'interval is at least "1m"')
    return source


def _span(name: str, words: object) -> timedelta:
    found = _SPAN.fullmatch(words) if isinstance(words, str) else None
    _require(found is not None, f'{name} is written "15m", "6h" or "30d"')
    assert found is not None  # noqa: S101  # said above
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
