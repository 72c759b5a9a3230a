"""Runs what decodes strangers' files in a child process: limited, cut off, killed on overrun.

Both ends of it are files that exist in memory only (memfd_create of Linux), so there is nothing to
wipe afterwards: the kernel frees them with the last process that holds them, however it ends.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from bot.security.media_child import TOO_LARGE

CHILD = Path(__file__).with_name("media_child.py")
INPUT, OUTPUT = "/proc/self/fd/0", "/proc/self/fd/1"
"""The two ends as file names, for programs that wind back."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use: bytes of memory and of output, seconds of processor and of clock."""

    memory: int
    output: int
    cpu: int
    clock: float


class End(Enum):
    """How a child ended."""

    DONE = auto()
    FAILED = auto()
    TOO_LARGE = auto()
    OVERRAN = auto()


@dataclass(frozen=True, slots=True)
class Result:
    """How a child ended, and what it wrote if it is done."""

    end: End
    output: bytes = b""


_ENDS = {
    0: End.DONE,
    TOO_LARGE: End.TOO_LARGE,
    -signal.SIGXFSZ: End.TOO_LARGE,
    -signal.SIGXCPU: End.OVERRAN,
    -signal.SIGKILL: End.OVERRAN,  # by us, or by the kernel for want of memory
}


def possible() -> bool:
    """Whether this system can keep a file in memory only, and limit a process."""
    return sys.platform == "linux"


async def run(*task: str, data: bytes = b"", limits: Limits) -> Result:
    """Do one task of ``media_child.py`` on the data. No child is left when this returns."""
    with _in_memory(data) as source, _in_memory() as target:
        status = await _status(task, source, target, limits)
        end = _ENDS.get(status, End.FAILED)
        return Result(end, _content(target) if end is End.DONE else b"")


async def _status(task: tuple[str, ...], source: int, target: int, limits: Limits) -> int:
    numbers = map(str, (os.getpid(), limits.memory, limits.cpu, limits.output))
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(CHILD), *numbers, *task),
        stdin=source,
        stdout=target,
        stderr=asyncio.subprocess.DEVNULL,  # decoders quote the file they choke on
        cwd="/",
        env={},  # ours may hold tokens
    )
    try:
        async with asyncio.timeout(limits.clock):
            return await child.wait()
    except TimeoutError:
        return -signal.SIGKILL
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


@contextmanager
def _in_memory(data: bytes = b"") -> Iterator[int]:
    number = os.memfd_create("media")
    try:
        with open(number, "wb", closefd=False) as file:
            file.write(data)
        os.lseek(number, 0, os.SEEK_SET)
        yield number
    finally:
        os.close(number)


def _content(number: int) -> bytes:
    os.lseek(number, 0, os.SEEK_SET)
    with open(number, "rb", closefd=False) as file:
        return file.read()
