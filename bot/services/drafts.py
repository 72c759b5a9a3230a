"""What is being said in private: in memory only, and forgotten after half an hour of silence."""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.conversation import Address
from bot.model import Draft
from bot.ports import Clock
from bot.services import identity_hints
from bot.services.conversations import Talk
from bot.text import Text

IDLE = timedelta(minutes=30)
LOSS_KNOWN = timedelta(hours=12)
"""For how long somebody who comes back is told that their draft was deleted."""
MOST_TALKS = 5_000
MOST_FILES = 5
MOST_BYTES = 40_000_000
MOST_BYTES_TOGETHER = 256_000_000


@dataclass(slots=True)
class _Kept:
    """``lost`` says that a draft was here until its time ran out."""

    used: datetime
    talk: Talk | None = None
    draft: Draft | None = None
    lost: bool = False


class Drafts:
    """Private talks and drafts, by a key that no other process and no later one can compute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._began = clock.now()
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()

    @property
    def is_young(self) -> bool:
        """Whether a draft may have been lost when this process took over from another."""
        return self._clock.now() - self._began < IDLE

    def talk(self, address: Address) -> Talk | None:
        """The private talk that is open in a chat."""
        kept = self._find(address)
        return kept.talk if kept else None

    def of(self, address: Address) -> Draft | None:
        """What is written and not sent yet in a chat."""
        kept = self._find(address)
        return kept.draft if kept else None

    def keep(self, address: Address, talk: Talk) -> None:
        """Remember where a private talk stands."""
        self._touch(address).talk = talk

    def begin(self, address: Address, draft: Draft) -> Draft:
        """Take up a new draft in place of any other."""
        self._touch(address).draft = draft
        return draft

    def finish(self, address: Address) -> None:
        """Forget a draft that was sent; the talk goes on."""
        if kept := self._find(address):
            kept.draft = None

    def drop(self, address: Address) -> bool:
        """Forget the private talk of a chat. Returns whether a draft was in it."""
        kept = self._kept.pop(self._name(address), None)
        return kept is not None and kept.draft is not None

    def timed_out(self, address: Address) -> bool:
        """Whether a draft of this chat was deleted after half an hour of silence; tells it once."""
        kept = self._find(address)
        if kept is None or not kept.lost:
            return False
        kept.lost = False
        return True

    def hints(self, words: str) -> list[Text]:
        """What in the words may tell who wrote them, as words for a list."""
        return identity_hints.hints(words)

    def has_room(self, draft: Draft, size: int) -> bool:
        """Whether a file of so many bytes may be kept beside the others of all drafts."""
        together = sum(kept.draft.size for kept in self._kept.values() if kept.draft)
        # What was received and what is made of it lie side by side.
        return (
            len(draft.files) < MOST_FILES
            and draft.size + 2 * size <= MOST_BYTES
            and together + 2 * size <= MOST_BYTES_TOGETHER
        )

    async def purge(self) -> None:
        """Forget what was left alone for too long; to be called every minute."""
        now = self._clock.now()
        for name, kept in list(self._kept.items()):
            if now - kept.used >= LOSS_KNOWN:
                del self._kept[name]
            elif now - kept.used >= IDLE:
                self._expire(name)

    def _find(self, address: Address) -> _Kept | None:
        name = self._name(address)
        kept = self._kept.get(name)
        if kept is not None and self._clock.now() - kept.used >= IDLE:
            self._expire(name)
        return self._kept.get(name)

    def _touch(self, address: Address) -> _Kept:
        name = self._name(address)
        kept = self._kept.setdefault(name, _Kept(self._clock.now()))
        kept.used = self._clock.now()
        self._kept.move_to_end(name)
        while len(self._kept) > MOST_TALKS:
            self._kept.popitem(last=False)
        return kept

    def _expire(self, name: bytes) -> None:
        kept = self._kept[name]
        if kept.draft is None and not kept.lost:
            del self._kept[name]
        else:
            kept.talk, kept.draft, kept.lost = None, None, True

    def _name(self, address: Address) -> bytes:
        return hmac.digest(self._key, f"{address.channel}:{address.id}".encode(), hashlib.sha256)
