"""/concern, as a resident lives it on the web chat and on Telegram."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from bot.catalogs import Catalogs
from bot.dispatcher import Dispatcher
from bot.errors import OperatorError
from bot.model import Mailbox, Theme
from bot.services import Services
from bot.services.gate import Gate
from bot.services.media import Tools
from bot.services.teams import Change
from tests import town
from tests.both_channels import (
    CHANNELS,
    ChannelName,
    TelegramResident,
    WebResident,
    nothing_logged,
    on,
    on_telegram,
    on_web,
)
from tests.conftest import FakeClock, new_dispatcher

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Anyone = WebResident | TelegramResident

needs_cleaning = pytest.mark.skipif(
    not Tools.found().photos, reason="no media can be cleaned on this system"
)

_CODE = re.compile(r"[2-9A-HJKMNP-Z]{6}-[2-9A-HJKMNP-Z]{6}-[2-9A-HJKMNP-Z]{6}")
_WHAT = "Men sell something from a car by the bins."


@pytest.fixture(autouse=True)
async def team(services: Services) -> None:
    """A team for every area."""
    wanted = Change(everywhere=True, email="town@team.example")
    await services.teams.add("Town team", wanted, "the tests")


@pytest.fixture(params=CHANNELS)
async def neighbour(
    request: pytest.FixtureRequest, dispatcher: Dispatcher, catalogs: Catalogs
) -> AsyncIterator[Anyone]:
    """Someone on either channel who has chosen English and follows Riverside."""
    channel: ChannelName = request.param
    with nothing_logged():
        async with on(channel, dispatcher, catalogs) as resident:
            await settle(resident)
            yield resident


async def settle(resident: Anyone) -> None:
    await resident.says("/start")
    await resident.presses("English")
    await resident.says("RG1 1AA")


async def says_all(resident: Anyone, lines: Sequence[str]) -> None:
    for line in lines:
        await resident.says(line)


async def reaches_review(resident: Anyone) -> None:
    await says_all(resident, ["/concern", "I have read this", _WHAT, *["Skip"] * 6])
    resident.reads("Please check. Nothing has been sent yet.")


def code_on(resident: Anyone) -> str:
    found = _CODE.search(resident.screen)
    assert found is not None, resident.screen
    return found[0]


async def opened(services: Services, code: str) -> Mailbox:
    found = await services.concerns.look(code)
    assert found is not None
    return found[1]


async def test_it_opens_with_the_promise_and_all_its_limits(neighbour: Anyone) -> None:
    await neighbour.says("/concern")
    for words in (
        "call 999",
        "Nobody watches this chat all the time.",
        "Your local team is not told your name, number or username.",
        "A court may order it to say so.",
        "What you write or show can identify you",
        "Press Hide to",
        "It is the only way back to your concern. I cannot recover it.",
        "the police may lawfully try to trace you",
        "the police keep it under their own rules",
    ):
        neighbour.reads(words)
    for never in ("anonymous", "untraceable", "end-to-end"):
        assert never not in neighbour.screen.lower()
    neighbour.sees("I have read this", "Hide")


async def test_on_telegram_the_limits_name_the_web_page(neighbour: Anyone) -> None:
    await neighbour.says("/concern")
    if isinstance(neighbour, TelegramResident):
        neighbour.reads("The web page avoids that: https://beat.example.org")
        neighbour.reads("only messages under 48 hours old")
    else:
        neighbour.reads("This web page avoids that.")
        neighbour.reads_nothing_of("48 hours")


async def test_the_limits_are_read_before_anything_is_asked(neighbour: Anyone) -> None:
    await neighbour.says("/concern")
    await neighbour.says("there is something going on in my street")
    neighbour.reads("Please read this first. Then press I have read this, or type it.")
    await neighbour.says("i have read this")
    neighbour.reads("What would you like to tell your team?")


async def test_a_concern_is_told_in_words_and_checked_and_sent(
    neighbour: Anyone, services: Services
) -> None:
    await says_all(neighbour, ["/concern", "I have read this", _WHAT])
    neighbour.reads("Where is it?")
    await neighbour.says("by the library, RG1 1AB")
    neighbour.reads("That is in Hillside (Northtown).")
    neighbour.reads("When was it?")
    await neighbour.says("every Friday evening")
    neighbour.reads("Does it still go on?")
    await neighbour.says("Yes")
    neighbour.reads("What is it about?")
    await neighbour.says("Drugs")
    neighbour.reads("Crimestoppers, 0800 555 111")
    neighbour.reads("You can still tell your team here. Nothing has been sent yet.")
    neighbour.reads("Would you like to add a photo or a video?")
    await neighbour.says("Skip")
    neighbour.reads("May the team answer you here?")
    await neighbour.says("Yes, they may answer")
    for line in (
        "Please check. Nothing has been sent yet.",
        f"What: {_WHAT}",
        "Where: by the library",
        "Area: Hillside (Northtown)",
        "When: every Friday evening",
        "Still going on: yes",
        "About: Drugs",
        "Answer: the team may answer you here",
    ):
        neighbour.reads(line)
    neighbour.reads_nothing_of("RG1")
    await neighbour.says("Send")
    neighbour.reads("Your concern is saved.")
    neighbour.sees("Check for a reply", "Hide")
    mailbox = await opened(services, code_on(neighbour))
    assert (mailbox.area, mailbox.theme) == (town.HILLSIDE_NORTH.id, Theme.DRUG_DEALING)
    assert mailbox.answer_wanted
    assert not mailbox.push


async def test_it_can_be_told_by_buttons_but_for_the_words(
    neighbour: Anyone, services: Services
) -> None:
    await neighbour.says("/concern")
    await neighbour.presses("I have read this")
    await neighbour.says(_WHAT)
    for label in (
        "Choose from a list",
        "Northtown",
        "Hillside",
        "Yesterday",
        "No",
        "Noise",
        "Skip",
        "No answer, please",
        "Send",
    ):
        await neighbour.presses(label)
    mailbox = await opened(services, code_on(neighbour))
    assert (mailbox.area, mailbox.theme) == (town.HILLSIDE_NORTH.id, Theme.NOISE)
    assert not mailbox.answer_wanted


async def test_everything_but_one_thing_to_say_can_be_skipped(neighbour: Anyone) -> None:
    await says_all(neighbour, ["/concern", "I have read this", *["skip"] * 7])
    neighbour.reads("Please check. Nothing has been sent yet.")
    await neighbour.presses("Send")
    neighbour.reads("Please say what it is about first")
    await neighbour.presses("Change the words")
    await neighbour.says(_WHAT)
    await neighbour.presses("Send")
    assert code_on(neighbour)


async def test_words_behind_the_command_are_taken(neighbour: Anyone) -> None:
    await neighbour.says(f"/concern {_WHAT}")
    neighbour.reads("Nobody watches this chat all the time.")
    await neighbour.presses("I have read this")
    neighbour.reads("Where is it?")
    await says_all(neighbour, ["Skip"] * 6)
    neighbour.reads(_WHAT)


async def test_every_answer_can_be_changed_before_sending(neighbour: Anyone) -> None:
    await reaches_review(neighbour)
    for change, answer, shown in (
        ("Change the words", "Loud music.", "What: Loud music."),
        ("Change the place", "Riverside", "Area: Riverside"),
        ("Change the time", "Today", "When: Today"),
        ("Change if it goes on", "No", "Still going on: no"),
        ("Change the subject", "Noise", "About: Noise"),
        ("Change the answer", "No answer, please", "Answer: you want no answer"),
    ):
        await neighbour.presses(change)
        await neighbour.says(answer)
        neighbour.reads(shown)
        neighbour.sees("Send")


async def test_what_may_name_the_writer_is_pointed_out_once(neighbour: Anyone) -> None:
    await says_all(neighbour, ["/concern", "I have read this"])
    await neighbour.says("My name is Jo, mail jo@example.org. My house is opposite.")
    neighbour.reads("Your words seem to hold this:")
    neighbour.reads("an e-mail address")
    neighbour.reads("Where is it?")
    await says_all(neighbour, ["Skip"] * 6)
    await neighbour.presses("Change the words")
    await neighbour.says("My name is Jo.")
    neighbour.reads_nothing_of("Your words seem to hold")


async def test_a_place_in_words_is_kept_and_its_area_asked(neighbour: Anyone) -> None:
    await says_all(neighbour, ["/concern", "I have read this", _WHAT])
    await neighbour.says("behind the old cinema")
    neighbour.reads("Which area is that in?")
    await neighbour.presses("Riverside")
    await says_all(neighbour, ["Skip"] * 5)
    neighbour.reads("Where: behind the old cinema")
    neighbour.reads("Area: Riverside")


async def test_a_place_outside_the_force_is_said_to_be(neighbour: Anyone) -> None:
    await says_all(neighbour, ["/concern", "I have read this", _WHAT, "RG2 2AA"])
    neighbour.reads("outside the area of Thames Valley Police")
    neighbour.reads("Where is it?")


async def test_a_point_is_rounded_unless_the_exact_one_is_chosen(
    dispatcher: Dispatcher, catalogs: Catalogs, services: Services
) -> None:
    async with on_telegram(dispatcher, catalogs) as resident:
        await settle(resident)
        await says_all(resident, ["/concern", "I have read this", _WHAT])
        await resident.shares(51.454321, -0.951234)
        resident.reads("I rounded your point to about 100 metres.")
        draft = services.drafts.of(resident.address)
        assert draft is not None
        assert draft.point is not None
        assert (draft.point.latitude, draft.point.longitude) == (51.454, -0.951)
        await resident.presses("Send the exact point")
        await says_all(resident, ["Skip"] * 5)
        resident.reads("Point: exactly where you put it on the map")


async def test_help_is_given_at_once_and_the_concern_goes_on_as_urgent(
    neighbour: Anyone, services: Services
) -> None:
    await says_all(neighbour, ["/concern", "I have read this", "a boy outside school has a knife"])
    assert neighbour.screen.startswith("If you or someone else is in danger now")
    neighbour.reads("Where is it?")
    await says_all(neighbour, ["Skip"] * 6)
    neighbour.reads("the team gets this marked as urgent")
    await neighbour.presses("Send")
    assert (await opened(services, code_on(neighbour))).urgent


@pytest.mark.parametrize(
    ("subject", "help_named"),
    [
        ("Noise", "Your council can often act on this."),
        ("Dumped rubbish", "Your council can often act on this."),
        ("Fraud or scams", "0300 123 2040"),
        ("Harm at home", "0808 2000 247"),
        ("Someone being used", "08000 121 700"),
        ("Hate crime", "report hate crime online"),
        ("Burglary", "Report it online"),
        ("Weapons", "0800 555 111"),
    ],
)
async def test_a_subject_leads_to_help_and_the_way_to_the_team_stays(
    dispatcher: Dispatcher, catalogs: Catalogs, subject: str, help_named: str
) -> None:
    async with on_web(dispatcher, catalogs) as resident:
        await says_all(resident, ["/concern", "I have read this", _WHAT, *["Skip"] * 3, subject])
        resident.reads(help_named)
        resident.reads("You can still tell your team here. Nothing has been sent yet.")
        resident.reads("Would you like to add a photo or a video?")


@pytest.mark.parametrize("leaving", ["/cancel", "cancel", "/places", "My areas", "stop"])
async def test_whoever_leaves_in_the_middle_is_told_that_nothing_was_sent(
    neighbour: Anyone, leaving: str, services: Services
) -> None:
    await reaches_review(neighbour)
    if leaving == "My areas":
        await neighbour.forges("places")
    else:
        await neighbour.says(leaving)
    neighbour.reads("Your concern was not sent. I deleted your draft.")
    neighbour.reads("call 999")
    neighbour.reads("call 101")
    assert services.drafts.of(neighbour.address) is None


async def test_hiding_in_the_middle_says_no_more_than_that_nothing_was_sent(
    neighbour: Anyone, services: Services
) -> None:
    await reaches_review(neighbour)
    await neighbour.presses("Hide")
    neighbour.reads("Done.")
    neighbour.reads("Nothing was sent.")
    neighbour.reads_nothing_of("concern")
    assert services.drafts.of(neighbour.address) is None


async def test_a_draft_is_deleted_after_half_an_hour_and_that_is_said(
    neighbour: Anyone, clock: FakeClock
) -> None:
    await reaches_review(neighbour)
    clock.set(clock.now().replace(hour=12, minute=31))
    await neighbour.says("send")
    neighbour.reads("I lost your draft. Nothing was sent.")
    neighbour.reads("call 999")
    await neighbour.says("send")
    neighbour.reads_nothing_of("draft")


async def test_a_button_of_a_draft_that_is_gone_says_so(neighbour: Anyone) -> None:
    await reaches_review(neighbour)
    await neighbour.says("/cancel")
    await neighbour.forges("concern.send")
    neighbour.reads("I lost your draft. Nothing was sent, unless you got a receipt code.")


async def test_pressed_twice_it_is_sent_once(neighbour: Anyone) -> None:
    await reaches_review(neighbour)
    await neighbour.presses("Send")
    assert code_on(neighbour)
    await neighbour.forges("concern.send")
    neighbour.reads("unless you got a receipt code")


async def test_without_a_team_nothing_is_sent_and_the_draft_stays(
    dispatcher: Dispatcher, catalogs: Catalogs, services: Services
) -> None:
    await services.teams.remove("Town team", "the tests")
    async with on_web(dispatcher, catalogs) as resident:
        await reaches_review(resident)
        await resident.presses("Send")
        resident.reads("Nothing was sent. No team takes concerns here")
        resident.sees("Send")


async def test_a_fourth_concern_within_the_hour_waits(neighbour: Anyone) -> None:
    for _number in range(3):
        await reaches_review(neighbour)
        await neighbour.presses("Send")
        assert code_on(neighbour)
    await reaches_review(neighbour)
    await neighbour.presses("Send")
    neighbour.reads("Nothing was sent. You have sent several concerns")
    neighbour.reads("call 999")


@pytest.mark.parametrize("channel", CHANNELS)
async def test_it_is_closed_until_going_live_is_complete(
    channel: ChannelName, services: Services, catalogs: Catalogs, clock: FakeClock
) -> None:
    async def missing() -> None:
        raise OperatorError("no mail")

    closed = replace(services, gate=Gate({"mail": missing}, clock))
    async with on(channel, new_dispatcher(closed, catalogs), catalogs) as resident:
        await settle(resident)
        await resident.says("/concern")
        resident.reads("Sending a concern from here is not open yet. Nothing was sent.")
        resident.reads("call 101")


def photo() -> bytes:
    """A small picture that says where it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "Maker of the camera"
    stream = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(stream, "JPEG", exif=exif)
    return stream.getvalue()


@needs_cleaning
async def test_a_photo_is_added_clean_and_its_original_only_by_choice(
    neighbour: Anyone, services: Services
) -> None:
    await says_all(neighbour, ["/concern", "I have read this", _WHAT, *["Skip"] * 4])
    await send_file(neighbour, photo())
    neighbour.reads("I added photo-1.jpg. Nothing has been sent yet.")
    neighbour.reads("photo-1.jpg, without hidden details")
    await neighbour.presses("Original of photo-1.jpg too")
    neighbour.reads("It can hold the place, the time and the device")
    await neighbour.presses("Send the original too")
    neighbour.reads("SHA-256 of the original:")
    draft = services.drafts.of(neighbour.address)
    assert draft is not None
    (media,) = draft.concern("en_GB").media
    assert b"Maker" not in media.data
    assert media.original is not None
    assert media.original.data == photo()
    await neighbour.presses("Go on")
    await neighbour.says("Skip")
    neighbour.reads("photo-1.jpg, and its original.")
    await neighbour.presses("Send")
    assert code_on(neighbour)


@needs_cleaning
async def test_a_photo_that_telegram_made_smaller_has_no_original(
    dispatcher: Dispatcher, catalogs: Catalogs, services: Services
) -> None:
    async with on_telegram(dispatcher, catalogs) as resident:
        await says_all(resident, ["/concern", "I have read this", *["Skip"] * 5])
        resident.server.files["documents/file-1"] = photo()
        await resident.sends("photo", caption="This is the car.")
        resident.reads("I added the words below the file to your concern.")
        resident.reads("To give one, send it as a file.")
        assert not any("Original" in button.label for button in resident.buttons)
        draft = services.drafts.of(resident.address)
        assert draft is not None
        assert draft.text == "This is the car."
        await resident.presses("Take out photo-1.jpg")
        resident.reads("Would you like to add a photo or a video?")


@needs_cleaning
async def test_what_is_no_photo_is_refused_and_nothing_is_lost(neighbour: Anyone) -> None:
    await says_all(neighbour, ["/concern", "I have read this", _WHAT, *["Skip"] * 4])
    await send_file(neighbour, b"%PDF-1.7 a document")
    neighbour.reads("It was not added")
    neighbour.sees("Skip", "Cancel")
    await neighbour.says("Skip")
    neighbour.reads("May the team answer you here?")


@pytest.mark.parametrize("kind", ["voice", "sticker", "contact"])
async def test_other_things_are_refused_with_the_reason(
    dispatcher: Dispatcher, catalogs: Catalogs, kind: str
) -> None:
    async with on_telegram(dispatcher, catalogs) as resident:
        await says_all(resident, ["/concern", "I have read this", _WHAT, *["Skip"] * 4])
        await resident.sends(kind)
        resident.reads("a voice can show who you are" if kind == "voice" else "photos and videos")
        assert not [call for call in resident.server.calls if call.method == "getFile"]


async def test_a_file_that_cannot_be_fetched_is_not_added(
    dispatcher: Dispatcher, catalogs: Catalogs
) -> None:
    async with on_telegram(dispatcher, catalogs) as resident:
        await says_all(resident, ["/concern", "I have read this", _WHAT, *["Skip"] * 4])
        await resident.sends("photo")
        resident.reads("I could not fetch that file. It was not added, and nothing was sent.")


async def test_nothing_is_fetched_outside_the_step_for_files(
    dispatcher: Dispatcher, catalogs: Catalogs
) -> None:
    async with on_telegram(dispatcher, catalogs) as resident:
        await settle(resident)
        resident.server.files["documents/file-1"] = photo()
        for line in ("/places", "/concern"):
            await resident.says(line)
            await resident.sends("photo")
            resident.reads("I did not keep what you sent.")
        assert not [call for call in resident.server.calls if call.method == "getFile"]


async def send_file(resident: Anyone, content: bytes) -> None:
    """A file as its maker left it."""
    if isinstance(resident, TelegramResident):
        resident.server.files["documents/file-1"] = content
        await resident.sends("document")
    else:
        await resident.uploads(content)
