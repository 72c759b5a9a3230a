"""`beatline numbers`, as an operator runs it."""

import os
from pathlib import Path

from bot.model import Point
from tests import shell
from tests.services.street import line, write

READING = Point(51.455, -0.97)


async def runs(home: Path, *words: str) -> shell.Ran:
    settings = {**os.environ, "DATA_DIR": str(home / "var"), "DEMO": "true"}
    return await shell.runs(home, "numbers", *words, settings=settings)


async def test_an_import_says_what_it_counted(tmp_path: Path) -> None:
    lines = [line("Burglary", READING)] * 2 + [line("Drugs", None), line("Drugs", Point(53, -1))]
    source = write(tmp_path / "2026-09-made-up-street.csv", [*lines, line("", READING)])
    ran = await runs(tmp_path, "import", str(source))
    assert ran.status == 0
    assert "4 offences of September 2026; 2 lie in areas on board." in ran.out
    assert "       2  Burglary" in ran.out
    assert "1 have no place and 1 lie elsewhere: neither is counted." in ran.out
    assert ran.err.endswith("1 rows could not be read.\n")


async def test_an_import_of_months_that_nobody_will_see_says_so(tmp_path: Path) -> None:
    lines = [each.replace("2026-09", "2018-06") for each in [line("Burglary", READING)]]
    source = write(tmp_path / "2018-06-made-up-street.csv", lines)
    ran = await runs(tmp_path, "import", str(source))
    assert "1 offences of June 2018" in ran.out
    assert "are too old to be shown." in ran.err


async def test_what_is_no_street_crime_is_refused_in_one_line(tmp_path: Path) -> None:
    ran = await runs(tmp_path, "import", str(tmp_path / "gone.csv"))
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.count("\n") == 1


async def test_a_demo_is_filled_with_made_up_figures(tmp_path: Path) -> None:
    ran = await runs(tmp_path, "refresh")
    assert (ran.status, ran.out) == (0, "")
