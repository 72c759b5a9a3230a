"""The safeguarding check: phrases that ask for help, and the help that is given at once.

Detection only ever adds. It runs on every text, in all languages together, because people in
distress write in whichever language comes first.
"""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from bot import safety
from bot.conversation import Reply
from bot.services.directory import Directory, Line
from bot.text import Text, _

_LOCALES = Path(__file__).parents[1] / "locales"
_STROKED = str.maketrans("łøđħŧ", "lodht")
# Apostrophes, which people leave out, and letters and selectors that cannot be seen.
_UNSEEN = {*"'’‘`´ʼ\u034f\u115f\u1160", *map(chr, range(0xFE00, 0xFE10))}
# Combining classes: the points of Hebrew and Arabic, and marks above and below any letter.
_ACCENTS = {*range(10, 36), *range(200, 241)}


class Kind(StrEnum):
    """What a text seems to speak of, gravest first."""

    EMERGENCY = "emergency"
    SELF_HARM = "self_harm"
    CHILD = "child"
    DOMESTIC_ABUSE = "domestic_abuse"
    WEAPON = "weapon"
    FRAUD = "fraud"


class Safeguarding:
    """Finds what a text seems to speak of, by local phrase rules."""

    def __init__(self, folder: Path = _LOCALES) -> None:
        phrases: dict[Kind, list[str]] = {kind: [] for kind in Kind}
        for path in sorted(folder.glob("*/safeguarding.toml")):
            with path.open("rb") as file:
                for kind, found in tomllib.load(file).items():
                    phrases[Kind(kind)] += found
        self._patterns = {kind: _pattern(found) for kind, found in phrases.items() if found}

    def check(self, words: str) -> list[Kind]:
        """The kinds found, gravest first; empty for ordinary words."""
        folded = fold(words)
        return [kind for kind, pattern in self._patterns.items() if pattern.search(folded)]


def fold(words: str) -> str:
    """Words as people vary them without changing them, made alike.

    Without case, accents, invisible marks and punctuation; digits become 0-9. The vowel signs of
    Indic scripts stay, because they tell words apart.
    """
    compatible = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", words).casefold())
    return " ".join("".join(map(_folded, compatible.translate(_STROKED))).split())


def _folded(letter: str) -> str:
    kind = unicodedata.category(letter)
    if letter in _UNSEEN or kind in {"Cf", "Me"} or unicodedata.combining(letter) in _ACCENTS:
        return ""
    digit = unicodedata.decimal(letter, None)
    if digit is not None:
        return str(digit)
    return letter if kind[0] in "LMN" else " "


def _pattern(phrases: Sequence[str]) -> re.Pattern[str]:
    return re.compile(r"(?<!\S)(?:" + "|".join(sorted(map(_rule, phrases))) + r")(?!\S)")


def _rule(phrase: str) -> str:
    parts = []
    for part in phrase.split():
        if part == "…":
            parts.append(r"(?:\S+ ){0,3}")
        else:
            parts.append(re.escape(fold(part)) + (r"\S*" if part.endswith("*") else "") + " ")
    return "".join(parts).removesuffix(" ")


def help_for(kinds: Sequence[Kind], directory: Directory) -> Reply:
    """The right help for what was found, to be given before anything else is said."""
    lines: list[Text] = [safety.EMERGENCY]
    for kind in kinds:
        for text in _help(kind, directory):
            if text not in lines:
                lines.append(text)
    return Reply(lines)


def _help(kind: Kind, directory: Directory) -> list[Text]:
    match kind:
        case Kind.EMERGENCY | Kind.WEAPON:
            return [safety.SILENT]
        case Kind.SELF_HARM:
            samaritans, shout = directory.line("samaritans"), directory.line("shout")
            # Translators: {samaritans} and {shout} are names of helplines; {number} is a number
            # to call, "116 123", and {code} a number to text, "85258".
            talk = _(
                "You can talk to someone now, day or night. Call {samaritans} free on {number}, "
                "or text {shout} on {code}.",
                samaritans=samaritans.name,
                number=samaritans.number,
                shout=shout.name,
                code=shout.number,
            )
            return [talk]
        case Kind.CHILD:
            childline, nspcc = _call(directory.line("childline")), _call(directory.line("nspcc"))
            return [
                # Translators: {line} is a helpline, {number} its number: "Childline", "0800 1111".
                _("If you are a child or a young person, {line} listens on {number}.", **childline),
                # Translators: {line} is a helpline, {number} its number: "NSPCC".
                _("If you are worried about a child, call {line} on {number}.", **nspcc),
            ]
        case Kind.DOMESTIC_ABUSE:
            anyone = _call(directory.line("domestic_abuse"))
            men = _call(directory.line("mens_advice"))
            return [
                safety.SILENT,
                # Translators: {line} is a helpline, {number} its number. Someone may be watching.
                _("You can talk to {line} free on {number}.", **anyone),
                # Translators: {line} is a helpline, {number} its number: "Men's Advice Line".
                _("Men can also call {line} on {number}.", **men),
            ]
        case Kind.FRAUD:
            # Translators: {line} is a service, {number} its number: "Report Fraud".
            fraud = _(
                "If you lost money or details to fraud, call your bank first. Then call {line} on "
                "{number}.",
                **_call(directory.line("report_fraud")),
            )
            return [fraud]


def _call(line: Line) -> dict[str, str]:
    return {"line": line.name, "number": line.number}
