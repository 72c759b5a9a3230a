"""What residents set: topics, frequency and alerts of a place; quiet hours, pause and daily cap."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot.model import Frequency, Level, Preferences, QuietHours, Subscriber, Topic
from bot.ports import Clock
from bot.services.days import day_in
from bot.services.hours import hour_in, hours_in
from bot.store import deliveries, places, preferences
from bot.store.database import Connection, Database

MOST_A_DAY = 20


class ResidentPreferences:
    """Reads and keeps what residents set. Words they type are understood here, or None is said.

    A resident who was never stored keeps the defaults.
    """

    def __init__(self, database: Database, clock: Clock, zone: ZoneInfo) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone

    async def of(self, resident: Subscriber) -> Preferences:
        """What a resident has set for all their places; a pause that is over is none."""
        if resident.id is None:
            return Preferences()
        async with self._database.read() as connection:
            chosen = await preferences.of(connection, resident.id)
        if chosen.paused_until is not None and chosen.paused_until <= self._today():
            return replace(chosen, paused_until=None)
        return chosen

    async def choose(
        self, resident: Subscriber, area_id: str, **chosen: Topic | Frequency | Level
    ) -> None:
        """Set ``topics``, ``frequency`` or ``alerts`` of a place, or nothing where it is none."""
        if resident.id is None:
            return
        async with self._database.write() as connection:
            if found := await places.area(connection, area_id, hold=True):
                await preferences.set_place(connection, resident.id, found[0], **chosen)
                await self._look_again(connection, resident.id)

    async def turn(self, resident: Subscriber, area_id: str, topics: Topic, *, on: bool) -> bool:
        """Turn topics of a place on or off, and leave the others. Returns whether any changed."""
        if resident.id is None:
            return False
        async with self._database.write() as connection:
            found = await places.area(connection, area_id, hold=True)
            return found is not None and await preferences.turn(
                connection, resident.id, found[0], topics, on=on
            )

    async def be_quiet(self, resident: Subscriber, words: str) -> QuietHours | None:
        """Keep the quiet hours that words name, such as "9pm to 7am"."""
        hours = hours_in(words)
        if hours is not None:
            await self._set_quiet(resident, hours)
        return hours

    async def be_quiet_never(self, resident: Subscriber) -> None:
        await self._set_quiet(resident, None)

    async def pause_for(self, resident: Subscriber, days: int) -> date:
        """Hold the news for some days. Returns the local day on which it comes again."""
        until = self._today() + timedelta(days=days)
        await self._set_pause(resident, until)
        return until

    async def pause_until(self, resident: Subscriber, words: str, locale: str) -> date | None:
        """Hold the news until the day that words name, such as "5 December"."""
        until = day_in(words, self._today(), locale)
        if until is not None:
            await self._set_pause(resident, until)
        return until

    async def end_pause(self, resident: Subscriber) -> None:
        await self._set_pause(resident, None)

    async def limit(self, resident: Subscriber, words: str) -> int | None:
        """Send at most so many messages a day, from 1 to 20."""
        number = words.strip()
        if not number.isdecimal() or len(number) > 2 or not 1 <= int(number) <= MOST_A_DAY:
            return None
        if resident.id is not None:
            async with self._database.write() as connection:
                await preferences.set_daily_cap(connection, resident.id, int(number))
                await self._look_again(connection, resident.id)
        return int(number)

    async def gather_at(self, resident: Subscriber, words: str) -> int | None:
        """Send daily and weekly news at the full local hour that words name, such as "7pm"."""
        hour = hour_in(words)
        if hour is not None and resident.id is not None:
            async with self._database.write() as connection:
                await preferences.set_digest_hour(connection, resident.id, hour)
                await self._look_again(connection, resident.id)
        return hour

    async def _set_quiet(self, resident: Subscriber, hours: QuietHours | None) -> None:
        if resident.id is not None:
            async with self._database.write() as connection:
                await preferences.set_quiet(connection, resident.id, hours)
                await self._look_again(connection, resident.id)

    async def _set_pause(self, resident: Subscriber, until: date | None) -> None:
        if resident.id is not None:
            async with self._database.write() as connection:
                await preferences.set_pause(connection, resident.id, until)
                await self._look_again(connection, resident.id)

    async def _look_again(self, connection: Connection, resident: int) -> None:
        """What was held back for the old wish is decided anew: a pause that ends early is over."""
        await deliveries.look_again(connection, resident, self._clock.now())

    def _today(self) -> date:
        return self._clock.now().astimezone(self._zone).date()
