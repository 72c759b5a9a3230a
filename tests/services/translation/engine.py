"""The TranslationEngine port, played by hand: it says what it is told to, and what it was asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.errors import FeedError
from bot.languages import read_registry
from bot.ports import Markup
from bot.services.translation.protection import Names
from bot.services.translation.translator import Memory, Translator
from tests.conftest import FakeClock

LANGUAGES = {language.code: language for language in read_registry()}
NAMES = Names.with_shipped(["Riverside"])
ALL = frozenset((one, two) for one in LANGUAGES for two in LANGUAGES if one != two)


def backwards(words: str) -> str:
    """Like another language: every word of small letters the other way round."""
    return " ".join(word[::-1] if word.isalpha() else word for word in words.split(" "))


@dataclass
class PlayedEngine:
    """``says`` makes a translation of a segment; ``down`` is a failure for every question."""

    says: Callable[[str], str] = backwards
    markup: Markup = "text"
    name: str = "played"
    down: str = ""
    have: frozenset[tuple[str, str]] = ALL
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    visits: int = 0

    async def translate(
        self, segments: Sequence[str], source: str, target: str, markup: Markup
    ) -> list[str]:
        self._answer()
        self.asked += [(segment, source, target) for segment in segments]
        return [self.says(segment) for segment in segments]

    async def pairs(self) -> frozenset[tuple[str, str]]:
        self._answer()
        return self.have

    async def health(self) -> None:
        self._answer()

    @property
    def words(self) -> str:
        """All that it was asked."""
        return "\n".join(segment for segment, _source, _target in self.asked)

    def _answer(self) -> None:
        self.visits += 1
        if self.down:
            raise FeedError(self.down)


def translator_over(
    engine: PlayedEngine, clock: FakeClock, memory: Memory | None = None
) -> Translator:
    async def names() -> Names:
        return NAMES

    return Translator(engine, LANGUAGES, names, clock, memory)
