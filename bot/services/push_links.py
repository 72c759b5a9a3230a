"""Push replies, as the process sees them that sends: which chats to tell that there is news."""

from dataclasses import dataclass, field

import structlog

from bot.conversation import Address
from bot.errors import OperatorError
from bot.security.concern_seals import PushSeals
from bot.store import push_links
from bot.store.concerns import leave_no_trace
from bot.store.database import Database

AT_ONCE = 100

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Push:
    """A chat that asked to be told of news, and there is some."""

    address: Address
    mailbox_id: bytes = field(repr=False)


class PushLinks:
    """The links between chats and mailboxes that residents asked for."""

    def __init__(self, concerns_database: Database, reply_key: bytes) -> None:
        self._database = concerns_database
        self._seals = PushSeals(reply_key)

    async def waiting(self, channel: str) -> list[Push]:
        """Chats of a channel to be told now; some more may follow."""
        async with self._database.read() as connection:
            links = await push_links.with_news(connection, channel, AT_ONCE)
        found = []
        for link in links:
            chat_id = self._chat_of(link)
            if chat_id is None:
                await self.drop(link.mailbox_id)
            else:
                found.append(Push(Address(channel, chat_id), link.mailbox_id))
        return found

    async def forget(self, address: Address) -> None:
        """Erase every link to a chat that wants no more messages, or to be forgotten.

        Each of its channel is opened and compared: nothing stored leads from a chat to a mailbox.
        """
        async with self._database.write() as connection:
            links = await push_links.of_channel(connection, address.channel)
            mine = [link for link in links if self._chat_of(link) == address.id]
            for link in mine:
                await push_links.remove(connection, link.mailbox_id)
        if mine:
            await leave_no_trace(self._database)

    async def told(self, push: Push) -> None:
        """Note that a chat was told; the link goes if the concern is closed."""
        async with self._database.write() as connection:
            await push_links.settle(connection, push.mailbox_id)
        await self._database.truncate_log()

    async def drop(self, mailbox_id: bytes) -> None:
        """Erase a link whose chat can no longer be reached."""
        async with self._database.write() as connection:
            await push_links.remove(connection, mailbox_id)
        await self._database.truncate_log()

    def _chat_of(self, link: push_links.Link) -> str | None:
        try:
            return self._seals.open(link.mailbox_id, link.sealed)
        except OperatorError as error:
            log.error("push_unreadable", reason=str(error))
            return None
