"""RSS 0.9 to 2.0, RDF, Atom and CDF: the news of a force and of its partners."""

import asyncio
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Any

import feedparser

from bot.errors import FeedError
from bot.model import Entry, Point, Reach, Source
from bot.ports import FeedResult, Fetch, Known, Response
from bot.reading import dates, links, markup, prose, visits

MOST_ENTRIES = 50
LONGEST_TITLE = 200
ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9"

_ROOTS = {"rss", "feed", "rdf", "channel"}
# One thread for all feeds: parsing is slow work of the processor, and two at once gain nothing.
_PARSING = ThreadPoolExecutor(1, thread_name_prefix="parsing")


class Rss:
    """The Feed port over an address that gives RSS or Atom."""

    def __init__(self, source: Source, fetch: Fetch, zone: tzinfo) -> None:
        self._source = source
        self._fetch = fetch
        self._zone = zone

    async def poll(self, known: Known) -> FeedResult:
        """Read it once. Raises FeedError, also for a page where a feed should be."""
        response, now = await visits.visit(self._fetch, self._source.url, known, ACCEPT)
        if response is None:
            return FeedResult(known=now, unchanged=True)
        loop = asyncio.get_running_loop()
        result = await loop.run_in_executor(_PARSING, parse, self._source, response, self._zone)
        return replace(result, known=now)


def parse(source: Source, response: Response, zone: tzinfo) -> FeedResult:
    """What a body holds, at most 50 entries. Raises FeedError when it is no feed."""
    if not response.body.strip():
        raise FeedError("it is empty")
    if response.body.startswith(b"\x1f\x8b"):
        raise FeedError("it is packed (gzip), which its server does not say")
    document = markup.read(response.body, response.headers.get("content-type", ""), MOST_ENTRIES)
    if document.root not in _ROOTS:
        page = "a web page" if document.root == "html" else f"<{document.root}>"
        raise FeedError(f"it is {page} where a feed should be")
    # Always bytes in a stream: a string would be opened as a path or an address.
    read = feedparser.parse(
        io.BytesIO(document.body),
        response_headers={
            "content-type": "application/xml; charset=utf-8",
            "content-location": response.url,
        },
        sanitize_html=False,  # everything becomes plain text below
        resolve_relative_uris=False,
    )
    # As plain dictionaries: feedparser's own answer for other names than the one asked for.
    name = prose.line(_text(dict(read.feed).get("title_detail")))
    told = replace(source, name=source.name or name or links.host(source.url))
    entries = (_entry(dict(item), told, response.url, zone) for item in read.entries[:MOST_ENTRIES])
    return FeedResult(tuple(_unique(entries)), problem=_problem(read, document.items), name=name)


def discovered(page: str, address: str) -> list[str]:
    """The addresses of feeds that a web page names: `<link rel="alternate" type="…rss+xml">`."""
    found = []
    for tag in re.findall(r"<link\b[^>]{1,2000}>", page, re.IGNORECASE):
        values = dict(re.findall(r"""([a-z]+)\s*=\s*["']([^"']*)["']""", tag.lower()))
        told = dict(re.findall(r"""([A-Za-z]+)\s*=\s*["']([^"']*)["']""", tag))
        kind = values.get("type", "")
        if "alternate" in values.get("rel", "").split() and kind.endswith(("rss+xml", "atom+xml")):
            href = next((value for name, value in told.items() if name.lower() == "href"), "")
            found.append(links.absolute(href, address))
    return list(dict.fromkeys(found))


def _entry(item: Mapping[str, Any], source: Source, base: str, zone: tzinfo) -> Entry:
    title = prose.shortened(prose.line(_text(item.get("title_detail"))), LONGEST_TITLE)
    body = prose.tidy(_text(_longest(item)))
    link = _address(item, base)
    published = _moment(item, "published", zone) or _moment(item, "created", zone)
    updated = _moment(item, "updated", zone)
    dated = published or updated
    return Entry(
        key=_key(item, link, title, dated),
        title=title or prose.shortened(body.partition("\n")[0], 80),
        summary=prose.shortened(body),
        source=source.name,
        licence=source.licence,
        language=source.language,
        link=link if links.leads_to(link, source.hosts or (links.host(source.url),)) else "",
        published=published,
        updated=updated,
        categories=tuple(_categories(item)),
        reach=_reach(item, source.areas),
        expires=_moment(item, "expired", zone),
    )


def _key(item: Mapping[str, Any], link: str, title: str, dated: datetime | None) -> str:
    """Its identity: the source's own, else its address, else title and date together."""
    if item.get("id"):
        return str(item["id"])
    if link:
        return links.canonical(link)
    day = dated.date().isoformat() if dated else ""
    return hashlib.sha256(f"{title.casefold()}\n{day}".encode()).hexdigest()


def _text(detail: Mapping[str, Any] | None) -> str:
    """The words of one element, which says itself whether it is HTML."""
    if not detail:
        return ""
    words = str(detail.get("value") or "")
    return words if detail.get("type") == "text/plain" else prose.from_html(words)


def _longest(item: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The summary, or the content where there is no summary."""
    if (item.get("summary") or "").strip():
        summary: Mapping[str, Any] | None = item.get("summary_detail")
        return summary or {"value": item["summary"], "type": "text/html"}
    return next(iter(item.get("content", ())), None)


def _moment(item: Mapping[str, Any], name: str, zone: tzinfo) -> datetime | None:
    """Read by our rules, which know British time; else by feedparser's, which know more forms."""
    read = dates.moment(item.get(name), zone)
    parsed = item.get(f"{name}_parsed")
    if read or not parsed:
        return read
    try:
        return datetime(*parsed[:6]).replace(tzinfo=UTC)  # noqa: DTZ001  # it is UTC
    except ValueError:
        return None


def _address(item: Mapping[str, Any], base: str) -> str:
    alternates = (
        each.get("href", "") for each in item.get("links", ()) if each.get("rel") == "alternate"
    )
    given = filter(None, (item.get("link"), *alternates))  # none is not the feed's own address
    found = (links.absolute(str(each), base) for each in given)
    return next(filter(None, found), "")


def _categories(item: Mapping[str, Any]) -> Iterator[str]:
    for tag in item.get("tags", ())[:20]:
        if words := prose.line(str(tag.get("label") or tag.get("term") or ""))[:100]:
            yield words


def _reach(item: Mapping[str, Any], areas: tuple[str, ...]) -> Reach:
    """The place that GeoRSS or GML gives an entry, if it does."""
    where = item.get("where") or {}
    match where.get("type"):
        case "Point":
            return Reach(areas, points=(_point(where["coordinates"]),))
        case "Polygon":
            ring = tuple(_point(each) for each in where["coordinates"][0])
            return Reach(areas, rings=(ring,))
    return Reach(areas)


def _point(numbers: Sequence[float]) -> Point:
    return Point(numbers[1], numbers[0])


def _unique(entries: Iterable[Entry]) -> Iterator[Entry]:
    seen: set[str] = set()
    for entry in entries:
        if entry.key not in seen:
            seen.add(entry.key)
            yield entry


def _problem(read: Mapping[str, Any], items: int) -> str | None:
    if read["bozo"]:
        nothing = "it is broken XML, and nothing could be read"
        return "it is broken XML, read as well as it could be" if read["entries"] else nothing
    more = items - MOST_ENTRIES
    return f"{more} entries beyond the first {MOST_ENTRIES} were left out" if more > 0 else None
