"""Looks for traces of a resident in bytes, in every spelling in which a program leaves them."""

import base64
import codecs
import hashlib
import hmac
import json
import quopri
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Any, TypeAlias
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

Value: TypeAlias = str | int | bytes | IPv4Address

# What a program might put before a chat id when it makes one name, or one hash, of the two.
CHANNEL_PREFIXES = tuple(
    f"{channel}{mark}"
    for channel in ("telegram", "tg", "web", "chat", "user", "id")
    for mark in (":", "_", "-", "/", "")
)
HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s")
# A hash is often cut; so many of its bytes are never alike by chance.
HASH_BYTES = 8
# The shortest spelling looked for: fewer bytes are found in any large file by chance.
WINDOW = 6


@dataclass(frozen=True)
class Spelling:
    """One way of writing a value; letters of ``any_case`` ones may be large or small."""

    name: str
    needle: bytes
    any_case: bool = False


@dataclass(frozen=True)
class Trace:
    """Something that must not be found: what it is, and its value."""

    what: str
    value: Value


Needles: TypeAlias = dict[bytes, list[tuple[str, Spelling]]]


@dataclass(frozen=True)
class Hit:
    """A trace that was found, where, and how it was written. Equal hits are one."""

    where: str
    what: str
    spelling: str


class Scanner:
    """Finds these traces, and their hashes under ``keys`` of the installation, by name.

    Raises ValueError for a value so short that it is found anywhere.
    """

    def __init__(self, traces: Iterable[Trace], keys: Mapping[str, bytes] | None = None) -> None:
        self._exact: Needles = defaultdict(list)
        self._any_case: Needles = defaultdict(list)
        for trace in traces:
            for spelling in (*_spellings(trace.value), *_keyed(trace.value, keys or {})):
                if len(spelling.needle) < WINDOW:
                    raise ValueError(f"{trace.what}: too short as {spelling.name}")
                needles = self._any_case if spelling.any_case else self._exact
                needles[spelling.needle[:WINDOW]].append((trace.what, spelling))

    def search(self, places: Mapping[str, bytes]) -> set[Hit]:
        """Every trace in these bytes, each place by its name."""
        return {
            Hit(where, what, spelling.name)
            for where, content in places.items()
            for needles, bytes_ in ((self._exact, content), (self._any_case, content.lower()))
            for what, spelling in _found(bytes_, needles)
        }


def _found(content: bytes, needles: Needles) -> Iterator[tuple[str, Spelling]]:
    """Thousands of needles in one pass: where three bytes may begin one, the rest is looked at."""
    begins = np.zeros(1 << 24, bool)
    begins[_threes(b"".join(needles))[::WINDOW]] = True
    for at in np.flatnonzero(begins[_threes(content)]):
        for what, spelling in needles.get(content[at : at + WINDOW], ()):
            if content.startswith(spelling.needle, at):
                yield what, spelling


def _threes(content: bytes) -> npt.NDArray[Any]:
    """Every run of three bytes as one number."""
    each = np.frombuffer(content, np.uint8).astype(np.uint32)
    return each[:-2] << 16 | each[1:-1] << 8 | each[2:]


def _spellings(value: Value) -> Iterator[Spelling]:
    match value:
        case bytes():
            yield from _of_bytes("bytes", value)
        case str():
            yield from _of_words("", value)
            yield from _hashed("", value)
            yield from _prefixed(value)
        case IPv4Address():
            yield from _of_words("", str(value))
            yield from _of_address(value)
            yield from _hashed("", str(value))
        case int():
            yield from _of_words("decimal ", str(value))
            yield from _of_number(value)
            yield from _hashed("", str(value))
            yield from _prefixed(str(value))


def _of_words(name: str, words: str) -> Iterator[Spelling]:
    plain = words.encode()
    yield Spelling(f"{name}UTF-8", plain.lower(), any_case=True)
    yield Spelling(f"{name}backwards", plain[::-1].lower(), any_case=True)
    yield Spelling(f"{name}rot13", codecs.encode(words, "rot13").encode().lower(), any_case=True)
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        yield Spelling(f"{name}{encoding}", words.encode(encoding))
    yield Spelling(f"{name}quoted for a URL", quote(words, safe="").lower().encode(), any_case=True)
    everything = "".join(f"%{byte:02x}" for byte in plain)
    yield Spelling(f"{name}every byte quoted", everything.encode(), any_case=True)
    yield Spelling(f"{name}quoted-printable", quopri.encodestring(plain).lower(), any_case=True)
    yield Spelling(f"{name}JSON", json.dumps(words)[1:-1].lower().encode(), any_case=True)
    for mark, each in (("\\x", 2), ("\\u", 4), ("&#x", 0)):
        escaped = "".join(f"{mark}{ord(letter):0{each}x}" for letter in words)
        yield Spelling(f"{name}{mark}", escaped.encode(), any_case=True)
    for mark in (" ", "-", ":", ","):
        yield Spelling(
            f"{name}spread by {mark!r}", mark.join(words).lower().encode(), any_case=True
        )
    yield from _of_bytes(name, plain)


def _of_bytes(name: str, content: bytes) -> Iterator[Spelling]:
    """The ways of writing any bytes with letters; and the bytes as they are, where telling."""
    yield Spelling(f"{name} as they are", content)
    pairs = [f"{byte:02x}" for byte in content]
    for mark in ("", " ", ":", "-", ", 0x", "\\x"):
        yield Spelling(f"{name} hex by {mark!r}", mark.join(pairs).encode(), any_case=True)
    for alignment in range(3):
        yield from _base64(f"{name} base64 at {alignment}", content, alignment)
    for alignment in range(5):
        padded = bytes(alignment) + content
        encoded = base64.b32encode(padded)[-(-alignment * 8 // 5) : len(padded) * 8 // 5]
        yield Spelling(f"{name} base32 at {alignment}", encoded.lower(), any_case=True)


def _base64(name: str, content: bytes, alignment: int) -> Iterator[Spelling]:
    """Whole letters of it only: those at the edges are shared with what stands beside it."""
    padded = bytes(alignment) + content
    inner = slice(-(-alignment * 8 // 6), len(padded) * 8 // 6)
    yield Spelling(name, base64.b64encode(padded)[inner])
    yield Spelling(f"{name} for URLs", base64.urlsafe_b64encode(padded)[inner])


def _of_number(number: int) -> Iterator[Spelling]:
    for mark in (",", ".", "_", " ", "'"):
        yield Spelling(f"thousands by {mark!r}", f"{number:,}".replace(",", mark).encode())
    for name, form in (("hex", "x"), ("octal", "o"), ("binary", "b")):
        yield Spelling(name, f"{number:{form}}".encode(), any_case=True)
    yield Spelling("base 36", _in_base(number, 36), any_case=True)
    yield Spelling("base 62", _in_base(number, 62))
    yield Spelling("packed decimals", bytes.fromhex(str(number) + "f" * (len(str(number)) % 2)))
    yield Spelling("variable length", _leb128(number))
    yield Spelling("variable length, zigzag", _leb128(number << 1))
    for order, mark in (("big", ">"), ("little", "<")):
        shortest = number.to_bytes((number.bit_length() + 7) // 8, order)  # type: ignore[arg-type]  # one of the two
        yield from _of_bytes(f"{order} endian", shortest)
        whole = struct.pack(f"{mark}q", number)
        yield from _of_bytes(f"{order} endian, 8 bytes", whole)
        yield from _of_bytes(f"{order} endian, a float", struct.pack(f"{mark}d", number))


def _of_address(address: IPv4Address) -> Iterator[Spelling]:
    yield Spelling("as a number", str(int(address)).encode())
    yield Spelling("hex", f"{int(address):08x}".encode(), any_case=True)
    yield Spelling("for looking up a name", address.reverse_pointer.encode())
    yield Spelling("three digits each", ".".join(f"{n:03}" for n in address.packed).encode())
    yield Spelling("with dashes", str(address).replace(".", "-").encode())
    mapped = IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)
    yield Spelling("mapped into IPv6", f"{mapped:x}"[-12:].encode(), any_case=True)
    yield Spelling("mapped into IPv6, bytes", mapped.packed[-6:])
    yield Spelling("mapped into IPv6, long", mapped.exploded[-14:].encode(), any_case=True)


def _prefixed(words: str) -> Iterator[Spelling]:
    for prefix in CHANNEL_PREFIXES:
        yield from _hashed(prefix, words)
        for alignment in range(3):
            yield from _base64(
                f"{prefix} base64 at {alignment}", f"{prefix}{words}".encode(), alignment
            )


def _hashed(prefix: str, words: str) -> Iterator[Spelling]:
    for name in HASHES:
        digest = hashlib.new(name, f"{prefix}{words}".encode(), usedforsecurity=False).digest()
        yield from _of_digest(f"{name} of {prefix}…", digest)


def _keyed(value: Value, keys: Mapping[str, bytes]) -> Iterator[Spelling]:
    if isinstance(value, bytes):
        return
    for key_name, key in keys.items():
        for prefix in ("", *CHANNEL_PREFIXES):
            digest = hmac.digest(key, f"{prefix}{value}".encode(), "sha256")
            yield from _of_digest(f"HMAC by {key_name} of {prefix}…", digest)


def _of_digest(name: str, digest: bytes) -> Iterator[Spelling]:
    cut = digest[:HASH_BYTES]
    yield Spelling(name, cut)
    yield Spelling(f"{name} hex", cut.hex().encode(), any_case=True)
    for alignment in range(3):
        yield from _base64(f"{name} base64 at {alignment}", cut, alignment)


def _in_base(number: int, base: int) -> bytes:
    digits = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    written = bytearray()
    while number:
        number, digit = divmod(number, base)
        written.append(digits[digit])
    return bytes(reversed(written))


def _leb128(number: int) -> bytes:
    """As protocol buffers write numbers: seven bits a byte, the lowest first."""
    written = bytearray()
    while number:
        number, low = number >> 7, number & 0x7F
        written.append(low | (0x80 if number else 0))
    return bytes(written)
