"""No engine: everything stays in the language it was written in."""

from collections.abc import Sequence

from bot.errors import FeedError
from bot.ports import Markup


class NoEngine:
    """The TranslationEngine port where the operator has named none."""

    name = ""
    markup: Markup = "text"

    async def translate(
        self, segments: Sequence[str], source: str, target: str, markup: Markup
    ) -> list[str]:
        raise FeedError("no translation engine is set up")

    async def pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset()

    async def health(self) -> None:
        return
