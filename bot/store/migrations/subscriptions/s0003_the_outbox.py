"""The outbox: what is sent to many, each delivery of it, the pace of a token, and who did what."""

import sqlalchemy as sa
from alembic import op

revision = "s0003"
down_revision = "s0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _posts()
    _deliveries()
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )


def _posts() -> None:
    op.create_table(
        "post",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("topic", sa.Integer, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("priority", sa.SmallInteger, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("everywhere", sa.Boolean, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("wanted_at", sa.BigInteger),
        sa.Column("approved_at", sa.BigInteger),
        sa.Column("send_at", sa.BigInteger),
        sa.Column("planned_at", sa.BigInteger),
        sa.Column("cancelled_at", sa.BigInteger),
        sa.Column("content_hash", sa.LargeBinary),
        sa.Column("audience", sa.Integer),
        sa.Column("dedupe_key", sa.Text, unique=True),
        sa.Column("refers_to", sa.Integer),
        sa.Column("all_clear", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("edition", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("corrected_by", sa.Integer),
        sa.Column("cursor", sa.Integer, nullable=False, server_default="0"),
        sa.Column("cursor_area", sa.Integer),
    )
    _partial_index("post_to_plan", "post", ["send_at"], "planned_at IS NULL")
    op.create_table(
        "post_area",
        sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id"), primary_key=True),
        sa.Column(
            "area_id", sa.Integer, sa.ForeignKey("area.id", ondelete="CASCADE"), primary_key=True
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "variant",
        sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id"), primary_key=True),
        sa.Column("language", sa.Text, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )


def _deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("post_id", sa.Integer, nullable=False),
        sa.Column("subscriber_id", sa.Integer),
        sa.Column("token", sa.SmallInteger, nullable=False),
        sa.Column("priority", sa.SmallInteger, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("attempt", sa.SmallInteger, nullable=False),
        sa.Column("edition", sa.SmallInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("message_ref", sa.Text),
        sa.Column("error", sa.Text),
        sa.UniqueConstraint("post_id", "subscriber_id"),
    )
    queued = ["token", "priority", "due", "id"]
    _partial_index("delivery_queued", "delivery", queued, "state = 0")
    _partial_index("delivery_queued_for", "delivery", ["subscriber_id"], "state = 0")
    _partial_index("delivery_in_flight", "delivery", ["lease_until"], "state = 1")
    op.create_table(
        "pacing",
        sa.Column("token", sa.Integer, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False, unique=True),
        sa.Column("next_free", sa.Double, nullable=False),
        sa.Column("rate", sa.Double),
        sa.Column("cut_at", sa.Double),
    )
    op.create_table(
        "chat_gate",
        sa.Column(
            "subscriber_id",
            sa.Integer,
            sa.ForeignKey("subscriber.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("next_ok", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Integer),
        sa.Column("sent", sa.SmallInteger, nullable=False),
        sa.Column("digest_day", sa.Integer),
    )


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )
