"""data.police.uk: a force's neighbourhoods, what its teams do in them, and crimes by month.

Keyless JSON under the Open Government Licence v3.0; 15 requests a second at most.
"""

import asyncio
import hashlib
import json
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any, TypeAlias
from urllib.parse import quote
from zoneinfo import ZoneInfo

import stamina

from bot.errors import FeedError, Refused
from bot.model import Crime, Entry, Kind, Officer, Point, Reach, Source
from bot.ports import FeedResult, Fetch, Known
from bot.reading import dates, links, prose, visits

NAME = "data.police.uk"
LICENCE = (
    "Contains public sector information licensed under the Open Government Licence v3.0. "
    "Source: data.police.uk."
)
LANGUAGE = "en_GB"  # the police publish in English only

# The API answers in 0.45 to 5 seconds, a boundary may be 128 KB, and a month of a city 2 MB
# (measured October 2026).
_SECONDS = 30
_LIMIT = 20_000_000
_ATTEMPTS = 6
_AREAS_AT_ONCE = 4  # the way out paces how many requests begin each second
_GIVE_UP_AFTER = 4
_NAMED = 10
_ZONE = ZoneInfo("Europe/London")  # its times name no zone
_HOSTS = ("police.uk",)
_LONGEST_TITLE = 120

Areas: TypeAlias = Callable[[], Awaitable[Sequence[str]]]
"""Gives the ids of the force's neighbourhoods that are on board."""


class PoliceUk:
    """The Neighbourhoods and PoliceData ports over the police API."""

    def __init__(self, url: str, force: str, fetch: Fetch) -> None:
        self._fetch = fetch
        self._api = url
        self._force = f"{url}/{quote(force, safe='')}"
        self._pages: dict[str, str] = {}

    async def neighbourhoods(self) -> Any:
        """``[{"id", "name"}]``. Raises FeedError."""
        answer = await self._get(f"{self._force}/neighbourhoods")
        if answer is None:
            raise _Final("the police API knows no such force")
        return answer

    async def detail(self, id: str) -> Any:
        """The neighbourhood's page, or None when the API knows none. Raises FeedError."""
        return await self._get(self._area(id))

    async def boundary(self, id: str) -> Any:
        """``[{"latitude", "longitude"}]``, or None when the API has none. Raises FeedError."""
        return await self._get(f"{self._area(id)}/boundary")

    async def people(self, area: str) -> Sequence[Officer]:
        """The team of an area. Raises FeedError."""
        return [_officer(each) for each in _records(await self._get(f"{self._area(area)}/people"))]

    async def contacts(self, area: str) -> Sequence[tuple[str, str]]:
        """How the team of an area can be reached. Raises FeedError."""
        return _contacts(_table(await self.detail(area)))

    async def events(self, area: str) -> Sequence[Entry]:
        """Meetings to come, soonest first. Raises FeedError."""
        found = _records(await self._get(f"{self._area(area)}/events"))
        return [event(each, area) for each in found]

    async def priorities(self, area: str) -> Sequence[Entry]:
        """What residents raised; each once, with the newest action there is. Raises FeedError."""
        found = _records(await self._get(f"{self._area(area)}/priorities"))
        if not found:
            return ()
        page = await self._page(area)
        newest_last = sorted(found, key=lambda each: str(each.get("action-date") or ""))
        by_key = {one.key: one for one in (priority(each, area, page) for each in newest_last)}
        return list(by_key.values())

    async def last_updated(self) -> date:
        """The first day of the newest month of crimes. Raises FeedError."""
        answer = await self._get(f"{self._api}/crime-last-updated")
        try:
            return date.fromisoformat(answer["date"])
        except (TypeError, KeyError, ValueError):
            raise _Final("the police API gave no date of its crimes") from None

    async def crimes(self, ring: Sequence[Point], month: date) -> Sequence[Crime]:
        """Every offence of a month within an outline. Raises FeedError, also for over 10,000."""
        # By POST: the outline of an area is longer than an address may be. Without the date it
        # would answer with its newest month and not say so.
        poly = ":".join(f"{point.latitude:.5f},{point.longitude:.5f}" for point in ring)
        form = {"poly": poly, "date": f"{month:%Y-%m}"}
        answer = await self._get(f"{self._api}/crimes-street/all-crime", form)
        if answer is None:
            raise _Final(f"the police API has no crimes of {month:%B %Y}")
        return [one for one in map(crime, _records(answer)) if one is not None]

    async def _page(self, area: str) -> str:
        """The force's own page of an area, where it names one."""
        if area not in self._pages:
            detail = await self.detail(area)
            url = detail.get("url_force") if isinstance(detail, dict) else None
            self._pages[area] = url if isinstance(url, str) else ""
        page = self._pages[area]
        return page if links.leads_to(page, _HOSTS) else ""

    def _area(self, id: str) -> str:
        return f"{self._force}/{quote(id, safe='')}"

    async def _get(self, url: str, form: Mapping[str, str] | None = None) -> Any:
        async for attempt in stamina.retry_context(
            on=_may_pass, attempts=_ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=20.0
        ):
            with attempt:
                return await self._get_once(url, form)
        raise AssertionError("stamina raises the last failure itself")

    async def _get_once(self, url: str, form: Mapping[str, str] | None) -> Any:
        response = await self._fetch(url, form=form, limit=_LIMIT, seconds=_SECONDS)
        if response.status == 404:
            return None
        if response.status == 429 or response.status >= 500:
            raise FeedError(f"the police API answered {response.status}")
        if response.status != 200:
            raise _Final(f"the police API answered {response.status}")
        try:
            return json.loads(response.body)
        except (ValueError, RecursionError):
            raise _Final("the police API answered with something other than JSON") from None


class PoliceFeed:
    """The Feed port: the priorities and events of every area on board.

    An area that cannot be read leaves the others as they are, and is named as the problem.
    """

    def __init__(self, source: Source, police: PoliceUk, areas: Areas) -> None:
        self._source = source
        self._police = police
        self._areas = areas

    async def poll(self, known: Known) -> FeedResult:
        """Read all areas. Raises FeedError when none could be read."""
        areas = self._source.areas or tuple(await self._areas())
        failed: dict[str, FeedError] = {}
        found: dict[str, Sequence[Entry]] = {}
        turn = iter(areas)

        async def work() -> None:
            for area in turn:  # shared: each worker takes the next
                if len(failed) >= _GIVE_UP_AFTER and not found:
                    return  # it is down: do not ask for each area until it gives up on that
                try:
                    found[area] = await self._read(area)
                except FeedError as reason:
                    failed[area] = reason

        await asyncio.gather(*(work() for _ in range(_AREAS_AT_ONCE)))
        if areas and not found:
            raise next(iter(failed.values()))
        entries = [entry for area in areas for entry in found.get(area, ())]
        problem = f"could not be read: {_some(failed)}" if failed else None
        now = Known(digest=visits.digest(repr((entries, problem)).encode()))
        if now.digest == known.digest:
            return FeedResult(known=now, unchanged=True)
        return FeedResult(entries, now, problem=problem)

    async def _read(self, area: str) -> Sequence[Entry]:
        found = [*await self._police.priorities(area), *await self._police.events(area)]
        name, licence = self._source.name or NAME, self._source.licence or LICENCE
        return [replace(each, source=name, licence=licence) for each in found]


def _some(areas: Mapping[str, FeedError]) -> str:
    more = len(areas) - _NAMED
    return ", ".join(sorted(areas)[:_NAMED]) + (f" and {more} more areas" if more > 0 else "")


def priority(record: Mapping[str, Any], area: str, page: str = "") -> Entry:
    """What was raised, and what was done where the action has words, not only markup.

    The API gives no id, so the issue and its date are one. An action with a date may still be
    planned work: the date does not say that it is done.
    """
    issue = _plain(record.get("issue"))
    action = _plain(record.get("action"))
    raised = f"{record.get('issue-date')} {' '.join(issue.casefold().split())}"
    return Entry(
        key=f"{area} priority {hashlib.sha256(raised.encode()).hexdigest()[:32]}",
        title=prose.shortened(issue.partition("\n")[0], _LONGEST_TITLE),
        summary=prose.shortened(issue),
        source=NAME,
        licence=LICENCE,
        language=LANGUAGE,
        link=page,
        published=dates.moment(record.get("issue-date"), _ZONE),
        kind=Kind.OUTCOME if action else None,
        reach=Reach((area,)),
        action=prose.shortened(action),
        acted_on=dates.moment(record.get("action-date"), _ZONE) if action else None,
    )


def event(record: Mapping[str, Any], area: str) -> Entry:
    """A meeting. Its title, time and place are one: moved elsewhere it is another."""
    title, venue = _plain(record.get("title")), prose.line(_plain(record.get("address")))
    about = f"{title.casefold()}\n{record.get('start_date')}\n{venue.casefold()}"
    kind = _plain(record.get("type"))
    return Entry(
        key=f"{area} event {hashlib.sha256(about.encode()).hexdigest()[:32]}",
        title=prose.line(title or kind),
        summary=prose.shortened(_plain(record.get("description"))),
        source=NAME,
        licence=LICENCE,
        language=LANGUAGE,
        kind=Kind.EVENT,
        categories=(kind,) if kind else (),
        reach=Reach((area,)),
        starts=dates.moment(record.get("start_date"), _ZONE),
        ends=dates.moment(record.get("end_date"), _ZONE),
        venue=venue,
    )


def crime(record: Mapping[str, Any]) -> Crime | None:
    """One offence, or None where it names no category or month."""
    try:
        month = date.fromisoformat(f"{record['month']}-01")
        category = str(record["category"])
    except (KeyError, ValueError):
        return None
    location, status = _table(record.get("location")), _table(record.get("outcome_status"))
    return Crime(
        category=category,
        month=month,
        outcome=str(status["category"]) if status.get("category") else None,
        point=_point(location),
        street=str(_table(location.get("street")).get("name") or ""),
        id=str(record.get("persistent_id") or ""),
    )


def _officer(record: Mapping[str, Any]) -> Officer:
    return Officer(
        name=prose.line(_plain(record.get("name"))),
        rank=prose.line(_plain(record.get("rank"))),
        bio=prose.shortened(_plain(record.get("bio"))),
        contacts=_contacts(record),
    )


def _contacts(record: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    found = _table(record.get("contact_details")).items()
    return tuple((str(kind), prose.line(str(where))) for kind, where in found if where)


def _plain(markup: object) -> str:
    """Plain text of HTML, of entities alone, or of nothing."""
    return prose.from_html(markup) if isinstance(markup, str) else ""


def _records(answer: object) -> Sequence[Mapping[str, Any]]:
    """The objects of a list; nothing where the API knows no such area."""
    if answer is None:
        return ()
    if not isinstance(answer, list):
        raise _Final("the police API answered with something other than a list")
    return [each for each in answer if isinstance(each, dict)]


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _point(location: Mapping[str, Any]) -> Point | None:
    """Numbers as strings; "0" means that no map point is within 20 km."""
    with suppress(KeyError, TypeError, ValueError):
        point = Point(float(location["latitude"]), float(location["longitude"]))
        if point != Point(0, 0) and math.isfinite(point.latitude + point.longitude):
            return point
    return None


class _Final(FeedError):
    """An answer that another try would not change."""


def _may_pass(failure: Exception) -> bool:
    return isinstance(failure, FeedError) and not isinstance(failure, Refused | _Final)
