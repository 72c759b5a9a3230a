"""The subscriptions database: areas, the residents who follow them, and where each talk stands.

Nothing here is anonymous, so plain integers are keys and rows stay small. A chat id is kept only
sealed; ``lookup`` is a keyed hash of it. There are no last-seen times.
"""

import sqlalchemy as sa

metadata = sa.MetaData()

areas = sa.Table(
    "area",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("code", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("district", sa.Text, nullable=False, server_default=""),
    sa.Column("district_code", sa.Text, nullable=False, server_default=""),
    sa.Column("standin", sa.Boolean, nullable=False),
    sa.Column("latitude", sa.Float),
    sa.Column("longitude", sa.Float),
    sa.Column("outline", sa.LargeBinary, nullable=False, comment="WKB, WGS84, longitude first"),
)

subscribers = sa.Table(
    "subscriber",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "lookup", sa.LargeBinary, nullable=False, unique=True, comment="keyed hash, 32 bytes"
    ),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False, comment="the chat id, encrypted"),
    sa.Column("language", sa.Text),
    sa.Column("notice", sa.Integer, comment="version of the privacy notice shown when following"),
    sa.Column("noticed_on", sa.Date),
    sa.Column("created_on", sa.Date, nullable=False),
    sa.Column("stopped_on", sa.Date),
    sa.Column("quiet_from", sa.SmallInteger, comment="minutes after local midnight; null: default"),
    sa.Column("quiet_until", sa.SmallInteger, comment="the same; equal to quiet_from: none"),
    sa.Column("paused_until", sa.Date, comment="nothing but urgent alerts before this local day"),
    sa.Column("daily_cap", sa.SmallInteger, comment="messages a local day; null: default"),
    sa.Column("digest_hour", sa.SmallInteger, comment="local hour of digests; null: default"),
)

places = sa.Table(
    "place",
    metadata,
    sa.Column(
        "subscriber_id",
        sa.Integer,
        sa.ForeignKey("subscriber.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("area_id", sa.Integer, sa.ForeignKey("area.id"), primary_key=True),
    sa.Column("was", sa.Text, comment="name of the area this one replaced, until it is confirmed"),
    sa.Column("other_id", sa.Integer, sa.ForeignKey("area.id"), comment="the nearly as good match"),
    sa.Column("topics", sa.Integer, comment="one bit for each topic wanted; null: default"),
    sa.Column("frequency", sa.SmallInteger, comment="see model.Frequency; null: default"),
    sa.Column("alerts", sa.SmallInteger, comment="lowest level wanted, model.Level; null: default"),
    sa.Index("place_by_area", "area_id", "subscriber_id"),
    sqlite_with_rowid=False,
)

conversations = sa.Table(
    "conversation",
    metadata,
    sa.Column(
        "subscriber_id",
        sa.Integer,
        sa.ForeignKey("subscriber.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("talk", sa.LargeBinary, nullable=False, comment="sealed: step and last answer"),
    sa.Column("seen", sa.LargeBinary, nullable=False, comment="keyed hashes of the last updates"),
)

tombstones = sa.Table(
    "tombstone",
    metadata,
    sa.Column("lookup", sa.LargeBinary, primary_key=True, comment="of a resident who was erased"),
    sa.Column("forgotten_on", sa.Date, nullable=False),
    comment="Left out of backups and kept by restores, so that an erased resident stays erased.",
)

syncing = sa.Table(
    "area_sync",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("latitude", sa.Float),
    sa.Column("longitude", sa.Float),
    sa.Column("outline", sa.LargeBinary, comment="WKB; null until its boundary has been read"),
    comment="Neighbourhoods read so far by an unfinished `places sync`, so that it can go on.",
)

facts = sa.Table(
    "fact",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    comment="What this installation is: demo or live, and when the areas were read.",
)
