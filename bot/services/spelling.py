"""Postcodes as people type them: any spacing, case and width, O for 0, or inside a sentence."""

import re
import unicodedata

# Royal Mail's shapes: no area begins with Q, V or X, none has I, J or Z second, and no two-digit
# district begins with 0. I and O never follow a district's digit, nor do C I K M O V end a code.
_OUTWARD = r"[A-PR-UWYZ][A-HK-Y]?(?:[1-9][0-9]|[0-9][A-HJ-NP-Z]?)"
_INWARD = r"[0-9][ABD-HJLNP-UW-Z]{2}"
_GAP = r"[\s.\-\u2010-\u2015]"
_WHOLE = re.compile(rf"({_OUTWARD})({_INWARD})")
_WITHIN = re.compile(rf"(?<![A-Z0-9])({_OUTWARD}){_GAP}*({_INWARD})(?![A-Z0-9])")
_BETWEEN = re.compile(rf"{_GAP}+")
_SHAPES = ("A9", "A99", "AA9", "AA99", "A9A", "AA9A")
_SLIPS = {"A": str.maketrans("01", "OI"), "9": str.maketrans("OI", "01")}
_SHORTEST, _LONGEST = 5, 7
_ENOUGH = 1000  # letters: more than anyone needs to tell a postcode


def postcode_in(text: str) -> str | None:
    """The postcode that a text is or holds, as "RG1 1AA"; None when there is none.

    O for 0 and I for 1 are put right only where the rest of the text is a postcode and one
    reading alone has the shape of one: "go off" in a sentence is not G0 0FF.
    """
    folded = _folded(text[:_ENOUGH])
    compact = _BETWEEN.sub("", folded)
    if _SHORTEST <= len(compact) <= _LONGEST:
        whole = _WHOLE.fullmatch(compact) or _repaired(compact)
        if whole is not None:
            return f"{whole[1]} {whole[2]}"
    within = _WITHIN.search(folded)
    return None if within is None else f"{within[1]} {within[2]}"


def without_postcode(text: str) -> str:
    """What a text says beside its postcodes; empty where one cannot be taken out of it."""
    rest = re.sub(_WITHIN.pattern, " ", text, flags=re.IGNORECASE)
    return "" if postcode_in(rest) else " ".join(rest.split()).strip(" ,;")


def _folded(text: str) -> str:
    if text.isascii():
        return text.upper()
    shown = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return "".join(str(unicodedata.decimal(c, c)) for c in shown).upper()


def _repaired(compact: str) -> re.Match[str] | None:
    if not any(c.isdigit() for c in compact):
        return None
    readings = {
        found[0]: found
        for shape in _SHAPES
        if len(shape) + 3 == len(compact)
        and (found := _WHOLE.fullmatch(_read_as(compact, shape + "9AA")))
    }
    return readings.popitem()[1] if len(readings) == 1 else None


def _read_as(compact: str, shape: str) -> str:
    return "".join(c.translate(_SLIPS[kind]) for c, kind in zip(compact, shape, strict=True))
