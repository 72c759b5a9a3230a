"""The canary: a resident who is known to the test sends concerns, and is looked for everywhere."""

import base64
import hashlib
import json
import struct
from collections.abc import Callable
from ipaddress import IPv4Address
from urllib.parse import quote

import pytest

from tests.canary import Scanner, Trace

TELEGRAM_ID = 6_180_339_887_498
USERNAME = "quokka_by_the_weir"
NAME = "Zebedee Featherstonehaugh"
ADDRESS = IPv4Address("127.77.13.201")
BROWSER = "Quokkafox/77.13 (Weir; canary)"

IDENTITY = (
    Trace("Telegram id", TELEGRAM_ID),
    Trace("username", USERNAME),
    Trace("name", NAME),
    Trace("IP address", ADDRESS),
    Trace("user agent", BROWSER),
)


# Each leak as a program would make it, by other means than the scanner's own.
LEAKS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "decimal": ("Telegram id", lambda: b'{"chat": 6180339887498}'),
    "decimal as UTF-16": ("Telegram id", lambda: "6180339887498".encode("utf-16")),
    "thousands": ("Telegram id", lambda: b"6,180,339,887,498"),
    "hex": ("Telegram id", lambda: b"0x59EF7FE3D8A".replace(b"0x", f"{TELEGRAM_ID:X}".encode())),
    "octal": ("Telegram id", lambda: oct(TELEGRAM_ID).encode()),
    "little endian": ("Telegram id", lambda: b"\1" + struct.pack("<q", TELEGRAM_ID) + b"\2"),
    "big endian": ("Telegram id", lambda: b"\1" + struct.pack(">Q", TELEGRAM_ID) + b"\2"),
    "a float": ("Telegram id", lambda: struct.pack("<d", float(TELEGRAM_ID))),
    "six bytes of SQLite": ("Telegram id", lambda: b"\5" + TELEGRAM_ID.to_bytes(6, "big")),
    "base64": ("Telegram id", lambda: base64.b64encode(b"6180339887498")),
    "base64 of one letter and it": ("Telegram id", lambda: base64.b64encode(b"x6180339887498;")),
    "base64 of two letters and it": ("Telegram id", lambda: base64.b64encode(b"id6180339887498")),
    "base64 of big endian": (
        "Telegram id",
        lambda: base64.b64encode(b"k" + TELEGRAM_ID.to_bytes(8, "big")),
    ),
    "base64 for URLs": (
        "Telegram id",
        lambda: base64.urlsafe_b64encode(b"??>" + TELEGRAM_ID.to_bytes(8, "little")),
    ),
    "base32": ("Telegram id", lambda: base64.b32encode(b"chat 6180339887498").lower()),
    "hex of its digits": ("Telegram id", lambda: b"6180339887498".hex(":").encode()),
    "MD5": ("Telegram id", lambda: hashlib.md5(b"6180339887498").hexdigest().encode()),  # noqa: S324  # a leak, not a use
    "SHA-1 with its channel": (
        "Telegram id",
        lambda: hashlib.sha1(b"tg:6180339887498").hexdigest().upper().encode(),  # noqa: S324  # as above
    ),
    "SHA-256": ("Telegram id", lambda: hashlib.sha256(b"6180339887498").digest()),
    "SHA-256 with its channel": (
        "Telegram id",
        lambda: base64.b64encode(b"#" + hashlib.sha256(b"telegram:6180339887498").digest()),
    ),
    "SHA-512, cut": (
        "Telegram id",
        lambda: hashlib.sha512(b"6180339887498").hexdigest()[:20].encode(),
    ),
    "BLAKE2 with its channel": (
        "Telegram id",
        lambda: hashlib.blake2b(b"telegram_6180339887498").digest(),
    ),
    "username": ("username", lambda: b"From: @Quokka_By_The_Weir"),
    "username, hashed": ("username", lambda: hashlib.sha256(b"quokka_by_the_weir").digest()),
    "username backwards": ("username", lambda: USERNAME[::-1].encode()),
    "name": ("name", lambda: b"Dear Zebedee Featherstonehaugh,"),
    "name in JSON": ("name", lambda: json.dumps(NAME).encode()),
    "name in a URL": ("name", lambda: quote(NAME).encode()),
    "name, escaped": ("name", lambda: "".join(f"\\u{ord(c):04x}" for c in NAME).encode()),
    "IP address": ("IP address", lambda: b"GET / 127.77.13.201"),
    "IP address as a number": ("IP address", lambda: b"%d" % int(ADDRESS)),
    "IP address in IPv6": ("IP address", lambda: b"::ffff:7f4d:dc9 ::ffff:127.77.13.201"),
    "IP address, hashed": ("IP address", lambda: hashlib.sha1(b"127.77.13.201").digest()),  # noqa: S324  # as above
    "user agent": ("user agent", lambda: b"agent=Quokkafox/77.13 (Weir; canary)"),
    "user agent in a URL": ("user agent", lambda: quote(BROWSER, safe="").lower().encode()),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_seen(leak: str) -> None:
    what, made = LEAKS[leak]
    around = hashlib.sha256(leak.encode()).digest() * 50
    hits = Scanner(IDENTITY).search({"planted": around + made() + around, "clean": around})
    assert {(hit.where, hit.what) for hit in hits} == {("planted", what)}
