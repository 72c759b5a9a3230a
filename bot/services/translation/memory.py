"""What an engine made of public words before: it is not asked the same again."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence

from bot.ports import Clock, Markup, TranslationEngine
from bot.store import translations
from bot.store.database import Database

PROTECTION = "1"
"""Goes up with a change of what is protected, or how: what was made before is made anew."""


class DatabaseMemory:
    """The translator's Memory over the subscriptions database. Never for words of residents."""

    def __init__(self, database: Database, clock: Clock, engine: TranslationEngine) -> None:
        self._database = database
        self._clock = clock
        self._engine = engine

    async def recall(self, segments: Sequence[str], source: str, target: str) -> Mapping[str, str]:
        keys = {self._key(each, source, target): each for each in segments}
        async with self._database.write() as connection:
            known = await translations.recall(connection, list(keys), self._clock.now().date())
        return {keys[key]: words for key, words in known.items()}

    async def keep(self, known: Mapping[str, str], source: str, target: str) -> None:
        keyed = {self._key(each, source, target): words for each, words in known.items()}
        async with self._database.write() as connection:
            await translations.keep(connection, keyed, self._clock.now().date())

    def _key(self, segment: str, source: str, target: str) -> bytes:
        return memory_key(segment, source, target, self._engine.markup, self._engine.name)


def memory_key(segment: str, source: str, target: str, markup: Markup, engine: str) -> bytes:
    """SHA-256 of everything that decides what an engine answers."""
    words = unicodedata.normalize("NFC", segment)
    return hashlib.sha256(
        json.dumps([words, source, target, markup, engine, PROTECTION]).encode()
    ).digest()
