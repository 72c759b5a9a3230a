"""How often a provider made us wait, when a message last got through, and where doubts are.

`beatline status` and /readyz ask for them from a process that does not send itself.
"""

import sqlalchemy as sa
from alembic import op

revision = "s0004"
down_revision = "s0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pacing", sa.Column("holds", sa.Integer, nullable=False, server_default="0"))
    op.add_column("pacing", sa.Column("moved_at", sa.Double))
    unknown = sa.text("state = 4")
    op.create_index(
        "delivery_unknown",
        "delivery",
        ["token"],
        sqlite_where=unknown,
        postgresql_where=unknown,
    )
