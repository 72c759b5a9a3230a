"""The names of places that no engine may translate: of the areas on board, and those that ship."""

import asyncio

from bot.services.translation.protection import Names
from bot.store import areas
from bot.store.database import Database


class NamesOnBoard:
    """Gives them for the map as it is now, also when that has just changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: Names | None = None
        self._version: str | None = None

    async def __call__(self) -> Names:
        async with self._database.read() as connection:
            # Read in this order, a change in between is seen as one at the next look.
            version = await areas.version(connection)
            if self._names is not None and version == self._version:
                return self._names
            stored = await areas.everything(connection)
        named = {name for one in stored for name in (one.area.name, one.area.district)}
        self._names = await asyncio.to_thread(Names.with_shipped, named)
        self._version = version
        return self._names
