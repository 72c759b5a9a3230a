"""Only what an officer of the team wrote gets through; everything else is kept for the team."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from bot.model import ConcernState, Team
from bot.services import blind_reply
from bot.services.blind_reply import Doubt, Refusal, Reply
from bot.services.letters import MARK

TOKEN = "abcdefghijklmnopqrstuvwxyz"
US = "beatline@beat.example"
RECEIVER = "mx.beat.example"
SIGNED = f"{RECEIVER}; dkim=pass header.d=force.example header.s=s1"
TEAM = Team(
    id=1,
    name="Riverside beat team",
    areas=("ZX01",),
    everywhere=False,
    email="team@force.example",
    reply_domains=("force.example", "partner.example"),
)
WORDS = f"We will patrol there.\r\n\r\n> {MARK}\r\n> A resident has sent a concern.\r\n"


def mail(words: str = WORDS, **changes: str | None) -> EmailMessage:
    """A reply as it should be, with header fields changed, or left out where None."""
    message = EmailMessage(policy=SMTP)
    fields: dict[str, str | None] = {
        "Return_Path": "<jo@force.example>",
        "Authentication_Results": SIGNED,
        "From": "Jo Smith <jo@force.example>",
        "To": f"beatline+{TOKEN}@beat.example",
        "Subject": "Re: C-ABC234 Riverside",
        "Message_ID": "<1@force.example>",
        **changes,
    }
    for name, value in fields.items():
        if value is not None:
            message[name.replace("_", "-")] = value
    message.set_content(words)
    return message


def judged(
    raw: bytes, authserv_id: str | None = RECEIVER, team: Team | None = TEAM
) -> Reply | Refusal:
    return blind_reply.judge(blind_reply.parse(raw), team, authserv_id)


def doubt(raw: bytes, authserv_id: str | None = RECEIVER) -> Doubt | None:
    found = judged(raw, authserv_id)
    return found.doubt if isinstance(found, Refusal) else None


def words(raw: bytes) -> str:
    found = judged(raw)
    assert isinstance(found, Reply), found.doubt
    return found.answer.words


def raw(head: str, body: str = WORDS) -> bytes:
    return (head.replace("\n", "\r\n") + "\r\n\r\n" + body).encode()


def test_an_officers_reply_gets_through() -> None:
    found = judged(mail().as_bytes())
    assert isinstance(found, Reply)
    assert found.answer.words == "We will patrol there."
    assert found.sender == "jo@force.example"
    assert found.left_out == 0


def test_no_field_counts_below_one_that_cannot_be_read() -> None:
    """What a sender signed with may break our receiver's own field; theirs stands below it."""
    broken = f'{RECEIVER}; dkim=fail header.i=@x"y'
    fields = f"Authentication-Results: {broken}\nAuthentication-Results: {SIGNED}"
    assert doubt(raw(f"{fields}\nFrom: jo@force.example")) is Doubt.NOT_SIGNED


def test_a_status_word_is_understood() -> None:
    found = judged(mail("#closed all quiet now\nThank you for telling us.").as_bytes())
    assert isinstance(found, Reply)
    assert (found.answer.state, found.answer.reason) == (ConcernState.CLOSED, "all quiet now")


@pytest.mark.parametrize(
    "sender",
    [
        "jo@force.example",
        "<jo@force.example>",
        '"Smith, Jo" <jo@force.example>',
        '"jo@force.example" <jo@force.example>',
        "=?utf-8?q?Jo_=C5=81?= <jo@force.example>",
        "Jo <jo@FORCE.example>",
    ],
)
def test_a_sender_may_be_written_in_any_proper_way(sender: str) -> None:
    assert doubt(raw(f"Authentication-Results: {SIGNED}\nFrom: {sender}")) is None


@pytest.mark.parametrize(
    "sender",
    [
        "jo@force.example.evil.example",
        "jo@evilforce.example",
        "jo@sub.force.example",
        "jo@force.example@evil.example",
        "<jo@evil.example> jo@force.example",
        "jo@evil.example <jo@force.example>, x@evil.example",
        "jo@force.example, x@evil.example",
        '"jo@force.example" <x@evil.example>',
        "jo@force.example <x@evil.example>",
        "x@evil.example (jo@force.example)",
        "x@evil.example\n (<jo@force.example>)",
        "Group: jo@force.example;",
        "<@evil.example:jo@force.example>",
        "jo@[127.0.0.1]",
        "jo@förce.example",
        "jo@force.example\0.evil.example",
        "",
        "undisclosed",
    ],
)
def test_a_sender_of_another_domain_or_in_a_doubtful_form_is_held_back(sender: str) -> None:
    assert doubt(raw(f"Authentication-Results: {SIGNED}\nFrom: {sender}")) is Doubt.SENDER


def test_two_senders_or_none_are_held_back() -> None:
    head = f"Authentication-Results: {SIGNED}"
    both = f"{head}\nFrom: jo@force.example\nFROM: jo@force.example"
    assert doubt(raw(both)) is Doubt.SENDER
    assert doubt(raw(head)) is Doubt.SENDER
    assert doubt(mail(Sender="jo@force.example", From=None).as_bytes()) is Doubt.SENDER


@pytest.mark.parametrize(
    "results",
    [
        f"{RECEIVER}; dkim=pass header.d=force.example",
        f"{RECEIVER} 1; spf=fail smtp.mailfrom=x@y.example; dkim=pass (a) header.d=FORCE.example",
        f"{RECEIVER};\n dkim=fail header.d=other.example;\n dkim=pass header.i=@force.example",
        f"{RECEIVER.upper()}; dkim=pass header.d=force.example header.i=jo@force.example",
    ],
)
def test_a_signature_that_our_receiver_found_valid_counts(results: str) -> None:
    assert doubt(raw(f"Authentication-Results: {results}\nFrom: jo@force.example")) is None


@pytest.mark.parametrize(
    "results",
    [
        f"{RECEIVER}; none",
        f"{RECEIVER}; dkim=fail header.d=force.example",
        f"{RECEIVER}; dkim=none",
        f"{RECEIVER}; spf=pass smtp.mailfrom=jo@force.example",
        f"{RECEIVER}; dmarc=pass header.from=force.example",
        f"{RECEIVER}; dkim=pass header.d=partner.example",
        f"{RECEIVER}; dkim=pass header.d=example",
        f"{RECEIVER}; dkim=pass header.d=force.example.evil.example",
        f"{RECEIVER}; dkim=pass header.d=evil.example header.i=@force.example",
        f"{RECEIVER}; dkim=pass (header.d=force.example)",
        "mx.evil.example; dkim=pass header.d=force.example",
        f"{RECEIVER}.evil.example; dkim=pass header.d=force.example",
        f"mx.evil.example ({RECEIVER}); dkim=pass header.d=force.example",
        "; dkim=pass header.d=force.example",
        "",
    ],
)
def test_without_an_aligned_signature_a_reply_is_held_back(results: str) -> None:
    head = f"Authentication-Results: {results}\nFrom: jo@force.example"
    assert doubt(raw(head)) is Doubt.NOT_SIGNED


def test_what_the_sender_wrote_below_our_receivers_own_field_does_not_count() -> None:
    ours = f"Authentication-Results: {RECEIVER}; dkim=none"
    forged = f"Authentication-Results: {SIGNED}"
    rest = "From: jo@force.example"
    assert doubt(raw(f"{ours}\nReceived: x\n{forged}\n{rest}")) is Doubt.NOT_SIGNED
    foreign = "Authentication-Results: mx.evil.example; dkim=fail header.d=force.example"
    assert doubt(raw(f"{foreign}\n{forged}\n{rest}")) is None


def test_without_the_name_of_our_receiver_nothing_is_believed() -> None:
    assert doubt(mail().as_bytes(), authserv_id=None) is Doubt.NOT_SIGNED


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Auto_Submitted", "auto-replied"),
        ("Auto_Submitted", "auto-generated; owner=x"),
        ("Precedence", "bulk"),
        ("Precedence", "list"),
        ("Precedence", "Junk"),
        ("List_Id", "<list.force.example>"),
        ("Return_Path", "<>"),
    ],
)
def test_what_a_machine_wrote_is_held_back(name: str, value: str) -> None:
    assert doubt(mail(**{name: value}).as_bytes()) is Doubt.AUTOMATIC


def test_a_person_who_says_so_is_no_machine() -> None:
    assert doubt(mail(Auto_Submitted="no", Precedence="first-class").as_bytes()) is None


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("#resolved\nAll done.", Doubt.UNKNOWN_STATUS),
        (f"> {MARK}\n> quoted alone\n", Doubt.EMPTY),
        ("ż" * 4_001, Doubt.TOO_LONG),
    ],
)
def test_words_that_cannot_be_passed_on_are_held_back_and_the_officer_is_known(
    body: str, why: Doubt
) -> None:
    assert judged(mail(body).as_bytes()) == Refusal(why, "jo@force.example")


def test_a_stranger_is_never_written_to() -> None:
    found = judged(mail(From="x@evil.example").as_bytes())
    assert found == Refusal(Doubt.SENDER)
    assert judged(mail(Authentication_Results=None).as_bytes()) == Refusal(Doubt.NOT_SIGNED)


def test_a_long_quote_does_not_make_a_reply_too_long() -> None:
    assert words(mail("Yes.\n" + "> quoted\n" * 5_000).as_bytes()) == "Yes."


def test_the_plain_words_of_a_reply_in_two_forms_are_taken() -> None:
    message = mail()
    message.add_alternative("<p>We will <b>patrol</b> there.</p>", subtype="html")
    assert words(message.as_bytes()) == "We will patrol there."


def test_a_reply_in_html_alone_is_held_back() -> None:
    message = mail()
    message.set_content("<p>We will patrol there.</p>", subtype="html")
    assert doubt(message.as_bytes()) is Doubt.NOT_PLAIN


def test_files_are_left_out_and_counted() -> None:
    message = mail()
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")
    message.add_attachment("in a file", filename="note.txt")
    forwarded = EmailMessage(policy=SMTP)
    forwarded.set_content("Another's words.")
    message.add_attachment(forwarded)
    found = judged(message.as_bytes())
    assert isinstance(found, Reply)
    assert (found.answer.words, found.left_out) == ("We will patrol there.", 3)


def test_a_crest_in_a_signature_is_no_file() -> None:
    message = mail()
    message.add_alternative("<p>Words <img src=cid:a></p>", subtype="html")
    html = message.get_payload(1)
    assert isinstance(html, EmailMessage)
    html.add_related(b"\x89PNG", maintype="image", subtype="png", cid="<a>", disposition="inline")
    found = judged(message.as_bytes())
    assert isinstance(found, Reply)
    assert found.left_out == 0


@pytest.mark.parametrize("charset", ["iso-8859-2", "utf-8", "windows-1250", "x-nobody-knows"])
def test_words_in_any_character_set_are_read_or_shown_as_they_came(charset: str) -> None:
    body = "Dziękuję".encode("utf-8" if charset.startswith("x-") else charset)
    head = (
        f"Authentication-Results: {SIGNED}\r\nFrom: jo@force.example\r\n"
        f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    found = words(head.encode() + body)
    assert found.startswith("Dzi")
    assert found == "Dziękuję" or charset.startswith("x-")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0\0\0",
        b"From: a\r\n",
        b"\xff\xfe" * 100,
        b"Content-Type: multipart/mixed\r\nFrom: jo@force.example\r\n\r\nno boundary",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n" * 1_000,
        b"Content-Type: text/plain; charset*=utf-8''%00\r\n\r\nx",
        b"Content-Transfer-Encoding: base64\r\n\r\n%%%%",
    ],
)
def test_a_broken_mail_is_held_back_without_a_fault(body: bytes) -> None:
    assert doubt(body) is not None
    assert doubt(f"Authentication-Results: {SIGNED}\r\n".encode() + body) is not None


def test_a_token_is_found_wherever_receivers_write_the_address() -> None:
    for name in ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"):
        letter = blind_reply.parse(raw(f"{name}: Beat <BEATLINE+{TOKEN.upper()}@Beat.Example>"))
        assert blind_reply.tokens(letter, US) == {TOKEN}


@pytest.mark.parametrize(
    "address",
    [
        f"beatline+{TOKEN}@beat.example.evil.example",
        f"beatline+{TOKEN[:-1]}@beat.example",
        f"beatline+{TOKEN}a@beat.example",
        f"other+{TOKEN}@beat.example",
        f"beatline-{TOKEN}@beat.example",
        US,
    ],
)
def test_another_address_holds_no_token(address: str) -> None:
    assert blind_reply.tokens(blind_reply.parse(raw(f"To: {address}")), US) == set()
    assert (
        blind_reply.tokens(blind_reply.parse(raw(f"Subject: beatline+{TOKEN}@beat.example")), US)
        == set()
    )


def report(action: str) -> bytes:
    return raw(
        'Return-Path: <>\nContent-Type: multipart/report; boundary="b"',
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mail.example\r\n\r\n"
        f"Final-Recipient: rfc822; team@force.example\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n"
        "--b--\r\n",
    )


def test_a_bounce_is_told_from_a_report_of_delay_and_from_anything_else() -> None:
    assert blind_reply.is_bounce(blind_reply.parse(report("failed"))) is True
    assert blind_reply.is_bounce(blind_reply.parse(report("delayed"))) is False
    assert blind_reply.is_bounce(blind_reply.parse(mail("action: failed").as_bytes())) is None
