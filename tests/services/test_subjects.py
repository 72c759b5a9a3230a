"""News is about the topics that its words say."""

import tomllib

import pytest

from bot.model import Topic
from bot.services.subjects import RULES, topics_of
from tests.labelled import items
from tests.news import SAMPLE_OF_TOPICS, score_topics


@pytest.mark.parametrize(
    ("title", "text", "meant"),
    [
        ("Burglar jailed", "", Topic.RESIDENTIAL_BURGLARY),
        ("BURGLARS JAILED", "", Topic.RESIDENTIAL_BURGLARY),
        ("Burglary at a school", "", Topic.GENERAL),
        (
            "Burglary at a school, then at a house",
            "A man burgled two flats.",
            Topic.RESIDENTIAL_BURGLARY,
        ),
        ("Murder", "A man murdered his wife.", Topic.SERIOUS_VIOLENCE | Topic.DOMESTIC_ABUSE),
        ("Oilseed rape is in flower", "", Topic.GENERAL),
        ("Drink-driver", "", Topic.ROAD_SAFETY),
        ("Clare’s Law explained", "", Topic.DOMESTIC_ABUSE),
        ("Bank holiday opening hours", "", Topic.GENERAL),
        ("", "", Topic.GENERAL),
    ],
)
def test_words_lead_to_topics(title: str, text: str, meant: Topic) -> None:
    assert topics_of(title, text) == meant


def test_a_phrase_does_not_reach_over_the_end_of_a_sentence() -> None:
    assert topics_of("", "He drove the car. Thefts from elsewhere rose.") == Topic.GENERAL
    assert Topic.VEHICLE_CRIME in topics_of("", "There were several car thefts.")


def test_each_of_the_fifteen_topics_has_rules() -> None:
    with RULES.open("rb") as file:
        rules = tomllib.load(file)
    assert {Topic[name.upper()] for name in rules} == set(Topic) - {Topic.GENERAL}
    assert all(set(rule) <= {"words", "not"} for rule in rules.values())


@pytest.mark.parametrize("name", SAMPLE_OF_TOPICS)
def test_topics_are_found_in_labelled_news(name: str) -> None:
    score = score_topics(items(name))
    print(f"\ntopics, {name}: {score}", *score.wrong, sep="\n")  # noqa: T201  # for pytest -s
    assert score.items >= 100
    assert score.precision >= 0.95
    assert score.recall >= 0.9
