"""Databases for tests: files and databases of a PostgreSQL server, at the newest revision.

A new one on a server costs half a second, so those of a server are lent again once emptied.
"""

import asyncio
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import sqlalchemy as sa
from psycopg.sql import SQL, Identifier

from bot.store.database import Database
from bot.store.migrations import Tree, upgrade

_LARGE_BYTES = 32 * 2**20
"""What was deleted from a database beyond this would slow down the tests after it."""

_DISCONNECT = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_TABLE_NAMES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_COUNT_FROM_ONE = """
    SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences
    WHERE last_value IS NOT NULL
"""


def new_postgres_database(server: str, template: str | None = None) -> str:
    """Make a database on a server, empty or a copy, and return its address."""
    name = f"beatline_{uuid4().hex}"
    like = f' TEMPLATE "{_name(template)}"' if template else ""
    command(server, f'CREATE DATABASE "{name}"{like}')
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def command(server: str, *commands: str) -> None:
    """Give a PostgreSQL server commands, each by itself."""
    with psycopg.connect(server, autocommit=True) as connection:
        for each in commands:
            connection.execute(each.encode())


class Databases:
    """Lends databases at the newest revision: copies of one that was brought there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._templates: dict[tuple[Tree, str | None], str] = {}
        self._tables: dict[tuple[Tree, str], list[str]] = {}
        self._free: defaultdict[tuple[Tree, str], list[str]] = defaultdict(list)

    @contextmanager
    def lent(self, tree: Tree, to: Path, server: str | None = None) -> Iterator[str]:
        """The address of one without rows: a file in ``to``, or a database on a server."""
        if server is None:
            self._template(tree, None)
            file = shutil.copyfile(self._folder / f"{tree}.sqlite", to / f"{tree}.sqlite")
            yield f"sqlite:///{file}"
            return
        url = self._emptied_one(tree, server)
        if url is None:
            url = new_postgres_database(server, self._template(tree, server))
        yield url
        self._free[tree, server].append(url)

    def _emptied_one(self, tree: Tree, server: str) -> str | None:
        """One that was lent before. It is emptied only now, when all of its test has ended."""
        free = self._free[tree, server]
        while free:
            url = free.pop()
            if _emptied(url, self._tables[tree, server]):
                return url
            command(server, f'DROP DATABASE "{_name(url)}" WITH (FORCE)')
        return None

    def _template(self, tree: Tree, server: str | None) -> str:
        made = self._templates.get((tree, server))
        if made is None:
            empty = f"sqlite:///{self._folder / tree}.sqlite"
            made = new_postgres_database(server) if server else empty
            asyncio.run(_upgraded(made, tree))
            if server:
                self._tables[tree, server] = _tables(made)
            self._templates[tree, server] = made
        return made


def _name(url: str) -> str:
    return urlsplit(url).path[1:]


async def _upgraded(url: str, tree: Tree) -> None:
    database = Database(url)
    await upgrade(database, tree)
    await database.close()


def _tables(url: str) -> list[str]:
    """The tables of a database, each before those that it refers to."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    found = sa.MetaData()
    found.reflect(engine)
    engine.dispose()
    return [table.name for table in reversed(found.sorted_tables)]


def _emptied(url: str, tables: list[str]) -> bool:
    """Delete all rows and begin to count anew; False where a test left more than rows."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_DISCONNECT)
        names = {name for (name,) in connection.execute(_TABLE_NAMES)}
        size = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        if names != set(tables) or size is None or size[0] > _LARGE_BYTES:
            return False
        for name in tables:
            if name != "alembic_version":
                connection.execute(SQL("DELETE FROM {}").format(Identifier(name)))
        connection.execute(_COUNT_FROM_ONE)
    return True
