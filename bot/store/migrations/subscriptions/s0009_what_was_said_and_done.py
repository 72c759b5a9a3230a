"""What sources publish of an area and keep listed; and where a post comes from."""

import sqlalchemy as sa
from alembic import op

revision = "s0009"
down_revision = "s0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("source", "licence", "link"):
        op.add_column("post", sa.Column(column, sa.Text))
    op.add_column("post", sa.Column("published_at", sa.BigInteger))
    op.add_column(
        "post", sa.Column("asked_for", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("variant", sa.Column("said", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "local_priority",
        *_listed(),
        sa.Column("issue", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("topic", sa.Integer, nullable=False),
        sa.Column("found_at", sa.BigInteger, nullable=False),
        sa.Column("acting_at", sa.BigInteger),
        sa.Column("reviewed_at", sa.BigInteger),
        sa.UniqueConstraint("area_id", "feed", "key"),
    )
    op.create_table(
        "event",
        *_listed(),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("venue", sa.Text, nullable=False),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger),
        sa.UniqueConstraint("area_id", "feed", "key"),
    )
    op.create_index("event_by_start", "event", ["starts_at"])
    op.create_table(
        "reminder",
        sa.Column(
            "subscriber_id",
            sa.Integer,
            sa.ForeignKey("subscriber.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column(
            "event_id", sa.Integer, sa.ForeignKey("event.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("due", sa.BigInteger, nullable=False),
    )
    op.create_index("reminder_due", "reminder", ["due"])


def _listed() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "area_id", sa.Integer, sa.ForeignKey("area.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("feed", sa.Text, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("licence", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("gone_at", sa.BigInteger),
    )
