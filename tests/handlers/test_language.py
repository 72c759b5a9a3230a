"""/language and /start, as a resident lives them."""

import pytest

from bot.services import Services
from tests.resident import Resident


async def test_a_language_is_chosen_by_its_own_name(stranger: Resident) -> None:
    await stranger.says("/start")
    await stranger.says("polski")
    stranger.reads("Polski")
    assert stranger.answer is not None
    assert stranger.answer.language == "pl"


@pytest.mark.parametrize(
    ("typed", "code"), [("Portugues", "pt_PT"), ("pt_PT", "pt_PT"), ("romana", "ro")]
)
async def test_a_language_is_known_without_its_accents(
    stranger: Resident, typed: str, code: str
) -> None:
    await stranger.says("/start")
    await stranger.says(typed)
    assert stranger.answer is not None
    assert stranger.answer.language == code


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


async def test_help_is_as_whole_for_a_stranger_whose_device_speaks_polish(
    stranger: Resident, services: Services
) -> None:
    stranger.hint = "pl"
    await stranger.says("/help")
    stranger.reads("Help, Polish")
    known = await services.residents.find(stranger.address)
    assert known is None or known.language is None


async def test_who_follows_in_the_language_of_their_device_hears_news_in_it(
    stranger: Resident, services: Services
) -> None:
    stranger.hint = "pl"
    await stranger.says("/follow RG1 1AA")
    stranger.reads("Obserwujesz")
    known = await services.residents.find(stranger.address)
    assert known is not None
    assert known.language == "pl"


async def test_what_was_chosen_is_kept(resident: Resident, services: Services) -> None:
    await resident.says("/language")
    await resident.says("Polish")
    known = await services.residents.find(resident.address)
    assert known is not None
    assert known.language == "pl"


async def test_whoever_writes_another_language_gets_to_it_with_one_press(
    resident: Resident,
) -> None:
    await resident.says("/language")
    await resident.says("ur")
    await resident.says("ਸਤ ਸ੍ਰੀ ਅਕਾਲ ਜੀ, ਮੈਨੂੰ ਮਦਦ ਚਾਹੀਦੀ ਹੈ")
    assert resident.answer is not None
    assert resident.answer.language == "ur"  # nothing is switched unasked
    assert resident.buttons[0].label.startswith("ਪੰਜਾਬੀ (")  # a computer's, like in the picker
    await resident.forges("language.set:pa")
    assert resident.answer.language == "pa"


async def test_urdu_spelled_in_latin_letters_is_answered_with_the_languages_it_may_be(
    resident: Resident,
) -> None:
    await resident.says("/language")
    await resident.says("ur")
    await resident.says("mera naam bata do kidhar jana hai")
    choices = {button.choice for button in resident.buttons}
    assert {"language.set:en_GB", "language.set:pl", "language.set:ro"} <= choices
    await resident.presses("English")
    assert resident.answer is not None
    assert resident.answer.language == "en_GB"


@pytest.mark.parametrize("typed", ["help", "/help", "pomoc", "/pomoc", "POMOC!"])
async def test_a_command_is_heard_in_english_and_in_translation(
    resident: Resident, typed: str
) -> None:
    await resident.says("/language")
    await resident.says("pl")
    await resident.says(typed)
    resident.reads("Help, Polish")
