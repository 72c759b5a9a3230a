"""From a released post to one row for each follower, page by page, the most urgent post first."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from bot.ports import Clock
from bot.store import deliveries, pacing, posts
from bot.store.database import Connection, Database
from bot.store.posts import ToPlan

_PlanPage: TypeAlias = Callable[[Connection, ToPlan, datetime], Awaitable[int | None]]


class Planner:
    """Puts posts into the outbox, for followers on these channels.

    Any number of planners may work side by side.
    A page and the cursor behind it are one transaction, so a planner that dies repeats nothing
    and leaves nothing out.
    """

    def __init__(self, database: Database, clock: Clock, channels: Sequence[str]) -> None:
        self._database = database
        self._clock = clock
        self._new_channels = list(channels)

    async def step(self) -> bool:
        """Plan one page. Returns whether there may be more to plan at once."""
        waiting: list[int] = []
        async with self._database.write() as connection:
            for channel in self._new_channels:  # a row of a channel names its token
                await pacing.token_of(connection, channel)
            while post := await posts.next_to_plan(connection, self._clock.now(), waiting):
                if post.picked:
                    return await self._paged(connection, post, deliveries.plan_picked_page)
                if post.refers_to is None:
                    return await self._followers(connection, post)
                # Whom the original reached is known once nothing of it is on its way any more.
                if await deliveries.is_settled(connection, post):
                    return await self._paged(connection, post, deliveries.plan_reached_page)
                waiting.append(post.id)
        self._new_channels.clear()
        return False

    async def left(self) -> dict[int, datetime]:
        """When sending begins, by post, of all that are released and not all planned yet."""
        async with self._database.read() as connection:
            return await posts.left_to_plan(connection, self._clock.now())

    async def _followers(self, connection: Connection, post: ToPlan) -> bool:
        """The next page of an area's followers, or else the first of the next area's."""
        area: int | None = None
        if not post.everywhere:
            targets = await posts.targets(connection, post.id)
            left = [number for number in targets if number >= (post.cursor_area or 0)]
            if not left:
                return await self._finish(connection, post)
            area = left[0]
        after = post.cursor if area == post.cursor_area else 0
        last = await deliveries.plan_page(connection, post, area, after, self._clock.now())
        if last is not None:
            await posts.change(connection, post.id, cursor=last, cursor_area=area)
            return True
        if area is None:
            return await self._finish(connection, post)
        await posts.change(connection, post.id, cursor=0, cursor_area=area + 1)
        return True

    async def _paged(self, connection: Connection, post: ToPlan, plan_page: _PlanPage) -> bool:
        """The next page of those who are named, whatever they follow."""
        last = await plan_page(connection, post, self._clock.now())
        if last is None:
            return await self._finish(connection, post)
        await posts.change(connection, post.id, cursor=last)
        return True

    async def _finish(self, connection: Connection, post: ToPlan) -> bool:
        await posts.change(connection, post.id, planned_at=self._clock.now())
        return True
