"""A template says the same in every language; only the slots are typed."""

from zoneinfo import ZoneInfo

import pytest

from bot import safety
from bot.catalogs import Catalogs
from bot.cli.templates import written
from bot.errors import OperatorError
from bot.templates import TEMPLATES, Slot

ZONE = ZoneInfo("Europe/London")
TYPED = {
    Slot.WORDS: "Mill Lane",
    Slot.COUNT: "3",
    Slot.DAY: "2026-11-20",
    Slot.TIME: "2026-11-20 18:00",
    Slot.LINK: "https://www.example.org/report",
}
MEETING = ["time=2026-12-01 18:00", "place=Caversham Library"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_is_written_in_every_language(name: str, catalogs: Catalogs) -> None:
    slots = [f"{slot}={TYPED[kind]}" for slot, kind in TEMPLATES[name].slots.items()]
    variants = written(name, slots, catalogs, ZONE)
    assert [each.language for each in variants] == [each.code for each in catalogs.offered]
    for each in variants:
        assert "{" not in each.title + each.body
        assert "Mill Lane" in each.title + each.body
        assert "18:00" in each.body or Slot.TIME not in TEMPLATES[name].slots.values()


def test_a_time_is_told_as_each_language_tells_it(catalogs: Catalogs) -> None:
    english, polish, *_others = written("meeting", MEETING, catalogs, ZONE)
    assert "Tuesday 1 December, 18:00" in english.body
    assert "wtorek 1 grudnia, 18:00" in polish.body


def test_words_that_no_speaker_has_checked_say_so_and_have_the_english_below(
    catalogs: Catalogs,
) -> None:
    english, polish, *_others = written("meeting", MEETING, catalogs, ZONE)
    assert safety.MACHINE_LABEL.message not in english.body
    assert safety.MACHINE_LABEL.message in polish.body
    assert polish.body.endswith(english.body)


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("earthquake", [], "there is no template earthquake; there are burglary-series"),
        ("meeting", ["time=2026-12-01", MEETING[1]], "a day and an hour such as"),
        ("burglary-series", [f"count={'9' * 5_000}"], "a number from 1, of at most 6 digits"),
        ("meeting", MEETING[:1], "meeting needs --slot place=…"),
        ("meeting", [*MEETING, "colour=red"], "meeting has time (time), place (words)"),
        ("meeting", ["time=soon", "place=x"], "give a day and an hour such as"),
        ("meeting", ["time=2026-12-01 18:00", "place="], "give one line of at most"),
        ("burglary-series", ["count=none"], "give a number from 1"),
        ("burglary-series", ["day=tomorrow"], "give a day such as"),
        ("burglary-series", ["link=http://x.org"], "begins with https://"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    name: str, typed: list[str], told: str, catalogs: Catalogs
) -> None:
    with pytest.raises(OperatorError) as refused:
        written(name, typed, catalogs, ZONE)
    assert told in str(refused.value)
