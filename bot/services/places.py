"""Which area a postcode or a point is in, and who follows what. Postcodes are used, never kept."""

import asyncio
import math
from collections.abc import Collection
from dataclasses import replace
from datetime import date

import structlog

from bot.errors import FeedError, UserError
from bot.model import Area, Found, Ground, Place, Point, PostcodeRow, Subscriber
from bot.ports import Clock, PostcodeLookup
from bot.services import gazetteer
from bot.services.outlines import Outlines
from bot.services.spelling import postcode_in, without_postcode
from bot.store import areas, places, tombstones
from bot.store.database import Database
from bot.text import Text, _, _n

MAX_PLACES = 10
MAX_NAMED = 8
NOTICE = 4
"""The version of the privacy notice that a resident is shown; raise it when its words change."""

_log = structlog.get_logger()


class Places:
    """Areas as residents ask for them: by postcode, point or name; followed and left."""

    notice = NOTICE

    def __init__(
        self,
        database: Database,
        postcodes: PostcodeLookup,
        clock: Clock,
        fallback: PostcodeLookup | None = None,
    ) -> None:
        self._database = database
        self._postcodes = postcodes
        self._clock = clock
        self._fallback = fallback
        self._outlines = Outlines(())
        self._version: str | None = None
        self._loading = asyncio.Lock()

    async def find(self, text: str) -> Found:
        """The area of the postcode that a text is or holds."""
        postcode = postcode_in(text)
        if postcode is None:
            return Found(Ground.NOT_A_POSTCODE)
        row = await self._look_up(postcode)
        if row is None:
            return Found(Ground.UNKNOWN)
        found = (await self._current()).find(row)
        return replace(found, ended=date(*row.ended, 1)) if row.ended else found

    def without_postcode(self, text: str) -> str:
        """What a text says beside its postcodes, which are never kept."""
        return without_postcode(text)

    async def find_point(self, point: Point) -> Found:
        """The area of a shared location."""
        if not (math.isfinite(point.latitude) and math.isfinite(point.longitude)):
            return Found(Ground.OUTSIDE)
        return (await self._current()).at(point)

    async def named(self, words: str) -> list[Area]:
        """Areas of that name, exact ones first; names are not unique, so there may be several.

        Accents, case and punctuation do not matter. A name matches when every word typed begins
        one of its words, or of its district's, and at least one is the name's own. Words such as
        "near" and "the" do not count.
        """
        asked = gazetteer.words_of(words)
        if not asked:
            return []
        ranked = [
            (rank, area.name, area.district, area.id, area)
            for area in (await self._current()).areas
            if (rank := gazetteer.likeness(asked, area)) is not None
        ]
        return [area for *_, area in sorted(ranked, key=lambda one: one[:4])[:MAX_NAMED]]

    async def districts(self) -> list[str]:
        """The names of districts that have areas, in order; the last is "" for those of none."""
        found = {area.district for area in (await self._current()).areas}
        return sorted(found, key=lambda name: (not name, name))

    async def districts_named(self, words: str) -> list[str]:
        """Districts that have every word typed in their names; areas may have that name too."""
        asked = gazetteer.words_of(words)
        return [
            district
            for district in await self.districts()
            if asked and set(asked) <= set(gazetteer.words_of(district))
        ]

    async def in_district(self, district: str, first: str = "", last: str = "") -> list[Area]:
        """The areas of a district by name; with letters, those whose names begin with them."""
        areas = (await self._current()).areas
        found = gazetteer.in_order(area for area in areas if area.district == district)
        return gazetteer.between(found, first, last) if first else found

    async def letters(self, district: str) -> list[tuple[str, str]]:
        """Ranges of first letters that part the areas of a district; none where they are few."""
        return gazetteer.ranges(await self.in_district(district))

    async def area(self, area_id: str) -> Area | None:
        return (await self._current()).by_id.get(area_id)

    async def follow(self, resident: Subscriber, area_id: str) -> Area:
        """Follow an area; doing it again changes nothing.

        Raises UserError for an area that is no more, and beyond ten places.
        """
        mine = _stored(resident)
        async with self._database.write() as connection:
            await places.hold(connection, mine)
            found = await places.area(connection, area_id, hold=True)
            if found is None:
                raise UserError(
                    _("That area is no longer on the map. Please send your postcode again.")
                )
            number, area = found
            if not await places.follows(connection, mine, number):
                if await places.count(connection, mine) >= MAX_PLACES:
                    raise UserError(_too_many())
                await places.add(connection, mine, number)
            await places.record_consent(connection, mine, NOTICE, self._clock.now().date())
            await tombstones.lift(connection, mine)
        return area

    async def leave(self, resident: Subscriber, area_id: str) -> Area | None:
        """Stop following an area. Returns it, or None when it was not followed."""
        if resident.id is None:
            return None
        async with self._database.write() as connection:
            found = await places.area(connection, area_id, hold=True)
            if found is None or not await places.remove(connection, resident.id, found[0]):
                return None
        return found[1]

    async def of(self, resident: Subscriber) -> list[Place]:
        """The places of a resident, by name."""
        if resident.id is None:
            return []
        async with self._database.read() as connection:
            return await places.of(connection, resident.id)

    async def with_followers(self, area_ids: Collection[str], fewest: int) -> frozenset[str]:
        """Which of these areas at least so many residents follow."""
        async with self._database.read() as connection:
            return await places.with_followers(connection, area_ids, fewest)

    async def settle(self, resident: Subscriber, area_id: str) -> Area | None:
        """Take the resident's word for which area is theirs after the map was redrawn.

        Returns it, or None when nothing was asked about that area.
        """
        if resident.id is None:
            return None
        async with self._database.write() as connection:
            await places.hold(connection, resident.id)
            found = await places.area(connection, area_id, hold=True)
            if found is None or not await places.settle(connection, resident.id, found[0]):
                return None
        return found[1]

    @property
    def has_standins(self) -> bool:
        """Whether, at the last look, areas only stood in for the force's own."""
        return self._outlines.has_standins

    async def look(self) -> None:
        """Read the map if it has changed; every search does so by itself."""
        await self._current()

    async def _look_up(self, postcode: str) -> PostcodeRow | None:
        row = await self._postcodes.find(postcode)
        if row is not None or self._fallback is None:
            return row
        try:
            return await self._fallback.find(postcode)
        except FeedError:
            _log.warning("postcodes.fallback_failed")
            return None

    async def _current(self) -> Outlines:
        """The outlines as they are now, also when another process has just changed them."""
        async with self._database.read() as connection:
            version = await areas.version(connection)
        if version != self._version:
            async with self._loading:
                if version != self._version:
                    await self._load()
        return self._outlines

    async def _load(self) -> None:
        async with self._database.read() as connection:
            # Read in this order, a change in between is seen as one at the next look.
            version = await areas.version(connection)
            stored = await areas.everything(connection)
        self._outlines, self._version = Outlines(stored), version


def _stored(resident: Subscriber) -> int:
    if resident.id is None:
        raise ValueError("a resident is stored before they follow an area")
    return resident.id


def _too_many() -> Text:
    # Translators: {count} is a number of areas, such as 10. /places is a command, keep it.
    return _n(
        "You can follow {count} area. Leave it with /places, then try again.",
        "You can follow {count} areas. Leave one with /places, then try again.",
        MAX_PLACES,
    )
