"""First light: sealed concerns and mailboxes, apart from everything that knows a person."""

import sqlalchemy as sa
from alembic import op

revision = "c0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "concern",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("theme", sa.Text, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("due", sa.DateTime),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mailbox",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("theme", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sqlite_with_rowid=False,
    )
