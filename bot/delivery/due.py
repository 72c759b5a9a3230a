"""What the resident asked for, decided at the moment a message to them becomes due.

Times are compared as moments, and local days counted by their date, so that a clock change can
neither repeat nor skip anything: an hour that comes twice counts the first time only, and one that
does not come is the hour after it.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from bot.model import Frequency, Kind, Level, Post, Preferences
from bot.store.deliveries import Following, Gate

DIGEST_WEEKDAY = 4
"""Weekly news comes on a Friday, before the days that people have time to read."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Now:
    """Send it by itself."""


@dataclass(frozen=True, slots=True)
class InDigest:
    """Send it with whatever else waits for this resident's digest."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again at a moment; ``gathered`` when that is the time of a digest."""

    until: datetime
    gathered: bool = False


@dataclass(frozen=True, slots=True)
class Never:
    """They do not want it any more."""

    reason: str


Decision: TypeAlias = Now | InDigest | Wait | Never


def decide(
    post: Post,
    targets: Container[int] | None,
    follows: Sequence[Following],
    preferences: Preferences,
    gate: Gate,
    now: datetime,
    zone: ZoneInfo,
    *,
    alone: bool = False,
) -> Decision:
    """Whether a post goes to a resident now, later or not at all.

    ``targets`` are the keys of the post's areas, None for everywhere. ``alone`` says that it was
    in doubt before, so it is not gathered again.
    """
    wanted = [each for each in follows if targets is None or each.area in targets]
    if not post.is_addressed:
        if not wanted:
            return Never("no longer follows the area")
        wanted = [each for each in wanted if _wants(each, post)]
        if not wanted:
            return Never("no longer wanted")
    if post.is_urgent:
        return Now()
    if held := _held(preferences, now, zone):
        return Wait(held)
    if not (post.is_alert or post.is_addressed or alone):
        often = min(each.frequency for each in wanted)
        if post.kind is Kind.ADVICE:  # nothing new, so it comes at their hour even to them
            often = max(often, Frequency.DAILY)
        slot = digest_slot(often, preferences.digest_hour, _since(post), gate.digest_day, zone)
        if slot is not None and slot > now:
            return Wait(slot, gathered=True)
        if over := _over_cap(preferences, gate, now, zone):
            return Wait(over, gathered=slot is not None)
        return Now() if slot is None else InDigest()
    over = _over_cap(preferences, gate, now, zone)
    return Wait(over) if over else Now()


def local_day(now: datetime, zone: ZoneInfo) -> int:
    """The local date, as its ordinal."""
    return now.astimezone(zone).date().toordinal()


def digest_slot(
    often: Frequency, hour: int, since: datetime, last_day: int | None, zone: ZoneInfo
) -> datetime | None:
    """When the digest goes out that news since a moment is in; None where it comes at once.

    ``last_day`` is the local day of the digest before: there is one a day at most.
    """
    if often is Frequency.AT_ONCE:
        return None
    day = since.astimezone(zone).date()
    if last_day is not None:
        day = max(day, date.fromordinal(last_day + 1))
    while _moment(day, time(hour), zone) < since or not _is_digest_day(often, day):
        day += _DAY
    return _moment(day, time(hour), zone)


def _is_digest_day(often: Frequency, day: date) -> bool:
    return often is Frequency.DAILY or day.weekday() == DIGEST_WEEKDAY


def _since(post: Post) -> datetime:
    if post.send_at is None:
        raise ValueError("a post that was never released is not due")
    return post.send_at


def _wants(place: Following, post: Post) -> bool:
    if post.is_alert:
        return post.level is Level.URGENT or place.alerts <= post.level
    return bool(place.topics & post.topic)


def _held(preferences: Preferences, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When the pause or the quiet hours that hold now are over; the pause first."""
    if preferences.paused_until is not None:
        over = _moment(preferences.paused_until, time(0), zone)
        if now < over:
            return over
    if preferences.quiet is None:
        return None
    start, end = preferences.quiet.start, preferences.quiet.end
    today = now.astimezone(zone).date()
    for day in (today - _DAY, today):
        until = _moment(day + _DAY if end <= start else day, end, zone)
        if _moment(day, start, zone) <= now < until:
            return until
    return None


def _over_cap(
    preferences: Preferences, gate: Gate, now: datetime, zone: ZoneInfo
) -> datetime | None:
    """The next local midnight, when today's messages are used up."""
    today = now.astimezone(zone).date()
    if gate.day != today.toordinal() or gate.sent < preferences.daily_cap:
        return None
    return _moment(today + _DAY, time(0), zone)


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A local time as a moment: of one that comes twice the first, of one left out the next."""
    return datetime.combine(day, at, zone).astimezone(UTC)
