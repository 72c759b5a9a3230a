"""What a team gets by e-mail: readable, complete, and nothing in its headers that tells more."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from bot.errors import OperatorError
from bot.model import Concern, Media, Original, Point, Theme
from bot.services import letters
from bot.services.letters import Case, Envelope, InEnglish

CASE = Case(
    reference="C-ABC234",
    area="Riverside (Reading)",
    urgent=False,
    day=date(2026, 11, 23),
    answer_by=date(2026, 11, 26),
)
ENVELOPE = Envelope(
    sender="beatline@beat.example",
    recipient="team@force.example",
    reply_to="beatline+abc@beat.example",
    message_id="<0123456789abcdef@beat.example>",
    moment=datetime(2026, 11, 23, 12, 34, 56, tzinfo=UTC),
)
CONCERN = Concern(
    text="Zażółć gęślą jaźń.\nMotorbikes at night.",
    language="pl",
    where="behind the shops",
    point=Point(51.45512, -0.97871),
    when="most evenings",
    still_happening=True,
    theme=Theme.NOISE,
)
PHOTO = Media("photo-1.jpg", "image/jpeg", b"\xff\xd8 made up", "Place and time were taken out.")


def read(mail: bytes) -> EmailMessage:
    return message_from_bytes(mail, policy=SMTP)


def words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def files(mail: EmailMessage) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_content() for part in mail.iter_attachments()}


def sent(concern: Concern = CONCERN, case: Case = CASE) -> EmailMessage:
    (part,) = letters.contents(concern, case)
    return read(letters.wrap(part, case, ENVELOPE))


def test_an_officer_reads_everything_that_was_said() -> None:
    text = words(sent())
    for part in (
        "Reference: C-ABC234",
        "About: Noise",
        "Area: Riverside (Reading)",
        "Sent on: 23 November 2026",
        "Where: behind the shops",
        "Point: 51.45512, -0.97871",
        "When: most evenings",
        "Still happening: yes",
        "Language chosen: Polish",
        "    Zażółć gęślą jaźń.\n    Motorbikes at night.",
        "Please answer by the end of 26 November 2026.",
        "#working",
        "#referred",
        "#closed",
        "They gave no name",
    ):
        assert part in text
    assert text.startswith(letters.MARK)


def test_what_was_not_said_takes_no_line() -> None:
    text = words(sent(Concern(text="Noise.", language="", answer_wanted=False)))
    assert "Where:" not in text
    assert "Language" not in text
    assert "Point:" not in text
    assert "Still happening: not said" in text
    assert "They did not ask for an answer." in text


def test_headers_say_no_more_than_reference_area_and_the_hour() -> None:
    mail = sent()
    assert {name.lower() for name in mail} == {
        "from",
        "to",
        "reply-to",
        "subject",
        "date",
        "message-id",
        "auto-submitted",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
    }
    assert mail["Subject"] == "C-ABC234 Riverside (Reading)"
    assert mail["Date"] == "Mon, 23 Nov 2026 12:00:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == ENVELOPE.message_id


def test_an_urgent_concern_says_so_first() -> None:
    case = replace(CASE, urgent=True)
    mail = sent(CONCERN, case)
    assert mail["Subject"] == "[URGENT] C-ABC234 Riverside (Reading)"
    assert "URGENT: this may be about danger" in words(mail)


def test_every_mail_of_a_demonstration_is_marked() -> None:
    case = replace(CASE, sample=True)
    mail = sent(CONCERN, case)
    assert mail["Subject"].startswith("[SAMPLE] ")
    assert letters.SAMPLE in words(mail)
    reminder = read(letters.notice("Waiting", ["Please look."], ENVELOPE, sample=True))
    assert reminder["Subject"] == "[SAMPLE] Waiting"
    assert letters.SAMPLE in words(reminder)


def test_an_area_in_any_script_stands_in_the_subject() -> None:
    mail = sent(case=replace(CASE, area="Łąki (Żółw)"))
    assert mail["Subject"] == "C-ABC234 Łąki (Żółw)"


@pytest.mark.parametrize(
    "area",
    ["A\r\nBcc: x@evil.example", "A\nX: y", "A\rB", "A\0B", "A\x85B", "A\u2028B", "A\u202eB"],
)
def test_a_name_that_could_forge_a_header_is_refused(area: str) -> None:
    (part,) = letters.contents(CONCERN, CASE)
    with pytest.raises(OperatorError, match="control character"):
        letters.wrap(part, replace(CASE, area=area), ENVELOPE)


@pytest.mark.parametrize("field", ["sender", "recipient", "reply_to", "message_id"])
def test_an_address_that_could_forge_a_header_is_refused(field: str) -> None:
    (part,) = letters.contents(CONCERN, CASE)
    change: dict[str, Any] = {field: "a@force.example\r\nBcc: b@evil.example"}
    forged = replace(ENVELOPE, **change)
    with pytest.raises(OperatorError, match="control character"):
        letters.wrap(part, CASE, forged)


def test_a_parsed_header_becomes_plain_text_first() -> None:
    class Parsed(str):  # what a parser gives: a string that knows more
        __slots__ = ()

        def __str__(self) -> str:
            return "a@force.example\nBcc: b@evil.example"

    with pytest.raises(OperatorError):
        letters.header(Parsed("a@force.example"))
    assert letters.header(Address("Team", addr_spec="a@force.example")) == "Team <a@force.example>"


def test_a_resident_cannot_write_lines_that_pass_for_ours() -> None:
    forged = f"Hello\r\n\r\nHow to answer\r\n{letters.MARK}\n\u202egnp.exe\x00\x1b[2J"
    text = words(sent(replace(CONCERN, text=forged, where="a\nReference: C-FORGED")))
    assert text.count(f"\n{letters.MARK}") == 0
    assert "    How to answer" in text
    assert "\nReference: C-FORGED" not in text
    assert not re.search(r"[\u202e\x00\x1b]", text)


def test_the_same_concern_goes_out_under_the_same_message_id() -> None:
    (part,) = letters.contents(CONCERN, CASE)
    first, second = (read(letters.wrap(part, CASE, ENVELOPE)) for _ in range(2))
    assert first["Message-ID"] == second["Message-ID"]


def test_files_go_with_it_and_an_original_by_its_hash() -> None:
    original = Original("ab" * 32, "image/heic", b"original bytes")
    (part,) = letters.contents(
        replace(CONCERN, media=(replace(PHOTO, original=original),)), CASE, manifest=b"{}"
    )
    mail = read(letters.wrap(part, CASE, ENVELOPE))
    assert files(mail) == {
        "photo-1.jpg": PHOTO.data,
        "photo-1-original.heic": b"original bytes",
        "manifest.json": b"{}",
    }
    assert "ab" * 32 in words(mail)
    assert "Place and time were taken out." in words(mail)


def test_more_than_15_mb_follow_in_further_mails_of_the_same_reference() -> None:
    media = tuple(
        replace(PHOTO, name=f"photo-{n}.jpg", data=bytes([n]) * 7_000_000) for n in (1, 2, 3)
    )
    parts = letters.contents(replace(CONCERN, media=media), CASE)
    mails = [read(letters.wrap(part, CASE, ENVELOPE)) for part in parts]
    assert [list(files(mail)) for mail in mails] == [
        ["photo-1.jpg", "photo-2.jpg"],
        ["photo-3.jpg"],
    ]
    assert all(sum(map(len, files(mail).values())) <= 15_000_000 for mail in mails)
    assert "This is e-mail 1 of 2." in words(mails[0])
    assert "This is e-mail 2 of 2 for C-ABC234." in words(mails[1])
    assert "Motorbikes" not in words(mails[1])
    assert {mail["Subject"] for mail in mails} == {"C-ABC234 Riverside (Reading)"}


def test_every_line_of_a_mail_is_short_ascii() -> None:
    (part,) = letters.contents(replace(CONCERN, text="ż" * 5000, media=(PHOTO,)), CASE)
    mail = letters.wrap(part, CASE, ENVELOPE)
    assert mail.isascii()
    assert max(map(len, mail.split(b"\r\n"))) <= 998
    assert b"\n" not in mail.replace(b"\r\n", b"")


def test_an_addition_says_that_it_is_one() -> None:
    (part,) = letters.contents(CONCERN, CASE, addition=True)
    assert "has added to a concern" in words(read(letters.wrap(part, CASE, ENVELOPE)))


def test_a_computers_english_stands_beside_what_was_written_and_says_what_it_is() -> None:
    polish = replace(CONCERN, text="Hałas w nocy.", where="przy szkole", language="pl")
    english = InEnglish(text="Noise at night.\nFrom: a neighbour", where="by the school")

    (inner,) = letters.contents(polish, CASE, english=english)
    (alone,) = letters.contents(polish, CASE)

    said = words(read(inner))
    assert "    Hałas w nocy." in said
    assert "Where: przy szkole" in said
    assert (
        "Translated from Polish by a computer. It may be wrong:\n\nWhere: by the school\n\n"
        "    Noise at night.\n    From: a neighbour"
    ) in said
    assert "by a computer" not in words(read(alone))
