"""A strict Bot API on loopback: it checks what Telegram checks, in Telegram's own words.

``python -m tests.fakes.botapi --port 8081`` runs it by itself, with you as the one resident: set
TELEGRAM_API_URL=http://127.0.0.1:8081 and TELEGRAM_BOT_TOKEN to the token it prints.
"""

import argparse
import asyncio
import json
import re
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from itertools import count
from typing import Any, Literal, Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from PIL import Image

from tests.fakes.telegram_html import CannotParse, parse, utf16
from tests.fakes.telegram_people import (
    ANSWER_WITHIN,
    FILE,
    Json,
    Person,
    Room,
    Shown,
    bot_json,
    message_json,
)

TOKEN = "123456789:AAHfiqksKZ8WmR2zSjiQ7_v4TMAKdiHm9T0"

_TEXT_LIMIT = 4096
_CAPTION_LIMIT = 1024
_PHOTO_BYTES = 10 * 1024 * 1024
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_SCOPES = {
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
}
_NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)
_OLD_QUERY = "Bad Request: query is too old and response timeout expired or query ID is invalid"


class Refusal(Exception):
    """An answer that is not ``ok``."""

    def __init__(self, status: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after

    def as_json(self) -> Json:
        body: Json = {"ok": False, "error_code": self.status, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


def _bad(description: str) -> Refusal:
    return Refusal(HTTPStatus.BAD_REQUEST, f"Bad Request: {description}")


@dataclass(frozen=True)
class Fault:
    """What goes wrong with a call: a refusal, a cut before it is read or after it is carried out,
    an answer that never comes, that is no JSON, or whose ``body`` is not as documented."""

    kind: Literal["refuse", "cut", "lose", "hang", "garble", "misshape"]
    refusal: Refusal | None = None
    body: bytes = b""


@dataclass(frozen=True)
class Limits:
    """Telegram's flood limits: messages a second for a chat (after a burst) and for the token, and
    messages a minute for a group."""

    chat: float = 1
    burst: int = 3
    group_minute: int = 20
    token: int = 30


@dataclass
class Call:
    """One call as it was made; ``status`` is None while it is not answered."""

    method: str
    params: Json
    status: int | None = None


class BotApi:
    """The server. ``calls`` holds every call made, ``uploaded`` each photo sent as a file."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        limits: Limits | None = None,
        first_update: int = 1000,
        first_message: int = 1,
    ) -> None:
        self.token = token
        self.limits = limits
        self.calls: list[Call] = []
        self.commands: dict[tuple[str, int | None, str], list[Json]] = {}
        self.rooms: dict[int, Room] = {}
        self.people: dict[tuple[int, int], Person] = {}
        self.queries: set[str] = set()
        self.answered: list[str] = []
        self.files: dict[str, bytes] = {}
        self.photos: dict[str, Json] = {}
        self.uploaded: list[bytes] = []
        self.pending: deque[Json] = deque()
        self.webhook = ""
        self.changed = asyncio.Condition()
        self._secret: str | None = None
        self._faults: dict[str, deque[Fault | None]] = {}
        self._updates = count(first_update)
        self._first_message = first_message
        self._query_numbers = count(1)
        self._sent_at: deque[float] = deque(maxlen=10_000)
        self._poller = 0
        self._runner: web.AppRunner | None = None
        self._delivering: asyncio.Task[None] | None = None
        self._release = asyncio.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; on the same port again after ``stop``, if given."""
        self._release.clear()
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_get("/file/bot{token}/{path:.+}", self._serve_file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port or self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Cut everybody off."""
        self._release.set()
        if self._delivering is not None:
            self._delivering.cancel()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # What tests do

    def user(self, id: int = 5550001, *, language_code: str | None = "en") -> Person:
        """A resident in their own chat."""
        return self._person(self._room(id, "private"), id, language_code)

    def member(self, group: int, id: int, *, role: str = "member", kind: str = "group") -> Person:
        """A person in a group, whose ``role`` is creator, administrator or member."""
        return self._person(self._room(group, kind, "Our street"), id, "en", role)

    def fail(
        self,
        method: str,
        kind: Literal["cut", "lose", "hang", "garble"] | None = None,
        *,
        times: int = 1,
        after: int = 0,
        status: int = 500,
        description: str = "Internal Server Error",
        retry_after: int | None = None,
    ) -> None:
        """Let calls of a method go wrong, the next ones or those ``after`` so many good ones;
        without a kind, by this refusal."""
        refusal = Refusal(status, description, retry_after)
        fault = Fault(kind) if kind else Fault("refuse", refusal)
        queue = self._faults.setdefault(method.lower(), deque())
        queue.extend([None] * after + [fault] * times)

    def misshape(self, method: str, body: str, *, times: int = 1, status: int = 200) -> None:
        """Answer the next calls of a method with this body, which is not as documented."""
        fault = Fault("misshape", Refusal(status, ""), body.encode())
        self._faults.setdefault(method.lower(), deque()).extend([fault] * times)

    def release(self) -> None:
        """Let go of the calls that hang; their connections are cut."""
        self._release.set()

    def mend(self, method: str) -> None:
        """Let calls of a method go well again."""
        self._faults.pop(method.lower(), None)

    def made(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    async def sees(self, wanted: Callable[[], bool], *, within: float = ANSWER_WITHIN) -> None:
        """Wait until something is true of this server."""
        async with asyncio.timeout(within), self.changed:
            await self.changed.wait_for(wanted)

    async def deliver(self, update: Json) -> int:
        number = next(self._updates)
        self.pending.append({"update_id": number, **update})
        await self._notify()
        return number

    def new_query(self) -> str:
        query = str(next(self._query_numbers))
        self.queries.add(query)
        return query

    # Serving

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"].lower()
        call = Call(request.match_info["method"], await _params(request))
        self.calls.append(call)
        await self._notify()
        queue = self._faults.get(method)
        fault = queue.popleft() if queue else None
        try:
            response = await self._answer(request, method, call, fault)
        except Refusal as refusal:
            response = web.json_response(refusal.as_json(), status=refusal.status)
        call.status = response.status
        await self._notify()
        return response

    async def _answer(
        self, request: web.Request, method: str, call: Call, fault: Fault | None
    ) -> web.Response:
        match fault:
            case Fault("refuse", Refusal() as refusal):
                raise refusal
            case Fault("garble"):
                return web.Response(text="<html>not the Bot API</html>")
            case Fault("misshape", Refusal() as refusal, body):
                return web.Response(body=body, status=refusal.status)
            case Fault("hang"):
                await self._release.wait()
                _cut(request)
            case Fault("cut"):
                _cut(request)
        if request.match_info["token"] != self.token:
            raise Refusal(HTTPStatus.UNAUTHORIZED, "Unauthorized")
        carry_out = self._methods().get(method)
        if carry_out is None:
            raise Refusal(HTTPStatus.NOT_FOUND, "Not Found: method not found")
        result = await carry_out(call.params)
        if fault is not None and fault.kind == "lose":
            await self._notify()
            _cut(request)
        return web.json_response({"ok": True, "result": result})

    def _methods(self) -> dict[str, Callable[[Json], Awaitable[Any]]]:
        return {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
            "sendmessage": self._send_message,
            "senddocument": self._send_file,
            "sendphoto": self._send_photo,
            "sendchataction": self._send_chat_action,
            "editmessagetext": self._edit_message_text,
            "editmessagecaption": self._edit_message_caption,
            "editmessagereplymarkup": self._edit_reply_markup,
            "deletemessage": self._delete_message,
            "deletemessages": self._delete_messages,
            "answercallbackquery": self._answer_callback_query,
            "setmycommands": self._set_my_commands,
            "deletemycommands": self._delete_my_commands,
            "getchatmember": self._get_chat_member,
            "getfile": self._get_file,
        }

    async def _serve_file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["path"])
        if request.match_info["token"] != self.token or content is None:
            return web.json_response({"ok": False, "error_code": 404}, status=404)
        return web.Response(body=content)

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    # Receiving

    async def _get_me(self, _: Json) -> Json:
        return bot_json() | {"can_join_groups": True, "can_read_all_group_messages": False}

    async def _get_updates(self, params: Json) -> list[Json]:
        if self.webhook:
            raise Refusal(
                HTTPStatus.CONFLICT,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self._poller += 1
        mine = self._poller
        await self._notify()
        self._forget_before(int(params.get("offset") or 0))
        self._keep_only(params.get("allowed_updates"))
        with suppress(TimeoutError):
            async with asyncio.timeout(float(params.get("timeout") or 0)), self.changed:
                await self.changed.wait_for(
                    lambda: self.pending or self._poller != mine or self._release.is_set()
                )
        if self._poller != mine:
            raise Refusal(
                HTTPStatus.CONFLICT,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            )
        return list(self.pending)[: int(params.get("limit") or 100)]

    def _forget_before(self, offset: int) -> None:
        while self.pending and self.pending[0]["update_id"] < offset:
            self.pending.popleft()

    def _keep_only(self, kinds: list[str] | None) -> None:
        if kinds:
            wanted = [update for update in self.pending if update.keys() & set(kinds)]
            self.pending = deque(wanted)

    async def _set_webhook(self, params: Json) -> bool:
        url = urlsplit(str(params.get("url", "")))
        if url.scheme != "https" and url.hostname not in {"127.0.0.1", "localhost"}:
            raise _bad("bad webhook: An HTTPS URL must be provided for webhook")
        secret = params.get("secret_token")
        if secret is not None and not _SECRET.fullmatch(secret):
            raise _bad("secret token contains unallowed characters")
        self.webhook, self._secret = url.geturl(), secret
        await self._stop_delivering()
        self._delivering = asyncio.create_task(self._deliver_to_webhook())
        return True

    async def _delete_webhook(self, _: Json) -> bool:
        self.webhook = ""
        await self._stop_delivering()
        return True

    async def _stop_delivering(self) -> None:
        if self._delivering is not None:
            self._delivering.cancel()
            self._delivering = None

    async def _get_webhook_info(self, _: Json) -> Json:
        return {
            "url": self.webhook,
            "has_custom_certificate": False,
            "pending_update_count": len(self.pending),
        }

    async def _deliver_to_webhook(self) -> None:
        """Deliver in order, and again until it is accepted."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": self._secret} if self._secret else {}
        async with aiohttp.ClientSession() as session:
            while True:
                async with self.changed:
                    await self.changed.wait_for(lambda: bool(self.pending))
                update = self.pending[0]
                try:
                    async with session.post(self.webhook, json=update, headers=headers) as answer:
                        accepted = answer.ok
                except aiohttp.ClientError:
                    accepted = False
                if accepted:
                    self._forget_before(update["update_id"] + 1)
                    await self._notify()
                else:
                    await asyncio.sleep(0.05)  # Telegram waits longer; nobody asserts how long

    # Messages

    async def _send_message(self, params: Json) -> Json:
        room = self._open_room(params)
        text, entities = _text(params)
        keyboard = _keyboard(params)
        self._check_flood(room)
        thread = params.get("message_thread_id")
        return await self._show(room, Shown(room.number(), text, entities, keyboard, thread=thread))

    async def _send_file(self, params: Json) -> Json:
        room = self._open_room(params)
        content = params.get("document")
        if not isinstance(content, bytes):
            raise _bad("there is no document in the request")
        self._check_flood(room)
        self.files[f"documents/{len(self.files)}"] = content
        return await self._show(room, Shown(room.number(), str(params.get("caption", ""))))

    async def _send_photo(self, params: Json) -> Json:
        room = self._open_room(params)
        caption, entities = _caption(params)
        keyboard = _keyboard(params)
        photo = self._photo(params.get("photo"))
        self._check_flood(room)
        thread = params.get("message_thread_id")
        shown = Shown(room.number(), caption, entities, keyboard, thread=thread, photo=photo)
        return await self._show(room, shown)

    def _photo(self, given: object) -> Json:
        """The photo behind a file's content, or behind the id of one that was sent before."""
        if isinstance(given, str):
            if given not in self.photos:
                raise _bad("wrong remote file identifier specified: Wrong string length")
            return self.photos[given]
        if not isinstance(given, bytes):
            raise _bad("there is no photo in the request")
        if len(given) > _PHOTO_BYTES:
            raise _bad(
                f"file of size {len(given)} bytes is too big for a photo; "
                f"the maximum size is {_PHOTO_BYTES} bytes"
            )
        try:
            with Image.open(BytesIO(given)) as image:
                width, height = image.size
        except OSError:
            raise _bad("IMAGE_PROCESS_FAILED") from None
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise _bad("PHOTO_INVALID_DIMENSIONS")
        name = f"photo-{len(self.photos)}"
        self.uploaded.append(given)
        self.photos[name] = {
            "file_id": name,
            "file_unique_id": f"unique-{name}",
            "width": width,
            "height": height,
        }
        return self.photos[name]

    async def _send_chat_action(self, params: Json) -> bool:
        self._open_room(params)
        return True

    async def _show(self, room: Room, shown: Shown) -> Json:
        room.messages.append(shown)
        room.news.append(shown)
        return message_json(room, shown)

    async def _edit_message_text(self, params: Json) -> Json:
        room = self._open_room(params)
        shown = self._editable(room, params)
        text, entities = _text(params)
        if shown.photo is not None:
            raise _bad("there is no text in the message to edit")
        return self._redraw(room, shown, text, entities, _keyboard(params))

    async def _edit_message_caption(self, params: Json) -> Json:
        room = self._open_room(params)
        shown = self._editable(room, params)
        caption, entities = _caption(params)
        if shown.photo is None:
            raise _bad("there is no caption in the message to edit")
        return self._redraw(room, shown, caption, entities, _keyboard(params))

    def _redraw(
        self,
        room: Room,
        shown: Shown,
        text: str,
        entities: list[Json],
        keyboard: list[list[Json]],
    ) -> Json:
        if (text, entities, keyboard) == (shown.text, shown.entities, shown.keyboard):
            raise Refusal(HTTPStatus.BAD_REQUEST, _NOT_MODIFIED)
        shown.text, shown.entities, shown.keyboard = text, entities, keyboard
        room.news.append(shown)
        return message_json(room, shown)

    async def _edit_reply_markup(self, params: Json) -> Json:
        room = self._open_room(params)
        shown = self._editable(room, params)
        keyboard = _keyboard(params)
        if keyboard == shown.keyboard:
            raise Refusal(HTTPStatus.BAD_REQUEST, _NOT_MODIFIED)
        shown.keyboard = keyboard
        return message_json(room, shown)

    def _editable(self, room: Room, params: Json) -> Shown:
        shown = room.find(int(params["message_id"]))
        if shown is None:
            raise _bad("message to edit not found")
        if not shown.mine or shown.too_old:
            raise _bad("message can't be edited")
        return shown

    async def _delete_message(self, params: Json) -> bool:
        room = self._open_room(params)
        shown = room.find(int(params["message_id"]))
        if shown is None:
            raise _bad("message to delete not found")
        if shown.too_old:
            raise _bad("message can't be deleted for everyone")
        room.messages.remove(shown)
        return True

    async def _delete_messages(self, params: Json) -> bool:
        room = self._open_room(params)
        numbers = params["message_ids"]
        if not 1 <= len(numbers) <= 100:
            raise _bad("message identifiers must be 1-100")
        found = [shown for number in numbers if (shown := room.find(int(number))) is not None]
        if any(shown.too_old for shown in found):
            raise _bad("message can't be deleted for everyone")
        room.messages = [shown for shown in room.messages if shown not in found]
        return True

    async def _answer_callback_query(self, params: Json) -> bool:
        query = str(params.get("callback_query_id"))
        if query not in self.queries:
            raise Refusal(HTTPStatus.BAD_REQUEST, _OLD_QUERY)
        self.answered.append(query)
        return True

    # Menus, members, files

    async def _set_my_commands(self, params: Json) -> bool:
        commands = params.get("commands", [])
        for command in commands:
            if not _COMMAND.fullmatch(command["command"]):
                raise _bad("BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise _bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[self._menu(params)] = commands
        return True

    async def _delete_my_commands(self, params: Json) -> bool:
        self.commands.pop(self._menu(params), None)
        return True

    def _menu(self, params: Json) -> tuple[str, int | None, str]:
        scope = params.get("scope") or {"type": "default"}
        language = params.get("language_code") or ""
        if scope["type"] not in _SCOPES:
            raise _bad("can't parse BotCommandScope: Unsupported type specified")
        if language and not re.fullmatch(r"[a-z]{2}", language):
            raise _bad("invalid language code specified")
        if "chat_id" in scope:
            self._open_room(scope)
        return scope["type"], scope.get("chat_id"), language

    async def _get_chat_member(self, params: Json) -> Json:
        person = self.people.get((int(params["chat_id"]), int(params["user_id"])))
        if person is None:
            raise _bad("PARTICIPANT_ID_INVALID")
        return {"user": person.as_json(), "status": person.role} | _RIGHTS.get(person.role, {})

    async def _get_file(self, params: Json) -> Json:
        path = f"documents/{params['file_id']}"
        if path not in self.files:
            raise _bad("wrong file_id or the file is temporarily unavailable")
        return FILE | {"file_path": path}

    # Who may be written to, and how often

    def _room(self, id: int, kind: str, title: str = "") -> Room:
        room = Room(self, id, kind, title, first_message=self._first_message)
        return self.rooms.setdefault(id, room)

    def _person(self, room: Room, id: int, language: str | None, role: str = "member") -> Person:
        person = self.people.setdefault((room.id, id), Person(room, id, language, role))
        person.language, person.role = language, role
        return person

    def _open_room(self, params: Json) -> Room:
        room = self.rooms.get(int(params.get("chat_id") or 0))
        if room is None:
            raise _bad("chat not found")
        if room.closed is not None:
            raise Refusal(HTTPStatus.FORBIDDEN, room.closed)
        return room

    def _check_flood(self, room: Room) -> None:
        if self.limits is None:
            return
        now = asyncio.get_running_loop().time()
        limits = self.limits
        lately = sum(now - sent < limits.burst / limits.chat for sent in room.sent_at)
        minute = sum(now - sent < 60 for sent in room.sent_at)
        everywhere = sum(now - sent < 1 for sent in self._sent_at)
        if lately >= limits.burst or everywhere >= limits.token:
            raise Refusal(429, "Too Many Requests: retry after 1", 1)
        if room.kind != "private" and minute >= limits.group_minute:
            raise Refusal(429, "Too Many Requests: retry after 60", 60)
        room.sent_at.append(now)
        self._sent_at.append(now)


_RIGHTS: dict[str, Json] = {
    "creator": {"is_anonymous": False},
    "administrator": {
        right: False
        for right in (
            "can_be_edited",
            "is_anonymous",
            "can_manage_chat",
            "can_delete_messages",
            "can_manage_video_chats",
            "can_restrict_members",
            "can_promote_members",
            "can_change_info",
            "can_invite_users",
            "can_post_stories",
            "can_edit_stories",
            "can_delete_stories",
        )
    },
}


async def _params(request: web.Request) -> Json:
    """Parameters from the address and any of the three kinds of body, JSON values decoded."""
    params: Json = dict(request.query)
    if request.content_type == "application/json":
        params |= await request.json()
    elif request.method == "POST":
        for name, value in (await request.post()).items():
            params[name] = value.file.read() if isinstance(value, web.FileField) else value
    return {name: _decoded(value) for name, value in params.items()}


def _decoded(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("[", "{"):
        with suppress(ValueError):
            return json.loads(value)
    return value


def _text(params: Json) -> tuple[str, list[Json]]:
    """The text as it will show. Raises Refusal in Telegram's order: markup, emptiness, length."""
    text, entities = _parsed(str(params.get("text", "")), params)
    if not text.strip():
        raise _bad("message text is empty")
    if utf16(text) > _TEXT_LIMIT:
        raise _bad("message is too long")
    return text.strip(), entities


def _caption(params: Json) -> tuple[str, list[Json]]:
    """The words under a photo as they will show; there may be none."""
    caption, entities = _parsed(str(params.get("caption", "")), params)
    if utf16(caption) > _CAPTION_LIMIT:
        raise _bad("message caption is too long")
    return caption.strip(), entities


def _parsed(words: str, params: Json) -> tuple[str, list[Json]]:
    if params.get("parse_mode") != "HTML":
        return words, []
    try:
        text, found = parse(words)
    except CannotParse as error:
        raise _bad(f"can't parse entities: {error}") from None
    return text, [entity.as_json() for entity in found]


def _keyboard(params: Json) -> list[list[Json]]:
    markup = params.get("reply_markup") or {}
    keyboard: list[list[Json]] = markup.get("inline_keyboard", [])
    for button in (button for row in keyboard for button in row):
        if not button.get("text"):
            raise _bad("can't parse inline keyboard button: Text is empty")
        data = button.get("callback_data")
        if "url" not in button and not (data and len(data.encode()) <= 64):
            raise _bad("BUTTON_DATA_INVALID")
    return keyboard


def _cut(request: web.Request) -> None:
    """Break the connection without a word."""
    if request.transport is not None:
        request.transport.abort()
    raise ConnectionResetError


@asynccontextmanager
async def _typed_lines() -> AsyncIterator[asyncio.StreamReader]:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    yield reader
    transport.close()


async def _print_news(person: Person) -> None:
    while True:
        shown = await person.chat.next_shown(lambda _: True, "anything", within=86_400)
        print(f"\n{shown.text}\n" + "".join(f"  [{label}]\n" for label in shown.buttons))  # noqa: T201  # its only screen


async def _main(port: int) -> None:
    server = BotApi()
    await server.start(port)
    person = server.user()
    print(f"{server.url} answers for the token {server.token}")  # noqa: T201  # its only screen
    print("Type as a resident; [Label] presses a button; end with Ctrl-D.")  # noqa: T201  # its only screen
    printing = asyncio.create_task(_print_news(person))
    async with _typed_lines() as lines:
        async for typed in lines:
            line = typed.decode().strip()
            pressed = re.fullmatch(r"\[(.+)\]", line)
            await (person.presses(pressed[1]) if pressed else person.says(line))
    printing.cancel()
    await server.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8081)
    with suppress(KeyboardInterrupt):
        asyncio.run(_main(parser.parse_args().port))
