"""What is shipped and takes a second or more to read: read once, because no test changes it."""

from functools import cache
from zoneinfo import ZoneInfo

from bot.catalogs import Catalogs
from bot.schedule import SystemClock
from bot.services.articles import Library
from bot.services.directory import Directory


@cache
def catalogs() -> Catalogs:
    """Every language in ``locales/``, drafts too, with the times of London."""
    return Catalogs(zone=ZoneInfo("Europe/London"), offer_drafts=True)


@cache
def library() -> Library:
    """Every article in ``locales/``, with the facts of Thames Valley Police."""
    return Library(Directory("thames-valley", SystemClock()))
