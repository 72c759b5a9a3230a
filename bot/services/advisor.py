"""Advice for residents: each week's, chosen for each of them, and any of it on demand."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

import structlog

from bot import bulletin, safety
from bot.model import (
    USUAL_TOPICS,
    Advice,
    Area,
    Kind,
    Level,
    Policy,
    Rise,
    Subscriber,
    Topic,
    Variant,
    priority_of,
)
from bot.ports import Clock, Renderer, Rises
from bot.services.advice import FRIDAY, Choice, Reader, Week, choose, subject
from bot.services.articles import ENGLISH, Article, Library
from bot.services.campaigns import Campaign
from bot.services.posts import new_code
from bot.store import advice, jobs, places, posts
from bot.store.areas import everything
from bot.store.database import Connection, Database
from bot.text import Text, _

KEPT = timedelta(days=400)
"""Told to residents: handlers/privacy.py, docs/privacy.md."""
PAGE = 500
MOST_FOUND = 8
MOST_WORDS = 10
"""Words of one search that are looked for: each is compared with all words of all articles."""
CALENDAR_WEEKS = 12

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_CHOSEN_BEFORE = timedelta(hours=12)
_SKIPPED_AFTER = timedelta(days=3)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Planned:
    """What someone new to an area would get on a Friday; ``choice`` is None where nothing is."""

    friday: date
    choice: Choice | None


class Advisor:
    """Sends each resident at most one piece of advice a week, and finds any on demand.

    Advice is chosen from Thursday noon on, goes out on Friday at the resident's hour, and what
    could not go out by the end of Sunday never does: the next week has advice of its own.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        zone: ZoneInfo,
        library: Library,
        campaigns: Sequence[Campaign],
        rises: Rises,
        renderer: Renderer,
        public_url: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone
        self.library = library
        self._campaigns = campaigns
        self._rises = rises
        self._renderer = renderer
        self._public_url = public_url

    @property
    def _articles(self) -> Mapping[str, Article]:
        return self.library.articles

    def load(self) -> None:
        """Read all articles, which takes a second or two; else whoever asks first waits."""
        _ = self._articles

    # Each week

    async def plan_week(self) -> None:
        """Choose the week's advice for everybody, once, and hand it to the outbox; for each hour.

        It goes on where it was cut; processes that do it side by side take turns.
        """
        friday = self._being_planned()
        if friday is None:
            return
        async with self._database.write() as connection:
            if await advice.stands_at(connection, friday) is None:
                return
        week = await self._week(friday)
        while await self._plan_page(week):
            pass

    async def purge(self) -> None:
        """Forget which advice went to whom, 400 days later."""
        async with self._database.write() as connection:
            await advice.purge(connection, self._today() - KEPT)

    async def _plan_page(self, week: Week) -> bool:
        """Choose for the next residents, or else release. Returns whether there may be more."""
        async with self._database.write() as connection:
            after = await advice.stands_at(connection, week.day)
            if after is None:
                return False
            ids = await advice.readers(connection, week.day, after, PAGE)
            if not ids:
                await self._release(connection, week.day)
                return False
            chosen = await self._chosen(connection, ids, week)
            rows = []
            for choice, residents in chosen:
                post = await self._post(connection, choice, week.day)
                rows += [(resident, choice.article.id, post) for resident in residents]
            if rows:
                await advice.add(connection, week.day, rows)
            await advice.go_on(connection, week.day, ids[-1])
        return True

    async def _chosen(
        self, connection: Connection, ids: Sequence[int], week: Week
    ) -> list[tuple[Choice, list[int]]]:
        """What these residents get, those together who get the same for the same reason."""
        followed = await advice.followed(connection, ids)
        past = await advice.past(connection, ids)
        alike: dict[str, tuple[Choice, list[int]]] = {}
        for resident in ids:
            before = past.get(resident, advice.Past())
            reader = Reader(followed.get(resident, ()), before.had, before.since)
            choice = choose(self._articles.values(), reader, week)
            if choice is not None:
                alike.setdefault(choice.key, (choice, []))[1].append(resident)
        return list(alike.values())

    async def _post(self, connection: Connection, choice: Choice, friday: date) -> int:
        """The post that carries a choice, drafted when the first resident needs it."""
        key = f"advice {friday} {choice.key}"
        known = await posts.by_key(connection, key)
        if known is not None:
            return known.id
        area = choice.area and await places.area(connection, choice.area.id, hold=True)
        return await posts.add(
            connection,
            list(self._variants(choice)),
            [area[0]] if area else [],
            code=await new_code(connection),
            kind=Kind.ADVICE.value,
            level=int(Level.ROUTINE),
            topic=int(subject(choice.article)),
            policy=Policy.AT_MOST_ONCE.value,
            priority=int(priority_of(Kind.ADVICE, Level.ROUTINE)),
            everywhere=area is None,
            expires_at=self._midnight(friday + _SKIPPED_AFTER),
            dedupe_key=key,
            picked=True,
        )

    async def _release(self, connection: Connection, friday: date) -> None:
        now, begin = self._clock.now(), self._midnight(friday)
        released = await advice.unreleased(connection, friday)
        for post, audience in released.items():
            await posts.change(connection, post, approved_at=now, send_at=begin, audience=audience)
            await jobs.plan(connection, post, begin)
        await advice.released(connection, friday, now)
        _log.info("advice_planned", count=len(released), subscribers=sum(released.values()))

    def _variants(self, choice: Choice) -> Iterator[Variant]:
        """The words of a post in every language on offer, English first."""
        codes = [language.code for language in self._renderer.offered]
        for code in (ENGLISH, *(code for code in codes if code != ENGLISH)):
            given = self._given(choice.article, code)
            body = bulletin.advice(given, choice.reason)
            words = "\n\n".join(self._renderer.plain(text, code) for text in body)
            yield Variant(code, given.title, words)

    async def _week(self, friday: date) -> Week:
        async with self._database.read() as connection:
            areas = [stored.area for stored in await everything(connection)]
        return Week(friday, self._campaigns, await self._rose(areas))

    async def _rose(self, areas: Sequence[Area]) -> Mapping[str, Sequence[Rise]]:
        return {area.id: await self._rises.rises(area.id) for area in areas}

    # On demand

    async def this_week(self, resident: Subscriber) -> tuple[Advice, Text] | None:
        """A resident's advice of this week, as it came or is to come, with its reason.

        None where none is left for them: every article rests.
        """
        today, choice = self._today(), None
        follows, before = await self._known_of(resident)
        latest = max(before.had.items(), key=lambda had: had[1], default=None)
        if latest and today - latest[1] < _WEEK and latest[0] in self._articles:
            # Chosen already: the same choice again, from what was known before it.
            earlier = {article: day for article, day in before.had.items() if day < latest[1]}
            reader = Reader(follows, earlier, before.since)
            week = await self._near(follows, latest[1])
            choice = choose(self._articles.values(), reader, week)
            if choice is None or choice.article.id != latest[0]:  # they follow other topics by now
                choice = choose([self._articles[latest[0]]], reader, week)
        if choice is None:
            week = await self._near(follows, _friday_of(today))
            reader = Reader(follows, before.had, before.since)
            choice = choose(self._articles.values(), reader, week)
        if choice is None:
            return None
        return self._given(choice.article, resident.language or ENGLISH), choice.reason

    def read(self, article: str, resident: Subscriber) -> Advice | None:
        """An article in a resident's language; None where there is none by that id."""
        found = self._articles.get(article)
        return None if found is None else self._given(found, resident.language or ENGLISH)

    def topics(self) -> Topic:
        """Every topic that some article is about."""
        return reduce(or_, (article.topics for article in self._articles.values()), Topic(0))

    def about(self, topic: Topic, resident: Subscriber) -> list[Advice]:
        """Every article on a topic, by title, in a resident's language."""
        found = [each for each in self._articles.values() if each.topics & topic]
        given = [self._given(each, resident.language or ENGLISH) for each in found]
        return sorted(given, key=lambda each: each.title)

    def search(self, words: str, resident: Subscriber) -> list[Advice]:
        """Articles that hold every one of these words, or words that begin so; best first.

        English words find them where those of the resident's language do not.
        """
        language = resident.language or ENGLISH
        typed = _fold(words).split()[:MOST_WORDS]
        found = self._holding(typed, language) or self._holding(typed, ENGLISH)
        best = sorted(found, key=lambda pair: (-pair[0], pair[1]))[:MOST_FOUND]
        return [self._given(self._articles[id], language) for _points, id in best]

    def _holding(self, typed: Sequence[str], language: str) -> list[tuple[int, str]]:
        """Articles that hold these words in a language, by id, each behind its score."""
        return [
            (score, each.id)
            for each in self._articles.values()
            if typed and (score := _score(typed, each, language))
        ]

    async def vote(self, article: str, *, useful: bool) -> bool:
        """Count an opinion, without its author. Returns whether there is such an article."""
        if article not in self._articles:
            return False
        async with self._database.write() as connection:
            await advice.vote(connection, article, useful=useful)
        return True

    async def votes(self) -> Mapping[str, tuple[int, int]]:
        """How many found each article useful, and how many did not; for its editors."""
        async with self._database.read() as connection:
            return await advice.votes(connection)

    async def calendar(self, area: Area) -> list[Planned]:
        """The next twelve weeks for someone who follows an area from now on, with usual topics.

        What will rise is not known, so what rose last is taken for all the weeks.
        """
        rises = await self._rose([area])
        reader = Reader([(area, USUAL_TOPICS)])
        first = _friday_of(self._today())
        planned = []
        for number in range(CALENDAR_WEEKS):
            week = Week(first + number * _WEEK, self._campaigns, rises)
            choice = choose(self._articles.values(), reader, week)
            planned.append(Planned(week.day, choice))
            if choice is not None:
                reader = reader.after(choice.article.id, week.day)
        return planned

    async def broken(self) -> str | None:
        """For ``/readyz``: the files that were left out. The rest is served all the same."""
        left_out = [str(problem) for problem in self.library.broken]
        return f"left out: {'; '.join(left_out)}" if left_out else None

    async def _known_of(
        self, resident: Subscriber
    ) -> tuple[Sequence[tuple[Area, Topic]], advice.Past]:
        """What a resident follows and has had; who follows nothing is a reader of usual topics."""
        anybody = [(Area("", ""), USUAL_TOPICS)]
        if resident.id is None:
            return anybody, advice.Past()
        async with self._database.read() as connection:
            follows = (await advice.followed(connection, [resident.id])).get(resident.id)
            before = (await advice.past(connection, [resident.id])).get(resident.id)
        return follows or anybody, before or advice.Past()

    async def _near(self, follows: Sequence[tuple[Area, Topic]], friday: date) -> Week:
        """A week, as far as these areas matter."""
        rises = await self._rose([area for area, _topics in follows if area.id])
        return Week(friday, self._campaigns, rises)

    def _given(self, article: Article, language: str) -> Advice:
        words = article.in_language(language)
        notes = []
        if language not in article.words:
            notes.append(_("This advice is not in your language yet, so it is in English."))
        if words.status == "machine":
            notes.append(safety.MACHINE_LABEL)
        if words.changed:
            notes.append(safety.CHANGED)
        return Advice(
            article=article.id,
            title=words.title,
            words=tuple(part for part in words.short.split("\n\n") if part.strip()),
            safety=tuple(article.safety),
            notes=tuple(notes),
            url=f"{self._public_url}/advice/{article.id}",
            sensitive=article.sensitive,
        )

    # Time

    def _being_planned(self) -> date | None:
        """The Friday whose advice may be chosen or sent just now."""
        friday = _friday_of(self._today() - 2 * _DAY)
        begin, end = self._midnight(friday), self._midnight(friday + _SKIPPED_AFTER)
        return friday if begin - _CHOSEN_BEFORE <= self._clock.now() < end else None

    def _today(self) -> date:
        return self._clock.now().astimezone(self._zone).date()

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(0), self._zone).astimezone(UTC)


def _friday_of(day: date) -> date:
    """The Friday on or after a day."""
    return day + timedelta(days=(FRIDAY - day.weekday()) % 7)


def _fold(words: str) -> str:
    """Letters alone, without case or accents, so that either way of typing finds a word."""
    plain = unicodedata.normalize("NFKD", words.casefold().replace("ł", "l"))
    return "".join(
        letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter)
    )


def _score(typed: Sequence[str], article: Article, language: str) -> int:
    """How well words fit an article: the title counts most. 0 where one of them is not in it."""
    words = article.in_language(language)
    places = ((words.title, 9), (words.summary, 3), (words.plain, 1))
    points: dict[str, int] = defaultdict(int)
    for part, weight in places:
        held = _fold(part).split()
        for each in typed:
            points[each] += weight * any(word.startswith(each) for word in held)
    return sum(points.values()) if all(points[each] for each in typed) else 0
