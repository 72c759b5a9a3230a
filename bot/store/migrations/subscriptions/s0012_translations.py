"""Posts are put into readers' languages by a computer, ahead of sending, and may be corrected.

Only of words that are public is it known what an engine made of them, so that it is asked once.
"""

import sqlalchemy as sa
from alembic import op

revision = "s0012"
down_revision = "s0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "translation",
        sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id"), primary_key=True),
        sa.Column("language", sa.Text, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("alt", sa.Text),
        sa.Column("made", sa.Text, nullable=False),
        sa.Column("emergency", sa.Boolean, nullable=False),
        sa.Column("edition", sa.SmallInteger, nullable=False),
    )
    op.create_table(
        "translation_memory",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("used_on", sa.Date, nullable=False),
    )
