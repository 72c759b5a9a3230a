"""Whom to contact: helplines, the force and its addresses, each fact with its source and date."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from bot.errors import OperatorError
from bot.ports import Clock

HELPLINES = Path(__file__).parents[2] / "data" / "helplines.toml"
FRESH = timedelta(days=180)

Rows: TypeAlias = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Someone to turn to; ``number`` is what to dial, or to ``text``, as people write it."""

    id: str
    name: str
    number: str
    url: str = ""
    text: bool = False
    day_and_night: bool = False
    source: str
    checked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An address with something to read, or a form to fill in."""

    id: str
    name: str
    url: str
    source: str
    checked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Force:
    """A police force: its public name and the addresses people are sent to."""

    id: str
    name: str
    website: str
    report_url: str
    source: str
    checked_on: date


class Directory:
    """The facts of ``data/helplines.toml`` for one force.

    Raises OperatorError for a force that the file does not have.
    """

    def __init__(self, force_id: str, clock: Clock, path: Path = HELPLINES) -> None:
        self._clock = clock
        with path.open("rb") as file:
            facts: dict[str, dict[str, Any]] = tomllib.load(file)
        force = facts["force"].get(force_id)
        if force is None:
            raise OperatorError(f"FORCE_ID={force_id} has no entry in data/helplines.toml; add one")
        own: dict[str, Rows] = {kind: force.pop(kind, {}) for kind in ("line", "page", "form")}
        self.force = Force(id=force_id, **force)
        self.find_force_url = facts["national"]["find_force_url"]
        self._lines = {id: Line(id=id, **row) for id, row in (facts["line"] | own["line"]).items()}
        self._pages = _pages(facts["page"] | own["page"])
        self._forms = _pages(facts["form"] | own["form"])

    def line(self, id: str) -> Line:
        """The line by that id. Raises KeyError when there is none."""
        return self._lines[id]

    def page(self, id: str) -> Page | None:
        """The page by that id; None where this force has no such thing."""
        return self._pages.get(id)

    def report_url(self, form: str) -> str:
        """Where to report: the form by that id, or the force's page that leads to all of them."""
        found = self._forms.get(form)
        return found.url if found else self.force.report_url

    def stale(self) -> list[str]:
        """Names of the facts last checked more than 180 days ago."""
        oldest = self._clock.now().date() - FRESH
        facts: list[Force | Line | Page] = [self.force]
        for found in (self._lines, self._pages, self._forms):
            facts += found.values()
        return [fact.name for fact in facts if fact.checked_on < oldest]


def _pages(rows: Rows) -> dict[str, Page]:
    return {id: Page(id=id, **row) for id, row in rows.items()}
