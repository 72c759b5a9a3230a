"""How many crimes an area had: counted by month, shown without what could point at somebody."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import shapely
import structlog

from bot import figures
from bot.conversation import Illustration
from bot.errors import FeedError
from bot.model import Area, Crime, Kind, Level, Origin, PictureFile, Point, Post, Rise, Variant
from bot.offences import CATEGORIES, FEWEST, AreaNumbers, Tally
from bot.ports import Clock, PoliceData, Renderer
from bot.services import charts, rises, sample_months
from bot.services.outlines import Outlines
from bot.services.posts import MANY, Draft, Posts
from bot.store import areas, numbers, places
from bot.store.areas import StoredArea
from bot.store.database import Database
from bot.store.numbers import MonthOfArea, StoredMonth
from bot.store.posts import DEFAULT_LANGUAGE

LATE_AFTER = timedelta(days=92)
"""A month is published about two months after its end; three are too long."""

KEPT = 36
"""Months that are kept: as many as the police publish."""

_ACTOR = "numbers"
_NEVER_WITH_RESULT = "anti-social-behaviour"
_AT_ONCE = 4  # areas in hand; the way out paces how many requests begin each second
_GIVE_UP_AFTER = 4  # areas in a row

log = structlog.get_logger()


class Numbers:
    """The monthly figures of areas."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        posts: Posts,
        police: PoliceData | None,
        renderer: Renderer,
    ) -> None:
        self._database = database
        self._clock = clock
        self._posts = posts
        self._police = police
        self._renderer = renderer

    async def of(self, area_id: str) -> AreaNumbers | None:
        """The newest month of an area beside the year before it; None while there is none."""
        today = self._clock.now().date()
        async with self._database.read() as connection:
            known = await places.area(connection, area_id)
            months = await numbers.of(connection, area_id, oldest_shown(today))
        if known is None or not months:
            return None
        return _numbers(known[1], months, today)

    def illustration(self, found: AreaNumbers) -> Illustration:
        """The months of an area as bars; ``picture`` draws them."""
        return Illustration(
            _picture_name(found),
            charts.WIDTH,
            charts.HEIGHT,
            figures.described(found),
            figures.caption(found),
        )

    async def picture(self, name: str) -> PictureFile | None:
        """The picture of that name; None when the figures of its area are others by now."""
        found = await self.of(name.rpartition(".")[0])
        if found is None or _picture_name(found) != name:
            return None
        drawn = await asyncio.to_thread(charts.bars, found)
        return PictureFile("image/png", charts.WIDTH, charts.HEIGHT, drawn)

    async def rises(self, area: str) -> Sequence[Rise]:
        """What really rose in the newest month of an area, the steepest first: the Rises port."""
        found = await self.of(area)
        return found.rises if found else ()

    async def refresh(self) -> None:
        """Count what the police publish, for each of the force's own areas: a year, once.

        What cannot be read is left for the next turn. Without ``police``, in a demo, there is
        nobody to ask: made-up months take their place.
        """
        if self._police is None:
            await sample_months.fill(self._database, self._clock)
            return
        async with self._database.read() as connection:
            stored = await areas.everything(connection)
            known = await numbers.known(connection)
        own = [one for one in stored if not one.area.standin]
        if not own:
            return
        try:
            newest = await self._police.last_updated()
        except FeedError as reason:
            log.warning("numbers_not_read", reason=str(reason))
            return
        outlines = await asyncio.to_thread(Outlines, stored)
        wanted = (
            (one, month)
            for month in _year_until(newest)
            for one in own
            if (one.number, month, numbers.drawn(one)) not in known
        )
        await self._read_all(self._police, wanted, outlines)
        async with self._database.write() as connection:
            # The police have no word for a month that a force has not handed in.
            await numbers.forget_empty(connection)
            await numbers.forget(connection, _earlier(newest, KEPT))

    async def keep_up(self) -> None:
        """Take in what is new, and tell it."""
        await self.refresh()
        await self.tell()

    async def tell(self) -> None:
        """Post the newest month of every area that somebody follows: once, and not when late."""
        async with self._database.read() as connection:
            followed = await numbers.followed_areas(connection)
        for area_id in followed:
            found = await self.of(area_id)
            if found is not None and not found.late:
                await self._post(found)

    async def _read_all(
        self, police: PoliceData, wanted: Iterator[tuple[StoredArea, date]], outlines: Outlines
    ) -> None:
        failed = 0

        async def work() -> None:
            nonlocal failed
            for area, month in wanted:  # shared: each worker takes the next
                if failed >= _GIVE_UP_AFTER:
                    return
                try:
                    await self._read(police, area, month, outlines)
                    failed = 0
                except FeedError as reason:
                    failed += 1
                    log.warning("numbers_not_read", area=area.area.id, reason=str(reason))

        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))

    async def _read(
        self, police: PoliceData, area: StoredArea, month: date, outlines: Outlines
    ) -> None:
        """Count the offences that lie in this area and in none beside it."""
        counts: Counter[tuple[str, str]] = Counter()
        for part in shapely.get_parts(shapely.from_wkb(area.outline)):
            ring = [Point(y, x) for x, y in np.asarray(part.exterior.coords).tolist()]
            for crime in await police.crimes(ring, month):
                if _lies_in(crime, part) and outlines.at(crime.point).area == area.area:  # type: ignore[arg-type]  # has a point
                    counts[crime.category, crime.outcome or ""] += 1
        async with self._database.write() as connection:
            await numbers.put(
                connection, [MonthOfArea(area, month, counts)], self._clock.now(), sample=False
            )

    async def _post(self, found: AreaNumbers) -> None:
        post = await self._posts.draft(self._draft(found), _ACTOR)
        if not _may_go(post) or await self._posts.reaches_at_once(post.code) > MANY:
            return  # went out already, or a person has it in hand
        await self._posts.approve(post.code, _ACTOR)
        await self._posts.send(post.code, _ACTOR)

    def _draft(self, found: AreaNumbers) -> Draft:
        variants = {each.code: self._words(found, each.code) for each in self._renderer.offered}
        original = variants.pop(DEFAULT_LANGUAGE)
        return Draft(
            kind=Kind.NUMBERS,
            level=Level.ROUTINE,
            title=original.title,
            text=original.body,
            translations=tuple(variants.values()),
            areas=[found.area.id],
            key=f"numbers {found.area.id} {found.newest.month:%Y-%m}",
            origin=Origin(figures.SOURCE, figures.LICENCE),
        )

    def _words(self, found: AreaNumbers, language: str) -> Variant:
        plain = [self._renderer.plain(each, language) for each in figures.short(found)]
        return Variant(
            language,
            self._renderer.plain(figures.title(found), language),
            "\n\n".join(plain),
        )


def oldest_shown(today: date) -> date:
    """Months before this one are neither shown nor kept."""
    return _earlier(today, KEPT)


def tally(month: date, counts: Mapping[str, int]) -> Tally:
    """A month as it may be shown. Categories without offences are among those under five."""
    every = dict.fromkeys(CATEGORIES, 0) | dict(counts)
    hidden = [count for count in every.values() if count < FEWEST]
    total = sum(every.values())
    return Tally(
        month,
        {name: count if count >= FEWEST else None for name, count in every.items()},
        total if _keeps_secret(hidden) else None,
        total - sum(hidden),
    )


def shown_of(month: StoredMonth) -> tuple[Tally, Mapping[str, int], bool]:
    """A month as it may be shown, with its results and whether there are more of these."""
    shown = tally(month.month, _summed(month, 0))
    return shown, *_outcomes(month, shown)


def _keeps_secret(hidden: Sequence[int]) -> bool:
    """Whether the sum of hidden counts may be known.

    It may not where it is under five itself, or where it leaves one possibility only: of a single
    count, or of counts that are all as high as a hidden one can be.
    """
    together = sum(hidden)
    return not hidden or (len(hidden) > 1 and FEWEST <= together < (FEWEST - 1) * len(hidden))


def _outcomes(month: StoredMonth, shown: Tally) -> tuple[Mapping[str, int], bool]:
    """Results that may be shown, the most common first, and whether others are left out.

    With the results of all offences one could work out a total that is hidden, and with that and
    all but a few results those few: so then fewer are shown.
    """
    counts = _summed(month, 1)
    counts.pop("", None)
    told = {name: count for name, count in counts.most_common() if count >= FEWEST}
    without = shown.categories[_NEVER_WITH_RESULT] or 0
    while told and not _may_show(told, counts, shown, without):
        told.popitem()
    return told, len(told) < len(counts)


def _may_show(
    told: Mapping[str, int], counts: Mapping[str, int], shown: Tally, without: int
) -> bool:
    known = sum(told.values())
    if shown.total is None:
        return known + (len(told) < len(counts)) + without <= shown.shown
    rest = shown.total - without - known
    return rest == 0 or rest >= FEWEST


def _numbers(area: Area, months: Sequence[StoredMonth], today: date) -> AreaNumbers:
    by_month = {each.month: each for each in months}
    newest = months[-1]
    year = [by_month[month] for month in _year_until(newest.month)[::-1] if month in by_month]
    tallies = {each.month: tally(each.month, _summed(each, 0)) for each in year}
    shown, outcomes, more = shown_of(newest)
    return AreaNumbers(
        area=area,
        newest=shown,
        before=tallies.get(_earlier(newest.month, 1)),
        year_before=tallies.get(_earlier(newest.month, rises.MONTHS)),
        outcomes=outcomes,
        hides_outcomes=more,
        history=tuple(tallies.values()),
        rises=tuple(_rises(area, year)),
        late=today - _earlier(newest.month, -1) > LATE_AFTER,
        sample=newest.sample,
    )


def _rises(area: Area, year: Sequence[StoredMonth]) -> Iterator[Rise]:
    *before, newest = year
    if len(before) != rises.MONTHS:
        return
    earlier = [_summed(each, 0) for each in before]
    real: list[tuple[float, Rise]] = []
    for category, count in _summed(newest, 0).items():
        counts = [each[category] for each in earlier]
        if rises.is_real(count, counts, tested=len(CATEGORIES)):
            real.append((count / (sum(counts) + 1), Rise(area, category, newest.month, count)))
    yield from (rise for _steepness, rise in sorted(real, key=lambda each: -each[0]))


def _summed(month: StoredMonth, by: int) -> Counter[str]:
    """The counts of a month by category (0) or by outcome (1)."""
    found: Counter[str] = Counter()
    for names, count in month.counts.items():
        found[names[by]] += count
    return found


def _earlier(month: date, count: int) -> date:
    """The first day of the month so many months before; after, where it is negative."""
    year, zero_based = divmod(month.year * 12 + month.month - 1 - count, 12)
    return date(year, zero_based + 1, 1)


def _year_until(month: date) -> list[date]:
    """A month and the twelve before it, the newest first."""
    return [_earlier(month, back) for back in range(rises.MONTHS + 1)]


def _lies_in(crime: Crime, part: shapely.Polygon) -> bool:
    point = crime.point
    return point is not None and bool(shapely.intersects_xy(part, point.longitude, point.latitude))


def _picture_name(found: AreaNumbers) -> str:
    """An area's id and a hash of what the bars show: a name never comes to mean other figures."""
    seen = repr([(each.month, each.total, each.shown) for each in found.history])
    return f"{found.area.id}.{hashlib.sha256(seen.encode()).hexdigest()[:16]}"


def _may_go(post: Post) -> bool:
    return post.live and post.send_at is None
