"""The chat page: the conversation, one form with a text field, and the open choices as buttons."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from bot.conversation import Address, File
from bot.errors import TryLater
from bot.model import Point
from bot.ports import Rendered, RenderedButton
from bot.text import Text
from web import words
from web.body import read_form, read_point
from web.pages import AWAY, Pages, hint
from web.site import Line, Site
from web.visitors import Visitors

MAX_TEXT = 4_000
HEARTBEAT_SECONDS = 20.0
# Lines of one speaker within this time of the first share its time stamp.
ONE_BREATH = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person sends from the page: words, a command of the menu, a choice, or a point."""

    text: str
    choice: str | None
    point: Point | None

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "Said":
        """Raises HTTPException 413 (too long) or 400 (not a point)."""
        text = (form.get("command") or form.get("text", "")).strip()
        if len(text) > MAX_TEXT:
            raise HTTPException(413)
        choice = form.get("choice")
        point = read_point(form["point"]) if "point" in form else None
        return cls(text if choice is None and point is None else "", choice, point)

    def __bool__(self) -> bool:
        return bool(self.text) or self.choice is not None or self.point is not None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the page.

    ``time`` is set on the first of the lines that one speaker says in one breath, ``day`` on the
    first line of a day.
    """

    number: int
    said: str | Rendered
    time: Text | None = None
    moment: str | None = None
    day: Text | None = None
    date: str | None = None


class Conversation:
    """``GET /``, ``POST /``, ``/events``, ``/leave`` and ``/files/…``."""

    def __init__(
        self, site: Site, pages: Pages, visitors: Visitors, stopping: asyncio.Event
    ) -> None:
        self._site = site
        self._pages = pages
        self._visitors = visitors
        self._stopping = stopping

    async def show(self, request: Request) -> Response:
        return await self._page(request)

    async def hear(self, request: Request) -> Response:
        """Take what was typed or pressed, then send the reader back to the page."""
        form = await read_form(request)
        session = self._visitors.session(request)
        if self._visitors.from_elsewhere(request):
            return await self._page(request, status=403, notice=words.ELSEWHERE)
        if not self._visitors.token_holds(form.get("token", ""), session, self._site.clock.now()):
            typed = form.get("text", "").strip()
            return await self._page(request, status=403, notice=words.STALE, typed=typed)
        said = Said.read(form)
        if not said:
            return RedirectResponse("/", 303)
        mine = session or self._visitors.begin()
        try:
            heard = await self._site.chat.post(
                self._visitors.address(mine),
                text=said.text,
                choice=said.choice,
                point=said.point,
                update=form.get("turn", "")[:64],
                language_hint=hint(request),
            )
        except TryLater:
            return self._pages.problem(request, 503, words.BUSY, words.NOT_SENT_HINT)
        # "?new" lets the page that follows tell a reader whose browser kept no cookie.
        response = RedirectResponse(f"/{'' if session else '?new'}#m{heard or 1}", 303)
        self._visitors.remember(response, mine)
        return response

    async def events(self, request: Request) -> Response:
        """Tells an open page, as Server-Sent Events, when it is out of date."""
        session = self._visitors.session(request)
        address = self._visitors.address(session) if session else None
        if address is None or await self._site.chat.thread(address) is None:
            return Response(status_code=204)  # tells the browser not to ask again
        if request.method == "HEAD":
            return Response(media_type="text/event-stream")
        seen = request.query_params.get("seen", "")
        changes = self._changes(address, int(seen) if seen.isdecimal() else 0)
        return StreamingResponse(changes, media_type="text/event-stream")

    async def leave(self, request: Request) -> Response:
        """Forget what was said and go somewhere harmless."""
        session = self._visitors.session(request)
        if session and not self._visitors.from_elsewhere(request):
            self._site.chat.leave(self._visitors.address(session))
        return RedirectResponse(AWAY, 303)

    async def file(self, request: Request) -> Response:
        """A file that came with a message of this session's chat, as a download only."""
        session = self._visitors.session(request)
        if session is None or self._visitors.from_elsewhere(request):
            raise HTTPException(404)
        thread = await self._site.chat.thread(self._visitors.address(session))
        for line in thread.lines if thread else ():
            if line.number == request.path_params["number"] and isinstance(line.said, Rendered):
                return _download(line.said.file)
        raise HTTPException(404)

    async def _page(
        self, request: Request, *, status: int = 200, notice: Text | None = None, typed: str = ""
    ) -> Response:
        session = self._visitors.session(request)
        thread = await self._site.chat.thread(self._visitors.address(session)) if session else None
        if session is None and "new" in request.query_params:
            notice = notice or words.NO_COOKIES
        language: str | None
        if thread and thread.lines:
            language = thread.language
            entries, buttons = list(self._entries(thread.lines)), thread.buttons
        else:
            language = self._site.renderer.match(hint(request))
            entries, buttons = await self._welcome(language)
        return self._pages.draw(
            "conversation.html",
            request,
            language=language,
            status=status,
            entries=entries,
            buttons=buttons,
            menu=[command for command in self._site.commands if command.menu is not None],
            hides=thread is not None and self._can_hide,
            asks_where=thread is not None and thread.asks_where,
            shortened=bool(thread and thread.shortened),
            version=thread.version if thread else None,
            token=self._visitors.token(session, self._site.clock.now()),
            turn=secrets.token_urlsafe(12),
            notice=notice,
            typed=typed,
            max_text=MAX_TEXT,
        )

    @property
    def _can_hide(self) -> bool:
        return any(command.name == "hide" for command in self._site.commands)

    async def _welcome(self, language: str) -> tuple[list[Entry], Sequence[RenderedButton]]:
        answer = await self._site.preview(language)
        drawn = [self._site.renderer.reply(reply, answer.language) for reply in answer.replies]
        entries = [Entry(number, said) for number, said in enumerate(drawn, start=1)]
        return entries, [button for said in drawn for button in said.buttons]

    def _entries(self, lines: Sequence[Line]) -> Iterator[Entry]:
        zone = self._site.zone
        first: Line | None = None  # of the present breath
        day = None
        for line in lines:
            local = line.at.astimezone(zone)
            new_day = local.date() != day
            day = local.date()
            if first is None or new_day or not _in_one_breath(first, line):
                first = line
            yield Entry(
                line.number,
                line.said,
                time=words.clock_time(line.at, zone) if first is line else None,
                moment=local.isoformat(timespec="minutes"),
                day=words.day(line.at, zone) if new_day else None,
                date=day.isoformat() if new_day else None,
            )

    async def _changes(self, address: Address, seen: int) -> AsyncIterator[str]:
        stop = asyncio.create_task(self._stopping.wait())
        change = asyncio.create_task(self._site.chat.change(address, seen))
        try:
            while not stop.done():
                await asyncio.wait(
                    {stop, change}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                if change.done():
                    version = change.result()
                    if version is None:
                        return
                    yield f"data: {version}\n\n"
                    change = asyncio.create_task(self._site.chat.change(address, version))
                elif not stop.done():
                    yield ": still here\n\n"
        finally:
            for task in (stop, change):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


def _in_one_breath(first: Line, line: Line) -> bool:
    same_speaker = isinstance(first.said, str) == isinstance(line.said, str)
    return same_speaker and line.at - first.at < ONE_BREATH


def _download(file: File | None) -> Response:
    if file is None:
        raise HTTPException(404)
    headers = {
        "content-disposition": f'attachment; filename="{file.name}"',
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(file.data, media_type=file.media_type, headers=headers)
