"""/advice as a transcript: this week's, by topic, by a word, and what people think of it."""

import pytest

from bot.services import Services
from tests.resident import Resident


@pytest.fixture
async def follower(resident: Resident) -> Resident:
    await resident.says("/follow RG1 1AA")
    return resident


async def test_this_weeks_advice_is_shown_with_its_reason_and_its_page(follower: Resident) -> None:
    await follower.says("/advice")
    follower.reads("This helps most at this time of year.")
    follower.reads("http://localhost:8080/advice/")
    follower.sees("Useful", "Not useful", "Advice by topic", "Search advice")


async def test_who_follows_nothing_yet_gets_advice_too(stranger: Resident) -> None:
    await stranger.says("/advice")
    stranger.reads("All of it, to read, share or print:")


async def test_advice_is_found_by_topic(follower: Resident) -> None:
    await follower.says("/advice")
    await follower.presses("Advice by topic")
    await follower.presses("Vehicle crime")
    await follower.presses("Leave nothing in your car")
    follower.reads("Leave nothing in your car")
    follower.reads_nothing_of("You follow this topic")


async def test_advice_is_found_by_a_word_or_its_beginning(follower: Resident) -> None:
    await follower.says("/advice burgl")
    follower.reads_nothing_of("I found no advice")
    await follower.says("/advice")
    await follower.presses("Search advice")
    await follower.says("BIKE lock")
    follower.sees("Keep your bike safe")


@pytest.mark.parametrize("word", ["rower", "bike"])
async def test_advice_is_found_in_the_readers_language_or_by_english_words(
    follower: Resident, word: str
) -> None:
    await follower.says("/language")
    await follower.presses("Polski (computer translation)")
    await follower.says(f"/advice {word}")
    titles = [button.choice for button in follower.buttons]
    assert "advice.read:bike-theft" in titles or "/advice/bike-theft" in follower.screen
    follower.reads_nothing_of("Keep your bike safe")


async def test_a_word_in_no_advice_leads_on(follower: Resident) -> None:
    await follower.says("/advice xyzzy")
    follower.reads("I found no advice with that word.")
    await follower.says("plugh")
    follower.reads("I found no advice with that word.")
    follower.sees("Advice by topic")


async def test_an_opinion_is_counted_once_and_nobody_is_named(
    follower: Resident, services: Services
) -> None:
    await follower.forges("advice.read:bike-theft")
    await follower.presses("Useful")
    follower.reads("I count what people think, but not who said so.")
    assert await services.advice.votes() == {"bike-theft": (1, 0)}


async def test_sensitive_advice_offers_a_way_to_hide_it(follower: Resident) -> None:
    await follower.forges("advice.read:safe-at-home")
    follower.sees("Hide")
    assert "/hide" in follower.screen.split("\n\n")[2]


@pytest.mark.parametrize(
    "choice", ["advice.read:nothing", "advice.useful:nothing", "advice.on:99", "advice.on"]
)
async def test_a_button_that_leads_nowhere_is_answered(follower: Resident, choice: str) -> None:
    await follower.forges(choice)
    follower.sees("Search advice")
