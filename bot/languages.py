"""The languages on board: reads ``locales/languages.toml``, the only list, and adds to it."""

import json
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.messages.plurals import PLURALS, get_plural
from babel.plural import to_gettext

from bot.errors import OperatorError
from bot.ports import Language

ENGLISH = "en_GB"
LOCALES = Path(__file__).parents[1] / "locales"
REGISTRY = "languages.toml"

_CODE = re.compile(r"[a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?")


@dataclass(frozen=True, slots=True)
class Plurals:
    """How many forms a count has, and the line of a .po file that says which is for what."""

    count: int
    header: str


def read_registry(folder: Path = LOCALES) -> list[Language]:
    """The languages of ``languages.toml``, in its order.

    Raises OperatorError where an entry is incomplete, or names what nobody knows.
    """
    with (folder / REGISTRY).open("rb") as file:
        try:
            registry: dict[str, dict[str, Any]] = tomllib.load(file)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise OperatorError(f"locales/{REGISTRY} cannot be read: {error}") from None
    return [_language(code, row) for code, row in registry.items()]


def plurals(babel: str) -> Plurals:
    """The plural forms of a language as Babel's catalogues have them, else as CLDR counts."""
    locale = Locale.parse(babel)
    if locale.language in PLURALS or str(locale) in PLURALS:
        known = get_plural(babel)
        return Plurals(known.num_plurals, known.plural_forms)
    header = to_gettext(locale.plural_form)
    return Plurals(int(re.findall(r"\d+", header)[0]), header)


def describe(
    code: str, *, babel: str | None = None, english: str | None = None, native: str | None = None
) -> Language:
    """A language as Babel knows it, not yet on the list.

    Where Babel does not know it, ``babel`` names the language whose dates, numbers and plurals it
    shares, and ``english`` and ``native`` what it is called. Raises OperatorError.
    """
    code = code.strip().replace("-", "_")
    if not _CODE.fullmatch(code):
        raise OperatorError(
            f"“{code}” is not a code of a language; write two or three small letters, such as cy, "
            "or with a country or a script, such as pt_PT or zh_Hans"
        )
    if code == "en":
        raise OperatorError(f"English is on the list already, as {ENGLISH}; nothing was changed")
    locale = _locale(babel or code, code)
    english, native = (name and " ".join(name.split()) for name in (english, native))
    if babel is not None and not (english and native):
        raise OperatorError("with --babel, say also --english and --native: its two names")
    right_to_left = locale.character_order == "right-to-left"
    return Language(
        code=code,
        english=english or locale.get_display_name("en") or code,
        native=native or _capital(locale.get_display_name(locale) or code),
        script=_script(locale),
        direction="rtl" if right_to_left else "ltr",
        babel=str(locale),
        telegram=short if len(short := code.split("_")[0]) == 2 else None,  # it knows no others
        discord=None,
        status="draft",
    )


def enter(language: Language, folder: Path = LOCALES) -> None:
    """Write a language at the end of the list, which keeps everything it says.

    Raises OperatorError for one that is on the list.
    """
    known = read_registry(folder)
    if language.code in {each.code for each in known}:
        raise OperatorError(f"{language.code} is on the list already; nothing was changed")
    if language.telegram in {each.telegram for each in known}:
        language = replace(language, telegram=None)  # Telegram has one menu for each code
    path = folder / REGISTRY
    written = path.read_text(encoding="utf-8").rstrip()
    path.write_text(f"{written}\n\n{_entry(language)}", encoding="utf-8")


def _entry(language: Language) -> str:
    named = ("english", "native", "script", "direction", "babel", "telegram", "status")
    rows = [(name, value) for name in named if (value := getattr(language, name)) is not None]
    # JSON's way of quoting is also TOML's.
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in rows]
    return "\n".join([f"[{language.code}]", *lines, "reviewers = []", ""])


def _language(code: str, row: dict[str, Any]) -> Language:
    missing = {"english", "native", "script", "direction", "babel", "status"} - row.keys()
    if missing:
        raise OperatorError(f"locales/{REGISTRY}: [{code}] lacks {', '.join(sorted(missing))}")
    for name, allowed in (
        ("direction", ("ltr", "rtl")),
        ("status", ("draft", "community", "reviewed")),
    ):
        if row[name] not in allowed:
            raise OperatorError(
                f"locales/{REGISTRY}: [{code}] has {name} = {row[name]!r}; "
                f"write one of {', '.join(allowed)}"
            )
    _locale(row["babel"], code)
    return Language(
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
        wrong_letters=tuple(row.get("wrong_letters", {}).items()),
    )


def _locale(name: str, code: str) -> Locale:
    try:
        return Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        raise OperatorError(
            f"Babel does not know the language {name}; if {code} is right, name one with the same "
            "plurals and dates: beatline i18n add CODE --babel pt --english NAME --native NAME"
        ) from None


def _script(locale: Locale) -> str:
    """The four letters of a script, where need be the one that most speakers write."""
    if locale.script:
        return locale.script
    likely = get_global("likely_subtags")
    with_place = "_".join(filter(None, (locale.language, locale.territory)))
    found = likely.get(with_place) or likely.get(locale.language, "")
    return next((part for part in found.split("_") if len(part) == 4), "Latn")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
