"""People on Telegram, as the tests play them, and the chats they see."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

Json = dict[str, Any]
BOT_ID = 123456789
USERNAME = "beatline_bot"
ANSWER_WITHIN = 10.0


class Server(Protocol):
    """What people need of the server."""

    changed: asyncio.Condition

    async def deliver(self, update: Json) -> int: ...

    def new_query(self) -> str: ...


@dataclass
class Shown:
    """A message as a person sees it; ``text`` is the caption of one with a photo."""

    id: int
    text: str
    entities: list[Json] = field(default_factory=list)
    keyboard: list[list[Json]] = field(default_factory=list)
    mine: bool = True
    thread: int | None = None
    too_old: bool = False
    photo: Json | None = None

    @property
    def buttons(self) -> list[str]:
        return [button["text"] for row in self.keyboard for button in row]


class Room:
    """A chat on the server: who is in it and what it shows now."""

    def __init__(
        self, server: Server, id: int, kind: str, title: str = "", *, first_message: int = 1
    ) -> None:
        self.server = server
        self.id = id
        self.kind = kind
        self.messages: list[Shown] = []
        self.news: list[Shown] = []
        self.closed: str | None = None
        self.sent_at: deque[float] = deque(maxlen=1000)
        self.named: Json = {"title": title} if title else {"first_name": "A resident"}
        self._numbers = count(first_message)

    @property
    def shows(self) -> list[str]:
        """The bot's messages as they stand, edits and deletions applied."""
        return [message.text for message in self.messages if message.mine]

    def number(self) -> int:
        return next(self._numbers)

    def find(self, number: int) -> Shown | None:
        return next((message for message in self.messages if message.id == number), None)

    def as_json(self) -> Json:
        return {"id": self.id, "type": self.kind, **self.named}

    async def reads(self, words: str, *, within: float = ANSWER_WITHIN) -> Shown:
        """Wait for the next message, new or redrawn, with these words; then it is read."""
        return await self.next_shown(lambda shown: words in shown.text, repr(words), within)

    async def next_shown(
        self, wanted: Callable[[Shown], bool], named: str, within: float = ANSWER_WITHIN
    ) -> Shown:
        def found() -> Shown | None:
            return next(filter(wanted, self.news), None)

        try:
            async with asyncio.timeout(within), self.server.changed:
                await self.server.changed.wait_for(lambda: found() is not None)
        except TimeoutError:
            seen = [shown.text for shown in self.news]
            raise AssertionError(f"nobody said {named}; unread: {seen}") from None
        shown = found()
        assert shown is not None
        del self.news[: self.news.index(shown) + 1]
        return shown


class Person:
    """Someone with Telegram, in their own chat with the bot or in a group."""

    def __init__(self, room: Room, id: int, language: str | None, role: str = "member") -> None:
        self.chat = room
        self.id = id
        self.language = language
        self.role = role
        self.anonymous = False
        self.named: Json = {"first_name": "A resident"}
        self._server = room.server

    def as_json(self) -> Json:
        person: Json = {"id": self.id, "is_bot": False, **self.named}
        return person | ({"language_code": self.language} if self.language else {})

    def is_called(self, first_name: str, last_name: str, username: str) -> None:
        """Have a name, which their own chat has too."""
        self.named = {"first_name": first_name, "last_name": last_name, "username": username}
        self.chat.named = self.named

    async def says(self, text: str, **extra: Any) -> int:
        """Type words; returns the message's number."""
        return await self._message({"text": text, **extra})

    async def sends(self, kind: str, caption: str = "", **extra: Any) -> int:
        """Send something other than words: photo, video, voice, sticker, contact, …"""
        content: Any = _CONTENT.get(kind, {})
        return await self._message(
            {kind: content, **({"caption": caption} if caption else {})} | extra
        )

    async def shares(self, latitude: float, longitude: float, **extra: Any) -> int:
        point = {"latitude": latitude, "longitude": longitude, **extra}
        return await self._message({"location": point})

    async def edits(self, number: int, text: str, **extra: Any) -> None:
        body = self._envelope(number) | {"text": text, "edit_date": NOW + 1} | extra
        await self._server.deliver({"edited_message": body})

    async def presses(self, label: str) -> None:
        """Press the newest button with this label."""
        for message in reversed(self.chat.messages):
            for button in (button for row in message.keyboard for button in row):
                if button["text"] == label:
                    await self.presses_data(message.id, button["callback_data"])
                    return
        raise AssertionError(f"there is no button {label!r}")

    async def presses_data(self, number: int, data: str, *, query: str | None = None) -> None:
        """Press with any data, as a hostile client can."""
        query = query or self._server.new_query()
        shown = self.chat.find(number)
        message = message_json(self.chat, shown) if shown else self._gone(number)
        press = {
            "id": query,
            "from": self.as_json(),
            "message": message,
            "chat_instance": "1",
            "data": data,
        }
        await self._server.deliver({"callback_query": press})

    async def reads(self, words: str, *, within: float = ANSWER_WITHIN) -> Shown:
        return await self.chat.reads(words, within=within)

    async def deletes(self, number: int) -> None:
        """Delete a message of the bot on this side too."""
        self.chat.messages = [shown for shown in self.chat.messages if shown.id != number]

    async def blocks(self) -> None:
        self.chat.closed = "Forbidden: bot was blocked by the user"
        await self._membership("member", "kicked")

    async def unblocks(self) -> None:
        self.chat.closed = None
        await self._membership("kicked", "member")

    async def adds_the_bot(self) -> None:
        """Add the bot to the group."""
        await self._membership("left", "member")

    async def _membership(self, old: str, new: str) -> None:
        bot = bot_json()
        kicked = {"until_date": 0}
        change = {
            "chat": self.chat.as_json(),
            "from": self.as_json(),
            "date": NOW,
            "old_chat_member": {"user": bot, "status": old} | (kicked if old == "kicked" else {}),
            "new_chat_member": {"user": bot, "status": new} | (kicked if new == "kicked" else {}),
        }
        await self._server.deliver({"my_chat_member": change})

    async def _message(self, content: Json) -> int:
        number = self.chat.number()
        self.chat.messages.append(Shown(number, str(content.get("text", "")), mine=False))
        await self._server.deliver({"message": self._envelope(number) | content})
        return number

    def _envelope(self, number: int) -> Json:
        envelope = {"message_id": number, "date": NOW, "chat": self.chat.as_json()}
        if self.anonymous:
            ghost = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
            return envelope | {"from": ghost, "sender_chat": self.chat.as_json()}
        return envelope | {"from": self.as_json()}

    def _gone(self, number: int) -> Json:
        return {"message_id": number, "date": 0, "chat": self.chat.as_json()}


NOW = 1_790_000_000
FILE = {"file_id": "file-1", "file_unique_id": "unique-1", "file_size": 3}
_CONTENT: dict[str, Any] = {
    "photo": [FILE | {"width": 2, "height": 2}],
    "video": FILE | {"width": 2, "height": 2, "duration": 1},
    "video_note": FILE | {"length": 2, "duration": 1},
    "animation": FILE | {"width": 2, "height": 2, "duration": 1},
    "voice": FILE | {"duration": 1},
    "audio": FILE | {"duration": 1},
    "document": FILE,
    "sticker": FILE
    | {"width": 2, "height": 2, "is_animated": False, "is_video": False, "type": "regular"},
    "contact": {"phone_number": "0", "first_name": "A neighbour"},
    "dice": {"emoji": "🎲", "value": 6},
}


def bot_json() -> Json:
    return {"id": BOT_ID, "is_bot": True, "first_name": "Beatline", "username": USERNAME}


def message_json(room: Room, shown: Shown) -> Json:
    body = {
        "message_id": shown.id,
        "date": NOW,
        "chat": room.as_json(),
        "from": bot_json(),
    }
    if shown.photo is None:
        body |= {"text": shown.text, "entities": shown.entities}
    else:
        body |= {"photo": [shown.photo], "caption": shown.text, "caption_entities": shown.entities}
    if shown.thread is not None:
        body |= {"message_thread_id": shown.thread, "is_topic_message": True}
    return body | ({"reply_markup": {"inline_keyboard": shown.keyboard}} if shown.keyboard else {})
