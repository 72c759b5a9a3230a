"""A concern is sealed before it is stored, stored before there is a receipt, and found by it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.catalogs import Catalogs
from bot.errors import UserError
from bot.model import Concern, ConcernState, Level, Media, Original, Theme, topic_of
from bot.model import Kind as PostKind
from bot.security.concern_seals import ReplyPaths
from bot.security.receipts import new_code, read_code
from bot.security.sealing import ChatKeys
from bot.security.secrets import Secrets
from bot.services import concerns as service
from bot.services.concerns import NotTaken
from bot.services.posts import Draft
from bot.services.teams import Change
from bot.store import concerns as store
from bot.store import mailboxes
from bot.store.database import Database
from bot.store.mailboxes import Stored
from tests import town
from tests.conftest import FakeClock
from tests.delivery.stage import stage_over
from tests.gnupg import GnuPG
from tests.services.concern_desk import CONCERN, OPERATOR, Desk, set_desk

TODAY = date(2026, 11, 23)


@pytest.fixture
async def desk(
    database: Database, concerns_database: Database, clock: FakeClock, tmp_path: Path
) -> Desk:
    return await set_desk(database, concerns_database, clock, tmp_path)


# Sending


async def test_a_concern_is_stored_before_its_code_is_given_and_opens_with_it(desk: Desk) -> None:
    code = await desk.send()
    assert read_code(code) == code
    found = await desk.concerns.look(code.lower().replace("-", " "))
    assert found is not None
    shown, mailbox = found
    assert shown == code
    assert mailbox.state is ConcernState.SAVED
    assert (mailbox.area, mailbox.theme) == (town.RIVERSIDE.id, Theme.NOISE)
    assert (mailbox.raised, mailbox.clock_ends) == (TODAY, TODAY + timedelta(days=3))
    assert (mailbox.waiting, mailbox.replies, mailbox.answered) == (1, (), None)


async def test_the_mail_that_waits_tells_the_concern_and_only_the_mailer_can_read_it(
    desk: Desk,
) -> None:
    await desk.send(where="behind the Zebra Arms", urgent=True)
    (row,) = await desk.rows("concern")
    assert b"Zebra" not in row.sealed
    (mail,) = await desk.mails()
    assert b"Zebra Arms" in mail
    assert b"Riverside" in mail
    assert b"URGENT" in mail


async def test_no_row_tells_more_than_area_theme_state_and_day(desk: Desk) -> None:
    await desk.send()
    (mailbox,) = await desk.rows("mailbox")
    (concern,) = await desk.rows("concern")
    assert mailbox.reference.startswith("C-")
    assert (mailbox.raised, mailbox.day, concern.day) == (TODAY, TODAY, TODAY)
    assert concern.due == concern.waiting_since == desk.clock.now().replace(minute=0, second=0)
    assert await desk.left() == {"mailbox": 1, "concern": 1, "return_path": 2}


async def test_two_concerns_have_nothing_in_common(desk: Desk) -> None:
    await desk.send()
    await desk.send()
    one, other = await desk.rows("mailbox")
    assert not {one.id, one.public_key, one.reference} & {
        other.id,
        other.public_key,
        other.reference,
    }


async def test_a_concern_too_large_for_one_mail_waits_as_several(desk: Desk) -> None:
    photos = tuple(Media(f"photo-{n}.jpg", "image/jpeg", bytes(9_000_000)) for n in (1, 2))
    code = await desk.send(media=photos)
    assert sorted(row.part for row in await desk.rows("concern")) == [1, 2]
    assert (await desk.opens(code)).waiting == 2
    await desk.accept_everything()
    assert (await desk.opens(code)).state is ConcernState.DELIVERED


async def test_an_original_goes_with_what_vouches_for_it(desk: Desk) -> None:
    original = Original("ab" * 32, "image/jpeg", b"as it was", "web")
    await desk.send(media=(Media("photo-1.jpg", "image/jpeg", b"clean", "", original),))
    (mail,) = await desk.mails()
    assert b'filename="manifest.json"' in mail


async def test_without_a_team_nothing_is_stored_and_the_resident_is_told(desk: Desk) -> None:
    await desk.teams.remove("Force desk", OPERATOR)
    with pytest.raises(NotTaken, match="No team takes concerns"):
        await desk.send()
    assert await desk.left() == {}


async def test_too_many_words_are_refused_before_anything_is_done(desk: Desk) -> None:
    with pytest.raises(NotTaken, match="too long"):
        await desk.send(text="x" * (service.LONGEST_TEXT + 1))
    assert await desk.left() == {}


async def test_when_the_database_is_away_the_resident_is_told_that_nothing_was_sent(
    desk: Desk,
) -> None:
    async with desk.database.write() as connection:
        await connection.exec_driver_sql("DROP TABLE return_path")
    with pytest.raises(NotTaken, match="I cannot take concerns just now") as refusal:
        await desk.send()
    assert "999" in refusal.value.text.message
    assert await desk.rows("mailbox") == []
    assert await desk.rows("concern") == []


async def test_a_full_queue_is_told_and_loses_nothing(desk: Desk) -> None:
    code = await desk.send()
    mailbox = await desk.mailbox_of(code)
    async with desk.database.write() as connection:
        await store.add(
            connection,
            mailbox.id,
            [b"x"] * (service.MOST_WAITING - 1),
            area=None,
            urgent=False,
            pgp=False,
            day=TODAY,
            due=desk.clock.now(),
        )
    with pytest.raises(NotTaken, match="I cannot take concerns just now"):
        await desk.send()
    assert (await desk.left())["mailbox"] == 1


async def test_many_concerns_in_a_day_wait_their_turn_but_urgent_ones_never(desk: Desk) -> None:
    async with desk.database.write() as connection:
        for number in range(2 * service.AREA_A_DAY):
            await mailboxes.add(connection, a_mailbox(number))
    await desk.send()
    await desk.send(urgent=True)
    await desk.send(area="ZX02")
    now = desk.clock.now()
    due = {(row.area, row.urgent): row.due - now for row in await desk.rows("concern")}
    assert due == {
        (town.RIVERSIDE.id, False): timedelta(hours=2),
        (town.RIVERSIDE.id, True): timedelta(),
        ("ZX02", False): timedelta(),
    }
    labelled = [b"Very many concerns came" in mail for mail in await desk.mails()]
    assert labelled.count(True) == 1


def a_mailbox(number: int) -> Stored:
    return Stored(
        id=number.to_bytes(16),
        public_key=bytes(32),
        reference=f"C-{number}",
        area=town.RIVERSIDE.id,
        theme=Theme.OTHER,
        state=ConcernState.DELIVERED,
        urgent=False,
        answer_wanted=True,
        raised=TODAY,
        day=TODAY,
    )


# A team with a certificate


async def test_what_goes_to_a_team_with_a_certificate_only_the_team_can_read(
    desk: Desk, tmp_path: Path
) -> None:
    pytest.importorskip("pysequoia", reason="the extra [pgp] is not installed")
    with GnuPG.at(tmp_path / "gnupg") as gnupg:
        gnupg.new_key()
        desk.clock.set(datetime.now(UTC))
        await desk.teams.change("Force desk", Change(certificate=gnupg.certificate()), OPERATOR)
        await desk.send()
        (row,) = await desk.rows("concern")
        assert row.pgp
        assert b"Zebra Arms" in gnupg.opened(row.sealed)


async def test_a_certificate_that_has_ended_stops_concerns_and_nothing_goes_out_plain(
    desk: Desk, tmp_path: Path
) -> None:
    pytest.importorskip("pysequoia", reason="the extra [pgp] is not installed")
    with GnuPG.at(tmp_path / "gnupg") as gnupg:
        gnupg.new_key(lasting="1d")
        desk.clock.set(datetime.now(UTC))
        await desk.teams.change("Force desk", Change(certificate=gnupg.certificate()), OPERATOR)
        desk.clock.set(datetime.now(UTC) + timedelta(days=2))
        with pytest.raises(NotTaken, match="I cannot take concerns just now"):
            await desk.send()
    assert await desk.left() == {}


# Looking, adding, erasing


async def test_unknown_erased_and_expired_codes_are_alike_in_answer_and_in_work(
    desk: Desk, clock: FakeClock
) -> None:
    erased, expired = await desk.send(), await desk.send()
    assert await desk.concerns.erase(erased)
    clock.set(clock.now() + timedelta(days=90))
    desk.pauses.clear()
    for code in (new_code(), erased, expired):
        assert await desk.concerns.look(code) is None
        assert await desk.concerns.add(code, CONCERN) is None
        assert not await desk.concerns.erase(code)
        assert not await desk.concerns.push_on(code, "telegram", "1")
        assert not await desk.concerns.push_off(code)
    assert len(desk.pauses) == 15, "each was derived, as for a code that opens something"


async def test_a_mistyped_code_is_refused_before_any_work(desk: Desk) -> None:
    code = await desk.send()
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    assert await desk.concerns.look(wrong) is None
    assert desk.pauses == []


async def test_a_mailbox_is_there_until_its_last_day_and_not_after(
    desk: Desk, clock: FakeClock
) -> None:
    code = await desk.send()
    clock.set(clock.now() + timedelta(days=89))
    assert await desk.concerns.look(code) is not None
    clock.set(clock.now() + timedelta(days=1))
    assert await desk.concerns.look(code) is None, "purged or not"


async def test_more_can_be_said_under_the_same_code_and_reference(
    desk: Desk, clock: FakeClock
) -> None:
    code = await desk.send()
    await desk.accept_everything()
    clock.set(clock.now() + timedelta(days=2))
    more = await desk.concerns.add(code, Concern(text="Again tonight.", language="pl"))
    assert more is not None
    assert (more.waiting, more.theme, more.day) == (1, Theme.NOISE, TODAY + timedelta(days=2))
    assert more.raised == TODAY
    (mailbox,) = await desk.rows("mailbox")
    mails = await desk.mails()
    assert all(mailbox.reference.encode() in mail for mail in mails)
    assert any(b"Again tonight." in mail and b"has added to" in mail for mail in mails)


async def test_words_of_danger_added_later_go_to_the_front(desk: Desk) -> None:
    code = await desk.send()
    await desk.send()
    await desk.concerns.add(code, Concern(text="He has a knife.", language="en_GB", urgent=True))
    assert (await desk.opens(code)).urgent
    async with desk.database.read() as connection:
        first, *_others = await store.due(connection, desk.clock.now(), 10)
    assert first.urgent


async def test_erasing_leaves_nothing_whatever_had_come_to_hang_on_it(desk: Desk) -> None:
    code = await desk.send()
    await desk.answer(code, "Thank you.")
    await desk.concerns.push_on(code, "telegram", "4815162342")
    assert set(await desk.left()) == {"mailbox", "concern", "reply", "return_path", "push_link"}
    assert await desk.concerns.erase(code)
    assert await desk.left() == {}


async def test_what_is_erased_while_it_is_being_sent_is_not_brought_back(desk: Desk) -> None:
    code = await desk.send()
    async with desk.database.read() as connection:
        (waiting,) = await store.due(connection, desk.clock.now(), 10)
    await desk.concerns.erase(code)
    async with desk.database.write() as connection:
        assert await store.sealed(connection, waiting.id) is None
        assert not await store.accept(connection, waiting.id, TODAY)
    assert await desk.left() == {}


# Answers


async def test_answers_are_read_in_their_order_and_stop_the_clock(
    desk: Desk, clock: FakeClock
) -> None:
    code = await desk.send()
    await desk.answer(code, "We will look.", ConcernState.WORKING)
    await desk.answer(code, "It was Ł\n\nand ж.")
    clock.set(clock.now() + timedelta(days=1))
    await desk.answer(code, "", ConcernState.REFERRED, "the council's\nnoise team")
    mailbox = await desk.opens(code)
    assert [(each.words, each.state, each.reason) for each in mailbox.replies] == [
        ("We will look.", ConcernState.WORKING, ""),
        ("It was Ł\n\nand ж.", None, ""),
        ("", ConcernState.REFERRED, "the council's noise team"),
    ]
    assert (mailbox.state, mailbox.answered) == (ConcernState.REFERRED, TODAY)
    assert mailbox.day == TODAY + timedelta(days=1)


@pytest.mark.parametrize("moment", [1, 2])
async def test_an_answer_is_never_seen_without_the_state_that_it_says(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    code = await desk.send()
    finds = 0
    find = mailboxes.find

    async def answered_meanwhile(*args: Any, **options: Any) -> Stored | None:
        nonlocal finds
        finds += 1
        found = await find(*args, **options)
        if finds == moment:
            await desk.answer(code, "We will look.", ConcernState.WORKING)
        return found

    monkeypatch.setattr(mailboxes, "find", answered_meanwhile)
    mailbox = await desk.opens(code)
    assert finds >= moment
    assert bool(mailbox.replies) == (mailbox.state is ConcernState.WORKING)


async def test_an_answer_cannot_be_read_with_all_our_keys(desk: Desk) -> None:
    code = await desk.send()
    await desk.answer(code, "We will look." * 10)
    (row,) = await desk.rows("reply")
    assert len(row.sealed) == 512 + 48
    assert b"look" not in row.sealed
    assert (await desk.opens(code)).replies[0].words == "We will look." * 10


async def test_the_longest_answer_fits_and_a_longer_one_is_refused_not_cut(desk: Desk) -> None:
    code = await desk.send()
    longest = "é" * (service.LONGEST_REPLY // 2)
    await desk.answer(code, longest, ConcernState.CLOSED)
    assert (await desk.opens(code)).replies[0].words == longest
    with pytest.raises(ValueError, match="too long"):
        await desk.concerns.reply(await desk.token(code), longest + "x")


async def test_an_answer_to_an_address_that_never_was_goes_nowhere(desk: Desk) -> None:
    code = await desk.send()
    assert not await desk.concerns.reply("a" * 26, "Hello.")
    assert await desk.concerns.behind("a" * 26) is None
    assert (await desk.opens(code)).replies == ()


async def test_an_address_says_whose_concern_it_is_and_which_team_may_answer(desk: Desk) -> None:
    code = await desk.send()
    (mailbox,) = await desk.rows("mailbox")
    behind = await desk.concerns.behind((await desk.token(code)).upper())
    assert behind is not None
    assert (behind.reference, behind.area, behind.is_bounce) == (
        mailbox.reference,
        town.RIVERSIDE.id,
        False,
    )
    assert behind.team is not None
    assert behind.team.name == "Force desk"


async def test_what_a_mail_server_sends_back_is_undelivered_again(desk: Desk) -> None:
    code = await desk.send()
    await desk.accept_everything()
    assert (await desk.opens(code)).state is ConcernState.DELIVERED
    (row,) = await desk.rows("concern")
    assert (row.due, row.waiting_since, row.accepted) == (None, None, TODAY)
    token = ReplyPaths(desk.secrets.reply_key).bounce(row.id)
    behind = await desk.concerns.behind(token)
    assert behind is not None
    assert behind.is_bounce
    assert not await desk.concerns.reply(token, "I am a bounce.")
    assert await desk.concerns.bounced(token)
    mailbox = await desk.opens(code)
    assert (mailbox.state, mailbox.waiting) == (ConcernState.SAVED, 1)
    assert not await desk.concerns.bounced(await desk.token(code))


async def test_mail_in_quarantine_is_sealed_listed_and_can_be_seen(desk: Desk) -> None:
    team = await desk.teams.for_area(None)
    number = await desk.concerns.hold_back(b"From: somebody", "no signature", team)
    (row,) = await desk.rows("quarantine")
    assert b"somebody" not in row.sealed
    (kept,) = await desk.concerns.quarantined()
    assert (kept.id.hex(), kept.team, kept.day, kept.reason) == (
        number,
        team and team.id,
        TODAY,
        "no signature",
    )
    assert await desk.concerns.held_back(number) == b"From: somebody"
    assert await desk.concerns.held_back("00") is None
    assert await desk.concerns.held_back("not a number") is None


# The loop closed


async def test_what_was_done_about_it_since_is_shown_to_who_raised_it(
    desk: Desk, clock: FakeClock
) -> None:
    async def outcome(text: str, topic: str, area: str) -> None:
        wanted = Draft(
            kind=PostKind.OUTCOME,
            level=Level.ROUTINE,
            text=text,
            areas=[area],
            topic=topic_of(Theme(topic)),
        )
        post = await desk.posts.draft(wanted, OPERATOR)
        await desk.posts.approve(post.code, OPERATOR)
        await desk.posts.send(post.code, OPERATOR, now=True)

    clock.set(clock.now() - timedelta(days=1))
    await outcome("Last week's patrols.", "noise", town.RIVERSIDE.id)
    clock.set(clock.now() + timedelta(days=1))
    code = await desk.send()
    await outcome("Two motorbikes seized.", "noise", town.RIVERSIDE.id)
    await outcome("Speed gun out.", "speeding", town.RIVERSIDE.id)
    await outcome("Elsewhere.", "noise", "ZX02")
    mailbox = await desk.opens(code)
    found = await desk.concerns.about(mailbox, "en_GB")
    assert [words.body for _post, words in found] == ["Two motorbikes seized."]
    ((post, _words),) = found
    await desk.posts.correct(post.code, "One motorbike seized.", OPERATOR, now=True)
    corrected = await desk.concerns.about(mailbox, "en_GB")
    assert [words.body for _post, words in corrected] == ["One motorbike seized."]
    assert await desk.concerns.about(await desk.opens(await desk.send(area=None)), "en_GB") == []


async def test_an_area_is_nudged_for_replies_only_where_many_follow_it(
    desk: Desk, clock: FakeClock, catalogs: Catalogs
) -> None:
    keys = ChatKeys(Secrets.fresh().chat_keys)
    stage = stage_over(desk.subscriptions, clock, catalogs, keys)
    for number in range(service.FEWEST_TO_NUDGE - 1):
        await stage.follower(str(number))
    code = await desk.send()
    assert await desk.concerns.nudges() == frozenset()
    await desk.answer(code, "We will look.")
    assert await desk.concerns.nudges() == frozenset(), "19 follow it"
    await stage.follower("one more")
    assert await desk.concerns.nudges() == {town.RIVERSIDE.id}
    clock.set(clock.now() + timedelta(days=service.NUDGE_DAYS + 1))
    assert await desk.concerns.nudges() == frozenset(), "that is old news"


def test_every_refusal_is_something_a_resident_is_answered_with() -> None:
    assert issubclass(NotTaken, UserError)
