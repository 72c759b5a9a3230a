"""From an entry to a post: by the source's rule, once, and never more than the source says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bot.catalogs import Catalogs
from bot.model import Entry, Kind, Level, MessageType, Post, Reach, Source, Topic
from bot.ports import FeedResult, Known
from bot.services.feeds import Feeds, Polled
from bot.services.intake import Intake
from bot.services.outcomes import Outcomes
from bot.services.placing import Placer
from bot.services.reaches import Reaches
from bot.store import listings, posts
from bot.store.database import Database
from bot.store.postcodes import PackedPostcodes
from bot.store.tables import deliveries
from bot.store.tables import posts as table
from tests import town
from tests.conftest import FakeClock
from tests.delivery.stage import LONDON, STAFF, Stage, set_stage

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NEWS = Entry(
    key="1",
    title="Bike marking in Riverside",
    summary="Officers mark bikes in Riverside on Friday.",
    source="Example Police",
    licence="Open Government Licence v3.0",
    language="en_GB",
    link="https://example.com/news/1",
    published=NOON - timedelta(hours=2),
    reach=Reach((town.RIVERSIDE.id,)),
)
RAISED = Entry(
    key="ZX01 priority 1",
    title="Cars are broken into near the station",
    summary="Cars are broken into near the station at night.",
    source="data.police.uk",
    licence="OGL",
    language="en_GB",
    published=NOON - timedelta(days=20),
    reach=Reach((town.RIVERSIDE.id,)),
)
ACTED = replace(
    RAISED,
    kind=Kind.OUTCOME,
    action="Officers checked the cars there on six nights.",
    acted_on=NOON - timedelta(days=2),
)
MEETING = Entry(
    key="ZX01 event 1",
    title="Have your say",
    summary="Meet the team.",
    source="data.police.uk",
    licence="OGL",
    language="en_GB",
    kind=Kind.EVENT,
    reach=Reach((town.RIVERSIDE.id,)),
    starts=NOON + timedelta(days=3),
    venue="Village Hall",
)
FLOOD = replace(
    NEWS,
    key="flood-1",
    title="Flood warning: Riverside",
    summary="Flooding is expected.",
    kind=Kind.ALERT,
    level=Level.URGENT,
    message=MessageType.ALERT,
)


class Played:
    """The Feed port, played by hand."""

    def __init__(self) -> None:
        self.entries: Sequence[Entry] = ()

    async def poll(self, known: Known) -> FeedResult:
        return FeedResult(self.entries)


@dataclass
class Office:
    """One source, the intake behind it, and an outbox with one follower who hears at once."""

    stage: Stage
    intake: Intake

    async def reads(self, *entries: Entry, trusted: bool = True, kind: str = "rss") -> Polled:
        played = Played()
        played.entries = entries
        source = Source("example", kind, trusted=trusted)
        feeds = Feeds(
            self.stage.database, self.stage.clock, [source], {"example": played}, self.intake
        )
        found = await feeds.poll()
        assert [each.problem for each in await feeds.standings()] == [None]
        return found

    async def all(self) -> list[Post]:
        async with self.stage.database.read() as connection:
            ids = list(
                (await connection.execute(select(table.c.id).order_by(table.c.id))).scalars()
            )
            found = await posts.by_id(connection, ids)
        return [found[number] for number in ids]

    async def arrives(self) -> list[str]:
        """What reaches the follower once the cancel window is over."""
        before = len(self.stage.channel.arrived)
        self.stage.later(minutes=5)
        await self.stage.work()
        return [words for _who, words in self.stage.channel.arrived[before:]]


@pytest.fixture
async def office(
    database: Database, clock: FakeClock, catalogs: Catalogs, tmp_path: Path
) -> Office:
    stage = await set_stage(database, clock, catalogs)
    await stage.follower("1")
    town.write_postcodes(tmp_path / "postcodes.bin")
    placer = Placer(database, PackedPostcodes(tmp_path / "postcodes.bin"))
    intake = Intake(database, clock, LONDON, stage.posts, placer, Reaches(database))
    return Office(stage, intake)


async def test_news_of_a_trusted_source_goes_out_by_itself_with_where_it_is_from(
    office: Office,
) -> None:
    assert await office.reads(NEWS) == Polled(feeds=1, entries=1, queued=1)
    (post,) = await office.all()
    assert [area.id for area in post.areas] == [town.RIVERSIDE.id]
    (words,) = await office.arrives()
    assert "Officers mark bikes in Riverside on Friday." in words
    assert "Source: Example Police, 23 November 2026." in words
    assert "Open Government Licence v3.0" in words


async def test_news_of_any_other_source_waits_for_a_person(office: Office) -> None:
    assert (await office.reads(NEWS, trusted=False)).drafts == 1
    assert await office.arrives() == []


@pytest.mark.parametrize(
    "entry",
    [
        FLOOD,
        replace(NEWS, title="A new chief constable", summary="She starts soon.", reach=Reach()),
    ],
    ids=["an alert", "what names no area"],
)
async def test_some_news_of_a_trusted_source_waits_all_the_same(
    office: Office, entry: Entry
) -> None:
    assert (await office.reads(entry)).drafts == 1
    (post,) = await office.all()
    assert post.send_at is None


async def test_more_than_five_new_things_in_one_poll_all_wait(office: Office) -> None:
    many = [
        replace(NEWS, key=str(number), link="", title=f"Bike marking in Riverside, day {number}")
        for number in range(6)
    ]
    assert (await office.reads(*many)).drafts == 6
    assert (await office.reads(replace(NEWS, key="7", link=""), *many)).queued == 1


async def test_what_is_too_old_is_not_posted_but_listed(office: Office) -> None:
    old = replace(ACTED, acted_on=NOON - timedelta(days=400), published=NOON - timedelta(days=500))
    assert (await office.reads(old, kind="police_uk")).drafts == 0
    async with office.stage.database.read() as connection:
        (listed,) = await listings.priorities_of(connection, town.RIVERSIDE.id)
    assert (listed.did, listed.acting) == (ACTED.action, old.acted_on)


async def test_an_outcome_says_what_was_raised_and_what_was_done(office: Office) -> None:
    await office.reads(ACTED, kind="police_uk")
    (words,) = await office.arrives()
    assert "You said: Cars are broken into near the station at night." in words
    assert "We did: Officers checked the cars there on six nights." in words


async def test_what_is_only_planned_is_not_told_as_done(office: Office) -> None:
    planned = replace(ACTED, action="Officers will check the cars there.")
    await office.reads(planned, kind="police_uk")
    (words,) = await office.arrives()
    assert "What the police plan: Officers will check the cars there." in words
    assert "did" not in words


async def test_a_priority_goes_through_its_stages_and_is_posted_when_something_is_done(
    office: Office,
) -> None:
    async def listed() -> tuple[bool, datetime | None, datetime | None]:
        async with office.stage.database.read() as connection:
            (one,) = await listings.priorities_of(connection, town.RIVERSIDE.id)
            assert len(await listings.waiting(connection)) == one.is_open
        return one.is_open, one.acting, one.reviewed

    assert (await office.reads(RAISED, kind="police_uk")).queued == 0
    assert await listed() == (True, None, None)
    assert (await office.reads(ACTED, kind="police_uk")).queued == 1
    assert await listed() == (False, ACTED.acted_on, None)
    await office.arrives()
    more = replace(ACTED, action="The car park has new lights.", acted_on=NOON)
    assert (await office.reads(more, kind="police_uk")).queued == 1
    assert await listed() == (False, ACTED.acted_on, NOON)
    await office.arrives()
    (edited,) = office.stage.channel.edited
    assert "The car park has new lights." in edited[2]


async def test_what_a_source_lists_no_more_is_listed_no_more(office: Office) -> None:
    await office.reads(RAISED, MEETING, kind="police_uk")
    await office.reads(kind="police_uk")
    async with office.stage.database.read() as connection:
        assert await listings.priorities_of(connection, town.RIVERSIDE.id) == []
        assert await listings.meetings_of(connection, [town.RIVERSIDE.id], NOON) == []


async def test_a_meeting_is_listed_and_posted_until_it_begins(office: Office) -> None:
    await office.reads(MEETING, kind="police_uk")
    (post,) = await office.all()
    assert (post.kind, post.expires_at) == (Kind.EVENT, MEETING.starts)
    assert post.variants[0].body.startswith("Thursday 26 November 2026, 12:00\nVillage Hall")


async def test_a_court_result_is_an_outcome_of_the_area_but_no_answer_to_anybody(
    office: Office,
) -> None:
    sentenced = replace(
        NEWS,
        title="Man jailed for burglaries in Riverside",
        summary="A man was jailed on Friday for burglaries in Riverside.",
    )
    await office.reads(sentenced)
    (post,) = await office.all()
    assert (post.kind, post.topic) == (Kind.OUTCOME, Topic.RESIDENTIAL_BURGLARY)
    (words,) = await office.arrives()
    assert "You said" not in words
    assert "Result for your area" in words


async def test_an_edit_corrects_for_those_who_had_it_and_other_commas_do_not(
    office: Office,
) -> None:
    await office.reads(NEWS)
    await office.arrives()
    await office.reads(replace(NEWS, summary="Officers mark bikes in Riverside, on Friday!"))
    assert await office.arrives() == []
    edited = replace(NEWS, summary="Officers mark bikes in Riverside on Saturday.")
    assert (await office.reads(edited)).queued == 1
    await office.arrives()
    assert "on Saturday" in office.stage.channel.edited[-1][2]


async def test_an_edit_by_any_other_source_waits_as_a_correction(office: Office) -> None:
    await office.reads(NEWS, trusted=False)
    (post,) = await office.all()
    edited = replace(NEWS, summary="Officers mark bikes in Riverside on Saturday.")
    await office.reads(edited, trusted=False)
    (post,) = await office.all()
    assert post.variants[0].body == edited.summary
    await office.stage.posts.approve(post.code, STAFF)
    await office.stage.posts.send(post.code, STAFF)
    await office.arrives()
    again = replace(NEWS, summary="Officers mark bikes in Riverside on Sunday.")
    assert (await office.reads(again, trusted=False)).drafts == 1
    assert await office.arrives() == []
    held = (await office.all())[-1]
    assert (held.refers_code, held.send_at) == (post.code, None)
    await office.stage.posts.approve(held.code, STAFF)
    await office.stage.posts.send(held.code, STAFF)
    await office.arrives()
    assert "on Sunday" in office.stage.channel.edited[-1][2]
    assert (await office.stage.posts.show(post.code)).corrected_by == held.id


async def test_a_warning_that_is_withdrawn_asks_for_an_all_clear(office: Office) -> None:
    await office.reads(FLOOD)
    (post,) = await office.all()
    await office.stage.posts.approve(post.code, STAFF)
    await office.stage.posts.send(post.code, STAFF)
    await office.arrives()
    over = replace(FLOOD, key="flood-2", message=MessageType.CANCEL, references=("flood-1",))
    assert (await office.reads(FLOOD, over)).drafts == 1
    held = (await office.all())[-1]
    assert held.all_clear
    await office.stage.posts.approve(held.code, STAFF)
    await office.stage.posts.send(held.code, STAFF)
    (words,) = await office.arrives()
    assert "All clear." in words
    assert not (await office.stage.posts.show(post.code)).live


async def test_what_waits_for_a_person_can_be_listed(office: Office) -> None:
    await office.reads(FLOOD, replace(NEWS, title="Another", link="", key="2"))
    (waiting,) = await office.stage.posts.drafts()
    assert waiting.is_alert


async def test_a_source_that_does_not_answer_makes_the_news_late(office: Office) -> None:
    outcomes = Outcomes(office.stage.database, office.stage.clock)
    await office.reads(RAISED, kind="police_uk")
    found = await outcomes.of(town.RIVERSIDE.id)
    assert found is not None
    assert found.late_since is None
    office.stage.later(days=3)
    found = await outcomes.of(town.RIVERSIDE.id)
    assert found is not None
    assert found.late_since == NOON


async def test_of_many_new_meetings_none_is_drafted_but_all_are_listed(office: Office) -> None:
    many = [
        replace(MEETING, key=f"event {number}", title=f"Meeting {number}") for number in range(6)
    ]
    assert (await office.reads(*many, kind="police_uk")).drafts == 0
    async with office.stage.database.read() as connection:
        listed = await listings.meetings_of(connection, [town.RIVERSIDE.id], NOON)
    assert len(listed) == 6


async def test_the_same_story_of_two_sources_is_told_once(office: Office) -> None:
    one, two = Played(), Played()
    one.entries = [NEWS]
    two.entries = [replace(NEWS, key="other", source="Partner", summary="Bikes are marked.")]
    sources = [Source(name, "rss", trusted=True) for name in ("one", "two")]
    for played in ({"one": one, "two": Played()}, {"one": one, "two": two}):
        stage = office.stage
        await Feeds(stage.database, stage.clock, sources, played, office.intake).poll()
    assert len(await office.all()) == 1


async def test_a_withdrawn_warning_that_was_only_drafted_is_dropped(office: Office) -> None:
    await office.reads(FLOOD)
    await office.reads(replace(FLOOD, message=MessageType.CANCEL))
    (post,) = await office.all()
    assert post.cancelled_at is not None


async def test_a_warning_that_still_holds_or_is_raised_again_once_its_post_is_over_is_drafted_anew(
    office: Office,
) -> None:
    await office.reads(FLOOD)
    office.stage.later(minutes=26 * 60)  # a person did nothing, and the draft has expired
    worse = replace(FLOOD, title="Severe flood warning: Riverside")
    assert (await office.reads(worse)).drafts == 1
    assert (await office.reads(replace(worse, message=MessageType.CANCEL))).drafts == 0
    office.stage.later(minutes=30 * 24 * 60)
    raised = replace(FLOOD, published=office.stage.clock.now())
    assert (await office.reads(raised)).drafts == 1
    assert [post.variants[0].title for post in await office.stage.posts.drafts()] == [FLOOD.title]


async def test_a_warning_that_a_person_took_back_does_not_return_with_each_edit(
    office: Office,
) -> None:
    calm = replace(FLOOD, level=Level.IMPORTANT)
    await office.reads(calm)
    (post,) = await office.all()
    await office.stage.posts.cancel(post.code, STAFF)
    office.stage.later(minutes=26 * 60)
    assert (await office.reads(replace(calm, summary="The river is high."))).drafts == 0
    assert (await office.reads(replace(calm, level=Level.URGENT))).drafts == 1


async def test_more_than_five_first_answers_in_one_poll_all_wait(office: Office) -> None:
    raised = [replace(RAISED, key=f"{n}", title=f"Cars in lane {n}") for n in range(6)]
    await office.reads(*raised, kind="police_uk")
    acted = [
        replace(each, kind=Kind.OUTCOME, action=f"{each.title}: done.", acted_on=ACTED.acted_on)
        for each in raised
    ]
    polled = await office.reads(*acted, kind="police_uk")
    assert (polled.drafts, polled.queued) == (6, 0)


async def test_a_second_edit_changes_the_correction_that_waits_and_drafts_no_other(
    office: Office,
) -> None:
    await office.reads(NEWS, trusted=False)
    (post,) = await office.all()
    await office.stage.posts.approve(post.code, STAFF)
    await office.stage.posts.send(post.code, STAFF)
    await office.arrives()
    saturday, sunday = (
        replace(NEWS, summary=f"Officers mark bikes in Riverside on {day}.")
        for day in ("Saturday", "Sunday")
    )
    assert (await office.reads(saturday, trusted=False)).drafts == 1
    assert (await office.reads(sunday, trusted=False)).drafts == 0
    (held,) = await office.stage.posts.drafts()
    assert held.variants[0].body == sunday.summary


async def test_what_is_edited_back_and_forth_is_corrected_each_time(office: Office) -> None:
    await office.reads(NEWS)
    await office.arrives()
    other = replace(NEWS, summary="Officers mark bikes in Riverside on Saturday.")
    for entry in (other, NEWS, other):
        assert (await office.reads(entry)).queued == 1
        await office.arrives()
        assert entry.summary in office.stage.channel.edited[-1][2]


async def test_a_correction_for_more_than_2000_people_waits(office: Office) -> None:
    await office.reads(NEWS)
    await office.arrives()
    async with office.stage.database.write() as connection:
        (row,) = (await connection.execute(select(deliveries))).mappings()
        alike = {**row, "subscriber_id": None}
        del alike["id"]
        await connection.execute(insert(deliveries), [alike] * 2_000)
    edited = replace(NEWS, summary="Officers mark bikes in Riverside on Saturday.")
    polled = await office.reads(edited)
    assert (polled.drafts, polled.queued) == (1, 0)
