"""`beatline i18n`: add a language, keep it in step with the code, check it, look at it."""

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot import catalog_files, coverage, languages
from bot.catalog_faults import problems
from bot.catalog_files import DOMAINS, words_in_code
from bot.cli.environment import read_settings
from bot.cli.preview.gallery import gather
from bot.cli.preview.page import page
from bot.cli.preview.server import PreviewServer
from bot.errors import OperatorError
from bot.languages import ENGLISH, LOCALES

app = typer.Typer(help="Translations: add a language, look at it, check it, bring it in step.")


@app.command()
def add(
    lang: Annotated[str, typer.Argument(help="Its code, such as cy, pt_PT or zh_Hans.")],
    babel: Annotated[
        str | None, typer.Option(help="The nearest language that Babel knows, if it does not.")
    ] = None,
    english: Annotated[str | None, typer.Option(help="What it is called in English.")] = None,
    native: Annotated[str | None, typer.Option(help="What its speakers call it.")] = None,
) -> None:
    """Add a language: its line on the list, its two files to translate, its folder of advice."""
    language = languages.describe(lang, babel=babel, english=english, native=native)
    languages.enter(language)
    catalog_files.start(language)
    coverage.write()
    folder = f"locales/{language.code}/LC_MESSAGES"
    _console().print(
        f"Added {language.english} ({language.native}), as a draft.\n"
        f"1. Translate {folder}/safety.po, then {folder}/messages.po.\n"
        f"2. beatline i18n preview {language.code} --serve\n"
        f"3. beatline i18n check {language.code}\n"
        "docs/translating.md says the rest."
    )


@app.command()
def extract() -> None:
    """Read the words out of the code into the templates, and bring every language in step."""
    done = catalog_files.extract()
    coverage.write()
    _console().print(f"Templates and {len(done)} language(s) are in step.")


@app.command()
def preview(
    lang: Annotated[str, typer.Argument(help="Its code, or en_XA or ar_XB, which are made up.")],
    output: Annotated[
        Path | None, typer.Option(help="The file to write; without it, in the data folder.")
    ] = None,
    serve: Annotated[bool, typer.Option(help="Show it in a browser, new at each reload.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where --serve listens.")] = 8090,
) -> None:
    """Show every message with sample values, as residents see it, on one page."""
    gallery = gather(lang)
    if serve:
        _serve(lang, port)
        return
    path = output or read_settings().data_dir / f"preview-{gallery.language.code}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(gallery), encoding="utf-8")
    _console().print(str(path))


def _serve(code: str, port: int) -> None:
    try:
        server = PreviewServer(code, port)
    except OSError as error:
        raise OperatorError(f"port {port} cannot be used ({error.strerror}); try --port") from None
    with server, suppress(KeyboardInterrupt):
        _console().print(f"The preview is at {server.address} until you press Ctrl-C.")
        server.serve_forever()


@app.command()
def check(
    codes: Annotated[list[str] | None, typer.Argument(help="Languages; all when left out.")] = None,
) -> None:
    """Check the translations; each line names the file, the English, the fault and the mend."""
    known = {language.code: language for language in catalog_files.translated()}
    chosen = codes or list(known)
    if unknown := [code for code in chosen if code not in known]:
        if unknown[0] == ENGLISH:
            raise OperatorError("English is what is translated; name another language, or none")
        raise OperatorError(f"no language {unknown[0]} in locales/languages.toml")
    templates = {domain: words_in_code(domain) for domain in DOMAINS}
    found = problems(LOCALES, [known[code] for code in chosen], templates)
    console = _console()
    for problem in found:
        if codes or not problem.note:  # notes are for who works on a language
            console.print(str(problem))
    if not shutil.which("msgfmt"):
        console.print("note  msgfmt is not installed (GNU gettext), so its own check was left out")
    if faults := [problem for problem in found if not problem.note]:
        raise OperatorError(f"{len(faults)} problem(s) in the translations")
    console.print(f"Translations are in order: {', '.join(chosen)}.")


def _console() -> Console:
    return Console(soft_wrap=True, highlight=False, markup=False)
