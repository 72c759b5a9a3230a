"""/places and /stop, as a resident lives them."""

from bot.model import Area
from bot.services.areas import MAX_ID_BYTES, replace_areas, stored
from bot.store.database import Database
from tests import town
from tests.resident import Resident


async def test_areas_are_listed_and_left_and_taken_back(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/follow RG1 1AB")
    await resident.says("/places")
    resident.reads("You follow Hillside (Northtown) and Riverside.")
    await resident.presses("Riverside")
    await resident.presses("Stop following Riverside")
    resident.reads("You no longer follow Riverside.")
    await resident.presses("Undo")
    resident.reads("You now follow Riverside.")
    await resident.presses("My areas")
    resident.reads("You follow Hillside (Northtown) and Riverside.")


async def test_leaving_what_is_not_followed_shows_what_is(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.forges("places.leave:ZX02")
    resident.reads("You follow Riverside.")


async def test_stop_ends_everything_in_one_step_even_in_the_middle(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/follow")
    await resident.says("/stop")
    resident.reads("Stopped. I will send you no more messages")
    await resident.says("/places")
    resident.reads("You do not follow any area yet.")


async def test_stop_works_as_a_plain_word(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("Stop")
    resident.reads("Stopped. I will send you no more messages")


async def test_after_stopping_one_can_follow_again(resident: Resident) -> None:
    await resident.says("/stop")
    await resident.presses("Follow an area")
    await resident.says("RG1 1AA")
    resident.reads("You now follow Riverside.")


async def test_following_says_what_it_switches_on(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    resident.reads("13 of 16 topics are on.")
    resident.reads("News comes once a week, on Friday: at most one message a week.")
    resident.reads("You get all alerts.")
    await resident.presses("Topics")
    await resident.presses("Back")
    await resident.presses("How often")
    resident.reads("These settings are for Riverside.")


async def test_undo_brings_back_what_was_set(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/topics")
    await resident.presses("All on")
    await resident.says("/frequency")
    await resident.presses("Once a day")
    await resident.says("/alerts")
    await resident.presses("Urgent only")
    await resident.says("/places")
    await resident.presses("Stop following Riverside")
    await resident.presses("Undo")
    resident.reads("You now follow Riverside.")
    resident.reads("16 of 16 topics are on.")
    resident.reads("News comes once a day")
    resident.reads("You get urgent alerts only.")


async def test_the_only_area_is_shown_at_once(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/places")
    resident.sees("Topics", "How often", "Alerts", "Stop following Riverside", "Follow an area")
    resident.sees("Quiet hours", "Pause my news", "My team")


async def test_an_area_that_is_no_longer_followed_leads_to_the_list(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/follow RG1 1AB")
    await resident.forges("place:ZX03")
    resident.reads("You follow Hillside (Northtown) and Riverside.")


async def test_an_area_with_the_longest_id_fits_on_every_button(
    resident: Resident, database: Database
) -> None:
    longest = Area("Z" * MAX_ID_BYTES, "Longwood")
    await replace_areas(database, [stored(longest, town.AREAS[0][1])], anyway=True)
    await resident.says("/follow Longwood")
    for screen in ("/topics", "/frequency", "/alerts", "/places"):
        await resident.says(screen)
        resident.reads("Longwood")
    await resident.says("/topics")
    await resident.presses("Property")
    await resident.presses("Cybercrime and fraud: on")
    resident.sees("Cybercrime and fraud: off")
    await resident.says("/places")
    await resident.presses("Stop following Longwood")
    await resident.presses("Undo")
    resident.reads("12 of 16 topics are on.")
