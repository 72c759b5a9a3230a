"""What staff did, as a chain: each entry is hashed with the one before, so none can be changed."""

import hashlib
import json
from datetime import datetime

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import audit

_FIRST = bytes(32)


async def record(
    connection: AsyncConnection, actor: str, action: str, subject: str, at: datetime
) -> None:
    """Add an entry: who did what to which post. Never anything about a resident."""
    if connection.dialect.name == "postgresql":  # one chain, so one writer at a time
        await connection.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))
    newest = select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)
    last = (await connection.execute(newest)).scalar_one_or_none() or _FIRST
    facts = {"action": action, "actor": actor, "at": at.isoformat(), "subject": subject}
    entry = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    await connection.execute(insert(audit).values(entry=entry, hash=_hash(last, entry)))


async def unbroken(connection: AsyncConnection) -> bool:
    """Whether every entry still fits the one before it."""
    last = _FIRST
    for row in await connection.execute(select(audit).order_by(audit.c.id)):
        last = _hash(last, row.entry)
        if last != row.hash:
            return False
    return True


def _hash(last: bytes, entry: str) -> bytes:
    return hashlib.sha256(last + entry.encode()).digest()
