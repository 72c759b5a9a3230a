"""Concerns can be taken: mailboxes with a reference and a clock, replies, return paths, push links.

The two tables of the first revision are made anew: nothing was ever written to them, because
``/concern`` stayed closed, and SQLite cannot add a column that must have a value.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "c0002"
down_revision = "c0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("concern")
    op.drop_table("mailbox")
    op.create_table(
        "mailbox",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("reference", sa.Text, nullable=False, unique=True),
        sa.Column("area", sa.Text),
        sa.Column("theme", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("answer_wanted", sa.Boolean, nullable=False),
        sa.Column("raised", sa.Date, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("answered", sa.Date),
        sa.Column("reminded", sa.Date),
        sa.Column("escalated", sa.Date),
        sa.Column("lost", sa.Integer, nullable=False, server_default="0"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "concern",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        _mailbox_id(),
        sa.Column("area", sa.Text),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("due", sa.DateTime),
        sa.Column("waiting_since", sa.DateTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("bounces", sa.Integer, nullable=False, server_default="0"),
        sa.Column("accepted", sa.Date),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("pgp", sa.Boolean, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reply",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        _mailbox_id(),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "return_path",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        _mailbox_id(),
        sa.Column("concern_id", sa.LargeBinary),
        sa.Column("day", sa.Date, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("team", sa.Integer),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "push_link",
        _mailbox_id(primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("news", sa.Boolean, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    for table in ("concern", "reply", "return_path"):
        op.create_index(f"ix_{table}_mailbox_id", table, ["mailbox_id"])


def _mailbox_id(**options: Any) -> sa.Column[bytes]:
    mailbox = sa.ForeignKey("mailbox.id", ondelete="CASCADE")
    return sa.Column("mailbox_id", sa.LargeBinary, mailbox, nullable=False, **options)
