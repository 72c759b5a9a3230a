"""DeepL, for words that are public anyway: developers.deepl.com/docs/api-reference, version 2."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.clients.translation.exchange import Exchange, QuotaSpent, loads
from bot.errors import FeedError
from bot.ports import Fetch, Language, Markup

_MOST, _ROOM = 50, 100_000  # of 50 texts and 128 KiB a request, with what is written around them


class DeepL:
    """The TranslationEngine port over its API.

    Once the quota is spent, nothing is sent before DeepL says that there is some again.
    """

    markup: Markup = "html"

    def __init__(
        self, url: str, key: str | None, fetch: Fetch, languages: Sequence[Language]
    ) -> None:
        self.name = f"deepl {urlsplit(url).hostname}"
        self._headers = {"Authorization": f"DeepL-Auth-Key {key or ''}"}
        self._codes = {each.code: each.deepl for each in languages if each.deepl}
        self._exchange = Exchange("DeepL", url, fetch)
        self._spent = False

    async def translate(
        self, segments: Sequence[str], source: str, target: str, markup: Markup
    ) -> list[str]:
        if source not in self._codes or target not in self._codes:
            raise FeedError("DeepL does not have that pair of languages")
        await self._refuse_while_spent()
        translated: list[str] = []
        for load in loads(segments, _MOST, _ROOM):
            translated += await self._translate(load, source, target, markup)
        return translated

    async def pairs(self) -> frozenset[tuple[str, str]]:
        sources = await self._languages("source")
        targets = await self._languages("target")
        return frozenset(
            (source, target)
            for source, here in self._codes.items()
            for target, there in self._codes.items()
            if source != target and _base(here) in sources and there in targets
        )

    async def health(self) -> None:
        await self._refuse_while_spent(ask=True)

    async def _translate(
        self, load: list[str], source: str, target: str, markup: Markup
    ) -> list[str]:
        question: dict[str, object] = {
            "text": load,
            "source_lang": _base(self._codes[source]),
            "target_lang": self._codes[target],
        }
        if markup == "html":
            question["tag_handling"] = "html"
        try:
            answer = await self._exchange.ask("/v2/translate", question, self._headers)
        except QuotaSpent:
            self._spent = True
            raise
        try:
            words = [each["text"] for each in answer["translations"]]
        except (TypeError, KeyError):
            raise self._exchange.strange() from None
        return self._exchange.whole(words, len(load))

    async def _languages(self, kind: str) -> set[str]:
        answer = await self._exchange.ask(f"/v2/languages?type={kind}", headers=self._headers)
        try:
            return {row["language"] for row in answer}
        except (TypeError, KeyError):
            raise self._exchange.strange() from None

    async def _refuse_while_spent(self, *, ask: bool = False) -> None:
        """Raises QuotaSpent where DeepL's own count of this period says so."""
        if not self._spent and not ask:
            return
        usage = await self._exchange.ask("/v2/usage", headers=self._headers)
        try:
            self._spent = usage["character_count"] >= usage["character_limit"]
        except (TypeError, KeyError):
            raise self._exchange.strange() from None
        if self._spent:
            raise QuotaSpent("the quota of DeepL is spent; it goes on when their count is reset")


def _base(code: str) -> str:
    """A source has no region: "PT" for "PT-PT"."""
    return code.partition("-")[0]
