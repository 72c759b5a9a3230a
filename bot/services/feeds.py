"""Outside sources, read again and again: what is new goes to the desk, once.

What was seen is remembered by hashes, so that a repeat is no news and an edit is known as one.
"""

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Protocol

import structlog

from bot.errors import FeedError
from bot.model import Entry, Source
from bot.ports import Clock, Feed, FeedResult, Known
from bot.reading import links
from bot.store import feeds as store
from bot.store.database import Connection, Database
from bot.store.feeds import Marks, Seen, Standing

LOOK_SECONDS = 2.0
LEASE = timedelta(minutes=15)
"""After this, a source that a process began to poll is taken for left."""
LONGEST_PAUSE = timedelta(hours=6)
MOST_DOUBLINGS = 10
REMEMBERED = timedelta(days=400)
SAME_STORY = timedelta(days=7)
"""Within this time a story of another source is the same, and not a repeat."""
TELLING_WORDS = 4
"""A heading of fewer words, such as "Flood alert", may stand over two stories of one day."""
_AHEAD = timedelta(days=1)

log = structlog.get_logger()


class Change(Enum):
    """What happened to an entry since the last poll."""

    NEW = auto()
    EDITED = auto()


@dataclass(frozen=True, slots=True)
class News:
    """An entry that is new and not over, or reads differently. It always has ``published``.

    ``post_id`` is the post that was made of it; ``told_by`` the post in which another source told
    the same story. ``is_old`` when it was published, or acted on,
    longer ago than the source's maximum age.
    """

    entry: Entry
    change: Change
    is_old: bool = False
    post_id: int | None = None
    told_by: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What the desk made of news: the post of each entry by its key, and how many of each."""

    posts: Mapping[str, int] = field(default_factory=dict)
    drafts: int = 0
    queued: int = 0


class Desk(Protocol):
    """Turns news into posts."""

    async def take(
        self, source: Source, news: Sequence[News], listed: Collection[bytes] | None
    ) -> Taken:
        """Draft or queue what is worth telling; news comes as its source orders it.

        ``listed`` are the keys (see ``key_of``) of all that the source has now, so that the desk
        sees what is gone; None where part of it could not be read. The same news comes again
        where a process ended in between, so taking it twice must do no more than taking it once.
        """


@dataclass(frozen=True, slots=True)
class Polled:
    """Figures of polls. ``entries`` counts those that were new or edited."""

    feeds: int = 0
    unchanged: int = 0
    failed: int = 0
    entries: int = 0
    drafts: int = 0
    queued: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


class Feeds:
    """Polls every source at its interval. ``adapters`` are the Feed ports, by source id."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sources: Sequence[Source],
        adapters: Mapping[str, Feed],
        desk: Desk,
    ) -> None:
        self._database = database
        self._clock = clock
        self._sources = {source.id: source for source in sources}
        self._adapters = adapters
        self._desk = desk
        self._chance = random.Random()  # noqa: S311  # spreads polls; nothing secret
        # One at a time, or two sources could both be the first to tell a story.
        self._telling = asyncio.Lock()

    async def run(self) -> None:
        """Poll whatever is due until cancelled. Each source is on its own; none waits for one."""
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    for standing in await self._due():
                        group.create_task(self._guarded(standing))
                except Exception:
                    log.exception("duty_failed", duty="polling")
                await asyncio.sleep(LOOK_SECONDS)

    async def poll(self) -> Polled:
        """Poll every source once, due or not. A database that fails ends it."""
        await self._enrol()
        return _sum(await asyncio.gather(*map(self._poll, await self.standings())))

    async def standings(self) -> list[Standing]:
        """How each source of the file stands."""
        async with self._database.read() as connection:
            every = await store.standings(connection)
        return [each for each in every if each.name in self._sources]

    async def probe(self) -> str | None:
        """For ``/readyz``: the sources that fail. The service goes on without them."""
        failing = [each.name for each in await self.standings() if each.failures]
        return f"cannot be read: {', '.join(failing)}" if failing else None

    async def _enrol(self) -> None:
        async with self._database.write() as connection:
            await store.enrol(connection, self._sources, self._clock.now())

    async def _due(self) -> list[Standing]:
        standings = await self.standings()
        if len(standings) < len(self._sources):
            await self._enrol()
            standings = await self.standings()
        now = self._clock.now()
        due = [each.name for each in standings if each.next_poll <= now]
        if not due:
            return []
        async with self._database.write() as connection:
            return await store.claim(connection, due, now, now + LEASE)

    async def _guarded(self, standing: Standing) -> None:
        try:
            await self._poll(standing)
        except Exception:
            log.exception("feed_failed", feed=standing.name)

    async def _poll(self, standing: Standing) -> Polled:
        source = self._sources[standing.name]
        try:
            return await self._read(source, standing)
        except FeedError as reason:
            problem = str(reason)
        except Exception as error:
            log.exception("feed_failed", feed=source.id)
            problem = f"an unforeseen fault ({type(error).__name__})"
        await self._fail(source, standing, problem)
        return Polled(feeds=1, failed=1)

    async def _read(self, source: Source, standing: Standing) -> Polled:
        known = Known(standing.etag, standing.modified, standing.digest)
        result = await self._adapters[source.id].poll(known)
        if result.unchanged:
            await self._succeed(source, standing, result)
            return Polled(feeds=1, unchanged=1)
        async with self._telling:
            return await self._tell(source, standing, result)

    async def _tell(self, source: Source, standing: Standing, result: FeedResult) -> Polled:
        now = self._clock.now()
        entries = list({each.key: each for each in reversed(result.entries) if each.title}.values())
        entries.reverse()
        async with self._database.read() as connection:
            seen = await store.seen(connection, standing.id)
            marks = [marks_of(entry) for entry in entries]
            elsewhere = await store.told_elsewhere(connection, standing.id, marks, now - SAME_STORY)
        reading = _Reading(source, now, seen, elsewhere)
        compared = list(reading.compare(entries))
        news = [each.news for each in compared if each.news is not None]
        listed = None if result.problem else {each.marks.key for each in compared}
        taken = await self._desk.take(source, news, listed)
        async with self._database.write() as connection:
            await _remember(connection, standing.id, compared, taken, now)
            await store.forget(connection, standing.id, now - REMEMBERED)
        await self._succeed(source, standing, result)
        return Polled(1, entries=len(news), drafts=taken.drafts, queued=taken.queued)

    async def _succeed(self, source: Source, standing: Standing, result: FeedResult) -> None:
        now = self._clock.now()
        async with self._database.write() as connection:
            await store.note(
                connection,
                standing.id,
                etag=result.known.etag,
                modified=result.known.modified,
                digest=result.known.digest,
                next_poll=now + source.interval * self._chance.uniform(0.9, 1.1),
                read_at=now,
                failures=0,
                problem=_same_problem(standing) if result.unchanged else result.problem,
            )

    async def _fail(self, source: Source, standing: Standing, problem: str) -> None:
        """Wait twice as long each time, up to a limit; chance parts those that fail together."""
        failures = standing.failures + 1
        pause = source.interval * 2 ** min(failures, MOST_DOUBLINGS)
        pause = min(pause, max(LONGEST_PAUSE, source.interval))
        now = self._clock.now()
        if not standing.failures:
            log.warning("feed_failed", feed=source.id, problem=problem)
        async with self._database.write() as connection:
            await store.note(
                connection,
                standing.id,
                next_poll=now + pause * self._chance.uniform(0.75, 1.25),
                failures=failures,
                problem=problem,
            )


def marks_of(entry: Entry) -> Marks:
    """The hashes of an entry. When it was edited is not part of what would be shown of it."""
    dated = entry.published or entry.updated
    day = dated.date() if dated else ""
    shown = (entry.title, entry.summary, entry.action, entry.level, entry.message, entry.expires)
    meeting = (entry.starts, entry.ends, entry.venue)
    return Marks(
        key=key_of(entry.key),
        link=_hash(links.canonical(entry.link)) if entry.link else None,
        heading=_hash(f"{day} {' '.join(entry.title.casefold().split())}"),
        content=_hash(repr((shown, meeting))),
    )


def key_of(key: str) -> bytes:
    """By which an entry's identity at its source is remembered."""
    return _hash(key)


@dataclass(frozen=True, slots=True)
class _Compared:
    """An entry with its hashes, the row it had before, and what is to be told of it, if any."""

    key: str
    marks: Marks
    before: Seen | None
    news: News | None


class _Reading:
    """Compares what a source has with what it had, and with what others have.

    An entry is known by its key; by its address, or else its heading, where the source gives it
    another key at each build. Those count only where they mean one entry before and one now.
    """

    def __init__(
        self, source: Source, now: datetime, seen: Sequence[Seen], elsewhere: Sequence[Seen]
    ) -> None:
        self._source = source
        self._now = now
        self._seen = seen
        self._by_key = {each.marks.key: each for each in seen}
        self._told_links = {each.marks.link: each for each in elsewhere}
        self._told_headings = {each.marks.heading: each for each in elsewhere}

    def compare(self, entries: Sequence[Entry]) -> Iterator[_Compared]:
        pairs = [(entry, marks_of(entry)) for entry in entries]
        all_marks = [marks for _, marks in pairs]
        keys_now = {marks.key for marks in all_marks}
        gone = [each for each in self._seen if each.marks.key not in keys_now]
        by_link = _once((each.marks.link, each) for each in gone)
        by_heading = _once((each.marks.heading, each) for each in gone)
        links_now = Counter(marks.link for marks in all_marks)
        headings_now = Counter(marks.heading for marks in all_marks)
        for entry, marks in pairs:
            before = self._by_key.get(marks.key)
            if before is None and marks.link and links_now[marks.link] == 1:
                before = by_link.get(marks.link)
            if before is None and headings_now[marks.heading] == 1:
                before = by_heading.get(marks.heading)
            yield _Compared(entry.key, marks, before, self._news(entry, marks, before))

    def _news(self, entry: Entry, marks: Marks, before: Seen | None) -> News | None:
        is_over = entry.expires is not None and entry.expires <= self._now
        if before is None and is_over:
            return None
        if before is not None and before.marks.content == marks.content:
            return None
        dated = self._dated(entry, before)
        happened = dated.acted_on or dated.published or self._now
        return News(
            dated,
            Change.NEW if before is None else Change.EDITED,
            is_old=happened < self._now - self._source.max_age,
            post_id=before.post_id if before else None,
            told_by=None if before else self._told_by(entry, marks),
        )

    def _dated(self, entry: Entry, before: Seen | None) -> Entry:
        """The entry with a date that can be: no date and one to come mean when it was first seen.

        The date of an edit says when a new entry came, if nothing better does; not so later on.
        """
        given = entry.published or (entry.updated if before is None else None)
        possible = given is not None and given <= self._now + _AHEAD
        first_seen = before.first_seen if before else self._now
        return replace(entry, published=given if possible else first_seen)

    def _told_by(self, entry: Entry, marks: Marks) -> int | None:
        twin = self._told_links.get(marks.link) if marks.link else None
        if twin is None and len(entry.title.split()) >= TELLING_WORDS:
            twin = self._told_headings.get(marks.heading)
        return twin.post_id if twin else None


def _once(pairs: Iterable[tuple[bytes | None, Seen]]) -> dict[bytes | None, Seen]:
    """Those that stand there once only."""
    pairs = list(pairs)
    counts = Counter(mark for mark, _ in pairs)
    return {mark: seen for mark, seen in pairs if mark is not None and counts[mark] == 1}


async def _remember(
    connection: Connection,
    feed_id: int,
    compared: Sequence[_Compared],
    taken: Taken,
    now: datetime,
) -> None:
    new = [(each.marks, taken.posts.get(each.key)) for each in compared if each.before is None]
    await store.add(connection, feed_id, new, now)
    known = [(each, each.before) for each in compared if each.before is not None]
    for each, before in known:
        post_id = taken.posts.get(each.key, before.post_id)
        if (each.marks, post_id) != (before.marks, before.post_id):
            await store.change(connection, before.id, each.marks, post_id)
    ids = [before.id for _, before in known]
    await store.still_there(connection, ids, now, now - timedelta(days=1))


def _same_problem(standing: Standing) -> str | None:
    """What was wrong with the words that have not changed since; not that it failed meanwhile."""
    return None if standing.failures else standing.problem


def _hash(words: str) -> bytes:
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).digest()[:16]


def _sum(polls: Iterable[Polled]) -> Polled:
    figures = Counter[str]()
    for each in polls:
        figures.update(each.as_dict())
    return Polled(**figures)
