"""SQLite as we use it: durable, with one writer, and whole however a task is interrupted."""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

BUSY_SECONDS = 30
READERS = 4


class PatientConnection(aiosqlite.Connection):
    """A connection on which a cancelled task leaves no transaction behind.

    aiosqlite works in a thread, and a cancelled await leaves its statement running there. An open
    cursor then keeps a closed connection, and its lock on the database, alive. Here a statement
    is always waited for, and what it was part of is rolled back before the task is let go.
    """

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if _is_light(fn):
            return fn(*args, **kwargs)
        working = asyncio.ensure_future(self._in_thread(fn, *args, **kwargs))
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            await _settled(working)
            if self.is_alive and self.in_transaction:
                await _settled(asyncio.ensure_future(self._in_thread(self._conn.rollback)))
            raise

    async def _in_thread(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]  # so it is in aiosqlite

    @property
    def is_alive(self) -> bool:
        return self._running and self._connection is not None


def _is_light(fn: Callable[..., Any]) -> bool:
    """Whether a call only makes or drops a cursor: no disk, so not worth two changes of thread."""
    owner, name = getattr(fn, "__self__", None), getattr(fn, "__name__", "")
    return (isinstance(owner, sqlite3.Connection) and name == "cursor") or (
        isinstance(owner, sqlite3.Cursor) and name == "close"
    )


async def _settled(future: asyncio.Future[Any]) -> None:
    """Wait for a future to end, however often we are told to give up, and whatever its end."""
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError:
            continue
    if not future.cancelled():
        future.exception()  # seen; a statement that failed needs no more than its rollback


def engine(address: URL, *, writer: bool) -> AsyncEngine:
    """An engine whose transactions write from their first moment, or can never write."""
    made = create_async_engine(
        address,
        hide_parameters=True,
        pool_size=1 if writer else READERS,
        max_overflow=0,
        connect_args={"timeout": BUSY_SECONDS, "async_creator_fn": _connect},
    )

    @event.listens_for(made.sync_engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.execute("PRAGMA temp_store=MEMORY")
        if not writer:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(made.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return made


async def truncate_log(writer: AsyncEngine) -> None:
    """Empty the write-ahead log, in which deleted rows would stay readable."""
    async with writer.connect() as connection:
        raw = await connection.get_raw_connection()
        driver = raw.driver_connection
        assert isinstance(driver, aiosqlite.Connection)  # noqa: S101  # for the type checker
        await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")


async def _connect(path: str, **options: Any) -> aiosqlite.Connection:
    connection = PatientConnection(partial(sqlite3.connect, path, **options), 64)
    connection._thread.daemon = True  # an interrupted start must not keep the process alive
    try:
        return await connection
    except BaseException:
        # Its thread still has a last word for this event loop, which may be about to close.
        await _settled(asyncio.ensure_future(asyncio.to_thread(connection._thread.join)))
        raise
