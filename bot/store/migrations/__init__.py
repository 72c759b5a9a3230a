"""The schema's history: one folder of Alembic revisions for each of the two databases."""

from pathlib import Path
from typing import Literal, TypeAlias

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.errors import OperatorError
from bot.store import jobs
from bot.store.database import Database, one_line

Tree: TypeAlias = Literal["subscriptions", "concerns"]

_HERE = Path(__file__).parent
_LOCK = 0x6265_6174  # any number that only we use; spells "beat"


async def upgrade(database: Database, tree: Tree) -> None:
    """Bring a database to the newest revision, in one transaction.

    Two processes may do this at once: SQLite's writer lock or an advisory lock of PostgreSQL
    makes the second wait, and then it finds nothing left to do. Raises OperatorError for a
    database that does not answer, is damaged, is another program's, or is newer than this code.
    """
    try:
        async with database.write() as connection:
            if not database.is_sqlite:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            await connection.run_sync(_upgrade, tree)
            if tree == "subscriptions" and not database.is_sqlite:
                await jobs.upgrade(connection)
    except CommandError:
        raise OperatorError(
            f"the {tree} database was written by a newer Beatline, or is not ours: "
            "start the newer version, or name another database"
        ) from None
    except DBAPIError as error:
        raise OperatorError(f"the {tree} database cannot be used: {one_line(error)}") from None


async def is_current(database: Database, tree: Tree) -> bool:
    """Whether a database stands at the newest revision this code knows."""
    async with database.read() as connection:
        found = await connection.run_sync(
            lambda sync: MigrationContext.configure(sync).get_current_heads()
        )
    return set(found) == set(ScriptDirectory.from_config(_config(tree)).get_heads())


def _config(tree: Tree) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(_HERE / tree).replace("%", "%%"))
    return config


def _upgrade(connection: Connection, tree: Tree) -> None:
    config = _config(tree)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
