"""feeds.toml is read as it is documented, and a mistake in it is named with its mend."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import OperatorError
from bot.model import Source, Topic
from bot.services.sources import EXAMPLE, make_file, read_file
from feeds import KINDS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "feeds.toml"


def test_a_source_has_what_its_table_says(file: Path) -> None:
    file.write_text("""
        [[feed]]
        id = "force-news"
        kind = "rss"
        url = "https://www.example.com/feed"
        name = "Example Police"
        licence = "OGL"
        topic = "road-safety"
        language = "cy"
        areas = ["N1", "N2"]
        trusted = true
        interval = "2h"
        max_age = "7d"
        hosts = ["example.com"]
    """)
    assert read_file(file, KINDS) == [
        Source(
            id="force-news",
            kind="rss",
            url="https://www.example.com/feed",
            name="Example Police",
            licence="OGL",
            topic=Topic.ROAD_SAFETY,
            language="cy",
            areas=("N1", "N2"),
            trusted=True,
            interval=timedelta(hours=2),
            max_age=timedelta(days=7),
            hosts=("example.com",),
        )
    ]


def test_what_is_left_out_is_cautious(file: Path) -> None:
    file.write_text('[[feed]]\nid = "a"\nkind = "rss"\nurl = "https://example.com/"')
    (source,) = read_file(file, KINDS)
    assert (source.trusted, source.topic, source.areas) == (False, None, ())
    assert (source.interval, source.max_age) == (timedelta(minutes=15), timedelta(days=30))


def test_the_police_need_no_address(file: Path) -> None:
    file.write_text('[[feed]]\nid = "police"\nkind = "police_uk"')
    assert len(read_file(file, KINDS)) == 1


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ("id = 'No Spaces'", 'it needs an id, such as "force-news"'),
        ("kind = 'gopher'", "its kind is one of cap, floods, police_uk, rss"),
        ("url = '/etc/passwd'", "it needs an url"),
        ("url = 5", 'url needs words in "quotes"'),
        ("topic = 'sport'", "topics are general, crime-prevention"),
        ("areas = 'N1'", 'areas needs a list, such as ["one", "two"]'),
        ("trusted = 'yes'", "trusted is true or false"),
        ("interval = '15'", 'interval is written "15m", "6h" or "30d"'),
        ("interval = '0m'", 'interval is at least "1m"'),
        ("colour = 'red'", "colour is unknown"),
    ],
)
def test_a_mistake_is_named_with_the_file_the_feed_and_the_mend(
    file: Path, changed: str, reason: str
) -> None:
    lines = {"id": "id = 'a'", "kind": "kind = 'rss'", "url": "url = 'https://example.com/'"}
    lines[changed.split(" ")[0]] = changed
    file.write_text("[[feed]]\n" + "\n".join(lines.values()))
    with pytest.raises(OperatorError) as refusal:
        read_file(file, KINDS)
    assert str(refusal.value).startswith(f"{file}: feed ")
    assert reason in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[feed]", "it is not TOML"),
        ("[feeds]", "each source begins with [[feed]]"),
        ('[[feed]]\nid="a"\nkind="police_uk"\n' * 2, "feed a: there are two of that id"),
    ],
)
def test_a_file_that_is_none_is_named(file: Path, text: str, reason: str) -> None:
    file.write_text(text)
    with pytest.raises(OperatorError) as refusal:
        read_file(file, KINDS)
    assert reason in str(refusal.value)


def test_the_example_becomes_the_file_where_there_is_none(tmp_path: Path) -> None:
    file = tmp_path / "var" / "feeds.toml"
    make_file(file)
    assert file.read_text() == EXAMPLE.read_text()
    file.write_text("")
    make_file(file)
    assert read_file(file, KINDS) == []


def test_every_source_of_the_example_can_be_used_and_none_is_trusted(file: Path) -> None:
    shipped = EXAMPLE.read_text()
    switched_on = [
        line.removeprefix("#") if line.startswith("#") and not line.startswith("# ") else line
        for line in shipped.replace('url = ""', 'url = "https://www.example.com/"').splitlines()
    ]
    file.write_text("\n".join(switched_on))
    sources = read_file(file, KINDS)
    assert {source.kind for source in sources} == {"rss", "floods", "police_uk"}
    assert all(source.url.startswith("https://") for source in sources if source.url)
    assert not any(source.trusted for source in sources)
