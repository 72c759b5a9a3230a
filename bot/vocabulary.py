"""The words that call a command: its English name, and its name in each language on offer."""

from collections.abc import Mapping

from bot.conversation import Command
from bot.ports import Renderer
from bot.safeguarding import fold


class Vocabulary:
    """Finds commands by typed words, as people vary them: with or without accents and capitals."""

    def __init__(self, commands: Mapping[str, Command], renderer: Renderer) -> None:
        self._english = commands
        self._translated = {
            language.code: {
                fold(renderer.plain(command.word, language.code)): command
                for command in commands.values()
            }
            for language in renderer.offered
        }

    def find(self, typed: str, language: str, *, in_any: bool = False) -> Command | None:
        """The command called in English or in the reader's language, or ``in_any`` of them.

        English names come first, so that /stop stops whatever it means elsewhere. A word that two
        languages use for different commands is nobody's but its own reader's.
        """
        word = fold(typed)
        own = self._english.get(word) or self._translated.get(language, {}).get(word)
        if own is not None or not in_any:
            return own
        meant = {each[word].name: each[word] for each in self._translated.values() if word in each}
        return meant.popitem()[1] if len(meant) == 1 else None
