"""The e-mails that a team gets: what they say, and the form they go out in.

``contents`` makes what is sealed with a concern, ``wrap`` puts the headers around it when it is
sent. Words here are for officers, in British English. Threat model, section 5.
"""

import secrets as chance
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from babel import Locale, UnknownLocaleError

from bot.errors import OperatorError
from bot.model import Concern, Media, Point, Theme

MOST_ATTACHED_BYTES = 15_000_000
NO_AREA = "area not given"
MARK = "----- Write your answer above this line -----"
SAMPLE = "SAMPLE - from a demonstration. No resident wrote this."
_INDENT = "    "
_CONTROLS = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/3gpp": ".3gp",
}


@dataclass(frozen=True, slots=True)
class Case:
    """What a team knows a concern by.

    ``area`` is the area's name, or words for none. ``answer_by`` is the last day of the clock.
    ``sample`` marks every mail of a demonstration as one. ``crowded`` says that very many concerns
    came on that day.
    """

    reference: str
    area: str
    urgent: bool
    day: date
    answer_by: date
    sample: bool = False
    crowded: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class InEnglish:
    """A computer's translation of what a resident wrote; what could not be translated is empty."""

    text: str = ""
    where: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom, to whom, and where an answer goes; ``message_id`` is the same on every try."""

    sender: str
    recipient: str
    reply_to: str | None
    message_id: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class OurAddress:
    """The address we send from; behind a "+" in it stands where answers and bounces belong."""

    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    def with_token(self, token: str) -> str:
        local, _, domain = self.address.rpartition("@")
        return f"{local}+{token}@{domain}"


@dataclass(frozen=True, slots=True, repr=False)
class _File:
    name: str
    media_type: str
    data: bytes


def contents(
    concern: Concern,
    case: Case,
    *,
    manifest: bytes | None = None,
    addition: bool = False,
    english: InEnglish | None = None,
) -> list[bytes]:
    """The MIME parts that tell a concern, each to be sealed and sent as one e-mail.

    ``english`` stands beside what the resident wrote, never in its place.

    There are several when the files are more than 15 MB together; a file larger than that goes
    alone. ``manifest`` vouches for originals. ``addition`` says that a resident added to a concern
    sent before.
    """
    loads = _loads([*_files(concern.media), *_manifest(manifest)])
    english = english or InEnglish()
    letters = [_told(concern, case, loads[0], len(loads), english, addition=addition)]
    for number, files in enumerate(loads[1:], 2):
        words = [
            f"This is e-mail {number} of {len(loads)} for {case.reference}.",
            "It holds more files of a concern that another e-mail tells.",
            _listed(files),
        ]
        letters.append(_part(words, files, case))
    return letters


def wrap(inner: bytes, case: Case, envelope: Envelope, *, encrypted: bool = False) -> bytes:
    """A whole e-mail around a part of ``contents``, or around its OpenPGP form (RFC 3156).

    Raises OperatorError when a name or an address holds what could forge a header.
    """
    body = _pgp_mime(inner) if encrypted else inner
    return _headers(_subject(case), envelope) + body


def notice(subject: str, paragraphs: Iterable[str], envelope: Envelope, *, sample: bool) -> bytes:
    """A whole e-mail that tells a team something and holds nothing of a resident's.

    Raises OperatorError as ``wrap``.
    """
    marked = f"[SAMPLE] {subject}" if sample else subject
    words = [SAMPLE, *paragraphs] if sample else list(paragraphs)
    return _headers(marked, envelope) + _text(words).as_bytes()


def plain(words: str, *, lines: bool = False) -> str:
    """Words of a resident's or officer's without what hides or turns text; ``lines`` keeps lines.

    The joiners that Persian and Indian scripts need stay.
    """
    kept = {"\u200c", "\u200d", *("\n\t" if lines else "")}
    text = unicodedata.normalize("NFC", words.replace("\r\n", "\n").replace("\r", "\n"))
    if not lines:
        text = " ".join(text.split())
    return "".join(
        letter for letter in text if letter in kept or unicodedata.category(letter) not in _CONTROLS
    )


def spoken(day: date) -> str:
    """A day as people write it: 23 November 2026."""
    return f"{day.day} {day:%B %Y}"


def header(value: object) -> str:
    """A value fit to stand in a header. Raises OperatorError for any control character.

    The value becomes plain text first: a header object taken from a parsed e-mail could carry
    line breaks into a new one on older Python 3.11.
    """
    text = str(value)
    if any(unicodedata.category(letter) in _CONTROLS for letter in text):
        raise OperatorError("a name or an address of a team holds a control character")
    return text


def _told(
    concern: Concern,
    case: Case,
    files: Sequence[_File],
    mails: int,
    english: InEnglish,
    *,
    addition: bool,
) -> bytes:
    what = "has added to a concern" if addition else "has sent a concern"
    words = [
        f"A resident {what} through Beatline. They gave no name, and we do not know who they are.",
    ]
    if case.urgent:
        words.append("URGENT: this may be about danger to someone. Please read it now.")
    if case.crowded:
        words.append("Very many concerns came today. This one waited its turn. It may be a flood.")
    words += [_facts(concern, case), "What they wrote:\n\n" + _quoted(concern.text)]
    words += _translated(english, _language(concern.language))
    if files:
        words.append(_listed(files))
    words += [note for note in _notes(concern.media) if note]
    if mails > 1:
        words.append(
            f"This is e-mail 1 of {mails}. The other files follow in more e-mails with the "
            "same reference."
        )
    return _part([*words, _how_to_answer(concern, case)], files, case)


def _part(words: Sequence[str], files: Iterable[_File], case: Case) -> bytes:
    first = [MARK, *([SAMPLE] if case.sample else [])]
    message = _text([*first, *words])
    for file in files:
        kind, _, sort = file.media_type.partition("/")
        message.add_attachment(
            file.data, maintype=kind, subtype=sort, filename=header(plain(file.name))
        )
    return message.as_bytes()


def _text(paragraphs: Iterable[str]) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message.set_content("\n\n".join(paragraphs) + "\n", cte="quoted-printable")
    return message


def _facts(concern: Concern, case: Case) -> str:
    still = {True: "yes", False: "no", None: "not said"}[concern.still_happening]
    rows = {
        "Reference": case.reference,
        "About": _subject_of(concern.theme),
        "Area": plain(case.area),
        "Sent on": spoken(case.day),
        "Where": plain(concern.where),
        "Point": _spot(concern.point),
        "When": plain(concern.when),
        "Still happening": still,
        "Language chosen": _language(concern.language),
    }
    return "\n".join(f"{name}: {value}" for name, value in rows.items() if value)


def _translated(english: InEnglish, language: str) -> list[str]:
    rows = {"Where": plain(english.where), "When": plain(english.when)}
    lines = [f"{name}: {value}" for name, value in rows.items() if value]
    parts = ["\n".join(lines), _quoted(english.text) if english.text else ""]
    found = [part for part in parts if part]
    if not found:
        return []
    return [f"Translated from {language} by a computer. It may be wrong:", *found]


def _how_to_answer(concern: Concern, case: Case) -> str:
    wanted = (
        "They would like an answer. Please answer by the end of " + spoken(case.answer_by) + "."
        if concern.answer_wanted
        else "They did not ask for an answer. You may still say where it stands."
    )
    return f"""How to answer
{wanted}
Reply to this e-mail from your own work address. Write above the line at the top.
Your words are shown to the resident. Your name, address and signature are left out, as far as
we can tell them from your words.
To say where it stands, begin with one of these, on a line of its own:
{_INDENT}#working
{_INDENT}#referred to whom
{_INDENT}#closed why
Words only, at most 8 KB: pictures and files are not passed on.
Please do not ask who they are. They need not say."""


def _files(media: Iterable[Media]) -> Iterable[_File]:
    for each in media:
        yield _File(each.name, each.media_type, each.data)
        if each.original is not None:
            stem = each.name.rpartition(".")[0] or each.name
            ending = _ENDINGS.get(each.original.media_type, ".bin")
            yield _File(f"{stem}-original{ending}", each.original.media_type, each.original.data)


def _manifest(manifest: bytes | None) -> list[_File]:
    return [] if manifest is None else [_File("manifest.json", "application/json", manifest)]


def _loads(files: Iterable[_File]) -> list[list[_File]]:
    """Files in their order, each load as full as 15 MB allow; always one load at least."""
    loads: list[list[_File]] = [[]]
    room = MOST_ATTACHED_BYTES
    for file in files:
        if loads[-1] and len(file.data) > room:
            loads.append([])
            room = MOST_ATTACHED_BYTES
        loads[-1].append(file)
        room -= len(file.data)
    return loads


def _listed(files: Iterable[_File]) -> str:
    return "Files with this e-mail: " + ", ".join(plain(file.name) for file in files)


def _notes(media: Iterable[Media]) -> Iterable[str]:
    for each in media:
        if each.note:
            yield f"{plain(each.name)}: {plain(each.note)}"
        if each.original is not None:
            yield (
                f"The original of {plain(each.name)} is here because the resident chose to send "
                f"it. It may hold a place, a time and a device. SHA-256: {each.original.sha256}"
            )


def _quoted(words: str) -> str:
    """A resident's words set in, so that none of them passes for a line of ours."""
    return "\n".join(_INDENT + line for line in plain(words, lines=True).split("\n"))


def _subject_of(theme: Theme) -> str:
    return theme.value.replace("_", " ").capitalize()


def _language(code: str) -> str:
    try:
        return str(Locale.parse(code).english_name)
    except (UnknownLocaleError, ValueError):
        return plain(code)


def _spot(point: Point | None) -> str:
    return "" if point is None else f"{point.latitude:.5f}, {point.longitude:.5f}"


def _subject(case: Case) -> str:
    """Only what may stand in a subject line; whoever carries the mail can read it."""
    marks = [mark for mark, on in (("[SAMPLE]", case.sample), ("[URGENT]", case.urgent)) if on]
    return " ".join([*marks, header(case.reference), header(case.area)])


def _headers(subject: str, envelope: Envelope) -> bytes:
    head = EmailMessage(policy=SMTP)
    head["From"] = header(envelope.sender)
    head["To"] = header(envelope.recipient)
    if envelope.reply_to is not None:
        head["Reply-To"] = header(envelope.reply_to)
    head["Subject"] = header(subject)
    head["Date"] = format_datetime(_to_the_hour(envelope.moment))
    head["Message-ID"] = header(envelope.message_id)
    head["Auto-Submitted"] = "auto-generated"
    return head.as_bytes().rstrip(b"\r\n") + b"\r\n"


def _to_the_hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _pgp_mime(armoured: bytes) -> bytes:
    boundary = chance.token_hex(16)
    lines = [
        "MIME-Version: 1.0",
        'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";',
        f' boundary="{boundary}"',
        "",
        f"--{boundary}",
        "Content-Type: application/pgp-encrypted",
        "",
        "Version: 1",
        "",
        f"--{boundary}",
        'Content-Type: application/octet-stream; name="encrypted.asc"',
        'Content-Disposition: inline; filename="encrypted.asc"',
        "",
        *armoured.decode("ascii").splitlines(),
        "",
        f"--{boundary}--",
        "",
    ]
    return "\r\n".join(lines).encode("ascii")
