"""LibreTranslate is spoken to in its own shapes, and what goes wrong is told without the words."""

import json

import pytest

from bot.clients.translation import LibreTranslate
from bot.errors import FeedError, Refused
from bot.languages import read_registry
from feeds.fetch import SafeFetch
from tests.feeds.loopback import Loopback, answer

LANGUAGES = read_registry()
PAIRS = [
    {"code": "en", "name": "English", "targets": ["en", "pl", "pt"]},
    {"code": "pl", "name": "Polish", "targets": ["en"]},
]


def engine(server: Loopback, key: str | None = None, *, inside: bool = False) -> LibreTranslate:
    fetch = SafeFetch(server.allow, rate=1000)
    return LibreTranslate(server.url, key, fetch, LANGUAGES, inside=inside)


def says(words: object, status: str = "200 OK") -> bytes:
    return answer(json.dumps(words).encode(), status)


async def test_a_list_goes_out_and_a_list_comes_back(server: Loopback) -> None:
    server.answers["/translate"] = says({"translatedText": ["Fecho", "Aberto"]})

    words = await engine(server).translate(["Closed", "Open"], "en_GB", "pt_PT", "html")

    assert words == ["Fecho", "Aberto"]
    assert json.loads(server.bodies[0]) == {
        "q": ["Closed", "Open"],
        "source": "en",
        "target": "pt",
        "format": "html",
        "alternatives": 0,
    }


async def test_a_key_goes_with_each_question(server: Loopback) -> None:
    server.answers["/translate"] = says({"translatedText": ["Otwarte"]})

    await engine(server, "a-key").translate(["Open"], "en_GB", "pl", "text")

    assert json.loads(server.bodies[0])["api_key"] == "a-key"


async def test_much_goes_in_parts_and_stays_in_order(server: Loopback) -> None:
    server.answers["/translate"] = says({"translatedText": ["x"] * 20})

    words = await engine(server).translate([str(n) for n in range(40)], "en_GB", "pl", "text")

    assert len(words) == 40
    asked = [json.loads(body)["q"] for body in server.bodies]
    assert asked == [[str(n) for n in range(20)], [str(n) for n in range(20, 40)]]


async def test_pairs_are_read_from_the_engine(server: Loopback) -> None:
    server.answers["/languages"] = says(PAIRS)

    assert await engine(server).pairs() == {("en_GB", "pl"), ("en_GB", "pt_PT"), ("pl", "en_GB")}


async def test_an_answer_of_endless_brackets_is_refused(server: Loopback) -> None:
    server.answers["/languages"] = answer(b"[" * 200_000)

    with pytest.raises(FeedError, match="answered in a way that is not known"):
        await engine(server).pairs()


async def test_a_busy_engine_is_asked_again(server: Loopback) -> None:
    server.answers["/translate"] = says({"error": "Slowdown: 5 per 1 minute"}, "429 Slow")

    with pytest.raises(FeedError, match="LibreTranslate answered 429"):
        await engine(server).translate(["Open"], "en_GB", "pl", "text")

    assert len(server.paths) == 3


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("400 Bad", "LibreTranslate answered 400"),
        ("401 No", "does not take our key: see TRANSLATE_KEY"),
        ("403 Banned", "does not take our key: see TRANSLATE_KEY"),
        ("302 Found", "LibreTranslate answered 302"),
    ],
)
async def test_a_refusal_is_told_once_and_never_with_the_words(
    server: Loopback, status: str, told: str
) -> None:
    server.answers["/translate"] = says({"error": "cannot translate 'secret words'"}, status)

    with pytest.raises(FeedError, match=told) as caught:
        await engine(server, "a-key").translate(["secret words"], "en_GB", "pl", "text")

    assert "secret words" not in str(caught.value)
    assert "a-key" not in str(caught.value)
    assert len(server.paths) == 1


@pytest.mark.parametrize(
    "strange",
    [b"<html>", b"[]", b"{}", b'{"translatedText": "one"}', b'{"translatedText": ["a", "b"]}',
     b'{"translatedText": [1]}'],
)  # fmt: skip  # one line reads best
async def test_an_answer_of_another_shape_is_no_translation(
    server: Loopback, strange: bytes
) -> None:
    server.answers["/translate"] = answer(strange)

    with pytest.raises(FeedError, match="not known"):
        await engine(server).translate(["Open"], "en_GB", "pl", "text")


async def test_a_language_the_engine_lacks_is_not_even_asked_for(server: Loopback) -> None:
    with pytest.raises(FeedError, match="pair"):
        await engine(server).translate(["Open"], "en_GB", "pa", "text")

    assert server.paths == []


async def test_it_is_well_when_it_says_so_and_has_languages(server: Loopback) -> None:
    server.answers["/health"] = says({"status": "ok"})
    server.answers["/languages"] = says(PAIRS)
    await engine(server).health()

    server.answers["/languages"] = says([])
    with pytest.raises(FeedError, match="load their models"):
        await engine(server).health()


async def test_nothing_listens_where_it_should_be() -> None:
    fetch = SafeFetch(["127.0.0.1:9"], rate=1000)

    with pytest.raises(FeedError, match=r"127\.0\.0\.1 could not be read"):
        await LibreTranslate("http://127.0.0.1:9", None, fetch, LANGUAGES).health()


async def test_one_that_was_not_named_is_never_reached(server: Loopback) -> None:
    private = LibreTranslate(server.url, None, SafeFetch(rate=1000), LANGUAGES)

    with pytest.raises(Refused, match="OUTBOUND_ALLOW"):
        await private.translate(["Open"], "en_GB", "pl", "text")

    assert server.paths == []


async def test_an_engine_inside_is_asked_over_our_own_network_only(server: Loopback) -> None:
    server.answers["/translate"] = says({"translatedText": ["Otwarte"]})

    words = await engine(server, inside=True).translate(["Open"], "en_GB", "pl", "text")

    assert words == ["Otwarte"]
