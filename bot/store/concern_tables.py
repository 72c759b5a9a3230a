"""The concerns database: sealed concerns and the mailboxes that only a receipt code opens.

No row here says, or lets anyone work out, who wrote it. Keys are random 128-bit values or keyed
hashes, and the tables have no row ids, because the order of insertion would be a clue; times are
whole days. What is large stands last, so that a search does not read through it.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

metadata = sa.MetaData()


class Hour(sa.types.TypeDecorator[datetime]):
    """A moment that loses its minutes on the way in, so that none can ever be stored."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC).replace(minute=0, second=0, microsecond=0, tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def _mailbox_id(**options: Any) -> sa.Column[bytes]:
    mailbox = sa.ForeignKey("mailbox.id", ondelete="CASCADE")
    return sa.Column("mailbox_id", sa.LargeBinary, mailbox, nullable=False, **options)


mailboxes = sa.Table(
    "mailbox",
    metadata,
    sa.Column("id", sa.LargeBinary, primary_key=True, comment="from the receipt, 16 bytes"),
    sa.Column("public_key", sa.LargeBinary, nullable=False, comment="X25519, 32 bytes"),
    sa.Column("reference", sa.Text, nullable=False, unique=True, comment="the team's: C-XXXXXX"),
    sa.Column("area", sa.Text, comment="null where the resident did not say"),
    sa.Column("theme", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("answer_wanted", sa.Boolean, nullable=False),
    sa.Column("raised", sa.Date, nullable=False),
    sa.Column("day", sa.Date, nullable=False, comment="of the last activity"),
    sa.Column("answered", sa.Date, comment="when the team first answered; stops the clock"),
    sa.Column("reminded", sa.Date, comment="when the team was reminded of the clock"),
    sa.Column("escalated", sa.Date, comment="when their supervisor was told that it ran out"),
    sa.Column("lost", sa.Integer, nullable=False, server_default="0", comment="mails given up"),
    sqlite_with_rowid=False,
)

concerns = sa.Table(
    "concern",
    metadata,
    sa.Column("id", sa.LargeBinary, primary_key=True, comment="random, 16 bytes"),
    _mailbox_id(index=True),
    sa.Column("area", sa.Text, comment="as in the mailbox"),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("due", Hour, comment="of the next try; null once accepted"),
    sa.Column("waiting_since", Hour, comment="null once accepted"),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("bounces", sa.Integer, nullable=False, server_default="0"),
    sa.Column("accepted", sa.Date, comment="when a mail server accepted it"),
    sa.Column("part", sa.Integer, nullable=False, comment="of several mails, from 1"),
    sa.Column("pgp", sa.Boolean, nullable=False, comment="for the team alone, else for the mailer"),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

replies = sa.Table(
    "reply",
    metadata,
    sa.Column("id", sa.LargeBinary, primary_key=True, comment="random, 16 bytes"),
    _mailbox_id(index=True),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False, comment="to the mailbox; padded"),
    sqlite_with_rowid=False,
)

return_paths = sa.Table(
    "return_path",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True, comment="of the token in an address"),
    _mailbox_id(index=True),
    sa.Column("concern_id", sa.LargeBinary, comment="whose bounces come here; null for replies"),
    sa.Column("day", sa.Date, nullable=False),
    sqlite_with_rowid=False,
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("id", sa.LargeBinary, primary_key=True, comment="random, 16 bytes"),
    sa.Column("team", sa.Integer, comment="a team's id in the other database; null if unknown"),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False, comment="readable by the mailer alone"),
    sqlite_with_rowid=False,
)

push_links = sa.Table(
    "push_link",
    metadata,
    _mailbox_id(primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("news", sa.Boolean, nullable=False, comment="whether there is something to tell"),
    sa.Column("sealed", sa.LargeBinary, nullable=False, comment="the chat id, encrypted"),
    sqlite_with_rowid=False,
)
