"""`beatline i18n`: bring the catalogues in step with the code, and check every translation."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import polib
import typer
from babel.messages.extract import extract_from_file
from babel.messages.plurals import get_plural
from rich.console import Console

from bot.catalogs import ENGLISH, LOCALES, read_registry
from bot.errors import OperatorError
from bot.ports import Language
from bot.translation_faults import faults

app = typer.Typer(help="Translations: extract the words, check the catalogues.")

ROOT = LOCALES.parent
SAFETY = ROOT / "bot" / "safety.py"
SOURCES = ("bot", "channels", "feeds", "handlers", "web")
KEYWORDS = {"_": None, "_n": (1, 2), "_p": ((1, "c"), 2)}
DOMAINS = ("safety", "messages")
WIDTH = 100


@app.command()
def extract() -> None:
    """Read the words out of the code into the templates, and bring every language in step."""
    for domain in DOMAINS:
        template = words_in_code(domain)
        template.save(str(LOCALES / f"{domain}.pot"))
        for language in _translated_languages():
            bring_in_step(_path(language, domain), language, template)
    Console().print(f"Templates and {len(_translated_languages())} language(s) are in step.")


@app.command()
def check(
    codes: Annotated[list[str] | None, typer.Argument(help="Languages; all when left out.")] = None,
) -> None:
    """Check the translations; each line names the file, the English, the fault and the mend."""
    known = {language.code: language for language in _translated_languages()}
    chosen = codes or list(known)
    if unknown := [code for code in chosen if code not in known]:
        raise OperatorError(f"no language {unknown[0]} in locales/languages.toml")
    found = [
        *_out_of_step(),
        *(
            line
            for code in chosen
            for domain in DOMAINS
            for line in problems(_path(known[code], domain))
        ),
    ]
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for line in found:
        console.print(line)
    if found:
        raise OperatorError(f"{len(found)} problem(s) in the translations")
    console.print(f"Translations are in order: {', '.join(chosen)}.")


def words_in_code(domain: str) -> polib.POFile:
    """Every message of one domain with its notes for translators: the template."""
    template = polib.POFile(wrapwidth=WIDTH)
    template.metadata = _metadata()
    found: dict[tuple[str | None, str], polib.POEntry] = {}
    for path in _source_files(domain):
        for _line, message, notes, context in extract_from_file(
            "python",
            path,
            keywords=KEYWORDS,
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
            if note and note not in entry.comment:
                entry.comment = f"{entry.comment}\n{note}".strip()
    template.extend(found.values())
    return template


def bring_in_step(path: Path, language: Language, template: polib.POFile) -> None:
    """Give a language's file the template's messages; what the code no longer says is dropped."""
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog = polib.pofile(str(path), wrapwidth=WIDTH) if path.exists() else polib.POFile()
    catalog.wrapwidth = WIDTH
    catalog.metadata = {
        **_metadata(),
        "Language": language.code,
        "Plural-Forms": get_plural(language.babel).plural_forms,
        # Whatever else a translator's tool has written there stays.
        **{name: value for name, value in catalog.metadata.items() if name.startswith("X-")},
    }
    catalog.merge(template)
    for entry in catalog.obsolete_entries():
        catalog.remove(entry)
    order = {(entry.msgctxt, entry.msgid): number for number, entry in enumerate(template)}
    catalog.sort(key=lambda entry: order[entry.msgctxt, entry.msgid])
    plurals = get_plural(language.babel).num_plurals
    for entry in catalog:
        if entry.msgid_plural:
            entry.msgstr_plural = {n: entry.msgstr_plural.get(n, "") for n in range(plurals)}
    catalog.save(str(path))


def problems(path: Path) -> Iterator[str]:
    """What a volunteer should put right in one file."""
    if not path.exists():
        yield f"{_name(path)}: the file is missing; run: beatline i18n extract"
        return
    entries = polib.pofile(str(path))
    plurals = get_plural(path.parents[1].name)
    if entries.metadata.get("Plural-Forms") != plurals.plural_forms:
        yield f"{_name(path)}: the line Plural-Forms must be: {plurals.plural_forms}"
    for entry in entries:
        if entry.obsolete:
            continue
        if entry.fuzzy and path.stem == "safety":
            yield _told(path, entry, "marked fuzzy; safety phrases must be certain")
        elif not entry.fuzzy and not entry.translated():
            yield _told(path, entry, "not translated yet")
        else:
            yield from (_told(path, entry, fault) for fault in faults(entry))
        if entry.msgid_plural and len(entry.msgstr_plural) != plurals.num_plurals:
            yield _told(path, entry, f"needs {plurals.num_plurals} plural forms")


def _out_of_step() -> Iterator[str]:
    for domain in DOMAINS:
        template = words_in_code(domain)
        expected = [_identity(entry) for entry in template]
        files = [_path(language, domain) for language in _translated_languages()]
        for path in (LOCALES / f"{domain}.pot", *files):
            if (
                path.exists()
                and [_identity(entry) for entry in polib.pofile(str(path)) if not entry.obsolete]
                != expected
            ):
                yield f"{_name(path)}: not in step with the code; run: beatline i18n extract"


def _identity(entry: polib.POEntry) -> tuple[str | None, str, str, str]:
    return entry.msgctxt, entry.msgid, entry.msgid_plural, " ".join(entry.comment.split())


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


def _translated_languages() -> list[Language]:
    return [language for language in read_registry() if language.code != ENGLISH]


def _path(language: Language, domain: str) -> Path:
    return LOCALES / language.code / "LC_MESSAGES" / f"{domain}.po"


def _name(path: Path) -> str:
    return (path.relative_to(ROOT) if path.is_relative_to(ROOT) else path).as_posix()


def _told(path: Path, entry: polib.POEntry, fault: str) -> str:
    return f"{_name(path)}: “{entry.msgid}”: {fault}"
