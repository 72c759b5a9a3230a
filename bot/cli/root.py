"""`beatline`: every command, and the ones that need no group."""

import asyncio
from typing import Annotated

import typer

from bot import __version__
from bot.app import run as serve
from bot.cli import (
    advice,
    database,
    doctor,
    feeds,
    forget,
    i18n,
    numbers,
    places,
    posts,
    secrets,
    status,
    teams,
)
from bot.cli.environment import read_settings
from bot.roles import read_roles

app = typer.Typer(
    help="Beatline: a line to your beat.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(places.app, name="places")
app.add_typer(numbers.app, name="numbers")
app.add_typer(database.app, name="db")
app.add_typer(secrets.app, name="secrets")
app.add_typer(i18n.app, name="i18n")
app.add_typer(advice.app, name="advice")
app.add_typer(posts.app, name="post")
app.add_typer(teams.app, name="team")
app.add_typer(feeds.app, name="feeds")
app.command(name="audience")(posts.audience)
app.command(name="status")(status.status)
app.command(name="doctor")(doctor.doctor)
app.command(name="forget")(forget.forget)


@app.command()
def run(
    roles: Annotated[
        str, typer.Option("--roles", help="What this process does; see docs/scaling.md.")
    ] = "receive,web,send,work",
) -> None:
    """Start the service: the web chat, and every channel whose token is set."""
    asyncio.run(serve(read_settings(), read_roles(roles)))


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)
