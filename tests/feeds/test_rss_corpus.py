"""Real and nasty feeds pass through the adapter, and say what their own notes expect.

The Universal Feed Parser's test files each state the result they expect in a comment; where that
is a field we use, our plain text agrees with the plain text of it.
"""

import ast
import codecs
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from bot.errors import FeedError
from bot.model import Point, Source
from bot.ports import FeedResult, Response
from bot.reading import links, prose
from feeds import rss

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "feeds"
HERE = Path(__file__).parent / "samples"
LONDON = ZoneInfo("Europe/London")
SOURCE = Source("corpus", "rss", "https://127.0.0.1:8097/feed", hosts=("example.com",))
FOLDERS = ("feedparser-corpus", "real-node-feedparser", "real-rss-parser", "cap-google")

_HEADER = re.compile(rb"^Header:[ \t]+Content-type:[ \t]*(.+?)\r?$", re.MULTILINE | re.IGNORECASE)
_EXPECTED = re.compile(
    r"\b(?:entries\[(\d)\]|feed)((?:\['\w+'\]|\[\d\])+)"
    r" == (u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\"|\([^()]*\))"
)
_NEEDS = re.compile(r"^SkipUnless:.*codecs.*lookup\('([^']+)'\)", re.MULTILINE)


def samples() -> list[Path]:
    found = [*HERE.glob("*"), *(path for name in FOLDERS for path in (SAMPLES / name).rglob("*"))]
    return [path for path in sorted(found) if path.is_file()]


def name(path: Path) -> str:
    return str(path.relative_to(SAMPLES if SAMPLES in path.parents else HERE))


def reading(path: Path) -> FeedResult:
    body = path.read_bytes()
    header = _HEADER.search(body)
    headers = {"content-type": header[1].decode()} if header else {}
    return rss.parse(SOURCE, Response(200, headers, body, SOURCE.url), LONDON)


def plain(words: str) -> set[str]:
    """What is expected as plain text; a note does not say whether it is HTML or text."""
    return {prose.line(each) for each in (words, prose.from_html(words))}


def agrees(result: FeedResult, number: str, field: str, value: Any) -> bool:
    """Whether a field that we use says what the note says. Fields that we do not use agree."""
    if not number:
        return field != "['title']" or result.name in plain(value)
    entry = result.entries[int(number)]
    match field:
        case "['title']" | "['title_detail']['value']":
            return entry.title in plain(value)
        case "['description']" | "['summary']":
            return prose.line(entry.summary) in plain(value)
        case "['id']" | "['guid']":
            return bool(entry.key == value)
        case "['link']":
            return entry.key in {links.canonical(value), value}
        case "['published_parsed']":
            return same_time(entry.published, value)
        case "['updated_parsed']":
            return same_time(entry.updated, value)
        case "['expired_parsed']":
            return same_time(entry.expires, value)
        case "['tags'][0]['term']" | "['tags'][1]['term']":
            return value in entry.categories
        case "['where']['coordinates']":
            return entry.reach.points == (Point(value[1], value[0]),)
        case "['where']['coordinates'][0][0]":
            return Point(value[1], value[0]) == entry.reach.rings[0][0]
        case _:
            return True


def same_time(read: datetime | None, expected: Sequence[int]) -> bool:
    return read is not None and read.utctimetuple()[:6] == tuple(expected[:6])


def can_be_read(text: str) -> bool:
    """Whether this Python knows the encoding that a note asks for."""
    needed = _NEEDS.search(text)
    try:
        return needed is None or bool(codecs.lookup(needed[1]))
    except LookupError:
        return False


@pytest.mark.parametrize("path", samples(), ids=name)
def test_a_feed_of_the_samples_is_read_or_refused_and_agrees_with_its_note(path: Path) -> None:
    try:
        result = reading(path)
    except FeedError:
        return
    for entry in result.entries:
        assert entry.key
        assert entry.title == prose.line(entry.title)
        assert len(entry.title) <= rss.LONGEST_TITLE
        assert len(entry.summary) <= prose.SHORT
        assert not entry.link or urlsplit(entry.link).hostname in {"example.com", "www.example.com"}
    text = path.read_bytes().decode("utf-8", "replace")
    if can_be_read(text):
        for number, field, literal in _EXPECTED.findall(text):
            value = ast.literal_eval(literal)
            assert agrees(result, number, field, value), (field, value, result)


def test_all_samples_of_the_corpus_are_there_or_none() -> None:
    if not SAMPLES.is_dir():
        pytest.skip("the folder of sample feeds is not beside this repository")
    assert sum(path.is_file() for path in (SAMPLES / FOLDERS[0]).rglob("*")) == 359
