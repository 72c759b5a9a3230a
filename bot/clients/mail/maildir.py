"""Mail in a folder of files, one for each e-mail: the demo's way out, and a way in.

The form is https://cr.yp.to/proto/maildir.html. The standard library's own would write this
machine's name and the second of each delivery into file names, so ours are chance alone, and a
file's time is the hour.
"""

import asyncio
import os
import secrets as chance
import time
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

from bot.errors import TryLater, reason
from bot.ports import Incoming

LOOK_SECONDS = 2.0
RETRY_SECONDS = 60.0
MOST_BYTES = 32_000_000
_HOUR = 3600


class MaildirMailer:
    """The Mailer port over a folder, made when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        try:
            await asyncio.to_thread(self._write, message)
        except OSError as error:
            raise _unusable(error) from None

    async def ping(self) -> None:
        try:
            await asyncio.to_thread(_prepare, self._folder)
        except OSError as error:
            raise _unusable(error) from None

    def _write(self, message: bytes) -> None:
        _prepare(self._folder)
        name = chance.token_hex(16)
        draft = self._folder / "tmp" / name
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(message)
                file.flush()
                os.fsync(descriptor)
            hour = time.time() // _HOUR * _HOUR
            os.utime(draft, (hour, hour))
            draft.rename(self._folder / "new" / name)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _flush(self._folder / "new")


class MaildirInbox:
    """The Inbox port over a folder, looked at every few seconds. A settled e-mail is removed."""

    def __init__(self, folder: Path, look_seconds: float = LOOK_SECONDS) -> None:
        self._folder = folder
        self._look_seconds = look_seconds

    async def letters(self) -> AsyncGenerator[Incoming, None]:
        seen: set[Path] = set()
        while True:
            try:
                await asyncio.to_thread(_prepare, self._folder)
                there = await asyncio.to_thread(self._list)
                for path in there:
                    if path not in seen:
                        raw = await asyncio.to_thread(_read, path)
                        yield Incoming(raw, partial(_settle, path))
            except OSError as error:
                raise _unusable(error) from None
            seen = set(there)
            await asyncio.sleep(self._look_seconds)

    def _list(self) -> list[Path]:
        return [
            path
            for part in ("cur", "new")
            for path in sorted((self._folder / part).iterdir())
            if not path.name.startswith(".") and path.is_file() and not path.is_symlink()
        ]


async def _settle(path: Path) -> None:
    try:
        await asyncio.to_thread(path.unlink, missing_ok=True)
    except OSError as error:
        raise _unusable(error) from None


def _prepare(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in ("tmp", "new", "cur"):
        (folder / part).mkdir(mode=0o700, exist_ok=True)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unusable(error: OSError) -> TryLater:
    why = f"the mail folder cannot be used: {reason(error)}"
    return TryLater(why, after=RETRY_SECONDS, everyone=True)
