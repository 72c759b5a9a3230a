"""The Common Alerting Protocol: official warnings, alone or in an Atom or RSS index.

https://docs.oasis-open.org/emergency/cap/v1.2/CAP-v1.2-os.html; version 1.1 has the same elements.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import tzinfo
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from bot.errors import FeedError
from bot.model import Circle, Entry, Kind, Level, MessageType, Point, Reach, Source
from bot.ports import FeedResult, Fetch, Known, Response
from bot.reading import dates, links, markup, prose, visits

MOST_ALERTS = 50
ACCEPT = "application/cap+xml, application/atom+xml, application/rss+xml, text/xml;q=0.9"

_INDEXES = {"feed", "rss", "rdf"}
_CAP_TYPE = "application/cap+xml"
_RING_POINTS = 4  # a triangle with its first point again
_WORLDWIDE = 20_000.0  # kilometres


class Cap:
    """The Feed port over an address that gives CAP alerts, or an index of them."""

    def __init__(self, source: Source, fetch: Fetch, zone: tzinfo) -> None:
        self._source = source
        self._fetch = fetch
        self._zone = zone

    async def poll(self, known: Known) -> FeedResult:
        """Read it once. Raises FeedError, also for what is neither an alert nor an index."""
        response, now = await visits.visit(self._fetch, self._source.url, known, ACCEPT)
        if response is None:
            return FeedResult(known=now, unchanged=True)
        root = _tree(response)
        if _name(root) == "alert":
            alerts, problem = [root], None
        elif _name(root) in _INDEXES:
            alerts, problem = await self._listed(root, response.url)
        else:
            raise FeedError(f"it is <{_name(root)}> where a warning should be")
        found = (entry(alert, self._source, self._zone) for alert in alerts)
        return FeedResult([each for each in found if each is not None], now, problem=problem)

    async def _listed(self, index: Element, base: str) -> tuple[list[Element], str | None]:
        """The alerts of an index: those inside it, else those that it links to."""
        inside = index.findall(".//{*}alert")
        if inside:
            return inside[:MOST_ALERTS], None
        alerts: list[Element] = []
        failed = 0
        for link in list(dict.fromkeys(_links(index, base)))[:MOST_ALERTS]:
            try:
                alerts.append(await self._alert(link))
            except FeedError:
                failed += 1
        return alerts, f"{failed} of its warnings could not be read" if failed else None

    async def _alert(self, link: str) -> Element:
        response, _ = await visits.visit(self._fetch, link, Known(), ACCEPT)
        if response is None:
            raise FeedError("it is not there")
        return _tree(response)


def entry(alert: Element, source: Source, zone: tzinfo) -> Entry | None:
    """An alert as an entry; None for an exercise, a test, or what is not for the public."""
    if (_text(alert, "status"), _text(alert, "scope")) != ("Actual", "Public"):
        return None
    try:
        message = MessageType(_text(alert, "msgType"))
    except ValueError:  # Ack and Error are between systems
        return None
    sender, identifier, sent = (_text(alert, name) for name in ("sender", "identifier", "sent"))
    infos = _in_language(alert.findall("{*}info"), source.language)
    info = infos[0] if infos else alert
    words = (prose.tidy(_text(info, name)) for name in ("description", "instruction"))
    link = _text(info, "web")
    return Entry(
        key=f"{sender},{identifier},{sent}",
        title=prose.line(_text(info, "headline") or _text(info, "event") or _text(alert, "note"))
        or f"{message} {identifier}",
        summary="\n".join(prose.shortened(each) for each in words if each),
        source=source.name or prose.line(_text(info, "senderName")) or sender,
        licence=source.licence,
        language=source.language,
        link=link if links.leads_to(link, source.hosts or (links.host(source.url),)) else "",
        published=dates.moment(sent, zone),
        kind=Kind.ALERT,
        level=_level(info),
        categories=tuple(filter(None, (_text(info, "event"),))),
        reach=_reach(infos, source.areas),
        expires=dates.moment(_text(info, "expires"), zone),
        message=message,
        references=tuple(_text(alert, "references").split()),
    )


def _tree(response: Response) -> Element:
    document = markup.read(response.body, response.headers.get("content-type", ""), MOST_ALERTS)
    if document.root == "html":
        raise FeedError("it is a web page where a warning should be")
    try:
        return ET.fromstring(document.body)  # noqa: S314  # markup refused what could do harm
    except ET.ParseError:
        raise FeedError("it is broken XML") from None


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2].lower()


def _text(element: Element, name: str) -> str:
    return (element.findtext(f"{{*}}{name}") or "").strip()


def _links(index: Element, base: str) -> Iterator[str]:
    """The address of each alert: the link that says it is one, else the first of its entry."""
    for item in (*index.findall(".//{*}entry"), *index.findall(".//{*}item")):
        found = item.findall("{*}link")
        said = [each for each in found if each.get("type") == _CAP_TYPE]
        for each in (said or found)[:1]:
            if link := links.absolute(each.get("href") or each.text or "", base):
                yield link


def _in_language(infos: Sequence[Element], language: str) -> list[Element]:
    """The blocks in our language, else those in the first one's; "en-US" where none is said."""
    wanted = language.partition("_")[0]

    def tongue(info: Element) -> str:
        return (_text(info, "language") or "en-US").partition("-")[0].lower()

    ours = [info for info in infos if tongue(info) == wanted]
    return ours or [info for info in infos if tongue(info) == tongue(infos[0])]


def _level(info: Element) -> Level:
    """A hint only: whoever makes a post of it decides."""
    severe = _text(info, "severity") in {"Extreme", "Severe"}
    if severe and _text(info, "urgency") == "Immediate":
        return Level.URGENT
    return Level.IMPORTANT if severe else Level.ROUTINE


def _reach(infos: Sequence[Element], areas: tuple[str, ...]) -> Reach:
    parts = [area for info in infos for area in info.findall("{*}area")]
    rings = (_ring(each.text or "") for area in parts for each in area.findall("{*}polygon"))
    circles = (_circle(each.text or "") for area in parts for each in area.findall("{*}circle"))
    return Reach(
        areas,
        circles=tuple(filter(None, circles)),
        rings=tuple(ring for ring in rings if len(ring) >= _RING_POINTS),
        names=tuple(filter(None, (prose.line(_text(area, "areaDesc")) for area in parts))),
    )


def _ring(words: str) -> tuple[Point, ...]:
    """The points of "latitude,longitude latitude,longitude …", or none where one cannot be read."""
    points = [_point(pair) for pair in words.split()]
    return () if None in points else tuple(filter(None, points))


def _circle(words: str) -> Circle | None:
    centre, _, radius = words.strip().partition(" ")
    point = _point(centre)
    with suppress(ValueError):
        if point and 0 <= float(radius) <= _WORLDWIDE:
            return Circle(point, float(radius))
    return None


def _point(pair: str) -> Point | None:
    latitude, _, longitude = pair.rstrip(",").partition(",")
    with suppress(ValueError):
        point = Point(float(latitude), float(longitude))
        if math.hypot(point.latitude, point.longitude) <= 360:  # not infinite, not "NaN"
            return point
    return None
