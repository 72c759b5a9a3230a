"""Each week's advice reaches those it was chosen for, once, at their hour, whatever happens."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import func, select

from bot.catalogs import Catalogs
from bot.model import ALL_TOPICS, Frequency, Rise, Subscriber, Topic
from bot.services.advisor import Advisor
from bot.services.articles import ENGLISH, LOCALES, Library
from bot.services.campaigns import Campaign
from bot.services.directory import Directory
from bot.services.outcomes import Outcomes
from bot.store import advice as stored
from bot.store import subscribers
from bot.store.database import Database
from bot.store.tables import advice, posts
from tests import as_shipped, town
from tests.cancelling import cancelled_at
from tests.conftest import FakeClock
from tests.delivery.stage import LONDON, Stage, set_stage

THURSDAY = (2026, 11, 26, 13, 10)
AT_ONCE, DAILY, WEEKLY = (int(each) for each in Frequency)
BIKES = Rise(town.RIVERSIDE, "bicycle-theft", date(2026, 9, 1), 30)


@dataclass
class Rises:
    """The Rises port: what a test says rose, by area."""

    by_area: dict[str, list[Rise]]

    async def rises(self, area: str) -> Sequence[Rise]:
        return self.by_area.get(area, ())


@pytest.fixture
async def stage(database: Database, clock: FakeClock, catalogs: Catalogs) -> Stage:
    stage = await set_stage(database, clock, catalogs)
    stage.at(*THURSDAY)
    return stage


@pytest.fixture
def rises() -> Rises:
    return Rises({town.RIVERSIDE.id: [BIKES]})


@pytest.fixture
def library() -> Library:
    return as_shipped.library()


@pytest.fixture
def advisor(stage: Stage, rises: Rises, library: Library) -> Advisor:
    return new_advisor(stage, rises, library)


def new_advisor(
    stage: Stage, rises: Rises, library: Library, campaigns: Sequence[Campaign] = ()
) -> Advisor:
    return Advisor(
        stage.database,
        stage.clock,
        LONDON,
        library,
        campaigns,
        rises,
        stage.catalogs,
        "https://beat.example",
    )


async def kept(stage: Stage) -> list[tuple[int, date, str]]:
    async with stage.database.read() as connection:
        rows = await connection.execute(
            select(advice.c.subscriber_id, advice.c.friday, advice.c.article).order_by(
                advice.c.friday, advice.c.subscriber_id
            )
        )
        return [(row[0], row[1], row[2]) for row in rows]


async def at(stage: Stage, *moment: int) -> list[str]:
    """Who gets something at a local time, and not before."""
    before = len(stage.channel.arrived)
    stage.at(*moment)
    await stage.work()
    return sorted(stage.channel.who[before:])


async def test_advice_comes_on_friday_at_the_hour_that_each_has_chosen(
    stage: Stage, advisor: Advisor
) -> None:
    await stage.follower("at once", frequency=AT_ONCE)
    await stage.follower("daily", frequency=DAILY, settings={"digest_hour": 8})
    await stage.follower("weekly", frequency=WEEKLY, settings={"digest_hour": 20})
    await advisor.plan_week()
    assert await at(stage, 2026, 11, 26, 20, 0) == []
    assert await at(stage, 2026, 11, 27, 8, 0) == ["daily"]
    assert await at(stage, 2026, 11, 27, 18, 0) == ["at once"]
    assert await at(stage, 2026, 11, 27, 20, 0) == ["weekly"]
    assert await at(stage, 2026, 12, 4, 20, 0) == []


async def test_the_reason_the_words_and_the_page_are_in_the_message(
    stage: Stage, advisor: Advisor
) -> None:
    await stage.follower("1")
    await advisor.plan_week()
    await at(stage, 2026, 11, 27, 18, 0)
    message = stage.channel.got("1")[0]
    paragraphs = message.split("\n\n")
    assert paragraphs[:3] == [
        "Advice",
        "Keep your bike safe",
        "Bicycle theft rose in Riverside in September 2026.",
    ]
    assert "https://beat.example/advice/bike-theft" in paragraphs
    assert "Thames Valley Police, for Riverside." in message


async def test_everyone_gets_what_was_chosen_for_them_alone(stage: Stage, advisor: Advisor) -> None:
    await stage.follower("here")
    await stage.follower("there", town.HILLSIDE_NORTH)
    await stage.follower("roads", topics=int(Topic.ROAD_SAFETY))
    await advisor.plan_week()
    await at(stage, 2026, 11, 27, 18, 0)
    titles = [stage.channel.got(each)[0].split("\n\n")[1] for each in ("here", "there", "roads")]
    assert titles[0] == "Keep your bike safe"
    assert titles[1] != titles[0]
    assert titles[2] == "Be seen on dark roads"


async def test_whoever_follows_nothing_wanted_gets_nothing(stage: Stage, advisor: Advisor) -> None:
    await stage.follower("1", topics=0)
    await stage.follower("stopped", settings={"stopped_on": date(2026, 11, 1)})
    await stage.follower("paused", settings={"paused_until": date(2026, 12, 1)})
    await advisor.plan_week()
    assert await kept(stage) == []
    assert await at(stage, 2026, 11, 27, 18, 0) == []


async def test_who_unfollows_before_friday_gets_nothing(stage: Stage, advisor: Advisor) -> None:
    person = await stage.follower("1")
    await advisor.plan_week()
    async with stage.database.write() as connection:
        await subscribers.stop(connection, person, date(2026, 11, 26))
    assert await at(stage, 2026, 11, 27, 18, 0) == []


async def test_a_choice_that_was_cut_anywhere_goes_on_and_chooses_for_each_once(
    stage: Stage, advisor: Advisor
) -> None:
    for person in range(3):
        await stage.follower(str(person))
    cut, number = True, 0
    while cut:
        cut = await cancelled_at(advisor.plan_week(), number)
        number += 1
    assert [person for person, _friday, _article in await kept(stage)] == [1, 2, 3]
    assert await at(stage, 2026, 11, 27, 18, 0) == ["0", "1", "2"]


async def test_several_processes_may_choose_at_the_same_time(
    stage: Stage, advisor: Advisor, rises: Rises, library: Library
) -> None:
    for person in range(3):
        await stage.follower(str(person))
    another = new_advisor(stage, rises, library)
    await asyncio.gather(advisor.plan_week(), another.plan_week())
    await advisor.plan_week()
    assert len(await kept(stage)) == 3
    assert await at(stage, 2026, 11, 27, 18, 0) == ["0", "1", "2"]


async def test_who_comes_after_the_choice_waits_for_the_next_week(
    stage: Stage, advisor: Advisor
) -> None:
    await advisor.plan_week()
    await stage.follower("late")
    await advisor.plan_week()
    assert await at(stage, 2026, 11, 27, 18, 0) == []
    stage.at(2026, 12, 3, 13, 10)
    await advisor.plan_week()
    assert await at(stage, 2026, 12, 4, 18, 0) == ["late"]


async def test_what_was_missed_on_friday_comes_once_before_the_week_ends(
    stage: Stage, advisor: Advisor
) -> None:
    await stage.follower("1")
    await stage.follower("2", frequency=WEEKLY)
    stage.at(2026, 11, 28, 10, 0)
    await advisor.plan_week()
    assert await at(stage, 2026, 11, 28, 10, 5) == ["1", "2"]


async def test_weeks_that_were_missed_are_skipped_and_never_come_in_a_burst(
    stage: Stage, advisor: Advisor
) -> None:
    await stage.follower("1")
    await advisor.plan_week()
    assert await at(stage, 2026, 12, 14, 12, 0) == []  # nothing was sent for two weekends
    await advisor.plan_week()
    stage.at(2026, 12, 17, 13, 10)
    await advisor.plan_week()
    assert await at(stage, 2026, 12, 18, 18, 0) == ["1"]
    assert [friday for _person, friday, _article in await kept(stage)] == [
        date(2026, 11, 27),
        date(2026, 12, 18),
    ]


@pytest.mark.parametrize("sunday", [date(2027, 3, 28), date(2027, 10, 31)])
async def test_a_clock_change_neither_repeats_nor_drops_a_week(
    stage: Stage, advisor: Advisor, sunday: date
) -> None:
    await stage.follower("1", settings={"digest_hour": 1, "quiet_from": 0, "quiet_until": 0})
    monday = datetime(sunday.year, sunday.month, sunday.day, tzinfo=LONDON) - timedelta(days=6)
    moment, came = monday.astimezone(UTC), []
    for _hour in range(2 * 7 * 24):
        stage.clock.set(moment)
        await advisor.plan_week()
        before = len(stage.channel.arrived)
        await stage.work()
        came += [moment.astimezone(LONDON)] * (len(stage.channel.arrived) - before)
        moment += timedelta(hours=1)
    assert [(each.weekday(), each.hour) for each in came] == [(4, 1), (4, 1)]


async def test_a_resident_reads_advice_in_their_language(stage: Stage, advisor: Advisor) -> None:
    await stage.follower("1", language="pl")
    await advisor.plan_week()
    await at(stage, 2026, 11, 27, 18, 0)
    assert "Keep your bike safe" not in stage.channel.got("1")[0]


async def test_sensitive_advice_comes_to_those_alone_who_asked_and_begins_neutrally(
    stage: Stage, rises: Rises, library: Library
) -> None:
    campaign = Campaign(
        name="16 Days of Action",
        start=date(2026, 11, 25),
        end=date(2026, 12, 10),
        articles=("safe-at-home",),
        source="tests",
    )
    advisor = new_advisor(stage, rises, library, [campaign])
    await stage.follower("asked", topics=int(ALL_TOPICS))
    await stage.follower("others")
    await advisor.plan_week()
    await at(stage, 2026, 11, 27, 18, 0)
    assert "Keep your bike safe" in stage.channel.got("others")[0]
    asked = stage.channel.got("asked")[0].split("\n\n")
    assert asked[1] == "You deserve to feel safe"
    assert "/hide" in asked[3]
    assert asked[4] == "You asked for advice like this."


async def test_what_went_to_a_resident_goes_with_them_and_after_400_days(
    stage: Stage, advisor: Advisor
) -> None:
    await stage.follower("1")
    await stage.follower("2")
    await advisor.plan_week()
    async with stage.database.write() as connection:
        await subscribers.erase(connection, stage.keys.lookup("telegram", "1"))
    assert [person for person, _friday, _article in await kept(stage)] == [2]
    stage.at(2028, 1, 1, 12, 0)
    await advisor.purge()
    assert len(await kept(stage)) == 1
    stage.at(2028, 1, 2, 12, 0)
    await advisor.purge()
    assert await kept(stage) == []


async def test_posts_are_as_many_as_there_are_choices(stage: Stage, advisor: Advisor) -> None:
    for person in range(20):
        await stage.follower(str(person), [town.RIVERSIDE, town.HILLSIDE_NORTH][person % 2])
    await advisor.plan_week()
    async with stage.database.read() as connection:
        count = (await connection.execute(select(func.count()).select_from(posts))).scalar_one()
    assert count == 2


async def test_this_weeks_advice_is_the_one_that_came(stage: Stage, advisor: Advisor) -> None:
    person = await stage.follower("1")
    resident = Subscriber(person, "telegram", "en_GB")
    stage.at(2026, 11, 24, 12, 0)
    to_come = await advisor.this_week(resident)
    stage.at(*THURSDAY)
    await advisor.plan_week()
    stage.at(2026, 12, 1, 12, 0)
    assert to_come is not None
    assert to_come == await advisor.this_week(resident)
    assert to_come[0].article == "bike-theft"
    stage.at(2026, 12, 4, 12, 0)
    later = await advisor.this_week(resident)
    assert later is not None
    assert later[0].article != "bike-theft"


async def test_the_calendar_says_what_someone_new_gets_and_why(
    stage: Stage, advisor: Advisor
) -> None:
    planned = await advisor.calendar(town.RIVERSIDE)
    assert [each.friday for each in planned[:2]] == [date(2026, 11, 27), date(2026, 12, 4)]
    chosen = [each.choice.article.id for each in planned if each.choice]
    assert len(chosen) == len(set(chosen)) == 12
    await stage.follower("1")
    for each in planned[:4]:
        stage.clock.set(
            datetime.combine(each.friday, datetime.min.time(), LONDON) - timedelta(hours=10)
        )
        await advisor.plan_week()
    assert [article for _person, _friday, article in await kept(stage)] == chosen[:4]


async def test_votes_are_counted_for_each_article(stage: Stage, advisor: Advisor) -> None:
    assert await advisor.vote("bike-theft", useful=True)
    assert await advisor.vote("bike-theft", useful=False)
    assert await advisor.vote("bike-theft", useful=True)
    assert not await advisor.vote("no such article", useful=True)
    assert await advisor.votes() == {"bike-theft": (2, 1)}


async def test_after_a_restore_nobody_gets_the_weeks_advice_twice(
    stage: Stage, advisor: Advisor
) -> None:
    await stage.follower("1")
    for day, weeks in (((2026, 11, 26, 13, 0), 1), ((2026, 12, 4, 17, 0), 1)):
        stage.at(*day)
        async with stage.database.write() as connection:
            await stored.end_week(connection, stage.clock.now())
        await advisor.plan_week()
        assert len(await kept(stage)) == weeks


async def test_a_broken_article_is_told_and_the_rest_still_goes_out(
    stage: Stage, rises: Rises, tmp_path: Path
) -> None:
    folder = tmp_path / ENGLISH / "advice"
    copytree(LOCALES / ENGLISH / "advice", folder)
    bikes = folder / "bike-theft.md"
    bikes.write_text(bikes.read_text().replace("topics:", "topic:"))
    library = Library(Directory("thames-valley", stage.clock), tmp_path)
    advisor = new_advisor(stage, rises, library)
    told = await advisor.broken()
    assert told is not None
    assert told.startswith("left out: ")
    assert "bike-theft.md" in told
    await stage.follower("1")
    await advisor.plan_week()
    assert await at(stage, 2026, 11, 27, 18, 0) == ["1"]


async def test_advice_is_no_message_to_an_area(stage: Stage, advisor: Advisor) -> None:
    await stage.follower("1")
    await advisor.plan_week()
    stage.at(2026, 11, 28, 12)
    assert await kept(stage)
    assert await Outcomes(stage.database, stage.clock).posted(town.RIVERSIDE.id) == []


async def test_the_reason_of_this_weeks_advice_stays_after_half_a_year(
    stage: Stage, advisor: Advisor
) -> None:
    person = await stage.follower("1")
    resident = Subscriber(person, "telegram", "en_GB")
    async with stage.database.write() as connection:
        others = [each for each in advisor.library.articles if each != "bike-theft"]
        for number, article in enumerate([*others, *others], start=2):
            day = date(2026, 11, 27) - timedelta(days=5 * number)
            await stored.add(connection, day, [(person, article, 0)])
    to_come = await advisor.this_week(resident)
    await advisor.plan_week()
    assert to_come is not None
    assert to_come[1].message == "{crime} rose in {area} in {month}."
    assert to_come == await advisor.this_week(resident)


async def test_of_a_long_search_the_first_words_count(stage: Stage, advisor: Advisor) -> None:
    resident = Subscriber(await stage.follower("1"), "telegram", "en_GB")
    found = advisor.search("bike " * 10 + "nowhere", resident)
    assert "bike-theft" in [each.article for each in found]
    assert not advisor.search("bike nowhere", resident)
