"""Messages as other programs read them: Atom (RFC 4287), and CAP 1.2 alerts in it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from bot.model import Alerting, Area, Level, MessageType, Post, Posted

ATOM = "http://www.w3.org/2005/Atom"
CAP = "urn:oasis:names:tc:emergency:cap:1.2"

# As CAP says it: urgency, severity. How sure somebody is stays unknown: nobody told us.
_LEVELS = {
    Level.URGENT: ("Immediate", "Severe"),
    Level.IMPORTANT: ("Expected", "Moderate"),
    Level.ROUTINE: ("Unknown", "Minor"),
}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

ET.register_namespace("", ATOM)
ET.register_namespace("cap", CAP)


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes, and where. In a demo every alert is an exercise."""

    url: str
    name: str
    zone: ZoneInfo
    demo: bool

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "localhost"

    def reference(self, identifier: str, sent: datetime) -> str:
        """How later CAP messages name an earlier one: "sender,identifier,sent"."""
        return f"{self.host},{identifier},{self.moment(sent)}"

    def moment(self, at: datetime) -> str:
        """A time as CAP wants it: with its offset, which for UTC is "-00:00"."""
        local = at.astimezone(self.zone).isoformat(timespec="seconds")
        return f"{local[:-6]}-00:00" if local.endswith("+00:00") else local


def atom(
    publisher: Publisher, area: Area, entries: Sequence[tuple[Posted, str]], now: datetime
) -> bytes:
    """What was sent to an area, newest first, each with its heading."""
    updated = max((posted.at for posted, _heading in entries), default=now)
    feed = _feed(publisher, area, "feed.atom", area.label, updated)
    for posted, heading in entries:
        entry = _entry(publisher, feed, posted.post.code, heading, posted.at)
        origin = posted.post.origin
        if origin is not None and origin.licence:
            _add(entry, ATOM, "rights", f"{origin.source}. {origin.licence}")
        body = "\n\n".join(filter(None, (posted.words.said, posted.words.body)))
        _add(entry, ATOM, "content", body, type="text")
    return _bytes(feed)


def cap(publisher: Publisher, area: Area, alerts: Iterable[Alerting], now: datetime) -> bytes:
    """Every alert of an area, and each update and end of one, as messages of their own."""
    messages = sorted(
        (message for alert in alerts for message in _messages(publisher, alert)),
        key=lambda message: message.sent,
        reverse=True,
    )
    updated = max((message.sent for message in messages), default=now)
    feed = _feed(publisher, area, "cap.atom", area.label, updated)
    for message in messages:
        entry = _entry(
            publisher, feed, message.post.code, message.headline, message.sent, message.identifier
        )
        content = _add(entry, ATOM, "content", "", type="application/cap+xml")
        content.append(_alert(publisher, area, message))
    return _bytes(feed)


@dataclass(frozen=True, slots=True)
class _Message:
    identifier: str
    kind: MessageType
    post: Post
    sent: datetime
    references: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        words = self.post.variants[0]
        return words.title or words.body.partition("\n")[0][:160]


def _messages(publisher: Publisher, alert: Alerting) -> Iterator[_Message]:
    """An alert, then what changed it, each with references to all before it."""
    before: tuple[str, ...] = ()
    for post in (alert.post, *alert.then):
        if post.send_at is None:
            continue
        if post is alert.post:
            kind = MessageType.ALERT
        else:
            kind = MessageType.CANCEL if post.all_clear else MessageType.UPDATE
        yield _Message(post.code, kind, post, post.send_at, before)
        before = (*before, publisher.reference(post.code, post.send_at))
    if alert.post.cancelled_at is not None:
        identifier = f"{alert.post.code}-cancelled"
        kind, at = MessageType.CANCEL, alert.post.cancelled_at
        yield _Message(identifier, kind, alert.post, at, before)


def _alert(publisher: Publisher, area: Area, message: _Message) -> ET.Element:
    alert = ET.Element(f"{{{CAP}}}alert")
    for name, value in (
        ("identifier", message.identifier),
        ("sender", publisher.host),
        ("sent", publisher.moment(message.sent)),
        ("status", "Exercise" if publisher.demo else "Actual"),
        ("msgType", message.kind.value),
        ("scope", "Public"),
        ("references", " ".join(message.references)),
    ):
        if value:
            _add(alert, CAP, name, value)
    info = _add(alert, CAP, "info", "")
    words, (urgency, severity) = message.post.variants[0], _LEVELS[message.post.level]
    is_over = message.kind is MessageType.CANCEL
    for name, value in (
        ("language", words.language.replace("_", "-")),
        ("category", "Safety"),
        ("event", "Police message"),
        ("responseType", "AllClear" if is_over else ""),
        ("urgency", "Past" if is_over else urgency),
        ("severity", severity),
        ("certainty", "Unknown"),
        ("expires", publisher.moment(message.post.expires_at)),
        ("senderName", publisher.name),
        ("headline", message.headline),
        ("description", words.body),
        ("web", f"{publisher.url}/verify/{message.post.code}"),
    ):
        if value:
            _add(info, CAP, name, value)
    where = _add(info, CAP, "area", "")
    _add(where, CAP, "areaDesc", area.label)
    code = _add(where, CAP, "geocode", "")
    _add(code, CAP, "valueName", "neighbourhood")
    _add(code, CAP, "value", area.id)
    return alert


def _feed(publisher: Publisher, area: Area, name: str, title: str, updated: datetime) -> ET.Element:
    address = f"{publisher.url}/areas/{quote(area.id, safe='')}"
    feed = ET.Element(f"{{{ATOM}}}feed")
    _add(feed, ATOM, "id", f"{address}/{name}")
    _add(feed, ATOM, "title", f"{title} – {publisher.name}{' (sample)' if publisher.demo else ''}")
    _add(feed, ATOM, "updated", updated.isoformat(timespec="seconds"))
    _add(_add(feed, ATOM, "author", ""), ATOM, "name", publisher.name)
    ET.SubElement(feed, f"{{{ATOM}}}link", rel="self", href=f"{address}/{name}")
    ET.SubElement(feed, f"{{{ATOM}}}link", rel="alternate", href=address)
    return feed


def _entry(
    publisher: Publisher,
    feed: ET.Element,
    code: str,
    title: str,
    updated: datetime,
    identifier: str | None = None,
) -> ET.Element:
    address = f"{publisher.url}/verify/{code}"
    entry = _add(feed, ATOM, "entry", "")
    _add(entry, ATOM, "id", f"tag:{publisher.host},2026:{identifier or code}")
    _add(entry, ATOM, "title", title)
    _add(entry, ATOM, "updated", updated.isoformat(timespec="seconds"))
    ET.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", href=address)
    return entry


def _add(parent: ET.Element, space: str, name: str, text: str, **values: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{space}}}{name}", values)
    child.text = _NOT_XML.sub("", text) or None
    return child


def _bytes(document: ET.Element) -> bytes:
    found: bytes = ET.tostring(document, "utf-8", xml_declaration=True)
    return found
