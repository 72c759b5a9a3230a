"""Whom to contact: helplines, the force and its addresses, each fact with its source and date."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bot.errors import OperatorError
from bot.ports import Clock

HELPLINES = Path(__file__).parents[2] / "data" / "helplines.toml"
FRESH = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Line:
    """One number or address to turn to; ``number`` is what to dial or text, as people write it."""

    id: str
    name: str
    number: str
    url: str
    source: str
    checked_on: date


@dataclass(frozen=True, slots=True)
class Force:
    """A police force: its public name and the addresses people are sent to."""

    id: str
    name: str
    website: str
    report_url: str
    source: str
    checked_on: date


class Directory:
    """The facts of ``data/helplines.toml`` for one force."""

    def __init__(self, force_id: str, clock: Clock, path: Path = HELPLINES) -> None:
        self._clock = clock
        with path.open("rb") as file:
            facts: dict[str, dict[str, Any]] = tomllib.load(file)
        self._lines: Mapping[str, Line] = {
            id: Line(
                id,
                row["name"],
                row["number"],
                row.get("url", ""),
                row["source"],
                row["checked_on"],
            )
            for id, row in facts["line"].items()
        }
        force = facts["force"].get(force_id)
        if force is None:
            raise OperatorError(f"FORCE_ID={force_id} has no entry in data/helplines.toml; add one")
        self.force = Force(id=force_id, **force)
        self.find_force_url = facts["national"]["find_force_url"]

    def line(self, id: str) -> Line:
        """The line by that id. Raises KeyError when there is none."""
        return self._lines[id]

    def stale(self) -> list[str]:
        """Names of the facts last checked more than 180 days ago."""
        oldest = self._clock.now().date() - FRESH
        facts: list[Force | Line] = [self.force, *self._lines.values()]
        return [fact.name for fact in facts if fact.checked_on < oldest]
