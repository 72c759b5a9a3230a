"""XML from outside, as text: decoded the way feeds need it, and refused where it could do harm."""

import codecs
import re
from dataclasses import dataclass
from xml.parsers import expat

from bot.errors import FeedError, Refused

LONGEST_ENTITY = 1_024
"""Characters that an entity declared in a document may stand for."""
MOST_GROWTH = 100_000
"""Characters that all uses of declared entities together may add."""
LARGEST_BROKEN = 100_000
"""Bytes of XML that is not well-formed and is still mended: mending is slow work."""
DEEPEST = 200
MOST_ATTRIBUTES = 100
MOST_ELEMENTS = 50_000
MOST_LABELS = 5_000
"""Categories and key words: feedparser compares each with all before it."""

# How "<?xm" and byte order marks begin in encodings that do not read as ASCII.
# https://www.w3.org/TR/xml/#sec-guessing
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF16_LE, "utf-16"),
)
_BEGINNINGS = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00?", "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"Lo\xa7\x94", "cp037"),
)
_WIDE = {"utf-16", "utf-32", "utf16", "utf32", "u16", "u32", "utf_16", "utf_32"}
_WIDER = {"gb2312": "gb18030", "iso-8859-1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252"}
_IN_UTF_8 = '<?xml version="1.0" encoding="utf-8"?>'
_STEP = 65_536
_ITEMS = {"item", "entry"}
_LABELS = {"category", "keywords", "subject", "tags"}  # key words stand between commas
_DECLARED = re.compile(r"""<\?xml[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']""")
_CHARSET = re.compile(r"""\bcharset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*>")
# Possessive, so that no document can make it try the same stretch twice.
_ROOT = re.compile(
    r"(?>\s+|<\?(?>.*?\?>)|<!--(?>.*?-->)|<!\w(?>[^\[>]*)(?>\[.*?\]\s*)?>)*+<([\w.:-]+)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Markup:
    """A document in UTF-8, declared as such.

    ``root`` is the lower-case name of its first element without its prefix. ``items`` counts its
    items and entries; ``body`` ends after the first so many of them that were asked for.
    """

    root: str
    body: bytes
    items: int


def read(body: bytes, content_type: str = "", most: int = 1_000_000) -> Markup:
    """A document with at most so many items. ``content_type`` is what the server called it.

    Raises Refused where a declared entity is external, nested or long, or where its shape would
    keep a parser busy, and FeedError for what is no markup at all. An external DOCTYPE is left
    alone: old feeds carry one, and nothing reads it.
    """
    text = _decoded(body, content_type).replace("\0", "")
    found = _ROOT.match(text)
    if found is None:
        raise FeedError("it is not XML")
    root = found[1].rpartition(":")[2].lower()
    declared = _DECLARATION.match(text)
    text = f"{_IN_UTF_8}{text[declared.end() :] if declared else text}"
    whole = text.encode("utf-8", "replace")
    del text  # it may be large
    if root == "html":  # a page is no XML, and is looked at for the feeds it names only
        return Markup(root, whole, 0)
    survey = _Survey(whole, most)
    if not survey.goes_through() and len(whole) > LARGEST_BROKEN:
        raise Refused("it is broken XML, and too much of it to mend")
    kept = whole if survey.end is None else whole[: survey.end] + survey.close
    return Markup(root, kept, survey.items)


def _decoded(body: bytes, content_type: str) -> str:
    """The first encoding that fits of: the server's, the byte order mark, the declaration.

    Many sources declare UTF-8 and hold Windows-1252, often in a few places only, so the bytes
    that are not UTF-8 are read as that.
    """
    told = _CHARSET.search(content_type)
    mark = next((name for mark, name in _MARKS if body.startswith(mark)), "")
    seen = next((name for start, name in _BEGINNINGS if body.startswith(start)), "")
    declared = _DECLARED.match(
        body[:200].decode(mark or seen or "latin-1", "ignore").lstrip("\ufeff")
    )
    names = (told and told[1], mark, declared and declared[1], seen, "utf-8")
    for name in filter(None, names):
        try:
            return body.decode(_codec(name, mark or seen)).lstrip("\ufeff")
        except (UnicodeError, LookupError):
            continue
    return body.decode("utf-8", "beatline-cp1252")


def _codec(name: str, seen: str) -> str:
    name = name.lower()
    if name in _WIDE or name.startswith("iso-10646"):
        return seen or name  # which end comes first shows in the bytes
    codecs.lookup(_WIDER.get(name, name))
    return _WIDER.get(name, name)


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace"), error.end


codecs.register_error("beatline-cp1252", _as_windows)


class _Survey:
    """A quick walk through a document, before anything slower or trusting reads it."""

    def __init__(self, document: bytes, most: int) -> None:
        self.items = 0
        self.end: int | None = None
        self.close = b""
        self._document = document
        self._most = most
        self._grown = 0
        self._elements = 0
        self._labels = 0
        self._open: list[str] = []
        self._parser = expat.ParserCreate("utf-8")
        self._parser.ordered_attributes = True
        self._parser.EntityDeclHandler = self._entity
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._finish

    def goes_through(self) -> bool:
        """Whether it is well-formed. Raises Refused."""
        try:
            for start in range(0, len(self._document), _STEP):
                self._parser.Parse(self._document[start : start + _STEP], False)
            self._parser.Parse(b"", True)
        except expat.ExpatError:
            return False
        return True

    def _start(self, name: str, attributes: list[str]) -> None:
        if len(attributes) > 2 * MOST_ATTRIBUTES or len(self._open) >= DEEPEST:
            raise Refused("it is nested too deep, or has too many attributes")
        kind = name.rpartition(":")[2].lower()
        if kind in _ITEMS:
            self.items += 1
            if self.items == self._most + 1:
                self.end = self._parser.CurrentByteIndex
                self.close = "".join(f"</{each}>" for each in reversed(self._open)).encode()
        self._open.append(name)
        if self.end is None:  # what comes after it, nobody else reads
            self._count(kind)

    def _count(self, kind: str) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise Refused(f"it has more than {MOST_ELEMENTS} elements")
        if kind in _LABELS:
            self._label(",")
            self._parser.CharacterDataHandler = self._label

    def _label(self, words: str) -> None:
        self._labels += words.count(",")
        if self._labels > MOST_LABELS:
            raise Refused(f"it has more than {MOST_LABELS} categories and key words")

    def _finish(self, name: str) -> None:
        self._open.pop()
        if name.rpartition(":")[2].lower() in _LABELS:
            self._parser.CharacterDataHandler = None

    def _entity(self, name: str, is_parameter: bool, value: str | None, *_: str | None) -> None:
        if value is None or is_parameter:
            raise Refused("it wants to bring in another document (an external entity)")
        if "&" in value or "%" in value:
            raise Refused("it has an entity that is made of others")
        if len(value) > LONGEST_ENTITY:
            raise Refused(f"it has an entity of more than {LONGEST_ENTITY} characters")
        self._grown += len(value) * self._document.count(f"&{name};".encode())
        if self._grown > MOST_GROWTH:
            raise Refused("its entities would make it many times as large")
