"""Replies of officers and bounces: what an e-mail that came in is, and whether it may be believed.

Nothing here opens a mailbox or a database: ``judge`` looks at one e-mail by the rules of the
threat model, section 5, and ``bot.services.reply_desk`` acts on what it says.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from enum import StrEnum

import authres

from bot.model import Team
from bot.services import reply_words
from bot.services.concerns import LONGEST_REPLY
from bot.services.reply_words import Answer

_TOKEN = r"(?P<token>[a-z2-7]{26})"  # noqa: S105  # a pattern
_ADDRESSED = frozenset(
    "to cc delivered-to envelope-to x-envelope-to x-original-to x-delivered-to".split()  # noqa: SIM905  # names read best as words
)
# One address alone, with or without a name: no comments, no groups, no routes (RFC 5322, 3.4).
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}"
_DOMAIN = r"(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{1,63}"
_NAME = r"(?:\"(?:[^\"\\]|\\.)*\"|[^\"<>@,;:\\()\[\]]*)"
_ONE_ADDRESS = re.compile(
    rf"\s*(?:{_NAME}\s*<(?P<inside>{_LOCAL}@{_DOMAIN})>|(?P<bare>{_LOCAL}@{_DOMAIN}))\s*"
)
_BULK = {"bulk", "junk", "list", "auto_reply"}
_FAILED = re.compile(rb"^action:\s*failed\b", re.IGNORECASE | re.MULTILINE)
_REPORTED = re.compile(rb"^action:", re.IGNORECASE | re.MULTILINE)
_SIGNATURES = {"application/pgp-signature", "application/pkcs7-signature"}


class Doubt(StrEnum):
    """Why an e-mail is kept apart for a person to look at. Stored by these words."""

    NO_TOKEN = "no-token"  # noqa: S105  # a reason
    SEVERAL_TOKENS = "several-tokens"
    UNKNOWN_TOKEN = "unknown-token"  # noqa: S105  # a reason
    MALFORMED = "malformed"
    SENDER = "sender"
    NOT_SIGNED = "not-signed"
    AUTOMATIC = "automatic"
    NO_TEAM = "no-team"
    NOT_PLAIN = "not-plain"
    TOO_LONG = "too-long"
    EMPTY = "empty"
    UNKNOWN_STATUS = "unknown-status"
    NOT_A_BOUNCE = "not-a-bounce"


EXPLAINED = {
    Doubt.NO_TOKEN: "it was not sent to the address of a concern",
    Doubt.SEVERAL_TOKENS: "it was sent to the addresses of several concerns",
    Doubt.UNKNOWN_TOKEN: "its concern is closed for good, or never was",
    Doubt.MALFORMED: "its form is broken",
    Doubt.SENDER: "it is not from an address that may answer for the team",
    Doubt.NOT_SIGNED: "our own mail server did not find a valid DKIM signature of the sender's",
    Doubt.AUTOMATIC: "it is an automatic answer",
    Doubt.NO_TEAM: "no team serves its area now",
    Doubt.NOT_PLAIN: "it has no plain words in it",
    Doubt.TOO_LONG: "it is longer than 8 KB",
    Doubt.EMPTY: "it holds no words of its own",
    Doubt.UNKNOWN_STATUS: "it begins with a status word that is not known",
    Doubt.NOT_A_BOUNCE: "it came to an address for bounces and is none",
}
"""What each doubt says, as the end of a sentence that begins "It was not passed on: "."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail that came in, its header fields as they stood, and where they say it was sent."""

    message: Message
    fields: tuple[tuple[str, str], ...]

    def all(self, name: str) -> list[str]:
        """The values of every field of that name, unfolded, the topmost first."""
        return [value for found, value in self.fields if found == name]

    @property
    def is_malformed(self) -> bool:
        return bool(self.message.defects)


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """An answer that may be believed; ``left_out`` counts the files that came with it."""

    answer: Answer
    sender: str
    left_out: int


@dataclass(frozen=True, slots=True, repr=False)
class Refusal:
    """Why an e-mail is not passed on. ``sender`` is an officer who may be told so, if known."""

    doubt: Doubt
    sender: str | None = None


def parse(raw: bytes) -> Letter:
    """An e-mail as it came; header values are taken as they stand, for a judge to read."""
    message = message_from_bytes(raw, policy=compat32)
    fields = ((name.lower(), _unfolded(value)) for name, value in message.raw_items())
    return Letter(message, tuple(fields))


def tokens(letter: Letter, our_address: str) -> set[str]:
    """The tokens in addresses of ours that an e-mail was sent to."""
    local, _, domain = our_address.rpartition("@")
    ours = re.compile(rf"{re.escape(local)}\+{_TOKEN}@{re.escape(domain)}(?![\w.-])", re.IGNORECASE)
    values = (value for name, value in letter.fields if name in _ADDRESSED)
    return {found["token"].lower() for value in values for found in ours.finditer(value)}


def is_bounce(letter: Letter) -> bool | None:
    """Whether a delivery report tells of failure (RFC 3464); None where it is no such report."""
    if letter.message.get_content_type() != "multipart/report":
        return None
    for part in letter.message.walk():
        if part.get_content_type() == "message/delivery-status":
            status = part.as_bytes()
            return bool(_FAILED.search(status)) if _REPORTED.search(status) else None
    return None


def judge(letter: Letter, team: Team | None, authserv_id: str | None) -> Reply | Refusal:
    """An officer's reply, or the first reason not to believe it or pass it on."""
    if letter.is_malformed:
        return Refusal(Doubt.MALFORMED)
    if is_automatic(letter):
        return Refusal(Doubt.AUTOMATIC)
    if team is None:
        return Refusal(Doubt.NO_TEAM)
    sender = sole_sender(letter)
    if sender is None or _domain(sender) not in {each.lower() for each in team.reply_domains}:
        return Refusal(Doubt.SENDER)
    if not is_signed(letter, _domain(sender), authserv_id):
        return Refusal(Doubt.NOT_SIGNED)
    found = _words(letter, sender)
    return found if isinstance(found, Reply) else Refusal(found, sender)


def sole_sender(letter: Letter) -> str | None:
    """The one address of the one From field; None for anything else."""
    found = letter.all("from")
    match = _ONE_ADDRESS.fullmatch(found[0]) if len(found) == 1 else None
    return (match["inside"] or match["bare"]) if match else None


def is_signed(letter: Letter, domain: str, authserv_id: str | None) -> bool:
    """Whether our own receiver found a DKIM signature of exactly that domain valid.

    Only the topmost Authentication-Results field counts that bears our receiver's name: it adds
    its own above all that came from outside (RFC 8601, section 5). So below a field that cannot
    be read, which may be our receiver's, none counts; and without a name none at all.
    """
    for value in letter.all("authentication-results") if authserv_id else ():
        try:
            found = authres.AuthenticationResultsHeader.parse_value(value)
        except authres.AuthResError:
            return False
        if str(found.authserv_id).lower() == str(authserv_id).lower():
            return any(_is_pass(result, domain) for result in found.results)
    return False


def is_automatic(letter: Letter) -> bool:
    """Whether a machine wrote it: an out-of-office note, a list, a bounce."""
    submitted = letter.all("auto-submitted")
    return (
        any(value.partition(";")[0].strip().lower() != "no" for value in submitted)
        or any(value.strip().lower() in _BULK for value in letter.all("precedence"))
        or bool(letter.all("list-id"))
        or any(value.strip() == "<>" for value in letter.all("return-path"))
    )


def _words(letter: Letter, sender: str) -> Reply | Doubt:
    parts = list(_leaves(letter.message))
    plain = [part for part in parts if _is_words(part)]
    if not plain:
        return Doubt.NOT_PLAIN
    answer = reply_words.read("\n".join(map(_decoded, plain)), sender)
    if answer.unknown is not None:
        return Doubt.UNKNOWN_STATUS
    if not answer.words and answer.state is None:
        return Doubt.EMPTY
    if len((answer.words + answer.reason).encode()) > LONGEST_REPLY:
        return Doubt.TOO_LONG
    return Reply(answer, sender, sum(map(_is_file, parts)))


def _leaves(message: Message) -> Iterator[Message]:
    """The parts of a message, but not those of another message that it carries."""
    if message.is_multipart() and message.get_content_maintype() == "multipart":
        for part in _parts(message):
            yield from _leaves(part)
    else:
        yield message


def _parts(message: Message) -> Iterable[Message]:
    payload = message.get_payload()
    return (part for part in payload if isinstance(part, Message)) if payload else ()


def _is_words(part: Message) -> bool:
    return (
        part.get_content_type() == "text/plain" and part.get_content_disposition() != "attachment"
    )


def _is_file(part: Message) -> bool:
    """Whether a part is something that an officer attached, not another form of their words.

    Pictures shown inside the words are mostly a force's crest in a signature.
    """
    if part.get_content_disposition() == "attachment":
        return part.get_content_type() not in _SIGNATURES
    return part.get_content_maintype() not in {"text", "image"} and (
        part.get_content_type() not in _SIGNATURES
    )


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        return data.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:  # a character set that nobody knows
        return data.decode("latin-1")


def _is_pass(result: authres.AuthenticationResult, domain: str) -> bool:
    if result.method != "dkim" or result.result != "pass":
        return False
    told = {
        prop.name: str(prop.value).lower() for prop in result.properties if prop.type == "header"
    }
    # Some receivers tell only the identity, whose domain then stands for the signer's.
    return told.get("d", told.get("i", "").rpartition("@")[2]) == domain


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _unfolded(value: str) -> str:
    return re.sub(r"\r?\n(?=[ \t])", "", str(value))
