"""How long everything is kept: the one table that docs/privacy.md is tested against.

A period may be made shorter here, never longer than ``most``, which is what residents were told.
"""

from dataclasses import dataclass
from datetime import timedelta

from bot.services import advisor, backups, drafts, posts, residents


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept, for how long, and since when. Whole days end with the purge of that day."""

    what: str
    period: timedelta
    since: str
    most: timedelta

    def __post_init__(self) -> None:
        if not timedelta() < self.period <= self.most:
            raise ValueError(f"{self.what} may be kept for {self.most} at most")


def _days(what: str, days: int, since: str, most: int) -> Kept:
    return Kept(what, timedelta(days=days), since, timedelta(days=most))


DRAFT = Kept("Draft of a concern", drafts.IDLE, "the last word", timedelta(minutes=30))
DELIVERED = _days("Sealed concern, delivered", 3, "a mail server accepted it", most=3)
UNDELIVERED = _days("Sealed concern, not delivered", 14, "it was sent", most=14)
MAILBOX = _days("Mailbox, replies and their addresses", 90, "the last activity", most=90)
PUSH = _days("Link to a chat for push replies", 30, "it was switched on", most=30)
QUARANTINE = _days("Mail in quarantine", 30, "it came", most=30)
STOPPED = Kept("Subscription", residents.KEPT_AFTER_STOP, "/stop", timedelta(days=30))
TOMBSTONE = Kept(
    "Keyed hash of who asked to be forgotten",
    residents.TOMBSTONE_KEPT,
    "/forget",
    timedelta(days=15),
)
DELIVERIES = Kept(
    "Which posts went to a resident; then only how many each reached",
    posts.DELIVERIES_KEPT,
    "its release",
    timedelta(days=90),
)
ADVICE = Kept(
    "Which advice was chosen for a resident", advisor.KEPT, "it was chosen", timedelta(days=400)
)
REFERENCES = Kept("Sent message ids", posts.REFERENCES_KEPT, "its release", timedelta(days=7))
GATES = Kept(
    "How many messages a chat had on a day", posts.GATES_KEPT, "that day", timedelta(days=2)
)
BACKUPS = Kept("Backups that can be put back", backups.USABLE, "it was made", timedelta(days=14))

TABLE = (
    DRAFT,
    DELIVERED,
    UNDELIVERED,
    MAILBOX,
    PUSH,
    QUARANTINE,
    STOPPED,
    TOMBSTONE,
    DELIVERIES,
    ADVICE,
    REFERENCES,
    GATES,
    BACKUPS,
)
