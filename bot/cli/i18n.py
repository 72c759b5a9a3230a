"""`beatline i18n`: bring the catalogues in step with the code, and check every translation."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import polib
import typer
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po
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


@app.command()
def extract() -> None:
    """Read the words out of the code into the templates, and bring every language in step."""
    for domain in DOMAINS:
        template = words_in_code(domain)
        _write(LOCALES / f"{domain}.pot", template)
        for language in _translated_languages():
            _write(_path(language, domain), in_step(language, domain, template))
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


def words_in_code(domain: str) -> Catalog:
    """Every message of one domain with its notes for translators, as Babel finds them."""
    catalog = Catalog(project="Beatline", charset="utf-8", domain=domain)
    for path in _source_files(domain):
        for _line, message, comments, context in extract_from_file(
            "python",
            path,
            keywords=KEYWORDS,
            comment_tags=("Translators:",),
            strip_comment_tags=True,
        ):
            catalog.add(
                message,
                locations=[(path.relative_to(ROOT).as_posix(), 0)],
                auto_comments=[" ".join(comments)] if comments else [],
                context=context,
            )
    return catalog


def in_step(language: Language, domain: str, template: Catalog) -> Catalog:
    """A language's catalogue with the template's messages; what no longer exists is dropped."""
    path = _path(language, domain)
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=language.babel, domain=domain)
        catalog.update(template, no_fuzzy_matching=True, keep_user_comments=True)
        catalog.obsolete.clear()
        return catalog
    catalog = Catalog(locale=language.babel, project="Beatline", charset="utf-8", domain=domain)
    catalog.update(template)
    return catalog


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
        files = [
            LOCALES / f"{domain}.pot",
            *(_path(each, domain) for each in _translated_languages()),
        ]
        for path in files:
            if path.exists() and _ids(path) != {
                (m.context, _first(m.id)) for m in template if m.id
            }:
                yield f"{_name(path)}: not in step with the code; run: beatline i18n extract"


def _ids(path: Path) -> set[tuple[str | None, str]]:
    return {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(path)) if not entry.obsolete}


def _first(id: str | list[str] | tuple[str, ...]) -> str:
    return id if isinstance(id, str) else id[0]


def _write(path: Path, catalog: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=100, include_lineno=False, sort_by_file=True)


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
    return path.relative_to(ROOT).as_posix()


def _told(path: Path, entry: polib.POEntry, fault: str) -> str:
    return f"{_name(path)}: “{entry.msgid}”: {fault}"
