"""`beatline places`: postcodes, areas, and which is where."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot import logs
from bot.cli.environment import read_settings
from bot.cli.progress import bar
from bot.clients.postcodes import PostcodesApi
from bot.errors import OperatorError
from bot.model import Area, Ground
from bot.schedule import SystemClock
from bot.services import area_files, postcodes, sync
from bot.services.areas import Change, replace_areas
from bot.services.places import Places
from bot.services.shipped import POSTCODES, open_places
from bot.services.spelling import postcode_in
from bot.settings import Settings
from bot.store.database import Database
from bot.store.migrations import upgrade
from bot.store.postcodes import FILE_NAME
from feeds.fetch import SafeFetch
from feeds.police_uk import PoliceUk

app = typer.Typer(help="Postcodes and areas.", no_args_is_help=True)

_Source = Annotated[Path, typer.Argument(help="The file to read.")]
_Yes = Annotated[bool, typer.Option("--yes", help="Go on where much would be removed.")]


@dataclass(frozen=True)
class Opened:
    """What a command of this group works with."""

    settings: Settings
    database: Database
    places: Places
    fetch: SafeFetch

    async def area(self, words: str) -> Area:
        """The area with that id or unambiguous name. Raises OperatorError."""
        if found := await self.places.area(words):
            return found
        named = await self.places.named(words)
        if len(named) != 1:
            choice = ", ".join(f"{area.id} {area.label}" for area in named)
            raise OperatorError(
                f"{words} may be one of: {choice}" if named else f"there is no area {words}"
            )
        return named[0]


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Opened]:
    """Everything ready, also before the first `run`, which would do the same."""
    logs.setup("WARNING", settings.log_format)  # a command says what it did in its own words
    database = Database(settings.subscriptions_url)
    try:
        await upgrade(database, "subscriptions")
        fetch = SafeFetch(settings.outbound_allow)
        fallback = PostcodesApi.where(settings.postcodes_api_url, fetch)
        places = await open_places(settings.data_dir, database, SystemClock(), fallback)
        yield Opened(settings, database, places, fetch)
    finally:
        await database.close()


@app.command("import-postcodes")
def import_postcodes(
    file: _Source,
    replace: Annotated[
        bool, typer.Option("--replace", help="Forget all other postcodes first.")
    ] = False,
) -> None:
    """Take in Code-Point Open (zip or CSV) or ONSPD (zip or CSV); a running service notices."""
    settings = read_settings()
    target = settings.data_dir / FILE_NAME
    with bar("Reading postcodes") as told:
        report = postcodes.import_postcodes(
            file, target, default=POSTCODES, replace=replace, told=told
        )
    typer.echo(f"{report.taken:,} postcodes read; {report.total:,} are known now.")
    if report.without_position:
        typer.echo(f"{report.without_position:,} have no position and were left out.")
    if report.bad:
        where = "; ".join(report.bad_lines)
        typer.echo(f"{report.bad:,} rows could not be read, the first at {where}.", err=True)


@app.command("import-areas")
def import_areas(file: _Source, yes: _Yes = False) -> None:
    """Replace the areas by those of a GeoJSON or police.uk JSON file; followers move along."""
    settings = read_settings()
    with Console(stderr=True).status("Reading areas"):
        new = area_files.read_areas(file)

    async def work() -> Change:
        async with opened(settings) as parts:
            return await replace_areas(parts.database, new, anyway=yes)

    _tell(asyncio.run(work()))


@app.command("sync")
def sync_areas(yes: _Yes = False) -> None:
    """Replace the areas by the force's own neighbourhoods; a run that was cut goes on."""
    settings = read_settings()

    async def work(told: sync.Told) -> sync.Synced:
        async with opened(settings) as parts:
            source = PoliceUk(settings.police_api_url, settings.force_id, parts.fetch)
            name = f"{settings.police_api_url} {settings.force_id}"
            return await sync.sync(
                parts.database, source, SystemClock(), name=name, anyway=yes, told=told
            )

    with bar("Reading neighbourhoods") as told:
        synced = asyncio.run(work(told))
    _tell(synced.change)
    if synced.kept_old:
        typer.echo(f"No usable boundary, old outline kept: {', '.join(synced.kept_old)}", err=True)
    if synced.left_out:
        typer.echo(f"No usable boundary, left out: {', '.join(synced.left_out)}", err=True)


@app.command("find")
def find(
    postcode: Annotated[str, typer.Argument(help='Such as "RG1 1AA".')],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say which area a postcode is in."""
    settings = read_settings()

    async def work() -> dict[str, object]:
        async with opened(settings) as parts:
            found = await parts.places.find(postcode)
        if found.area is None:
            raise OperatorError(_NOT_OURS[found.ground])
        area = {"id": found.area.id, "name": found.area.name}
        return {"postcode": postcode_in(postcode), "area": area}

    answer = asyncio.run(work())
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        typer.echo("{id}  {name}".format(**answer["area"]))  # type: ignore[arg-type]  # made above


_NOT_OURS = {
    Ground.NOT_A_POSTCODE: "that is not a postcode",
    Ground.UNKNOWN: "that postcode is not known; www.police.uk finds the force of any postcode",
    Ground.OUTSIDE: "that postcode is another force's; www.police.uk says whose",
}


def _tell(change: Change) -> None:
    typer.echo(
        f"{change.areas} areas: {change.added} new, {change.removed} gone. "
        f"{change.moved} followed places moved, of which {change.asked} will be asked about."
    )
    if change.dropped:
        typer.echo(f"{change.dropped} followed places lie in no area now and have ended.", err=True)
