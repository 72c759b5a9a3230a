"""`beatline status`: how the outbox stands, whichever processes send."""

import asyncio
import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.app import rates
from bot.cli.database import opened
from bot.cli.environment import read_settings
from bot.delivery.queues import Queue, Queues
from bot.model import Priority
from bot.schedule import SystemClock
from bot.settings import Settings


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what waits in the outbox, how fast it goes out, and what is in doubt."""
    found = asyncio.run(_look(read_settings()))
    if as_json:
        typer.echo(json.dumps({"channels": {name: each.as_dict() for name, each in found.items()}}))
        return
    if not found:
        typer.echo("Nothing was ever sent.")
    for name, queue in found.items():
        Console().print(_table(name, queue))


async def _look(settings: Settings) -> dict[str, Queue]:
    async with opened(settings) as parts:
        return await Queues(parts.database, SystemClock(), rates(settings)).look()


def _table(name: str, queue: Queue) -> Table:
    table = Table(title=name, title_justify="left", show_header=False)
    for words, value in _lines(queue):
        table.add_row(words, value)
    return table


def _lines(queue: Queue) -> list[tuple[str, str]]:
    due = ", ".join(
        f"{count:,} {Priority(priority).name.lower()}" for priority, count in queue.due.items()
    )
    state = "stands still" if queue.stands_still else "well"
    return [
        ("state", f"told to wait for {queue.paused:.0f} s" if queue.paused else state),
        ("due now", due),
        ("due the longest", _ago(queue.oldest_due)),
        ("due later", f"{queue.later:,}"),
        ("on their way", f"{queue.in_flight:,}"),
        ("last one got through", _ago(queue.since_last, " ago")),
        ("pace", f"{queue.pace:.0f} of {queue.full_pace:.0f} a second"),
        ("told to wait", f"{queue.holds:,} times"),
        ("may have arrived", f"{queue.unknown:,}"),
    ]


def _ago(seconds: float | None, ending: str = "") -> str:
    return "none" if seconds is None else f"{seconds:,.0f} s{ending}"
