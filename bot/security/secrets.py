"""The secrets file: the keys of chat ids, web forms and concerns, made on the first run.

It is TOML with base64 values, read from a file only, mode 0600. Whoever holds it and the databases
can read the subscriber list and the concerns that wait to be sent; without it nobody can, and no
receipt opens anything, so it is backed up apart from the data.
"""

import base64
import binascii
import fcntl
import os
import secrets as chance
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.errors import OperatorError

KEY_BYTES = 32
# Of 32 random bytes about 30 differ; fewer than this never happens by chance.
FEWEST_DIFFERENT_BYTES = 16

_NAMES = ("index_key", "seal_key", "web_key", "pepper", "dispatch_key", "reply_key")
_FOR_CONCERNS = _NAMES[3:]
"""Files that were made before concerns could be taken lack these, and gain them."""


@dataclass(frozen=True, slots=True, repr=False)
class KeyPair:
    """The keys a chat id is stored under: ``index`` for finding it, ``seal`` for reading it."""

    index: bytes
    seal: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """The keys of this installation, 32 bytes each.

    ``pepper`` goes into every receipt, and with it all of them are lost. What waits to be sent to
    a team is sealed to ``dispatch_key``; ``reply_key`` makes the addresses that teams answer to,
    and seals the chats that asked to be told of an answer. ``previous`` is the pair in use
    before, while a rotation is unfinished.
    """

    index_key: bytes
    seal_key: bytes
    web_key: bytes
    pepper: bytes
    dispatch_key: bytes
    reply_key: bytes
    previous: KeyPair | None = field(default=None, kw_only=True)

    @classmethod
    def fresh(cls) -> "Secrets":
        """New random keys."""
        return cls(*(chance.token_bytes(KEY_BYTES) for _ in _NAMES))

    @property
    def chat_keys(self) -> KeyPair:
        """The pair in use now."""
        return KeyPair(self.index_key, self.seal_key)

    @property
    def words(self) -> tuple[str, ...]:
        """The keys as the file spells them, for redaction."""
        old = (self.previous.index, self.previous.seal) if self.previous else ()
        return tuple(_word(key) for key in (*(getattr(self, name) for name in _NAMES), *old))


def load(path: Path, *, outside: Path | None = None) -> Secrets:
    """Read the secrets file.

    ``outside`` is the data folder when live: the file must not lie in it, or a copy of the data
    would be a copy of the keys. Raises OperatorError with one sentence for anything unsafe.
    """
    _keep_outside(path, outside)
    return _secrets(path, _table(path, _read_private(path)))


def make(path: Path, *, outside: Path | None = None) -> Secrets:
    """Make the secrets file unless it is there, add what an older one lacks, and read it.

    Safe when two processes start together: both read what the first one wrote. Raises
    OperatorError as ``load``.
    """
    _keep_outside(path, outside)
    if not path.exists():
        _create(path, Secrets.fresh())
    with _one_at_a_time(path):
        _complete(path)
    return load(path, outside=outside)


def begin_rotation(path: Path, current: Secrets) -> Secrets:
    """Write new keys, with the present ones as ``previous``. Raises OperatorError.

    The keys of concerns stay: new ones would take every receipt and every answer's way back.
    """
    kept = {name: getattr(current, name) for name in _FOR_CONCERNS}
    fresh = replace(Secrets.fresh(), **kept, previous=current.chat_keys)
    _replace(path, fresh)
    return fresh


def end_rotation(path: Path, current: Secrets) -> Secrets:
    """Drop the previous keys, once nothing is stored under them. Raises OperatorError."""
    settled = replace(current, previous=None)
    _replace(path, settled)
    return settled


@contextmanager
def in_use(path: Path) -> Iterator[None]:
    """Keep the keys from being rotated while this process serves with them.

    Raises OperatorError while a rotation or a restore is under way.
    """
    busy = "the keys are being rotated, or a backup restored, just now; try again when done"
    with _lock(path, fcntl.LOCK_SH, busy):
        yield


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep every service on this machine from using the keys meanwhile.

    Raises OperatorError while one does.
    """
    with _lock(path, fcntl.LOCK_EX, "stop Beatline first: it is running with these keys"):
        yield


@contextmanager
def _lock(path: Path, kind: int, refusal: str) -> Iterator[None]:
    # A file beside the keys, because a rotation puts a new file in their place.
    with _plainly(path):
        descriptor = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError(refusal) from None
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    with _plainly(path):
        descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _keep_outside(path: Path, folder: Path | None) -> None:
    if folder is not None and path.resolve().is_relative_to(folder.resolve()):
        raise OperatorError(
            f"the secrets file {path} lies in DATA_DIR, where copies of the data are made: "
            "move it out and set SECRETS_FILE"
        )


def _read_private(path: Path) -> str:
    with _plainly(path):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise OperatorError(
                f"the secrets file {path} is not there: run beatline secrets init"
            ) from None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if status.st_uid != os.geteuid():
                raise OperatorError(
                    f"the secrets file {path} belongs to another user: run chown on it"
                )
            if status.st_mode & 0o077:
                raise OperatorError(
                    f"the secrets file {path} can be read by others: run chmod 600 {path}"
                )
            return file.read().decode(errors="replace")


def _complete(path: Path) -> None:
    table = _table(path, _read_private(path))
    missing = [name for name in _FOR_CONCERNS if name not in table]
    if missing:
        fresh = {name: _word(chance.token_bytes(KEY_BYTES)) for name in missing}
        _replace(path, _secrets(path, table | fresh))


def _table(path: Path, words: str) -> dict[str, Any]:
    try:
        return tomllib.loads(words)
    except tomllib.TOMLDecodeError:
        # The parser's own message could quote a key.
        raise OperatorError(f"the secrets file {path} is not readable TOML") from None


def _secrets(path: Path, table: dict[str, Any]) -> Secrets:
    old = table.get("previous")
    found = Secrets(
        *(_key(path, table, name) for name in _NAMES),
        previous=old and KeyPair(_key(path, old, "index_key"), _key(path, old, "seal_key")),
    )
    if len(set(found.words)) < len(found.words):
        raise OperatorError(f"the secrets file {path} has the same key twice")
    return found


def _key(path: Path, table: Any, name: str) -> bytes:
    word = table.get(name) if isinstance(table, dict) else None
    if not isinstance(word, str):
        raise OperatorError(f"the secrets file {path} lacks {name}: run beatline secrets init")
    try:
        key = base64.b64decode(word, validate=True)
    except (binascii.Error, ValueError):
        raise OperatorError(f"{name} in the secrets file {path} is not a base64 key") from None
    if len(key) != KEY_BYTES:
        raise OperatorError(f"{name} in the secrets file {path} must be {KEY_BYTES} bytes long")
    if len(set(key)) < FEWEST_DIFFERENT_BYTES or key.isascii():
        raise OperatorError(f"{name} in the secrets file {path} is a placeholder, not a random key")
    return key


def _create(path: Path, secrets: Secrets) -> None:
    with _plainly(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = _draft(path, secrets)
        try:
            # Unlike a rename, a link never takes the place of a file made meanwhile.
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()
        _flush_folder(path.parent)


def _replace(path: Path, secrets: Secrets) -> None:
    with _plainly(path):
        _draft(path, secrets).replace(path)
        _flush_folder(path.parent)


def _draft(path: Path, secrets: Secrets) -> Path:
    draft = path.with_name(f".{path.name}.{chance.token_hex(8)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(_written(secrets))
        file.flush()
        os.fsync(descriptor)
    return draft


def _written(secrets: Secrets) -> str:
    lines = [
        "# Beatline's keys. Keep a copy apart from the data: without them nobody can be reached,",
        "# and no receipt opens anything; with them the subscriber list can be read.",
        "# Change the first three with: beatline secrets rotate",
        *(f'{name} = "{_word(getattr(secrets, name))}"' for name in _NAMES),
    ]
    if secrets.previous is not None:
        lines += [
            "",
            "[previous]",
            f'index_key = "{_word(secrets.previous.index)}"',
            f'seal_key = "{_word(secrets.previous.seal)}"',
        ]
    return "\n".join(lines) + "\n"


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _word(key: bytes) -> str:
    return base64.b64encode(key).decode()


@contextmanager
def _plainly(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OperatorError(
            f"the secrets file {path} cannot be used: {(error.strerror or 'error').lower()}"
        ) from None
