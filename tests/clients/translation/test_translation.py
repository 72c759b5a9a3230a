"""The address says which engine it is, and whether it may have what residents tell their team."""

import pytest

from bot.clients.translation import (
    DeepL,
    LibreTranslate,
    NoEngine,
    engine_from,
    local_engine_from,
)
from bot.errors import FeedError
from bot.languages import read_registry
from feeds.fetch import SafeFetch

LANGUAGES = read_registry()


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        (None, NoEngine),
        ("https://api-free.deepl.com", DeepL),
        ("https://api.deepl.com", DeepL),
        ("https://deepl.com.example", LibreTranslate),
        ("http://127.0.0.1:5000", LibreTranslate),
    ],
)
def test_the_host_says_which_engine_it_is(url: str | None, kind: type) -> None:
    assert isinstance(engine_from(url, None, SafeFetch(), LANGUAGES), kind)


@pytest.mark.parametrize(
    ("url", "allow", "may"),
    [
        ("http://127.0.0.1:5000", ["127.0.0.1:5000"], True),
        ("http://engine.internal:5000", ["engine.internal"], True),
        ("https://engine.internal", ["engine.internal:443"], True),
        ("http://127.0.0.1:5000", ["127.0.0.1:8000"], False),
        ("https://libretranslate.example", [], False),
        ("https://api.deepl.com", ["api.deepl.com"], False),
        (None, ["127.0.0.1"], False),
    ],
)
def test_concerns_go_to_a_host_that_the_operator_named_and_never_to_deepl(
    url: str | None, allow: list[str], may: bool
) -> None:
    engine = local_engine_from(url, None, SafeFetch(allow), LANGUAGES, allow)

    assert isinstance(engine, LibreTranslate if may else NoEngine)


async def test_no_engine_has_no_languages_and_is_always_well() -> None:
    engine = NoEngine()

    await engine.health()

    assert await engine.pairs() == frozenset()
    with pytest.raises(FeedError):
        await engine.translate(["Open"], "en_GB", "pl", "text")
