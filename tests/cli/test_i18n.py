"""`beatline i18n`: the catalogues follow the code, and a fault is told in one line each."""

import shutil
from pathlib import Path

import polib
import pytest
from typer.testing import CliRunner

from bot.catalog_files import DOMAINS, bring_in_step, words_in_code
from bot.cli.i18n import app
from bot.errors import OperatorError
from bot.languages import LOCALES, read_registry

POLISH = next(language for language in read_registry() if language.code == "pl")


@pytest.fixture
def messages(tmp_path: Path) -> Path:
    """A copy of the Polish messages, to be spoilt."""
    path = tmp_path / "pl" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    shutil.copy(LOCALES / "pl" / "LC_MESSAGES" / "messages.po", path)
    return path


@pytest.mark.parametrize("domain", DOMAINS)
def test_extracting_again_leaves_no_difference(tmp_path: Path, domain: str) -> None:
    template = words_in_code(domain)
    template.save(str(tmp_path / "new.pot"))
    assert (tmp_path / "new.pot").read_bytes() == (LOCALES / f"{domain}.pot").read_bytes()

    shipped = LOCALES / "pl" / "LC_MESSAGES" / f"{domain}.po"
    path = tmp_path / "pl.po"
    shutil.copy(shipped, path)
    bring_in_step(path, POLISH, template)
    assert path.read_bytes() == shipped.read_bytes()


def test_a_new_language_gets_every_message_and_its_own_plural_forms(tmp_path: Path) -> None:
    path = tmp_path / "pl" / "LC_MESSAGES" / "messages.po"
    template = words_in_code("messages")
    bring_in_step(path, POLISH, template)
    made = polib.pofile(str(path))
    assert [entry.msgid for entry in made] == [entry.msgid for entry in template]
    assert made.metadata["Language"] == "pl"
    assert "nplurals=3" in made.metadata["Plural-Forms"]
    assert all(len(entry.msgstr_plural) == 3 for entry in made if entry.msgid_plural)


def test_a_message_that_the_code_no_longer_says_is_dropped(messages: Path) -> None:
    catalog = polib.pofile(str(messages))
    catalog.append(polib.POEntry(msgid="Gone from the code", msgstr="Nie ma"))
    catalog.save()
    bring_in_step(messages, POLISH, words_in_code("messages"))
    assert "Gone from the code" not in messages.read_text()


def test_every_line_of_the_menu_tells_its_translator_how_long_it_may_be() -> None:
    notes = {entry.msgid: entry.comment for entry in words_in_code("messages") if not entry.msgctxt}
    assert "menu of commands. Max 60" in notes["Check a message from us"]
    assert "Max 60" not in notes["You now follow {area}."]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("tlh", "no language tlh in locales/languages.toml"),
        ("en_GB", "English is what is translated; name another language, or none"),
    ],
)
def test_an_unknown_language_is_refused_in_one_line(code: str, says: str) -> None:
    result = CliRunner().invoke(app, ["check", code])
    assert isinstance(result.exception, OperatorError)
    assert str(result.exception) == says
