"""An officer's answer, told apart from what a mail program puts around it.

Quotes go by the mark that stands at the top of our own e-mails, or by the lines that Outlook,
Gmail, Apple Mail and Thunderbird put above a quote. A signature goes from its usual beginnings.
Where nothing is recognised, words are kept: rather a signature too much than an answer cut short.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import ConcernState
from bot.services.letters import MARK, plain

# The mark without the hyphens, which mail programs turn into lines and dashes.
_MARK = MARK.strip("- ").casefold()
_MOST_ATTRIBUTION_LINES = 4

# "On Tue, 24 Nov 2026 at 10:15, Beatline <…> wrote:" and its like in the languages we ship.
_ATTRIBUTION_BEGINS = re.compile(
    r"(?:On|W dniu|Dnia|Dn\.|(?:pon|wt|śr|czw|pt|sob|niedz)\.,?|Wiadomość napisana przez)\s",
    re.IGNORECASE,
)
_ATTRIBUTION_ENDS = re.compile(
    r"(?:wrote|pisze|napisał(?:a|\(a\)|/a)?|o godz\. [\d:.]+)\s?:$", re.IGNORECASE
)
_FORWARDED = re.compile(
    r"-{2,}\s?(?:original message|forwarded message|wiadomość oryginalna|"
    r"oryginalna wiadomość|wiadomość przekazana dalej)\s?-{2,}$"
    r"|begin forwarded message:$|początek przekazywanej wiadomości:$",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"\W{0,3}(?P<name>From|Sent|Date|To|Cc|Subject|Importance|"
    r"Od|Wysłano|Wysłane|Data|Do|DW|UDW|Temat)\W{0,2}:",
    re.IGNORECASE,
)
_FIRST_FIELDS = {"from", "od"}
_RULE = re.compile(r"[_=*─—-]{10,}$")
_DEVICE = re.compile(
    r"(?:Sent from|Get Outlook for|Wysłan[eo] z|Pobierz (?:aplikację )?Outlook)\b.{0,80}$",
    re.IGNORECASE,
)
_FAREWELL = re.compile(
    r"(?:(?:kind|best|warm|many|with kind|with best)\s)?(?:regards|wishes|thanks)(?:\s(?:and|,)?\s?"
    r"(?:kind\s|best\s)?(?:regards|wishes))?[,.!]?$"
    r"|(?:kind|best|warm)\s(?:regards|wishes)[,\s]\s?\w+(?:\s\w+){0,2}$"
    r"|(?:thank you|thanks|cheers|yours (?:sincerely|faithfully)|kr)[,.!]?$"
    r"|(?:z (?:poważaniem|wyrazami szacunku)|pozdrawiam(?: serdecznie)?|pozdrowienia)[,.!]?$",
    re.IGNORECASE,
)

_STATUS = re.compile(r"#\s?(?P<word>[^\W\d_]+)\b[\s:.,-]*(?P<rest>.*)$")
_STATES = {
    "working": ConcernState.WORKING,
    "referred": ConcernState.REFERRED,
    "closed": ConcernState.CLOSED,
}


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What an officer wrote; ``state`` and ``reason`` are from a status word at its top.

    ``unknown`` is such a word that we do not know.
    """

    words: str
    state: ConcernState | None = None
    reason: str = ""
    unknown: str | None = None


def read(body: str, own_address: str) -> Answer:
    """The answer in the body of an e-mail, without quote, signature and their own address."""
    lines = [line.rstrip() for line in plain(body, lines=True).split("\n")]
    words = "\n".join(_unsigned(_unquoted(lines))).strip()
    words = re.sub(r"\n{3,}", "\n\n", words)
    words = re.sub(re.escape(own_address), "(address)", words, flags=re.IGNORECASE)
    first, _, rest = words.partition("\n")
    found = _STATUS.match(first)
    if found is None:
        return Answer(words)
    state = _STATES.get(found["word"].casefold())
    if state is None:
        return Answer(words, unknown=found["word"])
    return Answer(rest.strip(), state, found["rest"].strip())


def _unquoted(lines: Sequence[str]) -> list[str]:
    """Lines before and between quotes; after one that is not marked line by line, nothing."""
    kept: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place].strip()
        if line.startswith(">"):
            place += 1
            continue
        if _MARK in line.casefold():
            return kept
        if _begins_bare_quote(lines, place):
            return kept
        length = _attribution(lines, place)
        if length:
            place += length
            following = next((each.strip() for each in lines[place:] if each.strip()), "")
            if not following.startswith(">"):
                return kept
            continue
        kept.append(lines[place])
        place += 1
    return kept


def _begins_bare_quote(lines: Sequence[str], place: int) -> bool:
    line = lines[place].strip()
    if _FORWARDED.match(line):
        return True
    first, second = (_FIELD.match(each.strip()) for each in (*lines[place : place + 2], "")[:2])
    return bool(first and second and first["name"].casefold() in _FIRST_FIELDS)


def _attribution(lines: Sequence[str], place: int) -> int:
    """How many lines from here say who wrote what follows; 0 for none."""
    if not _ATTRIBUTION_BEGINS.match(lines[place].strip()):
        return 0
    for length in range(1, _MOST_ATTRIBUTION_LINES + 1):
        line = lines[place + length - 1].strip() if place + length <= len(lines) else ""
        if not line:
            return 0
        if _ATTRIBUTION_ENDS.search(line):
            said = " ".join(lines[place : place + length])
            return length if any(map(str.isdigit, said)) else 0
    return 0


def _unsigned(lines: Sequence[str]) -> list[str]:
    """Lines before a signature. One cannot begin an answer, so the first words always stay."""
    begun = False
    for place, line in enumerate(lines):
        bare = line.strip()
        if bare in {"--", "—"} or (begun and _ends_answer(bare)):
            return list(lines[:place])
        begun = begun or bool(bare)
    return list(lines)


def _ends_answer(line: str) -> bool:
    return bool(_RULE.match(line) or _DEVICE.match(line) or _FAREWELL.match(line))
