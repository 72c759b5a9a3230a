"""Topics: how well news is led to them, and how long that takes."""

import time
from itertools import cycle, islice

from bench.results import Result
from bot.services.subjects import topics_of
from tests.labelled import items
from tests.news import SAMPLE_OF_TOPICS, score_topics

HOW_MANY, SHORT = 10_000, 500


def main(*, short: bool = False) -> list[Result]:
    """Score the labelled sets of ``tests/data``, and read many of their items in a row."""
    samples = {name: items(name) for name in SAMPLE_OF_TOPICS}
    scores = [
        Result("topics", name, str(score_topics(labelled))) for name, labelled in samples.items()
    ]
    news = [item for labelled in samples.values() for item in labelled]
    how_many = SHORT if short else HOW_MANY
    start = time.perf_counter()
    for item in islice(cycle(news), how_many):
        topics_of(item.title, item.text)
    seconds = time.perf_counter() - start
    found = f"{seconds:.1f} s ({seconds / how_many * 1e6:.0f} µs each)"
    return [*scores, Result("topics", f"{how_many:,} items read", found)]
