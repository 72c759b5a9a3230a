"""What one process does of the whole service: everything, or a part of it beside others."""

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path

from bot.errors import OperatorError, reason


class Role(StrEnum):
    """One ``receive`` for each token and one ``web``; any number of ``send`` and ``work``."""

    RECEIVE = "receive"
    WEB = "web"
    SEND = "send"
    WORK = "work"


EVERYTHING = frozenset(Role)


def read_roles(words: str) -> frozenset[Role]:
    """Roles as they are typed, divided by commas. Raises OperatorError for any other word."""
    try:
        return frozenset(Role(word.strip()) for word in words.split(","))
    except ValueError:
        raise OperatorError(f"roles are {', '.join(Role)}, divided by commas") from None


@contextmanager
def taken(roles: Collection[Role], file: Path | None) -> Iterator[None]:
    """Hold roles over a SQLite file, of which each has one process; None where there is none.

    What a killed process had in flight is then settled by the next one at its start. Raises
    OperatorError when another process has one of the roles.
    """
    with ExitStack() as stack:
        for role in sorted(roles) if file is not None else ():
            stack.enter_context(_taken(role, Path(f"{file}.{role}.lock")))
        yield


@contextmanager
def _taken(role: Role, path: Path) -> Iterator[None]:
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise OperatorError(f"{path} cannot be used: {reason(error)}") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError(
                f"another process has the role {role} on this database already; "
                "for several of them, move to PostgreSQL"
            ) from None
        yield
    finally:
        os.close(descriptor)
