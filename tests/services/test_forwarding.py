"""Concerns reach the team's inbox, whatever happens on the way, and are called delivered then."""

import asyncio
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.errors import OperatorError, Rejected, TryLater
from bot.model import ConcernState, Media
from bot.ports import Mailer
from bot.services.forwarding import Forwarder
from bot.services.teams import Change
from bot.store import concern_tables
from bot.store.database import Database
from tests.cancelling import cancelled_at
from tests.conftest import FakeClock
from tests.gnupg import GnuPG
from tests.mailstage import ADDRESS, FALLBACK, SECRET_TEXT, TEAM, URGENT, FakeMailer, Stage

HOUR = timedelta(hours=1)


@pytest.fixture
async def stage(
    database: Database, concerns_database: Database, tmp_path: Path, clock: FakeClock
) -> Stage:
    return await Stage.built(database, concerns_database, tmp_path, clock)


@pytest.fixture
def mailer() -> FakeMailer:
    return FakeMailer()


def later(recipient: str) -> TryLater:
    return TryLater("the mail server did not take it (451)", after=60)


def away(recipient: str) -> TryLater:
    return TryLater("the mail server cannot be reached", after=60, everyone=True)


def never(recipient: str) -> Rejected:
    return Rejected("the mail server refused it for good (550)")


async def tries(stage: Stage, forwarder: Forwarder, hours: float, every: float = 0.25) -> None:
    """Let time pass, with a try each quarter of an hour."""
    for _ in range(int(hours / every)):
        stage.clock.set(stage.clock.now() + HOUR * every)
        await forwarder.step()


async def problem(forwarder: Forwarder) -> str | None:
    try:
        await forwarder.probe()
    except OperatorError as error:
        return str(error)
    return None


async def test_a_concern_is_delivered_when_the_server_took_it(
    stage: Stage, mailer: FakeMailer
) -> None:
    await stage.has_team()
    code = await stage.raised()
    assert (await stage.seen(code)).state is ConcernState.SAVED
    await stage.forwarder(mailer).step()
    (handed,) = mailer.accepted
    assert handed.recipient == handed.mail["To"] == TEAM
    assert handed.mail["From"] == f"Beatline <{ADDRESS.address}>"
    assert handed.mail["Subject"].endswith("Riverside")
    assert SECRET_TEXT in handed.words
    assert (await stage.seen(code)).state is ConcernState.DELIVERED
    await stage.forwarder(mailer).step()
    assert len(mailer.accepted) == 1


async def test_each_concern_has_ways_back_of_its_own(stage: Stage, mailer: FakeMailer) -> None:
    await stage.has_team()
    await stage.raised()
    await stage.raised()
    await stage.forwarder(mailer).step()
    ways = {each.sender for each in mailer.accepted} | {
        each.mail["Reply-To"] for each in mailer.accepted
    }
    assert len(ways) == 4
    assert all(way.startswith("beatline+") and way.endswith("@beat.example") for way in ways)
    assert len({each.mail["Message-ID"] for each in mailer.accepted}) == 2


async def test_nothing_is_called_delivered_while_the_server_is_away(
    stage: Stage, mailer: FakeMailer
) -> None:
    await stage.has_team()
    code = await stage.raised()
    mailer.refuse = away
    forwarder = stage.forwarder(mailer)
    assert not await forwarder.step()
    assert (await stage.seen(code)).state is ConcernState.SAVED
    assert await problem(forwarder) is None
    await tries(stage, forwarder, 1)
    assert await problem(forwarder) is not None
    assert "cannot be reached" in (await problem(forwarder) or "")
    mailer.refuse = lambda recipient: None
    await tries(stage, forwarder, 0.5)
    assert (await stage.seen(code)).state is ConcernState.DELIVERED
    assert await problem(forwarder) is None


async def test_another_process_sees_that_concerns_wait(stage: Stage, mailer: FakeMailer) -> None:
    await stage.has_team()
    await stage.raised()
    stage.clock.set(stage.clock.now() + 2 * HOUR)
    assert "waited for more than an hour" in (await problem(stage.forwarder(mailer)) or "")


async def test_urgent_concerns_go_first_and_to_the_urgent_contact_too(
    stage: Stage, mailer: FakeMailer
) -> None:
    await stage.has_team()
    await stage.raised()
    await stage.raised(urgent=True)
    await stage.forwarder(mailer).step()
    assert mailer.recipients == [URGENT, TEAM, TEAM]
    first, second, third = (each.mail["Subject"] for each in mailer.accepted)
    assert first == second
    assert first.startswith("[URGENT]")
    assert "URGENT" not in third


async def test_the_team_gets_an_urgent_concern_once_while_the_urgent_contact_is_away(
    stage: Stage, mailer: FakeMailer
) -> None:
    await stage.has_team()
    code = await stage.raised(urgent=True)
    mailer.refuse = lambda recipient: later(recipient) if recipient == URGENT else None
    forwarder = stage.forwarder(mailer)
    await forwarder.step()
    await tries(stage, forwarder, 0.75)
    assert mailer.recipients == [TEAM]
    await tries(stage, forwarder, 6)
    assert mailer.recipients == [TEAM]
    assert (await stage.seen(code)).state is ConcernState.DELIVERED


async def test_after_an_hour_the_fallback_inbox_is_tried(stage: Stage, mailer: FakeMailer) -> None:
    await stage.has_team(fallback=True)
    code = await stage.raised()
    mailer.refuse = lambda recipient: later(recipient) if recipient == TEAM else None
    forwarder = stage.forwarder(mailer)
    await forwarder.step()
    await tries(stage, forwarder, 0.75)
    assert mailer.accepted == []
    await tries(stage, forwarder, 3)
    assert mailer.recipients == [FALLBACK]
    assert (await stage.seen(code)).state is ConcernState.DELIVERED


async def test_after_a_refusal_for_good_the_fallback_inbox_is_tried_at_once(
    stage: Stage, mailer: FakeMailer
) -> None:
    await stage.has_team(fallback=True)
    await stage.raised()
    mailer.refuse = lambda recipient: never(recipient) if recipient == TEAM else None
    await stage.forwarder(mailer).step()
    assert mailer.recipients == [FALLBACK]


async def test_a_refusal_for_good_without_a_fallback_is_tried_for_14_days(
    stage: Stage, mailer: FakeMailer
) -> None:
    await stage.has_team()
    code = await stage.raised()
    mailer.refuse = never
    forwarder = stage.forwarder(mailer)
    await forwarder.step()
    await tries(stage, forwarder, 13 * 24, every=1)
    assert "(550)" in (await problem(forwarder) or "")
    assert 20 < mailer.tries < 100, "ever less often, and not given up"
    stage.clock.set(stage.clock.now() + 2 * 24 * HOUR)
    await stage.concerns.purge()
    assert (await stage.seen(code)).state is ConcernState.UNDELIVERED


async def test_one_concern_that_is_refused_does_not_hold_up_the_others(
    stage: Stage, mailer: FakeMailer
) -> None:
    await stage.has_team()
    await stage.raised(urgent=True)
    code = await stage.raised()
    forwarder = stage.forwarder(mailer)
    hung_up = iter([away(TEAM)])
    mailer.refuse = lambda recipient: next(hung_up, None)
    assert not await forwarder.step()
    assert await forwarder.step()
    assert (await stage.seen(code)).state is ConcernState.DELIVERED


async def test_what_a_server_sends_back_goes_to_the_fallback_inbox(
    stage: Stage, mailer: FakeMailer
) -> None:
    await stage.has_team(fallback=True)
    code = await stage.raised()
    forwarder = stage.forwarder(mailer)
    await forwarder.step()
    token = mailer.accepted[0].sender.partition("+")[2].partition("@")[0]
    assert await stage.concerns.bounced(token)
    assert (await stage.seen(code)).state is ConcernState.SAVED
    await forwarder.step()
    assert mailer.recipients == [TEAM, FALLBACK]
    assert mailer.accepted[0].mail["Message-ID"] == mailer.accepted[1].mail["Message-ID"]
    assert (await stage.seen(code)).state is ConcernState.DELIVERED


async def test_a_server_that_sends_everything_back_is_tried_ever_less_often(
    stage: Stage, mailer: FakeMailer
) -> None:
    await stage.has_team()
    await stage.raised()
    forwarder = stage.forwarder(mailer)
    for _ in range(10 * 24):
        before = len(mailer.accepted)
        await forwarder.step()
        if len(mailer.accepted) > before:
            token = mailer.accepted[-1].sender.partition("+")[2].partition("@")[0]
            assert await stage.concerns.bounced(token)
        stage.clock.set(stage.clock.now() + HOUR)
    assert 3 < len(mailer.accepted) < 20


async def test_a_concern_waits_while_no_team_serves_its_area(
    stage: Stage, mailer: FakeMailer
) -> None:
    await stage.has_team()
    code = await stage.raised()
    await stage.teams.remove("Riverside beat team", "test")
    forwarder = stage.forwarder(mailer)
    await forwarder.step()
    await tries(stage, forwarder, 2)
    assert "no team serves" in (await problem(forwarder) or "")
    await stage.teams.add("New team", Change(everywhere=True, email="new@force.example"), "test")
    await tries(stage, forwarder, 6)
    assert mailer.recipients == ["new@force.example"]
    assert (await stage.seen(code)).state is ConcernState.DELIVERED


async def test_what_a_resident_erased_is_not_sent(stage: Stage, mailer: FakeMailer) -> None:
    await stage.has_team()
    code = await stage.raised()
    await stage.concerns.erase(code)
    await stage.forwarder(mailer).step()
    assert mailer.accepted == []


async def test_every_mail_of_a_demonstration_says_so(stage: Stage, mailer: FakeMailer) -> None:
    await stage.has_team()
    await stage.raised()
    await stage.forwarder(mailer, sample=True).step()
    assert mailer.accepted[0].mail["Subject"].startswith("[SAMPLE]")


async def test_only_one_process_forwards_at_a_time(stage: Stage, mailer: FakeMailer) -> None:
    if stage.database.is_sqlite:
        pytest.skip("a SQLite file has one process for the role work")
    await stage.has_team()
    await stage.raised()
    async with stage.database.alone("forwarding concerns") as alone:
        assert alone
        await stage.forwarder(mailer).step()
    assert mailer.accepted == []
    await stage.forwarder(mailer).step()
    assert len(mailer.accepted) == 1


async def test_nothing_finer_than_an_hour_is_stored_of_a_waiting_concern(
    stage: Stage, mailer: FakeMailer
) -> None:
    await stage.has_team()
    await stage.raised()
    mailer.refuse = later
    forwarder = stage.forwarder(mailer)
    await forwarder.step()
    await tries(stage, forwarder, 3)
    table = concern_tables.concerns
    async with stage.database.read() as connection:
        row = (await connection.execute(select(table.c.due, table.c.waiting_since))).one()
    assert {(moment.minute, moment.second, moment.microsecond) for moment in row} == {(0, 0, 0)}


async def test_a_team_with_a_certificate_opens_its_mail_with_gnupg(
    stage: Stage, mailer: FakeMailer, tmp_path: Path
) -> None:
    pytest.importorskip("pysequoia", reason="the extra [pgp] is not installed")
    with GnuPG.at(tmp_path / "gnupg") as gnupg:
        gnupg.new_key()
        stage.clock.set(datetime.now(UTC))
        await stage.has_team(certificate=gnupg.certificate())
        photo = Media("photo-1.jpg", "image/jpeg", b"\xff\xd8 made up")
        code = await stage.raised(media=(photo,))
        await stage.forwarder(mailer).step()
        (handed,) = mailer.accepted
        assert handed.mail.get_content_type() == "multipart/encrypted"
        assert handed.mail.get_param("protocol") == "application/pgp-encrypted"
        version, sealed = handed.mail.iter_parts()
        assert version.get_content() == b"Version: 1\r\n"
        assert SECRET_TEXT.encode() not in handed.message
        opened = message_from_bytes(gnupg.opened(sealed.get_content()), policy=SMTP)
    body = opened.get_body(("plain",))
    assert body is not None
    assert SECRET_TEXT in body.get_content()
    (attached,) = opened.iter_attachments()
    assert attached.get_content() == photo.data
    assert (await stage.seen(code)).state is ConcernState.DELIVERED


async def test_what_was_sealed_before_the_team_had_a_certificate_goes_out_encrypted(
    stage: Stage, mailer: FakeMailer, tmp_path: Path
) -> None:
    pytest.importorskip("pysequoia", reason="the extra [pgp] is not installed")
    with GnuPG.at(tmp_path / "gnupg") as gnupg:
        gnupg.new_key()
        stage.clock.set(datetime.now(UTC))
        team = await stage.has_team()
        await stage.raised()
        await stage.teams.change(team.name, Change(certificate=gnupg.certificate()), actor="test")
        await stage.forwarder(mailer).step()
        (handed,) = mailer.accepted
        assert SECRET_TEXT.encode() not in handed.message
        _version, sealed = handed.mail.iter_parts()
        assert SECRET_TEXT.encode() in gnupg.opened(sealed.get_content())


class Hesitant:
    """A mailer that gives way before and after it hands an e-mail over."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        await asyncio.sleep(0)
        await self._mailer.send(sender, recipient, message)
        await asyncio.sleep(0)

    async def ping(self) -> None:
        await self._mailer.ping()


async def test_cut_off_at_any_await_nothing_is_lost_and_at_most_one_is_sent_twice(
    stage: Stage,
) -> None:
    await stage.has_team()
    await stage.raised()
    suspension, twice, interrupted = 0, 0, True
    while interrupted:
        await _undelivered_again(stage)
        mailer = FakeMailer()
        interrupted = await cancelled_at(stage.forwarder(Hesitant(mailer)).step(), suspension)
        assert mailer.accepted or await _state(stage) == ConcernState.SAVED
        await stage.forwarder(mailer).step()
        assert 1 <= len(mailer.accepted) <= 2
        assert len({each.mail["Message-ID"] for each in mailer.accepted}) == 1
        assert await _state(stage) == ConcernState.DELIVERED
        twice += len(mailer.accepted) == 2
        suspension += 1
    assert suspension > 10
    assert twice, "the moment between acceptance and mark was among them"


async def _undelivered_again(stage: Stage) -> None:
    now = stage.clock.now()
    async with stage.database.write() as connection:
        await connection.execute(
            update(concern_tables.concerns).values(accepted=None, due=now, waiting_since=now)
        )
        await connection.execute(
            update(concern_tables.mailboxes).values(state=ConcernState.SAVED.value)
        )


async def _state(stage: Stage) -> str:
    async with stage.database.read() as connection:
        return str(
            (await connection.execute(select(concern_tables.mailboxes.c.state))).scalar_one()
        )
