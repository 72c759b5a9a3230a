"""/frequency and /alerts, as a resident lives them."""

from calendar import day_name

import pytest

from bot.delivery.due import DIGEST_WEEKDAY
from tests.resident import Resident


@pytest.fixture
async def follower(resident: Resident) -> Resident:
    await resident.says("/follow RG1 1AA")
    return resident


async def test_news_comes_weekly_until_something_else_is_chosen(follower: Resident) -> None:
    await follower.says("/frequency")
    day = day_name[DIGEST_WEEKDAY]
    follower.reads(f"News comes once a week, on {day}: at most one message a week.")
    follower.reads(f"at most 7 messages a week, and once a week brings 1, on {day}.")
    follower.reads("I cannot say how much news there will be")
    await follower.presses("Once a day")
    follower.reads("News comes once a day: at most one message a day.")
    await follower.says("as it happens")
    follower.reads("News comes as it happens")
    follower.reads("You get at most 5 messages a day in all.")
    await follower.presses("Back")
    follower.reads("You follow Riverside.")
    follower.reads("News comes as it happens")


async def test_the_hour_of_the_news_is_chosen_or_typed(follower: Resident) -> None:
    await follower.says("/frequency")
    follower.reads("Daily and weekly news comes at 18:00.")
    await follower.presses("Change the hour")
    await follower.presses("08:00")
    follower.reads("Daily and weekly news now comes at 08:00.")
    await follower.presses("Back")
    await follower.presses("Change the hour")
    await follower.says("later")
    follower.reads("Please type a full hour, such as 6pm or 18:00.")
    follower.sees("08:00", "18:00", "Back")
    await follower.says("7pm")
    follower.reads("Daily and weekly news now comes at 19:00.")


async def test_the_daily_limit_is_chosen_or_typed(follower: Resident) -> None:
    await follower.says("/frequency")
    await follower.presses("Messages a day")
    await follower.says("3")
    follower.reads("You get at most 3 messages a day in all.")
    await follower.presses("Back")
    await follower.presses("Messages a day")
    await follower.says("lots")
    follower.reads("Please type a number from 1 to 20.")
    follower.sees("3", "5", "10", "Back")
    await follower.says("7")
    follower.reads("You get at most 7 messages a day in all.")


async def test_alerts_can_be_limited_but_urgent_ones_always_come(follower: Resident) -> None:
    await follower.says("/alerts")
    follower.reads("You get all alerts.")
    follower.reads("In quiet hours and in a pause, only urgent alerts come. They always do.")
    follower.sees("All alerts", "Important and urgent", "Urgent only")
    await follower.presses("Urgent only")
    follower.reads("You get urgent alerts only.")
    await follower.presses("Back")
    follower.reads("You get urgent alerts only.")


async def test_alerts_are_reached_from_the_frequency_too(follower: Resident) -> None:
    await follower.says("/frequency")
    await follower.presses("Alerts")
    await follower.says("important and urgent")
    follower.reads("You get important and urgent alerts.")


async def test_each_area_has_its_own_frequency_and_alerts(follower: Resident) -> None:
    await follower.says("/follow RG1 1AB")
    for command, choice in (("/frequency", "Once a day"), ("/alerts", "Urgent only")):
        await follower.says(command)
        await follower.presses("Riverside")
        await follower.presses(choice)
    await follower.says("/places")
    await follower.presses("Hillside (Northtown)")
    follower.reads("News comes once a week")
    follower.reads("You get all alerts.")
    await follower.presses("Back")
    await follower.presses("Riverside")
    follower.reads("News comes once a day")
    follower.reads("You get urgent alerts only.")
