"""The words of outside sources as short plain text."""

import html
import re
import unicodedata

import nh3

SHORT = 600
"""Characters that an entry's text may have; the rest is behind its link."""
LONGEST_READ = 50_000
"""Characters of one text that are looked at."""

_BLOCKS = {"p", "br", "li", "ul", "ol", "div", "tr", "h1", "h2", "h3", "h4", "h5", "h6"}
_TAG = re.compile(r"<(/?)(\w+)[^>]*>")
_TEXTILE = re.compile(r"^(?:h[1-6]|p|bq)\.\s+", re.MULTILINE)  # data.police.uk has some
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_SENTENCE_END = re.compile(r"[.!?…。؟।]['\"”’)\]]*(?=\s|$)|\n")
# Bidi controls and zero-width characters can turn round or hide what is shown; joiners are needed
# by some scripts and by emoji.
_HIDDEN = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_SHORTENINGS = {"mr", "mrs", "ms", "dr", "st", "sgt", "insp", "supt", "rev", "no", "e.g", "i.e"}


def from_html(markup: str) -> str:
    """Plain text, its paragraphs and list items each on a line of their own."""
    kept = nh3.clean(markup[:LONGEST_READ], tags=_BLOCKS, attributes={}, link_rel=None)
    broken = _TAG.sub(lambda tag: "\n- " if tag[0] == "<li>" else "\n", kept)
    return tidy(_TEXTILE.sub("", html.unescape(broken)))


def tidy(text: str) -> str:
    """Plain text without control characters, with single spaces, and no empty lines."""
    lines = text[:LONGEST_READ].replace("\r\n", "\n").replace("\r", "\n")
    seen = "".join(
        each
        for each in _HIDDEN.sub("", lines)
        if each in "\n\t" or unicodedata.category(each) not in {"Cc", "Cs", "Co"}
    )
    return _LINES.sub("\n", _SPACES.sub(" ", seen)).strip()


def line(text: str) -> str:
    """Tidy text on one line."""
    return " ".join(tidy(text).split())


def shortened(text: str, limit: int = SHORT) -> str:
    """At most ``limit`` characters, cut at the end of a sentence or else of a word, with "…"."""
    if len(text) <= limit:
        return text
    head = text[: limit - 2]
    ends = [end.end() for end in _SENTENCE_END.finditer(head) if not _is_shortening(head, end)]
    if ends and ends[-1] > limit // 3:
        return f"{head[: ends[-1]].rstrip()} …"
    return f"{head.rpartition(' ')[0] or head} …"


def _is_shortening(text: str, end: re.Match[str]) -> bool:
    word = re.split(r"\s", text[: end.start()])[-1].lower()
    return end[0].startswith(".") and (word in _SHORTENINGS or len(word) == 1)
