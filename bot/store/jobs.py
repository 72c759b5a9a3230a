"""The coarse jobs of PostgreSQL, in procrastinate's tables; SQLite has one worker, and needs none.

A job is put there in the transaction that makes it necessary, so it can neither be lost nor be
done for something that never came to be. Jobs name posts. A concern is never a job.
"""

from datetime import datetime
from pathlib import Path

from sqlalchemy import MetaData, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import SetTableComment

QUEUE = "beatline"
PLAN = "plan"

_DEFER = text(
    "SELECT procrastinate_defer_jobs_v1(ARRAY["
    "ROW(:queue, :task, 0, NULL, :lock, jsonb_build_object('post', CAST(:post AS integer)), "
    "CAST(:moment AS timestamptz))]::procrastinate_job_to_defer_v1[])"
)
_STANDS_AT = text("SELECT obj_description(to_regclass('procrastinate_jobs'), 'pg_class')")
_IS_THERE = text("SELECT to_regclass('procrastinate_jobs') IS NOT NULL")


async def upgrade(connection: AsyncConnection) -> None:
    """Bring procrastinate's tables to the version that is installed, in this transaction.

    A comment on its main table says which of its migrations was the last.
    """
    from procrastinate.schema import SchemaManager  # an extra, only needed here

    folder = Path(SchemaManager.get_migrations_path())
    scripts = {path.stem: path.read_text() for path in sorted(folder.glob("*.sql"))}  # noqa: ASYNC240  # a few small files, at start-up
    if not (await connection.execute(_IS_THERE)).scalar_one():
        await _run(connection, SchemaManager.get_schema())
    else:
        stands_at = (await connection.execute(_STANDS_AT)).scalar_one()
        for name, script in scripts.items():
            if name > stands_at:
                await _run(connection, script)
    jobs = Table("procrastinate_jobs", MetaData(), comment=max(scripts))
    await connection.execute(SetTableComment(jobs))


async def plan(connection: AsyncConnection, post_id: int, moment: datetime) -> None:
    """See that a post is planned from a moment on."""
    if connection.dialect.name == "postgresql":
        await connection.execute(
            _DEFER,
            {
                "queue": QUEUE,
                "task": PLAN,
                "lock": plan_lock(post_id),
                "post": post_id,
                "moment": moment,
            },
        )


def plan_lock(post_id: int) -> str:
    """The name under which one planning of a post waits."""
    return f"{PLAN} {post_id}"


async def _run(connection: AsyncConnection, script: str) -> None:
    await connection.exec_driver_sql(script.replace("%", "%%"))
