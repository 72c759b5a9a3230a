"""Residents as we know them: met, spoken to in their language, and forgotten in time."""

from datetime import timedelta

from bot.conversation import Address
from bot.model import Subscriber
from bot.ports import Clock
from bot.security.sealing import ChatKeys
from bot.store import subscribers, tombstones
from bot.store.database import Database

KEPT_AFTER_STOP = timedelta(days=30)
TOMBSTONE_KEPT = timedelta(days=15)
"""A day longer than a backup may be restored; see ``bot/services/backups.py``."""


class Residents:
    """Who has written to us, by a key that only this installation can compute."""

    def __init__(self, database: Database, keys: ChatKeys, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    async def find(self, address: Address) -> Subscriber | None:
        """The resident of a chat, or None for one who never wrote."""
        async with self._database.read() as connection:
            return await subscribers.find(connection, self._lookup(address))

    async def meet(self, address: Address) -> Subscriber:
        """The resident of a chat, stored now if they never wrote before."""
        if known := await self.find(address):
            return known
        sealed = self._keys.seal(address.channel, address.id)
        today = self._clock.now().date()
        async with self._database.write() as connection:
            return await subscribers.add(
                connection, self._lookup(address), address.channel, sealed, today
            )

    async def choose_language(self, resident: Subscriber, code: str) -> None:
        if resident.id is not None:
            async with self._database.write() as connection:
                await subscribers.set_language(connection, resident.id, code)

    async def stop(self, resident: Subscriber) -> None:
        """End every message to a resident, now; the row goes 30 days later."""
        if resident.id is not None:
            async with self._database.write() as connection:
                await subscribers.stop(connection, resident.id, self._clock.now().date())

    async def forget(self, address: Address) -> bool:
        """Erase all that is stored of a chat, now, and see that no restore brings it back.

        Returns whether anything was stored.
        """
        lookup = self._lookup(address)
        async with self._database.write() as connection:
            was_known = await subscribers.erase(connection, lookup)
            await tombstones.set_up(connection, lookup, self._clock.now().date())
        await self._database.truncate_log()
        return was_known

    async def purge(self) -> int:
        """Erase who stopped, or never followed a place, more than 30 days ago. Returns how many."""
        today = self._clock.now().date()
        async with self._database.write() as connection:
            gone = await subscribers.purge(connection, today - KEPT_AFTER_STOP)
            await tombstones.purge(connection, today - TOMBSTONE_KEPT)
        await self._database.truncate_log()
        return gone

    def _lookup(self, address: Address) -> bytes:
        return self._keys.lookup(address.channel, address.id)
