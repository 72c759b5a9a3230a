"""Mailboxes: what a receipt code opens, the sealed replies in it, and the ways that lead there."""

import secrets
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import Row, case, delete, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ConcernState, Theme
from bot.store.concern_tables import mailboxes, replies, return_paths

KEY_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A mailbox as it is stored. ``id`` comes from the receipt, ``reference`` is the team's.

    ``lost`` counts its mails that never arrived and are erased.
    """

    id: bytes
    public_key: bytes
    reference: str
    area: str | None
    theme: Theme
    state: ConcernState
    urgent: bool
    answer_wanted: bool
    raised: date
    day: date
    answered: date | None = None
    lost: int = 0


_COLUMNS = [mailboxes.c[field.name] for field in fields(Stored)]


async def add(connection: AsyncConnection, mailbox: Stored) -> None:
    await connection.execute(insert(mailboxes).values(asdict(mailbox)))


async def find(
    connection: AsyncConnection, mailbox_id: bytes, since: date, *, hold: bool = False
) -> Stored | None:
    """A mailbox with activity after a day; ``hold`` keeps others from changing it meanwhile."""
    found = select(*_COLUMNS).where(mailboxes.c.id == mailbox_id, mailboxes.c.day > since)
    row = (await connection.execute(found.with_for_update() if hold else found)).one_or_none()
    return None if row is None else _stored(row)


async def by_path(
    connection: AsyncConnection, path: bytes, since: date, *, hold: bool = False
) -> tuple[Stored, bytes | None] | None:
    """The mailbox behind the hash of a token, and the concern whose bounces come there.

    ``hold`` keeps others from changing the mailbox meanwhile.
    """
    found = (
        select(*_COLUMNS, return_paths.c.concern_id)
        .join(return_paths, return_paths.c.mailbox_id == mailboxes.c.id)
        .where(return_paths.c.hash == path, mailboxes.c.day > since)
    )
    if hold:
        found = found.with_for_update(of=mailboxes)
    row = (await connection.execute(found)).one_or_none()
    return None if row is None else (_stored(row), row.concern_id)


async def add_path(
    connection: AsyncConnection,
    path: bytes,
    mailbox_id: bytes,
    day: date,
    concern_id: bytes | None = None,
) -> None:
    """Let a token lead to a mailbox: for answers, or for the bounces of one concern."""
    await connection.execute(
        insert(return_paths).values(
            hash=path, mailbox_id=mailbox_id, concern_id=concern_id, day=day
        )
    )


async def knows_reference(connection: AsyncConnection, reference: str) -> bool:
    taken = exists().where(mailboxes.c.reference == reference)
    return bool((await connection.execute(select(taken))).scalar_one())


async def change(connection: AsyncConnection, mailbox_id: bytes, **values: object) -> None:
    """Set columns of a mailbox."""
    await connection.execute(update(mailboxes).where(mailboxes.c.id == mailbox_id).values(**values))


async def lose(connection: AsyncConnection, mailbox_id: bytes, path: bytes) -> None:
    """Note a mail that came back after it was erased. Its token ends: it is counted once."""
    await connection.execute(delete(return_paths).where(return_paths.c.hash == path))
    delivered = mailboxes.c.state == ConcernState.DELIVERED.value
    await connection.execute(
        update(mailboxes)
        .where(mailboxes.c.id == mailbox_id)
        .values(
            lost=mailboxes.c.lost + 1,
            state=case((delivered, ConcernState.UNDELIVERED.value), else_=mailboxes.c.state),
        )
    )


async def add_reply(
    connection: AsyncConnection, mailbox_id: bytes, day: date, sealed: bytes
) -> None:
    values = {"id": secrets.token_bytes(KEY_BYTES), "mailbox_id": mailbox_id}
    await connection.execute(insert(replies).values(**values, day=day, sealed=sealed))


async def sealed_replies(
    connection: AsyncConnection, mailbox_id: bytes
) -> list[tuple[date, bytes]]:
    """The replies in a mailbox, in no order that means anything."""
    rows = await connection.execute(
        select(replies.c.day, replies.c.sealed).where(replies.c.mailbox_id == mailbox_id)
    )
    return [(row.day, row.sealed) for row in rows]


async def count_replies(connection: AsyncConnection, mailbox_id: bytes) -> int:
    counted = select(func.count()).select_from(replies).where(replies.c.mailbox_id == mailbox_id)
    return (await connection.execute(counted)).scalar_one()


async def count_raised(connection: AsyncConnection, area: str | None, day: date) -> tuple[int, int]:
    """How many concerns were raised on a day: in an area, and everywhere."""
    rows = await connection.execute(
        select(mailboxes.c.area, func.count())
        .where(mailboxes.c.raised == day)
        .group_by(mailboxes.c.area)
    )
    counts = {name: count for name, count in rows}
    return counts.get(area, 0), sum(counts.values())


async def areas_answered(connection: AsyncConnection, since: date) -> set[str]:
    """Areas of mailboxes that a reply came to on a day or later."""
    rows = await connection.execute(
        select(mailboxes.c.area)
        .distinct()
        .join(replies, replies.c.mailbox_id == mailboxes.c.id)
        .where(replies.c.day >= since, mailboxes.c.area.is_not(None))
    )
    return set(rows.scalars())


async def unanswered(connection: AsyncConnection, raised_by: date, step: str) -> list[Stored]:
    """Mailboxes raised on a day or before that await an answer.

    ``step`` is ``reminded`` or ``escalated``: those are left out for which it was done.
    """
    rows = await connection.execute(
        select(*_COLUMNS).where(
            mailboxes.c.raised <= raised_by,
            mailboxes.c.answered.is_(None),
            mailboxes.c.answer_wanted,
            mailboxes.c.state != ConcernState.UNDELIVERED.value,
            mailboxes.c[step].is_(None),
        )
    )
    return [_stored(row) for row in rows]


async def erase(connection: AsyncConnection, mailbox_id: bytes) -> bool:
    """Erase a mailbox and all that hangs on it. Returns whether there was one."""
    gone = await connection.execute(delete(mailboxes).where(mailboxes.c.id == mailbox_id))
    return gone.rowcount > 0


async def purge(connection: AsyncConnection, until: date) -> int:
    """Erase mailboxes whose last activity was on a day or before. Returns how many."""
    return (await connection.execute(delete(mailboxes).where(mailboxes.c.day <= until))).rowcount


def _stored(row: Row[*tuple[Any, ...]]) -> Stored:
    return Stored(
        id=row.id,
        public_key=row.public_key,
        reference=row.reference,
        area=row.area,
        theme=Theme(row.theme),
        state=ConcernState(row.state),
        urgent=row.urgent,
        answer_wanted=row.answer_wanted,
        raised=row.raised,
        day=row.day,
        answered=row.answered,
        lost=row.lost,
    )
