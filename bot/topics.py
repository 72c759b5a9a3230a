"""The topics by name, in the three themes of the Police and Crime Plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.model import Topic
from bot.text import Text, _p


@dataclass(frozen=True, slots=True)
class Theme:
    """A part of the plan, and the topics in it."""

    name: Text
    topics: Sequence[Topic]


NAMES: Mapping[Topic, Text] = {
    # Translators: A topic of news: whatever is in no other topic. Max 24
    Topic.GENERAL: _p("topic", "General news"),
    # Translators: A topic of news, one of the police plan's priorities. Max 24
    Topic.CRIME_PREVENTION: _p("topic", "Crime prevention"),
    # Translators: A topic of news: the police officers who know the area. Max 24
    Topic.NEIGHBOURHOOD_POLICING: _p("topic", "Neighbourhood policing"),
    # Translators: A topic of news, one of the police plan's priorities. Max 24
    Topic.ROAD_SAFETY: _p("topic", "Road safety"),
    # Translators: A topic of news: noise, damage, harassment in the street. Max 24
    Topic.ANTI_SOCIAL_BEHAVIOUR: _p("topic", "Anti-social behaviour"),
    # Translators: A topic of news: how the police earn the trust of the public. Max 24
    Topic.BUILDING_CONFIDENCE: _p("topic", "Building confidence"),
    # Translators: A topic of news, one of the police plan's priorities. Max 24
    Topic.RAPE_AND_SEXUAL_OFFENCES: _p("topic", "Rape and sexual offences"),
    # Translators: A topic of news: violence or control at home. Max 24
    Topic.DOMESTIC_ABUSE: _p("topic", "Domestic abuse"),
    # Translators: A topic of news: pubs, clubs and streets in the evening. Max 24
    Topic.NIGHT_TIME_ECONOMY: _p("topic", "Night-time economy"),
    # Translators: A topic of news, one of the police plan's priorities. Max 24
    Topic.SERIOUS_VIOLENCE: _p("topic", "Serious violence"),
    # Translators: A topic of news, one of the police plan's priorities. Max 24
    Topic.ABUSE_AND_EXPLOITATION: _p("topic", "Abuse and exploitation"),
    # Translators: A topic of news: break-ins at homes. Max 24
    Topic.RESIDENTIAL_BURGLARY: _p("topic", "Residential burglary"),
    # Translators: A topic of news: crime in shops. Max 24
    Topic.RETAIL_CRIME: _p("topic", "Retail crime"),
    # Translators: A topic of news: theft of cars and from cars. Max 24
    Topic.VEHICLE_CRIME: _p("topic", "Vehicle crime"),
    # Translators: A topic of news: crime on farms and in the country. Max 24
    Topic.RURAL_CRIME: _p("topic", "Rural crime"),
    # Translators: A topic of news: crime on the internet and by tricks. Max 24
    Topic.CYBERCRIME_AND_FRAUD: _p("topic", "Cybercrime and fraud"),
}

THEMES: Sequence[Theme] = (
    Theme(
        # Translators: A part of the police plan; opens the topics in it. Max 24
        _p("theme", "Communities"),
        (
            Topic.GENERAL,
            Topic.CRIME_PREVENTION,
            Topic.NEIGHBOURHOOD_POLICING,
            Topic.ROAD_SAFETY,
            Topic.ANTI_SOCIAL_BEHAVIOUR,
            Topic.BUILDING_CONFIDENCE,
        ),
    ),
    Theme(
        # Translators: A part of the police plan; opens the topics in it. Max 24
        _p("theme", "People"),
        (
            Topic.NIGHT_TIME_ECONOMY,
            Topic.SERIOUS_VIOLENCE,
            Topic.RAPE_AND_SEXUAL_OFFENCES,
            Topic.DOMESTIC_ABUSE,
            Topic.ABUSE_AND_EXPLOITATION,
        ),
    ),
    Theme(
        # Translators: A part of the police plan; opens the topics in it. Max 24
        _p("theme", "Property"),
        (
            Topic.RESIDENTIAL_BURGLARY,
            Topic.RETAIL_CRIME,
            Topic.VEHICLE_CRIME,
            Topic.RURAL_CRIME,
            Topic.CYBERCRIME_AND_FRAUD,
        ),
    ),
)
