"""Which topics a piece of news is about, by the rules of ``data/topics.toml``."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.model import Topic
from bot.services.shipped import SHIPPED

RULES = SHIPPED / "topics.toml"

_LONGEST = 3_000  # letters that are read: further down stand contacts and boilerplate
_GAP = r"(?: \w+){0,4} "
_SENTENCE_END = re.compile(r"[.!?;:]+(?=\s|$)|\n")
_MARKS = re.compile(r"[^\w|]+")
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class _Rule:
    """What gives a news item a topic: words, but for phrases that mean something else."""

    topic: Topic
    words: re.Pattern[str]
    but: re.Pattern[str]

    def fits(self, text: str) -> bool:
        return bool(self.words.search(self.but.sub(" | ", text)))


def topics_of(title: str, text: str) -> Topic:
    """The topics of an item, by its title and the first of its text; GENERAL where no rule fits."""
    plain = _plain(f"{title}\n{text}"[:_LONGEST])
    found = Topic(0)
    for rule in _rules():
        if rule.fits(plain):
            found |= rule.topic
    return found or Topic.GENERAL


@cache
def _rules() -> tuple[_Rule, ...]:
    with RULES.open("rb") as file:
        return tuple(_rule(name, rule) for name, rule in tomllib.load(file).items())


def _rule(name: str, rule: dict[str, Any]) -> _Rule:
    return _Rule(Topic[name.upper()], _any(rule["words"]), _any(rule.get("not", ())))


def _any(phrases: Iterable[str]) -> re.Pattern[str]:
    patterns = [_pattern(phrase) for phrase in phrases]
    return re.compile(rf"(?<= )(?:{'|'.join(patterns)})(?= )") if patterns else _NEVER


def _pattern(phrase: str) -> str:
    """A phrase of the rules as a pattern over plain words; a hyphen there is a space."""
    return _GAP.join(
        " ".join(_word(word) for word in part.replace("-", " ").split())
        for part in phrase.split("...")
    )


def _word(word: str) -> str:
    choices = (re.escape(one).replace(r"\*", r"\w*") for one in word.split("|"))
    return f"(?:{'|'.join(choices)})"


def _plain(text: str) -> str:
    """Words in lower case, one space around each, sentences apart by a mark that is no word."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    sentences = _SENTENCE_END.sub(" | ", folded)
    return f" {_MARKS.sub(' ', sentences).strip()} "
