"""What a resident may set: per place topics, frequency and alerts; quiet hours, pause and cap.

Also the tombstones of those who asked to be forgotten, which outlive a restore.
"""

import sqlalchemy as sa
from alembic import op

revision = "s0002"
down_revision = "s0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("place", sa.Column("topics", sa.Integer))
    op.add_column("place", sa.Column("frequency", sa.SmallInteger))
    op.add_column("place", sa.Column("alerts", sa.SmallInteger))
    op.add_column("subscriber", sa.Column("quiet_from", sa.SmallInteger))
    op.add_column("subscriber", sa.Column("quiet_until", sa.SmallInteger))
    op.add_column("subscriber", sa.Column("paused_until", sa.Date))
    op.add_column("subscriber", sa.Column("daily_cap", sa.SmallInteger))
    op.add_column("subscriber", sa.Column("digest_hour", sa.SmallInteger))
    op.create_table(
        "tombstone",
        sa.Column("lookup", sa.LargeBinary, primary_key=True),
        sa.Column("forgotten_on", sa.Date, nullable=False),
    )
