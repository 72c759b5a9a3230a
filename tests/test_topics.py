"""The topics are the plan's fifteen and general news, each named once and in one theme."""

from collections import Counter

from bot.catalogs import Catalogs
from bot.model import ALL_TOPICS, SENSITIVE_TOPICS, USUAL_TOPICS, Topic
from bot.topics import NAMES, THEMES


def test_every_topic_has_a_name_and_is_in_one_theme() -> None:
    assert set(NAMES) == set(Topic)
    assert Counter(topic for theme in THEMES for topic in theme.topics) == Counter(Topic)


def test_there_are_sixteen_and_all_but_the_three_sensitive_ones_are_usual() -> None:
    assert ALL_TOPICS.bit_count() == 16
    assert SENSITIVE_TOPICS.bit_count() == 3
    assert USUAL_TOPICS | SENSITIVE_TOPICS == ALL_TOPICS
    assert not USUAL_TOPICS & SENSITIVE_TOPICS


def test_a_topic_that_an_older_version_does_not_know_is_left_out() -> None:
    assert Topic(1 << 20 | Topic.ROAD_SAFETY) is Topic.ROAD_SAFETY


def test_a_name_fits_on_its_button(catalogs: Catalogs) -> None:
    for language in catalogs.offered:
        for name in NAMES.values():
            assert len(catalogs.plain(name, language.code)) <= 24
