"""How far each language is, as a table for people who would like to help."""

from collections.abc import Iterator
from pathlib import Path

from bot.catalog_files import ROOT, translated
from bot.catalogs import load
from bot.languages import ENGLISH, LOCALES
from bot.ports import Language

DOCUMENT = ROOT / "docs" / "translating.md"

_START, _END = "<!-- coverage -->", "<!-- /coverage -->"
_STATUS = {
    "draft": "draft: no speaker has read it",
    "community": "by speakers",
    "reviewed": "by speakers, reviewed",
}


def write(folder: Path = LOCALES, document: Path = DOCUMENT) -> None:
    """Put the table into the document, where that is there; nothing checks that it is new."""
    if not document.exists():
        return
    before, _, rest = document.read_text(encoding="utf-8").partition(_START)
    _old, end, after = rest.partition(_END)
    if end:
        table = "\n".join(lines(folder))
        document.write_text(f"{before}{_START}\n{table}\n{end}{after}", encoding="utf-8")


def lines(folder: Path = LOCALES) -> Iterator[str]:
    """The table in Markdown, a language on each line, the fullest first."""
    yield "| language | code | messages | safety phrases | advice | status |"
    yield "|---|---|---:|---:|---:|---|"
    rows = [(load(folder, language), language) for language in translated(folder)]
    for catalog, language in sorted(rows, key=lambda row: -row[0].part("messages")):
        yield (
            f"| {language.english}, {language.native} | `{language.code}` "
            f"| {catalog.part('messages'):.0%} | {catalog.part('safety'):.0%} "
            f"| {_articles(folder, language)} | {_STATUS[language.status]} |"
        )


def _articles(folder: Path, language: Language) -> str:
    own, all = (
        len([*(folder / code / "advice").glob("*.md")]) for code in (language.code, ENGLISH)
    )
    return f"{own} of {all}"
