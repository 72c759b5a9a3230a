"""What a benchmark found, and the table that all of them make together."""

import os
import platform
import sqlite3
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
LIBRARIES = ("python-telegram-bot", "aiohttp", "httpx", "SQLAlchemy", "aiosqlite", "psycopg")

_INTRODUCTION = """\
# Benchmarks

Written by `.venv/bin/python -m bench --write`. Each is one run on one machine. What is
compared was measured in turns within that run, so the ratios say more than the figures. A
range is the lowest and the highest of several rounds around their median.

Messages go to a Bot API stub (`bench/stub.py`) in a process of its own, which answers after 40 ms.
"PTB" is python-telegram-bot's `Bot` as it comes, called in a loop, with nothing written down.
"""


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table. ``holds`` says whether it meets its target, None without one."""

    name: str
    what: str
    found: str
    target: str = ""
    holds: bool | None = None


def spread(values: Sequence[float], unit: str = "", digits: int = 0) -> str:
    """The median, and the lowest and the highest."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:,.{digits}f}{unit} ({low:,.{digits}f} to {high:,.{digits}f})"


def table(results: Iterable[Result]) -> str:
    """A Markdown table."""
    verdicts = {True: "yes", False: "**no**", None: ""}
    rows = [
        f"| {each.name} | {each.what} | {each.found} | {each.target} | {verdicts[each.holds]} |"
        for each in results
    ]
    return "\n".join(("| | what | found | target | met |", "|---|---|---|---|---|", *rows))


def write(results: Iterable[Result]) -> None:
    """Put the table with this machine's description into the documents."""
    PAGE.write_text(f"{_INTRODUCTION}\n{machine()}\n\n{table(results)}\n")


def machine() -> str:
    """The machine and the versions, in one paragraph."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{os.cpu_count()} cores ({_processor()}), {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}."
    )


def _processor() -> str:
    """As Linux names it, where there is Linux."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
