"""The files translators edit: kept in step with the words in the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import polib
from babel.messages.extract import extract_from_file

from bot.languages import ENGLISH, LOCALES, plurals, read_registry
from bot.ports import Language

ROOT = Path(__file__).parents[1]
DOMAINS = ("safety", "messages")
SOURCES = ("bot", "channels", "feeds", "handlers", "web")
SAFETY = ROOT / "bot" / "safety.py"
WIDTH = 100

_KEYWORDS = {"_": None, "_n": (1, 2), "_p": ((1, "c"), 2)}
MENU = "A line in the menu of commands. Max 60"
CALLED = (
    "What people may type instead of the English command, with or without a slash. One everyday "
    "word, unlike those of the other commands."
)


def file_of(folder: Path, code: str, domain: str) -> Path:
    """The file with a language's translations of one domain."""
    return folder / code / "LC_MESSAGES" / f"{domain}.po"


def name_of(path: Path) -> str:
    """A file as its translator knows it."""
    parts = path.parts
    return Path(*parts[parts.index("locales") :]).as_posix() if "locales" in parts else str(path)


def translated(folder: Path = LOCALES) -> list[Language]:
    """The languages that have translations: all but English."""
    return [language for language in read_registry(folder) if language.code != ENGLISH]


def extract(folder: Path = LOCALES) -> list[Language]:
    """Bring the templates in step with the code, and every language with them; gives those."""
    languages = translated(folder)
    for domain in DOMAINS:
        template = words_in_code(domain)
        template.save(str(folder / f"{domain}.pot"))
        for language in languages:
            bring_in_step(file_of(folder, language.code, domain), language, template)
    return languages


def start(language: Language, folder: Path = LOCALES) -> None:
    """Make the folder of a new language: every message, none of them translated."""
    for domain in DOMAINS:
        bring_in_step(file_of(folder, language.code, domain), language, words_in_code(domain))
    advice = folder / language.code / "advice"
    advice.mkdir(exist_ok=True)
    (advice / ".gitkeep").touch()


def words_in_code(domain: str) -> polib.POFile:
    """Every message of one domain with its notes for translators: the template."""
    template = polib.POFile(wrapwidth=WIDTH)
    template.metadata = _metadata()
    found: dict[tuple[str | None, str], polib.POEntry] = {}
    for path in _source_files(domain):
        menu = set(_menu_lines(path))
        for _line, message, notes, context in extract_from_file(
            "python",
            path,
            keywords=_KEYWORDS,
            comment_tags=("Translators:",),
            strip_comment_tags=True,
        ):
            id, plural = (message, "") if isinstance(message, str) else message[:2]
            entry = found.setdefault((context, id), polib.POEntry(msgid=id, msgctxt=context))
            if plural:
                entry.msgid_plural = plural
                entry.msgstr_plural = {0: "", 1: ""}
            place = (path.relative_to(ROOT).as_posix(), "")
            if place not in entry.occurrences:
                entry.occurrences.append(place)
            note = " ".join(notes)
            if context is None and id in menu:
                note = MENU
            elif context == "command":
                note = CALLED
            if note and note not in entry.comment:
                entry.comment = f"{entry.comment}\n{note}".strip()
    template.extend(found.values())
    return template


def bring_in_step(path: Path, language: Language, template: polib.POFile) -> None:
    """Give a language's file the template's messages; what the code no longer says is dropped."""
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog = polib.pofile(str(path), wrapwidth=WIDTH) if path.exists() else polib.POFile()
    catalog.wrapwidth = WIDTH
    forms = plurals(language.babel)
    catalog.metadata = {
        **_metadata(),
        "Language": language.code,
        "Plural-Forms": forms.header,
        # Whatever else a translator's tool has written there stays.
        **{name: value for name, value in catalog.metadata.items() if name.startswith("X-")},
    }
    catalog.merge(template)
    for entry in catalog.obsolete_entries():
        catalog.remove(entry)
    order = {(entry.msgctxt, entry.msgid): number for number, entry in enumerate(template)}
    catalog.sort(key=lambda entry: order[entry.msgctxt, entry.msgid])
    for entry in catalog:
        if entry.msgid_plural:
            entry.msgstr_plural = {n: entry.msgstr_plural.get(n, "") for n in range(forms.count)}
    catalog.save(str(path))


def _menu_lines(path: Path) -> Iterator[str]:
    """The descriptions of commands: every ``menu=_("…")`` in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.keyword(arg="menu", value=ast.Call(args=[ast.Constant(value=str(words))])):
                yield words


def _metadata() -> dict[str, str]:
    return {
        "Project-Id-Version": "Beatline",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }


def _source_files(domain: str) -> list[Path]:
    if domain == "safety":
        return [SAFETY]
    found = [path for folder in SOURCES for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if path != SAFETY]
