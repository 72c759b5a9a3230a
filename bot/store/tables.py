"""The subscriptions database: areas, the residents who follow them, and where each talk stands.

Nothing here is anonymous, so plain integers are keys and rows stay small. A chat id is kept only
sealed; ``lookup`` is a keyed hash of it. There are no last-seen times.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

metadata = sa.MetaData()


class Moment(sa.types.TypeDecorator[datetime]):
    """A time as whole milliseconds since 1970: six bytes in SQLite, which keeps times as text."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else round(value.timestamp() * 1000)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


# SQLite's own row id, in as few bytes as it needs; more than 2**31 rows elsewhere.
_LONG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


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

posts = sa.Table(
    "post",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("code", sa.Text, nullable=False, unique=True, comment="the public id, P-XXXXXX"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("level", sa.SmallInteger, nullable=False),
    sa.Column("topic", sa.Integer, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("priority", sa.SmallInteger, nullable=False),
    sa.Column("language", sa.Text, nullable=False, comment="of the original"),
    sa.Column("everywhere", sa.Boolean, nullable=False, comment="not only where post_area says"),
    sa.Column("live", sa.Boolean, nullable=False, comment="false: nothing more goes out"),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("wanted_at", Moment, comment="when to send it, if not as soon as it is released"),
    sa.Column("approved_at", Moment),
    sa.Column("send_at", Moment, comment="when sending begins: after the cancel window"),
    sa.Column("planned_at", Moment, comment="when every delivery was in the outbox"),
    sa.Column("cancelled_at", Moment),
    sa.Column("content_hash", sa.LargeBinary, comment="SHA-256 of what was approved"),
    sa.Column("audience", sa.Integer, comment="followers when it was approved"),
    sa.Column("dedupe_key", sa.Text, unique=True, comment="so that a repeated job drafts once"),
    sa.Column("refers_to", sa.Integer, comment="the post it corrects or ends"),
    sa.Column("all_clear", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("edition", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("corrected_by", sa.Integer, comment="its newest correction"),
    sa.Column("source", sa.Text, comment="who published it first; null: written here"),
    sa.Column("licence", sa.Text),
    sa.Column("link", sa.Text, comment="where it stands at the source"),
    sa.Column("published_at", Moment, comment="as the source says"),
    sa.Column(
        "asked_for",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="a reminder, for those who asked",
    ),
    sa.Column("cursor", sa.Integer, nullable=False, server_default="0", comment="last selected"),
    sa.Column("cursor_area", sa.Integer, comment="the area it stands in; null: none begun"),
    sa.Column("picture_id", sa.Integer, comment="the row of picture; a correction shares it"),
    sa.Column(
        "picked",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="only to those whom a row of advice names",
    ),
    sa.Index(
        "post_to_plan",
        "send_at",
        sqlite_where=sa.text("planned_at IS NULL"),
        postgresql_where=sa.text("planned_at IS NULL"),
    ),
)

post_areas = sa.Table(
    "post_area",
    metadata,
    sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id"), primary_key=True),
    sa.Column(
        "area_id", sa.Integer, sa.ForeignKey("area.id", ondelete="CASCADE"), primary_key=True
    ),
    sqlite_with_rowid=False,
)

variants = sa.Table(
    "variant",
    metadata,
    sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id"), primary_key=True),
    sa.Column("language", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("alt", sa.Text, comment="what the picture shows; null: there is none"),
    sa.Column(
        "said", sa.Text, nullable=False, server_default="", comment="what the body is an answer to"
    ),
    comment="Frozen when the post is approved.",
)

translations = sa.Table(
    "translation",
    metadata,
    sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id"), primary_key=True),
    sa.Column("language", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("said", sa.Text, nullable=False),
    sa.Column("alt", sa.Text, comment="what the picture shows; null: there is none"),
    sa.Column("made", sa.Text, nullable=False, comment="by whom: machine or person"),
    sa.Column("emergency", sa.Boolean, nullable=False, comment="our own phrase goes with it"),
    sa.Column("edition", sa.SmallInteger, nullable=False, comment="how often it was made"),
    comment="Words of released posts in languages nobody wrote them in.",
)

translation_memory = sa.Table(
    "translation_memory",
    metadata,
    sa.Column("key", sa.LargeBinary, primary_key=True, comment="a hash: words, languages, engine"),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("used_on", sa.Date, nullable=False),
    comment="What an engine made of words that are public.",
)

pictures = sa.Table(
    "picture",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("width", sa.Integer, nullable=False, comment="pixels"),
    sa.Column("height", sa.Integer, nullable=False, comment="pixels"),
    sa.Column("data", sa.LargeBinary, comment="as it goes out; null: no longer kept"),
)

# Millions of rows, so: small numbers only, and no foreign keys to check on each. Whoever erases a
# resident takes the name off their deliveries (deliveries.let_go); posts are never deleted.
deliveries = sa.Table(
    "delivery",
    metadata,
    sa.Column("id", _LONG_KEY, primary_key=True),
    sa.Column("post_id", sa.Integer, nullable=False),
    sa.Column("subscriber_id", sa.Integer, comment="null: was erased, and only counts"),
    sa.Column("token", sa.SmallInteger, nullable=False, comment="the row of pacing"),
    sa.Column("priority", sa.SmallInteger, nullable=False),
    sa.Column("due", Moment, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False, comment="see model.DeliveryState"),
    sa.Column("attempt", sa.SmallInteger, nullable=False, comment="times it may have arrived"),
    sa.Column("edition", sa.SmallInteger, nullable=False, comment="of the words it carried"),
    sa.Column("lease_until", Moment, comment="in flight: after this its sender is taken for dead"),
    sa.Column("message_ref", sa.Text, comment="for corrections, kept 7 days; null in a digest"),
    sa.Column("error", sa.Text, comment="why it failed; nothing about the resident"),
    sa.UniqueConstraint("post_id", "subscriber_id"),
    sa.Index(
        "delivery_queued",
        "token",
        "priority",
        "due",
        "id",
        sqlite_where=sa.text("state = 0"),
        postgresql_where=sa.text("state = 0"),
    ),
    sa.Index(
        "delivery_queued_for",
        "subscriber_id",
        sqlite_where=sa.text("state = 0"),
        postgresql_where=sa.text("state = 0"),
    ),
    sa.Index(
        "delivery_in_flight",
        "lease_until",
        sqlite_where=sa.text("state = 1"),
        postgresql_where=sa.text("state = 1"),
    ),
    sa.Index(
        "delivery_unknown",
        "token",
        sqlite_where=sa.text("state = 4"),
        postgresql_where=sa.text("state = 4"),
    ),
)

totals = sa.Table(
    "delivery_total",
    metadata,
    sa.Column("post_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("token", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("state", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("error", sa.Text, primary_key=True, comment="why they failed; empty: they did not"),
    sa.Column("count", sa.Integer, nullable=False),
    comment="What is left of deliveries whose rows are gone; no resident is named.",
)

pacing = sa.Table(
    "pacing",
    metadata,
    sa.Column("token", sa.Integer, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False, unique=True),
    sa.Column("next_free", sa.Double, nullable=False, comment="next slot, seconds since 1970"),
    sa.Column("rate", sa.Double, comment="a second, as last cut; null: never cut"),
    sa.Column("cut_at", sa.Double, comment="seconds since 1970"),
    sa.Column(
        "holds", sa.Integer, nullable=False, server_default="0", comment="times told to wait"
    ),
    sa.Column("moved_at", sa.Double, comment="when one got through last; null: never"),
    comment="One row for each channel's token: whoever sends leases slots here.",
)

gates = sa.Table(
    "chat_gate",
    metadata,
    sa.Column(
        "subscriber_id",
        sa.Integer,
        sa.ForeignKey("subscriber.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("next_ok", Moment, nullable=False, comment="nothing goes to this chat before"),
    sa.Column("day", sa.Integer, comment="the local day that is counted, as its ordinal"),
    sa.Column("sent", sa.SmallInteger, nullable=False, comment="messages of that day"),
    sa.Column("digest_day", sa.Integer, comment="the local day of the last digest"),
)

advice_weeks = sa.Table(
    "advice_week",
    metadata,
    sa.Column("friday", sa.Date, primary_key=True),
    sa.Column("cursor", sa.Integer, nullable=False, comment="the last subscriber selected"),
    sa.Column("released_at", Moment, comment="when its posts went to the outbox; null: not yet"),
)

advice = sa.Table(
    "advice",
    metadata,
    sa.Column(
        "subscriber_id",
        sa.Integer,
        sa.ForeignKey("subscriber.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("friday", sa.Date, primary_key=True),
    sa.Column("article", sa.Text, nullable=False),
    sa.Column("post_id", sa.Integer, nullable=False),
    sa.Index("advice_of_post", "post_id", "subscriber_id"),
    sqlite_with_rowid=False,
    comment="Which advice went to whom, kept 400 days so that it is not repeated too soon.",
)

advice_votes = sa.Table(
    "advice_vote",
    metadata,
    sa.Column("article", sa.Text, primary_key=True),
    sa.Column("useful", sa.Integer, nullable=False),
    sa.Column("not_useful", sa.Integer, nullable=False),
    comment="Totals only; who said so is not kept.",
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("entry", sa.Text, nullable=False, comment="canonical JSON; nothing of residents"),
    sa.Column("hash", sa.LargeBinary, nullable=False, comment="SHA-256 of the last and the entry"),
)

teams = sa.Table(
    "team",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("everywhere", sa.Boolean, nullable=False, comment="serves areas without their own"),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("urgent_email", sa.Text),
    sa.Column("fallback_email", sa.Text),
    sa.Column("certificate", sa.LargeBinary, comment="OpenPGP, public; null: none"),
    sa.Column("reply_domains", sa.Text, nullable=False, comment="divided by spaces"),
    sa.Column("office_hours", sa.Text, nullable=False, comment="in the team's own words"),
    sa.Column("sample", sa.Boolean, nullable=False, comment="of the demo: never a real team"),
)

team_areas = sa.Table(
    "team_area",
    metadata,
    # No key of area: a team keeps what it was given while the map is drawn anew.
    sa.Column("area", sa.Text, primary_key=True, comment="the area's id"),
    sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id", ondelete="CASCADE"), nullable=False),
)

invitations = sa.Table(
    "invitation",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True, comment="SHA-256 of a random code"),
    sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id", ondelete="CASCADE"), nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("email_domain", sa.Text, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    comment="Used once: taking one deletes it.",
)

feeds = sa.Table(
    "feed",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True, comment="its id in feeds.toml"),
    sa.Column("etag", sa.Text, nullable=False, server_default=""),
    sa.Column("modified", sa.Text, nullable=False, server_default=""),
    sa.Column("digest", sa.LargeBinary, comment="of the last body that was read"),
    sa.Column("next_poll", Moment, nullable=False, comment="while it is polled: a lease"),
    sa.Column("read_at", Moment, comment="when it last answered well, changed or not"),
    sa.Column("failures", sa.SmallInteger, nullable=False, server_default="0", comment="in a row"),
    sa.Column("problem", sa.Text, comment="of the last poll, in plain words"),
    comment="Where the reading of each outside source stands.",
)

entries = sa.Table(
    "entry",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("feed_id", sa.Integer, sa.ForeignKey("feed.id", ondelete="CASCADE"), nullable=False),
    sa.Column("key", sa.LargeBinary, nullable=False, comment="hash of its identity at the source"),
    sa.Column("link", sa.LargeBinary, comment="hash of its canonical address, if it has one"),
    sa.Column("heading", sa.LargeBinary, nullable=False, comment="hash of title and day"),
    sa.Column("content", sa.LargeBinary, nullable=False, comment="hash of what would be shown"),
    sa.Column("first_seen", Moment, nullable=False),
    sa.Column("last_seen", Moment, nullable=False, comment="roughly: moved once a day at most"),
    sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id", ondelete="SET NULL")),
    sa.UniqueConstraint("feed_id", "key"),
    sa.Index("entry_link", "link"),
    sa.Index("entry_heading", "heading"),
    comment="What was seen in outside sources, so that each thing is told once.",
)


def _listed() -> tuple[sa.Column[Any], ...]:
    """What a source says of an area, and lists until it is over."""
    return (
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "area_id", sa.Integer, sa.ForeignKey("area.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("feed", sa.Text, nullable=False, comment="its id in feeds.toml"),
        sa.Column("key", sa.LargeBinary, nullable=False, comment="hash of its identity there"),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("licence", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("gone_at", Moment, comment="when it was listed no more"),
    )


priorities = sa.Table(
    "local_priority",
    metadata,
    *_listed(),
    sa.Column("issue", sa.Text, nullable=False, comment="you said"),
    sa.Column("action", sa.Text, nullable=False, comment="we did; empty: nothing is said yet"),
    sa.Column("topic", sa.Integer, nullable=False),
    sa.Column("found_at", Moment, nullable=False, comment="when it was raised"),
    sa.Column("acting_at", Moment, comment="when an action was first told"),
    sa.Column("reviewed_at", Moment, comment="when another one was told last"),
    sa.UniqueConstraint("area_id", "feed", "key"),
    comment="What residents raised and the police took up, with its stages.",
)

events = sa.Table(
    "event",
    metadata,
    *_listed(),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("venue", sa.Text, nullable=False),
    sa.Column("starts_at", Moment, nullable=False),
    sa.Column("ends_at", Moment),
    sa.UniqueConstraint("area_id", "feed", "key"),
    sa.Index("event_by_start", "starts_at"),
    comment="Meetings that residents may come to.",
)

reminders = sa.Table(
    "reminder",
    metadata,
    sa.Column(
        "subscriber_id",
        sa.Integer,
        sa.ForeignKey("subscriber.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column(
        "event_id", sa.Integer, sa.ForeignKey("event.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("due", Moment, nullable=False),
    sa.Index("reminder_due", "due"),
    comment="Who wants to be reminded of an event, until they are.",
)

crime_months = sa.Table(
    "crime_month",
    metadata,
    sa.Column(
        "area_id", sa.Integer, sa.ForeignKey("area.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("month", sa.Date, primary_key=True, comment="its first day"),
    sa.Column("drawn", sa.LargeBinary, nullable=False, comment="hash of the outline then"),
    sa.Column("sample", sa.Boolean, nullable=False, comment="made up for a demo"),
    sa.Column("read_at", Moment, nullable=False),
    sqlite_with_rowid=False,
    comment="The months whose crimes were counted, also where there were none.",
)

crime_counts = sa.Table(
    "crime_count",
    metadata,
    sa.Column("area_id", sa.Integer, primary_key=True),
    sa.Column("month", sa.Date, primary_key=True),
    sa.Column("category", sa.Text, primary_key=True, comment="as data.police.uk spells it"),
    sa.Column("outcome", sa.Text, primary_key=True, comment="the newest result; empty: none"),
    sa.Column("count", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(
        ["area_id", "month"], ["crime_month.area_id", "crime_month.month"], ondelete="CASCADE"
    ),
    sqlite_with_rowid=False,
    comment="Crimes of a month within an area, as published: counts only, no places.",
)

area_teams = sa.Table(
    "area_team",
    metadata,
    sa.Column(
        "area_id",
        sa.Integer,
        sa.ForeignKey("area.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("officers", sa.Text, nullable=False, comment="JSON, as published"),
    sa.Column("contacts", sa.Text, nullable=False, comment="JSON, as published"),
    sa.Column("read_at", Moment, nullable=False),
    comment="Who looks after an area, and how the force says to reach them.",
)
