"""Advice is chosen for each resident, so a post may go to those only whom it was chosen for.

Which advice went to whom is kept so that none is repeated too soon, and how far a week's choice
has come so that it can go on after a crash. Of what residents think of it totals are kept alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "s0011"
down_revision = "s0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "post", sa.Column("picked", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.create_table(
        "advice_week",
        sa.Column("friday", sa.Date, primary_key=True),
        sa.Column("cursor", sa.Integer, nullable=False),
        sa.Column("released_at", sa.BigInteger),
    )
    op.create_table(
        "advice",
        sa.Column(
            "subscriber_id",
            sa.Integer,
            sa.ForeignKey("subscriber.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("friday", sa.Date, primary_key=True),
        sa.Column("article", sa.Text, nullable=False),
        sa.Column("post_id", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("advice_of_post", "advice", ["post_id", "subscriber_id"])
    op.create_table(
        "advice_vote",
        sa.Column("article", sa.Text, primary_key=True),
        sa.Column("useful", sa.Integer, nullable=False),
        sa.Column("not_useful", sa.Integer, nullable=False),
    )
