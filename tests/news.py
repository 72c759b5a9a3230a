"""The map that labelled news is placed on, and the samples of news."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from bot.model import Topic
from bot.services.area_files import read_areas
from bot.services.placing import Reader, reader_of
from bot.services.shipped import WARDS
from bot.services.subjects import topics_of
from bot.store.areas import StoredArea
from bot.store.postcodes import PackedPostcodes
from tests.labelled import Item, Score, score

SAMPLE_OF_PLACES = ("places_made_with.txt", "places_held_out.txt")
SAMPLE_OF_TOPICS = ("topics_made_with.txt", "topics_held_out.txt")


@dataclass(frozen=True)
class Map:
    """Areas by id, and by "Council/Ward" as labels name them."""

    areas: tuple[StoredArea, ...]

    @classmethod
    def shipped(cls) -> "Map":
        return cls(tuple(read_areas(WARDS, standin=True)))

    @cached_property
    def by_id(self) -> dict[str, StoredArea]:
        return {one.area.id: one for one in self.areas}

    def like(self, patterns: Iterable[str]) -> frozenset[str]:
        """The areas that patterns such as "Oxford/*" name. Raises ValueError for one of none."""
        found: set[str] = set()
        for pattern in patterns:
            some = {id for id in self.by_id if fnmatchcase(self.label(id), pattern)}
            if not some:
                raise ValueError(f"no ward is like {pattern}")
            found |= some
        return frozenset(found)

    def label(self, id: str) -> str:
        area = self.by_id[id].area
        return f"{area.district}/{area.name}"

    def reader(self, postcodes: PackedPostcodes | None = None) -> Reader:
        reader = reader_of(self.areas, postcodes)
        if reader is None:
            raise ValueError("the map is empty")
        return reader

    def score(self, reader: Reader, labelled: Iterable[Item]) -> Score:
        """How well a reader finds the places that labelled news means."""
        return score(
            labelled,
            lambda item: set(map(self.label, self.like(item.labels))),
            lambda item: set(map(self.label, reader.place(item.title, item.text).areas)),
        )


def score_topics(labelled: Iterable[Item]) -> Score:
    """How well the rules find the topics that labelled news is about."""
    return score(labelled, lambda item: item.labels, _topics)


def _topics(item: Item) -> set[str]:
    found = topics_of(item.title, item.text)
    return {str(topic.name).lower() for topic in found & ~Topic.GENERAL}
