"""Names of places, and the areas that each of them means on the present map."""

import csv
import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import shapely

from bot.model import Point
from bot.services.outlines import Outlines
from bot.services.shipped import SHIPPED
from bot.store.areas import StoredArea
from bot.store.postcodes import PackedPostcodes

RULES = SHIPPED / "placing.toml"
POINTS = SHIPPED / "thames_valley_places.csv"

Ids: TypeAlias = frozenset[str]
Key: TypeAlias = tuple[str, ...]

WORD = re.compile(r"&|[^\W_]+(?:['’][^\W_]+)*")
_PARTS = re.compile(r", | & | and ")
_TAILS = frozenset("central east north south west".split())  # noqa: SIM905  # reads best as words
_NEAR = 0.002  # degrees, some 200 m: the shipped outlines leave gaps between neighbours
_SHARE = 0.5  # of the smaller of two outlines, for them to be about the same place
_FEW = 0.05  # of a postcode district: what only just reaches into an area does not mean it


def key(name: str) -> Key:
    """A name as it is looked up, without case, accents and marks: "St. Mary's" as "St Marys"."""
    return tuple(fold(word[0]) for word in WORD.finditer(name))


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """One word of a name as it is looked up."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    folded = plain.replace("'", "").replace("’", "").casefold()
    return {"&": "and", "saint": "st"}.get(folded, folded)


class Toponyms:
    """What names mean: for each its meanings, more than one where places share the name.

    Names come from, first to last: ``rules`` (towns, counties, other names), councils, the areas
    on board, the shipped wards, and a list of towns and villages by ``points``. A later source
    adds a meaning only where the place is elsewhere.
    """

    def __init__(
        self,
        stored: Sequence[StoredArea],
        wards: Sequence[StoredArea],
        points: Mapping[str, Point],
        rules: Mapping[str, Any],
    ) -> None:
        self._outlines = Outlines(stored)
        self._wards = _Wards(stored, wards)
        self._touching = _touching(stored)
        self._meanings: defaultdict[Key, list[Ids]] = defaultdict(list)
        self._add_towns(rules)
        self._add_parts(stored, {one.area.id: frozenset({one.area.id}) for one in stored})
        self._add_parts(wards, self._wards.areas)
        self._add_points(points)
        for other, name in rules["also"].items():
            self._meanings[key(other)] = self._meanings[key(name)]
        self._counties = {self._only(name) for name in rules["counties"]}
        self.longest: dict[str, int] = {}
        for words, meanings in self._meanings.items():
            if meanings:
                self.longest[words[0]] = max(self.longest.get(words[0], 0), len(words))

    def meanings(self, words: Key) -> Sequence[Ids]:
        """The sets of areas that a name may mean; none for a name that is not known."""
        return self._meanings.get(words, ())

    def is_county(self, areas: Ids) -> bool:
        return bool(areas) and areas in self._counties

    def share_council(self, some: Ids, others: Ids) -> bool:
        """Whether two places are in one council's area."""
        return not self._wards.councils_of(some).isdisjoint(self._wards.councils_of(others))

    def _only(self, name: str) -> Ids:
        return frozenset().union(*self._meanings.get(key(name), ()))

    def _add_towns(self, rules: Mapping[str, Any]) -> None:
        for name, patterns in (rules["towns"] | rules["counties"]).items():
            self._add(key(name), self._wards.like(patterns))
        for council, areas in self._wards.of_council.items():
            self._add(key(council), areas)

    def _add_parts(self, named: Iterable[StoredArea], areas: Mapping[str, Ids]) -> None:
        found: defaultdict[Key, list[Ids]] = defaultdict(list)
        for one in named:
            for words in _names(one.area.name):
                found[words].append(areas[one.area.id])
        for words, meanings in found.items():
            self._add(words, *meanings)

    def _add_points(self, points: Mapping[str, Point]) -> None:
        for name, point in points.items():
            if area := self._outlines.at(point).area:
                self._add(key(name), frozenset({area.id}))
                for centre in ("town centre", "city centre"):
                    self._add(key(f"{name} {centre}"), frozenset({area.id}))

    def _add(self, words: Key, *areas: Ids) -> None:
        """Add the meanings of a name from one source: what touches is one place."""
        known = [ids for ids in self._meanings[words] if ids]
        new: list[Ids] = []
        for ids in filter(None, areas):
            if any(self._touch(ids, other) for other in known):
                continue
            near = [other for other in new if self._touch(ids, other)]
            new = [other for other in new if other not in near]
            new.append(ids.union(*near))
        self._meanings[words] = known + new

    def _touch(self, some: Ids, others: Ids) -> bool:
        return any(not self._touching[one].isdisjoint(others) for one in some)


class _Wards:
    """Which areas on board lie where a shipped ward is; itself alone where it is one of them."""

    def __init__(self, stored: Sequence[StoredArea], wards: Sequence[StoredArea]) -> None:
        self._wards = [one.area for one in wards]
        known = {one.area.id for one in stored}
        others = [ward for ward in wards if ward.area.id not in known]
        self.areas = {id: frozenset({id}) for id in known} | _overlapping(others, stored)
        self.of_council: dict[str, Ids] = {}
        for area in [one.area for one in stored] + self._wards:
            if area.district:
                before = self.of_council.get(area.district, frozenset())
                self.of_council[area.district] = before | self.areas[area.id]
        self._councils = {
            id: council for council, areas in self.of_council.items() for id in sorted(areas)
        } | {one.area.id: one.area.district for one in stored if one.area.district}

    def councils_of(self, areas: Ids) -> set[str]:
        """The councils that areas lie in; none for areas far from the shipped wards."""
        return {self._councils[id] for id in areas if id in self._councils}

    def like(self, patterns: Iterable[str]) -> Ids:
        """The areas of all wards whose "Council/Ward" is like one of the patterns."""
        return frozenset().union(
            *(
                self.areas[ward.id]
                for ward in self._wards
                if any(fnmatchcase(f"{ward.district}/{ward.name}", like) for like in patterns)
            )
        )


class Outcodes:
    """The areas of a postcode, or of the first half of one."""

    def __init__(self, lookup: PackedPostcodes, outlines: Outlines) -> None:
        self._lookup = lookup
        self._outlines = outlines
        self._known: dict[str, Ids] = {}

    def areas(self, outward: str, inward: str = "") -> Ids:
        """Those with at least a twentieth of the postcodes; none for one that is not ours."""
        if inward:
            return self._exactly(outward, inward)
        if outward not in self._known:
            found = Counter(
                area.id
                for point in self._lookup.points(outward)
                if (area := self._outlines.at(point).area)
            )
            enough = _FEW * found.total()
            self._known[outward] = frozenset(id for id, count in found.items() if count >= enough)
        return self._known[outward]

    def _exactly(self, outward: str, inward: str) -> Ids:
        row = self._lookup.row(f"{outward} {inward}")
        area = self._outlines.find(row).area if row else None
        return frozenset({area.id}) if area else frozenset()


def rules() -> dict[str, Any]:
    """What ``data/placing.toml`` says."""
    with RULES.open("rb") as file:
        return tomllib.load(file)


def points() -> dict[str, Point]:
    """Towns and villages by name, as they ship."""
    with POINTS.open(newline="", encoding="utf-8") as file:
        return {
            row["name"]: Point(float(row["latitude"]), float(row["longitude"]))
            for row in csv.DictReader(file)
        }


def _names(name: str) -> Iterator[Key]:
    """The names that an area's name holds.

    "Banbury Cross & Neithrop" is itself, and Banbury Cross, and Neithrop; "Kidlington East" is
    itself, and a part of Kidlington.
    """
    if "," not in name and key(name):
        yield key(name)
    for part in _PARTS.split(name):
        words = key(part)
        if words and part != name:
            yield words
        stem = words
        while stem and stem[-1] in _TAILS:
            stem = stem[:-1]
        if stem and stem != words:
            yield stem
        if stem and stem[0] == "the":  # "The Risboroughs"
            yield stem[1:]


def _overlapping(wards: Sequence[StoredArea], stored: Sequence[StoredArea]) -> dict[str, Ids]:
    """For each ward the areas that share half of either with it, or else the most."""
    if not wards:
        return {}
    shapes = shapely.from_wkb([one.outline for one in wards])
    others = shapely.from_wkb([one.outline for one in stored])
    sizes = shapely.area(others)
    tree = shapely.STRtree(others)
    found: dict[str, Ids] = {}
    for ward, shape in zip(wards, shapes, strict=True):
        at = tree.query(shape, predicate="intersects")
        shared = shapely.area(shapely.intersection(others[at], shape))
        alike = shared >= _SHARE * np.minimum(sizes[at], shapely.area(shape))
        if len(at) and not alike.any() and shared.max():
            alike = shared == shared.max()
        found[ward.area.id] = frozenset(stored[one].area.id for one in at[alike])
    return found


def _touching(stored: Sequence[StoredArea]) -> dict[str, Ids]:
    """For each area itself and its neighbours."""
    shapes = shapely.from_wkb([one.outline for one in stored])
    pairs = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=_NEAR)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in pairs.T.tolist():
        found[stored[one].area.id].add(stored[other].area.id)
    return {id: frozenset(others) for id, others in found.items()}
