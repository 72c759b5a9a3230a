"""The choice rule: which advice a resident gets in a week, and why.

Of the articles on topics that they follow, and that rest no longer, comes first

1. what a campaign asks for,
2. what serves a topic that has waited for half a year,
3. what is about a crime that rose in an area of theirs,
4. what is in season,
5. what serves the topic that has waited longest.

There is no chance in it and no clock, so the same data always gives the same advice.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum
from typing import TypeAlias

from bot.model import SENSITIVE_TOPICS, Area, Rise, Topic
from bot.services.articles import Article
from bot.services.campaigns import Campaign
from bot.text import Month, Text, _, _p, pack
from bot.topics import NAMES

FRIDAY = 4
"""Advice comes on the weekday on which weekly news comes, so that it is in the same message."""

LONGEST_WAIT = timedelta(weeks=26)

_CRIMES: Mapping[str, Text] = {
    # Translators: A kind of crime; it begins a sentence.
    "anti-social-behaviour": _p("crime", "Anti-social behaviour"),
    # Translators: A kind of crime; it begins a sentence.
    "bicycle-theft": _p("crime", "Bicycle theft"),
    # Translators: A kind of crime; it begins a sentence.
    "burglary": _p("crime", "Burglary"),
    # Translators: A kind of crime; it begins a sentence.
    "criminal-damage-arson": _p("crime", "Criminal damage and arson"),
    # Translators: A kind of crime; it begins a sentence.
    "drugs": _p("crime", "Drug crime"),
    # Translators: A kind of crime; it begins a sentence. It is whatever has no kind of its own.
    "other-crime": _p("crime", "Other crime"),
    # Translators: A kind of crime; it begins a sentence. It is whatever has no kind of its own.
    "other-theft": _p("crime", "Other theft"),
    # Translators: A kind of crime; it begins a sentence.
    "possession-of-weapons": _p("crime", "Possession of weapons"),
    # Translators: A kind of crime: people who frighten or harm others in public places.
    "public-order": _p("crime", "Public order crime"),
    # Translators: A kind of crime; it begins a sentence.
    "robbery": _p("crime", "Robbery"),
    # Translators: A kind of crime; it begins a sentence.
    "shoplifting": _p("crime", "Shoplifting"),
    # Translators: A kind of crime: things taken from pockets and hands.
    "theft-from-the-person": _p("crime", "Theft from the person"),
    # Translators: A kind of crime; it begins a sentence.
    "vehicle-crime": _p("crime", "Vehicle crime"),
    # Translators: A kind of crime; it begins a sentence.
    "violent-crime": _p("crime", "Violent crime"),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """What decides for one resident.

    ``follows`` are their areas with the topics wanted there. ``had`` says of each article on which
    day it last came, and ``since`` is the day on which the first of all came.
    """

    follows: Sequence[tuple[Area, Topic]]
    had: Mapping[str, date] = field(default_factory=dict)
    since: date | None = None

    @property
    def topics(self) -> Topic:
        """Every topic they follow anywhere."""
        wanted = Topic(0)
        for _area, topics in self.follows:
            wanted |= topics
        return wanted

    def after(self, article: str, day: date) -> "Reader":
        """The same resident once they have had an article on a day."""
        return Reader(self.follows, {**self.had, article: day}, self.since or day)


@dataclass(frozen=True, slots=True)
class Week:
    """What is the same for all in one week. ``day`` is its Friday; ``rises`` are by area id."""

    day: date
    campaigns: Sequence[Campaign] = ()
    rises: Mapping[str, Sequence[Rise]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """An article, why it was chosen in one line, and the one area that the reason is about."""

    article: Article
    reason: Text
    area: Area | None = None

    @property
    def key(self) -> str:
        """The same for all who get the same article for the same reason."""
        said = [self.article.id, pack(self.reason), self.area and self.area.id]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


class _Rank(IntEnum):
    CAMPAIGN = 1
    LONG_WAIT = 2
    ROSE = 3
    SEASON = 4
    TURN = 5


_Order: TypeAlias = tuple[int, ...]
_Option: TypeAlias = tuple[_Rank, _Order, Choice]


def subject(article: Article) -> Topic:
    """The topics of which one must be followed to get an article by itself.

    A sensitive one comes only to those who turned its sensitive topic on.
    """
    return article.topics & SENSITIVE_TOPICS or article.topics


def choose(articles: Iterable[Article], reader: Reader, week: Week) -> Choice | None:
    """The advice of a week for one resident; None where every article rests or none is wanted."""
    wanted = reader.topics
    served = _served(articles := list(articles), reader, week)
    found = [
        (rank, order, served[_waiting(article, wanted, served)], _last(article, reader), choice)
        for article in articles
        if subject(article) & wanted and not _rests(article, reader, week.day)
        for rank, order, choice in _options(article, reader, week, served)
    ]
    best = min(found, key=lambda each: (*each[:4], each[4].article.id), default=None)
    return best[4] if best else None


def _rests(article: Article, reader: Reader, day: date) -> bool:
    last = reader.had.get(article.id)
    return last is not None and day - last < article.rest


def _last(article: Article, reader: Reader) -> date:
    return reader.had.get(article.id, date.min)


def _served(articles: Sequence[Article], reader: Reader, week: Week) -> Mapping[Topic, date]:
    """When each topic was last served; one that never was has waited since the first advice."""
    first = reader.since or week.day
    served = dict.fromkeys(Topic, first - timedelta(days=1))
    for article in articles:
        if last := reader.had.get(article.id):
            for topic in subject(article):
                served[topic] = max(served[topic], last)
    return served


def _waiting(article: Article, wanted: Topic, served: Mapping[Topic, date]) -> Topic:
    """The topic of an article that this reader has waited for longest."""
    return min(subject(article) & wanted, key=lambda topic: (served[topic], topic))


def _options(
    article: Article, reader: Reader, week: Week, served: Mapping[Topic, date]
) -> Iterator[_Option]:
    """Every reason for which this article may be chosen, with its rank."""
    yield from _campaigns(article, reader, week)
    yield from _rises(article, reader, week)
    if article.season and week.day in article.season:
        reason = _("This helps most at this time of year.")
        yield _Rank.SEASON, (), _choice(article, reason)
    topic = _waiting(article, reader.topics, served)
    # Translators: {topic} is one of the topics of news, such as "Road safety".
    reason = _("You follow this topic: {topic}.", topic=NAMES[topic])
    long = week.day - served[topic] > LONGEST_WAIT
    yield _Rank.LONG_WAIT if long else _Rank.TURN, (), _choice(article, reason)


def _campaigns(article: Article, reader: Reader, week: Week) -> Iterator[_Option]:
    for number, campaign in enumerate(week.campaigns):
        if not campaign.is_on(week.day) or article.id not in campaign.articles:
            continue
        # Translators: {campaign} is the English name of a campaign, "Operation Sceptre".
        reason = _("This is part of {campaign}.", campaign=campaign.name)
        if campaign.areas is None:
            yield _Rank.CAMPAIGN, (number,), _choice(article, reason)
            continue
        for area, topics in reader.follows:
            if area.id in campaign.areas and topics & subject(article):
                yield _Rank.CAMPAIGN, (number,), _choice(article, reason, area)


def _rises(article: Article, reader: Reader, week: Week) -> Iterator[_Option]:
    for place, (area, topics) in enumerate(reader.follows):
        if not topics & subject(article):
            continue
        for number, rise in enumerate(week.rises.get(area.id, ())):
            if rise.category in article.crimes and rise.category in _CRIMES:
                yield _Rank.ROSE, (number, place), _choice(article, _rose(rise, area), area)


def _rose(rise: Rise, area: Area) -> Text:
    # Translators: {crime} is a kind of crime, {area} the name of an area, {month} a month:
    # "Bicycle theft rose in Caversham in September 2026."
    return _(
        "{crime} rose in {area} in {month}.",
        crime=_CRIMES[rise.category],
        area=area.label,
        month=Month.of(rise.month),
    )


def _choice(article: Article, reason: Text, area: Area | None = None) -> Choice:
    """On a sensitive topic the reason tells nothing to whoever looks at the screen."""
    if article.sensitive:
        return Choice(article, _("You asked for advice like this."))
    return Choice(article, reason, area)
