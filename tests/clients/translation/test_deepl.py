"""DeepL is spoken to in its own shapes, and asked nothing more once its quota is spent."""

import json

import pytest

from bot.clients.translation import DeepL
from bot.errors import FeedError
from bot.languages import read_registry
from feeds.fetch import SafeFetch
from tests.feeds.loopback import Loopback, answer

USAGE, TRANSLATE = "/v2/usage", "/v2/translate"
SPENT = {"character_count": 500_000, "character_limit": 500_000}
FRESH = {"character_count": 10, "character_limit": 500_000}


def engine(server: Loopback) -> DeepL:
    return DeepL(server.url, "a-key", SafeFetch(server.allow, rate=1000), read_registry())


def says(words: object, status: str = "200 OK") -> bytes:
    return answer(json.dumps(words).encode(), status)


def translated(*words: str) -> bytes:
    return says(
        {"translations": [{"detected_source_language": "EN", "text": each} for each in words]}
    )


async def test_texts_go_out_with_the_key_in_a_header(server: Loopback) -> None:
    server.answers[TRANSLATE] = translated("Fechado", "Aberto")

    words = await engine(server).translate(["Closed", "Open"], "en_GB", "pt_PT", "html")

    assert words == ["Fechado", "Aberto"]
    assert server.headers[0]["authorization"] == "DeepL-Auth-Key a-key"
    assert json.loads(server.bodies[0]) == {
        "text": ["Closed", "Open"],
        "source_lang": "EN",
        "target_lang": "PT-PT",
        "tag_handling": "html",
    }


async def test_pairs_are_read_from_the_engine_and_a_source_has_no_region(
    server: Loopback,
) -> None:
    server.answers["/v2/languages?type=source"] = says([{"language": "EN"}, {"language": "PL"}])
    server.answers["/v2/languages?type=target"] = says(
        [{"language": "EN-GB"}, {"language": "PL"}, {"language": "PT-PT"}]
    )

    pairs = await engine(server).pairs()

    assert pairs == {("en_GB", "pl"), ("en_GB", "pt_PT"), ("pl", "en_GB"), ("pl", "pt_PT")}


async def test_a_spent_quota_stops_everything_until_it_is_reset(server: Loopback) -> None:
    deepl = engine(server)
    server.answers[TRANSLATE] = says({"message": "Quota exceeded"}, "456 Quota")
    server.answers[USAGE] = says(SPENT)

    for _again in range(3):
        with pytest.raises(FeedError, match="quota"):
            await deepl.translate(["Open"], "en_GB", "pl", "text")
    assert server.paths.count(TRANSLATE) == 1

    server.answers[USAGE] = says(FRESH)
    server.answers[TRANSLATE] = translated("Otwarte")
    assert await deepl.translate(["Open"], "en_GB", "pl", "text") == ["Otwarte"]


@pytest.mark.parametrize("status", ["429 Slow", "503 Busy", "529 Busy"])
async def test_a_busy_engine_is_asked_again(server: Loopback, status: str) -> None:
    server.answers[TRANSLATE] = answer(b"", status)

    with pytest.raises(FeedError, match="DeepL answered"):
        await engine(server).translate(["Open"], "en_GB", "pl", "text")

    assert len(server.paths) == 3


async def test_a_wrong_key_is_told_and_not_repeated(server: Loopback) -> None:
    server.answers[TRANSLATE] = answer(b"", "403 Forbidden")

    with pytest.raises(FeedError, match="TRANSLATE_KEY") as caught:
        await engine(server).translate(["Open"], "en_GB", "pl", "text")

    assert "a-key" not in str(caught.value)
    assert len(server.paths) == 1


@pytest.mark.parametrize("strange", [b"", b"[]", b"{}", b'{"translations": [{}]}'])
async def test_an_answer_of_another_shape_is_no_translation(
    server: Loopback, strange: bytes
) -> None:
    server.answers[TRANSLATE] = answer(strange)

    with pytest.raises(FeedError, match="not known"):
        await engine(server).translate(["Open"], "en_GB", "pl", "text")


async def test_it_is_well_while_there_is_quota(server: Loopback) -> None:
    server.answers[USAGE] = says(FRESH)
    await engine(server).health()

    server.answers[USAGE] = says(SPENT)
    with pytest.raises(FeedError, match="quota"):
        await engine(server).health()
