"""A simulated year of advice: who got what and when, and whether each reason was true."""

import csv
import gzip
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from shapely.geometry import box
from sqlalchemy import insert, select

from bot.catalogs import Catalogs
from bot.conversation import Address
from bot.model import ALL_TOPICS, USUAL_TOPICS, Area, Rise, Topic
from bot.ports import Clock, Rendered, Sent
from bot.security.sealing import ChatKeys
from bot.security.secrets import Secrets
from bot.services.advice import subject
from bot.services.advisor import Advisor
from bot.services.articles import Article
from bot.services.campaigns import read_campaigns
from bot.store import areas as stored_areas
from bot.store.areas import StoredArea
from bot.store.database import Database
from bot.store.tables import advice, places, posts, subscribers, variants
from tests import as_shipped
from tests.conftest import FakeClock
from tests.delivery.stage import LONDON, CollectingChannel, Stage, stage_over

STREET = Path(__file__).parents[3] / "shared/data/police/tvp-street-2018-06.csv.gz"
PEOPLE, AREAS, WEEKS = 2_000, 40, 52
FIRST = date(2026, 11, 27)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
HOURS = (None, None, 1, 8, 12, 20)  # None: the default, 18
RISE, LEAST = 1.3, 5
NARROW = (
    Topic.ROAD_SAFETY | Topic.VEHICLE_CRIME,
    Topic.DOMESTIC_ABUSE | Topic.RURAL_CRIME,
    Topic.GENERAL,
)

Counts = Mapping[str, Counter[str]]


def counted() -> Counts:
    """Crimes of June 2018 by the forty busiest places and by kind."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    with gzip.open(STREET, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["LSOA name"]:
                found[row["LSOA name"][:-1]][slug(row["Crime type"])] += 1
    busiest = sorted(found, key=lambda name: (-found[name].total(), name))[:AREAS]
    return {name: found[name] for name in busiest}


def made_up() -> Counts:
    """The same for where the figures are not at hand."""
    kinds = ("burglary", "bicycle-theft", "vehicle-crime", "shoplifting", "violent-crime")
    return {
        f"Place {number:03}": Counter({kind: 10 + number for kind in kinds}) for number in range(4)
    }


def slug(kind: str) -> str:
    special = {
        "Violence and sexual offences": "violent-crime",
        "Criminal damage and arson": "criminal-damage-arson",
    }
    return special.get(kind, kind.lower().replace(" ", "-"))


@dataclass
class VariedFigures:
    """The Rises port: the same month again and again, a little more or less of each kind.

    As in life, figures of a month are known two months later.
    """

    counts: Counts
    clock: Clock
    by_month: dict[date, Counts] = field(default_factory=dict)

    async def rises(self, area: str) -> Sequence[Rise]:
        return self.rose(area, self.newest(self.clock.now().date()))

    @staticmethod
    def newest(today: date) -> date:
        return date(today.year - (today.month < 3), (today.month - 3) % 12 + 1, 1)

    def rose(self, area: str, month: date) -> list[Rise]:
        now, before = self._of(month), self._of((month - DAY).replace(day=1))
        steep = {
            kind: count / max(1, before[area][kind])
            for kind, count in now[area].items()
            if count >= LEAST and count >= RISE * before[area][kind]
        }
        return [
            Rise(Area(area, area), kind, month, now[area][kind])
            for kind in sorted(steep, key=lambda kind: (-steep[kind], kind))
        ]

    def _of(self, month: date) -> Counts:
        if month not in self.by_month:
            chance = random.Random(month.isoformat())
            self.by_month[month] = {
                area: Counter({kind: round(n * chance.uniform(0.6, 1.4)) for kind, n in c.items()})
                for area, c in sorted(self.counts.items())
            }
        return self.by_month[month]


@dataclass
class TimedChannel(CollectingChannel):
    """Keeps at which moment each message came."""

    clock: Clock = field(default_factory=FakeClock)
    came: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    async def send(self, to: Address, what: Rendered) -> Sent:
        self.came[to.id].append(self.clock.now().astimezone(LONDON))
        return await super().send(to, what)


@dataclass(frozen=True)
class Person:
    number: int
    topics: Topic
    areas: tuple[str, ...]
    hour: int


def people(names: Sequence[str], count: int) -> Iterator[Person]:
    chance = random.Random("people")
    for number in range(1, count + 1):
        kind = number % 10
        topics = USUAL_TOPICS if kind < 7 else ALL_TOPICS if kind == 7 else chance.choice(NARROW)
        where = tuple(sorted(chance.sample(names, chance.choice((1, 1, 2, 3)))))
        yield Person(number, topics, where, chance.choice(HOURS) or 18)


async def settle(
    database: Database, keys: ChatKeys, names: Sequence[str], crowd: Sequence[Person]
) -> None:
    """Let everybody live where they live and follow what they follow."""
    outlines = [
        StoredArea(Area(name, name), box(0, n, 1, n + 1).wkb) for n, name in enumerate(names)
    ]
    async with database.write() as connection:
        keyed = await stored_areas.put(connection, outlines)
        await stored_areas.mark_changed(connection)
        await connection.execute(
            insert(subscribers),
            [
                {
                    "id": each.number,
                    "lookup": keys.lookup("telegram", str(each.number)),
                    "sealed": keys.seal("telegram", str(each.number)),
                    "channel": "telegram",
                    "language": ("en_GB", "pl")[each.number % 5 == 0],
                    "created_on": FIRST,
                    "digest_hour": each.hour,
                }
                for each in crowd
            ],
        )
        await connection.execute(
            insert(places),
            [
                {
                    "subscriber_id": each.number,
                    "area_id": keyed[area],
                    "topics": int(each.topics),
                    "frequency": 1 + each.number % 3,
                }
                for each in crowd
                for area in each.areas
            ],
        )


@dataclass
class Year:
    """What happened: who was chosen for what, with which reason, and when it came."""

    crowd: Sequence[Person]
    articles: Mapping[str, Article]
    figures: VariedFigures
    had: dict[int, dict[date, str]]
    reasons: dict[int, dict[date, str]]
    came: Mapping[str, Sequence[datetime]]


async def lived(
    database: Database, clock: FakeClock, catalogs: Catalogs, counts: Counts, count: int, weeks: int
) -> Year:
    """Let the weeks pass: the hourly duty before and after, and the outbox at every hour chosen."""
    keys = ChatKeys(Secrets.fresh().chat_keys)
    crowd = list(people(list(counts), count))
    await settle(database, keys, list(counts), crowd)
    library, figures = as_shipped.library(), VariedFigures(counts, clock)
    advisor = Advisor(
        database,
        clock,
        LONDON,
        library,
        read_campaigns(),
        figures,
        catalogs,
        "https://beat.example",
    )
    stage = stage_over(database, clock, catalogs, keys)
    channel = TimedChannel(clock=clock)
    sender = stage.another_sender(channel, rate=1_000_000)
    for number in range(weeks):
        friday = FIRST + number * WEEK
        for day, hour in ((-1, 11), (-1, 12), (-1, 20), (0, 1), (0, 7), (0, 8), (0, 12), (0, 18)):
            await pass_time(stage, advisor, friday + day * DAY, hour)
            await stage.work(sender)
        for day, hour in ((0, 20), (1, 1), (1, 9), (2, 1), (2, 2), (2, 23), (4, 12)):
            await pass_time(stage, advisor, friday + day * DAY, hour)
            await stage.work(sender)
    had, reasons = await kept(database)
    return Year(crowd, library.articles, figures, had, reasons, channel.came)


async def pass_time(stage: Stage, advisor: Advisor, day: date, hour: int) -> None:
    stage.clock.set(datetime.combine(day, time(hour, 10), LONDON).astimezone(UTC))
    await advisor.plan_week()


async def kept(
    database: Database,
) -> tuple[dict[int, dict[date, str]], dict[int, dict[date, str]]]:
    had: dict[int, dict[date, str]] = defaultdict(dict)
    reasons: dict[int, dict[date, str]] = defaultdict(dict)
    async with database.read() as connection:
        rows = await connection.execute(
            select(advice, variants.c.body)
            .join(posts, posts.c.id == advice.c.post_id)
            .join(variants, variants.c.post_id == posts.c.id)
            .where(variants.c.language == "en_GB")
        )
        for row in rows:
            had[row.subscriber_id][row.friday] = row.article
            reasons[row.subscriber_id][row.friday] = row.body
    return had, reasons


def check_rests(year: Year) -> None:
    for weeks in year.had.values():
        last: dict[str, date] = {}
        for friday, article in sorted(weeks.items()):
            rest = year.articles[article].rest
            assert article not in last or friday - last[article] >= rest
            last[article] = friday


def check_gaps(year: Year, weeks: int) -> int:
    """A week without advice is one in which all that is wanted rests. Returns how many."""
    empty = 0
    for person in year.crowd:
        wanted = [a for a in year.articles.values() if subject(a) & person.topics]
        had = year.had.get(person.number, {})
        for friday in (FIRST + n * WEEK for n in range(weeks)):
            if friday in had:
                continue
            empty += 1
            for article in wanted:
                days = [day for day, id in had.items() if id == article.id and day < friday]
                assert days, (person, friday, article.id)
                assert friday - max(days) < article.rest, (person, friday, article.id)
    return empty


def check_hours(year: Year) -> None:
    """Everyone gets each piece once, on its Friday at their hour, or when their night is over."""
    for person in year.crowd:
        came = year.came.get(str(person.number), [])
        expected = max(person.hour, 7)
        assert [each.date() for each in came] == sorted(year.had.get(person.number, {})), person
        assert {each.hour for each in came} <= {expected}, person


def check_topics(year: Year) -> None:
    for person in year.crowd:
        served = Topic(0)
        for article in year.had.get(person.number, {}).values():
            served |= subject(year.articles[article])
        assert served & person.topics == person.topics, person


def check_campaigns(year: Year, weeks: int) -> int:
    """On a campaign's Friday it comes to all who follow it, unless it, or they all, rest."""
    honoured = 0
    for campaign in read_campaigns():
        for friday in (FIRST + n * WEEK for n in range(weeks)):
            if not campaign.is_on(friday):
                continue
            asked = {id for each in read_campaigns() if each.is_on(friday) for id in each.articles}
            for person in year.crowd:
                had = year.had.get(person.number, {})
                if had.get(friday) in asked:
                    honoured += 1
                    continue
                for id in campaign.articles:
                    article = year.articles[id]
                    if subject(article) & person.topics:
                        days = [day for day, had_id in had.items() if had_id == id and day < friday]
                        assert days, (person, friday, id)
                        assert friday - max(days) < article.rest, (person, friday, id)
    return honoured


def check_reasons(year: Year) -> Counter[str]:
    """Every reason told agrees with the data. Returns how often each kind was given."""
    kinds: Counter[str] = Counter()
    for person in year.crowd:
        for friday, body in year.reasons.get(person.number, {}).items():
            article = year.articles[year.had[person.number][friday]]
            reason = body.split("\n\n")[2 if article.sensitive else 0]
            if " rose in " in reason:
                kinds["rose"] += 1
                area = reason.partition(" rose in ")[2].rpartition(" in ")[0]
                month = year.figures.newest(friday - DAY)
                assert area in person.areas
                assert reason.endswith(f" in {month:%B %Y}.")
                rose = {each.category for each in year.figures.rose(area, month)}
                assert rose & article.crimes, reason
            elif reason == "This helps most at this time of year.":
                kinds["season"] += 1
                assert article.season is not None
                assert friday in article.season
            elif reason.startswith("This is part of "):
                kinds["campaign"] += 1
                assert any(
                    each.is_on(friday) and each.name in reason and article.id in each.articles
                    for each in read_campaigns()
                )
            elif article.sensitive:
                kinds["sensitive"] += 1
                assert reason == "You asked for advice like this."
            else:
                kinds["topic"] += 1
                assert reason.startswith("You follow this topic: ")
    return kinds


def check(year: Year, weeks: int) -> str:
    """Check all, and say in one line what there was."""
    check_rests(year)
    empty, honoured = check_gaps(year, weeks), check_campaigns(year, weeks)
    check_hours(year)
    kinds = check_reasons(year)
    sent = sum(len(each) for each in year.had.values())
    return (
        f"{sent:,} pieces of advice to {len(year.crowd):,} people in {weeks} weeks, "
        f"{len({id for each in year.had.values() for id in each.values()})} articles; "
        f"reasons: {dict(kinds.most_common())}; {honoured:,} for campaigns; "
        f"{empty:,} weeks without, as all rested"
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_weeks_of_advice_keep_every_rule(
    database: Database, clock: FakeClock, catalogs: Catalogs
) -> None:
    year = await lived(database, clock, catalogs, made_up(), 20, 6)
    check(year, 6)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_year_of_advice_keeps_every_rule(
    database: Database,
    clock: FakeClock,
    catalogs: Catalogs,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if not STREET.exists():
        pytest.skip("the figures of June 2018 are not at hand: ../shared/data/police")
    year = await lived(database, clock, catalogs, counted(), PEOPLE, WEEKS)
    told = check(year, WEEKS)
    check_topics(year)
    with capsys.disabled():
        print(f"\n{told}")  # noqa: T201  # the counts are what this is for
