"""/follow, as a resident lives it."""

import pytest

from bot.services import Services
from tests.resident import Resident


async def test_from_a_fresh_chat_to_following_takes_one_tap_and_one_typed_line(
    stranger: Resident,
) -> None:
    await stranger.says("/start")
    stranger.reads("call 999")
    await stranger.presses("English")
    stranger.reads("What is your postcode?")
    await stranger.says("rg11aa")
    stranger.reads("You now follow Riverside.")


async def test_unknown_postcode_asks_again(resident: Resident) -> None:
    await resident.says("/follow")
    await resident.says("nowhere")
    resident.reads("I do not know that postcode. Please try again.")
    resident.reads("You can also type the name of your area, or choose it from a list.")
    await resident.says("RG1 1AA")
    resident.reads("You now follow Riverside.")


@pytest.mark.parametrize(
    "typed", ["RG1 1AA", "rg1 1aa", "Rg11Aa", " r g 1 1 a a ", "ＲＧ１ １ＡＡ"]
)
async def test_any_spacing_and_case_will_do(resident: Resident, typed: str) -> None:
    await resident.says("/follow")
    await resident.says(typed)
    resident.reads("You now follow Riverside.")


async def test_one_line_is_enough(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    resident.reads("You now follow Riverside.")


async def test_a_shared_location_will_do(resident: Resident) -> None:
    await resident.says("/follow")
    await resident.shares(51.45, -0.95)
    resident.reads("You now follow Riverside.")


async def test_a_name_that_two_areas_have_is_asked_about(resident: Resident) -> None:
    await resident.says("/follow hillside")
    resident.reads("Which of these areas is yours?")
    await resident.presses("Hillside (Northtown)")
    resident.reads("You now follow Hillside (Northtown).")


async def test_such_a_choice_can_be_typed_as_label_or_number(resident: Resident) -> None:
    await resident.says("/follow hillside")
    await resident.says("hillside (southtown)")
    resident.reads("You now follow Hillside (Southtown).")
    await resident.says("/follow hillside")
    await resident.says("1")
    resident.reads("You now follow Hillside (Northtown).")


async def test_a_stand_in_is_called_one(resident: Resident) -> None:
    await resident.says("/follow RG1 1AD")
    resident.reads("You now follow Hillside (Southtown).")
    resident.reads("It stands in for the police neighbourhood")


async def test_a_postcode_elsewhere_is_pointed_to_police_uk_and_nothing_is_followed(
    resident: Resident,
) -> None:
    await resident.says("/follow RG2 2AA")
    resident.reads("outside the area of Thames Valley Police")
    resident.reads("www.police.uk")
    await resident.says("/places")
    resident.reads("You do not follow any area yet.")


async def test_a_location_elsewhere_is_pointed_to_police_uk(resident: Resident) -> None:
    await resident.shares(55.95, -3.19)
    resident.reads("outside the area of Thames Valley Police")
    resident.reads("www.police.uk")


async def test_a_postcode_nobody_knows_is_pointed_to_police_uk(resident: Resident) -> None:
    await resident.says("/follow RG9 9ZZ")
    resident.reads("I do not know that postcode in the area of Thames Valley Police.")
    resident.reads("www.police.uk")


async def test_a_postcode_out_of_use_still_finds_its_area_and_says_so(resident: Resident) -> None:
    await resident.says("/follow RG1 1AE")
    resident.reads("You now follow Riverside.")
    resident.reads("That postcode went out of use in 1996")


async def test_a_postcode_that_nothing_asked_for_is_offered_not_followed(
    resident: Resident,
) -> None:
    await resident.says("/cancel")
    await resident.says("RG1 1AA")
    resident.reads("That is in Riverside. Would you like to follow it?")
    await resident.presses("Follow Riverside")
    resident.reads("You now follow Riverside.")


async def test_the_postcode_is_never_said_back(resident: Resident) -> None:
    for typed in ("RG1 1AA", "RG2 2AA", "RG9 9ZZ"):
        await resident.says(f"/follow {typed}")
        resident.reads_nothing_of(typed)


async def test_following_twice_changes_nothing(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/follow RG1 1AA")
    resident.reads("You now follow Riverside.")
    await resident.says("/places")
    resident.reads("You follow Riverside.")


async def test_a_forged_area_follows_nothing(resident: Resident, services: Services) -> None:
    await resident.forges("follow.area:ZX99")
    resident.reads("I do not know that postcode.")
    await resident.says("/places")
    resident.reads("You do not follow any area yet.")
