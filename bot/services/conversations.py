"""Where each resident's talk stands, so that any process, at any later time, can take it up."""

import json
from dataclasses import dataclass

from bot.conversation import Button, Reply
from bot.model import Subscriber
from bot.security.sealing import ChatKeys
from bot.store import conversations
from bot.store.database import Database
from bot.text import _, pack, unpack

SEEN_KEPT = 8
_MARK_BYTES = 8

# What came as a file is not stored: should the answer be lost, this stands in its place.
_GONE = _("I do not keep the file I made for you. To get it, please ask for it again.")


@dataclass(frozen=True, slots=True)
class Talk:
    """A resident's talk: the step that expects their next words, and our last answer to them.

    ``seen`` are keyed hashes of the last updates taken in, newest last.
    """

    expects: str | None = None
    replies: tuple[Reply, ...] = ()
    seen: tuple[bytes, ...] = ()

    @property
    def buttons(self) -> tuple[Button, ...]:
        """The choices on offer: those of the last answer."""
        return tuple(button for reply in self.replies for button in reply.buttons)

    def went_on(self, reply: Reply, mark: bytes | None) -> "Talk":
        """The talk after one more message was answered."""
        seen = self.seen if mark is None else (*self.seen, mark)[-SEEN_KEPT:]
        return Talk(reply.expects, (reply,), seen)


class Conversations:
    """Loads and saves talks."""

    def __init__(self, database: Database, keys: ChatKeys) -> None:
        self._database = database
        self._keys = keys

    def mark(self, channel: str, update: str) -> bytes:
        """What is kept of an update to know it again: a keyed hash, which tells no time."""
        return self._keys.update_mark(channel, update)

    async def load(self, resident: Subscriber) -> Talk:
        if resident.id is None:
            return Talk()
        async with self._database.read() as connection:
            row = await conversations.load(connection, resident.id)
        if row is None:
            return Talk()
        marks = range(0, len(row.seen), _MARK_BYTES)
        seen = tuple(row.seen[start : start + _MARK_BYTES] for start in marks)
        words = self._keys.open_talk(row.talk)
        return Talk(seen=seen) if words is None else _unpack(words, seen)

    async def save(self, resident: Subscriber, talk: Talk) -> None:
        """Keep a talk, sealed: which help somebody was given is nobody else's business."""
        if resident.id is None:
            return
        row = conversations.Row(self._keys.seal_talk(_pack(talk)), b"".join(talk.seen))
        async with self._database.write() as connection:
            await conversations.save(connection, resident.id, row)


def _pack(talk: Talk) -> bytes:
    replies = [
        {
            "text": [pack(text) for text in (reply.paragraphs if reply.file is None else [_GONE])],
            "buttons": [[pack(button.label), button.choice] for button in reply.buttons],
            "where": reply.asks_where,
        }
        for reply in talk.replies
    ]
    return json.dumps({"expects": talk.expects, "replies": replies}).encode()


def _unpack(words: bytes, seen: tuple[bytes, ...]) -> Talk:
    """The stored talk; an empty one when another version of the code wrote another form."""
    try:
        packed = json.loads(words)
        replies = tuple(
            Reply(
                tuple(unpack(text) for text in reply["text"]),
                tuple(Button(unpack(label), choice) for label, choice in reply["buttons"]),
                asks_where=bool(reply["where"]),
            )
            for reply in packed["replies"]
        )
        return Talk(packed["expects"], replies, seen)
    except (AttributeError, KeyError, TypeError, ValueError):
        return Talk(seen=seen)
