"""`beatline feeds`: what a source gives and whom it would reach, and a poll of all of them."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import shell
from tests.feeds.loopback import Loopback, answer, serving

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "feeds" / "samples"
READING = b"""<rss version="2.0"><channel><title>Example Police</title><item>
    <title>Burglary in Caversham</title><guid>1</guid>
    <pubDate>Mon, 23 Nov 2026 10:30:00 GMT</pubDate>
    <description>Police are looking for witnesses in Caversham, Reading.</description>
    </item></channel></rss>"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all, because the first command in it makes the map and the postcodes."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with serving() as served:
        yield served


async def check(home: Path, target: str, allow: str = "") -> shell.Ran:
    return await run(home, "check", target, allow=allow)


async def run(home: Path, *words: str, allow: str = "", **more: str) -> shell.Ran:
    settings = {**os.environ, "DATA_DIR": str(home / "var"), "OUTBOUND_ALLOW": allow, **more}
    return await shell.runs(home, "feeds", *words, settings=settings)


async def test_an_address_shows_title_date_topics_and_areas(home: Path, server: Loopback) -> None:
    server.answers["/feed"] = answer(READING)
    ran = await check(home, f"{server.url}/feed", server.allow[0])
    assert (ran.status, ran.err) == (0, "")
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert lines[0] == "Example Police: 1 entry"
    assert "Burglary in Caversham" in lines
    assert "date 23 November 2026 10:30 UTC" in lines
    assert "topics residential-burglary" in lines
    assert any(line.startswith("areas Caversham") for line in lines)
    assert server.paths == ["/feed"]


async def test_a_saved_feed_is_read_in_place(home: Path) -> None:
    ran = await check(home, str(SAMPLES / "warning.cap"))
    assert ran.status == 0
    assert "Flooding by the river" in ran.out


async def test_a_saved_list_of_floods_is_known_as_one(home: Path) -> None:
    ran = await check(home, str(SAMPLES / "floods.json"))
    assert ran.status == 0
    assert "Environment Agency: 2 entries" in ran.out


async def test_a_page_names_its_feeds(home: Path, server: Loopback) -> None:
    server.answers["/"] = answer(
        b"<html><link rel=alternate><link rel='alternate' type='application/rss+xml' href='/news'>"
    )
    ran = await check(home, f"{server.url}/", server.allow[0])
    assert ran.status == 1
    assert ran.err.strip().endswith(
        f"it is a web page where a feed should be; the feeds it names: {server.url}/news"
    )


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (str(SAMPLES / "check.html"), "it is a web page where a feed should be"),
        ("/etc/hostname", "it is not XML"),
        ("http://127.0.0.1:9/feed", "is not HTTPS"),
        ("https://localhost/feed", "is not on the public internet"),
        ("no-such-feed", "an address does not begin with https://"),
    ],
)
async def test_what_is_refused_is_one_line(home: Path, target: str, reason: str) -> None:
    ran = await check(home, target)
    assert (ran.status, ran.out) == (1, "")
    assert reason in ran.err
    assert len(ran.err.strip().splitlines()) == 1


async def test_a_whole_file_is_checked_source_by_source(home: Path, server: Loopback) -> None:
    server.answers["/good"] = answer(READING)
    file = home / "some.toml"
    file.write_text(
        "".join(
            f'[[feed]]\nid = "{name}"\nkind = "rss"\nurl = "{server.url}/{name}"\n'
            for name in ("good", "bad")
        )
    )
    ran = await check(home, str(file), server.allow[0])
    assert ran.status == 1
    assert "Burglary in Caversham" in ran.out
    assert "bad: its server answered 404" in ran.err
    assert "cannot be used: bad" in ran.err


async def test_a_source_of_the_file_in_use_is_named_by_its_id(home: Path, server: Loopback) -> None:
    server.answers["/mine"] = answer(READING)
    file = home / "var" / "feeds.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        f'[[feed]]\nid = "mine"\nkind = "rss"\nname = "Ours"\nurl = "{server.url}/mine"\n'
    )
    ran = await check(home, "mine", server.allow[0])
    file.unlink()
    assert ran.out.startswith("Ours: 1 entry")


async def test_a_poll_prints_its_figures_and_drafts_what_is_new_once(
    home: Path, server: Loopback
) -> None:
    server.answers["/news"] = answer(READING)
    file = home / "polled.toml"
    file.write_text(
        "".join(
            f'[[feed]]\nid = "{name}"\nkind = "rss"\nurl = "{server.url}/{name}"\n'
            for name in ("news", "bad")
        )
    )
    allow, given = server.allow[0], {"FEEDS_FILE": str(file)}
    first = await run(home, "poll", "--once", "--json", allow=allow, **given)
    again = await run(home, "poll", "--once", "--json", allow=allow, **given)
    expected = {"feeds": 2, "unchanged": 0, "failed": 1, "entries": 1, "drafts": 1, "queued": 0}
    assert (first.status, json.loads(first.out)) == (0, expected)
    assert first.err.strip() == "bad: its server answered 404"
    assert json.loads(again.out) == expected | {"unchanged": 1, "entries": 0, "drafts": 0}


async def test_a_mistake_in_the_file_is_one_line(home: Path) -> None:
    file = home / "mistaken.toml"
    file.write_text('[[feed]]\nid = "a"\nkind = "gopher"\n')
    ran = await run(home, "poll", "--once", FEEDS_FILE=str(file))
    assert ran.status == 1
    assert ran.err.strip().endswith("feed a: its kind is one of cap, floods, police_uk, rss")
