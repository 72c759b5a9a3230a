"""`beatline …` as somebody types it at a shell: a process of its own, with a home and settings.

A process that starts from nothing reads the code for two seconds, so these are forked from one that
has. How the service itself starts is shown by the tests that run ``python -m bot``.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.__main__ import main

_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(["__main__", "tests.shell"])


@dataclass(frozen=True)
class Ran:
    """How a command ended: its exit status and what it printed."""

    status: int
    out: str
    err: str


def run(home: Path, *words: str, settings: Mapping[str, str]) -> Ran:
    """Run a command to its end, in ``home`` and with ``settings`` as its whole environment."""
    with TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        process = _FORKS.Process(target=_command, args=(home, words, dict(settings), out, err))
        process.start()
        process.join()
        return Ran(process.exitcode or 0, out.read_text(), err.read_text())


async def runs(home: Path, *words: str, settings: Mapping[str, str]) -> Ran:
    """The same beside other work."""
    return await asyncio.to_thread(run, home, *words, settings=settings)


def _command(
    home: Path, words: tuple[str, ...], settings: dict[str, str], out: Path, err: Path
) -> None:
    for path, descriptor in ((out, 1), (err, 2)):
        written = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(written, descriptor)
        os.close(written)
    os.chdir(home)
    os.environ.clear()
    os.environ.update(settings)
    sys.argv = ["beatline", *words]
    main()
