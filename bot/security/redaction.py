"""Takes out of words for the log what must never stand in one: threat-model, "Logs".

The net is wide on purpose: a harmless number lost from a log line costs little, a postcode or a
token left in one cannot be taken back.
"""

import re
import traceback
import unicodedata
from collections.abc import Iterable, Iterator
from ipaddress import ip_address

# What may stand between two parts of a code when it comes out of a URL or a repr.
_GAP = r"(?:\s|[-+_.,]|%[0-9A-F]{2}|\\x[0-9A-F]{2}|\\u[0-9A-F]{4}|\\[nrt]){0,40}"
# No letter or digit before, but for the tail of an escape such as the "n" of a written-out "\n".
_START = r"(?:(?<![^\W_])|(?<=\\[nrt]))"
_END = r"(?![^\W_])"
# Never C I K M O V, which spares many ordinary words.
_UNIT = "[ABD-HJLNP-UW-Z]"
_RECEIPT_PART = r"[2-9A-HJKMNP-Z]{6}"

# Letters that cannot be seen, as a repr or a URL spells them.
_UNSEEN = re.compile(
    r"\\xad|\\u(?:00ad|034f|061c|115f|1160|180e|200[b-f]|202[a-e]|206[0-9a-f]|3164|fe0[0-9a-f]|feff)"
    r"|%C2%AD|%E2%80%8[B-F]|%E2%80%A[A-E]|%E2%81%A[0-9A-F]|%EF%B8%8[0-9A-F]|%EF%BB%BF",
    re.IGNORECASE,
)
_FILLERS = "\u115f\u1160\u3164\uffa0"

# Addresses of machines, which are those of people. A colon may be written for a URL.
_IPV4 = re.compile(r"(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)")
_COLONS = re.compile(r"(?:[0-9A-F:]|%3A){3,}", re.IGNORECASE)
_MOST_COLONS_OF_A_TIME = 4

# Every run has an upper bound, so that a long line cannot take long.
_PATTERNS = tuple(
    (re.compile(pattern, re.IGNORECASE), shown)
    for pattern, shown in (
        (r"(?<!\d)\d{5,20}(?::|%3A)[\w-]{20,}", "[token]"),
        # A password may hold "/" and "@" unescaped: all up to the last "@" may belong to it.
        (r"(?<=://)\S{1,500}@", "[sign-in]@"),
        (r"[^\s@<>()\[\]\"',;=]{1,64}(?:@|%40)[^\s@<>()\[\]\"',;=]{1,250}\.[^\W_]{2,}", "[e-mail]"),
        (rf"{_START}{_RECEIPT_PART}{_GAP}{_RECEIPT_PART}{_GAP}{_RECEIPT_PART}{_END}", "[receipt]"),
        (
            rf"{_START}[A-Z]\s{{0,9}}[A-Z]?\s{{0,9}}\d\s{{0,9}}[A-Z\d]?{_GAP}\d\s{{0,9}}{_UNIT}\s{{0,9}}{_UNIT}{_END}",
            "[postcode]",
        ),
        (rf"{_START}[A-Z2-7]{{26}}{_END}", "[reply token]"),
        (r"\b[A-Za-z0-9+/]{43}=", "[key]"),
        (r"\d{5,}", "[digits]"),
    )
)

# Faults of these kinds quote the value they met, which may be what a resident wrote.
_QUOTING = (ValueError, TypeError, LookupError, AttributeError, AssertionError)

_SHORTEST_SECRET = 6


class Redactor:
    """Replaces tokens, receipt codes, addresses, postcodes, long numbers and known secrets.

    Addresses are those of people and of machines.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        longest_first = sorted({s for s in secrets if len(s) >= _SHORTEST_SECRET}, key=len)[::-1]
        self._secrets = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def __call__(self, words: str) -> str:
        """The words with every such thing replaced by a name in square brackets."""
        words = self._secrets.sub("[secret]", words)
        words = self._secrets.sub("[secret]", _visible(words))
        words = _COLONS.sub(_without_ipv6, _IPV4.sub(_without_ipv4, words))
        for pattern, shown in _PATTERNS:
            words = pattern.sub(shown, words)
        return words


def _visible(words: str) -> str:
    """Words with one spelling for what looks the same, and nothing in them that cannot be seen.

    Full-width letters and the like are letters all the same, and accents hide nothing.
    """
    words = _UNSEEN.sub("", words)
    if words.isascii():
        return words
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKD", words)
        if letter not in _FILLERS and unicodedata.category(letter) not in {"Cf", "Me", "Mn"}
    )


def _without_ipv4(found: re.Match[str]) -> str:
    return found[0] if _is_our_own(found[0]) else "[address]"


def _without_ipv6(found: re.Match[str]) -> str:
    """IPv6 is "::" with a figure or two groups beside it, or more colons than a time has."""
    run = re.sub("%3A", ":", found[0], flags=re.IGNORECASE)
    groups = [group for group in run.split(":") if group]
    is_short = "::" in run and (len(groups) > 1 or any(map(str.isdigit, run)))
    if not is_short and run.count(":") <= _MOST_COLONS_OF_A_TIME:
        return found[0]
    return found[0] if _is_our_own(run) else "[address]"


def _is_our_own(address: str) -> bool:
    """Whether it only names this machine, which is nobody."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return found.is_loopback or found.is_unspecified


def explain(error: BaseException) -> str:
    """The story of an exception: where it passed, its kind, and its words if they quote nobody."""
    return "\n".join(_story(error, set()))


def _story(error: BaseException, told: set[int]) -> Iterator[str]:
    told.add(id(error))
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None and id(earlier) not in told:
        yield from _story(earlier, told)
        yield "which led to:"
    yield from (entry.rstrip() for entry in traceback.format_tb(error.__traceback__))
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    yield kind if isinstance(error, _QUOTING) else f"{kind}: {error}"
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _story(part, told)
