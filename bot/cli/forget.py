"""`beatline forget`: erase a resident who asked for it by letter."""

import asyncio
from typing import Annotated

import typer

from bot.cli.database import opened
from bot.cli.environment import read_settings
from bot.conversation import Address
from bot.errors import OperatorError
from bot.schedule import SystemClock
from bot.security import secrets
from bot.security.sealing import ChatKeys
from bot.security.secrets import Secrets
from bot.services.push_links import PushLinks
from bot.services.residents import Residents
from bot.settings import Settings
from bot.store.database import Database
from bot.store.migrations import is_current

CHANNELS = ("telegram", "web")


def forget(
    chat: Annotated[str, typer.Argument(metavar="CHANNEL:ID", help="Such as telegram:123456789.")],
) -> None:
    """Erase everything kept of one chat, as /forget does; a service may be running."""
    settings = read_settings()
    address = _address(chat)
    with secrets.in_use(settings.secrets_path):
        was_known = asyncio.run(_forget(settings, address))
    typer.echo("Erased." if was_known else "Nothing was stored of that chat.")


async def _forget(settings: Settings, address: Address) -> bool:
    async with opened(settings) as parts:
        await _end_push_replies(settings, parts.keys, address)
        keys = ChatKeys(parts.keys.chat_keys)
        return await Residents(parts.database, keys, SystemClock()).forget(address)


async def _end_push_replies(settings: Settings, keys: Secrets, address: Address) -> None:
    database = Database(settings.concerns_url)
    try:
        if not await is_current(database, "concerns"):
            raise OperatorError("the database is not at the newest schema: run beatline db upgrade")
        await PushLinks(database, keys.reply_key).forget(address)
    finally:
        await database.close()


def _address(words: str) -> Address:
    channel, _, chat_id = words.partition(":")
    if channel not in CHANNELS or not chat_id:
        raise OperatorError(
            "write the chat as CHANNEL:ID, such as telegram:123456789; channels are "
            + " and ".join(CHANNELS)
        )
    return Address(channel, chat_id)
