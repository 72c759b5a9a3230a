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
from web.body import read_form, read_number, read_point
from web.limits import NewChats, Streams
from web.pages import AWAY, Pages, hint
from web.site import Line, Site
from web.visitors import Visitors

MAX_TEXT = 4_000
HEARTBEAT_SECONDS = 20.0
CROWDED_SECONDS = 60
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
        """Raises HTTPException 400 where the point is none."""
        text = (form.get("command") or form.get("text", "")).strip()
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
    """``GET /``, ``POST /``, ``/events``, ``/leave``, ``/files/…`` and ``/pictures/…``."""

    def __init__(
        self, site: Site, pages: Pages, visitors: Visitors, stopping: asyncio.Event
    ) -> None:
        self._site = site
        self._pages = pages
        self._visitors = visitors
        self._stopping = stopping
        self._new_chats = NewChats(site.limits)
        self._streams = Streams(site.limits)

    async def show(self, request: Request) -> Response:
        return await self._page(request)

    async def hear(self, request: Request) -> Response:
        """Take what was typed or pressed, then send the reader back to the page."""
        form = await read_form(request)
        session = self._visitors.session(request)
        if self._visitors.from_elsewhere(request):
            return await self._page(request, status=403, notice=[words.ELSEWHERE])
        now = self._site.clock.now()
        typed = form.get("text", "").strip()
        if not self._visitors.token_holds(form.get("token", ""), session, now):
            return await self._page(request, status=403, notice=[words.STALE], typed=typed)
        said = Said.read(form)
        if not said:
            return RedirectResponse("/", 303)
        if len(said.text) > MAX_TEXT:
            notice = [words.TOO_LONG, words.TOO_LONG_HINT]
            return await self._page(request, status=413, notice=notice, typed=typed)
        if session is None and not self._new_chats.admit(now):
            notice = [words.CROWDED, words.NOT_SENT_HINT, words.EMERGENCY, words.NON_EMERGENCY]
            page = await self._page(request, status=503, notice=notice, typed=typed)
            page.headers["retry-after"] = str(CROWDED_SECONDS)
            return page
        mine = session or self._visitors.begin()
        turn = form.get("turn", "")[:64]
        try:
            heard = await self._site.chat.post(
                self._visitors.address(mine),
                text=said.text,
                choice=said.choice,
                point=said.point,
                shown=self._menu.get(form.get("command", "")),
                update=self._visitors.name_of(turn, said) if turn else "",
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
        seen = read_number(request.query_params.get("seen", ""))
        if seen is None:
            raise HTTPException(400)
        changes = self._changes(address, seen)
        return StreamingResponse(changes, media_type="text/event-stream")

    async def leave(self, request: Request) -> Response:
        """Forget what was said and go somewhere harmless."""
        session = self._visitors.session(request)
        if session and not self._visitors.from_elsewhere(request):
            await self._site.chat.leave(self._visitors.address(session))
        return RedirectResponse(AWAY, 303)

    async def file(self, request: Request) -> Response:
        """A file that came with a message of this session's chat, as a download only."""
        said = await self._said(request)
        if said.file is None:
            raise HTTPException(404)
        return _download(said.file)

    async def picture(self, request: Request) -> Response:
        """A picture that came with a message of this session's chat."""
        said = await self._said(request)
        if said.picture is None:
            raise HTTPException(404)
        return Response(said.picture.data, media_type="image/png")

    async def _said(self, request: Request) -> Rendered:
        """The message of this session's chat that an address names. Raises HTTPException."""
        session = self._visitors.session(request)
        if session is None or self._visitors.from_elsewhere(request):
            raise HTTPException(404)
        number = read_number(request.path_params["number"])
        thread = await self._site.chat.thread(self._visitors.address(session))
        for line in thread.lines if thread else ():
            if line.number == number and isinstance(line.said, Rendered):
                return line.said
        raise HTTPException(404)

    async def _page(
        self,
        request: Request,
        *,
        status: int = 200,
        notice: Sequence[Text] = (),
        typed: str = "",
    ) -> Response:
        session = self._visitors.session(request)
        thread = await self._site.chat.thread(self._visitors.address(session)) if session else None
        if session is None and "new" in request.query_params:
            notice = notice or [words.NO_COOKIES]
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
            menu=self._menu,
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
    def _menu(self) -> dict[str, Text]:
        """The lines of the menu, by what pressing them says."""
        commands = self._site.commands
        return {f"/{each.name}": each.menu for each in commands if each.menu is not None}

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
        with self._streams.open(address) as let_go:
            ends = {asyncio.create_task(event.wait()) for event in (self._stopping, let_go)}
            change = asyncio.create_task(self._site.chat.change(address, seen))
            try:
                while not any(end.done() for end in ends):
                    done, _waiting = await asyncio.wait(
                        {*ends, change},
                        timeout=HEARTBEAT_SECONDS,
                        return_when=asyncio.FIRST_COMPLETED,
                    )
                    if change in done:
                        version = change.result()
                        if version is None:
                            return
                        yield f"data: {version}\n\n"
                        change = asyncio.create_task(self._site.chat.change(address, version))
                    elif not done:
                        yield ": still here\n\n"
            finally:
                for task in (*ends, change):
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task


def _in_one_breath(first: Line, line: Line) -> bool:
    same_speaker = isinstance(first.said, str) == isinstance(line.said, str)
    return same_speaker and line.at - first.at < ONE_BREATH


def _download(file: File) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{file.name}"',
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(file.data, media_type=file.media_type, headers=headers)
