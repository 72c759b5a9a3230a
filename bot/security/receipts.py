"""Receipt codes: the only way back to a concern, and what is derived from one.

Nothing of a code is stored. Whoever holds one finds a mailbox by an id that nobody can compute
without it, and opens the replies in it with a private key that exists only while they look.
Threat-model, "Receipt and mailbox".
"""

import asyncio
import hashlib
import hmac
import secrets as chance
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from nacl.public import PrivateKey
from nacl.pwhash import argon2id

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SYMBOLS = 17
"""Random ones; a check symbol follows them."""

_GROUP = 6
_MAILBOX_ID_BYTES = 16
_AT_ONCE = 2  # each derivation takes 64 MiB and most of a core
_PASSES = 3
_MEMORY = 64 * 1024 * 1024
# Spaces and hyphens of every script, and what a copied text may hold unseen.
_DROPPED = {"Cc", "Cf", "Pd", "Zl", "Zp", "Zs"}


def new_code() -> str:
    """A receipt code that nobody had before, as it is shown: XXXXXX-XXXXXX-XXXXXX."""
    random = "".join(chance.choice(ALPHABET) for _ in range(SYMBOLS))
    return _shown(random + _check_symbol(random))


def read_code(typed: str) -> str | None:
    """The code somebody typed, as it is shown; None for what cannot be one.

    The check symbol finds every single wrong symbol and every two that changed places.
    """
    folded = unicodedata.normalize("NFKC", typed).upper()
    symbols = "".join(each for each in folded if unicodedata.category(each) not in _DROPPED)
    if len(symbols) != SYMBOLS + 1 or not set(symbols) <= set(ALPHABET):
        return None
    return _shown(symbols) if symbols[-1] == _check_symbol(symbols[:-1]) else None


@dataclass(frozen=True, slots=True, repr=False)
class MailboxKeys:
    """What a code opens: the id under which its mailbox is stored, and the key of its replies."""

    mailbox_id: bytes
    private: PrivateKey

    @property
    def public(self) -> bytes:
        """The key that replies are sealed to, 32 bytes."""
        return bytes(self.private.public_key)


class Receipts:
    """Derives mailbox keys from codes: slowly, on purpose, and never more than two at once."""

    def __init__(self, pepper: bytes) -> None:
        self._pepper = pepper
        self._salt = hmac.digest(pepper, b"deployment salt", hashlib.sha256)[: argon2id.SALTBYTES]
        # Threads of its own: a cancelled wait leaves its thread at work, and still only two run.
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="receipt")

    async def open(self, code: str) -> MailboxKeys:
        """The keys of a code as ``new_code`` or ``read_code`` gave it; takes about 0.2 s."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._derive, code)

    def _derive(self, code: str) -> MailboxKeys:
        slow = argon2id.kdf(
            32, code.replace("-", "").encode(), self._salt, opslimit=_PASSES, memlimit=_MEMORY
        )
        root = hmac.digest(self._pepper, slow, hashlib.sha256)
        return MailboxKeys(
            mailbox_id=hmac.digest(root, b"mailbox id", hashlib.sha256)[:_MAILBOX_ID_BYTES],
            private=PrivateKey.from_seed(hmac.digest(root, b"mailbox key", hashlib.sha256)),
        )


def _check_symbol(symbols: str) -> str:
    """Sum of position times value, modulo 31; positions from 1, values from 0."""
    total = sum(position * ALPHABET.index(each) for position, each in enumerate(symbols, start=1))
    return ALPHABET[total % len(ALPHABET)]


def _shown(symbols: str) -> str:
    return "-".join(symbols[start : start + _GROUP] for start in range(0, len(symbols), _GROUP))
