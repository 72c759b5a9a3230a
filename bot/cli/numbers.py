"""`beatline numbers`: the monthly crime figures of areas."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.app import joined
from bot.cli.environment import read_settings
from bot.cli.places import opened
from bot.cli.progress import bar
from bot.offences import CATEGORIES
from bot.schedule import SystemClock
from bot.services import crime_files
from bot.services.crime_files import Street, Told
from bot.services.numbers import oldest_shown

app = typer.Typer(help="Monthly crime figures.", no_args_is_help=True)


@app.command("import")
def import_street(
    source: Annotated[
        Path, typer.Argument(help="A street CSV of data.police.uk, or a folder or zip of them.")
    ],
) -> None:
    """Count street crime by area; a month that is there replaces what was known of it."""
    settings = read_settings()

    async def work(told: Told) -> Street:
        async with opened(settings) as parts:
            return await crime_files.import_street(parts.database, SystemClock(), source, told=told)

    with bar("Counting offences") as told:
        street = asyncio.run(work(told))
    _tell(street)


@app.command("refresh")
def refresh() -> None:
    """Read the year so far from data.police.uk, as the service does each night."""
    settings = read_settings()

    async def work() -> None:
        async with joined(settings) as beatline:
            await beatline.services.numbers.refresh()

    with Console(stderr=True).status("Reading crime figures"):
        asyncio.run(work())


def _tell(street: Street) -> None:
    months = ", ".join(f"{month:%B %Y}" for month in sorted(street.months))
    typer.echo(f"{street.rows:,} offences of {months}; {street.placed:,} lie in areas on board.")
    for slug, count in street.categories.most_common():
        name = CATEGORIES[slug].message if slug in CATEGORIES else slug
        typer.echo(f"{count:8,}  {name}")
    typer.echo(
        f"{street.without_place:,} have no place and {street.elsewhere:,} lie elsewhere: "
        "neither is counted."
    )
    oldest = oldest_shown(SystemClock().now().date())
    if any(month < oldest for month in street.months):
        typer.echo(f"Months before {oldest:%B %Y} are too old to be shown.", err=True)
    if street.bad:
        typer.echo(f"{street.bad:,} rows could not be read.", err=True)
