"""Sentences that say what to do in an emergency: no engine ever gets one.

An engine turned "In an emergency call 999" into "In a call of emergency 999". So they are cut out
of what it gets, and our own phrase, which people translated, stands for them.
"""

import re

# A line that begins like a sentence or an item of a list goes on with nothing before it.
_SENTENCE = re.compile(
    r".*?(?:[.!?…]+[\"'”’)]*(?=\s|$)|(?=\n\s*(?:\n|[A-Z\d\"“(•*–-]))|$)\s*", re.DOTALL
)
_TELLING = re.compile(
    r"\b(?:999|112|18000)\b|\bemergencySMS\b|\bpress 55\b"
    r"|\b(?:in|is|of|for) (?:an |any )?emergency\b|\bin (?:immediate )?danger\b"
    r"|\bcrime (?:that )?(?:is )?(?:in progress|happening)\b",
    re.IGNORECASE,
)
_NOT_TELLING = re.compile(r"\bnot (?:in |for |of )?(?:an |any )?emergency\b", re.IGNORECASE)


def cut(words: str) -> tuple[str, bool]:
    """English words without such sentences, and whether there were any."""
    sentences = _SENTENCE.findall(words)
    left = [each for each in sentences if not _tells(each)]
    return "".join(left).rstrip(), len(left) < len(sentences)


def _tells(sentence: str) -> bool:
    return bool(_TELLING.search(_NOT_TELLING.sub("", sentence)))
