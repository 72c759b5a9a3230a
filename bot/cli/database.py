"""`beatline db`: the two databases."""

import asyncio

import typer

from bot.cli.environment import read_settings
from bot.settings import Settings
from bot.store.database import Database
from bot.store.migrations import Tree, upgrade

app = typer.Typer(help="The databases.", no_args_is_help=True)


@app.command("upgrade")
def bring_up_to_date() -> None:
    """Bring both databases to the newest schema; `run` does this by itself."""
    settings = read_settings()
    asyncio.run(_upgrade(settings))
    typer.echo("Both databases are at the newest schema.")


async def _upgrade(settings: Settings) -> None:
    trees: list[tuple[str, Tree]] = [
        (settings.subscriptions_url, "subscriptions"),
        (settings.concerns_url, "concerns"),
    ]
    for url, tree in trees:
        database = Database(url)
        try:
            await upgrade(database, tree)
        finally:
            await database.close()
