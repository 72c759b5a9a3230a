"""The choice rule: what a resident follows decides, and the reason given is the true one."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from bot.delivery.due import DIGEST_WEEKDAY
from bot.model import USUAL_TOPICS, Rise, Topic
from bot.services import advice
from bot.services.advice import Choice, Reader, Week, choose
from bot.services.articles import ENGLISH, Article, Season, Words
from bot.services.campaigns import Campaign
from bot.text import Text
from tests import town

FRIDAY = date(2026, 11, 27)
WEEK = timedelta(days=7)


def article(
    id: str,
    topics: Topic = Topic.CRIME_PREVENTION,
    *,
    crimes: Sequence[str] = (),
    season: Season | None = None,
    rest: int = 180,
) -> Article:
    words = Words(ENGLISH, id, "", "Do this.", "Do this.", "<p>Do this.</p>", "reviewed")
    return Article(
        id=id,
        topics=topics,
        crimes=frozenset(crimes),
        season=season,
        rest=timedelta(days=rest),
        review_by=date(2027, 1, 1),
        sources=(),
        safety=(),
        words={ENGLISH: words},
    )


BIKES = article("bikes", crimes=["bicycle-theft"])
HOMES = article("homes", Topic.RESIDENTIAL_BURGLARY, crimes=["burglary"])
ROADS = article("roads", Topic.ROAD_SAFETY)
DARK = article("dark", Topic.RESIDENTIAL_BURGLARY, season=Season((10, 15), (1, 31)))
HELP = article("help", Topic.DOMESTIC_ABUSE | Topic.CRIME_PREVENTION, crimes=["violent-crime"])
ALL = (BIKES, HOMES, ROADS, DARK, HELP)


def reader(topics: Topic = USUAL_TOPICS, **had: date) -> Reader:
    return Reader([(town.RIVERSIDE, topics)], had, min(had.values(), default=None))


def rose(category: str, area: str = town.RIVERSIDE.id) -> Week:
    rise = Rise(town.RIVERSIDE, category, date(2026, 9, 1), 30)
    return Week(FRIDAY, rises={area: [rise]})


def campaign(*articles: str, areas: frozenset[str] | None = None) -> Week:
    found = Campaign(
        name="Operation Sceptre",
        start=FRIDAY,
        end=FRIDAY,
        areas=areas,
        articles=articles,
        source="tests",
    )
    return Week(FRIDAY, [found])


def chosen(reader: Reader, week: Week, articles: Sequence[Article] = ALL) -> Choice:
    found = choose(articles, reader, week)
    assert found is not None
    return found


def told(reason: Text) -> str:
    return reason.message


def test_a_campaign_comes_before_all_else() -> None:
    found = chosen(reader(), campaign("roads"))
    assert found.article is ROADS
    assert found.reason.values == {"campaign": "Operation Sceptre"}


@pytest.mark.parametrize("day", [FRIDAY - WEEK, FRIDAY + WEEK])
def test_a_campaign_of_another_week_does_not_count(day: date) -> None:
    week = Week(day, campaign("roads").campaigns)
    assert "campaign" not in chosen(reader(), week).reason.values


def test_a_campaign_elsewhere_does_not_count() -> None:
    week = campaign("roads", areas=frozenset({town.HILLSIDE_NORTH.id}))
    assert chosen(reader(), week).article is DARK


def test_a_campaign_of_the_area_is_sent_for_that_area() -> None:
    found = chosen(reader(), campaign("roads", areas=frozenset({town.RIVERSIDE.id})))
    assert (found.article, found.area) == (ROADS, town.RIVERSIDE)


def test_what_rose_in_the_area_comes_before_the_season() -> None:
    found = chosen(reader(), rose("bicycle-theft"))
    assert found.article is BIKES
    assert told(found.reason) == "{crime} rose in {area} in {month}."
    assert found.reason.values["area"] == "Riverside"
    assert found.area == town.RIVERSIDE


def test_what_rose_in_another_area_does_not_count() -> None:
    assert chosen(reader(), rose("bicycle-theft", town.HILLSIDE_NORTH.id)).article is DARK


def test_what_is_not_wanted_of_the_area_in_which_it_rose_is_not_chosen_for_that() -> None:
    both = Reader(
        [(town.RIVERSIDE, Topic.ROAD_SAFETY), (town.HILLSIDE_NORTH, Topic.CRIME_PREVENTION)]
    )
    assert chosen(both, rose("bicycle-theft")).area is None


def test_the_season_comes_before_the_rest() -> None:
    found = chosen(reader(), Week(FRIDAY))
    assert (found.article, told(found.reason)) == (DARK, "This helps most at this time of year.")
    assert chosen(reader(), Week(date(2026, 6, 5))).article is not DARK


def test_the_topic_that_waited_longest_comes_next() -> None:
    found = chosen(
        reader(bikes=FRIDAY - 2 * WEEK, homes=FRIDAY - WEEK, dark=FRIDAY - 3 * WEEK), Week(FRIDAY)
    )
    assert found.article is ROADS
    assert told(found.reason) == "You follow this topic: {topic}."


def test_nothing_comes_twice_within_its_rest() -> None:
    only = [article("one", rest=180)]
    for days, expected in ((7, None), (175, None), (182, "one")):
        found = choose(only, reader(one=FRIDAY - timedelta(days=days)), Week(FRIDAY))
        assert (found and found.article.id) == expected


def test_a_topic_that_waited_half_a_year_comes_before_what_rose() -> None:
    long_ago = FRIDAY - 27 * WEEK
    found = chosen(
        Reader(reader().follows, {"homes": FRIDAY - WEEK, "dark": FRIDAY - WEEK}, long_ago),
        rose("bicycle-theft"),
        (BIKES, ROADS, HOMES, DARK),
    )
    assert found.article in (BIKES, ROADS)
    assert told(found.reason) == "You follow this topic: {topic}."


def test_what_is_not_followed_never_comes() -> None:
    assert choose(ALL, reader(Topic.RURAL_CRIME), campaign("roads")) is None


def test_a_sensitive_article_needs_its_own_topic_and_its_reason_tells_nothing() -> None:
    assert chosen(reader(), rose("violent-crime")).article is not HELP
    found = chosen(reader(Topic.DOMESTIC_ABUSE), rose("violent-crime"))
    assert (found.article, found.area) == (HELP, None)
    assert found.reason == Text("You asked for advice like this.")


def test_the_order_of_the_library_does_not_matter() -> None:
    assert chosen(reader(), Week(FRIDAY), ALL) == chosen(reader(), Week(FRIDAY), ALL[::-1])


def test_those_with_the_same_advice_for_the_same_reason_share_a_post() -> None:
    first, second = (
        chosen(reader(), rose("bicycle-theft")),
        chosen(Reader([(town.RIVERSIDE, Topic.CRIME_PREVENTION)]), rose("bicycle-theft")),
    )
    assert first.key == second.key
    assert first.key != chosen(reader(), rose("burglary")).key


def test_advice_comes_with_the_weekly_news() -> None:
    assert advice.FRIDAY == DIGEST_WEEKDAY
