"""Mail in from an IMAP inbox: told of news by IDLE (RFC 2177), or looking every half minute.

IMAPClient does the talking, in threads. It is the well-kept library with IDLE whose licence goes
with ours; the asyncio ones are under the GPL. Only waiting for news is done here, on the event
loop, so that a stop never waits for a server.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import suppress
from functools import partial

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from bot.errors import TryLater
from bot.ports import Incoming

CONNECT_SECONDS = 15.0
ANSWER_SECONDS = 60.0
LOOK_SECONDS = 30.0
"""How long to wait before looking again, told of something or not.

The library may swallow the news of an e-mail that comes in the moment IDLE begins.
"""
RETRY_SECONDS = 30.0
MOST_BYTES = 32_000_000


class ImapInbox:
    """The Inbox port over one folder of an IMAP account. A settled e-mail is deleted there."""

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        password: str,
        folder: str,
        *,
        encrypted: bool = True,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._user = user
        self._password = password
        self._folder = folder
        self._encrypted = encrypted
        self._tls = tls

    async def letters(self) -> AsyncGenerator[Incoming, None]:
        client = None
        try:
            client = await asyncio.to_thread(self._open)
            seen: set[int] = set()
            while True:
                there = await asyncio.to_thread(client.search, "UNDELETED")
                for number in there:
                    if number not in seen:
                        raw = await asyncio.to_thread(_fetch, client, number)
                        yield Incoming(raw, partial(_settle, client, number))
                seen = set(there)
                await _news(client)
        except LoginError:
            raise _not_now("the inbox refuses the user and password of MAIL_REPLY_URL") from None
        except (IMAPClientError, OSError) as error:
            raise _not_now(f"the inbox cannot be read ({type(error).__name__})") from None
        finally:
            if client is not None:
                _hang_up(client)

    def _open(self) -> IMAPClient:
        client = IMAPClient(
            self._host,
            self._port,
            ssl=self._encrypted,
            ssl_context=(self._tls or ssl.create_default_context()) if self._encrypted else None,
            timeout=SocketTimeout(CONNECT_SECONDS, ANSWER_SECONDS),
        )
        try:
            client.login(self._user, self._password)
            client.select_folder(self._folder)
        except BaseException:
            _hang_up(client)
            raise
        return client


def _fetch(client: IMAPClient, number: int) -> bytes:
    """An e-mail, unread marks left alone; of one beyond all measure only the beginning."""
    answer = client.fetch([number], [f"BODY.PEEK[]<0.{MOST_BYTES}>"])
    return next((bytes(value) for key, value in answer[number].items() if b"BODY[]" in key), b"")


async def _settle(client: IMAPClient, number: int) -> None:
    try:
        await asyncio.to_thread(_delete, client, number)
    except (IMAPClientError, OSError) as error:
        raise _not_now(f"the inbox cannot be emptied ({type(error).__name__})") from None


def _delete(client: IMAPClient, number: int) -> None:
    client.delete_messages([number])
    if client.has_capability("UIDPLUS"):
        client.uid_expunge([number])
    else:
        client.expunge()


async def _news(client: IMAPClient) -> None:
    """Return when the server has something to tell, or after a while all the same."""
    if not client.has_capability("IDLE"):
        await asyncio.sleep(LOOK_SECONDS)
        await asyncio.to_thread(client.noop)
        return
    await asyncio.to_thread(client.idle)
    if not await asyncio.to_thread(client.idle_check, 0):  # what came together with the answer
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await _readable(client.socket().fileno())
    await asyncio.to_thread(client.idle_done)


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    readable = loop.create_future()

    def tell() -> None:
        loop.remove_reader(descriptor)
        readable.set_result(None)

    loop.add_reader(descriptor, tell)
    try:
        await readable
    finally:
        loop.remove_reader(descriptor)


def _hang_up(client: IMAPClient) -> None:
    with suppress(IMAPClientError, OSError):
        client.shutdown()


def _not_now(why: str) -> TryLater:
    return TryLater(why, after=RETRY_SECONDS)
