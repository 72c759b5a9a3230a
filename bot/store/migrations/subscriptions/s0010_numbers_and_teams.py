"""How many crimes an area had in a month, and who looks after it, as the police publish it."""

import sqlalchemy as sa
from alembic import op

revision = "s0010"
down_revision = "s0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crime_month",
        sa.Column(
            "area_id", sa.Integer, sa.ForeignKey("area.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("month", sa.Date, primary_key=True),
        sa.Column("drawn", sa.LargeBinary, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("read_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "crime_count",
        sa.Column("area_id", sa.Integer, primary_key=True),
        sa.Column("month", sa.Date, primary_key=True),
        sa.Column("category", sa.Text, primary_key=True),
        sa.Column("outcome", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["area_id", "month"],
            ["crime_month.area_id", "crime_month.month"],
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "area_team",
        sa.Column(
            "area_id",
            sa.Integer,
            sa.ForeignKey("area.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("officers", sa.Text, nullable=False),
        sa.Column("contacts", sa.Text, nullable=False),
        sa.Column("read_at", sa.BigInteger, nullable=False),
    )
