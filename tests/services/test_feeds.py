"""Sources are polled each on its own; what they have is told once, and again when it changes."""

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import FeedError
from bot.model import Entry, Kind, Level, Source
from bot.ports import FeedResult, Known
from bot.services.feeds import LONGEST_PAUSE, Change, Feeds, News, Polled, Taken
from bot.services.posts import Draft, Posts
from bot.store.database import Database
from tests.conftest import FakeClock

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STORY = Entry(
    key="1",
    title="Three men are sentenced for a burglary",
    summary="They were sentenced on Friday.",
    source="Example Police",
    licence="OGL",
    language="en_GB",
    link="https://example.com/news/1",
    published=NOON - timedelta(hours=2),
)


@dataclass
class PlayedFeed:
    """The Feed port, played by hand: gives these entries, or fails."""

    entries: Sequence[Entry] = ()
    failure: Exception | None = None
    problem: str | None = None
    polls: list[Known] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def poll(self, known: Known) -> FeedResult:
        self.polls.append(known)
        if self.gate:
            await self.gate.wait()
        if self.failure:
            raise self.failure
        now = Known("etag", "monday", hashlib.sha256(repr(self.entries).encode()).digest())
        return FeedResult(
            self.entries, now, unchanged=now.digest == known.digest, problem=self.problem
        )


@dataclass
class CollectingDesk:
    """The Desk port: keeps what it is given, and counts it as drafts."""

    news: list[News] = field(default_factory=list)
    listed: list[int | None] = field(default_factory=list)

    async def take(
        self, source: Source, news: Sequence[News], listed: Collection[bytes] | None
    ) -> Taken:
        self.news += news
        self.listed.append(None if listed is None else len(listed))
        return Taken(drafts=len(news))

    def told(self) -> list[tuple[str, Change]]:
        """What came since the last look."""
        news, self.news = self.news, []
        return [(each.entry.title, each.change) for each in news]


@pytest.fixture
def feed() -> PlayedFeed:
    return PlayedFeed([STORY])


@pytest.fixture
def desk() -> CollectingDesk:
    return CollectingDesk()


@pytest.fixture
def feeds(database: Database, clock: FakeClock, feed: PlayedFeed, desk: CollectingDesk) -> Feeds:
    return Feeds(database, clock, [Source("news", "rss")], {"news": feed}, desk)


async def test_what_is_new_is_told_once(
    feeds: Feeds, feed: PlayedFeed, desk: CollectingDesk
) -> None:
    assert await feeds.poll() == Polled(feeds=1, entries=1, drafts=1)
    assert desk.told() == [(STORY.title, Change.NEW)]
    assert await feeds.poll() == Polled(feeds=1, unchanged=1)
    feed.entries = [replace(STORY, key="2", link="", title="Another"), STORY]
    assert (await feeds.poll()).entries == 1
    assert desk.told() == [("Another", Change.NEW)]


async def test_the_next_poll_says_what_the_last_one_left(feeds: Feeds, feed: PlayedFeed) -> None:
    await feeds.poll()
    await feeds.poll()
    assert feed.polls[0] == Known()
    assert (feed.polls[1].etag, feed.polls[1].modified) == ("etag", "monday")
    assert feed.polls[1].digest


@pytest.mark.parametrize(
    "edit",
    [
        replace(STORY, summary="They were sentenced on Monday."),
        replace(STORY, title="Four men are sentenced for a burglary"),
        replace(STORY, action="We fitted better lights."),
        replace(STORY, expires=NOON + timedelta(days=2)),
    ],
)
async def test_an_edit_is_known_as_one(
    feeds: Feeds, feed: PlayedFeed, desk: CollectingDesk, edit: Entry
) -> None:
    await feeds.poll()
    feed.entries = [edit]
    desk.told()
    await feeds.poll()
    assert [change for _, change in desk.told()] == [Change.EDITED]


async def test_a_later_date_of_the_last_edit_alone_is_no_news(
    feeds: Feeds, feed: PlayedFeed, desk: CollectingDesk
) -> None:
    feed.entries = [replace(STORY, published=None, updated=NOON)]
    await feeds.poll()
    desk.told()
    feed.entries = [replace(STORY, published=None, updated=NOON + timedelta(hours=1))]
    assert (await feeds.poll()).entries == 0


async def test_a_key_that_changes_at_each_build_repeats_nothing(
    feeds: Feeds, feed: PlayedFeed, desk: CollectingDesk
) -> None:
    await feeds.poll()
    desk.told()
    feed.entries = [replace(STORY, key="build 2")]
    assert (await feeds.poll()).entries == 0
    feed.entries = [replace(STORY, key="build 3", link=f"{STORY.link}?utm_source=x")]
    assert (await feeds.poll()).entries == 0
    feed.entries = [replace(STORY, key="build 4", link="", summary="Edited.")]
    await feeds.poll()
    assert desk.told() == [(STORY.title, Change.EDITED)]


async def test_two_entries_that_lead_to_one_page_are_two(
    feeds: Feeds, feed: PlayedFeed, desk: CollectingDesk
) -> None:
    await feeds.poll()
    desk.told()
    feed.entries = [replace(STORY, key=key, title=f"Warning {key}") for key in "ab"]
    await feeds.poll()
    assert desk.told() == [("Warning a", Change.NEW), ("Warning b", Change.NEW)]


async def test_an_id_that_is_there_twice_counts_once(feeds: Feeds, feed: PlayedFeed) -> None:
    feed.entries = [STORY, replace(STORY, title="The same id again")]
    assert (await feeds.poll()).entries == 1
    assert (await feeds.poll()).entries == 0


async def test_an_entry_without_words_is_no_news(feeds: Feeds, feed: PlayedFeed) -> None:
    feed.entries = [replace(STORY, title="")]
    assert (await feeds.poll()).entries == 0


async def test_a_warning_that_is_over_before_it_was_seen_is_no_news(
    feeds: Feeds, feed: PlayedFeed, desk: CollectingDesk
) -> None:
    feed.entries = [replace(STORY, expires=NOON)]
    assert (await feeds.poll()).entries == 0


@pytest.mark.parametrize("published", [None, NOON + timedelta(days=2)])
async def test_without_a_date_that_can_be_it_is_of_when_it_was_first_seen(
    feeds: Feeds,
    feed: PlayedFeed,
    desk: CollectingDesk,
    clock: FakeClock,
    published: datetime | None,
) -> None:
    feed.entries = [replace(STORY, published=published)]
    await feeds.poll()
    clock.set(NOON + timedelta(hours=6))
    feed.entries = [replace(STORY, published=published, summary="Edited.")]
    await feeds.poll()
    assert [each.entry.published for each in desk.news] == [NOON, NOON]


async def test_what_is_older_than_the_maximum_age_says_so(
    feeds: Feeds, feed: PlayedFeed, desk: CollectingDesk
) -> None:
    old = replace(STORY, published=NOON - timedelta(days=31))
    acted = replace(old, key="2", link="", title="Acted", acted_on=NOON - timedelta(days=1))
    feed.entries = [old, acted]
    await feeds.poll()
    assert [each.is_old for each in desk.news] == [True, False]


async def test_the_story_of_another_source_is_known(
    database: Database, clock: FakeClock, desk: CollectingDesk
) -> None:
    first, second = PlayedFeed([STORY]), PlayedFeed()
    sources = [Source("one", "rss"), Source("two", "rss")]
    feeds = Feeds(database, clock, sources, {"one": first, "two": second}, PostingDesk(database))
    await feeds.poll()
    told = CollectingDesk()
    second.entries = [
        replace(STORY, key="x", source="Partner", summary="In other words."),
        replace(STORY, key="y", link="https://partner.example/1"),
        replace(STORY, key="z", title="Quite another", link="https://partner.example/2"),
    ]
    await Feeds(database, clock, sources, {"one": first, "two": second}, told).poll()
    assert [each.told_by is not None for each in told.news] == [True, True, False]


class PostingDesk:
    """The Desk port: makes a draft of everything."""

    def __init__(self, database: Database) -> None:
        self._posts = Posts(database, FakeClock())

    async def take(
        self, source: Source, news: Sequence[News], listed: Collection[bytes] | None
    ) -> Taken:
        made = {}
        for each in news:
            draft = Draft(
                kind=Kind.UPDATE,
                level=Level.ROUTINE,
                text=each.entry.summary,
                areas=None,
                key=f"{source.id} {each.entry.key}",
            )
            made[each.entry.key] = (await self._posts.draft(draft, source.id)).id
        return Taken(made, drafts=len(made))


async def test_an_edit_comes_with_the_post_that_was_made(
    database: Database, clock: FakeClock, feed: PlayedFeed, desk: CollectingDesk
) -> None:
    sources = [Source("news", "rss")]
    await Feeds(database, clock, sources, {"news": feed}, PostingDesk(database)).poll()
    feed.entries = [replace(STORY, summary="Edited.")]
    await Feeds(database, clock, sources, {"news": feed}, desk).poll()
    (edit,) = desk.news
    assert edit.post_id == 1


async def test_a_desk_that_fails_gets_the_same_news_again(
    database: Database, clock: FakeClock, feed: PlayedFeed, desk: CollectingDesk
) -> None:
    class Failing:
        async def take(
            self, source: Source, news: Sequence[News], listed: Collection[bytes] | None
        ) -> Taken:
            raise ZeroDivisionError

    sources = [Source("news", "rss")]
    first = await Feeds(database, clock, sources, {"news": feed}, Failing()).poll()
    assert first.failed == 1
    await Feeds(database, clock, sources, {"news": feed}, desk).poll()
    assert desk.told() == [(STORY.title, Change.NEW)]


async def test_one_bad_source_harms_no_other(
    database: Database, clock: FakeClock, feed: PlayedFeed, desk: CollectingDesk
) -> None:
    bad = {"refused": FeedError("it is a web page"), "broken": ZeroDivisionError()}
    feeds = Feeds(
        database,
        clock,
        [Source(name, "rss") for name in (*bad, "news")],
        {name: PlayedFeed(failure=failure) for name, failure in bad.items()} | {"news": feed},
        desk,
    )
    assert await feeds.poll() == Polled(feeds=3, failed=2, entries=1, drafts=1)
    problems = {each.name: each.problem for each in await feeds.standings()}
    assert problems == {
        "refused": "it is a web page",
        "broken": "an unforeseen fault (ZeroDivisionError)",
        "news": None,
    }
    assert await feeds.probe() == "cannot be read: broken, refused"


async def test_a_source_that_fails_rests_longer_each_time_but_never_for_ever(
    feeds: Feeds, feed: PlayedFeed, clock: FakeClock
) -> None:
    feed.failure = FeedError("its server answered 503")
    pauses = []
    for _ in range(12):
        await feeds.poll()
        (standing,) = await feeds.standings()
        pauses.append(standing.next_poll - clock.now())
    assert timedelta(minutes=20) < pauses[0] < timedelta(minutes=40)
    assert pauses[0] < pauses[2] < pauses[4]
    assert max(pauses) <= LONGEST_PAUSE * 1.25
    feed.failure = None
    await feeds.poll()
    (standing,) = await feeds.standings()
    assert (standing.failures, standing.problem) == (0, None)
    assert await feeds.probe() is None


async def test_a_slow_source_does_not_hold_up_another(
    database: Database, clock: FakeClock, feed: PlayedFeed
) -> None:
    slow = PlayedFeed(gate=asyncio.Event())
    arrived = asyncio.Event()

    class Desk:
        async def take(
            self, source: Source, news: Sequence[News], listed: Collection[bytes] | None
        ) -> Taken:
            arrived.set()
            return Taken()

    sources = [Source("slow", "rss"), Source("news", "rss")]
    feeds = Feeds(database, clock, sources, {"slow": slow, "news": feed}, Desk())
    running = asyncio.create_task(feeds.run())
    await arrived.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(slow.polls) == 1


async def test_two_processes_share_the_sources(database: Database, clock: FakeClock) -> None:
    played = {f"news-{number}": PlayedFeed([STORY]) for number in range(5)}
    sources = [Source(name, "rss") for name in played]
    left = set(played)
    all_told = asyncio.Event()

    class Desk:
        async def take(
            self, source: Source, news: Sequence[News], listed: Collection[bytes] | None
        ) -> Taken:
            left.remove(source.id)
            if not left:
                all_told.set()
            return Taken()

    running = [
        asyncio.create_task(Feeds(database, clock, sources, played, Desk()).run()) for _ in "ab"
    ]
    await all_told.wait()
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert [len(each.polls) for each in played.values()] == [1] * 5


async def test_what_has_long_gone_from_a_source_is_forgotten(
    feeds: Feeds, feed: PlayedFeed, desk: CollectingDesk, clock: FakeClock
) -> None:
    await feeds.poll()
    desk.told()
    clock.set(NOON + timedelta(days=401))
    feed.entries = [replace(STORY, key="2", link="", title="Another")]
    await feeds.poll()
    feed.entries = [STORY]
    await feeds.poll()
    assert (STORY.title, Change.NEW) in desk.told()


async def test_the_desk_sees_how_much_a_source_lists_unless_part_of_it_is_missing(
    feeds: Feeds, feed: PlayedFeed, desk: CollectingDesk
) -> None:
    feed.entries = [STORY, replace(STORY, key="2", link="", title="Another")]
    await feeds.poll()
    feed.entries = [STORY]
    await feeds.poll()
    feed.entries, feed.problem = [replace(STORY, summary="Edited.")], "broken in places"
    await feeds.poll()
    assert desk.listed == [2, 1, None]
    (standing,) = await feeds.standings()
    assert standing.problem == "broken in places"
