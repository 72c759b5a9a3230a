"""The advice that ships: in order, for every topic and season, and complete in Polish."""

import re
import tomllib
from datetime import date, timedelta

import pytest

from bot.cli.advice import problems
from bot.model import Topic
from bot.services.article_faults import CRIMES
from bot.services.articles import LOCALES, Library
from bot.services.directory import HELPLINES, Directory
from tests import as_shipped
from tests.conftest import FakeClock


@pytest.fixture(scope="module")
def library() -> Library:
    return as_shipped.library()


def test_every_article_is_in_order(clock: FakeClock) -> None:
    directory = Directory("thames-valley", clock)
    assert [str(problem) for problem in problems((), directory, date(2026, 11, 23))] == []


@pytest.mark.parametrize("topic", Topic)
def test_every_topic_has_advice(library: Library, topic: Topic) -> None:
    assert any(topic in article.topics for article in library.articles.values())


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_has_advice_that_is_for_no_other_season(library: Library, month: int) -> None:
    day = date(2027, month, 15)
    seasons = [article.season for article in library.articles.values()]
    assert seasons.count(None) >= 20
    assert month in {3, 4, 6} or any(day in season for season in seasons if season)


def test_there_is_enough_for_a_year_of_weeks_with_each_article_rested(library: Library) -> None:
    rest = max(article.rest for article in library.articles.values())
    assert len(library.articles) * timedelta(weeks=1) >= rest


def test_the_crimes_that_rise_have_advice(library: Library) -> None:
    covered = set().union(*(article.crimes for article in library.articles.values()))
    assert CRIMES - covered == {"other-crime"}


def test_every_article_speaks_polish_and_says_that_a_computer_wrote_it(library: Library) -> None:
    for article in library.articles.values():
        assert article.in_language("pl").language == "pl"
        assert article.in_language("pl").status == "machine"


def test_every_form_that_an_article_names_is_a_form_of_the_force_or_of_all() -> None:
    facts = tomllib.loads(HELPLINES.read_text())
    forms = facts["form"].keys() | facts["force"]["thames-valley"]["form"].keys()
    for path in LOCALES.glob("*/advice/*.md"):
        assert set(re.findall(r"\{form\.(\w+)\}", path.read_text())) <= forms


def test_a_reader_of_a_sensitive_article_is_told_how_to_call_without_a_voice(
    library: Library,
) -> None:
    sensitive = [article for article in library.articles.values() if article.sensitive]
    assert len(sensitive) >= 3
    for article in sensitive:
        assert "999" in article.safety[0].message
