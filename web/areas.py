"""Pages for everybody: an area's outcomes, its messages as feeds, and one message checked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot import bulletin, figures
from bot.model import Area, AreaOutcomes, LocalPriority, Meeting, Post, Posted
from bot.services import Services
from bot.text import Text, written
from web import syndication, words
from web.pages import Pages, hint
from web.site import Site
from web.syndication import Publisher
from web.visitors import Visitors

_CODE = re.compile(r"P-[23456789ABCDEFGHJKMNPQRSTUVWXYZ]{6}")


@dataclass(frozen=True, slots=True)
class Card:
    """One thing that is shown: its words, and in small print when and from whom."""

    words: Sequence[Text]
    notes: Sequence[Text]


class AreaPages:
    """``/areas/{id}``, its two feeds, and ``/verify/{code}``."""

    def __init__(self, site: Site, pages: Pages, visitors: Visitors) -> None:
        self._site = site
        self._pages = pages
        self._visitors = visitors
        self._publisher = Publisher(site.public_url, site.force_name, site.zone, site.demo)

    async def show(self, request: Request) -> Response:
        """What was raised, done and is open in an area, its events, and what was sent there."""
        services, area = await self._asked(request)
        found = await services.outcomes.of(area.id)
        sent = await services.outcomes.posted(area.id)
        if found is None or sent is None:
            raise HTTPException(404)
        code = await self._language(request)
        meetings = await services.meetings.to_come([area.id])
        counted = await services.numbers.of(area.id)
        return self._pages.draw(
            "area.html",
            request,
            language=code,
            area=area,
            path=quote(area.id, safe=""),
            late=bulletin.late(found),
            done=[_priority(each) for each in found.done],
            results=[_result(each) for each in found.results],
            open=[_priority(each) for each in found.open],
            events=[_meeting(each) for each in meetings],
            numbers=figures.full(counted) if counted else [],
            picture=services.numbers.illustration(counted) if counted else None,
            sent=[self._line(each, code) for each in sent],
            licences=_licences(found, meetings),
        )

    async def atom(self, request: Request) -> Response:
        """The messages of an area that stand, as an Atom feed."""
        services, area = await self._asked(request)
        sent = await services.outcomes.posted(area.id) or ()
        standing = [each for each in sent if each.post.live]
        entries = [(each, self._heading(each, "en_GB")) for each in standing]
        return _xml(syndication.atom(self._publisher, area, entries, self._site.clock.now()))

    async def cap(self, request: Request) -> Response:
        """The alerts of an area as CAP 1.2 messages in an Atom feed."""
        services, area = await self._asked(request)
        alerts = await services.outcomes.alerts(area.id) or ()
        return _xml(syndication.cap(self._publisher, area, alerts, self._site.clock.now()))

    async def verify(self, request: Request) -> Response:
        """Whether a message is ours, what it says now, and whether it still stands."""
        services = self._services()
        code = request.path_params["code"].upper()
        post = await services.posts.find(code) if _CODE.fullmatch(code) else None
        now = self._site.clock.now()
        if post is None or post.send_at is None or post.send_at > now:
            return self._pages.problem(request, 404, words.NOT_OURS, words.NOT_OURS_HINT)
        newest = await services.posts.newest(post)
        language = await self._language(request)
        said = newest.words(language or "en_GB", machine=False)
        return self._pages.draw(
            "post.html",
            request,
            language=language,
            code=code,
            at=post.send_at,
            state=_state(post),
            paragraphs=bulletin.alone(post, said, self._site.force_name).paragraphs,
        )

    def _services(self) -> Services:
        if self._site.services is None:
            raise HTTPException(404)
        return self._site.services

    async def _asked(self, request: Request) -> tuple[Services, Area]:
        services = self._services()
        area = await services.places.area(request.path_params["id"])
        if area is None:
            raise HTTPException(404)
        return services, area

    async def _language(self, request: Request) -> str:
        """The language of the visitor's chat, or else what the browser asks for."""
        session = self._visitors.session(request)
        thread = await self._site.chat.thread(self._visitors.address(session)) if session else None
        return (thread and thread.language) or self._site.renderer.match(hint(request))

    def _line(self, posted: Posted, language: str) -> tuple[Post, str, Text]:
        at = Text("{time}", {"time": posted.at})
        return posted.post, self._heading(posted, language), at

    def _heading(self, posted: Posted, language: str) -> str:
        """A message's title, or what sort of message it is."""
        return posted.words.title or self._site.renderer.plain(
            bulletin.heading(posted.post), language
        )


def _priority(priority: LocalPriority) -> Card:
    said, did = bulletin.answer(priority.said, priority.did, priority.language)
    origin = replace(priority.origin, licence="", published=None)
    return Card(
        (said, did) if priority.did else (said,),
        (bulletin.stages(priority), bulletin.source(origin)),
    )


def _result(posted: Posted) -> Card:
    words = posted.words
    title = Text("<b>{title}</b>", {"title": written(words.title, words.language)})
    origin = posted.post.origin
    return Card(
        (*([title] if words.title else []), written(words.body, words.language)),
        (bulletin.source(replace(origin, licence="")),) if origin else (),
    )


def _meeting(meeting: Meeting) -> Card:
    about = (written(meeting.about, meeting.language),) if meeting.about else ()
    origin = replace(meeting.origin, licence="")
    return Card((bulletin.meeting(meeting, named=False), *about), (bulletin.source(origin),))


def _licences(found: AreaOutcomes, meetings: Sequence[Meeting]) -> list[str]:
    """Each licence once."""
    origins = [
        *(each.origin for each in (*found.done, *found.open)),
        *(each.origin for each in meetings),
        *(each.post.origin for each in found.results if each.post.origin),
    ]
    return list(dict.fromkeys(origin.licence for origin in origins if origin.licence))


def _state(post: Post) -> Text:
    if post.cancelled_at is not None:
        return words.CANCELLED
    if not post.live:
        return words.OVER
    return words.WRONG if post.corrected_by is not None else words.STANDS


def _xml(document: bytes) -> Response:
    return Response(document, media_type="application/atom+xml")
