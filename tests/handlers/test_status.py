"""/status, as whoever holds a receipt code lives it, from any chat."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.catalogs import Catalogs
from bot.dispatcher import Dispatcher
from bot.model import Concern, ConcernState, Theme
from bot.security.concern_seals import ReplyPaths
from bot.security.receipts import Receipts
from bot.security.secrets import Secrets
from bot.services import Services
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
from tests.conftest import FakeClock

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Anyone = WebResident | TelegramResident

_NOTHING = "This code opens nothing."


@pytest.fixture
async def code(services: Services) -> str:
    """The receipt of a concern that somebody sent."""
    wanted = Change(everywhere=True, email="town@team.example")
    await services.teams.add("Town team", wanted, "the tests")
    return await services.concerns.send(
        Concern(
            text="Loud music.",
            language="en_GB",
            area=town.RIVERSIDE.id,
            theme=Theme.NOISE,
        )
    )


@pytest.fixture
async def answered(services: Services, keys: Secrets, code: str) -> None:
    """The team has answered, and passed it on."""
    mailbox = await Receipts(keys.pepper).open(code)
    token = ReplyPaths(keys.reply_key).reply(mailbox.mailbox_id)
    await services.concerns.reply(
        token, "We will look at it.", state=ConcernState.REFERRED, reason="the council"
    )


@pytest.fixture(params=CHANNELS)
async def holder(
    request: pytest.FixtureRequest, dispatcher: Dispatcher, catalogs: Catalogs
) -> AsyncIterator[Anyone]:
    """Somebody on either channel, unknown so far."""
    channel: ChannelName = request.param
    with nothing_logged():
        async with on(channel, dispatcher, catalogs) as resident:
            yield resident


async def test_a_code_opens_its_concern_from_any_chat(
    dispatcher: Dispatcher, catalogs: Catalogs, code: str
) -> None:
    for on_channel in (on_web, on_telegram):
        async with on_channel(dispatcher, catalogs) as resident:
            await resident.says(f"/status {code}")
            resident.reads("Your concern about Riverside.")
            resident.reads("It is saved, but not delivered yet. I keep trying.")
            resident.reads("There is no answer yet.")
            resident.sees("Check for a reply", "Add more", "Delete now", "Hide")


async def test_a_code_may_be_typed_as_people_type(holder: Anyone, code: str) -> None:
    await holder.says("/status")
    holder.reads("Please type your receipt code.")
    await holder.says(f"  {code.lower().replace('-', ' ')} ")
    holder.reads("Your concern about Riverside.")


@pytest.mark.parametrize("change", ["mistyped", "unknown", "deleted"])
async def test_codes_that_open_nothing_are_told_alike(
    holder: Anyone, services: Services, code: str, change: str
) -> None:
    typed = {"mistyped": code[:-1] + ("2" if code[-1] != "2" else "3"), "unknown": code}.get(change)
    if change != "mistyped":
        await services.concerns.erase(code)
    await holder.says(f"/status {typed or code}")
    holder.reads(f"{_NOTHING} It may be mistyped, deleted, or older than I keep concerns.")
    holder.reads("call 999")


async def test_it_tells_of_the_72_hours_and_what_to_do_after(holder: Anyone, code: str) -> None:
    await holder.says(f"/status {code}")
    holder.reads("The Neighbourhood Policing Guarantee promises an answer within 72 hours.")
    holder.reads("That is by the end of 26 November 2026.")
    holder.reads("ask again with Add more, call 101, or complain to the force")


@pytest.mark.usefixtures("answered")
async def test_an_answer_of_the_team_is_shown_and_the_clock_stops(
    holder: Anyone, code: str
) -> None:
    await holder.forges(f"status:{code}")
    holder.reads("The team, 23 November 2026: We will look at it.")
    holder.reads("The team says that it passed it on.")
    holder.reads("passed on. To: the council")
    holder.reads_nothing_of("72 hours")


async def test_more_is_added_in_words(holder: Anyone, services: Services, code: str) -> None:
    await holder.says(f"/status {code}")
    await holder.presses("Add more")
    holder.reads("What would you like to add?")
    await holder.says("They came back. My name is Jo.")
    holder.reads("Added. I now pass it on to the team")
    holder.reads("a name")
    assert services.drafts.of(holder.address) is None
    await holder.presses("Check for a reply")
    holder.reads("Your concern about Riverside.")


async def test_what_could_not_be_delivered_is_told_beside_what_was_added_since(
    dispatcher: Dispatcher, catalogs: Catalogs, services: Services, clock: FakeClock, code: str
) -> None:
    clock.set(clock.now() + timedelta(days=14))
    await services.concerns.purge()
    async with on_web(dispatcher, catalogs) as holder:
        await holder.says(f"/status {code}")
        holder.reads("I could not deliver it, so I gave up. To tell the police, call 101.")
        await holder.presses("Add more")
        await holder.says("They came back.")
        await holder.presses("Check for a reply")
        holder.reads("It is saved, but not delivered yet.")
        holder.reads("I could not deliver 1 message of yours, so I gave up on it.")


async def test_a_file_that_is_refused_beside_words_is_told(
    dispatcher: Dispatcher, catalogs: Catalogs, code: str
) -> None:
    async with on_telegram(dispatcher, catalogs) as resident:
        await resident.says(f"/status {code}")
        await resident.presses("Add more")
        await resident.sends("document", "Here is the list.")
        resident.reads("It was not added")
        resident.reads("Nothing was added yet.")
        await resident.says("Here is the list, in words.")
        resident.reads("Added. I now pass it on to the team")


async def test_words_of_danger_that_are_added_make_it_urgent(
    holder: Anyone, services: Services, code: str
) -> None:
    await holder.forges(f"status.add:{code}")
    await holder.says("now he has a knife")
    assert holder.screen.startswith("If you or someone else is in danger now")
    found = await services.concerns.look(code)
    assert found is not None
    assert found[1].urgent


@pytest.mark.parametrize("leaving", ["Cancel", "/cancel", "/help"])
async def test_whoever_leaves_before_adding_is_told_that_nothing_was_sent(
    holder: Anyone, code: str, leaving: str
) -> None:
    await holder.forges(f"status.add:{code}")
    await holder.says(leaving)
    holder.reads("not sent" if leaving.startswith("/") else "nothing was sent")
    holder.reads("call 999")


async def test_deleting_asks_once_and_leaves_nothing(
    holder: Anyone, services: Services, code: str
) -> None:
    await holder.says(f"/status {code}")
    await holder.presses("Delete now")
    holder.reads("Delete this concern and its answers from here?")
    await holder.says("well")
    holder.reads("Nothing was deleted.")
    await holder.presses("Keep it")
    holder.reads("Your concern about Riverside.")
    await holder.presses("Delete now")
    await holder.presses("Yes, delete it")
    holder.reads("Deleted. The code opens nothing any more.")
    assert await services.concerns.look(code) is None


async def test_push_is_off_until_it_was_explained_and_chosen(
    holder: Anyone, services: Services, code: str
) -> None:
    await holder.says(f"/status {code}")
    await holder.presses("Tell me here of replies")
    holder.reads("Then I must keep the number of this chat with your concern")
    await holder.presses("No, I will check")
    assert not await pushes(services, code)
    await holder.presses("Tell me here of replies")
    await holder.presses("Yes, tell me here")
    holder.reads("A chat is told when the team answers.")
    assert await pushes(services, code)
    await holder.presses("Stop telling me")
    assert not await pushes(services, code)


@pytest.mark.parametrize("words", [["/stop"], ["/forget", "Erase"]])
async def test_a_chat_that_stops_or_is_forgotten_is_told_of_no_answer(
    holder: Anyone, services: Services, code: str, words: list[str]
) -> None:
    await holder.says("/help")
    assert await services.concerns.push_on(code, holder.address.channel, holder.address.id)
    for each in words:
        await holder.says(each)
    found = await services.concerns.look(code)
    assert found is not None
    assert not found[1].push


async def test_after_twenty_tries_an_hour_codes_have_to_wait(
    dispatcher: Dispatcher, catalogs: Catalogs
) -> None:
    async with on_web(dispatcher, catalogs) as resident:
        await resident.says("/status")
        for _number in range(20):
            await resident.says("AAAAAA")
            resident.reads(_NOTHING)
        await resident.says("AAAAAA")
        resident.reads("You have tried many codes.")
        await resident.says("/help")
        resident.reads("press 55")


@pytest.mark.parametrize("route", ["status", "status.add", "status.erase", "status.tell"])
async def test_no_forged_button_is_a_fault_of_ours(holder: Anyone, route: str) -> None:
    for rest in ("", ":", ":" + "x" * 50, ":\0", ":é:ü"):
        await holder.forges(route + rest)
        holder.reads_nothing_of("went wrong")


async def pushes(services: Services, code: str) -> bool:
    found = await services.concerns.look(code)
    assert found is not None
    return found[1].push


async def test_a_forged_press_with_too_long_a_code_is_answered_like_any_wrong_one(
    holder: Anyone,
) -> None:
    for route in ("status", "status.add", "status.delete", "status.erase", "status.push"):
        await holder.forges(f"{route}:{'é' * 20}:0")
        holder.reads_nothing_of("went wrong")
