"""Each kind of fault that a translator can make is found, and told so that it can be mended."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import polib
import pytest

from bot.catalog_faults import Problem, problems
from bot.catalog_files import DOMAINS, extract, file_of, words_in_code
from bot.languages import LOCALES, REGISTRY, read_registry

CODES = ("pl", "ro", "ur", "uk")
FOLLOW = "You now follow {area}."
EMERGENCY = "If you or someone else is in danger now, or a crime is happening now, call 999."
COUNTED = "There is {count} more."
BOLD = "<b>Alert</b>"
HELP = "I do not know that. Send /help to see what I can do."
MENU = "Check a message from us"
BUTTON = "Check for a reply"
COMMAND = "frequency"

Templates = Mapping[str, polib.POFile]
Spoil = Callable[[Path], None]


@pytest.fixture(scope="module")
def templates() -> Templates:
    return {domain: words_in_code(domain) for domain in DOMAINS}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of some of our languages, in step with the code."""
    folder = tmp_path_factory.mktemp("whole") / "locales"
    folder.mkdir()
    registry = (LOCALES / REGISTRY).read_text()
    sections = re.split(r"\n(?=\[)", registry)
    wanted = tuple(f"[{code}]" for code in ("en_GB", *CODES))
    kept = [each for each in sections if each.startswith(wanted)]
    (folder / REGISTRY).write_text("\n".join(kept))
    (folder / "glossary.csv").write_text(
        "term,note,pl\nconcern,told to the team,sprawa/zgłoszenie\n"
    )
    for code in CODES:
        shutil.copytree(LOCALES / code / "LC_MESSAGES", folder / code / "LC_MESSAGES")
        shutil.copy(LOCALES / "pl" / "safeguarding.toml", folder / code / "safeguarding.toml")
    extract(folder)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """The same, to be spoilt."""
    return Path(shutil.copytree(whole, tmp_path / "locales"))


@pytest.fixture(scope="module")
def before(whole: Path, templates: Templates) -> set[Problem]:
    return set(found_in(whole, templates))


def found_in(folder: Path, templates: Templates) -> list[Problem]:
    return problems(
        folder, [each for each in read_registry(folder) if each.code in CODES], templates
    )


def says(english: str, *forms: str, code: str = "pl", domain: str = "messages") -> Spoil:
    """Give a message these words; several for plural forms."""

    def spoil(folder: Path) -> None:
        path = file_of(folder, code, domain)
        entries = polib.pofile(str(path), wrapwidth=100)
        entry = next(each for each in entries if each.msgid == english)
        if entry.msgid_plural:
            entry.msgstr_plural = dict(enumerate(forms))
        else:
            [entry.msgstr] = forms
        entries.save()

    return spoil


def turned(was: str | bytes, now: str | bytes, code: str = "pl", domain: str = "messages") -> Spoil:
    """Change the file itself, at the first such place."""

    def spoil(folder: Path) -> None:
        path = file_of(folder, "pl", domain)
        old, new = (each.encode() if isinstance(each, str) else each for each in (was, now))
        content = path.read_bytes()
        assert old in content
        path.write_bytes(content.replace(old, new, 1))

    return spoil


def written(name: str, words: str) -> Spoil:
    """Write a file anew."""

    def spoil(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(words)

    return spoil


def listed(code: str, was: str, now: str) -> Spoil:
    """Change a language's entry on the list."""

    def spoil(folder: Path) -> None:
        path = folder / REGISTRY
        before, own, after = path.read_text().partition(f"[{code}]")
        path.write_text(before + own + after.replace(was, now, 1))

    return spoil


def without(english: str, domain: str = "messages") -> Spoil:
    def spoil(folder: Path) -> None:
        entries = polib.pofile(str(file_of(folder, "pl", domain)))
        entries.remove(next(each for each in entries if each.msgid == english))
        entries.save()

    return spoil


def appended(english: str) -> Spoil:
    def spoil(folder: Path) -> None:
        with file_of(folder, "pl", "messages").open("a") as file:
            file.write(f'\nmsgid "{english}"\nmsgstr "Tak."\n')

    return spoil


BRACES, TAGS, NUMBERS = "the parts in {braces}", "the tags in <angle", "numbers must be the same"
MARKS, UNSEEN, ALIKE = "invisible direction marks", "the invisible character", "another alphabet"
FAULTS: dict[str, tuple[Spoil, str]] = {
    "a placeholder is translated": (says(FOLLOW, "Obserwujesz {obszar}."), BRACES),
    "a placeholder is left out": (says(FOLLOW, "Obserwujesz."), BRACES),
    "a placeholder is added": (says(FOLLOW, "{name}, obserwujesz {area}."), BRACES),
    "a brace is not closed": (says(FOLLOW, "Obserwujesz {area."), BRACES),
    "a placeholder reaches into a value": (says(FOLLOW, "Obserwujesz {area.__class__}."), BRACES),
    "a placeholder has a number": (says(FOLLOW, "Obserwujesz {0.__class__}."), BRACES),
    "a tag is left out": (says(BOLD, "Alarm"), TAGS),
    "a tag is another": (says(BOLD, "<i>Alarm</i>"), TAGS),
    "a tag is not closed": (says(BOLD, "<b>Alarm"), "a tag is opened and not closed"),
    "tags are in the wrong order": (says(BOLD, "</b>Alarm<b>"), "closed in the wrong order"),
    "markup is slipped in": (says(BOLD, "<b>Alarm</b><script>alert(1)</script>"), TAGS),
    "a link is slipped in": (says(MENU, "Patrz https://bad.example/x"), "web addresses must"),
    "a number is changed": (says(EMERGENCY, "Dzwoń pod 112.", domain="safety"), NUMBERS),
    "a number is left out": (says(EMERGENCY, "Dzwoń.", domain="safety"), NUMBERS),
    "digits are of another script": (says(EMERGENCY, "Dzwoń ۹۹۹.", domain="safety"), "digits 0-9"),
    "a command is translated": (says(HELP, "Nie wiem. Wyślij /pomoc."), "commands such as /stop"),
    "the direction is overridden": (says(MENU, "Sprawdź \u202ewiadomość"), MARKS),
    "an isolate is left open": (says(MENU, "Sprawdź \u2067wiadomość"), MARKS),
    "a direction mark is left": (says(MENU, "Sprawdź wiadomość\u200f"), MARKS),
    "a space has no width": (says(MENU, "Sprawdź\u200bwiadomość"), UNSEEN),
    "a hyphen is soft": (says(MENU, "Sprawdź wiado\u00admość"), UNSEEN),
    "letters are joined for nothing": (says(MENU, "Sprawdz\u200d wiadomosc"), UNSEEN),
    "a control character is left": (says(MENU, "Sprawdź\u0007 wiadomość"), UNSEEN),
    "a letter was lost": (says(MENU, "Sprawd\ufffd wiadomość"), "where a letter was lost"),
    "a command is two words": (says(COMMAND, "jak często"), "write one word"),
    "a button is too long": (says(BUTTON, "Sprawdź, czy przyszła odpowiedź"), "at most 30"),
    "a line of the menu is too long": (says(MENU, "Sprawdź " * 8 + "ją"), "at most 60"),
    "a message is 50 kB long": (says(FOLLOW, "{area} " + "a" * 50_000), "too long: 50007"),
    "a message begins with a blank": (says(MENU, " Sprawdź wiadomość"), "take out the blank"),
    "a plural form is empty": (says(COUNTED, "{count}", "", "{count}"), "fill in every plural"),
    "a plural form is missing": (says(COUNTED, "{count}", "{count}"), "has 3 plural forms"),
    "a plural form lacks its number": (says(COUNTED, "{count}", "x", "{count}"), "plural form 1"),
    "a safety phrase is fuzzy": (
        turned(
            '#: bot/safety.py\nmsgid "If', '#: bot/safety.py\n#, fuzzy\nmsgid "If', "pl", "safety"
        ),
        "safety phrases must be certain",
    ),
    "a safety phrase is empty": (says(EMERGENCY, "", domain="safety"), "a language needs it"),
    "a message is left in English": (says(MENU, MENU), "it is the same as the English"),
    "a message is in another script": (
        says(MENU, "Sprawdź wiadomość", code="ur"),
        "not in the script of Urdu",
    ),
    "a Latin letter hides in a word": (says(MENU, "Пeревірте це", code="uk"), ALIKE),
    "a Latin letter stands for a word": (says(MENU, "Перевірте i це", code="uk"), ALIKE),
    "a Cyrillic letter hides in a word": (says(MENU, "Sprаwdź wiadomość"), ALIKE),
    "s has a cedilla": (says(MENU, "Verificaţi acest mesaj", code="ro"), "write ț where ţ stands"),
    "kaf is Arabic in Urdu": (says(MENU, "اس كو چیک کریں", code="ur"), "write ک where ك stands"),
    "the head names another language": (turned("Language: pl", "Language: cs"), "line Language"),
    "the plural rule is another": (turned("nplurals=3", "nplurals=2"), "line Plural-Forms must be"),
    "the encoding is another": (turned("charset=UTF-8", "charset=CP1250"), "line Content-Type"),
    "a computer's words are called reviewed": (
        listed("pl", 'status = "draft"', 'status = "reviewed"'),
        "X-Origin says that a computer wrote it",
    ),
    "nobody reviewed it": (
        listed("pl", 'status = "draft"', 'status = "reviewed"'),
        "[pl] is reviewed by nobody",
    ),
    "a folder is on no list": (written("cs/x.po", ""), "the folder cs is not on the list"),
    "a file is missing": (
        lambda folder: file_of(folder, "pl", "messages").unlink(),
        "the file is missing",
    ),
    "a quote is missing": (turned('msgid "You now', "msgid You now"), "not in the file"),
    "a key word is misspelt": (turned('msgid "You', 'msgidd "You'), "it is damaged at line"),
    "the file is not UTF-8": (turned("ż", b"\xbf"), "is not UTF-8"),
    "a message was deleted": (without(FOLLOW), "1 messages are not in the file"),
    "a safety phrase was deleted": (without(EMERGENCY, "safety"), "1 messages are not in the file"),
    "a message was added": (appended("Hello there."), "the code does not say 1 of these"),
    "a message is there twice": (appended(FOLLOW), "this message is there twice"),
    "a note was changed": (turned("#. A button", "#. A knob"), "order or its notes"),
    "the template is old": (
        lambda folder: (folder / "messages.pot").unlink(),
        "messages.pot: not in step with the code",
    ),
    "a phrase cannot be read": (
        written("pl/safeguarding.toml", 'fraud = ["[a|b"]'),
        "] is missing",
    ),
    "a phrase names no group": (written("pl/safeguarding.toml", 'fraud = ["<who>"]'), "no group"),
    "a kind of danger is unknown": (written("pl/safeguarding.toml", 'fire = ["a"]'), "'fire'"),
    "phrases are not TOML": (written("pl/safeguarding.toml", "fraud = ["), "it is not TOML"),
    "the glossary has no head": (written("glossary.csv", "word,pl\na,b\n"), "first line must be"),
    "a cell of the glossary has a comma": (
        written("glossary.csv", "term,note,pl\na,b,c,d\n"),
        "line 2 must begin with a term",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_and_told_in_one_line(
    fault: str, folder: Path, templates: Templates, before: set[Problem]
) -> None:
    spoil, told = FAULTS[fault]
    spoil(folder)
    found = [problem for problem in found_in(folder, templates) if problem not in before]
    lines = [str(problem) for problem in found if not problem.note]
    assert any(told in line for line in lines), lines
    assert all("\n" not in line for line in lines)
    assert all(line.startswith("locales/") for line in lines)


def test_a_fault_names_the_file_and_the_english(folder: Path, templates: Templates) -> None:
    says(FOLLOW, "Obserwujesz.")(folder)
    assert (
        f"locales/pl/LC_MESSAGES/messages.po: “{FOLLOW}”: the parts in {{braces}} must be the same "
        "as in the English"
    ) in map(str, found_in(folder, templates))


def test_gaps_and_other_terms_are_noted_and_refuse_nothing(
    folder: Path, templates: Templates, before: set[Problem]
) -> None:
    says(FOLLOW, "")(folder)
    written("glossary.csv", "term,note,pl\nyour area,,kraina\n")(folder)
    found = [problem for problem in found_in(folder, templates) if problem not in before]
    assert found
    assert all(problem.note for problem in found)
    assert any("not translated yet" in problem.mend for problem in found)
    assert any("glossary term missing: your area" in problem.mend for problem in found)


def test_what_is_rightly_the_same_as_the_english_is_left_alone_when_it_says_so(
    folder: Path, templates: Templates, before: set[Problem]
) -> None:
    path = file_of(folder, "pl", "messages")
    entries = polib.pofile(str(path), wrapwidth=100)
    entry = next(each for each in entries if each.msgid == MENU)
    entry.msgstr, entry.tcomment = MENU, "same as the English"
    entries.save()
    assert [each for each in found_in(folder, templates) if each not in before] == []


@pytest.mark.parametrize("code", [each.code for each in read_registry() if each.code != "en_GB"])
def test_a_shipped_language_is_whole_and_raises_no_alarm(code: str, templates: Templates) -> None:
    [language] = [each for each in read_registry() if each.code == code]
    own = [each for each in problems(LOCALES, [language], templates) if "glossary" not in each.mend]
    assert [str(each) for each in own] == []


def test_there_are_enough_kinds_of_fault() -> None:
    assert len(FAULTS) >= 30
