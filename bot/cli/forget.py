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
from bot.services.residents import Residents
from bot.settings import Settings

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
        keys = ChatKeys(parts.keys.chat_keys)
        return await Residents(parts.database, keys, SystemClock()).forget(address)


def _address(words: str) -> Address:
    channel, _, chat_id = words.partition(":")
    if channel not in CHANNELS or not chat_id:
        raise OperatorError(
            "write the chat as CHANNEL:ID, such as telegram:123456789; channels are "
            + " and ".join(CHANNELS)
        )
    return Address(channel, chat_id)
