"""Between one resident and their team: by an engine on our own network, and kept nowhere.

What is written here is neither logged nor remembered; a translation lives for one letter or one
reading. Threat model, section 8.
"""

import asyncio
from collections.abc import Sequence

import structlog

from bot.errors import FeedError
from bot.services.translation.emergencies import cut
from bot.services.translation.translator import Translator

log = structlog.get_logger()

ENGLISH = "en_GB"
SECONDS = 10.0
"""How long a resident waits for it at most, before a receipt or an answer is shown."""


class Interpreter:
    """Reads residents' words to officers, and officers' to residents. ``local`` has no memory.

    Its methods never raise: what cannot be translated is None, and the original stands alone.
    """

    def __init__(self, local: Translator) -> None:
        self._local = local

    async def reads(self, language: str) -> bool:
        """Whether words in a language can be put into English here."""
        return await self._local.can(language, ENGLISH)

    async def into_english(self, texts: Sequence[str], language: str) -> list[str | None]:
        """A resident's words in English, each None where it cannot be."""
        return await self._each(texts, language, ENGLISH)

    async def out_of_english(self, texts: Sequence[str], language: str) -> list[str | None]:
        """An officer's words in a resident's language, without what they say of emergencies.

        Those words never go through an engine; whoever shows the rest shows our own phrase.
        """
        return await self._each([cut(text)[0] for text in texts], ENGLISH, language)

    async def _each(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        try:
            if source == target or not await self._local.can(source, target):
                return [None] * len(texts)
            return await asyncio.gather(*(self._one(text, source, target) for text in texts))
        except Exception as error:  # a fault of ours must not cost anybody their words
            log.error("translation_failed", error=type(error).__name__)
            return [None] * len(texts)

    async def _one(self, text: str, source: str, target: str) -> str | None:
        if not text.strip():
            return None
        try:
            made = await self._local.translate([text], source, target, seconds=SECONDS)
        except FeedError:  # the translator has said so in the log, without the words
            return None
        return made[0] if made[0].split() != text.split() else None
