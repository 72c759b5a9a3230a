"""Sealed concerns on their way to a team, and mail that was not let through to a resident.

The forwarder reads these rows itself: a concern is never a job in a queue.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ConcernState
from bot.store.concern_tables import concerns, mailboxes, metadata, quarantine, return_paths
from bot.store.database import Database
from bot.store.mailboxes import KEY_BYTES

_UNDELIVERED = concerns.c.accepted.is_(None)
_WAITING = [  # in the order of Waiting's fields
    concerns.c.id,
    concerns.c.mailbox_id,
    mailboxes.c.reference,
    concerns.c.area,
    concerns.c.urgent,
    mailboxes.c.answer_wanted,
    concerns.c.day,
    mailboxes.c.raised,
    concerns.c.waiting_since,
    concerns.c.attempts,
    concerns.c.part,
    concerns.c.pgp,
    concerns.c.bounces,
]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sealed concern that no mail server has accepted yet.

    ``since`` is the hour it was given. ``raised`` is the day of its mailbox's first concern.
    ``pgp`` says that it is sealed to the team itself.
    """

    id: bytes
    mailbox_id: bytes
    reference: str
    area: str | None
    urgent: bool
    answer_wanted: bool
    day: date
    raised: date
    since: datetime
    attempts: int
    part: int
    pgp: bool
    bounces: int


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Mail that looked like an answer and was not let through; ``team`` is an id, if known."""

    id: bytes
    team: int | None
    day: date
    reason: str


async def add(
    connection: AsyncConnection,
    mailbox_id: bytes,
    parts: Sequence[bytes],
    *,
    area: str | None,
    urgent: bool,
    pgp: bool,
    day: date,
    due: datetime,
) -> list[bytes]:
    """Store one concern, sealed in so many mails. Returns the random ids of these."""
    ids = [secrets.token_bytes(KEY_BYTES) for _ in parts]
    rows = [
        {
            "id": ids[part - 1],
            "mailbox_id": mailbox_id,
            "area": area,
            "urgent": urgent,
            "day": day,
            "due": due,
            "waiting_since": due,  # while it waits its turn, nothing is late
            "attempts": 0,
            "part": part,
            "pgp": pgp,
            "sealed": sealed,
        }
        for part, sealed in enumerate(parts, start=1)
    ]
    await connection.execute(insert(concerns), rows)
    return ids


async def due(connection: AsyncConnection, now: datetime, most: int) -> list[Waiting]:
    """What is due at a moment: urgent concerns first, then those that have waited longest."""
    rows = await connection.execute(
        select(*_WAITING)
        .join(mailboxes, mailboxes.c.id == concerns.c.mailbox_id)
        .where(_UNDELIVERED, concerns.c.due <= now)
        .order_by(concerns.c.urgent.desc(), concerns.c.waiting_since, concerns.c.part)
        .limit(most)
    )
    return [Waiting(*row) for row in rows]


async def sealed(connection: AsyncConnection, concern_id: bytes) -> bytes | None:
    """What is to be sent; None once it was accepted or erased."""
    content = select(concerns.c.sealed).where(concerns.c.id == concern_id, _UNDELIVERED)
    return (await connection.execute(content)).scalar_one_or_none()


async def postpone(connection: AsyncConnection, concern_id: bytes, due: datetime) -> None:
    """Count a try that came to nothing; the next is in the hour of ``due``."""
    await connection.execute(
        update(concerns)
        .where(concerns.c.id == concern_id, _UNDELIVERED)
        .values(attempts=concerns.c.attempts + 1, due=due)
    )


async def accept(connection: AsyncConnection, concern_id: bytes, day: date) -> bool:
    """Note that a mail server took a concern, and let its mailbox say so.

    Returns False for one that was erased meanwhile, or was accepted before.
    """
    taken = await connection.execute(
        update(concerns)
        .where(concerns.c.id == concern_id, _UNDELIVERED)
        .values(accepted=day, due=None, waiting_since=None)
        .returning(concerns.c.mailbox_id)
    )
    mailbox_id = taken.scalar_one_or_none()
    if mailbox_id is None:
        return False
    if not await count_waiting(connection, mailbox_id):
        await connection.execute(
            update(mailboxes)
            .where(mailboxes.c.id == mailbox_id, mailboxes.c.state == ConcernState.SAVED.value)
            .values(state=ConcernState.DELIVERED.value, day=day)
        )
    return True


async def bounce(connection: AsyncConnection, concern_id: bytes, hour: datetime) -> bool:
    """Let a concern that a mail server sent back wait again. Returns False for one long erased.

    Its day stays, so that servers that send back everything cannot keep it for ever.
    """
    back = await connection.execute(
        update(concerns)
        .where(concerns.c.id == concern_id, concerns.c.accepted.is_not(None))
        .values(accepted=None, due=hour, waiting_since=hour, bounces=concerns.c.bounces + 1)
        .returning(concerns.c.mailbox_id)
    )
    mailbox_id = back.scalar_one_or_none()
    if mailbox_id is None:
        return False
    await connection.execute(
        update(mailboxes)
        .where(mailboxes.c.id == mailbox_id, mailboxes.c.state == ConcernState.DELIVERED.value)
        .values(state=ConcernState.SAVED.value)
    )
    return True


async def count_waiting(connection: AsyncConnection, mailbox_id: bytes) -> int:
    """How many mails of a mailbox's concerns no server has accepted yet."""
    counted = select(func.count()).where(_UNDELIVERED, concerns.c.mailbox_id == mailbox_id)
    return (await connection.execute(counted)).scalar_one()


async def load(connection: AsyncConnection) -> tuple[int, int]:
    """How many mails wait in all, and how many bytes they are."""
    size = func.coalesce(func.sum(func.length(concerns.c.sealed)), 0)
    row = (await connection.execute(select(func.count(), size).where(_UNDELIVERED))).one()
    return row[0], row[1]


async def oldest(connection: AsyncConnection) -> datetime | None:
    """The hour since which the longest waiting concern has waited."""
    since = select(concerns.c.waiting_since).where(_UNDELIVERED)
    first = since.order_by(concerns.c.waiting_since).limit(1)
    return (await connection.execute(first)).scalar_one_or_none()


async def purge_accepted(connection: AsyncConnection, until: date) -> int:
    """Erase what mail servers accepted on a day or before. Returns how many mails."""
    gone = await connection.execute(delete(concerns).where(concerns.c.accepted <= until))
    return gone.rowcount


async def give_up(connection: AsyncConnection, until: date) -> int:
    """Erase what has waited since a day or before, and let its mailbox say so.

    A mailbox of which something else still waits is not given up. Returns how many mails.
    """
    over = (_UNDELIVERED, concerns.c.day <= until)
    its_own = concerns.c.mailbox_id == mailboxes.c.id
    count = select(func.count()).where(*over, its_own).correlate(mailboxes).scalar_subquery()
    await connection.execute(
        update(mailboxes)
        .where(mailboxes.c.id.in_(select(concerns.c.mailbox_id).where(*over)))
        .values(lost=mailboxes.c.lost + count)
    )
    ended = return_paths.c.concern_id.in_(select(concerns.c.id).where(*over))
    await connection.execute(delete(return_paths).where(ended))
    gone = await connection.execute(delete(concerns).where(*over))
    await connection.execute(
        update(mailboxes)
        .where(
            mailboxes.c.state == ConcernState.SAVED.value,
            mailboxes.c.lost > 0,
            mailboxes.c.id.not_in(select(concerns.c.mailbox_id).where(_UNDELIVERED)),
        )
        .values(state=ConcernState.UNDELIVERED.value)
    )
    return gone.rowcount


async def hold_back(
    connection: AsyncConnection, team: int | None, day: date, reason: str, sealed: bytes
) -> bytes:
    """Put mail into quarantine. Returns the random id under which it is kept."""
    number = secrets.token_bytes(KEY_BYTES)
    values = {"id": number, "team": team, "day": day, "reason": reason, "sealed": sealed}
    await connection.execute(insert(quarantine).values(values))
    return number


async def quarantined(connection: AsyncConnection) -> list[Quarantined]:
    """What is in quarantine, the oldest first."""
    columns = (quarantine.c.id, quarantine.c.team, quarantine.c.day, quarantine.c.reason)
    rows = await connection.execute(select(*columns).order_by(quarantine.c.day, quarantine.c.id))
    return [Quarantined(*row) for row in rows]


async def sealed_quarantined(connection: AsyncConnection, number: bytes) -> bytes | None:
    """One mail in quarantine, sealed to the mailer."""
    content = select(quarantine.c.sealed).where(quarantine.c.id == number)
    return (await connection.execute(content)).scalar_one_or_none()


async def purge_quarantine(connection: AsyncConnection, until: date) -> int:
    gone = await connection.execute(delete(quarantine).where(quarantine.c.day <= until))
    return gone.rowcount


async def erase_all(connection: AsyncConnection) -> int:
    """Delete all mailboxes with what hangs on them, and the quarantine. Returns how many."""
    gone = await connection.execute(delete(mailboxes))
    await connection.execute(delete(quarantine))
    return gone.rowcount


async def leave_no_trace(database: Database) -> None:
    """See that rows just deleted cannot be read in the files of a database.

    SQLite overwrites them as it deletes, and its log is emptied here. PostgreSQL only ever marks
    rows as dead, also when they are overwritten first; a full vacuum writes each table anew.
    """
    await database.truncate_log()
    await database.vacuum(metadata.sorted_tables)
