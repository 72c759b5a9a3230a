"""Lines in a sealed file: nobody without the key can read, change, shorten or extend it."""

import hashlib
import hmac
import os
import secrets as chance
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nacl import bindings
from nacl.exceptions import CryptoError

from bot.errors import OperatorError
from bot.security.secrets import Secrets

KIND = b"beatline backup 1\n"
PIECE_BYTES = 64 * 1024

_SEAL_BYTES = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_HEADER_BYTES = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_MORE = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_LAST = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_GZIP = 31  # zlib's number for its gzip form


def archive_key(secrets: Secrets) -> bytes:
    """The key of backups: of its own, and the same for as long as the secrets file is."""
    return hmac.digest(secrets.seal_key, b"backup", hashlib.sha256)


@contextmanager
def writing(path: Path, key: bytes) -> Iterator[Callable[[bytes], None]]:
    """Write lines to a new file, for this user alone, that takes its name only when complete.

    Raises OperatorError where it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{chance.token_hex(8)}")
    with _plainly(path, "written"):
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                sealer = _Sealer(file, key)
                yield sealer.put
                sealer.finish()
                file.flush()
                os.fsync(descriptor)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def lines(path: Path, key: bytes) -> Iterator[bytes]:
    """The lines of a sealed file, each sure to be as it was written.

    Raises OperatorError, also after some lines, for a file that is damaged, cut, or not ours.
    """
    unzip, rest = zlib.decompressobj(_GZIP), b""
    with _plainly(path, "read"), path.open("rb") as file:
        for piece in _pieces(file, key):
            *whole, rest = (rest + unzip.decompress(piece)).split(b"\n")
            yield from whole


class _Sealer:
    """Compresses lines and seals them in pieces of one size; the last says that it is the last."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file = file
        self._zip = zlib.compressobj(wbits=_GZIP)
        self._waiting = b""
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        file.write(KIND)
        file.write(bindings.crypto_secretstream_xchacha20poly1305_init_push(self._state, key))

    def put(self, line: bytes) -> None:
        self._add(self._zip.compress(line + b"\n"))

    def finish(self) -> None:
        self._add(self._zip.flush())
        self._seal(self._waiting, _LAST)

    def _add(self, zipped: bytes) -> None:
        self._waiting += zipped
        while len(self._waiting) > PIECE_BYTES:
            self._seal(self._waiting[:PIECE_BYTES], _MORE)
            self._waiting = self._waiting[PIECE_BYTES:]

    def _seal(self, piece: bytes, tag: int) -> None:
        self._file.write(
            bindings.crypto_secretstream_xchacha20poly1305_push(self._state, piece, KIND, tag)
        )


def _pieces(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    if file.read(len(KIND)) != KIND:
        raise OperatorError(f"{file.name} is not a backup that this version can read")
    damaged = OperatorError(
        f"{file.name} cannot be opened: it is damaged, or was made with another secrets file"
    )
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    tag = _MORE
    try:
        header = file.read(_HEADER_BYTES)
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key)
        while tag != _LAST:
            sealed = file.read(PIECE_BYTES + _SEAL_BYTES)
            piece, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, sealed, KIND)
            yield piece
    except CryptoError:
        raise damaged from None
    if file.read(1):
        raise damaged


@contextmanager
def _plainly(path: Path, done: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OperatorError(
            f"{path} cannot be {done}: {(error.strerror or 'error').lower()}"
        ) from None
