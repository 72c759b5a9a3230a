"""What an engine must leave alone: addresses, numbers to call, codes, times, names of places."""

import html
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from bot.ports import Markup
from bot.services import toponyms
from bot.services.toponyms import WORD, Key, key
from bot.services.translation.verification import Unfit

_ADDRESS = r"(?:https?://|www\.)[^\s<>\"⟦⟧]+"
_DOMAIN = r"(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:uk|com|org|net|info|eu)\b(?:/[^\s<>\"⟦⟧]*)?"
_STREETS = (
    "Road|Street|Lane|Avenue|Close|Drive|Way|Court|Crescent|Gardens|Place|Square|Terrace|Hill|"
    "Park|Green|Walk|Row|Mews|Grove|Rise|View|Parade|Bridge|Roundabout|Estate|Common|Station"
)
_LEADS = (
    "A|An|And|Along|Around|At|Between|Both|By|For|From|In|Into|Near|Off|On|Opposite|Or|Outside|"
    "Over|Past|The|This|That|To|Towards|Under|Via|Visit|When|While|With"
)
_STREET = rf"\b(?!(?:{_LEADS})\b)(?:[A-Z][\w'’-]*[ ]){{1,3}}(?:{_STREETS})\b"
_FIXED = "Thames Valley Police|Crimestoppers|emergencySMS"
# In this order: what comes first holds what comes later in it.
_KEPT = re.compile(
    "|".join(
        (
            r"[⟦⟧]",
            r"\{\w+\}",
            r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
            _ADDRESS,
            _DOMAIN,
            r"(?<!\w)[@#]\w+",
            r"(?<![\w/])/[a-z]+\b",
            r"\b[CP]-[2-9A-HJ-NP-Z]{6}\b",
            r"\b[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}\b",
            r"\b[A-Z]{1,2}\d[A-Z\d]?\b",
            r"\b\d{1,2}(?:[:.]\d{2})?[ ]?[ap]m\b",
            r"\b\d{1,2}:\d{2}\b",
            r"(?<!\w)\+?\d[\d ()-]{5,}\d\b",
            r"\b\d{5,}\b",
            r"\bOperation[ ][A-Z][\w-]+",
            rf"\b(?:{_FIXED})\b",
            _STREET,
        )
    )
)
_SENTENCE_ENDS = ".,;:!?'\"”’…"
_BRACKETS = {")": "(", "]": "["}
_BEGINS = re.compile(r"(?:^|[.!?:…]\s+|\n)\W*$")
_JOINED = re.compile(r"[ '’.-]{0,2}")
_IN_TEXT = re.compile(r"⟦\s*(\d+)\s*⟧")
_IN_HTML = re.compile(r"<span translate=\"?no\"?>(.*?)</span>", re.DOTALL)
_TAG = re.compile(r"[<>]")
_MARK = re.compile(r"[⟦⟧]")


class Damaged(Unfit):
    """An engine lost, doubled or changed what it had to leave alone."""


@dataclass(frozen=True, slots=True)
class Protected:
    """Words as an engine gets them, and what was taken out of its reach, in order."""

    words: str
    kept: tuple[str, ...]
    markup: Markup

    @property
    def bare(self) -> str:
        """The words alone, without what was kept."""
        return bare(self.words, self.markup)


class Names:
    """Names of places. Those that are everyday words, too, only count within a sentence."""

    def __init__(self, names: Iterable[str], everyday: Collection[Key] = ()) -> None:
        self._names = frozenset(key(name) for name in names) - {()}
        self._everyday = frozenset(everyday)
        self._longest = max((len(name) for name in self._names), default=0)

    @classmethod
    def with_shipped(cls, names: Iterable[str]) -> "Names":
        """Those given, and the towns and villages that ship."""
        rules = toponyms.rules()
        known = (*names, *toponyms.points(), *rules["towns"], *rules["counties"], *rules["also"])
        return cls(known, [key(word) for word in (*rules["words"]["plain"], "Reading")])

    def find(self, words: str) -> Iterator[tuple[int, int]]:
        """Where names stand, the longest that begins at each place."""
        tokens = list(WORD.finditer(words))
        past = 0
        for number, token in enumerate(tokens):
            if token.start() < past or not token[0][0].isupper():
                continue
            end = self._end(words, tokens[number : number + self._longest])
            if end:
                yield token.start(), end
                past = end

    def _end(self, words: str, tokens: list[re.Match[str]]) -> int:
        first = tokens[0].start()
        for count in range(len(tokens), 0, -1):
            run = tokens[:count]
            gaps = pairwise(run)
            if not all(_JOINED.fullmatch(words, one.end(), two.start()) for one, two in gaps):
                continue
            name = key(words[first : run[-1].end()])
            if name not in self._names:
                continue
            if name in self._everyday and _BEGINS.search(words[:first]):
                continue
            return run[-1].end()
        return 0


def protect(words: str, names: Names, markup: Markup) -> Protected:
    """Words with all that must stay as it is put out of an engine's reach."""
    made: list[str] = []
    kept: list[str] = []
    end = 0
    for start, stop in _spans(words, names):
        made += [_written(words[end:start], markup), _mark(len(kept), words[start:stop], markup)]
        kept.append(words[start:stop])
        end = stop
    return Protected("".join([*made, _written(words[end:], markup)]), tuple(kept), markup)


def restore(translated: str, source: Protected) -> str:
    """An engine's words with what was kept back in its place.

    Raises Damaged unless each piece is there exactly once, and no tag but ours.
    """
    if source.markup == "html":
        found = [html.unescape(piece).strip() for piece in _IN_HTML.findall(translated)]
        if sorted(found) != sorted(source.kept):
            raise Damaged("what had to stay as it is was lost, doubled or changed")
        _refuse(_TAG, _IN_HTML.sub("", translated))
        return html.unescape(_IN_HTML.sub(lambda span: span[1].strip(), translated))
    numbers = [int(number) for number in _IN_TEXT.findall(translated)]
    if sorted(numbers) != list(range(len(source.kept))):
        raise Damaged("what had to stay as it is was lost, doubled or changed")
    _refuse(_MARK, _IN_TEXT.sub("", translated))
    return _IN_TEXT.sub(lambda mark: source.kept[int(mark[1])], translated)


def bare(words: str, markup: Markup) -> str:
    """Words on their way, without what is kept in them."""
    if markup == "html":
        return html.unescape(_IN_HTML.sub(" ", words))
    return _IN_TEXT.sub(" ", words)


def _spans(words: str, names: Names) -> Iterator[tuple[int, int]]:
    """Where something is to be kept, in order, none within another."""
    patterns = [(each.start(), each.start() + _length(each[0])) for each in _KEPT.finditer(words)]
    past = 0
    for start, end in sorted([*patterns, *names.find(words)], key=lambda at: (at[0], -at[1])):
        if start >= past and end > start:
            yield start, end
            past = end


def _length(piece: str) -> int:
    """How much of a piece is its own, without the marks of the sentence that it stands in."""
    length = len(piece)
    while length > 1:
        last, head = piece[length - 1], piece[:length]
        opening = _BRACKETS.get(last)
        is_loose = opening is not None and head.count(opening) < head.count(last)
        if last not in _SENTENCE_ENDS and not is_loose:
            break
        length -= 1
    return length


def _written(words: str, markup: Markup) -> str:
    return html.escape(words, quote=False) if markup == "html" else words


def _mark(number: int, piece: str, markup: Markup) -> str:
    if markup == "html":
        return f'<span translate="no">{html.escape(piece, quote=False)}</span>'
    return f"⟦{number}⟧"


def _refuse(foreign: re.Pattern[str], words: str) -> None:
    if foreign.search(words):
        raise Damaged("it holds a tag that is not ours")
