"""A stranger adds a language: by one command and its two files, and touches nothing else."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import polib
import pytest

from bot import pseudo
from bot.catalog_files import ROOT, SOURCES, file_of
from bot.catalogs import Catalogs
from bot.languages import REGISTRY, read_registry
from bot.services import Services
from bot.text import _n
from bot.translation_faults import limit
from tests.both_channels import on_web
from tests.conftest import new_dispatcher

LONDON = ZoneInfo("Europe/London")
MARKS = "abcde"  # which of the five Welsh forms it is


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The repository as a stranger has it: its own locales, the code as it is."""
    for name in (*SOURCES, "data"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "locales", tmp_path / "locales")
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "translating.md", tmp_path / "docs")
    return tmp_path


def beatline(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The real command, in that checkout."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )


def state(checkout: Path) -> dict[str, str]:
    """A digest of each file that belongs to the checkout alone."""
    return {
        path.relative_to(checkout).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("locales", "docs")
        for path in (checkout / folder).rglob("*")
        if path.is_file()
    }


def translate(path: Path) -> None:
    """What the stranger does: each message gets words, each count its five forms."""
    entries = polib.pofile(str(path), wrapwidth=100)
    for entry in entries:
        if entry.msgid_plural:
            forms = entry.msgstr_plural
            entry.msgstr_plural = {form: f"{MARKS[form]} {entry.msgid_plural}" for form in forms}
        else:
            entry.msgstr = pseudo.pretend(entry.msgid, "en_XA", limit(entry))
    entries.save()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("pl", "pl is on the list already; nothing was changed"),
        ("tlh", "Babel does not know the language tlh"),
        ("Welsh!", "“Welsh!” is not a code of a language"),
        ("../cy", "“../cy” is not a code of a language"),
        ("", "“” is not a code of a language"),
        ("en", "English is on the list already, as en_GB"),
    ],
)
def test_a_code_that_cannot_be_added_is_told_in_plain_words(
    code: str, told: str, checkout: Path
) -> None:
    before = state(checkout)
    done = beatline(checkout, "i18n", "add", code)
    assert done.returncode != 0
    assert told in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert state(checkout) == before


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_stranger_adds_welsh_and_touches_nothing_else(
    checkout: Path, services: Services
) -> None:
    before = state(checkout)
    registry = (checkout / "locales" / REGISTRY).read_text()
    done = beatline(checkout, "i18n", "add", "cy")
    assert done.returncode == 0, done.stderr
    assert "Welsh (Cymraeg)" in done.stdout

    locales = checkout / "locales"
    after = state(checkout)
    assert {name for name in after if after[name] != before.get(name)} == {
        "docs/translating.md",
        f"locales/{REGISTRY}",
        "locales/cy/LC_MESSAGES/messages.po",
        "locales/cy/LC_MESSAGES/safety.po",
        "locales/cy/advice/.gitkeep",
    }
    assert "| Welsh, Cymraeg | `cy` | 0% | 0% |" in (checkout / "docs/translating.md").read_text()
    assert (locales / REGISTRY).read_text().startswith(registry.rstrip())
    [welsh] = [language for language in read_registry(locales) if language.code == "cy"]
    assert (welsh.script, welsh.direction, welsh.telegram) == ("Latn", "ltr", "cy")
    assert (welsh.babel, welsh.status) == ("cy", "draft")
    assert "cy" not in offered(locales)

    half_done = beatline(checkout, "i18n", "check", "cy")
    assert half_done.returncode == 1
    assert "locales/cy/LC_MESSAGES/safety.po" in half_done.stdout
    assert "not translated yet; a language needs it" in half_done.stdout

    for domain in ("safety", "messages"):
        path = file_of(locales, "cy", domain)
        assert polib.pofile(str(path)).metadata["Plural-Forms"].startswith("nplurals=5;")
        translate(path)
    # The code may have learned to say more since the catalogues were last brought in step.
    beatline(checkout, "i18n", "extract")
    checked = beatline(checkout, "i18n", "check", "cy")
    assert "locales/cy/" not in checked.stdout, checked.stdout

    previewed = beatline(checkout, "i18n", "preview", "cy", "--output", "welsh.html")
    assert (previewed.returncode, previewed.stdout) == (0, "welsh.html\n"), previewed.stderr
    seen = (checkout / "welsh.html").read_text(encoding="utf-8")
    assert 'lang="cy"' in seen
    assert "For 6" in seen  # a number that only one of the five forms is for

    catalogs = Catalogs(locales, zone=LONDON, offer_drafts=True)
    assert "cy" in offered(locales)
    forms = {count: catalogs.plain(_n(*_counted(locales), count), "cy")[0] for count in range(7)}
    assert forms == {0: "a", 1: "b", 2: "c", 3: "d", 4: "a", 5: "a", 6: "e"}
    services = replace(services, languages=catalogs.offered)
    async with on_web(new_dispatcher(services, catalogs), catalogs) as resident:
        await resident.says("/start")
        await resident.presses("Cymraeg (computer translation)")
        assert "⟦" in resident.screen
        assert resident.page.lang == "cy"


def offered(locales: Path) -> set[str]:
    catalogs = Catalogs(locales, zone=LONDON, offer_drafts=True)
    return {language.code for language in catalogs.offered}


def _counted(locales: Path) -> tuple[str, str]:
    """A message of ours that counts."""
    entries = polib.pofile(str(locales / "messages.pot"))
    entry = next(each for each in entries if each.msgid_plural and not each.msgctxt)
    return entry.msgid, entry.msgid_plural


def test_a_language_that_babel_does_not_know_borrows_from_one_that_it_does(checkout: Path) -> None:
    words = ("--babel", "pt_PT", "--english", "Tetum", "--native", "Tetun")
    done = beatline(checkout, "i18n", "add", "tet", *words)
    assert done.returncode == 0, done.stderr
    [tetum] = [each for each in read_registry(checkout / "locales") if each.code == "tet"]
    assert (tetum.english, tetum.babel, tetum.telegram) == ("Tetum", "pt_PT", None)
