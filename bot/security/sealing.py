"""Sealed chat ids: found again by a keyed hash, readable only with the secrets file.

A plain hash of a chat id is worth nothing: ten digits are tried in hours.
"""

import hashlib
import hmac

from nacl.bindings import sodium_pad, sodium_unpad
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from bot.errors import OperatorError
from bot.security.secrets import KeyPair

MARK_BYTES = 8
# Every Telegram chat id with its channel's name fits into one block, every web one into two or
# three, so that the length of a sealed id says no more than its channel, which stands beside it.
BLOCK_BYTES = 24
TALK_BLOCK_BYTES = 1024


class ChatKeys:
    """Hides chat ids and finds them again, under one pair of keys."""

    def __init__(self, keys: KeyPair) -> None:
        self._index = keys.index
        self._box = SecretBox(keys.seal)

    def lookup(self, channel: str, chat_id: str) -> bytes:
        """The 32-byte keyed hash under which this chat is stored."""
        return self._hash(_name(channel, chat_id))

    def seal(self, channel: str, chat_id: str) -> bytes:
        """The chat id, encrypted and padded; different each time."""
        return self._shut(_name(channel, chat_id))

    def unseal(self, sealed: bytes) -> str:
        """The chat id again. Raises OperatorError for other keys' seal or a changed row."""
        return self._open(sealed).partition(b":")[2].decode()

    def reseal(self, sealed: bytes, old: "ChatKeys") -> tuple[bytes, bytes]:
        """Lookup and seal under these keys of what was sealed under the old ones.

        Raises OperatorError as ``unseal``.
        """
        name = old._open(sealed)
        return self._hash(name), self._shut(name)

    def sealed_here(self, sealed: bytes) -> bool:
        """Whether this was sealed under these keys and is unchanged."""
        try:
            self._open(sealed)
        except OperatorError:
            return False
        return True

    def seal_talk(self, words: bytes) -> bytes:
        """Where a talk stands, encrypted; padded, so that its length tells little of it."""
        return bytes(self._box.encrypt(sodium_pad(words, TALK_BLOCK_BYTES)))

    def open_talk(self, sealed: bytes) -> bytes | None:
        """What ``seal_talk`` was given; None for what was sealed under keys no longer in use."""
        try:
            return sodium_unpad(self._box.decrypt(sealed), TALK_BLOCK_BYTES)
        except (CryptoError, ValueError):
            return None

    def update_mark(self, channel: str, update: str) -> bytes:
        """Eight bytes by which a provider's delivery is known when it comes again."""
        return self._hash(b"update:" + _name(channel, update))[:MARK_BYTES]

    def _hash(self, words: bytes) -> bytes:
        return hmac.digest(self._index, words, hashlib.sha256)

    def _shut(self, words: bytes) -> bytes:
        return bytes(self._box.encrypt(sodium_pad(words, BLOCK_BYTES)))

    def _open(self, sealed: bytes) -> bytes:
        try:
            return sodium_unpad(self._box.decrypt(sealed), BLOCK_BYTES)
        except (CryptoError, ValueError):
            raise OperatorError(
                "a stored chat id cannot be read: this secrets file is not the one the "
                "database was written with, or the row was changed"
            ) from None


def _name(channel: str, chat_id: str) -> bytes:
    return f"{channel}:{chat_id}".encode()
