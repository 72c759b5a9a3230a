"""Commands are found by their English name and by their name in each language."""

from pathlib import Path
from zoneinfo import ZoneInfo

import polib
import pytest

from bot.catalogs import Catalogs
from bot.conversation import Context, Reply, Router
from bot.languages import LOCALES
from bot.text import _, _p
from bot.vocabulary import Vocabulary

WORDS = {
    "pl": {"help": "pomoc", "stop": "koniec", "pause": "przerwa"},
    "uk": {"help": "допомога", "stop": "стоп", "pause": "koniec"},
}


def router() -> Router:
    router = Router()
    for word in (_p("command", "help"), _p("command", "stop"), _p("command", "pause")):

        async def say(_ctx: Context) -> Reply:
            return Reply(_("Yes."))

        router.command(word)(say)
    return router


@pytest.fixture
def vocabulary(tmp_path: Path) -> Vocabulary:
    (tmp_path / "languages.toml").write_text((LOCALES / "languages.toml").read_text())
    for code, words in WORDS.items():
        folder = tmp_path / code / "LC_MESSAGES"
        folder.mkdir(parents=True)
        for domain in ("messages", "safety"):
            catalog = polib.POFile()
            catalog.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
            catalog.extend(
                polib.POEntry(msgctxt="command", msgid=english, msgstr=word)
                for english, word in words.items()
                if domain == "messages"
            )
            catalog.save(str(folder / f"{domain}.po"))
    catalogs = Catalogs(tmp_path, zone=ZoneInfo("Europe/London"), offer_drafts=True)
    return Vocabulary(router().commands, catalogs)


def found(vocabulary: Vocabulary, typed: str, language: str, *, in_any: bool = False) -> str | None:
    command = vocabulary.find(typed, language, in_any=in_any)
    return None if command is None else command.name


@pytest.mark.parametrize("typed", ["help", "HELP", "pomoc", "Pomoc!", "  pomoc"])
def test_a_command_is_called_in_english_and_in_ones_own_language(
    vocabulary: Vocabulary, typed: str
) -> None:
    assert found(vocabulary, typed, "pl") == "help"


def test_a_word_of_another_language_is_heard_where_nothing_was_asked(
    vocabulary: Vocabulary,
) -> None:
    assert found(vocabulary, "допомога", "pl") is None
    assert found(vocabulary, "допомога", "pl", in_any=True) == "help"


def test_a_word_with_two_meanings_is_left_to_its_own_reader(vocabulary: Vocabulary) -> None:
    assert found(vocabulary, "koniec", "pl", in_any=True) == "stop"
    assert found(vocabulary, "koniec", "uk", in_any=True) == "pause"
    assert found(vocabulary, "koniec", "en_GB", in_any=True) is None
