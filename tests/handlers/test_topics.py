"""/topics, as a resident lives it."""

from tests.resident import Resident


async def test_topics_are_turned_off_and_on_by_pressing_them(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/topics")
    resident.reads("These settings are for Riverside.")
    resident.reads("13 of 16 topics are on.")
    await resident.presses("Communities")
    await resident.presses("Road safety: on")
    resident.sees("Road safety: off", "Crime prevention: on", "General news: on", "Back")
    await resident.presses("Back")
    resident.reads("12 of 16 topics are on.")
    await resident.presses("Communities")
    await resident.says("road safety: off")
    resident.sees("Road safety: on")


async def test_a_topic_is_redrawn_in_the_same_message(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/topics")
    await resident.presses("Property")
    await resident.presses("Rural crime: on")
    assert resident.answer is not None
    assert resident.answer.replies[-1].replace
    resident.reads("12 of 16 topics are on.")


async def test_opening_the_topics_leaves_the_message_before_as_it_was(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.presses("Topics")
    assert resident.answer is not None
    assert not resident.answer.replies[-1].replace


async def test_sensitive_topics_start_off_and_point_to_help(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    resident.reads_nothing_of("abuse")
    await resident.says("/topics")
    resident.reads_nothing_of("abuse")
    await resident.presses("People")
    resident.sees(
        "Rape and sexual offences: off", "Domestic abuse: off", "Abuse and exploitation: off"
    )
    resident.sees("Serious violence: on")
    resident.reads("Some topics here stay off until you turn them on.")
    resident.reads("0808 2000 247")
    assert "abuse" not in resident.shown[-1].plain.splitlines()[0]
    await resident.presses("Domestic abuse: off")
    resident.sees("Domestic abuse: on")


async def test_everything_is_turned_on_and_off_at_once(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/topics")
    await resident.presses("All off")
    resident.reads("0 of 16 topics are on.")
    await resident.says("all on")
    resident.reads("16 of 16 topics are on.")


async def test_a_button_pressed_twice_does_what_it_says(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.forges("topics.off:3:ZX01")
    await resident.forges("topics.off:3:ZX01")
    resident.sees("Road safety: off")
    assert resident.answer is not None
    assert not resident.answer.replies[-1].replace, "a screen that stays the same is sent again"


async def test_with_several_areas_the_area_comes_first(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/follow RG1 1AB")
    await resident.says("/topics")
    resident.reads("Which area is this for?")
    await resident.says("Riverside")
    await resident.presses("All off")
    await resident.says("/topics")
    await resident.presses("Hillside (Northtown)")
    resident.reads("13 of 16 topics are on.")


async def test_who_follows_nothing_is_shown_how(resident: Resident) -> None:
    for command in ("/topics", "/frequency", "/alerts"):
        await resident.says(command)
        resident.reads("You do not follow any area yet.")
        resident.sees("Follow an area")


async def test_other_words_get_one_sentence_and_the_same_choices(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/topics")
    await resident.says("whatever you like")
    assert resident.screen == "I did not understand that. Please choose one of these."
    await resident.presses("All off")
    resident.reads("0 of 16 topics are on.")


async def test_a_postcode_typed_on_a_screen_of_buttons_is_still_offered(
    resident: Resident,
) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/topics")
    await resident.says("RG1 1AB")
    resident.reads("That is in Hillside (Northtown). Would you like to follow it?")


async def test_forged_choices_change_nothing(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    for forged in (
        *("topics", "topics:", "topics:ZX99", "topics.on", "topics.on:", "topics.on:99:ZX01"),
        *("topics.off:x:ZX01", "topics.off:3:ZX02", "topics.in", "topics.in:7:ZX01"),
        *("topics.all", "topics.none:ZX02", "often", "often:9:ZX01", "often:1:ZX02"),
        *("alerts.set", "alerts.set:0:ZX01", "alerts.set:3:ZX02", "place", "place:ZX99"),
        *("undo", "undo:", "undo:fffff31:ZX99", "undo:ffff44:ZX01", "undo:ffff31"),
        *("quiet.set", "quiet.set:1", "pause.days", "pause.days:999999", "pause.days:-1"),
        *("frequency.hour:99", "frequency.cap:9999", "frequency.cap:x"),
    ):
        await resident.forges(forged)
        resident.reads_nothing_of("went wrong")
        assert resident.buttons
    await resident.says("/places")
    resident.reads("You follow Riverside.")
    resident.reads("13 of 16 topics are on.")
    resident.reads("News comes once a week")
    resident.reads("You get all alerts.")
    resident.reads_nothing_of("paused")
