"""Engines that translate, chosen by the host of TRANSLATE_URL: DeepL's own, or LibreTranslate."""

from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from bot.clients.translation.deepl import DeepL
from bot.clients.translation.libretranslate import LibreTranslate
from bot.clients.translation.none import NoEngine
from bot.ports import Fetch, Language, TranslationEngine

__all__ = ["DeepL", "LibreTranslate", "NoEngine", "engine_from", "local_engine_from"]

_DEEPL = "deepl.com"


def engine_from(
    url: str | None, key: str | None, fetch: Fetch, languages: Iterable[Language]
) -> TranslationEngine:
    """The engine for words that are public anyway; one that does nothing where none is named."""
    if url is None:
        return NoEngine()
    known = tuple(languages)
    if _is_deepl(url):
        return DeepL(url, key, fetch, known)
    return LibreTranslate(url, key, fetch, known)


def local_engine_from(
    url: str | None,
    key: str | None,
    fetch: Fetch,
    languages: Iterable[Language],
    allow: Collection[str],
) -> TranslationEngine:
    """The engine for what residents tell their team: one of our own machines', or none.

    Its host must be named in ``allow``, and each request is refused unless the address that it
    goes to is this machine's or a private network's.
    """
    if url is None or _is_deepl(url) or not _is_named(url, allow):
        return NoEngine()
    return LibreTranslate(url, key, fetch, tuple(languages), inside=True)


def _is_deepl(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == _DEEPL or host.endswith(f".{_DEEPL}")


def _is_named(url: str, allow: Collection[str]) -> bool:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    named = {name.lower() for name in allow}
    return bool({parts.hostname, f"{parts.hostname}:{port}"} & named)
