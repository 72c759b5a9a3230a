"""The canary: a resident who is known to the test sends concerns, and is looked for everywhere."""

import base64
import hashlib
import hmac
import io
import json
import os
import struct
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import quote

import pytest
from PIL import Image
from sqlalchemy import text

from bot.store.database import Database
from bot.store.migrations import upgrade
from tests.canary import Hit, Scanner, Trace
from tests.canary_stage import (
    CODE,
    HeldPost,
    Installation,
    Visitor,
    browsing,
    free_port,
    nameless_files,
    over_telegram,
    running,
    telegram,
    tells_on_telegram,
)
from tests.databases import new_postgres_database
from tests.fakes.telegram_people import Person
from tests.postroom import serving
from web.visitors import Visitors

pytestmark = pytest.mark.canary

TELEGRAM_ID = 6_180_339_887_498
USERNAME = "quokka_by_the_weir"
NAME = "Zebedee Featherstonehaugh"
ADDRESS = IPv4Address("127.77.13.201")
FORWARDED = IPv4Address("203.0.113.77")
BROWSER = "Quokkafox/77.13 (Weir; canary)"
POSTCODE = "RG1 1AF"  # in the shipped file
FILE_NAME = "zebedee-at-the-weir.jpg"
CAMERA = "Quokkacam serial 771305"

IDENTITY = (
    Trace("Telegram id", TELEGRAM_ID),
    Trace("username", USERNAME),
    Trace("name", NAME),
    Trace("IP address", ADDRESS),
    Trace("user agent", BROWSER),
    Trace("forwarded address", FORWARDED),
    Trace("browser language", "cy-x-wiradjuri"),
    Trace("postcode", POSTCODE),
    Trace("postcode in one word", POSTCODE.replace(" ", "")),
    Trace("number of an update", "918273645"),
    Trace("number of a message", "1618033"),
    Trace("file name", FILE_NAME),
    Trace("camera", CAMERA),
)

# Words that nothing else in the service uses.
ON_TELEGRAM = "Flibbertigibbets gallivant widdershins behind the weir."
ON_THE_WEB = "Bumfuzzled lollygaggers catawampus the bandstand."
IN_A_FAULT = "Collywobbles and taradiddles by the cattywampus hedge."
WORDS = tuple(
    Trace("words of a concern", word)
    for words in (ON_TELEGRAM, ON_THE_WEB, IN_A_FAULT)
    for word in (words, *(each.strip(".") for each in words.split() if len(each) > 9))
)


# Set up and out of order: what it would have got must not be left lying about.
WITH_AN_ENGINE = {"TRANSLATE_URL": "http://127.0.0.1:9", "OUTBOUND_ALLOW": "127.0.0.1:9"}

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


def test_a_hash_under_a_key_of_ours_is_seen_too() -> None:
    key = bytes(range(32))
    hashed = hmac.digest(key, f"telegram:{TELEGRAM_ID}".encode(), "sha256")
    scanner = Scanner(IDENTITY, {"index_key": key})
    assert scanner.search({"a table": b"x" + hashed}) == {
        Hit("a table", "Telegram id", "HMAC by index_key of telegram:…")
    }
    assert Scanner(IDENTITY).search({"a table": b"x" + hashed}) == set()


def test_a_value_too_short_to_tell_from_chance_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        Scanner([Trace("name", "Zed")])


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    """A service that was not started yet, over databases of each kind."""
    names = ("subscriptions", "concerns")
    if request.param == "sqlite":
        return Installation(
            tmp_path, {name: f"sqlite:///{tmp_path}/var/{name}.sqlite" for name in names}
        )
    server = request.getfixturevalue("postgres_server")
    return Installation(tmp_path, {name: new_postgres_database(server) for name in names})


async def test_a_leak_is_seen_wherever_it_is_written(installation: Installation) -> None:
    leak = f"seen: {TELEGRAM_ID}"
    scanner = Scanner(IDENTITY)
    (installation.home / "var" / "mail" / "new").mkdir(parents=True)
    opened = {name: Database(url) for name, url in installation.databases.items()}
    for tree in ("subscriptions", "concerns"):
        await upgrade(opened[tree], tree)
    assert scanner.search(installation.places()) == set()

    # The job store is made with the schema on PostgreSQL; SQLite has none.
    jobs = "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('', :leak)"
    statements = {
        ("subscriptions", "audit"): "INSERT INTO audit (entry, hash) VALUES (:leak, '')",
        ("concerns", "mailbox"): (
            "INSERT INTO mailbox (id, public_key, reference, theme, state, urgent, answer_wanted,"
            " raised, day) VALUES ('', '', :leak, '', '', true, true, '2026-01-01', '2026-01-01')"
        ),
        **({} if opened["concerns"].is_sqlite else {("subscriptions", "procrastinate_jobs"): jobs}),
    }
    for (name, table), statement in statements.items():
        async with opened[name].write() as connection:
            await connection.execute(text(statement), {"leak": leak})
        seen = {hit.where for hit in scanner.search(installation.places())}
        assert f"{name}: {table}" in seen
        # Still in SQLite's write-ahead log, and nowhere else.
        assert not opened[name].is_sqlite or f"var/{name}.sqlite-wal" in seen
        await opened[name].close()

    for place in ("log", "var/crash.txt", "tmp/upload", "var/mail/new/1"):
        (installation.home / place).write_text(leak)
        assert place in {hit.where for hit in scanner.search(installation.places())}
    with TemporaryFile() as deleted:
        deleted.write(leak.encode())
        deleted.flush()
        assert scanner.search(nameless_files(os.getpid()))


@dataclass
class Scene:
    """Two residents, the team's mail, and the service between them."""

    installation: Installation
    post: HeldPost
    person: Person
    visitor: Visitor

    def found(self, *more: Trace) -> set[Hit]:
        """What is found of who they are, and of ``more``, but for what may be there.

        A resident who follows an area is found again by a keyed hash, in the subscriptions alone.
        """
        keys = self.installation.keys
        visitors = Visitors(keys["web_key"], self.installation.url)
        mine = [
            Trace("web chat", visitors.address(self.visitor.session).id),
            Trace("cookie", self.visitor.session),
        ]
        hits = Scanner((*IDENTITY, *mine, *more), keys).search(self.installation.places())
        return {hit for hit in hits if not _may_be(hit)}

    def found_in_mail(self) -> set[Hit]:
        """What the team's mail tells of who they are; in its headers, also of what they said."""
        accepted = dict(enumerate(self.post.accepted))
        letters = {str(at): bytes(each.original_content or b"") for at, each in accepted.items()}
        heads = {f"head {at}": raw.partition(b"\r\n\r\n")[0] for at, raw in letters.items()}
        envelopes = {
            f"envelope {at}": f"{each.mail_from} {each.rcpt_tos} {self.post.greeting}".encode()
            for at, each in accepted.items()
        }
        keys = self.installation.keys
        everywhere = Scanner(IDENTITY, keys).search({**letters, **envelopes})
        return everywhere | Scanner((*IDENTITY, *WORDS), keys).search({**heads, **envelopes})


def _may_be(hit: Hit) -> bool:
    keyed = hit.spelling in {f"HMAC by index_key of {name}:…" for name in ("telegram", "web")}
    at_home = hit.where.startswith(("subscriptions: subscriber", "var/subscriptions.sqlite"))
    return keyed and at_home


@asynccontextmanager
async def staged(installation: Installation) -> AsyncIterator[Scene]:
    """Everything but the service itself, which each scene starts."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(telegram())
        post = HeldPost()
        await stack.enter_async_context(serving(post))
        stack.callback(post.opened.set)
        installation.settings = {
            **over_telegram(server),
            "MAIL_URL": f"smtp://127.0.0.1:{post.port}",
            "MAIL_FROM": "beat@police.example",
            **WITH_AN_ENGINE,
        }
        installation.port = free_port()
        person = server.user(TELEGRAM_ID, language_code="cy-x-wiradjuri")
        first_name, last_name = NAME.split()
        person.is_called(first_name, last_name, USERNAME)
        headers = {
            "user-agent": BROWSER,
            "x-forwarded-for": str(FORWARDED),
            "accept-language": "cy-x-wiradjuri",
        }
        visitor = await stack.enter_async_context(
            browsing(installation.url, address=str(ADDRESS), headers=headers)
        )
        yield Scene(installation, post, person, visitor)


def photo() -> bytes:
    """A picture larger than what a web server may keep in memory by itself, with its camera."""
    picture = Image.effect_noise((1800, 1800), 90)
    exif = Image.Exif()
    exif[0x010F] = exif[0x0110] = CAMERA
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95, exif=exif)
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="a second address of the loopback is Linux's")
async def test_nothing_written_tells_who_sent_a_concern_or_what_it_said(
    installation: Installation,
) -> None:
    async with staged(installation) as scene:
        team = ("team", "add", "Force desk", "--everywhere", "--email", "desk@police.example")
        await installation.types(*team)
        async with running(installation):
            codes = await both_tell(scene)
            await scene.post.is_offered()
            assert installation.count("mailbox") == 2
            secret = [*WORDS, *(Trace("receipt", code) for code in spelled(codes))]
            assert scene.found(*secret) == set()

            scene.post.opened.set()
            await installation.logs("concern_accepted", 2)
            for code in codes:
                await scene.person.says(f"/status {code}")
                await scene.person.reads("It is delivered", within=60)
            assert scene.found(*secret) == set()
            assert scene.found_in_mail() == set()

            await everything_fails(scene)
            assert b"concern_not_stored" in (installation.home / "log").read_bytes()
            assert b"message_failed" in (installation.home / "log").read_bytes()
            assert scene.found(*secret) == set()

        gone = installation.let_time_pass()
        async with running(installation):
            for code in codes:
                await scene.person.says(f"/status {code}")
                await scene.person.reads("This code opens nothing", within=60)
        assert installation.count("mailbox") == installation.count("concern") == 0
        erased = [Trace("what was sealed", each) for each in gone]
        assert scene.found(*secret, *erased) == set()


async def both_tell(scene: Scene) -> list[str]:
    """Both follow an area and send a concern; returns their receipt codes."""
    person, visitor = scene.person, scene.visitor
    await person.says("/start")
    await person.reads("Which language would you like?", within=60)
    await person.presses("English")
    await person.reads("postcode")
    await person.says(POSTCODE)
    await person.reads("You now follow")
    shown = await tells_on_telegram(person, ON_TELEGRAM, where=POSTCODE)
    await visitor.opens()
    await visitor.says("/language")
    await visitor.presses("English")
    await visitor.says(POSTCODE)
    said = await visitor.tells(ON_THE_WEB, (FILE_NAME, photo()))
    return [found[0] for words in (shown.text, said) if (found := CODE.search(words))]


async def everything_fails(scene: Scene) -> None:
    """Faults with their stories: a concern that cannot be stored, and a chat that cannot be."""
    async with scene.installation.without("concerns", "mailbox"):
        shown = await tells_on_telegram(scene.person, IN_A_FAULT)
        assert "Nothing was sent" in shown.text
    await scene.person.says("/concern")
    await scene.person.reads("without your name")
    async with scene.installation.without("subscriptions", "subscriber"):
        await scene.person.says(IN_A_FAULT)
        await scene.person.reads("Sorry, something went wrong")


def spelled(codes: list[str]) -> list[str]:
    return [*codes, *(code.replace("-", "") for code in codes)]
