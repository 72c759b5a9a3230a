"""Meetings that residents may come to, and the reminders they asked for."""

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.conversation import File
from bot.model import Kind, Level, Meeting, Policy, Priority, Subscriber, Topic, Variant
from bot.ports import Clock
from bot.services.posts import new_code, origin_columns
from bot.store import deliveries, listings, posts
from bot.store.database import Connection, Database

REMINDED_AT = time(10)
"""The local time, on the day before, at which a reminder comes."""
KEPT = timedelta(days=30)
USUAL_LENGTH = timedelta(hours=1)

_SPECIAL = re.compile(r"([\\;,])")


class Meetings:
    """Finds meetings and reminds of them, through the outbox."""

    def __init__(self, database: Database, clock: Clock, zone: ZoneInfo) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone

    async def to_come(self, area_ids: Collection[str]) -> Sequence[Meeting]:
        """Meetings in these areas that have not begun, the soonest first."""
        async with self._database.read() as connection:
            return await listings.meetings_of(connection, area_ids, self._clock.now())

    async def find(self, number: int) -> Meeting | None:
        """A meeting that is still to come."""
        async with self._database.read() as connection:
            found = await listings.meeting(connection, number)
        return found if found and found.starts > self._clock.now() else None

    def calendar(self, meeting: Meeting) -> File:
        """A meeting as a file that any calendar takes in: iCalendar, RFC 5545."""
        return _calendar(meeting, self._clock.now())

    async def remind(self, resident: Subscriber, meeting: Meeting) -> datetime | None:
        """Keep that somebody wants a reminder. Returns its time; None when that is over."""
        day = meeting.starts.astimezone(self._zone).date() - timedelta(days=1)
        due = datetime.combine(day, REMINDED_AT, self._zone).astimezone(UTC)
        if due <= self._clock.now() or resident.id is None:
            return None
        async with self._database.write() as connection:
            await listings.remind(connection, resident.id, meeting.id, due)
        return due

    async def send_reminders(self) -> None:
        """Put every reminder that is due into the outbox; whatever goes wrong, none is lost."""
        now = self._clock.now()
        async with self._database.read() as connection:
            if not await listings.has_due_reminders(connection, now):
                return
        async with self._database.write() as connection:
            for number, whom in (await listings.due_reminders(connection, now)).items():
                meeting = await listings.meeting(connection, number)
                if meeting is not None and meeting.starts > now:  # else it was called off
                    await self._send(connection, meeting, whom, now)

    async def purge(self) -> None:
        """Forget meetings and priorities a while after they are over."""
        async with self._database.write() as connection:
            await listings.forget(connection, self._clock.now() - KEPT)

    async def _send(
        self, connection: Connection, meeting: Meeting, whom: Collection[int], now: datetime
    ) -> None:
        number = await posts.add(
            connection,
            [Variant(meeting.language, meeting.title, self._words(meeting))],
            [],
            code=await new_code(connection),
            kind=Kind.EVENT.value,
            level=int(Level.ROUTINE),
            topic=int(Topic.NEIGHBOURHOOD_POLICING),
            policy=Policy.AT_LEAST_ONCE.value,
            priority=int(Priority.NEWS),
            everywhere=False,
            expires_at=meeting.starts,
            approved_at=now,
            send_at=now,
            planned_at=now,
            asked_for=True,
            **origin_columns(meeting.origin),
        )
        await deliveries.plan_for(connection, number, Priority.NEWS, whom, now)

    def _words(self, meeting: Meeting) -> str:
        starts = meeting.starts.astimezone(self._zone)
        when = f"{starts:%A} {starts.day} {starts:%B %Y, %H:%M}"
        return "\n".join(filter(None, (when, meeting.venue)))


def _calendar(meeting: Meeting, now: datetime) -> File:
    ends = meeting.ends if meeting.ends and meeting.ends > meeting.starts else None
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Beatline//Events//EN",
        "BEGIN:VEVENT",
        f"UID:{meeting.id}-{meeting.starts:%Y%m%dT%H%M}@beatline",
        f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{meeting.starts:%Y%m%dT%H%M%SZ}",
        f"DTEND:{ends or meeting.starts + USUAL_LENGTH:%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{_escaped(meeting.title)}",
        f"LOCATION:{_escaped(meeting.venue)}",
        f"DESCRIPTION:{_escaped(meeting.about)}",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    folded = "".join(f"{_folded(line)}\r\n" for line in lines)
    return File(f"event-{meeting.id}.ics", "text/calendar", folded.encode())


def _escaped(words: str) -> str:
    return _SPECIAL.sub(r"\\\1", words).replace("\n", "\\n")


def _folded(line: str) -> str:
    """At most 75 bytes a line, as the standard asks; a letter is never cut in two."""
    parts, size = [""], 0
    for letter in line:
        size += len(letter.encode())
        if size > 74:
            parts.append("")
            size = len(letter.encode())
        parts[-1] += letter
    return "\r\n ".join(parts)
