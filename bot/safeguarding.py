"""The safeguarding check: phrases that ask for help, and the help that is given at once.

Detection only ever adds. It runs on every text, in all languages together, because people in
distress write in whichever language comes first.
"""

import re
import tomllib
import unicodedata
from collections import deque
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path

from bot import safety
from bot.conversation import Reply
from bot.services.directory import Directory, Line
from bot.text import Text, _

_LOCALES = Path(__file__).parents[1] / "locales"
_STROKED = str.maketrans("łøđħŧ", "lodht")
# Letters that stand for each other, by the keyboard, in Arabic and Urdu.
_KEYBOARDS = str.maketrans("كيىہة", "کییهه")
# Apostrophes, which people leave out, and letters and selectors that cannot be seen.
_UNSEEN = {*"'’‘`´ʼ\u034f\u115f\u1160", *map(chr, range(0xFE00, 0xFE10))}
# Combining classes: the points of Hebrew and Arabic, and marks above and below any letter.
_ACCENTS = {*range(10, 36), *range(200, 241)}


_SENTENCE_END = re.compile(r"[.!?;…।۔؟؛\n]+")
_STRETCHED = re.compile(r"(\w)\1{2,}")
_SIGN = re.compile(r"!?\[|[](|)$^#…]|<\w+>|[^][()<>!|$^#…\s]+")
_CLOSING = {"]", ")"}


class Kind(StrEnum):
    """What a text seems to speak of, gravest first."""

    EMERGENCY = "emergency"
    SELF_HARM = "self_harm"
    CHILD = "child"
    DOMESTIC_ABUSE = "domestic_abuse"
    WEAPON = "weapon"
    FRAUD = "fraud"


class Safeguarding:
    """Finds what a text seems to speak of, by the phrase rules of a folder of locales."""

    def __init__(self, folder: Path = _LOCALES) -> None:
        self._folder = folder

    def load(self) -> None:
        """Read all rules, which takes a few seconds; else the first check does.

        Raises ValueError where a phrase cannot be read, KeyError for a group that does not exist.
        """
        _patterns(self._folder)

    def check(self, words: str) -> list[Kind]:
        """The kinds found, gravest first; empty for ordinary words."""
        texts = _texts(words)
        return [
            kind
            for kind, pattern in _patterns(self._folder).items()
            if any(pattern.search(text) for text in texts)
        ]


def phrase_faults(path: Path) -> list[str]:
    """What keeps the phrases of one language from being read; nothing where it has none."""
    if not path.exists():
        return []
    try:
        _read(path)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return [f"it is not TOML in UTF-8: {error}"]
    except KeyError as error:
        return [f"there is no group {error} in [groups]"]
    except ValueError as error:
        return [str(error)]
    return []


@cache
def _patterns(folder: Path) -> dict[Kind, re.Pattern[str]]:
    """The rules of all languages, read once: they make large patterns."""
    rules: dict[Kind, list[str]] = {kind: [] for kind in Kind}
    for path in sorted(folder.glob("*/safeguarding.toml")):
        for kind, found in _read(path).items():
            rules[kind] += found
    return {
        kind: re.compile(r"(?<!\S)(?:" + "|".join(found) + ")")
        for kind, found in rules.items()
        if found
    }


def _read(path: Path) -> dict[Kind, list[str]]:
    """The rules of one language. Raises ValueError or KeyError, as ``_rule``."""
    with path.open("rb") as file:
        found = tomllib.load(file)
    groups = found.pop("groups", {})
    return {
        Kind(kind): [_rule(phrase, groups) for phrase in phrases] for kind, phrases in found.items()
    }


def _texts(words: str) -> set[str]:
    """The whole text and its sentences, to look in; stretched letters ("heeelp") also unstretched.

    Each word is followed by a space.
    """
    folded = {fold(part) for part in (words, *_SENTENCE_END.split(words))}
    folded |= {_STRETCHED.sub(letters, text) for text in folded for letters in (r"\1", r"\1\1")}
    return {f"{text} " for text in folded if text}


def fold(words: str) -> str:
    """Words as people vary them without changing them, made alike.

    Without case, accents, invisible marks and punctuation; digits become 0-9. The vowel signs of
    Indic scripts stay, because they tell words apart.
    """
    compatible = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", words).casefold())
    return " ".join("".join(map(_folded, compatible.translate(_STROKED | _KEYBOARDS))).split())


def _folded(letter: str) -> str:
    kind = unicodedata.category(letter)
    if letter in _UNSEEN or kind in {"Cf", "Me"} or unicodedata.combining(letter) in _ACCENTS:
        return ""
    digit = unicodedata.decimal(letter, None)
    if digit is not None:
        return str(digit)
    return letter if kind[0] in "LMN" else " "


def _rule(phrase: str, groups: Mapping[str, Sequence[str]]) -> str:
    """A phrase as a pattern; locales/en_GB/safeguarding.toml explains the signs of a phrase.

    Raises ValueError where a phrase cannot be read, KeyError for a group that does not exist.
    """
    if _SIGN.sub("", phrase).strip():
        raise ValueError(f"cannot read the phrase {phrase!r}")
    signs = deque(_SIGN.findall(phrase))
    pattern = _any_of(signs, groups)
    if signs:
        raise ValueError(f"one bracket too many in {phrase!r}")
    return pattern


def _any_of(signs: deque[str], groups: Mapping[str, Sequence[str]], end: str = "") -> str:
    """The alternatives up to their closing bracket, which is taken too."""
    parts: list[str] = []
    while signs and signs[0] not in _CLOSING:
        match signs.popleft():
            case "|":
                parts.append("|")
            case "^":
                parts.append(r"\A")
            case "$":
                parts.append(r"\Z")
            case "#":
                parts.append(r"\d\S* ")
            case "…":
                parts.append(r"(?:\S+ ){0,3}")
            case "[":
                parts.append(_any_of(signs, groups, "]"))
            case "(":
                parts.append(_any_of(signs, groups, ")") + "?")
            case "![":
                parts.append(f"(?!{_any_of(signs, groups, ']')})")
            case group if group.startswith("<"):
                parts += ["(?:", "|".join(_rule(each, groups) for each in groups[group[1:-1]]), ")"]
            case word:
                ending = r"\S*" if word.endswith("*") else ""
                parts.append(f"{re.escape(fold(word))}{ending} ")
    if end and (not signs or signs.popleft() != end):
        raise ValueError(f"a {end} is missing")
    return f"(?:{''.join(parts)})"


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
