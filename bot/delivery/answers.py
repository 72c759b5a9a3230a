"""Answers to people take their share of a token's pace, also where another process sends."""

from bot.delivery.pace import Pace
from bot.ports import Channel
from bot.store import pacing
from bot.store.database import Database


class Answers:
    """Takes the slots that one channel's answers have used. ``rate`` is messages a second."""

    def __init__(self, database: Database, channel: Channel, rate: float) -> None:
        self._database = database
        self._channel = channel
        self._rate = rate
        self._counted = channel.drawn

    async def count(self) -> None:
        """Take the slots of what was drawn since the last time."""
        drawn = self._channel.drawn
        if drawn == self._counted:
            return
        async with self._database.write() as connection:
            pace = Pace(await pacing.token_of(connection, self._channel.name), self._rate)
            _room, rate = await pace.room(connection)
            await pace.lease(connection, drawn - self._counted, rate)
        self._counted = drawn
