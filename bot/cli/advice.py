"""`beatline advice`: the editors' check of the articles."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.cli.environment import read_settings
from bot.errors import OperatorError
from bot.schedule import SystemClock
from bot.services.article_files import Grade, Problem
from bot.services.articles import ENGLISH, LOCALES, Library, problems_of_draft
from bot.services.directory import Directory

app = typer.Typer(help="Crime-prevention advice.", no_args_is_help=True)

_FOLDER = "advice"


@app.callback()
def group() -> None:
    """Keep `check` a word of its own even while it is the only command."""


@app.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Articles; all when left out.")] = None,
) -> None:
    """Check the articles; each line names the file, the line, the words, and the mend."""
    clock = SystemClock()
    directory = Directory(read_settings().force_id, clock)
    found = list(_problems(files or (), directory, clock.now().date()))
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for problem in found:
        console.print(f"note  {problem}" if problem.grade is Grade.NOTE else str(problem))
    if count := sum(problem.grade is not Grade.NOTE for problem in found):
        raise OperatorError(f"{count} problem(s) in the advice")
    console.print("Advice is in order.")


def _problems(files: Sequence[Path], directory: Directory, today: date) -> Iterator[Problem]:
    if not files:
        yield from _in_folder(LOCALES, directory, today)
    for file in files:
        if not file.is_file():
            raise OperatorError(f"there is no file {file}")
        path = file.resolve()
        if path.parent.name != _FOLDER:
            yield from problems_of_draft(path, directory)
            continue
        for problem in _in_folder(path.parents[2], directory, today):
            if problem.path == path:
                yield problem


def _in_folder(folder: Path, directory: Directory, today: date) -> Iterator[Problem]:
    library = Library(directory, folder)
    yield from library.problems
    for article in library.overdue(today):
        path = folder / ENGLISH / _FOLDER / f"{article.id}.md"
        mend = "its review_by date has passed; read it against its sources and set a new date"
        yield Problem(path, mend, f"review_by: {article.review_by}", grade=Grade.NOTE)
