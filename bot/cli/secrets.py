"""`beatline secrets`: make the keys, or change them for new ones."""

import asyncio

import typer
from rich.console import Console

from bot.cli.environment import read_settings
from bot.security import secrets
from bot.services.keys import Keys
from bot.settings import Settings
from bot.store.database import Database
from bot.store.migrations import upgrade

app = typer.Typer(help="The keys that seal chat ids: make them, change them.", no_args_is_help=True)


@app.command()
def init() -> None:
    """Make the secrets file, unless it is there."""
    settings = read_settings()
    path = settings.secrets_path
    was_there = path.exists()
    secrets.make(path, outside=settings.data_dir if settings.is_live else None)
    typer.echo(f"{path} {'is fine' if was_there else 'is made: keep a copy apart from the data'}")


@app.command()
def rotate() -> None:
    """Change the keys and move every resident to the new ones. Stop Beatline first."""
    settings = read_settings()
    with Console(stderr=True).status("Moving residents to new keys …"):
        moved = asyncio.run(_rotate(settings))
    typer.echo(f"The keys are new; {moved} resident(s) moved to them. Copy the secrets file anew.")


async def _rotate(settings: Settings) -> int:
    database = Database(settings.subscriptions_url)
    try:
        await upgrade(database, "subscriptions")
        return await Keys(database, settings.secrets_path).rotate()
    finally:
        await database.close()
