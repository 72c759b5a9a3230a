"""Seals around concerns: what waits to be sent, what a team answered, and the ways back.

Everything is padded, so that a size in the database tells little. Threat-model, "Sealing" and
"Receipt and mailbox".
"""

import base64
import hashlib
import hmac

from nacl.bindings import crypto_box_SEALBYTES, sodium_pad, sodium_unpad
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox

from bot.errors import OperatorError

DISPATCH_BLOCK_BYTES = 8192
REPLY_SIZES = (512, 2048, 8192)
"""A reply is padded to the smallest of these that holds it."""

_TOKEN_BYTES = 16
_CHAT_BLOCK_BYTES = 256


class Dispatch:
    """Seals what is on its way to a team so that only the mailer can read it."""

    def __init__(self, dispatch_key: bytes) -> None:
        self._private = PrivateKey.from_seed(dispatch_key)

    def seal(self, data: bytes) -> bytes:
        """The data, padded and encrypted; different each time."""
        return _sealed(self._private.public_key, data, DISPATCH_BLOCK_BYTES)

    def open(self, sealed: bytes) -> bytes:
        """The data again. Raises OperatorError for what was sealed to another key or changed."""
        try:
            return _opened(self._private, sealed, DISPATCH_BLOCK_BYTES)
        except (CryptoError, ValueError):
            raise OperatorError(
                "a waiting concern cannot be read: this secrets file is not the one it was "
                "sealed with, or the row was changed"
            ) from None


def seal_reply(public_key: bytes, reply: bytes) -> bytes:
    """Seal what a team answered to a mailbox. Raises ValueError beyond the largest size."""
    size = next((size for size in REPLY_SIZES if len(reply) < size), None)
    if size is None:
        raise ValueError("the reply is too long")
    return _sealed(PublicKey(public_key), reply, size)


def open_reply(private: PrivateKey, sealed: bytes) -> bytes:
    """What ``seal_reply`` was given. Raises CryptoError for another mailbox's or a changed one."""
    return _opened(private, sealed, len(sealed) - crypto_box_SEALBYTES)


class ReplyPaths:
    """The tokens in the addresses of one concern: where answers come, and where bounces come.

    They are made anew whenever a mail is written; only a hash of each is stored, to find it by.
    """

    def __init__(self, reply_key: bytes) -> None:
        self._key = reply_key

    def reply(self, mailbox_id: bytes) -> str:
        """The token that a team's answer comes back with: 26 letters and digits."""
        return self._token(b"reply", mailbox_id)

    def bounce(self, concern_id: bytes) -> str:
        """The token that a mail server's refusal of one mail comes back with."""
        return self._token(b"bounce", concern_id)

    def hash(self, token: str) -> bytes:
        """Under what a token is stored; its case does not matter, as in addresses."""
        return hashlib.sha256(token.lower().encode()).digest()

    def _token(self, purpose: bytes, about: bytes) -> str:
        token = hmac.digest(self._key, purpose + about, hashlib.sha256)[:_TOKEN_BYTES]
        return base64.b32encode(token).decode().rstrip("=").lower()


class PushSeals:
    """Seals a chat id to one mailbox: readable with our key, but only beside that mailbox."""

    def __init__(self, reply_key: bytes) -> None:
        self._key = reply_key

    def seal(self, mailbox_id: bytes, chat_id: str) -> bytes:
        """The chat id, padded and encrypted; different each time."""
        return bytes(self._box(mailbox_id).encrypt(sodium_pad(chat_id.encode(), _CHAT_BLOCK_BYTES)))

    def open(self, mailbox_id: bytes, sealed: bytes) -> str:
        """The chat id again. Raises OperatorError for another mailbox's seal or a changed row."""
        try:
            padded = self._box(mailbox_id).decrypt(sealed)
            return sodium_unpad(padded, _CHAT_BLOCK_BYTES).decode()
        except (CryptoError, ValueError):
            raise OperatorError("a chat that asked to be told of news cannot be read") from None

    def _box(self, mailbox_id: bytes) -> SecretBox:
        return SecretBox(hmac.digest(self._key, b"push" + mailbox_id, hashlib.sha256))


def _sealed(public: PublicKey, data: bytes, block: int) -> bytes:
    return bytes(SealedBox(public).encrypt(sodium_pad(data, block)))


def _opened(private: PrivateKey, sealed: bytes, block: int) -> bytes:
    return sodium_unpad(SealedBox(private).decrypt(sealed), block)
