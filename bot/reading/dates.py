"""Dates as outside sources write them."""

import re
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime

_BRITISH_SUMMER = re.compile(r"\bBST\b", re.IGNORECASE)
_BRITISH_WINTER = re.compile(r"\b(?:WET|UTC|GMT)\b", re.IGNORECASE)
_DAY_FIRST = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ ,T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII
)


def moment(text: str | None, zone: tzinfo) -> datetime | None:
    """A time in UTC: ISO 8601, RFC 822 (BST too) or day-first numbers; None for anything else.

    ``zone`` is where the source is, for times that name no zone.
    """
    words = (text or "").strip()
    read = _iso(words) or _rfc822(words) or _day_first(words)
    if read is None:
        return None
    with suppress(OverflowError):  # the first or last hours there are
        return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    return None


def _iso(words: str) -> datetime | None:
    try:
        return datetime.fromisoformat(words)
    except ValueError:
        return None


def _rfc822(words: str) -> datetime | None:
    zoned = _BRITISH_WINTER.sub("+0000", _BRITISH_SUMMER.sub("+0100", words))
    try:
        return parsedate_to_datetime(zoned)
    except (ValueError, TypeError, IndexError):
        return None


def _day_first(words: str) -> datetime | None:
    found = _DAY_FIRST.fullmatch(words)
    if found is None:
        return None
    day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # given one later
    except ValueError:
        return None
