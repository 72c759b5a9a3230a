"""Teams: who is responsible for which areas, where concerns go, and who is invited to join.

Staff only; nothing here is about a resident.
"""

import sqlalchemy as sa
from alembic import op

revision = "s0007"
down_revision = "s0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "team",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("everywhere", sa.Boolean, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("urgent_email", sa.Text),
        sa.Column("fallback_email", sa.Text),
        sa.Column("certificate", sa.LargeBinary),
        sa.Column("reply_domains", sa.Text, nullable=False),
        sa.Column("office_hours", sa.Text, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    op.create_table(
        "team_area",
        sa.Column("area", sa.Text, primary_key=True),
        sa.Column(
            "team_id", sa.Integer, sa.ForeignKey("team.id", ondelete="CASCADE"), nullable=False
        ),
    )
    op.create_table(
        "invitation",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column(
            "team_id", sa.Integer, sa.ForeignKey("team.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("email_domain", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
