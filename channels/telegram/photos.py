"""Pictures on Telegram: uploaded once by a process, and sent by Telegram's own name after that."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from mimetypes import guess_extension
from typing import TypeAlias
from weakref import WeakValueDictionary

from telegram import InputFile, Message

from bot.errors import TryLater
from bot.model import PictureFile
from bot.ports import Pictures

REMEMBERED = 100
TURN_SECONDS = 10.0
PAUSE_SECONDS = 1.0

SendPhoto: TypeAlias = Callable[[InputFile | str], Awaitable[Message]]


async def no_pictures(name: str) -> PictureFile:
    """For a channel that is given none."""
    raise LookupError(name)


class Photos:
    """Sends pictures. ``content`` finds what they are made of."""

    def __init__(self, content: Pictures) -> None:
        self._content = content
        self._names: OrderedDict[str, str] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def send(self, name: str, call: SendPhoto) -> Message:
        """Make a call that sends a picture, with its content or Telegram's name for it.

        Raises TryLater where the picture cannot be had: nothing was sent, and it may have been
        taken back meanwhile. Otherwise raises what the call does.
        """
        if name not in self._names:
            async with self._turn(name):
                if name not in self._names:
                    return await self._upload(name, call)
        return await call(self._names[name])

    async def _upload(self, name: str, call: SendPhoto) -> Message:
        try:
            content = await self._content(name)
        except Exception as error:  # whatever it is, nothing was sent yet
            raise TryLater("the picture cannot be read", after=PAUSE_SECONDS) from error
        ending = guess_extension(content.media_type)
        sent = await call(InputFile(content.data, filename=f"picture{ending}"))
        if sent.photo:
            self._names[name] = sent.photo[-1].file_id
            if len(self._names) > REMEMBERED:
                self._names.popitem(last=False)
        return sent

    @asynccontextmanager
    async def _turn(self, name: str) -> AsyncIterator[None]:
        """Held while a picture is uploaded: many at once would fill a thin line and be in doubt."""
        turn = self._turns.setdefault(name, asyncio.Lock())
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await turn.acquire()
        except TimeoutError:
            raise TryLater("the picture is being uploaded", after=PAUSE_SECONDS) from None
        try:
            yield
        finally:
            turn.release()
