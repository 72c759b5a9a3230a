"""The things Beatline is about, as plain values."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the ground: WGS84 degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Area:
    """A neighbourhood policing area.

    ``id`` is the force's neighbourhood id after a sync, the GeoJSON id after an import, and the
    ward code for the shipped stand-ins (``standin`` is then true, and everyone is told so).
    ``district`` is the council's name where it is known, else empty; ``centre`` is the force's own
    or the outline's representative point.
    """

    id: str
    name: str
    district: str = ""
    standin: bool = False
    centre: Point | None = None

    @property
    def label(self) -> str:
        """The name people tell it by; two districts may each have an area called Abbey."""
        return f"{self.name} ({self.district})" if self.district else self.name


@dataclass(frozen=True, slots=True)
class Place:
    """One area that one resident follows.

    ``was`` is the name of the area it replaced at the last reorganisation, and ``other`` an area
    that took nearly as much of it, until the resident has said which of the two is theirs.
    """

    area: Area
    was: str | None = None
    other: Area | None = None


class Ground(StrEnum):
    """What a postcode or a point turned out to be."""

    FOUND = "found"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"
    NOT_A_POSTCODE = "not_a_postcode"


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to "which area is this?".

    ``area`` is set when ``ground`` is FOUND. ``ended`` is the first day of the month in which a
    postcode went out of use, for one that is no longer live.
    """

    ground: Ground
    area: Area | None = None
    ended: date | None = None


@dataclass(frozen=True, slots=True)
class PostcodeRow:
    """Where a postcode is.

    ``point`` is None for one without a position; ``district`` is the council's ONS code or empty;
    ``ended`` is (year, month) for a terminated one.
    """

    point: Point | None
    district: str = ""
    ended: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A resident as we know them: a number of ours, a channel, a language, nothing else.

    ``id`` is None until something about them has been stored. ``language`` is None until they
    have chosen one.
    """

    id: int | None
    channel: str
    language: str | None = None
