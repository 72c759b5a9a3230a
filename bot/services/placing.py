"""Which areas a news item concerns. Force news names places, not areas."""

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from bot.services import toponyms
from bot.services.area_files import read_areas
from bot.services.outlines import Outlines
from bot.services.shipped import WARDS
from bot.services.toponyms import WORD, Ids, Key, Outcodes, Toponyms, fold, key
from bot.store import areas
from bot.store.database import Database
from bot.store.postcodes import PackedPostcodes

_LEAD = 3
"""Paragraphs that are read, until one names a place. Below stand contacts and boilerplate."""

_LONGEST = 3_000  # letters of an item that are read: entries are cut far below it
_BEFORE, _AFTER = 90, 60  # letters around a name that tell what it is
_SMALL = frozenset("and the in on of under upon with city town centre".split())  # noqa: SIM905  # reads best as words
_INSIDE = re.compile(r" |-|\. ")  # what may stand between the words of one name
_AND = re.compile(r"(?:,? (?:and|&|or) )(?:the )?")
_LOCATES = re.compile(r", |,? near | (?:area|estate|part|end|district|suburb) of ")
_LISTED = re.compile(r", |,? and ")
_LISTED_ON = re.compile(r",? and (?:the )?(?:surrounding|nearby|neighbouring|other)\b")
_BELONGS = re.compile(r",? (?:in |near )?")
_UNIT = re.compile(r"(?:'s|’s)? (?:ward|area|estate|neighbourhood|village|division|parish)\b", re.I)
_IN = re.compile(r"\b(?:in|at|near|around|of|across|from) $", re.I)
_CAPITAL_NEXT = re.compile(r" [A-Z]")
_FIRST_NAME = re.compile(r"\b([A-Z][^\W\d_’'-]+) $")
_AGE = re.compile(r",? \(?(?:aged )?\d{1,2}\b")
_OUTCODE = re.compile(
    r"\b([A-PR-UWYZ][A-HK-Y]?(?:[1-9]\d|\d[A-HJ-NP-Z]?))(?: ?(\d[ABD-HJLNP-UW-Z]{2}))?\b"
    r"(?! ?[A-Z]{3}\b)"  # a number plate: RG12 ABC
)


@dataclass(frozen=True, slots=True)
class Placing:
    """The areas that an item concerns, by id, and the names that said so.

    FORCE_WIDE, with no areas, is an item that names no place, or the whole force. It is held for a
    person to judge, and never goes to everyone by itself.
    """

    FORCE_WIDE: ClassVar["Placing"]

    areas: Ids
    names: tuple[str, ...] = ()

    @property
    def is_force_wide(self) -> bool:
        return not self.areas


Placing.FORCE_WIDE = Placing(frozenset())


@dataclass(frozen=True, slots=True)
class _Mention:
    """One name in a text. ``meanings`` is more than one set of areas while it is ambiguous."""

    start: int
    end: int
    name: str
    meanings: tuple[Ids, ...]
    weak: bool = False

    @property
    def areas(self) -> Ids:
        return self.meanings[0]


class Reader:
    """Finds places in the words of one map. Made once for a map; reading an item takes no I/O."""

    def __init__(
        self, names: Toponyms, outcodes: Outcodes | None, rules: Mapping[str, Any]
    ) -> None:
        self._names = names
        self._outcodes = outcodes
        self._rules = _Rules(rules)

    def place(self, title: str, text: str) -> Placing:
        """The areas of an item: of its title and first paragraph, or the next that name a place.

        A name within a larger place narrows it, several places count together. Where somebody
        lives or was tried is no place; "a Slough man", a council and a police station count only
        when nothing else does.
        """
        lines = text[:_LONGEST].splitlines()
        paragraphs = [title[:_LONGEST], *filter(None, map(str.strip, lines))]
        seen: list[_Mention] = []
        for count in range(2, _LEAD + 2):
            words = self._rules.without_phrases(_plain("\n".join(paragraphs[:count])))
            seen = self._read(words)
            if any(not mention.weak for mention in seen):
                break
        strong = [mention for mention in seen if not mention.weak]
        return self._together(words, strong or seen)

    def _read(self, text: str) -> list[_Mention]:
        """What a text names and means, every mention with one meaning."""
        found = sorted([*self._named(text), *self._coded(text)], key=lambda one: one.start)
        found = self._rules.without_people(text, found)
        placed = [one for one in found if self._counts(text, one, found)]
        return [
            _Mention(one.start, one.end, one.name, (meaning,), one.weak)
            for one in placed
            if (meaning := self._meaning(one, placed))
        ]

    def _named(self, text: str) -> Iterator[_Mention]:
        words = list(WORD.finditer(text))
        at = 0
        while at < len(words):
            mention, taken = self._longest(text, words[at : at + self._reach(words[at])])
            at += taken
            if mention:
                yield mention

    def _reach(self, word: re.Match[str]) -> int:
        """How many words a name that begins with this one may have."""
        if not word[0][0].isupper():
            return 0
        first = fold(word[0])
        return max(self._names.longest.get(first, 0), self._names.longest.get(_owner(first), 0))

    def _longest(self, text: str, words: Sequence[re.Match[str]]) -> tuple[_Mention | None, int]:
        """The longest name that begins with the first of some words, and how many words it took."""
        for count in range(len(words), 0, -1):
            tokens = words[:count]
            start, end = tokens[0].start(), tokens[-1].end()
            if not _is_one_name(text, tokens):
                continue
            for folded in _spellings(tokens):
                if meanings := self._names.meanings(folded):
                    if folded[-1] != fold(tokens[-1][0]):  # "Reading's"
                        end -= 2
                    return self._rules.judged(text, start, end, tuple(meanings)), count
        return None, 1

    def _coded(self, text: str) -> Iterator[_Mention]:
        if self._outcodes is None:
            return
        for code in _OUTCODE.finditer(text):
            if found := self._outcodes.areas(code[1], code[2] or ""):
                yield _Mention(code.start(), code.end(), code[0], (found,))

    def _counts(self, text: str, mention: _Mention, among: Sequence[_Mention]) -> bool:
        """Whether a name that is also an everyday word stands for a place here."""
        words = key(mention.name)
        if not self._rules.is_everyday(words) or _UNIT.match(text, mention.end):
            return True
        if self._rules.is_village(words) and _is_where(text, mention, among):
            return not _CAPITAL_NEXT.match(text, mention.end)
        return any(
            _BELONGS.fullmatch(text, mention.end, other.start)
            and any(self._belongs(ids, other) for ids in mention.meanings)
            for other in among
            if other.start > mention.end
        )

    def _meaning(self, mention: _Mention, among: Iterable[_Mention]) -> Ids | None:
        """What a name means, by the places named beside it where it could be several."""
        if len(mention.meanings) == 1:
            return mention.areas
        others = [one for one in among if len(one.meanings) == 1]
        left = [
            ids for ids in mention.meanings if any(self._belongs(ids, other) for other in others)
        ]
        return left[0] if len(left) == 1 else None

    def _belongs(self, ids: Ids, other: _Mention) -> bool:
        return len(other.meanings) == 1 and (
            ids <= other.areas or self._names.share_council(ids, other.areas)
        )

    def _together(self, text: str, mentions: Sequence[_Mention]) -> Placing:
        kept = [one for one in mentions if not _is_narrowed(text, one, mentions)]
        counties = {one.areas for one in kept if self._names.is_county(one.areas)}
        if not kept or len(counties) > 1:
            return Placing.FORCE_WIDE
        names = dict.fromkeys(one.name for one in kept)
        return Placing(frozenset().union(*(one.areas for one in kept)), tuple(names))


class _Rules:
    """The rules of ``data/placing.toml``, compiled."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        words = rules["words"]
        self._plain = {key(name) for name in words["plain"]}
        self._villages = {key(name) for name in words["villages"]}
        self._surnames = {key(name) for name in words["surnames"]}
        self._leads = set(rules["people"]["leads"])
        self._titled = re.compile(rf"\b{rules['people']['titles']}\.? (?:[A-Z][\w’'-]+ ){{0,2}}$")
        self._phrases = _any(rules["ignored"]["phrases"])
        self._ignored_after = _any(rules["ignored"]["after"])
        self._ignored_before = _any(rules["ignored"]["before"], "$")
        self._weak_after = _any(rules["weak"]["after"])
        self._weak_before = _any(rules["weak"]["before"], "$")
        self._verbs = {name: re.compile(after) for name, after in rules["not_a_place"].items()}

    def is_everyday(self, words: Key) -> bool:
        return words in self._plain or words in self._villages

    def is_village(self, words: Key) -> bool:
        return words in self._villages

    def without_phrases(self, text: str) -> str:
        """The text with phrases that mean no place made unreadable, of the same length."""
        return self._phrases.sub(lambda found: "·" * len(found[0]), text)

    def judged(self, text: str, start: int, end: int, meanings: tuple[Ids, ...]) -> _Mention | None:
        """A name with its weight, or None where its neighbours say that it is no place."""
        name = text[start:end]
        before, after = _before(text, start), text[end : end + _AFTER]
        verb = self._verbs.get(name)
        if verb and verb.match(after):
            return None
        if self._ignored_after.match(after) or self._ignored_before.search(before):
            return None
        weak = bool(self._weak_after.match(after) or self._weak_before.search(before))
        return _Mention(start, end, name, meanings, weak)

    def without_people(self, text: str, mentions: Sequence[_Mention]) -> list[_Mention]:
        """The mentions that are not people, who keep their names to the end of the text."""
        people = [one for one in mentions if self._is_person(text, one)]
        named = {one.name for one in people}
        return [
            one
            for one in mentions
            if one not in people and (one.name not in named or _IN.search(_before(text, one.start)))
        ]

    def _is_person(self, text: str, one: _Mention) -> bool:
        before, after = _before(text, one.start), text[one.end : one.end + _AFTER]
        if self._titled.search(before):
            return True
        first = _FIRST_NAME.search(before)
        if first is None or first[1] in self._leads:
            return False
        return bool(_AGE.match(after)) or key(one.name) in self._surnames


class Placer:
    """Finds the areas of news items on the map as it is now, also when that has just changed."""

    def __init__(self, database: Database, postcodes: PackedPostcodes) -> None:
        self._database = database
        self._postcodes = postcodes
        self._reader: Reader | None = None
        self._version: str | None = None
        self._loading = asyncio.Lock()

    async def place(self, title: str, text: str) -> Placing:
        """The areas of an item of plain text, its paragraphs divided by line ends."""
        reader = await self._current()
        return reader.place(title, text) if reader else Placing.FORCE_WIDE

    async def _current(self) -> Reader | None:
        async with self._loading:
            async with self._database.read() as connection:
                # Read in this order, a change in between is seen as one at the next look.
                version = await areas.version(connection)
                if version == self._version:
                    return self._reader
                stored = await areas.everything(connection)
            self._reader = await asyncio.to_thread(reader_of, stored, self._postcodes)
            self._version = version
            return self._reader


def reader_of(
    stored: Sequence[areas.StoredArea], postcodes: PackedPostcodes | None = None
) -> Reader | None:
    """A reader for a map, with the names that ship; None for a map without areas."""
    if not stored:
        return None
    rules = toponyms.rules()
    names = Toponyms(stored, read_areas(WARDS), toponyms.points(), rules)
    outcodes = Outcodes(postcodes, Outlines(stored)) if postcodes else None
    return Reader(names, outcodes, rules)


def _plain(text: str) -> str:
    """Without doubled spaces; what is all capitals as a title, since case tells names."""
    one_line = re.sub(r"[^\S\n]+", " ", text)
    return "\n".join(line.title() if line.isupper() else line for line in one_line.split("\n"))


def _before(text: str, at: int) -> str:
    return text[max(0, at - _BEFORE) : at]


def _any(patterns: Iterable[str], end: str = "") -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(patterns)}){end}")


def _owner(word: str) -> str:
    return word.removesuffix("s")


def _spellings(tokens: Sequence[re.Match[str]]) -> Iterator[Key]:
    words = tuple(fold(token[0]) for token in tokens)
    yield words
    if tokens[-1][0].endswith(("'s", "’s")):
        yield (*words[:-1], _owner(words[-1]))


def _is_one_name(text: str, tokens: Sequence[re.Match[str]]) -> bool:
    return all(
        _INSIDE.fullmatch(text, one.end(), other.start())
        and (other[0][0].isupper() or other[0] == "&" or other[0] in _SMALL)
        for one, other in pairwise(tokens)
    )


def _is_where(text: str, one: _Mention, among: Iterable[_Mention]) -> bool:
    """Whether a name follows "in" or the like, or another place and "and"."""
    return bool(_IN.search(_before(text, one.start))) or any(
        other.start < one.start and _are_joined(text, other, one) for other in among
    )


def _is_narrowed(text: str, one: _Mention, among: Iterable[_Mention]) -> bool:
    """Whether a smaller place within it is named, or one that it only helps to find.

    Not where both stand side by side, as in "Oxford and Cowley".
    """
    if _only_locates(text, one, among):
        return True
    within = [other for other in among if other.areas < one.areas]
    return bool(within) and not any(_are_joined(text, one, other) for other in within)


def _only_locates(text: str, one: _Mention, among: Iterable[_Mention]) -> bool:
    """Whether a name says where the one before it is: "Wexham, Slough" or "the Ock area of Thame".

    In a list, "Thame, Didcot and Oxford", every name counts.
    """
    if _LISTED_ON.match(text, one.end):
        return False
    return any(_LOCATES.fullmatch(text, other.end, one.start) for other in among) and not any(
        _LISTED.fullmatch(text, one.end, other.start) for other in among
    )


def _are_joined(text: str, one: _Mention, other: _Mention) -> bool:
    first, second = sorted((one, other), key=lambda mention: mention.start)
    return bool(_AND.fullmatch(text, first.end, second.start))
