"""Every message of a language as it reads with sample values, and what is wrong with it."""

import ast
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from gettext import GNUTranslations
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args
from zoneinfo import ZoneInfo

import polib

from bot import pseudo
from bot.catalog_faults import of_entry, problems
from bot.catalog_files import DOMAINS, MENU, ROOT, SAFETY, file_of, name_of, translated
from bot.catalogs import Catalogs
from bot.cli.preview.samples import Samples
from bot.errors import OperatorError
from bot.glossary import Glossary, used
from bot.languages import ENGLISH, LOCALES, plurals
from bot.ports import Language, Words
from bot.text import Domain, Text
from bot.translation_faults import faults

KINDS = {
    "safety": "Safety phrases",
    "message": "Messages",
    "button": "Buttons",
    "menu": "Menu lines",
    "command": "Words for commands",
    "part": "Parts of messages",
    "page": "Words of the web pages",
}

_ORDER = ("handlers", "bot", "channels", "feeds", "web")
"""Screens first, then what comes by itself, then what stands around it."""
_CANDIDATES = (*range(1, 201), 0, 1_000_000)
_SHOWN_COUNTS = 4
_DOMAINS: dict[str, Domain] = {domain: domain for domain in get_args(Domain)}
_ZONE = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class Form:
    """One way a message reads; ``counts`` are numbers that select it, none where nothing counts."""

    shown: Words
    english: Words
    counts: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """One message. ``written`` is a translation that residents do not see, as it was typed.

    ``kind`` is one of ``KINDS``, ``also`` are the other files that say it.
    """

    kind: str
    note: str
    forms: Sequence[Form]
    faults: Sequence[str]
    written: Sequence[str]
    missing: bool
    reviewed: bool
    terms: Mapping[str, Sequence[str]]
    also: Sequence[str]


@dataclass(frozen=True, slots=True)
class Screen:
    """The messages of one source file, under what the file says it is for."""

    title: str
    file: str
    cards: Sequence[Card]


@dataclass(frozen=True, slots=True)
class Gallery:
    """A whole language; ``faults`` are those of its files, not of one message."""

    language: Language
    english: Language
    screens: Sequence[Screen]
    faults: Sequence[str]

    @property
    def cards(self) -> Iterator[Card]:
        return chain.from_iterable(screen.cards for screen in self.screens)


def gather(code: str, locales: Path = LOCALES) -> Gallery:
    """The files of a language as they are now; a made-up language is made first.

    Raises OperatorError for a language that is not on the list, and where the list is damaged.
    """
    with _folder_of(code, locales) as folder:
        known = {language.code: language for language in translated(folder)}
        if code not in known:
            others = ", ".join([*known, *pseudo.CODES])
            raise OperatorError(f"no language {code} in locales/languages.toml; there are {others}")
        return _Reading(known[code], folder, locales).gallery()


@contextmanager
def _folder_of(code: str, locales: Path) -> Iterator[Path]:
    if code not in pseudo.CODES:
        yield locales
        return
    with TemporaryDirectory() as made:
        folder = Path(made, LOCALES.name)
        folder.mkdir()
        pseudo.write(folder, locales)
        yield folder


class _Reading:
    """The files of one language, read once."""

    def __init__(self, language: Language, folder: Path, locales: Path) -> None:
        self._language = language
        self._folder = folder
        self._templates = {
            domain: polib.pofile(str(locales / f"{domain}.pot")) for domain in DOMAINS
        }
        self._catalogs = Catalogs(folder, zone=_ZONE, offer_drafts=True)
        self._terms = Glossary(locales).words(language)
        self._samples = Samples(chain.from_iterable(self._templates.values()))
        self._counts = _counts(language)

    def gallery(self) -> Gallery:
        screens: dict[str, list[Card]] = {}
        for domain, template in self._templates.items():
            entries = self._entries(domain)
            for wanted in template:
                places = [place for place, _line in wanted.occurrences]
                entry = entries.get((wanted.msgctxt, wanted.msgid), wanted)
                screens.setdefault(places[0], []).append(self._card(domain, entry, places))
        return Gallery(
            self._language,
            self._catalogs.language(ENGLISH),
            [Screen(_title(file), file, screens[file]) for file in sorted(screens, key=_rank)],
            list(self._faults_of_files()),
        )

    def _entries(self, domain: str) -> dict[tuple[str | None, str], polib.POEntry]:
        """The translations by their English; none where the file cannot be read."""
        try:
            found = polib.pofile(str(file_of(self._folder, self._language.code, domain)))
        except (OSError, ValueError, LookupError):  # told among the faults of the files
            return {}
        return {(each.msgctxt, each.msgid): each for each in found if not each.obsolete}

    def _faults_of_files(self) -> Iterator[str]:
        own = name_of(self._folder / self._language.code)
        for problem in problems(self._folder, [self._language], self._templates):
            if problem.file.startswith(f"{own}/") and not problem.english:
                yield str(problem)

    def _card(self, domain: str, entry: polib.POEntry, places: Sequence[str]) -> Card:
        hidden = bool(faults(entry)) or not entry.translated()
        typed = [entry.msgstr, *entry.msgstr_plural.values()]
        return Card(
            kind=_kind(domain, entry, places),
            note=" ".join(entry.comment.split()),
            forms=list(self._forms(domain, entry)),
            faults=list(of_entry(entry, self._language, domain)),
            written=[words for words in typed if words and hidden],
            missing=not entry.translated(),
            reviewed="Reviewed by " in entry.tcomment
            or (domain == "messages" and self._language.status == "reviewed"),
            terms=used(self._terms, entry.msgid),
            also=places[1:],
        )

    def _forms(self, domain: str, entry: polib.POEntry) -> Iterator[Form]:
        values = self._samples.of(entry)
        if not entry.msgid_plural:
            yield self._form(
                Text(entry.msgid, values, context=entry.msgctxt, domain=_DOMAINS[domain])
            )
            return
        for counts in self._counts:
            text = Text(
                entry.msgid,
                {**values, "count": counts[0]},
                plural=entry.msgid_plural,
                count=counts[0],
                context=entry.msgctxt,
                domain=_DOMAINS[domain],
            )
            yield self._form(text, counts)

    def _form(self, text: Text, counts: Sequence[int] = ()) -> Form:
        shown = self._catalogs.words(text, self._language.code)
        return Form(shown, self._catalogs.words(text, ENGLISH), counts)


def _counts(language: Language) -> list[list[int]]:
    """For each plural form some of the numbers that select it, as gettext itself chooses."""
    forms = plurals(language.babel)
    catalog = polib.POFile()
    catalog.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Plural-Forms": forms.header,
    }
    names = {number: str(number) for number in range(forms.count)}
    catalog.append(polib.POEntry(msgid="one", msgid_plural="many", msgstr_plural=names))
    choose = GNUTranslations(io.BytesIO(catalog.to_binary())).ngettext
    found: list[list[int]] = [[] for _form in names]
    for count in _CANDIDATES:
        found[int(choose("one", "many", count))].append(count)
    return [counts[:_SHOWN_COUNTS] for counts in found if counts]


def _kind(domain: str, entry: polib.POEntry, places: Sequence[str]) -> str:
    if domain == "safety":
        return "safety"
    if entry.msgctxt in ("button", "command"):
        return str(entry.msgctxt)
    if entry.msgctxt:
        return "part"
    if MENU in " ".join(entry.comment.split()):
        return "menu"
    return "page" if all(place.startswith("web/") for place in places) else "message"


def _rank(file: str) -> tuple[bool, int, str]:
    """Safety phrases first, then the screens, each folder by the names of its files."""
    folder = file.partition("/")[0]
    return file != SAFETY.relative_to(ROOT).as_posix(), _ORDER.index(folder), file


def _title(file: str) -> str:
    """What a file says it is for, in its first line."""
    path = ROOT / file
    if not path.exists():  # it is gone, and the templates do not know yet
        return file
    if path == SAFETY:
        return KINDS["safety"]
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or file
    return said.splitlines()[0]
