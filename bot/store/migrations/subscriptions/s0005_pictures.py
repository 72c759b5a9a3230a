"""Posts may show a picture. It is kept as it goes out, and said in words for each language.

A correction shows the picture of its original, so a post points to it. The content goes in time,
which is why it may be null; what the picture showed is still told.
"""

import sqlalchemy as sa
from alembic import op

revision = "s0005"
down_revision = "s0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "picture",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary),
    )
    op.add_column("post", sa.Column("picture_id", sa.Integer))
    op.add_column("variant", sa.Column("alt", sa.Text))
