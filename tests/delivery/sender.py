"""The sending part of the service as a process of its own, which may be killed at any time.

``python -m tests.delivery.sender`` takes its settings from the environment, as the service does.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bot import logs
from bot.catalogs import Catalogs
from bot.delivery.drawing import Drawing
from bot.delivery.outbox import Outbox
from bot.delivery.plan import Planner
from bot.delivery.send import Sender
from bot.schedule import SystemClock
from bot.security import secrets
from bot.security.sealing import ChatKeys
from bot.settings import Settings
from bot.store.database import Database
from channels.telegram import TelegramChannel
from tests.fakes.botapi import TOKEN

FORCE = "Thames Valley Police"
ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def outbox(settings: Settings, database: Database) -> AsyncIterator[Outbox]:
    """A planner, and a sender over Telegram."""
    catalogs = Catalogs(zone=settings.zone, offer_drafts=True)
    token = settings.telegram_bot_token.get_secret_value() if settings.telegram_bot_token else ""
    channel = TelegramChannel(
        token,
        settings.telegram_api_url,
        catalogs,
        [],
        paid=settings.telegram_paid_broadcast,
    )
    clock = SystemClock()
    keys = ChatKeys(secrets.load(settings.secrets_path).chat_keys)
    sender = Sender(
        database,
        channel,
        Drawing(catalogs, FORCE, demo=False),
        keys,
        clock,
        settings.zone,
        settings.telegram_rate,
    )
    planner = Planner(database, clock, [channel.name])
    yield Outbox(planner, [sender])
    await channel.close()


def environment(database_url: str, api_url: str, home: Path, *, rate: int = 1000) -> dict[str, str]:
    """What such a process has to know; its secrets are made in ``home``."""
    path = home / "secrets.toml"
    secrets.make(path)
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": database_url,
        "SECRETS_FILE": str(path),
        "TELEGRAM_API_URL": api_url,
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_PAID_BROADCAST": "true",
        "FEEDS_FILE": os.devnull,
        "TELEGRAM_RATE": str(rate),
        "LOG_LEVEL": "ERROR",
    }


@asynccontextmanager
async def running(settings: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A sending process for as long as the block lasts; then it is killed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.delivery.sender"), cwd=ROOT, env=settings
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _send() -> None:
    settings = Settings()
    logs.setup(settings.log_level, settings.log_format, secrets=[])
    async with outbox(settings, Database(settings.subscriptions_url)) as whole:
        await whole.run()


if __name__ == "__main__":
    asyncio.run(_send())
