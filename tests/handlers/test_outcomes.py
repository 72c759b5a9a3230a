"""/outcomes: what was done in an area, what is planned, and what is still open."""

import pytest

from bot.store.database import Database
from tests import listed
from tests.resident import Resident


@pytest.fixture
async def follower(resident: Resident) -> Resident:
    await resident.says("/follow RG1 1AA")
    return resident


async def test_an_area_tells_what_was_raised_and_what_was_done(
    follower: Resident, database: Database
) -> None:
    await listed.priority(database, "Cars are broken into.", "Officers checked cars on six nights.")
    await follower.says("/outcomes")
    follower.reads("What was done in Riverside")
    follower.reads("You said: Cars are broken into.")
    follower.reads("We did: Officers checked cars on six nights.")
    follower.reads("Found 24 October 2026. Acting 29 October 2026.")
    follower.reads("Source: data.police.uk.")
    follower.reads("Open Government Licence v3.0.")


async def test_a_plan_is_not_told_as_done_and_silence_not_as_a_plan(
    follower: Resident, database: Database
) -> None:
    await listed.priority(database, "Noise at night.", "We will visit the park.", days=10)
    await listed.priority(database, "Speeding.", days=20)
    await follower.says("/outcomes")
    follower.reads("What the police plan: We will visit the park.")
    follower.reads("We are looking at it. The police have not said yet what they did.")
    follower.reads_nothing_of("We did")


async def test_a_long_list_comes_in_parts(follower: Resident, database: Database) -> None:
    for number in range(4):
        await listed.priority(database, f"Issue {number}.", "Done.", days=10 + number)
    await follower.says("/outcomes")
    follower.reads("Issue 2.")
    follower.reads_nothing_of("Issue 3.")
    await follower.presses("Show more")
    follower.reads("Issue 3.")
    await follower.forges("outcomes.more:90:ZX01")
    follower.reads("There is no more to show.")


async def test_an_area_without_any_says_so(follower: Resident) -> None:
    await follower.says("/outcomes")
    follower.reads("Nothing has been published for Riverside so far.")
    follower.sees("Events", "My team")


async def test_the_words_around_it_are_in_the_language_of_the_reader(
    follower: Resident, database: Database
) -> None:
    await listed.priority(database, "Cars are broken into.", "Officers checked cars.")
    await follower.says("/language")
    await follower.presses("Polski (computer translation)")
    await follower.says("/outcomes")
    follower.reads("Officers checked cars.")
    follower.reads("data.police.uk")
