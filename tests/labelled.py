"""Labelled news, and how well rules agree with the labels."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AnySet
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "data"
NOTHING = {"force-wide", "general"}
"""Labels of an item that names no place, or belongs to none of the fifteen topics."""


@dataclass(frozen=True, slots=True)
class Item:
    """A made-up headline and first paragraph, and its labels: none for ``NOTHING``."""

    title: str
    text: str
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Score:
    """Means over items, so that one large town weighs no more than one village.

    ``precision`` is of what was found, over the items where something was; ``recall`` of what is
    meant, over the items that mean something. ``exact`` is the share of all items found exactly.
    """

    items: int
    precision: float
    recall: float
    exact: float
    wrong: tuple[str, ...] = ()

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.1%}, recall {self.recall:.1%}, "
            f"exactly right {self.exact:.1%} of {self.items}"
        )


def items(name: str) -> list[Item]:
    """A set of ``tests/data``: three lines each, headline, paragraph, "= label, label"."""
    blocks = (DATA / name).read_text(encoding="utf-8").split("\n\n")
    return [_item(block.strip().splitlines()) for block in blocks if not block.startswith("#")]


def _item(lines: Sequence[str]) -> Item:
    title, text, labels = lines
    named = {label.strip() for label in labels.removeprefix("=").split(",")}
    return Item(title, text, frozenset(named - NOTHING))


def score(
    labelled: Iterable[Item],
    meant: Callable[[Item], AnySet[str]],
    found: Callable[[Item], AnySet[str]],
) -> Score:
    """Compare, item by item, what is meant with what was found."""
    pairs = [(item, meant(item), found(item)) for item in labelled]
    return Score(
        len(pairs),
        _mean(len(right & got) / len(got) for _, right, got in pairs if got),
        _mean(len(right & got) / len(right) for _, right, got in pairs if right),
        _mean(float(right == got) for _, right, got in pairs),
        tuple(_explained(*pair) for pair in pairs if pair[1] != pair[2]),
    )


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers) if numbers else 1.0


def _explained(item: Item, right: AnySet[str], got: AnySet[str]) -> str:
    return "\n".join(_differences(item, right, got))


def _differences(item: Item, right: AnySet[str], got: AnySet[str]) -> Iterator[str]:
    yield f"{item.title} | {item.text}"
    yield f"   missed {', '.join(sorted(right - got)) or 'none'}"
    yield f"   wrong {', '.join(sorted(got - right)) or 'none'}"
