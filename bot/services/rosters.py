"""Who looks after an area: the names, ranks and contacts that the force publishes."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

import structlog

from bot.errors import FeedError
from bot.model import Officer
from bot.ports import Clock, PoliceData
from bot.reading import links
from bot.store import areas, rosters
from bot.store.areas import StoredArea
from bot.store.database import Database
from bot.store.rosters import Roster

_FRESH = timedelta(hours=20)
_AT_ONCE = 4  # areas in hand; the way out paces how many requests begin each second
_GIVE_UP_AFTER = 4  # areas in a row
_HOSTS = ("police.uk", "facebook.com", "twitter.com", "x.com", "instagram.com", "youtube.com")
_NUMBER = re.compile(r"\+?\d[\d ]{1,18}")
_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")

log = structlog.get_logger()


class Rosters:
    """The teams of areas. In a demo they are a ``sample``, which stand-ins have too."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        police: PoliceData | None,
        *,
        sample: bool = False,
    ) -> None:
        self._database = database
        self._clock = clock
        self._police = police
        self.is_sample = sample

    async def of(self, area_id: str) -> Roster | None:
        """Whom the force names for an area; None where it was not read, or names nobody."""
        async with self._database.read() as connection:
            found = await rosters.of(connection, area_id)
        return found if found and (found.officers or found.contacts) else None

    async def refresh(self) -> None:
        """Read every area that was not read today; one that cannot be read stays as it was."""
        if self._police is None:
            return
        async with self._database.read() as connection:
            stored = await areas.everything(connection)
            fresh = await rosters.read_since(connection, self._clock.now() - _FRESH)
        wanted = (
            one
            for one in stored
            if one.number not in fresh and (self.is_sample or not one.area.standin)
        )
        await self._read_all(self._police, wanted)

    async def _read_all(self, police: PoliceData, wanted: Iterator[StoredArea]) -> None:
        failed = 0

        async def work() -> None:
            nonlocal failed
            for one in wanted:  # shared: each worker takes the next
                if failed >= _GIVE_UP_AFTER:
                    return
                try:
                    await self._read(police, one)
                    failed = 0
                except FeedError as reason:
                    failed += 1
                    log.warning("team_not_read", area=one.area.id, reason=str(reason))

        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))

    async def _read(self, police: PoliceData, one: StoredArea) -> None:
        officers = await police.people(one.area.id)
        contacts = await police.contacts(one.area.id)
        async with self._database.write() as connection:
            await rosters.put(
                connection,
                one.number,
                [_named(each) for each in officers if each.name or each.rank],
                list(_sound(contacts)),
                self._clock.now(),
            )


def _named(officer: Officer) -> Officer:
    """What is shown of an officer. Their life story is not ours to repeat."""
    return Officer(officer.name, officer.rank, contacts=tuple(_sound(officer.contacts)))


def _sound(contacts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Addresses and numbers that are what they say, and links to where police have pages."""
    for kind, where in contacts:
        if kind == "email":
            fits = bool(_ADDRESS.fullmatch(where))
        elif kind in {"telephone", "mobile"}:
            fits = bool(_NUMBER.fullmatch(where))
        else:
            where = where.replace("http://", "https://", 1)
            fits = links.leads_to(where, _HOSTS)
        if fits:
            yield kind, where
