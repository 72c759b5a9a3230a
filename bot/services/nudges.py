"""The nudge in digests: that some concerns from an area have replies, told to everyone alike."""

from bot.services.concerns import Concerns
from bot.services.places import Places


class Nudges:
    """The areas whose digests say so, as they were at the last look."""

    def __init__(self, concerns: Concerns, places: Places) -> None:
        self._concerns = concerns
        self._places = places
        self.areas: frozenset[str] = frozenset()
        """The areas as a digest names them."""

    async def look(self) -> None:
        found = [await self._places.area(area) for area in await self._concerns.nudges()]
        self.areas = frozenset(area.label for area in found if area is not None)
