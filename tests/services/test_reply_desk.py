"""Answers reach their mailboxes by ordinary mail, and nothing that came in is lost."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.clients.mail import inbox_from, mailer_from
from bot.errors import OperatorError, TryLater
from bot.model import ConcernState, Mailbox
from bot.ports import Inbox, Incoming, Mailer
from bot.services.blind_reply import Doubt
from bot.services.post_room import PostRoom
from bot.services.reminders import Reminders
from bot.services.reply_desk import ReplyDesk
from bot.store.database import Database
from tests.conftest import FakeClock
from tests.mailstage import ADDRESS, FALLBACK, TEAM, FakeMailer, Handed, Stage
from tests.postroom import QUOTED, Certificates, PostOffice, dovecot, left, put, serving
from tests.services.test_blind_reply import RECEIVER, mail, report


@dataclass
class FakeInbox:
    """The Inbox port, filled by hand; it ends when it is empty, as if the line were cut."""

    raw: list[bytes] = field(default_factory=list)

    async def letters(self) -> AsyncGenerator[Incoming, None]:
        for each in list(self.raw):
            yield Incoming(each, self._settle)
        raise TryLater("the inbox cannot be read", after=1)

    async def _settle(self) -> None:
        self.raw.pop(0)


class CutOff(FakeInbox):
    """An inbox whose line is cut when the first e-mail is to be settled."""

    cut = True

    async def _settle(self) -> None:
        if self.cut:
            self.cut = False
            raise TryLater("the inbox cannot be emptied", after=1)
        await super()._settle()


@pytest.fixture
async def stage(
    database: Database, concerns_database: Database, tmp_path: Path, clock: FakeClock
) -> Stage:
    return await Stage.built(database, concerns_database, tmp_path, clock)


@pytest.fixture
def mailer() -> FakeMailer:
    return FakeMailer()


def desk(
    stage: Stage,
    mailer: Mailer,
    inbox: Inbox | None = None,
    *,
    authserv_id: str | None = RECEIVER,
    count: Callable[[str], object] = lambda outcome: None,
) -> ReplyDesk:
    return ReplyDesk(
        stage.database,
        stage.concerns,
        stage.clock,
        inbox or FakeInbox(),
        mailer,
        ADDRESS,
        authserv_id,
        count=count,
    )


async def delivered(stage: Stage, mailer: FakeMailer) -> tuple[str, Handed]:
    """A concern that its team has; gives its code and the e-mail."""
    await stage.has_team(fallback=True)
    code = await stage.raised()
    await stage.forwarder(mailer).step()
    (handed,) = mailer.accepted
    mailer.accepted.clear()
    return code, handed


async def kept(stage: Stage) -> list[tuple[str, int | None]]:
    return [(each.reason, each.team) for each in await stage.concerns.quarantined()]


async def test_an_officers_answer_is_in_the_mailbox(stage: Stage, mailer: FakeMailer) -> None:
    code, handed = await delivered(stage, mailer)
    reply = mail("#working\nWe will patrol.", To=handed.mail["Reply-To"])
    counted: Counter[str] = Counter()
    await desk(stage, mailer, count=lambda what: counted.update([what])).handle(reply.as_bytes())
    mailbox = await stage.seen(code)
    assert mailbox.state is ConcernState.WORKING
    (answer,) = mailbox.replies
    assert (answer.words, answer.state) == ("We will patrol.", ConcernState.WORKING)
    assert counted == {"answer": 1}
    assert await kept(stage) == []
    assert mailer.accepted == []


async def test_files_with_an_answer_are_left_out_and_the_officer_is_told(
    stage: Stage, mailer: FakeMailer
) -> None:
    code, handed = await delivered(stage, mailer)
    reply = mail("We will patrol.", To=handed.mail["Reply-To"])
    reply.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")
    await desk(stage, mailer).handle(reply.as_bytes())
    assert (await stage.seen(code)).replies[0].words == "We will patrol."
    (note,) = mailer.accepted
    assert (note.sender, note.recipient) == ("", "jo@force.example")
    assert "Your words were passed on." in note.words
    assert note.mail["Auto-Submitted"] == "auto-generated"


async def test_an_officer_is_told_why_an_answer_was_not_passed_on(
    stage: Stage, mailer: FakeMailer
) -> None:
    code, handed = await delivered(stage, mailer)
    reply = mail("#resolved\nAll done.", To=handed.mail["Reply-To"])
    await desk(stage, mailer).handle(reply.as_bytes())
    assert (await stage.seen(code)).replies == ()
    (note,) = mailer.accepted
    assert "a status word that is not known" in note.words
    assert [reason for reason, _team in await kept(stage)] == [Doubt.UNKNOWN_STATUS]


async def test_what_is_doubtful_is_kept_for_the_team_as_it_came(
    stage: Stage, mailer: FakeMailer
) -> None:
    code, handed = await delivered(stage, mailer)
    forged = mail(To=handed.mail["Reply-To"], From="x@evil.example").as_bytes()
    await desk(stage, mailer).handle(forged)
    assert (await stage.seen(code)).replies == ()
    team = (await stage.teams.all())[0]
    assert await kept(stage) == [(Doubt.SENDER, team.id)]
    (entry,) = await stage.concerns.quarantined()
    assert await stage.concerns.held_back(entry.id.hex()) == forged
    assert mailer.accepted == [], "a stranger is never written to"


async def test_without_our_receivers_name_every_reply_is_kept(
    stage: Stage, mailer: FakeMailer
) -> None:
    _code, handed = await delivered(stage, mailer)
    unnamed = desk(stage, mailer, authserv_id=None)
    await unnamed.handle(mail(To=handed.mail["Reply-To"]).as_bytes())
    assert [reason for reason, _team in await kept(stage)] == [Doubt.NOT_SIGNED]
    assert "MAIL_AUTHSERV_ID" in (await unnamed.probe() or "")


async def test_mail_for_no_concern_or_for_two_is_kept(stage: Stage, mailer: FakeMailer) -> None:
    _code, handed = await delivered(stage, mailer)
    unknown = ADDRESS.with_token("a" * 26)
    at_desk = desk(stage, mailer)
    await at_desk.handle(mail(To=unknown).as_bytes())
    await at_desk.handle(mail(To=ADDRESS.address).as_bytes())
    await at_desk.handle(mail(To=f"{unknown}, {handed.mail['Reply-To']}").as_bytes())
    assert {reason for reason, _team in await kept(stage)} == {
        Doubt.UNKNOWN_TOKEN,
        Doubt.NO_TOKEN,
        Doubt.SEVERAL_TOKENS,
    }


async def test_an_answer_after_the_mailbox_was_erased_is_kept(
    stage: Stage, mailer: FakeMailer
) -> None:
    code, handed = await delivered(stage, mailer)
    await stage.concerns.erase(code)
    await desk(stage, mailer).handle(mail(To=handed.mail["Reply-To"]).as_bytes())
    assert await kept(stage) == [(Doubt.UNKNOWN_TOKEN, None)]


async def test_a_bounce_sends_the_concern_to_the_fallback_inbox(
    stage: Stage, mailer: FakeMailer
) -> None:
    code, handed = await delivered(stage, mailer)
    bounced = f"To: {handed.sender}\r\n".encode() + report("failed")
    await desk(stage, mailer).handle(f"To: {handed.sender}\r\n".encode() + report("delayed"))
    assert (await stage.seen(code)).state is ConcernState.DELIVERED
    await desk(stage, mailer).handle(bounced)
    assert (await stage.seen(code)).state is ConcernState.SAVED
    await stage.forwarder(mailer).step()
    assert mailer.recipients == [FALLBACK]
    assert await kept(stage) == []


async def test_an_officers_words_sent_to_the_way_of_bounces_are_kept(
    stage: Stage, mailer: FakeMailer
) -> None:
    _code, handed = await delivered(stage, mailer)
    await desk(stage, mailer).handle(mail(To=handed.sender).as_bytes())
    assert [reason for reason, _team in await kept(stage)] == [Doubt.NOT_A_BOUNCE]


async def test_mail_that_no_parser_can_stand_is_kept_and_holds_up_no_answer(
    stage: Stage, mailer: FakeMailer
) -> None:
    code, handed = await delivered(stage, mailer)
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth)
        for depth in range(3000)
    )
    inbox = FakeInbox([deep, mail("We will patrol.", To=handed.mail["Reply-To"]).as_bytes()])
    with pytest.raises(TryLater):
        await desk(stage, mailer, inbox).read()
    assert inbox.raw == []
    assert await kept(stage) == [(Doubt.MALFORMED, None)]
    assert (await stage.seen(code)).replies[0].words == "We will patrol."


async def test_an_inbox_that_is_away_shows_as_a_problem(stage: Stage, mailer: FakeMailer) -> None:
    at_desk = desk(stage, mailer)
    assert await at_desk.probe() is None
    running = asyncio.create_task(at_desk.run())
    await until(lambda: at_desk.problem is not None)
    running.cancel()
    with pytest.raises(OperatorError, match="the inbox cannot be read"):
        await at_desk.probe()


async def test_mail_leaves_the_inbox_only_when_it_was_dealt_with(
    stage: Stage, mailer: FakeMailer
) -> None:
    code, handed = await delivered(stage, mailer)
    inbox = FakeInbox([mail("One.", To=handed.mail["Reply-To"]).as_bytes(), b"\0 nonsense"])
    running = asyncio.create_task(desk(stage, mailer, inbox).run())
    await until(lambda: not inbox.raw)
    running.cancel()
    assert (await stage.seen(code)).replies[0].words == "One."
    assert await kept(stage) == [(Doubt.NO_TOKEN, None)]


async def test_an_answer_is_passed_on_once_though_the_line_is_cut_before_it_was_settled(
    stage: Stage, mailer: FakeMailer
) -> None:
    code, handed = await delivered(stage, mailer)
    inbox = CutOff([mail("One.", To=handed.mail["Reply-To"]).as_bytes()])
    at_desk = desk(stage, mailer, inbox)
    for _ in range(2):
        with pytest.raises(TryLater):
            await at_desk.read()
    assert inbox.raw == []
    assert [reply.words for reply in (await stage.seen(code)).replies] == ["One."]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110  # what it waits for has no event
            await asyncio.sleep(0.01)


# --- the whole way, over real servers -------------------------------------------------------------


@asynccontextmanager
async def working(stage: Stage, out: Mailer, inbox: Inbox) -> AsyncIterator[None]:
    room = PostRoom(
        stage.forwarder(out),
        Reminders(stage.database, stage.clock, stage.teams, out, ADDRESS),
        desk(stage, out, inbox),
    )
    running = asyncio.create_task(room.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait([running])


async def replied(stage: Stage, code: str) -> Mailbox:
    async with asyncio.timeout(60):
        while not (mailbox := await stage.seen(code)).replies:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.2)
    return mailbox


async def test_round_trip_over_smtp_with_tls_and_imap(stage: Stage, tmp_path: Path) -> None:
    certificates = Certificates.made()
    await stage.has_team()
    async with (
        dovecot(certificates) as imap,
        serving(PostOffice(), starttls=certificates.shown(), sign_in=True) as office,
    ):
        out = mailer_from(
            f"smtp+tls://{QUOTED}@localhost:{office.port}",
            tmp_path,
            name=ADDRESS.domain,
            tls=certificates.trusted(),
        )
        inbox = inbox_from(
            f"imaps://{QUOTED}@localhost:{imap}", tmp_path, tls=certificates.trusted()
        )
        code = await stage.raised()
        async with working(stage, out, inbox):
            await until(lambda: bool(office.accepted))
            envelope = office.accepted[0]
            assert envelope.rcpt_tos == [TEAM]
            assert isinstance(envelope.content, bytes)
            handed = Handed(str(envelope.mail_from), TEAM, envelope.content)
            await put(imap, certificates, answer(handed).as_bytes())
            mailbox = await replied(stage, code)
        assert mailbox.replies[0].words == "We will patrol there."
        assert mailbox.state is ConcernState.WORKING
        assert await left(imap, certificates) == 0


async def test_round_trip_over_folders(stage: Stage, tmp_path: Path) -> None:
    await stage.has_team()
    out = mailer_from("maildir:mail", tmp_path, name=ADDRESS.domain)
    code = await stage.raised()
    async with working(stage, out, inbox_from("maildir:replies", tmp_path)):
        await until(lambda: any((tmp_path / "mail").glob("new/*")))
        (file,) = (tmp_path / "mail" / "new").iterdir()
        handed = Handed("", TEAM, file.read_bytes())
        replies = mailer_from("maildir:replies", tmp_path, name="force.example")
        await replies.send("", "", answer(handed).as_bytes())
        mailbox = await replied(stage, code)
    assert mailbox.replies[0].words == "We will patrol there."


def answer(handed: Handed) -> EmailMessage:
    """What a mail program makes of the officer's answer to an e-mail of ours."""
    quoted = "\n".join(f"> {line}" for line in handed.words.splitlines())
    return mail(
        "#working\nWe will patrol there.\n\nKind regards,\nPC Jo Smith\n\n"
        f"On Tue, 24 Nov 2026 at 10:15, Beatline wrote:\n{quoted}\n",
        To=handed.mail["Reply-To"],
        Subject=f"Re: {handed.mail['Subject']}",
    )
