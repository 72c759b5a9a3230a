"""The whole way through a real engine: news, a concern and its answer, each in two languages."""

import email
import email.policy
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from bot import safety
from bot.app import engines, open_feeds, translators
from bot.catalogs import Catalogs
from bot.clients.mail import mailer_from
from bot.conversation import Address
from bot.delivery.drawing import Drawing
from bot.delivery.plan import Planner
from bot.delivery.send import Sender
from bot.model import ConcernState
from bot.ports import Rendered, Sent
from bot.security.concern_seals import ReplyPaths
from bot.security.receipts import Receipts
from bot.security.sealing import ChatKeys
from bot.security.secrets import Secrets
from bot.services import Services
from bot.services.concerns import Concerns
from bot.services.forwarding import Forwarder
from bot.services.letters import OurAddress
from bot.services.translation.interpreter import Interpreter
from bot.services.translation.posts import PostTranslations
from bot.services.translation.translator import Translator
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import subscribers
from feeds.fetch import SafeFetch
from tests.apertium import engine, needs_apertium
from tests.canary import Scanner, Trace
from tests.conftest import FakeClock, new_dispatcher
from tests.delivery.stage import LONDON, CollectingChannel
from tests.feeds.loopback import Loopback, answer, serving
from tests.resident import Resident
from tests.services.concern_desk import OPERATOR, TEAM

pytestmark = needs_apertium

ITEM = """<rss version="2.0"><channel><title>Example Police</title><item><guid>1</guid>
<title>Thefts in Mill Lane</title><link>https://police.example/1</link>
<description>Police are looking for 2 men and a dog. In an emergency call 999.</description>
</item></channel></rss>"""
FEED = """
[[feed]]
id = "news"
kind = "rss"
url = "{url}/news.rss"
name = "Example Police"
areas = ["ZX01"]
trusted = true
"""
CONCERN = "Dos hombres venden drogas todas las noches junto al parque."
ANSWER = "We visited the park twice. Thank you for telling us."
IN_SPANISH = "Visitamos el parque dos veces."


@dataclass
class Watched(CollectingChannel):
    """Keeps what arrives as it was drawn."""

    shown: list[Rendered] = field(default_factory=list)

    async def send(self, to: Address, what: Rendered) -> Sent:
        self.shown.append(what)
        return Sent(to, str(len(self.shown)))


@dataclass
class Town:
    """Somebody who reads Spanish, a service with an engine, and all that the engine was asked."""

    resident: Resident
    services: Services
    settings: Settings
    engine: Loopback
    databases: tuple[Database, Database]
    keys: Secrets
    clock: FakeClock
    catalogs: Catalogs

    async def gets(self) -> Rendered:
        """The next message that goes out, after whatever is to be translated was."""
        database, (public, _local) = self.databases[0], self._translators()
        await PostTranslations(database, self.clock, public).make()
        channel = Watched("test")
        planner = Planner(database, self.clock, ("test",))
        drawing = Drawing(self.catalogs, "Thames Valley Police", demo=False)
        keys = ChatKeys(self.keys.chat_keys)
        sender = Sender(database, channel, drawing, keys, self.clock, LONDON, rate=1000)
        while await planner.step():
            pass
        await sender.tick()
        await sender.settle()
        (shown,) = channel.shown
        return shown

    async def mail(self) -> str:
        """What lies in the team's mailbox."""
        folder = self.settings.data_dir / "mail"
        mailer = mailer_from("maildir:mail", self.settings.data_dir, name="police.example")
        forwarder = Forwarder(
            self.databases[1],
            self.keys,
            self.clock,
            self.services.teams,
            self.services.places,
            mailer,
            OurAddress("beat@police.example"),
        )
        assert await forwarder.step()
        (letter,) = [path for path in folder.rglob("new/*") if path.is_file()]
        parsed = email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
        body = parsed.get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")

    async def tells(self, words: str) -> str:
        """Send a concern. Returns its receipt code."""
        await self.resident.says("/concern")
        await self.resident.forges("concern.read")
        await self.resident.says(words)
        await self.resident.forges("concern.ask:review")
        await self.resident.forges("concern.send")
        check = next(b for b in self.resident.buttons if b.choice.startswith("status:"))
        return check.choice.removeprefix("status:")

    async def answers(self, code: str, words: str) -> None:
        mailbox = (await Receipts(self.keys.pepper).open(code)).mailbox_id
        token = ReplyPaths(self.keys.reply_key).reply(mailbox)
        assert await self.services.concerns.reply(token, words, state=ConcernState.WORKING)

    def _translators(self) -> tuple[Translator, Translator]:
        return translators(
            self.settings, self.databases[0], self.clock, SafeFetch(self.settings.outbound_allow)
        )

    async def interprets(self) -> None:
        """Let the service have the engine for concerns, as bot.app does."""
        _public, local = self._translators()
        concerns = Concerns(
            self.databases[1],
            self.keys,
            self.clock,
            self.services.teams,
            self.services.places,
            self.services.posts,
            interpreter=Interpreter(local),
        )
        languages = [self.catalogs.language("es")]  # however far its catalogue has come
        self.services = replace(self.services, concerns=concerns, languages=languages)
        self.resident.dispatcher = new_dispatcher(self.services, self.catalogs)


@pytest.fixture
async def stage(
    resident: Resident,
    services: Services,
    database: Database,
    concerns_database: Database,
    keys: Secrets,
    clock: FakeClock,
    catalogs: Catalogs,
    tmp_path: Path,
) -> AsyncIterator[Town]:
    await resident.says("/follow RG1 1AA")
    await resident.forges("often:1:ZX01")
    await services.teams.add("Force desk", TEAM, OPERATOR)
    async with database.write() as connection:
        await connection.execute(update(subscribers).values(language="es"))
    async with engine() as served:
        settings = Settings(
            _env_file=None,
            data_dir=tmp_path,
            translate_url=served.url,
            outbound_allow=served.allow,
        )  # type: ignore[call-arg]  # mypy knows fields only
        town = Town(
            resident,
            services,
            settings,
            served,
            (database, concerns_database),
            keys,
            clock,
            catalogs,
        )
        await town.interprets()
        yield town


async def test_news_of_a_feed_reaches_a_spanish_reader_in_spanish(
    stage: Town, tmp_path: Path
) -> None:
    async with serving() as source:
        source.answers["/news.rss"] = answer(ITEM.encode())
        (tmp_path / "feeds.toml").write_text(FEED.format(url=source.url))
        settings = stage.settings.model_copy(update={"outbound_allow": source.allow})
        assert (await open_feeds(settings, stage.databases[0], stage.clock).poll()).queued == 1
    stage.clock.set(stage.clock.now().replace(hour=13))

    shown = await stage.gets()

    assert "La policía está buscando 2 hombres y un perro." in shown.plain
    assert "Robos en Mill Lane" in shown.plain
    assert "999" not in "".join(stage.engine.bodies)
    for phrase in (safety.EMERGENCY, safety.MACHINE_LABEL):
        assert stage.catalogs.plain(phrase, "es") in shown.plain
    (original,) = [b for b in shown.buttons if b.choice.startswith("original:")]
    await stage.resident.forges(original.choice)
    stage.resident.reads("Police are looking for 2 men and a dog. In an emergency call 999.")
    stage.resident.reads_nothing_of("La policía")

    await stage.resident.forges("news")
    stage.resident.reads("La policía está buscando")
    await stage.resident.forges("news.written:0")
    stage.resident.reads("Police are looking for 2 men and a dog.")
    stage.resident.reads_nothing_of("La policía")


async def test_a_concern_reaches_the_team_with_a_translation_beside_what_was_written(
    stage: Town,
) -> None:
    await stage.tells(CONCERN)

    letter = await stage.mail()

    assert f"What they wrote:\n\n    {CONCERN}" in letter
    assert "Translated from Spanish by a computer. It may be wrong:" in letter
    assert "    Two men sell drugs all the nights beside the park." in letter


async def test_an_answer_is_read_in_spanish_with_the_officers_words_beneath(stage: Town) -> None:
    code = await stage.tells(CONCERN)
    await stage.answers(code, ANSWER)

    await stage.resident.says(f"/status {code}")

    stage.resident.reads(IN_SPANISH)
    stage.resident.reads(stage.catalogs.plain(safety.MACHINE_LABEL, "es"))
    stage.resident.reads(ANSWER)
    assert stage.resident.screen.index(IN_SPANISH) < stage.resident.screen.index(ANSWER)


async def test_nothing_of_a_concern_is_kept_or_logged_by_what_translates_it(
    stage: Town,
) -> None:
    with capture_logs() as logs:
        code = await stage.tells(CONCERN)
        await stage.answers(code, ANSWER)
        await stage.resident.says(f"/status {code}")

    assert "drogas" in "".join(stage.engine.bodies)
    for trace in ("drogas", "drugs", "parque", "visited"):
        assert trace not in str(logs)
    async with stage.databases[0].read() as connection:
        dump = await connection.exec_driver_sql("SELECT * FROM translation_memory")
        assert dump.all() == []


async def test_nowhere_on_the_disk_is_a_word_of_it_or_of_its_translation(
    stage: Town, tmp_path: Path
) -> None:
    code = await stage.tells(CONCERN)
    await stage.answers(code, ANSWER)
    await stage.resident.says(f"/status {code}")
    stage.resident.reads(IN_SPANISH)

    written = _files(tmp_path)
    traces = (CONCERN, "Two men sell drugs all the nights", ANSWER, IN_SPANISH)
    assert Scanner([Trace(words, words) for words in traces]).search(written) == set()


async def test_with_the_engine_down_all_goes_as_it_was_written(stage: Town) -> None:
    for path in ("/languages", "/translate", "/health"):
        stage.engine.answers[path] = answer(b"", "400 Bad Request")
    with capture_logs() as logs:
        code = await stage.tells(CONCERN)
        await stage.answers(code, ANSWER)
        await stage.resident.says(f"/status {code}")

    stage.resident.reads(ANSWER)
    letter = await stage.mail()
    assert CONCERN in letter
    assert "by a computer" not in letter
    assert "drogas" not in str(logs)


async def test_a_public_engine_never_gets_a_concern(stage: Town) -> None:
    public, local = engines(
        stage.settings.model_copy(update={"translate_url": "https://libretranslate.example"})
    )

    assert public.name == "libretranslate libretranslate.example"
    assert await local.pairs() == frozenset()


async def test_who_writes_spanish_is_told_who_will_read_it(stage: Town) -> None:
    await stage.resident.says("/concern")
    await stage.resident.forges("concern.read")

    for phrase in (safety.OWN_LANGUAGE, safety.NOT_A_REPORT, safety.PRIVACY):
        stage.resident.reads(stage.catalogs.plain(phrase, "es"))

    stage.engine.answers["/languages"] = answer(b"[]")
    await stage.interprets()
    await stage.resident.says("/concern")
    await stage.resident.forges("concern.read")
    stage.resident.reads(stage.catalogs.plain(safety.cannot_read("Español"), "es"))


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
