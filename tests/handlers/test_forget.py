"""/forget, as a resident lives it."""

import pytest

from bot.catalogs import Catalogs
from bot.services import Services
from tests.conftest import new_dispatcher
from tests.resident import Resident


async def is_known(resident: Resident, services: Services) -> bool:
    return await services.residents.find(resident.address) is not None


async def test_one_press_after_the_question_erases_everything(
    resident: Resident, services: Services
) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/forget")
    resident.reads("This erases everything I hold about this chat")
    assert await is_known(resident, services)
    await resident.presses("Erase")
    resident.reads("Done. I erased everything")
    assert not await is_known(resident, services)


@pytest.mark.parametrize("typed", ["erase", "Erase.", "1"])
async def test_typing_does_the_same(resident: Resident, services: Services, typed: str) -> None:
    await resident.says("/forget")
    await resident.says(typed)
    assert not await is_known(resident, services)


@pytest.mark.parametrize("typed", ["Keep my data", "/cancel"])
async def test_a_change_of_mind_erases_nothing(
    resident: Resident, services: Services, typed: str
) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/forget")
    await resident.says(typed)
    await resident.says("/places")
    resident.reads("You follow Riverside.")


async def test_other_words_erase_nothing_and_ask_again(
    resident: Resident, services: Services
) -> None:
    await resident.says("/forget")
    await resident.says("well, I do not know")
    resident.reads("Nothing was erased.")
    assert await is_known(resident, services)
    await resident.presses("Erase")
    assert not await is_known(resident, services)


async def test_who_writes_again_is_a_stranger(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/forget")
    await resident.presses("Erase")
    await resident.says("/start")
    resident.reads("Which language would you like?")
    await resident.presses("English")
    await resident.says("/places")
    resident.reads("You do not follow any area yet.")


async def test_it_works_in_the_middle_of_a_question(resident: Resident, services: Services) -> None:
    await resident.says("/follow hillside")
    await resident.says("/forget")
    await resident.presses("Erase")
    assert not await is_known(resident, services)


async def test_it_works_before_a_language_is_chosen(stranger: Resident, services: Services) -> None:
    await stranger.says("/start")
    await stranger.says("/forget")
    await stranger.presses("Erase")
    assert not await is_known(stranger, services)


async def test_it_works_after_stop(resident: Resident, services: Services) -> None:
    await resident.says("/stop")
    await resident.says("/forget")
    await resident.presses("Erase")
    assert not await is_known(resident, services)


async def test_a_press_that_comes_again_after_a_crash_is_answered_the_same(
    resident: Resident, services: Services, catalogs: Catalogs
) -> None:
    await resident.says("/forget")
    await resident.presses("Erase")
    before = resident.screen
    resident.dispatcher = new_dispatcher(services, catalogs)
    await resident.forges("forget.now")
    assert resident.screen == before
    assert not await is_known(resident, services)


async def test_the_channel_is_asked_to_take_back_what_it_showed(resident: Resident) -> None:
    await resident.says("/forget")
    await resident.presses("Erase")
    assert resident.answer is not None
    assert resident.answer.replies[-1].hide
