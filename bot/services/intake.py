"""What outside sources publish, made into posts and listings by the rule of each source."""

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import structlog

from bot.errors import OperatorError
from bot.model import Entry, Kind, Level, MessageType, Origin, Post, Source, Topic
from bot.ports import Clock
from bot.reading import prose
from bot.services.feeds import Change, News, Taken, key_of
from bot.services.placing import Placer
from bot.services.posts import LONGEST_TITLE, MANY, Draft, Posts
from bot.services.reaches import Reaches
from bot.services.subjects import topics_of
from bot.store import feeds, listings, places, posts
from bot.store.database import Connection, Database

MOST_AT_ONCE = 5
"""So many new items of one poll may go out by themselves; of more, all wait for a person."""

PAGE = 100
"""So many listed things are written in one transaction."""

log = structlog.get_logger()

_RESULT = re.compile(
    r"\b(?:sentenced|jailed|imprisoned|convicted|found guilty|pleaded guilty|admitted guilt"
    r"|banned from driving|closure order|criminal behaviour order|community order)\b",
    re.IGNORECASE,
)
_NO_RESULT = re.compile(r"\b(?:to be sentenced|not been convicted|before being)\b", re.IGNORECASE)
_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    text: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    """News with the areas and topics it was found to be about."""

    news: News
    areas: Sequence[str]
    topic: Topic


@dataclass(slots=True)
class _Count:
    drafts: int = 0
    queued: int = 0


class Intake:
    """The Desk of the sources.

    News of a trusted source is released by itself, to be gathered into digests. What waits for a
    person all the same: every alert, what names no area of ours, what more than 2,000 people would
    get at once, and all of a poll that brings more than five new things. News of other sources is
    drafted. Priorities and meetings are also listed for their areas, as the source has them; of
    more than five new ones meetings are only listed.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        zone: ZoneInfo,
        posts: Posts,
        placer: Placer,
        reaches: Reaches,
    ) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone
        self._posts = posts
        self._placer = placer
        self._reaches = reaches

    async def take(
        self, source: Source, news: Sequence[News], listed: Collection[bytes] | None
    ) -> Taken:
        """List and post what is new, and take off the lists what the source has no more."""
        fresh = sum(each.post_id is None and _is_told(source, each) for each in news)
        crowded = fresh > MOST_AT_ONCE
        known = [await self._know(source, each) for each in news]
        for start in range(0, len(known), PAGE):
            async with self._database.write() as connection:
                for each in known[start : start + PAGE]:
                    await self._list(connection, source, each)
        count, made = _Count(), dict[str, int]()
        for each in known:
            try:
                post = await self._take(source, each, made, count, crowded=crowded)
            except OperatorError as reason:
                log.warning("entry_refused", feed=source.id, reason=str(reason))
                continue
            if post is not None:
                made[each.news.entry.key] = post
        if listed is not None:
            async with self._database.write() as connection:
                await listings.keep(connection, source.id, listed, self._clock.now())
        return Taken(made, count.drafts, count.queued)

    async def _know(self, source: Source, news: News) -> _Known:
        entry = news.entry
        topic = source.topic or topics_of(entry.title, f"{entry.summary}\n{entry.action}")
        return _Known(news, sorted(await self._areas(entry)), topic)

    async def _take(
        self, source: Source, known: _Known, made: dict[str, int], count: _Count, *, crowded: bool
    ) -> int | None:
        """The post that tells an entry, if one does."""
        news, entry = known.news, known.news.entry
        number = news.post_id or await self._earlier(source, entry, made)
        again = number is not None and await self._is_back(entry, number)
        if number is not None and not again:
            await self._follow_up(source, news, number, count)
            return number
        if not again and (not _is_told(source, news) or entry.message is MessageType.CANCEL):
            return None
        if entry.starts and crowded:  # it is listed, and there would be too many drafts
            return None
        key = _key(source, f"{entry.key}\n{number}" if again else entry.key)
        post = await self._posts.draft(self._draft(entry, known, key), _actor(source))
        if post.send_at is not None:
            return post.id
        if source.trusted and not crowded and await self._may_go(post):
            await self._posts.approve(post.code, _actor(source))
            await self._posts.send(post.code, _actor(source))
            count.queued += 1
        else:
            count.drafts += 1
        return post.id

    async def _areas(self, entry: Entry) -> Collection[str]:
        found: Collection[str] = await self._reaches.areas(entry.reach)
        if found:
            return found
        text = "\n".join((entry.summary, entry.action, *entry.reach.names))
        return (await self._placer.place(entry.title, text)).areas

    async def _list(self, connection: Connection, source: Source, known: _Known) -> None:
        entry = known.news.entry
        is_priority = _is_priority(source, entry)
        if not known.areas or not (is_priority or entry.starts):
            return
        common = {
            "feed": source.id,
            "key": key_of(entry.key),
            "language": entry.language,
            "source": entry.source,
            "licence": entry.licence,
            "link": entry.link,
        }
        now = self._clock.now()
        found = [await places.area(connection, each, hold=True) for each in known.areas]
        numbers = [one[0] for one in found if one]
        if is_priority:
            await listings.put_priority(
                connection,
                numbers,
                (entry.acted_on or now) if entry.action else None,
                issue=entry.summary,
                action=entry.action,
                topic=int(known.topic),
                found_at=entry.published or now,
                **common,
            )
        else:
            await listings.put_event(
                connection,
                numbers,
                title=entry.title,
                about=entry.summary,
                venue=entry.venue,
                starts_at=entry.starts,
                ends_at=entry.ends,
                **common,
            )

    async def _earlier(self, source: Source, entry: Entry, made: dict[str, int]) -> int | None:
        """The post of a warning that this one updates or cancels."""
        for key in reversed(entry.references):
            if key in made:
                return made[key]
            async with self._database.read() as connection:
                number = await feeds.post_of(connection, source.id, key_of(key))
            if number is not None:
                return number
        return None

    async def _is_back(self, entry: Entry, number: int) -> bool:
        """Whether a warning holds whose post is over: nobody would hear of it any more.

        One that a person took back stays so until it is raised again, or to a higher level.
        """
        if entry.kind is not Kind.ALERT or entry.message is MessageType.CANCEL:
            return False
        async with self._database.read() as connection:
            post = (await posts.by_id(connection, [number]))[number]
        now = self._clock.now()
        if post.cancelled_at is not None:
            return (entry.published or now) > post.cancelled_at or entry.level > post.level
        return not post.live or post.expires_at <= now

    async def _follow_up(self, source: Source, news: News, number: int, count: _Count) -> None:
        """Let what was posted be as the source has it now.

        Nobody is told of other commas, or of something that is over. What was drafted is changed
        as it waits; those whom it reached get a correction, which waits for a person unless the
        source is trusted, it is no alert, and they are not more than 2,000.
        """
        async with self._database.read() as connection:
            found = await posts.by_id(connection, [number])
            post = found[number]
            newest = await posts.by_id(connection, [post.corrected_by or number])
        now = self._clock.now()
        if not post.live or post.expires_at <= now:
            return
        last = newest[post.corrected_by or number]
        words, before = self._words(news.entry), last.variants[0]
        is_over = news.entry.message is MessageType.CANCEL
        waiting = None if is_over else await self._waiting(number)
        if waiting is not None:
            drafted = waiting.variants[0]
            if (words.title, words.text) != (drafted.title, drafted.body):
                await self._posts.revise(waiting.code, words.title, words.text, _actor(source))
            return
        same = (words.title, words.text) == (before.title, before.body)
        if not is_over and (same or _letters(words) == _letters(_Words(before.title, before.body))):
            return
        if post.send_at is None:
            if is_over:
                await self._posts.cancel(post.code, _actor(source))
            else:
                await self._posts.revise(post.code, words.title, words.text, _actor(source))
            return
        held = post.is_alert or not source.trusted or await self._reached_many(post)
        await self._posts.correct(
            post.code,
            words.text,
            _actor(source),
            title=words.title,
            all_clear=is_over,
            held=held,
            key=_key(
                source, f"{news.entry.key}\n{words.title}\n{words.text}\n{is_over}\n{last.id}"
            ),
        )
        count.drafts += held
        count.queued += not held

    async def _waiting(self, number: int) -> Post | None:
        """The correction of a post that waits for a person, if one does."""
        drafts = await self._posts.drafts()
        return next(
            (each for each in drafts if each.refers_to == number and not each.all_clear), None
        )

    async def _reached_many(self, post: Post) -> bool:
        """Whether more have had a post than may hear at once, as they do of a correction."""
        return (await self._posts.report(post.code)).sent > MANY

    async def _may_go(self, post: Post) -> bool:
        if post.everywhere or post.is_alert:
            return False
        return await self._posts.reaches_at_once(post.code) <= MANY

    def _draft(self, entry: Entry, known: _Known, key: str) -> Draft:
        words, kind = self._words(entry), _kind(entry)
        return Draft(
            kind=kind,
            level=entry.level if kind is Kind.ALERT else Level.ROUTINE,
            title=words.title,
            text=words.text,
            said=words.said,
            areas=known.areas or None,
            topic=known.topic,
            language=entry.language,
            expires_at=entry.starts or entry.expires,
            key=key,
            origin=Origin(
                entry.source, entry.licence, entry.link, entry.acted_on or entry.published
            ),
        )

    def _words(self, entry: Entry) -> _Words:
        if entry.action:
            return _Words("", entry.action, entry.summary)
        title = prose.shortened(entry.title, LONGEST_TITLE)
        if entry.starts:
            return _Words(title, "\n\n".join(filter(None, (self._when(entry), entry.summary))))
        return _Words(title, entry.summary) if entry.summary else _Words("", entry.title)

    def _when(self, entry: Entry) -> str:
        """When and where, in the language of all sources of meetings, which is English."""
        if entry.starts is None:
            return ""
        starts = entry.starts.astimezone(self._zone)
        return "\n".join(
            filter(None, (f"{starts:%A} {starts.day} {starts:%B %Y, %H:%M}", entry.venue))
        )


def _is_told(source: Source, news: News) -> bool:
    """Whether it makes a post: fresh, told by nobody else, and with something done or to come."""
    entry = news.entry
    if news.is_old or news.told_by is not None:
        return False
    if _is_priority(source, entry):
        return bool(entry.action)
    return news.change is Change.NEW


def _is_priority(source: Source, entry: Entry) -> bool:
    return bool(entry.action) or (source.kind == "police_uk" and entry.kind is None)


def _kind(entry: Entry) -> Kind:
    """An outcome is what was done about a priority, or what a court decided."""
    if entry.kind is not None:
        return entry.kind
    said = f"{entry.title}\n{entry.summary}"
    return Kind.OUTCOME if _RESULT.search(_NO_RESULT.sub("", said)) else Kind.UPDATE


def _letters(words: _Words) -> str:
    return _LETTERS.sub(" ", f"{words.title} {words.text}".casefold()).strip()


def _key(source: Source, what: str) -> str:
    return f"feed {hashlib.sha256(f'{source.id} {what}'.encode()).hexdigest()}"


def _actor(source: Source) -> str:
    return f"feed {source.id}"
