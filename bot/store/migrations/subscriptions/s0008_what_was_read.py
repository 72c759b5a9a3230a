"""Where the reading of each outside source stands, and what was seen there before."""

import sqlalchemy as sa
from alembic import op

revision = "s0008"
down_revision = "s0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("etag", sa.Text, nullable=False, server_default=""),
        sa.Column("modified", sa.Text, nullable=False, server_default=""),
        sa.Column("digest", sa.LargeBinary),
        sa.Column("next_poll", sa.BigInteger, nullable=False),
        sa.Column("read_at", sa.BigInteger),
        sa.Column("failures", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("problem", sa.Text),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "feed_id", sa.Integer, sa.ForeignKey("feed.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("link", sa.LargeBinary),
        sa.Column("heading", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("last_seen", sa.BigInteger, nullable=False),
        sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id", ondelete="SET NULL")),
        sa.UniqueConstraint("feed_id", "key"),
    )
    op.create_index("entry_link", "entry", ["link"])
    op.create_index("entry_heading", "entry", ["heading"])
