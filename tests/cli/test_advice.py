"""`beatline advice check`: what an editor is told, and when the check fails."""

import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import logs
from bot.cli.advice import app, problems
from bot.errors import OperatorError
from bot.services.article_files import Grade
from bot.services.directory import Directory
from tests.conftest import FakeClock
from tests.library import ENGLISH, write_english, write_polish

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    yield
    logs.reset()


@pytest.fixture
def directory(clock: FakeClock) -> Directory:
    return Directory("thames-valley", clock)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_english(tmp_path)
    write_polish(tmp_path)
    return tmp_path


def test_a_faulty_file_fails_the_check_with_file_line_words_and_mend(folder: Path) -> None:
    path = write_english(folder, f"{ENGLISH}\nCall 0800 555 111.\n")
    result = CliRunner().invoke(app, ["check", str(path)])
    assert result.output.startswith(f"{folder.name}/en_GB/advice/bike-theft.md:27: “0800 555 111”:")
    assert isinstance(result.exception, OperatorError)
    assert str(result.exception) == "1 problem(s) in the advice"


def test_a_file_in_order_passes_whatever_is_wrong_with_others(folder: Path) -> None:
    path = write_english(folder)
    write_english(folder, "no front matter", id="other")
    result = CliRunner().invoke(app, ["check", str(path)])
    assert (result.exit_code, result.output) == (0, "Advice is in order.\n")


def test_a_file_that_is_not_there_is_refused_in_one_line() -> None:
    result = CliRunner().invoke(app, ["check", "nowhere.md"])
    assert str(result.exception) == "there is no file nowhere.md"


def test_a_passed_day_of_review_is_only_a_note(folder: Path, directory: Directory) -> None:
    [problem] = problems((), directory, date(2028, 1, 1), folder)
    assert problem.grade is Grade.NOTE
    assert "review_by: 2027-11-01" in str(problem)


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=A. Example", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)  # noqa: S607  # whichever git is here


def test_a_new_source_hash_over_the_old_words_is_a_bump_without_work(
    folder: Path, directory: Directory
) -> None:
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "Translate it")
    polish = folder / "pl" / "advice" / "bike-theft.md"
    before = polish.read_text()
    write_english(folder, ENGLISH.replace("Use two locks.", "Use two good locks."))
    write_polish(folder)
    [problem] = problems((), directory, TODAY, folder)
    assert "source_hash is new but the words are not" in problem.mend

    looked = polish.read_text().replace("status:", "no_change_needed: true\nstatus:")
    polish.write_text(looked)
    assert list(problems((), directory, TODAY, folder)) == []

    polish.write_text(before)
    [problem] = problems((), directory, TODAY, folder)
    assert problem.grade is Grade.NOTE
