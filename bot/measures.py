"""How the Police and Crime Plan says it will be judged, and which monthly figures tell of it.

Each of the fifteen priorities has one measure in "Protecting Thames Valley: Police & Crime Plan
2024-2029" of the Police and Crime Commissioner, in the order of the priorities; the plan sets no
targets in numbers. A category of data.police.uk stands beside a measure only where it counts what
the priority is about. Violence and sexual offences are published as one category, so that it
stands beside none of the priorities that are each a part of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model import Topic
from bot.text import Text, _p

PLAN = "Police and Crime Plan 2024-2029"


@dataclass(frozen=True, slots=True)
class Measure:
    """What the plan wants to see, and the category whose monthly count shows some of it."""

    words: Text
    category: str | None = None


MEASURES: Mapping[Topic, Measure] = {
    # Translators: What the police plan is judged by, for crime prevention.
    Topic.CRIME_PREVENTION: Measure(_p("measure", "Continued reductions in priority crime types")),
    # Translators: What the police plan is judged by. PCs are police officers, PCSOs police
    # community support officers.
    Topic.NEIGHBOURHOOD_POLICING: Measure(
        _p("measure", "Increased PCs and PCSOs in neighbourhood roles")
    ),
    # Translators: What the police plan is judged by, for road safety.
    Topic.ROAD_SAFETY: Measure(
        _p("measure", "Reduce the number of people killed and seriously injured on our roads")
    ),
    # Translators: What the police plan is judged by.
    Topic.ANTI_SOCIAL_BEHAVIOUR: Measure(
        _p("measure", "Reduce anti-social behaviour in communities"), "anti-social-behaviour"
    ),
    # Translators: What the police plan is judged by, for building confidence.
    Topic.BUILDING_CONFIDENCE: Measure(_p("measure", "Increased levels of public confidence")),
    # Translators: What the police plan is judged by. RASO is rape and sexual offences.
    Topic.RAPE_AND_SEXUAL_OFFENCES: Measure(
        _p("measure", "Improved charge rates for RASO offences")
    ),
    # Translators: What the police plan is judged by.
    Topic.DOMESTIC_ABUSE: Measure(_p("measure", "Improved outcome rates for domestic abuse")),
    # Translators: What the police plan is judged by, for the night-time economy.
    Topic.NIGHT_TIME_ECONOMY: Measure(
        _p("measure", "Reduced offending and increased prevention activity")
    ),
    # Translators: What the police plan is judged by. Homicide is the killing of a person.
    Topic.SERIOUS_VIOLENCE: Measure(
        _p("measure", "Continued low levels of serious violence and homicide")
    ),
    # Translators: What the police plan is judged by: more people protected who are exploited.
    Topic.ABUSE_AND_EXPLOITATION: Measure(
        _p("measure", "Increased safeguarding of those being exploited")
    ),
    # Translators: What the police plan is judged by.
    Topic.RESIDENTIAL_BURGLARY: Measure(
        _p("measure", "Continued low levels of burglary and increased charges"), "burglary"
    ),
    # Translators: What the police plan is judged by, for crime in shops.
    Topic.RETAIL_CRIME: Measure(
        _p("measure", "Increase in recorded offences, resulting in higher arrest and charge rates"),
        "shoplifting",
    ),
    # Translators: What the police plan is judged by.
    Topic.VEHICLE_CRIME: Measure(
        _p("measure", "Reductions in the levels of vehicle crime"), "vehicle-crime"
    ),
    # Translators: What the police plan is judged by.
    Topic.RURAL_CRIME: Measure(_p("measure", "Reductions in the levels of rural crime")),
    # Translators: What the police plan is judged by, for crime on the internet and fraud.
    Topic.CYBERCRIME_AND_FRAUD: Measure(
        _p("measure", "Increased community education and prevention activity")
    ),
}
