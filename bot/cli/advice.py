"""`beatline advice`: the editors' check of the articles, and what is sent when and why."""

import asyncio
import json
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot import logs
from bot.app import advisor_of
from bot.catalogs import Catalogs
from bot.cli.environment import read_settings
from bot.cli.places import opened
from bot.errors import OperatorError
from bot.schedule import SystemClock
from bot.services.advisor import Planned
from bot.services.article_files import (
    Grade,
    Problem,
    Translation,
    Unreadable,
    parse_article,
    read_article,
)
from bot.services.articles import ENGLISH, LOCALES, Library, problems_of_draft
from bot.services.directory import Directory
from bot.settings import Settings

app = typer.Typer(help="Crime-prevention advice.", no_args_is_help=True)

_FOLDER = "advice"
_EARLIER = 10
"""How many earlier versions of a translation are looked at."""


@app.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Articles; all when left out.")] = None,
) -> None:
    """Check the articles; each line names the file, the line, the words, and the mend."""
    settings, clock = read_settings(), SystemClock()
    logs.setup("ERROR", settings.log_format)  # the lines below say it in an editor's words
    directory = Directory(settings.force_id, clock)
    found = list(problems(files or (), directory, clock.now().date()))
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for problem in found:
        console.print(f"note  {problem}" if problem.grade is Grade.NOTE else str(problem))
    if count := sum(problem.grade is not Grade.NOTE for problem in found):
        raise OperatorError(f"{count} problem(s) in the advice")
    console.print("Advice is in order.")


@app.command()
def calendar(
    area: Annotated[str, typer.Argument(help="An area's id or name.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show the advice of the next twelve weeks for someone new to an area, and why."""
    found = asyncio.run(_calendar(read_settings(), area))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    typer.echo(f"{found['area']['name']}: for someone who follows it from now on, usual topics")
    for week in found["weeks"]:
        typer.echo(f"{week['friday']}  {week['title'] or 'nothing: every article rests'}")
        if week["reason"]:
            typer.echo(f"            {week['reason']}")
    typer.echo("New figures, campaigns and articles change it. What rose last is taken for all.")


async def _calendar(settings: Settings, words: str) -> dict[str, Any]:
    async with opened(settings) as parts:
        area = await parts.area(words)
        clock = SystemClock()
        catalogs = Catalogs(zone=settings.zone, offer_drafts=settings.offers_drafts)
        advisor = advisor_of(settings, parts.database, clock, catalogs)
        planned = await advisor.calendar(area)
        return {
            "area": {"id": area.id, "name": area.label},
            "weeks": [_week(each, catalogs) for each in planned],
        }


def _week(planned: Planned, catalogs: Catalogs) -> dict[str, str | None]:
    friday, choice = planned.friday.isoformat(), planned.choice
    if choice is None:
        return {"friday": friday, "article": None, "title": None, "reason": None}
    return {
        "friday": friday,
        "article": choice.article.id,
        "title": choice.article.words[ENGLISH].title,
        "reason": catalogs.plain(choice.reason, ENGLISH),
    }


def problems(
    files: Sequence[Path], directory: Directory, today: date, folder: Path = LOCALES
) -> Iterator[Problem]:
    """What is wrong with these articles, or with all of a folder of locales.

    Raises OperatorError for a file that is not there.
    """
    if not files:
        yield from _in_folder(folder, directory, today)
    if missing := [file for file in files if not file.is_file()]:
        raise OperatorError(f"there is no file {missing[0]}")
    shelved: dict[Path, set[Path]] = {}
    for path in (file.resolve() for file in files):
        if path.parent.name == _FOLDER:
            shelved.setdefault(path.parents[2], set()).add(path)
        else:
            yield from problems_of_draft(path, directory)
    for locales, paths in shelved.items():
        yield from _in_folder(locales, directory, today, paths)


def _in_folder(
    folder: Path, directory: Directory, today: date, only: Collection[Path] | None = None
) -> Iterator[Problem]:
    """What is wrong with the articles of a folder of locales, or with some of them."""
    library = Library(directory, folder)
    overdue = (
        Problem(
            folder / ENGLISH / _FOLDER / f"{article.id}.md",
            "its day of review has passed; read it beside its sources and set a new one",
            f"review_by: {article.review_by}",
            grade=Grade.NOTE,
        )
        for article in library.overdue(today)
    )
    for problem in (*library.problems, *overdue):
        if only is None or problem.path in only:
            yield problem
    revisions = _revisions(folder)
    for path in sorted(folder.glob(f"*/{_FOLDER}/*.md")):
        if path.parent.parent.name != ENGLISH and (only is None or path in only):
            yield from _without_work(path, revisions.get(path, ()))


def _revisions(folder: Path) -> Mapping[Path, Sequence[str]]:
    """The last commits that changed each article, the newest first.

    Git knows them; outside a checkout there are none.
    """
    found: dict[Path, list[str]] = {}
    log = _git(folder, "log", "--format=%H", "--name-only", "--relative", "--", f"*/{_FOLDER}/*.md")
    revision = ""
    for line in filter(None, log.splitlines()):
        if line.endswith(".md"):
            found.setdefault(folder / line, []).append(revision)
        else:
            revision = line
    return {path: revisions[:_EARLIER] for path, revisions in found.items()}


def _without_work(path: Path, revisions: Sequence[str]) -> Iterator[Problem]:
    """A translation that claims to follow a newer English with the very words it had before."""
    language = path.parent.parent.name
    with suppress(Unreadable):  # which is told already
        now = read_article(path, language, Translation).front
        moved = [
            front for front in _earlier(path, revisions) if front.source_hash != now.source_hash
        ]
        if now.no_change_needed or all(front.text_hash != now.text_hash for front in moved):
            return
        yield Problem(
            path,
            "source_hash is new but the words are not; bring them in step with the English, or "
            "write no_change_needed: true when somebody who reads both has looked",
            f"source_hash: {now.source_hash}",
            grade=Grade.FAULT,
        )


def _earlier(path: Path, revisions: Sequence[str]) -> Iterator[Translation]:
    """The front matter of a translation as it was at each of these commits."""
    for revision in revisions:
        text = _git(path.parent, "show", f"{revision}:./{path.name}")
        with suppress(Unreadable):
            yield parse_article(text, path, path.parent.parent.name, Translation).front


def _git(folder: Path, *words: str) -> str:
    """What git says in a folder; nothing where there is no git or no checkout."""
    try:
        done = subprocess.run(  # noqa: S603  # our own words, and a name from our own folder
            ["git", *words],  # noqa: S607  # whichever git is here
            cwd=folder,
            capture_output=True,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.decode(errors="replace")
