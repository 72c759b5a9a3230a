"""What was done in an area: priorities with their stages, results, and what is still open."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.model import Alerting, AreaOutcomes, Kind, LocalPriority, Post, Posted
from bot.ports import Clock
from bot.store import listings, places, posts
from bot.store.database import Connection, Database

SHOWN = timedelta(days=365)
"""How long a result, and anything else that was posted, is shown on request."""
LATE = timedelta(days=2)
"""A source that has not answered for so long is said to be late."""
MOST_SHOWN = 30


class Outcomes:
    """Tells what was done, as its sources say it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, area_id: str) -> AreaOutcomes | None:
        """Everything for one area; None where there is no such area."""
        now = self._clock.now()
        async with self._database.read() as connection:
            found = await places.area(connection, area_id)
            if found is None:
                return None
            listed = await listings.priorities_of(connection, area_id)
            read_at = await listings.read_at(connection, area_id)
            posted = await _posted(connection, found[0], {Kind.OUTCOME}, now)
        return AreaOutcomes(
            found[1],
            tuple(each for each in listed if not each.is_open),
            tuple(each for each in listed if each.is_open),
            # Answers are among the priorities already.
            tuple(each for each in posted if each.post.live and not each.words.said),
            read_at if read_at and now - read_at > LATE else None,
        )

    async def posted(self, area_id: str) -> Sequence[Posted] | None:
        """What was sent to an area or to all, newest first; None where there is no such area."""
        async with self._database.read() as connection:
            found = await places.area(connection, area_id)
            if found is None:
                return None
            return await _posted(connection, found[0], set(Kind), self._clock.now())

    async def alerts(self, area_id: str) -> Sequence[Alerting] | None:
        """Alerts for an area or for all, with what followed; None where there is no such area."""
        now = self._clock.now()
        async with self._database.read() as connection:
            found = await places.area(connection, area_id)
            if found is None:
                return None
            first = await posts.of_area(
                connection, found[0], {Kind.ALERT}, now - SHOWN, now, MOST_SHOWN
            )
            then = await posts.follow_ups(connection, first, now)
        return [
            Alerting(post, tuple(each for each in then if each.refers_to == post.id))
            for post in first.values()
        ]

    async def waiting(self) -> Sequence[LocalPriority]:
        """For teams: what nobody has said anything is done about, the longest waiting first."""
        async with self._database.read() as connection:
            return await listings.waiting(connection)


async def _posted(
    connection: Connection, area: int, kinds: set[Kind], now: datetime
) -> list[Posted]:
    found = await posts.of_area(connection, area, kinds, now - SHOWN, now, MOST_SHOWN)
    newest = {post.corrected_by for post in found.values() if post.corrected_by}
    corrections = await posts.by_id(connection, newest)
    return [_newest(post, corrections) for post in found.values()]


def _newest(post: Post, corrections: Mapping[int, Post]) -> Posted:
    last = corrections.get(post.corrected_by or 0, post)
    return Posted(post, last.variants[0], last.send_at or post.expires_at)
