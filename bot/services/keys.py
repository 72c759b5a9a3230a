"""The keys over the stored chat ids: that they fit, and changing them for new ones."""

from pathlib import Path

from bot.errors import OperatorError
from bot.security import secrets
from bot.security.sealing import ChatKeys
from bot.security.secrets import Secrets
from bot.store import keys
from bot.store.database import Database


class Keys:
    """The secrets file at ``path`` together with the database written under it.

    A rotation has three steps: new keys are written beside the old, every row moves to them in
    one transaction, the old are dropped. Cut short anywhere, ``settle`` does the rest.
    """

    def __init__(self, database: Database, path: Path) -> None:
        self._database = database
        self._path = path

    async def settle(self, current: Secrets) -> Secrets:
        """Finish a rotation that was cut short, and see that the keys fit the database.

        Returns the keys to use from now on. Raises OperatorError where they do not fit: going on
        would lose everybody who follows an area.
        """
        if current.previous is not None:
            await self.move_rows(current)
            current = secrets.end_rotation(self._path, current)
        await self.check(current)
        return current

    async def check(self, current: Secrets) -> None:
        """Raises OperatorError unless the database was written under these keys."""
        async with self._database.read() as connection:
            sample = await keys.newest_sealed(connection)
        opened = [current.chat_keys] + ([current.previous] if current.previous else [])
        if sample and not any(ChatKeys(pair).sealed_here(sample) for pair in opened):
            raise OperatorError(
                f"the secrets file {self._path} is not the one this database was written with: "
                "put the right one back from its copy"
            )

    async def rotate(self) -> int:
        """Change the keys; returns how many residents moved to them.

        Raises OperatorError while a service runs with them, or where they do not fit.
        """
        with secrets.alone(self._path):
            current = await self.settle(secrets.load(self._path))
            between = secrets.begin_rotation(self._path, current)
            moved = await self.move_rows(between)
            secrets.end_rotation(self._path, between)
            return moved

    async def move_rows(self, between: Secrets) -> int:
        """Move what is still under the previous keys to the new ones, in one transaction."""
        if between.previous is None:
            return 0
        new, old = ChatKeys(between.chat_keys), ChatKeys(between.previous)

        def reseal(sealed: bytes) -> tuple[bytes, bytes] | None:
            return None if new.sealed_here(sealed) else new.reseal(sealed, old)

        async with self._database.write() as connection:
            moved = await keys.rekey(connection, reseal)
        await self._database.truncate_log()
        return moved
