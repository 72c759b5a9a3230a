"""Catalogues of translations, the choice of a language, and the one function that draws words."""

import gettext
import io
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import polib
import structlog
from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.lists import format_list
from babel.numbers import format_decimal

from bot.bulletin import told
from bot.conversation import Illustration, Reply
from bot.ports import Language, Mark, Rendered, RenderedButton, RenderedPicture, Span, Words
from bot.text import Domain, Month, Text, Value
from bot.translation_faults import faults

ENGLISH = "en_GB"
LOCALES = Path(__file__).parents[1] / "locales"

log = structlog.get_logger()

_PIECE = re.compile(
    r"<(?P<close>/?)(?P<tag>[a-z]+)(?: href=\"\{(?P<href>\w+)\}\")?>|\{(?P<name>\w+)\}"
)
_MARKS: dict[str, Mark] = {mark: mark for mark in get_args(Mark)}
# Phone numbers, times and other runs of digits, which an Arabic or Urdu line would turn around.
_DIGITS = re.compile(r"\+?\d[\d  :./-]*\d|\d|/[a-z]+")
_RIGHT_TO_LEFT = {"R", "AL"}
_SAFE_LINK = ("https://", "http://", "tel:", "mailto:", "sms:")


@dataclass(slots=True)
class Catalog:
    """One language's translations, with what was found wrong with them on loading."""

    language: Language
    texts: dict[Domain, gettext.NullTranslations]
    reviewed: frozenset[str] = frozenset()
    dropped: int = 0
    missing: dict[Domain, int] = field(default_factory=dict)


class Catalogs:
    """Every language on board. Implements the Renderer port.

    A translation whose placeholders, tags, numbers or addresses differ from the English is
    dropped on loading, so that the English is shown, and counted in ``dropped``.
    """

    def __init__(
        self,
        folder: Path = LOCALES,
        *,
        zone: ZoneInfo,
        offer_drafts: bool,
    ) -> None:
        self._zone = zone
        self._catalogs = {
            language.code: load(folder, language) for language in read_registry(folder)
        }
        self._english = self._catalogs[ENGLISH]
        self._offered = tuple(
            catalog.language
            for catalog in self._catalogs.values()
            if _may_be_offered(catalog, offer_drafts=offer_drafts)
        )

    @property
    def offered(self) -> Sequence[Language]:
        return self._offered

    @property
    def dropped(self) -> Mapping[str, int]:
        """Damaged translations replaced by English, by language code."""
        return {code: catalog.dropped for code, catalog in self._catalogs.items()}

    def language(self, code: str) -> Language:
        return self._catalog(code).language

    def match(self, hint: str | None) -> str:
        ranked = sorted(_preferences(hint or ""), key=lambda pair: -pair[1])
        for tag, _quality in ranked:
            for language in self._offered:
                offered = language.tag.lower()
                if offered == tag or offered.split("-")[0] == tag.split("-")[0]:
                    return language.code
        return ENGLISH

    def reply(self, reply: Reply, language: str) -> Rendered:
        chosen = self._catalog(language).language
        return Rendered(
            paragraphs=tuple(self.words(text, language) for text in reply.paragraphs),
            language=chosen.tag,
            direction=chosen.direction,
            buttons=tuple(
                RenderedButton(self.plain(button.label, language), button.choice)
                for button in reply.buttons
            ),
            file=reply.file,
            picture=None if reply.picture is None else self._picture(reply.picture, language),
        )

    def _picture(self, picture: Illustration, language: str) -> RenderedPicture:
        caption = self.words(picture.caption, language) if picture.caption else ()
        gap = (Span(" "),) if caption else ()
        return RenderedPicture(
            picture.name,
            picture.width,
            picture.height,
            self.plain(picture.alt, language),
            (*caption, *gap, *self.words(told(picture.alt), language)),
            caption,
        )

    def plain(self, text: Text, language: str) -> str:
        return "".join(span.text for span in self.words(text, language))

    def words(self, text: Text, language: str) -> Words:
        """Draw one text: translate, then put each value in, isolated where directions mix.

        A safety phrase that no second speaker has reviewed is followed by the English one.
        """
        catalog = self._catalog(text.language or language)
        drawn = tuple(self._spans(text, catalog))
        if text.domain == "safety" and text.message not in catalog.reviewed:
            english = tuple(self._spans(text, self._english))
            if english != drawn:
                return (*drawn, Span("\n"), *english)
        return drawn

    def _catalog(self, code: str) -> Catalog:
        return self._catalogs.get(code, self._english)

    def _spans(self, text: Text, catalog: Catalog) -> Iterator[Span]:
        message = _translated(text, catalog)
        marks: tuple[Mark, ...] = ()
        href: str | None = None
        end = 0
        for piece in _PIECE.finditer(message):
            yield from self._literal(message[end : piece.start()], marks, href, catalog)
            end = piece.end()
            if name := piece["name"]:
                yield from self._value(text.values.get(name, piece[0]), marks, href, catalog)
            elif piece["tag"] == "a":
                href = None if piece["close"] else _link(text.values.get(piece["href"] or ""))
            elif mark := _MARKS.get(piece["tag"]):
                marks = marks[:-1] if piece["close"] else (*marks, mark)
            else:
                yield from self._literal(piece[0], marks, href, catalog)
        yield from self._literal(message[end:], marks, href, catalog)

    def _literal(
        self, words: str, marks: tuple[Mark, ...], href: str | None, catalog: Catalog
    ) -> Iterator[Span]:
        if catalog.language.direction == "ltr":
            if words:
                yield Span(words, marks, href)
            return
        end = 0
        for run in _DIGITS.finditer(words):
            if run.start() > end:
                yield Span(words[end : run.start()], marks, href)
            yield Span(run[0], marks, href, isolate="ltr")
            end = run.end()
        if end < len(words):
            yield Span(words[end:], marks, href)

    def _value(
        self, value: Value, marks: tuple[Mark, ...], href: str | None, catalog: Catalog
    ) -> Iterator[Span]:
        if isinstance(value, Text):
            for span in self._spans(value, catalog):
                yield Span(span.text, (*marks, *span.marks), span.href or href, span.isolate)
            return
        words = self._format(value, catalog)
        mixed = catalog.language.direction == "rtl" or _has_right_to_left(words)
        digits = mixed and _DIGITS.fullmatch(words) is not None
        isolate = "ltr" if digits else "auto" if mixed else None
        yield Span(words, marks, href, isolate=isolate)  # type: ignore[arg-type]  # one of the three

    def _format(self, value: Value, catalog: Catalog) -> str:
        locale = Locale.parse(catalog.language.babel)
        match value:
            case str():
                return clean(value)
            case bool():
                raise TypeError("a yes or no is not a value for a sentence; write two sentences")
            case int() | float():
                return format_decimal(value, locale=locale, numbering_system="latn")
            case datetime():
                local = value.astimezone(self._zone)
                return format_datetime(local, "EEEE d MMMM, HH:mm", locale=locale)
            case Month():  # in the form in which it stands alone, such as in a heading
                return format_date(value, "LLLL yyyy", locale=locale)
            case date():
                return format_date(value, "d MMMM yyyy", locale=locale)
            case time():
                return format_time(value, "HH:mm", locale=locale)
            case Text():
                return "".join(span.text for span in self._spans(value, catalog))
            case _:
                return format_list([self._format(part, catalog) for part in value], locale=locale)


def read_registry(folder: Path = LOCALES) -> list[Language]:
    """The languages of ``languages.toml``, in its order."""
    with (folder / "languages.toml").open("rb") as file:
        registry: dict[str, dict[str, Any]] = tomllib.load(file)
    return [
        Language(
            code=code,
            english=row["english"],
            native=row["native"],
            script=row["script"],
            direction=row["direction"],
            babel=row["babel"],
            telegram=row.get("telegram"),
            discord=row.get("discord"),
            status=row["status"],
            reviewers=tuple(row.get("reviewers", ())),
            libretranslate=row.get("mt", {}).get("libretranslate"),
            deepl=row.get("mt", {}).get("deepl"),
        )
        for code, row in registry.items()
    ]


def load(folder: Path, language: Language) -> Catalog:
    """Read one language's two catalogues, leaving out what is fuzzy, empty or damaged."""
    catalog = Catalog(language, {})
    for domain in get_args(Domain):
        path = folder / language.code / "LC_MESSAGES" / f"{domain}.po"
        if language.code == ENGLISH or not path.exists():
            catalog.texts[domain] = gettext.NullTranslations()
            catalog.missing[domain] = 0 if language.code == ENGLISH else 1
            continue
        entries = polib.pofile(str(path))
        for entry in entries.translated_entries():
            if faults(entry):
                catalog.dropped += 1
                entry.flags.append("fuzzy")  # left out of the compiled form
            elif domain == "safety" and "Reviewed by " in entry.tcomment:
                catalog.reviewed |= {entry.msgid}
        live = [entry for entry in entries if not entry.obsolete]
        catalog.missing[domain] = sum(not entry.translated() for entry in live)
        catalog.texts[domain] = gettext.GNUTranslations(io.BytesIO(entries.to_binary()))
    if catalog.dropped:
        log.warning("translations_dropped", language=language.code, count=catalog.dropped)
    return catalog


def clean(words: str) -> str:
    """Take out what could disturb the line around: controls, zero-width and direction marks."""
    return "".join(
        letter
        for letter in unicodedata.normalize("NFC", words)
        if letter in "\n\t‌‍" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )


def _translated(text: Text, catalog: Catalog) -> str:
    translations = catalog.texts[text.domain]
    if text.plural is not None and text.count is not None:
        if text.context is None:
            return translations.ngettext(text.message, text.plural, text.count)
        return translations.npgettext(text.context, text.message, text.plural, text.count)
    if text.context is None:
        return translations.gettext(text.message)
    return translations.pgettext(text.context, text.message)


def _link(value: Value | None) -> str | None:
    return value if isinstance(value, str) and value.startswith(_SAFE_LINK) else None


def _has_right_to_left(words: str) -> bool:
    return any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in words)


def _preferences(header: str) -> Iterable[tuple[str, float]]:
    """The tags of an Accept-Language header (or a single tag) with their quality."""
    for part in header.lower().replace("_", "-").split(",")[:20]:
        tag, _, quality = part.partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=")) if quality else 1.0
        except ValueError:
            continue
        if tag.strip():
            yield tag.strip(), weight


def _may_be_offered(catalog: Catalog, *, offer_drafts: bool) -> bool:
    """A language joins the picker with all safety phrases, and reviewed unless drafts may show."""
    if catalog.language.code == ENGLISH:
        return True
    if catalog.missing["safety"] > 0:
        return False
    return catalog.language.status != "draft" or offer_drafts
