"""What became of a post stays known when its deliveries, which name residents, are gone."""

import sqlalchemy as sa
from alembic import op

revision = "s0006"
down_revision = "s0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery_total",
        sa.Column("post_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("token", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("state", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("error", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
