"""Private talks: of /concern and /status nothing is stored, logged or brought back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from sqlalchemy import select

from bot import logs
from bot.catalogs import Catalogs
from bot.conversation import Address, Message
from bot.dispatcher import Dispatcher
from bot.services import Services
from bot.services.drafts import LOSS_KNOWN, Drafts
from bot.services.teams import Change
from bot.store.concern_tables import mailboxes
from bot.store.database import Database
from bot.store.tables import conversations, subscribers
from tests.both_channels import CHANNELS, ChannelName, on, on_web
from tests.cancelling import cancelled_at
from tests.conftest import FakeClock, new_dispatcher
from tests.resident import Resident

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

_WORDS = "Zebras gallop past the blue chapel"


@pytest.fixture(autouse=True)
async def team(services: Services) -> None:
    """A team for every area."""
    wanted = Change(everywhere=True, email="town@team.example")
    await services.teams.add("Town team", wanted, "the tests")


async def says_all(resident: Resident, lines: Sequence[str]) -> None:
    for line in lines:
        await resident.says(line)


def restarted(services: Services, clock: FakeClock, catalogs: Catalogs) -> Dispatcher:
    """What answers after a restart: memory is empty."""
    return new_dispatcher(replace(services, drafts=Drafts(clock)), catalogs)


async def stored_marks(database: Database) -> int:
    async with database.read() as connection:
        rows = await connection.execute(select(conversations.c.seen))
        return sum(len(row.seen) for row in rows)


async def test_no_step_of_a_concern_leaves_anything_in_the_stored_talk(
    resident: Resident, services: Services, database: Database
) -> None:
    await resident.says("/follow Hillside")
    before = await stored_marks(database)
    known = await services.residents.find(resident.address)
    assert known is not None
    for line in ("/concern", "I have read this", _WORDS, "RG1 1AA", "Skip", "Skip", "Noise"):
        await resident.says(line)
        talk = await services.conversations.load(known)
        assert talk.expects is None
        assert [text.message for text in talk.replies[0].paragraphs] == [
            "Please choose, or type your answer."
        ]
        assert await stored_marks(database) == before


async def test_what_is_stored_is_the_same_as_after_hiding_any_talk(
    resident: Resident, services: Services
) -> None:
    known = await services.residents.find(resident.address)
    assert known is not None
    await resident.says("/concern")
    after_concern = await services.conversations.load(known)
    await says_all(resident, ["/places", "/hide"])
    after_hiding = await services.conversations.load(known)
    assert (after_concern.expects, after_concern.replies) == (None, after_hiding.replies)


async def test_whoever_only_sends_a_concern_gets_no_record(
    stranger: Resident, services: Services, database: Database
) -> None:
    await says_all(stranger, ["/concern", "I have read this", _WORDS, *["Skip"] * 6, "Send"])
    stranger.reads("Your receipt code:")
    assert await services.residents.find(stranger.address) is None
    async with database.read() as connection:
        assert (await connection.execute(select(subscribers.c.id))).all() == []


@SQLITE
async def test_a_visitor_of_the_page_who_begins_with_a_concern_gets_no_record(
    dispatcher: Dispatcher, catalogs: Catalogs, services: Services
) -> None:
    async with on_web(dispatcher, catalogs) as resident:
        await resident.says("/concern")
        resident.reads("I have read this" if not resident.buttons else "Your name.")
        await resident.presses("I have read this")
        resident.reads("What would you like to tell your team?")
        assert await services.residents.find(resident.address) is None


async def test_no_word_reaches_a_file_of_the_databases(
    resident: Resident, database: Database, concerns_database: Database
) -> None:
    if database.file is None or concerns_database.file is None:
        pytest.skip("a server's files are out of our reach")
    await says_all(
        resident, ["/concern", "I have read this", _WORDS, "behind the blue chapel", "Skip"]
    )
    await says_all(resident, ["Skip", "Skip", "Skip", "Skip", "Skip", "Send"])
    resident.reads("Your receipt code:")
    for file in (database.file, concerns_database.file):
        for path in file.parent.glob(f"{file.name}*"):
            content = path.read_bytes()
            assert b"chapel" not in content
            assert b"concern.what" not in content


async def test_after_a_restart_a_draft_is_said_to_be_lost(
    resident: Resident, services: Services, clock: FakeClock, catalogs: Catalogs
) -> None:
    await says_all(resident, ["/concern", "I have read this"])
    resident.dispatcher = restarted(services, clock, catalogs)
    await resident.says(_WORDS)
    resident.reads("I lost your draft. Nothing was sent")
    resident.reads("call 999")
    resident.reads("call 101")
    await resident.says("lovely weather")
    resident.reads_nothing_of("draft")


async def test_after_a_restart_words_answer_no_older_question(
    resident: Resident, services: Services, clock: FakeClock, catalogs: Catalogs
) -> None:
    await says_all(resident, ["/follow Hillside", "/concern", "I have read this"])
    resident.dispatcher = restarted(services, clock, catalogs)
    await resident.says("2")
    resident.reads("I lost your draft. Nothing was sent")
    resident.reads_nothing_of("You now follow")


async def test_after_a_restart_a_button_says_that_the_draft_is_lost(
    resident: Resident, services: Services, clock: FakeClock, catalogs: Catalogs
) -> None:
    await says_all(resident, ["/concern", "I have read this", _WORDS])
    resident.dispatcher = restarted(services, clock, catalogs)
    await resident.forges("concern.skip:where")
    resident.reads("I lost your draft. Nothing was sent, unless you got a receipt code.")


async def test_nobody_else_hears_of_lost_drafts(
    resident: Resident, services: Services, clock: FakeClock, catalogs: Catalogs
) -> None:
    await resident.says("/places")
    resident.dispatcher = restarted(services, clock, catalogs)
    await resident.says("lovely weather")
    resident.reads_nothing_of("draft")


@SQLITE
async def test_a_lost_draft_is_told_of_for_half_a_day(resident: Resident, clock: FakeClock) -> None:
    await says_all(resident, ["/concern", "I have read this", _WORDS])
    clock.set(clock.now() + LOSS_KNOWN - timedelta(minutes=1))
    await resident.says("/places")
    resident.reads("I lost your draft. Nothing was sent.")


@SQLITE
async def test_drafts_left_alone_are_out_of_memory_without_anybody_asking(
    resident: Resident, services: Services, clock: FakeClock
) -> None:
    await says_all(resident, ["/concern", "I have read this", _WORDS])
    draft = services.drafts.of(resident.address)
    assert draft is not None
    clock.set(clock.now() + timedelta(minutes=30))
    await services.drafts.purge()
    clock.set(clock.now() - timedelta(minutes=30))
    assert services.drafts.of(resident.address) is None


@SQLITE
async def test_a_bug_in_the_middle_keeps_the_draft_and_logs_no_word_of_it(
    resident: Resident, services: Services, database: Database
) -> None:
    await says_all(resident, ["/concern", "I have read this"])
    await resident.says(_WORDS)
    async with database.write() as connection:
        await connection.exec_driver_sql("ALTER TABLE place RENAME TO place_gone")
    stream = StringIO()
    logs.setup("DEBUG", "json", stream=stream)
    try:
        await resident.forges("concern.ask:where")
        await resident.says("by the blue chapel")
    finally:
        logs.reset()
    resident.reads("something went wrong on our side")
    resident.reads("Your concern was not sent. Your draft is still here.")
    assert "message_failed" in stream.getvalue()
    assert "chapel" not in stream.getvalue()
    draft = services.drafts.of(resident.address)
    assert draft is not None
    assert draft.text == _WORDS


@SQLITE
async def test_an_unknown_command_and_an_edit_leave_a_draft_alone(resident: Resident) -> None:
    await says_all(resident, ["/concern", "I have read this", "/frobnicate"])
    resident.reads("I do not know that.")
    await resident.edits("something else")
    resident.reads("A change to an old message is not passed on.")
    await resident.says(_WORDS)
    resident.reads("Where is it?")


@SQLITE
async def test_a_repeat_is_dropped_in_private_too(resident: Resident) -> None:
    await says_all(resident, ["/concern", "I have read this"])
    await resident.says(_WORDS, update="again")
    await resident.says(_WORDS, update="again")
    assert resident.shown == []


@SQLITE
@pytest.mark.parametrize("words", ["/concern he sells drugs", "/status@beatline_bot"])
async def test_a_concern_is_never_taken_in_a_group(
    dispatcher: Dispatcher, services: Services, catalogs: Catalogs, words: str
) -> None:
    group = Address("test", "-100")
    answer = await dispatcher(Message(group, words, group=True))
    (reply,) = answer.replies
    shown = catalogs.reply(reply, "en_GB").plain
    assert "I never take a concern in a group" in shown
    assert "drugs" not in shown
    assert reply.hide
    assert services.drafts.of(group) is None


@SQLITE
async def test_leaving_the_page_quickly_forgets_the_draft_and_brings_no_word_back(
    dispatcher: Dispatcher, catalogs: Catalogs, services: Services
) -> None:
    async with on_web(dispatcher, catalogs) as resident:
        await resident.says("/start")
        for line in ("English", "/concern", "I have read this", _WORDS):
            await resident.says(line)
        await resident.client.get("/leave")
        answer = await resident.client.get("/")
        assert "chapel" not in answer.text
        assert "concern" not in answer.text.lower().replace("/concern", "")
        assert services.drafts.of(resident.address) is None
        cookies = resident.client.cookies
    async with on_web(dispatcher, catalogs, cookies) as resident:
        resident.reads_nothing_of("What would you like to tell your team?")


@SQLITE
@pytest.mark.parametrize("channel", CHANNELS)
async def test_after_a_restart_no_channel_brings_private_words_back(
    channel: ChannelName, services: Services, clock: FakeClock, catalogs: Catalogs
) -> None:
    async with on(channel, new_dispatcher(services, catalogs), catalogs) as resident:
        for line in ("/start", "English", "/concern", "I have read this", _WORDS):
            await resident.says(line)
        address = resident.address
    answer = await restarted(services, clock, catalogs).recall(address)
    assert answer is not None
    shown = catalogs.reply(answer.replies[0], "en_GB").plain
    assert shown == "Please choose, or type your answer."


@SQLITE
async def test_cut_off_at_any_await_of_sending_nobody_is_told_what_is_not_so(
    services: Services, catalogs: Catalogs, clock: FakeClock, concerns_database: Database
) -> None:
    cut, number, sent = True, 0, 0
    while cut:
        address = Address("test", str(number))
        resident = Resident(restarted(services, clock, catalogs), catalogs, address)
        await says_all(resident, ["/concern", "I have read this", _WORDS, *["Skip"] * 6])
        cut = await cancelled_at(resident.says("Send", update="cut"), number)
        if cut:
            resident.dispatcher = restarted(services, clock, catalogs)
            await resident.forges("concern.send")
            resident.reads("I lost your draft. Nothing was sent, unless you got a receipt code.")
        else:
            resident.reads("Your receipt code:")
            async with concerns_database.read() as connection:
                sent = len((await connection.execute(select(mailboxes.c.id))).all())
        number += 1
    assert number > 10
    assert 1 <= sent <= number
