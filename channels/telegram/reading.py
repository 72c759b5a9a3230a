"""Reading an update of the Bot API as a message of ours."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from telegram import CallbackQuery, Chat, ChatMemberUpdated, Update, User
from telegram import Message as TelegramMessage
from telegram.constants import ChatMemberStatus, ChatType

from bot.conversation import Address, Attachment, AttachmentKind, Message
from bot.model import Point

ALLOWED_UPDATES = ("message", "edited_message", "channel_post", "callback_query", "my_chat_member")

_KINDS: dict[str, AttachmentKind] = {
    "photo": "photo",
    "live_photo": "photo",
    "video": "video",
    "video_note": "video",
    "animation": "video",
    "voice": "voice",
    "audio": "audio",
    "document": "document",
    "sticker": "sticker",
    "contact": "contact",
    "poll": "other",
    "dice": "other",
    "game": "other",
    "story": "other",
    "checklist": "other",
    "paid_media": "other",
    "invoice": "other",
}
_OPENED = {"photo", "video", "document"}  # the kinds whose content a step may ask for
_PRESENT = {ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR}

Fetch: TypeAlias = Callable[[str], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a person did in a chat, and where its answer belongs.

    ``person`` is who did it, None for an anonymous admin, whom Telegram vouches for. ``pressed``
    is the message whose button was pressed, ``query`` the press itself, ``thread`` a forum topic,
    ``written`` the message the person wrote.
    """

    chat: Chat
    person: User | None
    message: Message
    pressed: int | None = None
    query: str | None = None
    thread: int | None = None
    written: int | None = None


def read(update: Update, username: str, fetch: Fetch) -> Heard | None:
    """What a person did, or None where nobody waits for an answer.

    Bots, service messages, a live location moving on, and words in a group that are not meant
    for the bot called ``username`` are all passed over. ``from_admin`` is not known here.
    ``fetch`` gives the content of a file by its id; nothing is fetched here.
    """
    name = str(update.update_id)
    if update.callback_query is not None:
        return _press(update.callback_query, name)
    if update.my_chat_member is not None:
        return _joined(update.my_chat_member, name)
    said = update.message or update.channel_post
    if said is not None:
        return _said(said, name, username, fetch)
    if update.edited_message is not None:
        return _said(update.edited_message, name, username, fetch, edited=True)
    return None


def _press(query: CallbackQuery, update: str) -> Heard | None:
    if query.message is None or query.data is None:
        return None
    chat = query.message.chat
    message = Message(
        _address(chat),
        choice=query.data,
        update=update,
        language_hint=query.from_user.language_code,
        group=_is_group(chat),
    )
    thread = _thread(query.message) if isinstance(query.message, TelegramMessage) else None
    return Heard(chat, query.from_user, message, query.message.message_id, query.id, thread)


def _joined(change: ChatMemberUpdated, update: str) -> Heard | None:
    """Being added to a group; a channel is left alone, where all its readers would see a line."""
    added = (
        change.new_chat_member.status in _PRESENT and change.old_chat_member.status not in _PRESENT
    )
    if not added or change.chat.type not in {ChatType.GROUP, ChatType.SUPERGROUP}:
        return None
    message = Message(
        _address(change.chat),
        update=update,
        language_hint=change.from_user.language_code,
        group=True,
    )
    return Heard(change.chat, change.from_user, message)


def _said(
    said: TelegramMessage, update: str, username: str, fetch: Fetch, *, edited: bool = False
) -> Heard | None:
    person = _person(said)
    if said.is_automatic_forward or (person is not None and person.is_bot):
        return None
    if edited and said.location is not None:
        return None
    if _is_group(said.chat) and not _meant_for(username, said):
        return None
    text = said.text or said.caption or ""
    point = _point(said)
    attachments = () if point else _attachments(said, fetch)
    if not text and point is None and not attachments:
        return None
    message = Message(
        _address(said.chat),
        text=text,
        point=point,
        attachments=attachments,
        update=update,
        language_hint=person.language_code if person else None,
        edited=edited,
        group=_is_group(said.chat),
    )
    return Heard(said.chat, person, message, thread=_thread(said), written=said.message_id)


def _address(chat: Chat) -> Address:
    return Address("telegram", str(chat.id))


def _is_group(chat: Chat) -> bool:
    return chat.type != ChatType.PRIVATE


def _person(said: TelegramMessage) -> User | None:
    """Who spoke; None when the group or channel itself did, which only its admins can do."""
    as_the_chat = said.sender_chat is not None and said.sender_chat.id == said.chat.id
    return None if as_the_chat else said.from_user


def _thread(said: TelegramMessage) -> int | None:
    return said.message_thread_id if said.is_topic_message else None


def _meant_for(username: str, said: TelegramMessage) -> bool:
    """Whether words in a group are for us: a command, our name, or a reply to us.

    Telegram's privacy mode does the same until the bot is made an admin of the group.
    """
    text = (said.text or said.caption or "").lower()
    name = f"@{username.lower()}"
    if text.startswith("/"):
        command = text.split(maxsplit=1)[0]
        return "@" not in command or command.endswith(name)
    answered = said.reply_to_message.from_user if said.reply_to_message else None
    return name in text or (
        answered is not None and (answered.username or "").lower() == username.lower()
    )


def _point(said: TelegramMessage) -> Point | None:
    if said.location is None or "live_period" in said.location.to_dict():
        return None
    return Point(said.location.latitude, said.location.longitude)


def _attachments(said: TelegramMessage, fetch: Fetch) -> tuple[Attachment, ...]:
    if said.location is not None:
        return (Attachment("live location"),)
    for field, kind in _KINDS.items():
        if content := said[field]:
            return (_attachment(kind, content, fetch),)
    return ()


def _attachment(kind: AttachmentKind, content: object, fetch: Fetch) -> Attachment:
    """What came, without its name. Of a photo Telegram makes several sizes, the largest last."""
    file = content[-1] if isinstance(content, tuple) else content
    number, size = getattr(file, "file_id", None), getattr(file, "file_size", None)
    if kind not in _OPENED or number is None:
        return Attachment(kind)
    return Attachment(kind, size, partial(fetch, number), as_file=kind == "document")
