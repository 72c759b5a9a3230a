"""The way through an engine. Any failure on it means that the original is shown."""

import asyncio
import re
import unicodedata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.errors import FeedError
from bot.ports import Clock, Language, TranslationEngine
from bot.reading.prose import tidy
from bot.services.translation.protection import Names, Protected, bare, protect, restore
from bot.services.translation.verification import Unfit, verify, with_latin_digits

REST = timedelta(minutes=1)
"""How long an engine that failed is left alone; nobody waits for it meanwhile."""
PAIRS_HOLD = timedelta(minutes=10)
PAIRS_SECONDS = 5.0
"""How long to wait for the list of them, which somebody may be waiting for."""

_BREAKS = re.compile(r"(\n+)")
log = structlog.get_logger()


class Memory(Protocol):
    """What was translated before, by the words as the engine got them."""

    async def recall(self, segments: Sequence[str], source: str, target: str) -> Mapping[str, str]:
        """What is known of these."""

    async def keep(self, known: Mapping[str, str], source: str, target: str) -> None:
        """Know more, all of it checked."""


class Translator:
    """Translates by one engine. ``languages`` are by code; ``names`` are those of places.

    With a ``memory`` nothing is asked twice: for words that are public only.
    """

    def __init__(
        self,
        engine: TranslationEngine,
        languages: Mapping[str, Language],
        names: Callable[[], Awaitable[Names]],
        clock: Clock,
        memory: Memory | None = None,
    ) -> None:
        self._engine = engine
        self._languages = languages
        self._names = names
        self._clock = clock
        self._memory = memory
        self._pairs: tuple[datetime, frozenset[tuple[str, str]]] | None = None
        self._rests_until: datetime | None = None
        self._problem: str | None = None

    @property
    def problem(self) -> str | None:
        """Why the engine does not translate just now, in a few words; None when it does."""
        return self._problem

    async def can(self, source: str, target: str) -> bool:
        """Whether the engine has this pair, and has not just failed."""
        return (source, target) in await self.pairs()

    async def pairs(self, *, seconds: float = PAIRS_SECONDS) -> frozenset[tuple[str, str]]:
        """The pairs of our languages that the engine has; none while it rests, or is too slow."""
        now = self._clock.now()
        if self._rests_until is not None and now < self._rests_until:
            return frozenset()
        if self._pairs is None or now >= self._pairs[0] + PAIRS_HOLD:
            try:
                async with asyncio.timeout(seconds):
                    self._pairs = now, await self._engine.pairs()
            except TimeoutError:
                self._fail(FeedError(f"the engine took over {seconds:g} seconds"))
                return frozenset()
            except FeedError as error:
                self._fail(error)
                return frozenset()
        return self._pairs[1]

    async def health(self) -> None:
        """Ask the engine itself. Raises FeedError."""
        await self._engine.health()

    async def translate(
        self, texts: Sequence[str], source: str, target: str, *, seconds: float
    ) -> list[str]:
        """Texts in another language, each line end where it was.

        Raises FeedError where the engine does not answer in time, or where any part of what it
        says fails a check; its words hold nothing of a text.
        """
        split = [[_sane(part) for part in _BREAKS.split(text)] for text in texts]
        names = await self._names()
        blocks = {
            block: protect(block, names, self._engine.markup)
            for parts in split
            for block in parts[::2]
            if block.strip()
        }
        try:
            async with asyncio.timeout(seconds):
                made = await self._made(blocks, source, target)
        except TimeoutError:
            raise self._fail(FeedError(f"the engine took over {seconds:g} seconds")) from None
        except Unfit as error:
            log.info("translation_refused", language=target, reason=str(error))
            raise
        except FeedError as error:
            raise self._fail(error) from None
        self._problem = None
        return ["".join(made.get(part, part) for part in parts) for parts in split]

    async def _made(
        self, blocks: Mapping[str, Protected], source: str, target: str
    ) -> dict[str, str]:
        wanted = {each.words for each in blocks.values() if any(map(str.isalpha, each.bare))}
        known = dict(await self._recall(sorted(wanted), source, target))
        new = [words for words in sorted(wanted) if words not in known]
        if new:
            answers = await self._engine.translate(new, source, target, self._engine.markup)
            known |= dict(zip(new, map(_sane, answers), strict=True))
        script = self._languages[target].script
        made = {
            block: self._checked(each, known[each.words], script) if each.words in known else block
            for block, each in blocks.items()
        }
        if self._memory is not None and new:
            await self._memory.keep({words: known[words] for words in new}, source, target)
        return made

    async def _recall(self, segments: Sequence[str], source: str, target: str) -> Mapping[str, str]:
        if self._memory is None:
            return {}
        return await self._memory.recall(segments, source, target)

    def _checked(self, source: Protected, translated: str, script: str) -> str:
        """A block with what was kept back in its place. Raises Unfit."""
        verify(source.bare, bare(translated, source.markup), script)
        return " ".join(_sane(restore(with_latin_digits(translated), source)).split())

    def _fail(self, error: FeedError) -> FeedError:
        """Leave the engine alone for a while; said once in the log, without any words of people."""
        self._rests_until = self._clock.now() + REST
        self._pairs = None
        if str(error) != self._problem:
            log.warning("translation_fails", reason=str(error))
        self._problem = str(error)
        return error


def _sane(part: str) -> str:
    """A line without what hides or turns words, its digits as they are typed here."""
    if not part.strip():
        return part
    return unicodedata.normalize("NFC", with_latin_digits(tidy(part)))
