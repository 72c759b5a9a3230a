"""Outside sources: one file per kind; fetch.py is the one safe way out.

Each line of ``KINDS`` brings up one kind of source that feeds.toml may name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import TypeAlias

from bot.model import Source
from bot.ports import Feed, Fetch
from feeds.cap import Cap
from feeds.floods import Floods
from feeds.police_uk import Areas, PoliceFeed, PoliceUk
from feeds.rss import Rss


@dataclass(frozen=True, slots=True)
class Means:
    """What adapters are made with. ``areas`` gives the ids of the areas on board."""

    fetch: Fetch
    police: PoliceUk
    areas: Areas
    zone: tzinfo


Make: TypeAlias = Callable[[Source, Means], Feed]

KINDS: Mapping[str, Make] = {
    "rss": lambda source, means: Rss(source, means.fetch, means.zone),
    "cap": lambda source, means: Cap(source, means.fetch, means.zone),
    "floods": lambda source, means: Floods(source, means.fetch, means.zone),
    "police_uk": lambda source, means: PoliceFeed(source, means.police, means.areas),
}
