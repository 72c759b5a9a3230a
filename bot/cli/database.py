"""`beatline db`: the two databases, and copies of the subscriptions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from bot import logs
from bot.cli.environment import read_settings
from bot.cli.progress import bar
from bot.errors import OperatorError
from bot.schedule import SystemClock
from bot.security import secrets
from bot.security.archive import archive_key
from bot.security.secrets import Secrets
from bot.services.backups import Backups
from bot.services.keys import Keys
from bot.services.move import Told, copy, leave
from bot.settings import Settings
from bot.store.database import Database
from bot.store.migrations import Tree, is_current, upgrade

app = typer.Typer(help="The databases: schema and backups.", no_args_is_help=True)


@dataclass(frozen=True)
class Opened:
    """The subscriptions database with the keys it is written under."""

    database: Database
    keys: Secrets

    @property
    def backups(self) -> Backups:
        return Backups(self.database, archive_key(self.keys), SystemClock())


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Opened]:
    """Open the subscriptions database as it is, and see that the keys fit it.

    Raises OperatorError where they do not, or where the schema is another version's.
    """
    logs.setup("WARNING", settings.log_format)  # a command says what it did in its own words
    outside = settings.data_dir if settings.is_live else None
    keys = secrets.load(settings.secrets_path, outside=outside)
    database = Database(settings.subscriptions_url)
    try:
        if not await is_current(database, "subscriptions"):
            raise OperatorError("the database is not at the newest schema: run beatline db upgrade")
        yield Opened(database, await Keys(database, settings.secrets_path).settle(keys))
    finally:
        await database.close()


@app.command("upgrade")
def bring_up_to_date() -> None:
    """Bring both databases to the newest schema; `run` does this by itself."""
    settings = read_settings()
    asyncio.run(_upgrade(settings))
    typer.echo("Both databases are at the newest schema.")


@app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The file to write.")],
) -> None:
    """Write residents, what they follow, and areas to a sealed file; a service may be running.

    Concerns and the secrets file are not in it. It opens with the secrets of this day only.
    """
    settings = read_settings()

    async def work() -> int:
        async with opened(settings) as parts:
            return await parts.backups.save(file, told)

    with secrets.in_use(settings.secrets_path), bar("Writing the backup") as told:
        residents = asyncio.run(work())
    typer.echo(f"{file} holds {residents} resident(s). Delete it after 14 days.")


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The backup.")],
    yes: Annotated[bool, typer.Option("--yes", help="Replace the residents there are.")] = False,
) -> None:
    """Put a backup in the place of what is there. Stop Beatline first.

    Who asked to be erased after the backup was made stays erased.
    """
    settings = read_settings()

    async def work() -> str:
        async with opened(settings) as parts:
            done = await parts.backups.restore(file, told, replace=yes)
        return (
            f"Restored as of {done.made_on}: {done.residents} resident(s), {done.rows:,} rows in "
            f"all. {done.stayed_erased} erased since then stay erased."
        )

    with secrets.alone(settings.secrets_path):
        asyncio.run(_upgrade(settings))
        with bar("Restoring") as told:
            words = asyncio.run(work())
    typer.echo(words)


@app.command("move")
def move(
    to: Annotated[
        str,
        typer.Option(
            "--to", envvar="MOVE_TO", metavar="URL", help="A new database: postgresql://…"
        ),
    ],
    concerns_to: Annotated[
        str,
        typer.Option(
            "--concerns-to", envvar="MOVE_CONCERNS_TO", metavar="URL", help="Another, for concerns."
        ),
    ],
) -> None:
    """Move everything to two new, empty PostgreSQL databases. Stop Beatline first.

    Each database is moved whole or not at all, and counted; what was cut short goes on when this
    is run again. The old ones stay as they are, and nothing is started on them any more.
    """
    settings = read_settings()
    target = read_settings(database_url=to, concerns_database_url=concerns_to)
    if not {to.partition(":")[0], concerns_to.partition(":")[0]} <= {"postgresql", "postgres"}:
        raise OperatorError("a move goes to PostgreSQL: write postgresql://…")
    with secrets.alone(settings.secrets_path):
        asyncio.run(_upgrade(settings))
        asyncio.run(_upgrade(target))
        with bar("Moving") as told:
            rows, concerns = asyncio.run(_move(settings, target, told))
    typer.echo(
        f"Moved {rows:,} rows, and {concerns:,} of concerns; all were counted. Set DATABASE_URL "
        "and CONCERNS_DATABASE_URL to the new databases, then start Beatline."
    )


async def _move(settings: Settings, target: Settings, told: Told) -> tuple[int, int]:
    async with AsyncExitStack() as stack:
        source = (await stack.enter_async_context(opened(settings))).database
        old, new_concerns, new = map(
            Database, (settings.concerns_url, target.concerns_url, target.subscriptions_url)
        )
        for each in (old, new_concerns, new):
            stack.push_async_callback(each.close)
        concerns = await copy("concerns", old, new_concerns, told)
        rows = await copy("subscriptions", source, new, told)
        await leave(source)
        return rows, concerns


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
