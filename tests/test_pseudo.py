"""Every screen and page in made-up languages: all is marked, nothing is too long or torn apart."""

import re
from pathlib import Path

import pytest

from bot import pseudo
from bot.catalog_files import DOMAINS, file_of
from bot.catalogs import load
from bot.dispatcher import Dispatcher
from bot.languages import read_registry
from bot.services import Services
from bot.services.conversations import Talk
from bot.services.teams import Change
from tests.both_channels import nothing_logged, on_telegram
from tests.pseudo import Listening
from tests.test_walk import Step, Walk

LONGEST_DRAWN = 80
"""The most characters on a button of Discord, whatever value is on it."""
ISOLATES = re.compile("[\u2066-\u2069]")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pseudo")


@pytest.fixture(scope="module")
def catalogs(folder: Path) -> Listening:
    return Listening(folder)


@pytest.mark.parametrize(
    ("english", "most", "drawn"),
    [
        ("Stop", 30, "⟦Šţöþ~~⟧"),
        ("<b>Call</b> 101 or {number}", 99, "⟦<b>Çåļļ</b> 101 öŕ {number}~~~~⟧"),
        ("See https://a.example/x or /help", 99, "⟦Šéé https://a.example/x öŕ /help~~~~⟧"),
        ("abcdefgh", 8, "⟦åƀçðéƒ⟧"),
    ],
)
def test_a_made_up_translation_is_longer_and_keeps_what_must_be_kept(
    english: str, most: int, drawn: str
) -> None:
    assert pseudo.pretend(english, "en_XA", most) == drawn


def test_the_made_up_languages_are_whole_and_nothing_in_them_is_refused(
    catalogs: Listening, folder: Path
) -> None:
    assert {language.code for language in catalogs.offered} == {"en_GB", *pseudo.CODES}
    for language in read_registry(folder):
        if language.code in pseudo.CODES:
            loaded = load(folder, language)
            assert loaded.dropped == 0
            assert set(loaded.missing.values()) == {0}
            assert all(file_of(folder, language.code, domain).exists() for domain in DOMAINS)


class Reading(Walk):
    """A walk that reads every screen as a translator would."""

    def examine(self, talk: Talk, path: tuple[Step, ...]) -> None:
        super().examine(talk, path)
        screen = self.resident.screen
        assert isinstance(self.catalogs, Listening)
        assert not self.catalogs.outside(screen), f"not marked, after {path}:\n{screen}"
        assert whole(screen), f"an isolate is torn apart, after {path}"
        for button in self.resident.buttons:
            assert len(button.label) <= LONGEST_DRAWN, button
            assert whole(button.label)


def whole(words: str) -> bool:
    """Whether every isolate that is opened in a paragraph is closed in it."""
    for paragraph in words.split("\n\n"):
        depth = 0
        for sign in ISOLATES.findall(paragraph):
            depth += -1 if sign == "\u2069" else 1
            if depth < 0:
                return False
        if depth:
            return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", pseudo.CODES)
async def test_every_screen_is_marked_short_enough_and_whole(
    language: str, dispatcher: Dispatcher, services: Services, catalogs: Listening
) -> None:
    wanted = Change(everywhere=True, email="town@team.example")
    await services.teams.add("Town team", wanted, "the tests")
    with nothing_logged():
        async with on_telegram(dispatcher, catalogs) as resident:
            await resident.says("/start")
            walk = Reading(resident, services, catalogs, language)
            await walk.through_everything()
    assert catalogs.unmarked == set()
    assert len(walk.screens) > 100
