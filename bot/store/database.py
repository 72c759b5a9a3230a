"""A database and its transactions: SQLite with one writer, or PostgreSQL, by address."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Table, make_url, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as lite
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.errors import OperatorError
from bot.store import sqlite

_DISK_FULL = {"53100"}  # postgresql.org/docs/current/errcodes-appendix.html

_ONLY_READ = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

Connection: TypeAlias = AsyncConnection
"""A transaction under way, as services hand it to store functions."""


class Database:
    """One database. ``write`` and ``read`` each give one short transaction.

    On SQLite all writes go through one connection (WAL, ``synchronous=FULL``), so a transaction
    never meets a lock of its own process; reads have connections of their own. On both, a reading
    transaction cannot write, and sees the database as it was at one moment.
    """

    def __init__(self, url: str) -> None:
        address = _driver(url)
        self.is_sqlite = address.get_backend_name() == "sqlite"
        self.url = address.set(drivername=address.get_backend_name()).render_as_string(
            hide_password=False
        )
        self.file = Path(address.database) if self.is_sqlite and address.database else None
        if not self.is_sqlite:
            self._writer = self._reader = create_async_engine(
                address, hide_parameters=True, pool_pre_ping=True
            )
            self._one_writer: asyncio.Lock | None = None
            return
        if not address.database:
            raise OperatorError("sqlite:// needs a file, such as sqlite:///var/beatline.sqlite")
        try:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OperatorError(f"no folder for {address.database}: {error.strerror}") from None
        self._writer = sqlite.engine(address, writer=True)
        self._reader = sqlite.engine(address, writer=False)
        self._one_writer = asyncio.Lock()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that may write: committed at the end, rolled back on any exception."""
        if self._one_writer is None:
            async with self._writer.begin() as connection:
                yield connection
            return
        async with self._one_writer, self._writer.begin() as connection:
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads."""
        async with self._reader.begin() as connection:
            if not self.is_sqlite:  # not by the engine: a task cancelled there leaks its connection
                await connection.execute(_ONLY_READ)
            yield connection

    async def ping(self) -> None:
        """Raises whatever the driver raises when the database does not answer."""
        async with self.read() as connection:
            await connection.execute(text("SELECT 1"))

    async def truncate_log(self) -> None:
        """Empty SQLite's write-ahead log, in which deleted rows would stay readable."""
        if self.is_sqlite:
            async with self._one_writer or nullcontext():
                await sqlite.truncate_log(self._writer)

    async def vacuum(self, tables: Iterable[Table]) -> None:
        """Write PostgreSQL's tables anew without dead rows, which would stay readable.

        Each is locked meanwhile. SQLite overwrites what it deletes (``secure_delete``).
        """
        if self.is_sqlite:
            return
        engine = self._writer.execution_options(isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            for table in tables:
                await connection.execute(text(f"VACUUM FULL {table.name}"))

    @asynccontextmanager
    async def alone(self, duty: str) -> AsyncIterator[bool]:
        """Whether this process is the only one at a duty, until left.

        On PostgreSQL a lock says so that ends with its connection. Over a SQLite file each role
        has one process anyway (``bot.roles.taken``).
        """
        if self.is_sqlite:
            yield True
            return
        engine = self._writer.execution_options(isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            key = {"duty": duty}
            taken = text("SELECT pg_try_advisory_lock(hashtext(:duty))")
            if not (await connection.execute(taken, key)).scalar_one():
                yield False
                return
            try:
                yield True
            finally:
                await connection.execute(text("SELECT pg_advisory_unlock(hashtext(:duty))"), key)

    async def close(self) -> None:
        await self._writer.dispose()
        if self.is_sqlite:
            await self._reader.dispose()


def insert_into(connection: AsyncConnection, table: Table) -> postgresql.Insert | lite.Insert:
    """An INSERT that can say ON CONFLICT, in the words of the engine at hand."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return lite.insert(table)


def one_line(error: DBAPIError) -> str:
    """What a driver says of a failure, without the statement: the first line, it has no values."""
    return str(error.orig).strip().partition("\n")[0] or type(error).__name__


def trouble(error: Exception) -> str:
    """What is wrong with a database, in a few words that hold nothing of its address."""
    if isinstance(error, TimeoutError):
        return "the database does not answer in time"
    if not isinstance(error, DBAPIError):
        return f"an unforeseen fault ({type(error).__name__})"
    code, words = getattr(error.orig, "sqlstate", None), str(error.orig)
    if code in _DISK_FULL or "disk is full" in words:
        return "the disk of the database is full"
    if "is locked" in words:
        return "another program holds the database"
    return f"the database does not answer ({type(error).__name__})"


def _driver(url: str) -> URL:
    try:
        address = make_url(url)
    except Exception:
        raise OperatorError("a database address could not be read") from None
    match address.get_backend_name():
        case "sqlite":
            return address.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            if not all(map(find_spec, ("psycopg", "procrastinate"))):  # an extra
                raise OperatorError("PostgreSQL needs more: pip install 'beatline[postgres]'")
            return address.set(drivername="postgresql+psycopg")
        case other:
            raise OperatorError(f"databases are sqlite:///… or postgresql://…, not {other}")
