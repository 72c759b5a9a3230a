"""/language and /start, as a resident lives them."""

from bot.services import Services
from tests.resident import Resident


async def test_a_language_is_chosen_by_its_own_name(stranger: Resident) -> None:
    await stranger.says("/start")
    await stranger.says("polski")
    stranger.reads("Polski")
    assert stranger.answer is not None
    assert stranger.answer.language == "pl"


async def test_an_unreviewed_language_is_called_a_computer_translation(stranger: Resident) -> None:
    await stranger.says("/start")
    stranger.sees("English", "Polski (computer translation)")


async def test_a_language_nobody_speaks_here_is_asked_again(resident: Resident) -> None:
    await resident.says("/language")
    await resident.says("Klingon")
    resident.reads("I do not have that language.")
    await resident.forges("language.set:tlh")
    resident.reads("Which language would you like?")


async def test_changing_the_language_asks_the_channel_to_draw_its_menus_anew(
    resident: Resident,
) -> None:
    await resident.says("/language")
    await resident.presses("Polski (computer translation)")
    assert resident.answer is not None
    assert resident.answer.replies[-1].new_language


async def test_start_again_greets_with_what_is_followed(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/start")
    resident.reads("Welcome back. You follow Riverside.")
    resident.reads("call 999")


async def test_help_in_polish_says_how_to_ask_for_an_interpreter(resident: Resident) -> None:
    await resident.says("/language")
    await resident.says("pl")
    await resident.says("/help")
    resident.reads("Help, Polish")


async def test_what_was_chosen_is_kept(resident: Resident, services: Services) -> None:
    await resident.says("/language")
    await resident.says("Polish")
    known = await services.residents.find(resident.address)
    assert known is not None
    assert known.language == "pl"
