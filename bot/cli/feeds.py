"""`beatline feeds`: what outside sources give, and polling them by hand."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot import logs
from bot.app import feed_means, open_feeds
from bot.cli.environment import read_settings
from bot.cli.places import Opened, opened
from bot.errors import FeedError, OperatorError
from bot.model import Entry, LocalPriority, Source, Topic
from bot.ports import FeedResult, Fetch, Known, Response
from bot.reading import markup
from bot.schedule import SystemClock
from bot.services import sources
from bot.services.feeds import Polled
from bot.services.outcomes import Outcomes
from bot.services.placing import Placer
from bot.services.reaches import Reaches
from bot.services.shipped import prepare_places
from bot.services.subjects import topics_of
from bot.settings import Settings
from bot.store import areas
from feeds import KINDS, Means
from feeds.rss import MOST_ENTRIES, discovered

app = typer.Typer(help="Outside sources of news.", no_args_is_help=True)

MOST_AREAS_SHOWN = 5
_HELD_ADDRESS = "https://file.invalid/"


@app.command("check")
def check(
    target: Annotated[
        str,
        typer.Argument(
            metavar="URL|FILE",
            help="An address, a saved feed, a feeds.toml, or an id out of the one in use.",
        ),
    ],
) -> None:
    """Say what a source gives, what is wrong with it, and which areas its items would reach."""
    settings = read_settings()
    file = Path(target) if Path(target).is_file() else None
    if file and file.suffix == ".toml":
        asyncio.run(_check_all(settings, sources.read_file(file, KINDS)))
        return
    path = settings.feeds_path
    listed = sources.read_file(path, KINDS) if path.exists() else []
    named = next((source for source in listed if source.id == target), None)
    saved = Response(200, {}, file.read_bytes(), _HELD_ADDRESS) if file else None
    asyncio.run(_check(settings, target, named, saved))


@app.command("poll")
def poll(
    once: Annotated[
        bool, typer.Option("--once", help="Read every source once, due or not, and end.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read the sources of feeds.toml; without --once until Ctrl-C, each at its interval."""
    settings = read_settings()
    if once:
        figures = asyncio.run(_poll_once(settings)).as_dict()
        words = ", ".join(f"{count} {name}" for name, count in figures.items())
        typer.echo(json.dumps(figures) if as_json else words)
        return
    with suppress(KeyboardInterrupt):
        asyncio.run(_poll_on(settings))


@app.command("waiting")
def waiting(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List priorities of areas that the police say nothing of yet, the longest waiting first."""
    settings = read_settings()
    found = [
        {
            "area": one.area.id,
            "name": one.area.label,
            "since": f"{one.found:%Y-%m-%d}",
            "said": one.said,
        }
        for one in asyncio.run(_waiting(settings))
    ]
    if as_json:
        typer.echo(json.dumps({"waiting": found}, ensure_ascii=False))
        return
    for each in found:
        typer.echo(f"{each['since']}  {each['name']}: {each['said']}")


async def _waiting(settings: Settings) -> Sequence[LocalPriority]:
    async with opened(settings) as parts:
        return await Outcomes(parts.database, SystemClock()).waiting()


async def _poll_once(settings: Settings) -> Polled:
    async with opened(settings) as parts:
        logs.setup("ERROR", settings.log_format)  # what fails is said below, in plain words
        feeds = open_feeds(settings, parts.database, SystemClock(), parts.fetch)
        with Console(stderr=True).status("Reading the sources"):
            polled = await feeds.poll()
        for standing in await feeds.standings():
            if standing.problem:
                typer.echo(f"{standing.name}: {standing.problem}", err=True)
    return polled


async def _poll_on(settings: Settings) -> None:
    async with opened(settings) as parts:
        await open_feeds(settings, parts.database, SystemClock(), parts.fetch).run()


async def _check(
    settings: Settings, target: str, named: Source | None, saved: Response | None
) -> None:
    async with opened(settings) as parts, _looking(parts) as looking:
        means = looking.means
        try:
            if named is None:
                response = saved or await means.fetch(target)
                named = Source("check", _kind_of(response), response.url)
                means = replace(means, fetch=_Held({response.url: response}, means.fetch))
            result = await KINDS[named.kind](named, means).poll(Known())
        except FeedError as reason:
            raise OperatorError(f"{target}: {reason}") from None
        await looking.show(named, result)


async def _check_all(settings: Settings, listed: Sequence[Source]) -> None:
    failed = []
    async with opened(settings) as parts, _looking(parts) as looking:
        for source in listed:
            try:
                result = await KINDS[source.kind](source, looking.means).poll(Known())
            except FeedError as reason:
                failed.append(source.id)
                typer.echo(f"{source.id}: {reason}", err=True)
            else:
                await looking.show(source, result)
    if failed:
        raise OperatorError(f"cannot be used: {', '.join(failed)}")


def _kind_of(response: Response) -> str:
    """What kind of source a body is. Raises FeedError, for a page with the feeds it names."""
    if response.status != 200:
        raise FeedError(f"its server answered {response.status}")
    if response.body.lstrip()[:1] in {b"{", b"["}:
        return "floods"
    document = markup.read(response.body, response.headers.get("content-type", ""), MOST_ENTRIES)
    if document.root == "html":
        named = discovered(document.body.decode(), response.url)
        hint = f"the feeds it names: {', '.join(named)}" if named else "it names no feed"
        raise FeedError(f"it is a web page where a feed should be; {hint}")
    return "cap" if document.root == "alert" else "rss"


@dataclass(frozen=True, slots=True)
class _Held:
    """The Fetch port: gives what was read already, and asks for anything else."""

    answers: Mapping[str, Response]
    fetch: Fetch

    async def __call__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: object = None,
        limit: int = 2_000_000,
        seconds: float = 10,
        inside: bool = False,
    ) -> Response:
        if url in self.answers:
            return self.answers[url]
        return await self.fetch(
            url, headers=headers, form=form, json=json, limit=limit, seconds=seconds, inside=inside
        )


@dataclass(frozen=True, slots=True)
class _Looking:
    """What it takes to say which topics and areas an entry would reach."""

    means: Means
    placer: Placer
    reaches: Reaches
    names: Mapping[str, str]

    async def show(self, source: Source, result: FeedResult) -> None:
        count = len(result.entries)
        said = source.name or result.name or next((each.source for each in result.entries), "")
        typer.echo(f"{said or source.id}: {count} {'entry' if count == 1 else 'entries'}")
        if result.problem:
            typer.echo(f"  Note: {result.problem}")
        for entry in result.entries:
            await self._show(source, entry)

    async def _show(self, source: Source, entry: Entry) -> None:
        dated = entry.acted_on or entry.published or entry.updated or entry.starts
        topics = source.topic or topics_of(entry.title, f"{entry.summary}\n{entry.action}")
        typer.echo(f"\n  {entry.title or '(no title: left out)'}")
        typer.echo(f"    date    {f'{dated:%d %B %Y %H:%M} UTC' if dated else 'when first seen'}")
        typer.echo(f"    topics  {', '.join(_topic_names(topics))}")
        typer.echo(f"    areas   {await self._areas(entry)}")
        if entry.link:
            typer.echo(f"    link    {entry.link}")

    async def _areas(self, entry: Entry) -> str:
        ids = await self.reaches.areas(entry.reach)
        if not ids:
            text = "\n".join((entry.summary, entry.action, *entry.reach.names))
            ids = (await self.placer.place(entry.title, text)).areas
        if not ids:
            return "none found: held for a person to judge"
        shown = sorted(self.names.get(id, id) for id in ids)
        more = len(shown) - MOST_AREAS_SHOWN
        return ", ".join(shown[:MOST_AREAS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _topic_names(topics: Topic) -> list[str]:
    return [name for name, topic in sources.TOPICS.items() if topic in topics]


@asynccontextmanager
async def _looking(parts: Opened) -> AsyncIterator[_Looking]:
    settings = parts.settings
    async with parts.database.read() as connection:
        stored = await areas.everything(connection)
    postcodes = await prepare_places(settings.data_dir, parts.database)

    yield _Looking(
        feed_means(settings, parts.database, parts.fetch),
        Placer(parts.database, postcodes),
        Reaches(parts.database),
        {one.area.id: one.area.label for one in stored},
    )
