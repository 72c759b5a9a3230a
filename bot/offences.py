"""Crimes counted by month: the categories of data.police.uk by name, and figures of an area.

A count under five is never shown, nor anything from which it could be worked out: it is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.model import Area, Rise
from bot.text import Text, _p

FEWEST = 5
"""The smallest count that is shown."""

SLUGS: Mapping[str, str] = {
    "Anti-social behaviour": "anti-social-behaviour",
    "Bicycle theft": "bicycle-theft",
    "Burglary": "burglary",
    "Criminal damage and arson": "criminal-damage-arson",
    "Drugs": "drugs",
    "Other theft": "other-theft",
    "Possession of weapons": "possession-of-weapons",
    "Public order": "public-order",
    "Robbery": "robbery",
    "Shoplifting": "shoplifting",
    "Theft from the person": "theft-from-the-person",
    "Vehicle crime": "vehicle-crime",
    "Violence and sexual offences": "violent-crime",
    "Other crime": "other-crime",
}
"""What the API calls a category, by its name in the bulk files."""

CATEGORIES: Mapping[str, Text] = {
    # Translators: A kind of crime, in a list of monthly figures.
    "anti-social-behaviour": _p("crime", "Anti-social behaviour"),
    # Translators: A kind of crime, in a list of monthly figures.
    "bicycle-theft": _p("crime", "Bike theft"),
    # Translators: A kind of crime, in a list of monthly figures: break-ins, also at shops.
    "burglary": _p("crime", "Burglary"),
    # Translators: A kind of crime, in a list of monthly figures.
    "criminal-damage-arson": _p("crime", "Criminal damage and arson"),
    # Translators: A kind of crime, in a list of monthly figures.
    "drugs": _p("crime", "Drugs"),
    # Translators: A kind of crime, in a list of monthly figures: theft of no other listed kind.
    "other-theft": _p("crime", "Other theft"),
    # Translators: A kind of crime, in a list of monthly figures.
    "possession-of-weapons": _p("crime", "Possession of weapons"),
    # Translators: A kind of crime, in a list of monthly figures: threats and fights in public.
    "public-order": _p("crime", "Public order"),
    # Translators: A kind of crime, in a list of monthly figures: theft with force or threats.
    "robbery": _p("crime", "Robbery"),
    # Translators: A kind of crime, in a list of monthly figures.
    "shoplifting": _p("crime", "Shoplifting"),
    # Translators: A kind of crime, in a list of monthly figures: such as by pickpockets.
    "theft-from-the-person": _p("crime", "Theft from the person"),
    # Translators: A kind of crime, in a list of monthly figures: theft of or from cars.
    "vehicle-crime": _p("crime", "Vehicle crime"),
    # Translators: A kind of crime, in a list of monthly figures.
    "violent-crime": _p("crime", "Violence and sexual offences"),
    # Translators: A kind of crime, in a list of monthly figures: of no other listed kind.
    "other-crime": _p("crime", "Other crime"),
}

OUTCOMES: Mapping[str, Text] = {
    # Translators: What became of a crime, in a list of monthly figures.
    "Investigation complete; no suspect identified": _p(
        "result", "Investigation ended, no suspect found"
    ),
    # Translators: What became of a crime, in a list of monthly figures.
    "Under investigation": _p("result", "Still being investigated"),
    # Translators: What became of a crime: a suspect is known, but cannot be taken to court.
    "Unable to prosecute suspect": _p("result", "The suspect could not be prosecuted"),
    # Translators: What became of a crime, in a list of monthly figures.
    "Awaiting court outcome": _p("result", "Waiting for a court"),
    # Translators: What became of a crime: a body other than the police deals with it.
    "Action to be taken by another organisation": _p(
        "result", "Another organisation deals with it"
    ),
    # Translators: What became of a crime: a warning by the police, on record.
    "Offender given a caution": _p("result", "The offender got a caution"),
    # Translators: What became of a crime: settled without a court, such as by an apology.
    "Local resolution": _p("result", "Settled without a court"),
    # Translators: What became of a crime, in a list of monthly figures.
    "Further investigation is not in the public interest": _p(
        "result", "Not investigated further, in the public interest"
    ),
    # Translators: What became of a crime, in a list of monthly figures.
    "Formal action is not in the public interest": _p(
        "result", "No formal action, in the public interest"
    ),
    # Translators: What became of a crime, in a list of monthly figures.
    "Offender given a drugs possession warning": _p("result", "The offender got a drugs warning"),
    # Translators: What became of a crime: a fine given by the police.
    "Offender given penalty notice": _p("result", "The offender got a penalty notice"),
    # Translators: What became of a crime, in a list of monthly figures.
    "Suspect charged as part of another case": _p("result", "Charged as part of another case"),
}


def category_name(slug: str) -> Text:
    """What a category is called; one that is new to us by its own word."""
    return CATEGORIES.get(slug) or Text("{name}", {"name": slug.replace("-", " ").capitalize()})


def outcome_name(words: str) -> Text:
    """What a result is called; forces reword them, so another one in the words of its source."""
    return OUTCOMES.get(words) or Text("{name}", {"name": words})


@dataclass(frozen=True, slots=True)
class Tally:
    """The offences of one month, counted from its first day, as far as they may be shown.

    ``total`` is None where it would give away a hidden count; then ``shown``, the sum of what is
    not hidden, is the least that it can be.
    """

    month: date
    categories: Mapping[str, int | None]
    total: int | None
    shown: int


@dataclass(frozen=True, slots=True)
class AreaNumbers:
    """The newest month of an area beside others. ``outcomes`` are the newest results of that
    month's offences, the most common first; ``hides_outcomes`` says that there are more.

    ``history`` holds the months of the last year that are known, the oldest first and the newest
    last. ``late`` says that a newer month should be out by now; ``sample`` that all is made up.
    """

    area: Area
    newest: Tally
    before: Tally | None
    year_before: Tally | None
    outcomes: Mapping[str, int]
    hides_outcomes: bool
    history: tuple[Tally, ...]
    rises: tuple[Rise, ...] = ()
    late: bool = False
    sample: bool = False
