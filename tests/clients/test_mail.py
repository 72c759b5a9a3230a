"""Mail goes out and comes in over real servers, and never over an unsafe line."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from pathlib import Path

import pytest

from bot.clients.mail import inbox_from, mailer_from
from bot.clients.mail.imap import ImapInbox
from bot.clients.mail.maildir import MaildirInbox
from bot.errors import OperatorError, Rejected, TryLater
from bot.ports import Inbox, Incoming, Mailer
from tests.postroom import QUOTED, Certificates, PostOffice, dovecot, left, put, serving

MAIL = b"Subject: C-ABC234 Riverside\r\n\r\nA made-up concern.\r\n.\r\n.a dot\r\n"
FROM, TO = "beatline+abc@beat.example", "team@force.example"


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates.made()


def mailer(url: str, tls: ssl.SSLContext | None = None) -> Mailer:
    return mailer_from(url, Path("unused"), name="beat.example", tls=tls)


@pytest.fixture
async def starttls(certificates: Certificates) -> AsyncIterator[PostOffice]:
    async with serving(PostOffice(), starttls=certificates.shown(), sign_in=True) as office:
        yield office


async def test_mail_goes_out_after_starttls_and_sign_in(
    starttls: PostOffice, certificates: Certificates
) -> None:
    out = mailer(f"smtp+tls://{QUOTED}@localhost:{starttls.port}", certificates.trusted())
    await out.ping()
    await out.send(FROM, TO, MAIL)
    (envelope,) = starttls.accepted
    assert (envelope.mail_from, envelope.rcpt_tos) == (FROM, [TO])
    assert envelope.content == MAIL
    assert starttls.greeting == "beat.example"


async def test_mail_goes_out_over_tls_from_the_first_byte(certificates: Certificates) -> None:
    async with serving(PostOffice(), tls=certificates.shown()) as office:
        out = mailer(f"smtps://localhost:{office.port}", certificates.trusted())
        await out.send("", TO, MAIL)
        assert office.accepted[0].mail_from == "<>"


async def test_nothing_goes_to_a_server_whose_certificate_nobody_vouches_for(
    starttls: PostOffice, certificates: Certificates
) -> None:
    out = mailer(f"smtp+tls://{QUOTED}@localhost:{starttls.port}")
    with pytest.raises(TryLater, match="certificate cannot be verified"):
        await out.send(FROM, TO, MAIL)
    async with serving(PostOffice(), tls=certificates.shown()) as office:
        out = mailer(f"smtps://localhost:{office.port}")
        with pytest.raises(TryLater, match="certificate cannot be verified"):
            await out.send(FROM, TO, MAIL)
    assert not starttls.accepted
    assert not office.accepted


async def test_nothing_goes_out_in_plain_text_where_the_server_lacks_starttls(
    certificates: Certificates,
) -> None:
    async with serving(PostOffice()) as office:
        out = mailer(f"smtp+tls://localhost:{office.port}", certificates.trusted())
        with pytest.raises(TryLater):
            await out.send(FROM, TO, MAIL)
        with pytest.raises(TryLater):
            await out.ping()
        assert not office.accepted


async def test_plain_smtp_serves_this_machine() -> None:
    async with serving(PostOffice()) as office:
        await mailer(f"smtp://127.0.0.1:{office.port}").send(FROM, TO, MAIL)
        assert len(office.accepted) == 1


async def test_a_wrong_password_says_so(starttls: PostOffice, certificates: Certificates) -> None:
    out = mailer(f"smtp+tls://beatline:wrong@localhost:{starttls.port}", certificates.trusted())
    with pytest.raises(TryLater, match="refuses the user and password"):
        await out.send(FROM, TO, MAIL)


@pytest.mark.parametrize(
    ("step", "answer", "error"),
    [
        ("rcpt", "550 no such user", Rejected),
        ("rcpt", "450 greylisted", TryLater),
        ("data", "554 not like this", Rejected),
        ("data", "451 later", TryLater),
    ],
)
async def test_a_refusal_is_for_good_or_for_now(
    step: str, answer: str, error: type[Exception]
) -> None:
    office = PostOffice(refuse=lambda at, _: answer if at == step else None)
    async with serving(office):
        with pytest.raises(error, match=answer[:3]) as caught:
            await mailer(f"smtp://127.0.0.1:{office.port}").send(FROM, TO, MAIL)
        assert TO not in str(caught.value)
        assert not office.accepted


async def test_a_line_cut_before_the_answer_is_no_acceptance() -> None:
    async with serving(PostOffice(hang_up=True)) as office:
        with pytest.raises(TryLater):
            await mailer(f"smtp://127.0.0.1:{office.port}").send(FROM, TO, MAIL)


async def test_a_server_that_is_away_is_tried_later() -> None:
    async with serving(PostOffice()) as office:
        port = office.port
    with pytest.raises(TryLater, match="cannot be reached"):
        await mailer(f"smtp://127.0.0.1:{port}").ping()


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example",
        "smtp://10.0.0.1:25",
        "http://mail.example",
        "smtps://",
        "smtps://host:notaport",
        "maildir:",
        "maildir:../elsewhere",
        "smtp+ssl://user:hunter22@mail.example",
    ],
)
def test_an_address_for_mail_that_is_unsafe_or_unclear_is_refused(url: str) -> None:
    with pytest.raises(OperatorError, match="MAIL_URL") as caught:
        mailer(url)
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize("url", ["imap://mail.example", "smtps://mail.example", "maildir:"])
def test_an_address_for_replies_that_is_unsafe_or_unclear_is_refused(url: str) -> None:
    with pytest.raises(OperatorError, match="MAIL_REPLY_URL"):
        inbox_from(url, Path("unused"))


async def test_a_maildir_takes_mail_whole_and_tells_nothing_by_its_names(tmp_path: Path) -> None:
    out = mailer_from("maildir:mail", tmp_path, name="beat.example")
    await out.ping()
    await out.send(FROM, TO, MAIL)
    (file,) = (tmp_path / "mail" / "new").iterdir()
    assert file.read_bytes() == MAIL
    assert file.stat().st_mtime % 3600 == 0
    assert file.stat().st_mode & 0o077 == 0
    assert len(file.name) == 32
    assert not list((tmp_path / "mail" / "tmp").iterdir())


async def test_a_maildir_that_cannot_be_written_is_tried_later(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    out = mailer_from(f"maildir:{tmp_path / 'mail'}", Path("unused"), name="beat.example")
    with pytest.raises(TryLater, match="cannot be used"):
        await out.send(FROM, TO, MAIL)
    with pytest.raises(TryLater):
        await out.ping()


async def test_a_folder_gives_what_is_there_and_what_comes_until_it_is_settled(
    tmp_path: Path,
) -> None:
    out = mailer_from(f"maildir:{tmp_path}", tmp_path, name="beat.example")
    await _comes_and_goes(MaildirInbox(tmp_path, look_seconds=0.01), partial(out.send, FROM, TO))
    assert not list((tmp_path / "new").iterdir())


async def test_an_imap_inbox_gives_what_is_there_and_what_comes_until_it_is_settled(
    tmp_path: Path, certificates: Certificates
) -> None:
    async with dovecot(certificates) as port:
        url = f"imaps://{QUOTED}@localhost:{port}"
        inbox = inbox_from(url, tmp_path, tls=certificates.trusted())
        await _comes_and_goes(inbox, partial(put, port, certificates))
        assert await left(port, certificates) == 0


async def test_an_imap_inbox_that_is_away_or_not_vouched_for_is_tried_later(
    tmp_path: Path, certificates: Certificates
) -> None:
    async with dovecot(certificates) as port:
        with pytest.raises(TryLater, match="SSL"):
            await _first(inbox_from(f"imaps://{QUOTED}@localhost:{port}", tmp_path))
        wrong = inbox_from(
            f"imaps://beatline:wrong@localhost:{port}", tmp_path, tls=certificates.trusted()
        )
        with pytest.raises(TryLater, match="refuses the user and password"):
            await _first(wrong)
    with pytest.raises(TryLater, match="cannot be read"):
        await _first(ImapInbox("localhost", port, "a", "b", "INBOX", tls=certificates.trusted()))


async def _comes_and_goes(inbox: Inbox, deliver: Callable[[bytes], Awaitable[None]]) -> None:
    await deliver(MAIL)
    assert (await _first(inbox)).raw == MAIL
    async with asyncio.timeout(30), aclosing(inbox.letters()) as letters:
        again = await anext(letters)
        assert again.raw == MAIL, "not settled, so it comes again"
        await again.settle()
        waiting = asyncio.create_task(_next(letters))
        await asyncio.sleep(0.2)  # lets the inbox begin to wait; it must come either way
        await deliver(b"Subject: second\r\n\r\nWords.\r\n")
        second = await waiting
        assert second.raw.startswith(b"Subject: second")
        await second.settle()


async def _first(inbox: Inbox) -> Incoming:
    async with aclosing(inbox.letters()) as letters:
        return await anext(letters)


async def _next(letters: AsyncIterator[Incoming]) -> Incoming:
    return await anext(letters)
