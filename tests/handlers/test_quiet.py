"""/quiet and /pause, as a resident lives them."""

from datetime import UTC, datetime

from tests.conftest import FakeClock
from tests.resident import Resident


async def test_quiet_hours_are_shown_chosen_and_dropped(resident: Resident) -> None:
    await resident.says("/quiet")
    resident.reads("Your quiet hours are from 22:00 to 07:00.")
    resident.reads("Urgent alerts still come in quiet hours.")
    await resident.presses("23:00 to 06:00")
    resident.reads("Your quiet hours are from 23:00 to 06:00.")
    await resident.presses("Back")
    await resident.says("no quiet hours")
    resident.reads("You have no quiet hours.")


async def test_quiet_hours_are_typed_and_asked_again_where_not_understood(
    resident: Resident,
) -> None:
    await resident.says("/quiet")
    await resident.says("when I sleep")
    resident.reads("I did not understand those hours. Please type them like 21:30-06:45.")
    resident.sees("22:00 to 07:00", "No quiet hours", "Back")
    await resident.says("9pm to 7am")
    resident.reads("Your quiet hours are from 21:00 to 07:00.")


async def test_quiet_hours_and_a_pause_fit_in_one_line(resident: Resident) -> None:
    await resident.says("/quiet 21:30-06:45")
    resident.reads("Your quiet hours are from 21:30 to 06:45.")
    await resident.says("/pause 5 December")
    resident.reads("It comes again on 5 December 2026.")


async def test_a_pause_says_when_it_ends_and_can_be_ended(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/pause")
    resident.reads("Urgent alerts still come.")
    await resident.presses("3 days")
    resident.reads("Your news is paused. It comes again on 26 November 2026.")
    await resident.says("/places")
    resident.reads("It comes again on 26 November 2026.")
    await resident.says("/follow RG1 1AA")
    resident.reads("It comes again on 26 November 2026.")
    await resident.says("/places")
    await resident.presses("Pause my news")
    await resident.presses("End the pause")
    resident.reads("You have no pause.")
    await resident.says("/places")
    resident.reads_nothing_of("paused")


async def test_a_pause_that_is_over_is_not_shown(resident: Resident, clock: FakeClock) -> None:
    await resident.says("/pause")
    await resident.presses("1 day")
    clock.set(datetime(2026, 11, 24, 0, 0, tzinfo=UTC))
    await resident.says("/pause")
    resident.reads_nothing_of("paused")


async def test_the_day_is_typed_in_the_readers_language(stranger: Resident) -> None:
    await stranger.says("/start")
    await stranger.says("polski")
    await stranger.says("/pause")
    await stranger.says("5 grudnia")
    stranger.reads("5 grudnia 2026")


async def test_a_day_that_is_none_is_asked_again(resident: Resident) -> None:
    await resident.says("/pause")
    await resident.says("when it rains")
    resident.reads("Please type a day within a year from now")
    resident.sees("1 day", "30 days", "Back")
    await resident.says("friday")
    resident.reads("It comes again on 27 November 2026.")
