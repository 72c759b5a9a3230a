"""Catalogues of translations, the choice of a language, and the one function that draws words."""

import gettext
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

import polib
import structlog
from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.lists import format_list
from babel.numbers import format_decimal

from bot.bulletin import told
from bot.conversation import Illustration, Reply
from bot.languages import ENGLISH, LOCALES, plurals, read_registry
from bot.ports import Language, Mark, Rendered, RenderedButton, RenderedPicture, Span, Words
from bot.text import Domain, Month, Text, Value
from bot.translation_faults import faults

SHOWN_FROM = 0.9
"""The part of the messages that a language must have before it is offered."""

log = structlog.get_logger()

_PIECE = re.compile(
    r"<(?P<close>/?)(?P<tag>[a-z]+)(?: href=\"\{(?P<href>\w+)\}\")?>|\{(?P<name>\w+)\}"
)
# Among words from the right: English in quotation marks, such as what to say to 999.
_QUOTED = (
    r'(?P<quoted>"(?:\{\w+\}|[^"<{}\u0590-\u08ff])*?[A-Za-z](?:\{\w+\}|[^"<{}\u0590-\u08ff])*")'
)
_PIECES = {"ltr": _PIECE, "rtl": re.compile(f"{_QUOTED}|{_PIECE.pattern}")}
_MARKS: dict[str, Mark] = {mark: mark for mark in get_args(Mark)}
# Phone numbers and times such as 9pm, which an Arabic or Urdu line would turn around.
_DIGITS = re.compile(r"(?:\+?\d[\d  :./-]*\d|\d)[A-Za-z]*|/[a-z]+")
# The same among words, and all else in Latin letters: addresses, commands, names in English.
_FROM_LEFT = re.compile(
    r"https?://[^\s<>()]*[^\s<>().,]|[+/]?[A-Za-z0-9©](?:[A-Za-z0-9©'’&@_./: –-]*[A-Za-z0-9])?"
)
# Of a long date as CLDR writes it: Spanish has "d 'de' MMMM 'de' y".
_DAY = re.compile(r"d.*?MMMM")
_DATE = re.compile(r"d.*?MMMM.*?y")
_RIGHT_TO_LEFT = {"R", "AL"}
_SAFE_LINK = ("https://", "http://", "tel:", "mailto:", "sms:")


Messages: TypeAlias = frozenset[tuple[str | None, str]]
"""Messages by their context and their English."""
_NOTHING_THERE: Messages = frozenset({(None, "")})  # which no translation can satisfy


@dataclass(slots=True)
class Catalog:
    """One language's translations, with what was found wrong with them on loading."""

    language: Language
    texts: dict[Domain, gettext.NullTranslations]
    reviewed: frozenset[str] = frozenset()
    dropped: int = 0
    wanted: dict[Domain, int] = field(default_factory=dict)
    missing: dict[Domain, int] = field(default_factory=dict)

    def part(self, domain: Domain) -> float:
        """How much of a domain is translated, from 0 to 1."""
        return 1 - self.missing[domain] / max(1, self.wanted[domain])


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
        tags = {language.tag.lower(): language for language in self._offered}
        broad = {tag.split("-")[0]: language for tag, language in reversed(tags.items())}
        for tag, _quality in ranked:
            language = tags.get(tag) or broad.get(tag.split("-")[0])
            if language is not None and _script(tag) in {None, language.script.lower()}:
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
        page = self._catalog(language)
        catalog = self._own(text, page)
        drawn = tuple(self._spans(text, catalog))
        if catalog is not page:
            return _among(drawn, catalog.language, page.language)
        if text.domain == "safety" and text.message not in catalog.reviewed:
            english = tuple(self._spans(text, self._english))
            if english != drawn:
                own = self._english.language
                return (*drawn, Span("\n"), *_among(english, own, page.language))
        return drawn

    def _catalog(self, code: str) -> Catalog:
        return self._catalogs.get(code, self._english)

    def _own(self, text: Text, others: Catalog) -> Catalog:
        """The catalogue a text asks for; that of what stands around it where it asks for none."""
        return others if text.language is None else self._catalogs.get(text.language, others)

    def _spans(self, text: Text, catalog: Catalog) -> Iterator[Span]:
        message = _translated(text, catalog)
        marks: tuple[Mark, ...] = ()
        href: str | None = None
        end = 0
        for piece in _PIECES[catalog.language.direction].finditer(message):
            yield from self._literal(message[end : piece.start()], marks, href, catalog)
            end = piece.end()
            if name := piece["name"]:
                value = text.values.get(name, piece[0])
                if piece[0] == message and isinstance(value, str) and _reads_from_right(value):
                    yield from self._literal(clean(value), marks, href, catalog)
                else:
                    yield from self._value(value, marks, href, catalog)
            elif quoted := piece.groupdict().get("quoted"):
                yield Span(self._quoted(quoted, text), marks, href, isolate="ltr")
            elif piece["tag"] == "a":
                href = None if piece["close"] else _link(text.values.get(piece["href"] or ""))
            elif mark := _MARKS.get(piece["tag"]):
                marks = marks[:-1] if piece["close"] else (*marks, mark)
            else:
                yield from self._literal(piece[0], marks, href, catalog)
        yield from self._literal(message[end:], marks, href, catalog)

    def _quoted(self, words: str, text: Text) -> str:
        """English words to be said as they are, with their values."""
        return _PIECE.sub(
            lambda piece: self._format(text.values.get(piece["name"], piece[0]), self._english),
            words,
        )

    def _literal(
        self, words: str, marks: tuple[Mark, ...], href: str | None, catalog: Catalog
    ) -> Iterator[Span]:
        if catalog.language.direction == "ltr":
            if words:
                yield Span(words, marks, href)
            return
        end = 0
        for run in _FROM_LEFT.finditer(words):
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
            own = self._own(value, catalog)
            drawn = tuple(self._spans(value, own))
            if own is not catalog:
                drawn = _among(drawn, own.language, catalog.language)
            for span in drawn:
                yield replace(span, marks=(*marks, *span.marks), href=span.href or href)
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
                day = _in_order(_DAY, "d MMMM", locale)
                comma = "," if catalog.language.direction == "ltr" else "،"
                return format_datetime(local, f"EEEE {day}{comma} HH:mm", locale=locale)
            case Month():  # in the form in which it stands alone, such as in a heading
                return format_date(value, "LLLL yyyy", locale=locale)
            case date():
                return format_date(value, _in_order(_DATE, "d MMMM y", locale), locale=locale)
            case time():
                return format_time(value, "HH:mm", locale=locale)
            case Text():
                return "".join(span.text for span in self._spans(value, self._own(value, catalog)))
            case _:
                return format_list([self._format(part, catalog) for part in value], locale=locale)


def _among(words: Words, own: Language, others: Language) -> Words:
    """Words as they stand among those of another language.

    Where that is written the other way they are one run, which ends with its own full stop.
    """
    if own.direction == others.direction:
        return tuple(replace(span, language=own.tag) for span in words)
    isolate: Literal["ltr", "auto"] = "ltr" if own.direction == "ltr" else "auto"
    if len(words) == 1:
        return (replace(words[0], isolate=words[0].isolate or isolate, language=own.tag),)
    return (Span("".join(span.text for span in words), isolate=isolate, language=own.tag),)


def load(folder: Path, language: Language) -> Catalog:
    """Read one language's two catalogues, leaving out what is fuzzy, empty or damaged."""
    catalog = Catalog(language, {})
    for domain in get_args(Domain):
        read = _entries(folder / language.code / "LC_MESSAGES" / f"{domain}.po", language)
        entries = polib.POFile() if read is None else read
        for entry in entries.translated_entries():
            if faults(entry):
                catalog.dropped += 1
                entry.flags.append("fuzzy")  # left out of the compiled form
            elif domain == "safety" and "Reviewed by " in entry.tcomment:
                catalog.reviewed |= {entry.msgid}
        said = {(entry.msgctxt, entry.msgid) for entry in entries.translated_entries()}
        own = {(each.msgctxt, each.msgid) for each in entries if not each.obsolete}
        wanted = _wanted(folder, domain) or (_NOTHING_THERE if read is None else own)
        catalog.wanted[domain] = len(wanted)
        catalog.missing[domain] = 0 if language.code == ENGLISH else len(wanted - said)
        catalog.texts[domain] = _compiled(entries, language)
    if catalog.dropped:
        log.warning("translations_dropped", language=language.code, count=catalog.dropped)
    return catalog


def _wanted(folder: Path, domain: Domain) -> Messages:
    """What there is to be translated, by the template; nothing where a folder has none."""
    path = folder / f"{domain}.pot"
    return _read_template(path, path.stat().st_mtime_ns) if path.exists() else frozenset()


@lru_cache(maxsize=8)
def _read_template(path: Path, changed: int) -> Messages:
    """The template's messages; ``changed`` tells one state of the file from the next."""
    return frozenset((entry.msgctxt, entry.msgid) for entry in polib.pofile(str(path)))


def _entries(path: Path, language: Language) -> polib.POFile | None:
    """A file of translations, where there is one that can be read."""
    if language.code != ENGLISH and path.exists():
        try:
            return polib.pofile(str(path))
        except (OSError, ValueError, LookupError) as error:  # a half-saved file, or its encoding
            log.error("translations_unreadable", language=language.code, error=type(error).__name__)
    return None


def _compiled(entries: polib.POFile, language: Language) -> gettext.NullTranslations:
    """Ready for use, with the plural rule that we know: one of the file's may divide by zero."""
    entries.metadata["Plural-Forms"] = plurals(language.babel).header
    try:
        return gettext.GNUTranslations(io.BytesIO(entries.to_binary()))
    except (ValueError, OSError, LookupError):  # such as a name of no encoding
        return gettext.NullTranslations()


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


def _in_order(part: re.Pattern[str], usual: str, locale: Locale) -> str:
    """The pattern of a part of a date, the day before the month wherever that is possible."""
    found = part.search(locale.date_formats["long"].pattern)
    return found[0] if found else usual


def _link(value: Value | None) -> str | None:
    return value if isinstance(value, str) and value.startswith(_SAFE_LINK) else None


def _reads_from_right(words: str) -> bool:
    """Whether the first letter that has a direction is written from the right."""
    strong = (unicodedata.bidirectional(letter) for letter in words)
    return next((each in _RIGHT_TO_LEFT for each in strong if each in {"L", "R", "AL"}), False)


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


def _script(tag: str) -> str | None:
    """The script that a BCP 47 tag names, such as "arab" of "pa-arab-pk"."""
    return next((part for part in tag.split("-")[1:] if len(part) == 4 and part.isalpha()), None)


def _may_be_offered(catalog: Catalog, *, offer_drafts: bool) -> bool:
    """Whether newcomers see a language in the picker; whoever chose it before keeps it anyway.

    It needs every safety phrase and most messages, and a speaker's eye unless drafts may show. A
    draft is whole when it ships; a few new English words must not take it away overnight.
    """
    if catalog.language.code == ENGLISH:
        return True
    if catalog.missing["safety"] > 0 or catalog.part("messages") < SHOWN_FROM:
        return False
    return catalog.language.status != "draft" or offer_drafts
