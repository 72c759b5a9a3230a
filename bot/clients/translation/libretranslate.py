"""LibreTranslate, on a machine of one's own or elsewhere: docs.libretranslate.com, version 1."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.clients.translation.exchange import Exchange, loads
from bot.errors import FeedError
from bot.ports import Fetch, Language, Markup

_MOST, _ROOM = 20, 5_000  # an engine without a graphics card needs seconds for so much


class LibreTranslate:
    """The TranslationEngine port over its API. ``inside`` keeps every request on our network."""

    markup: Markup = "html"

    def __init__(
        self,
        url: str,
        key: str | None,
        fetch: Fetch,
        languages: Sequence[Language],
        *,
        inside: bool = False,
    ) -> None:
        self.name = f"libretranslate {urlsplit(url).netloc.rpartition('@')[2]}"
        self._key = key
        self._codes = {each.code: each.libretranslate for each in languages if each.libretranslate}
        self._exchange = Exchange("LibreTranslate", url, fetch, inside=inside)

    async def translate(
        self, segments: Sequence[str], source: str, target: str, markup: Markup
    ) -> list[str]:
        translated: list[str] = []
        for load in loads(segments, _MOST, _ROOM):
            answer = await self._exchange.ask(
                "/translate", self._question(load, source, target, markup)
            )
            words = answer.get("translatedText") if isinstance(answer, dict) else None
            translated += self._exchange.whole(words, len(load))
        return translated

    async def pairs(self) -> frozenset[tuple[str, str]]:
        answer = await self._exchange.ask("/languages")
        try:
            theirs = {(row["code"], target) for row in answer for target in row["targets"]}
        except (TypeError, KeyError):
            raise self._exchange.strange() from None
        return frozenset(
            (source, target)
            for source, here in self._codes.items()
            for target, there in self._codes.items()
            if here != there and (here, there) in theirs
        )

    async def health(self) -> None:
        """Its /health says that it runs; /languages, that it speaks to us and has models."""
        answer = await self._exchange.ask("/health")
        if not isinstance(answer, dict) or answer.get("status") != "ok":
            raise FeedError("LibreTranslate says that it is not well")
        if not await self.pairs():
            raise FeedError("LibreTranslate has none of our languages: load their models")

    def _question(
        self, load: list[str], source: str, target: str, markup: Markup
    ) -> dict[str, object]:
        try:
            question: dict[str, object] = {
                "q": load,
                "source": self._codes[source],
                "target": self._codes[target],
                "format": markup,
                "alternatives": 0,
            }
        except KeyError:
            raise FeedError("LibreTranslate does not have that pair of languages") from None
        return question if self._key is None else {**question, "api_key": self._key}
