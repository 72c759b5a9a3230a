"""What in a text may tell who wrote it: pointed out once, and never a reason to refuse the text."""

import re

from bot.services.spelling import postcode_in
from bot.text import Text, _

_DIGITS_OF_A_PHONE_NUMBER = 9
_RUN = re.compile(r"\+?\(?\d[\d\s().-]{7,}\d")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]{2,}")
# In every language offered, because people write in whichever comes first.
_NAME = re.compile(
    r"\b(my (full )?name(?:'s| is)|my name,|i am called|i'm called|yours sincerely|"
    r"kind regards|nazywam się|nazywam sie|mam na imię|mam na imie|z poważaniem)\b"
)
_HOME = re.compile(
    r"\b(i|we) live (at|in|on|next|opposite|above|below|across)\b|\bmy (house|flat|home|address|"
    r"front door|window|garden|drive)\b|\bmieszkam\b|\b(mój|moj) (dom|adres)\b|"
    r"\bmoje (mieszkanie|okno)\b"
)
_STREET = re.compile(
    r"\b(flat|no\.?|number) ?\d{1,4}[a-z]?\b|\b\d{1,4}[a-z]? [\w' -]{2,40}?\b(street|st|road|rd|"
    r"avenue|ave|close|lane|drive|way|court|crescent|gardens|terrace|place|grove|walk|mews|"
    r"square|hill)\b|\b(ul\.|ulica|ulicy) \w+"
)

_PHONE_WORDS = _("a phone number")
_EMAIL_WORDS = _("an e-mail address")
_NAME_WORDS = _("a name")
_ADDRESS_WORDS = _("an address, or where you live")


def hints(words: str) -> list[Text]:
    """What a text seems to hold that may tell who wrote it, each as words for a list."""
    lower = words.casefold().replace("’", "'")
    kinds = (
        (_has_phone_number(lower), _PHONE_WORDS),
        (_EMAIL.search(lower), _EMAIL_WORDS),
        (_NAME.search(lower), _NAME_WORDS),
        (_HOME.search(lower) or _STREET.search(lower) or postcode_in(words), _ADDRESS_WORDS),
    )
    return [text for is_there, text in kinds if is_there]


def _has_phone_number(words: str) -> bool:
    return any(
        sum(map(str.isdigit, run[0])) >= _DIGITS_OF_A_PHONE_NUMBER for run in _RUN.finditer(words)
    )
