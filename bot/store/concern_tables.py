"""The concerns database: sealed concerns and the mailboxes that only a receipt code opens.

No row here says, or lets anyone work out, who wrote it. Keys are random 128-bit values and the
tables have no row ids, because the order of insertion would be a clue; times are whole days.
"""

import sqlalchemy as sa

metadata = sa.MetaData()

concerns = sa.Table(
    "concern",
    metadata,
    sa.Column("id", sa.LargeBinary, primary_key=True, comment="random, 16 bytes"),
    sa.Column("area", sa.Text, nullable=False),
    sa.Column("theme", sa.Text, nullable=False),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("due", sa.DateTime, comment="to the hour, UTC; null once a mail server accepted it"),
    sa.Column("sealed", sa.LargeBinary, nullable=False, comment="readable by the mailer alone"),
    sqlite_with_rowid=False,
)

mailboxes = sa.Table(
    "mailbox",
    metadata,
    sa.Column("id", sa.LargeBinary, primary_key=True, comment="from the receipt, 16 bytes"),
    sa.Column("public_key", sa.LargeBinary, nullable=False, comment="X25519, 32 bytes"),
    sa.Column("area", sa.Text, nullable=False),
    sa.Column("theme", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=False, comment="of the last activity"),
    sqlite_with_rowid=False,
)
