"""Whatever anybody sends: every message is answered, nothing is logged, nobody is stuck."""

import gc
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.catalogs import Catalogs
from bot.dispatcher import Dispatcher
from handlers import router
from tests.both_channels import (
    TelegramResident,
    WebResident,
    nothing_logged,
    on_telegram,
    on_web,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SOME, MANY = 150, 5_000  # of each channel
GENERATED = settings(
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# Words that mean something here, between words that mean nothing anywhere.
TELLING = st.sampled_from(
    ["RG1 1AA", "hillside", "Riverside", "1", "2", "skip", "yes", "22:00", "stop", "Polski", "0"]
)
WILD = st.text(st.characters(categories=None, min_codepoint=0), min_size=1, max_size=300)
TURNED = st.text("\u202e\u202d\u2066\u2069\u200f\u200b\ufeff\0\x1b\n\t<>&\"'{}%a1 ", min_size=1)
HUGE = st.builds(lambda words: (words * 100_000)[:100_000], WILD)
NAMES = st.sampled_from(sorted(router().commands)) | st.text(min_size=1, max_size=20)
COMMANDS = st.builds("/{} {}".format, NAMES, TELLING | WILD | st.just(""))
ROUTES = st.sampled_from(sorted(router().choices)) | WILD
ARGUMENTS = st.sampled_from(["ZX01", "ZX02", "pl", "en_GB", "0", "-1", "9" * 40, ""]) | WILD
CHOICES = st.builds(":".join, st.tuples(ROUTES, ARGUMENTS, ARGUMENTS)) | st.builds(
    ":".join, st.tuples(ROUTES, ARGUMENTS)
)
DEGREES = st.floats(width=64) | st.sampled_from([51.45, -0.95, 90.0, 180.0, 1e308, -0.0])
KINDS = st.sampled_from(
    "photo video video_note animation voice audio document sticker contact dice".split()  # noqa: SIM905  # reads best as words
)


@dataclass(frozen=True)
class Says:
    words: str


@dataclass(frozen=True)
class Forges:
    choice: str


@dataclass(frozen=True)
class Shares:
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Sends:
    kind: str
    caption: str


@dataclass(frozen=True)
class Edits:
    words: str


WORDS = st.one_of(TELLING, WILD, TURNED, COMMANDS, HUGE)
ANYWHERE = st.one_of(
    st.builds(Says, WORDS), st.builds(Forges, CHOICES), st.builds(Shares, DEGREES, DEGREES)
)
ON_TELEGRAM = st.one_of(
    ANYWHERE, st.builds(Sends, KINDS, st.just("") | WORDS), st.builds(Edits, WORDS)
)
ON_WEB = ANYWHERE


@pytest.fixture
async def visitor(dispatcher: Dispatcher, catalogs: Catalogs) -> AsyncIterator[WebResident]:
    """Someone at the web chat who, after all that happened, can still start and follow."""
    with nothing_logged():
        async with on_web(dispatcher, catalogs) as resident:
            yield resident
            await still_served(resident)
            assert resident.stage.failures == []


@pytest.fixture
async def user(dispatcher: Dispatcher, catalogs: Catalogs) -> AsyncIterator[TelegramResident]:
    """The same on Telegram."""
    with nothing_logged():
        async with on_telegram(dispatcher, catalogs) as resident:
            yield resident
            await still_served(resident)


async def still_served(resident: WebResident | TelegramResident) -> None:
    await resident.forges("language.set:en_GB")
    await resident.says("/start")
    resident.reads("call 999")
    await resident.says("/follow RG1 1AA")
    resident.reads("You now follow Riverside.")


async def taken_by_web(resident: WebResident, act: object) -> None:
    """Answered in the chat; or refused by a page in words where it is too long or no point."""
    await does(resident, act)
    resident.reads_nothing_of("went wrong")
    if resident.status == 303:
        blank = isinstance(act, Says) and not act.words.strip()
        assert blank or (resident.screen and resident.buttons)
    else:
        assert resident.status in {400, 413}
        assert not isinstance(act, Says) or len(act.words) > 4_000


async def taken_by_telegram(resident: TelegramResident, act: object) -> None:
    await does(resident, act)
    resident.reads_nothing_of("went wrong")
    assert resident.screen
    assert resident.buttons
    del resident.server.calls[:-20]
    del resident.person.chat.messages[:-5]


async def does(resident: WebResident | TelegramResident, act: object) -> None:
    match act, resident:
        case Says(words), _:
            await resident.says(words)
        case Forges(choice), _:
            await resident.forges(choice)
        case Shares(latitude, longitude), _:
            await resident.shares(latitude, longitude)
        case Sends(kind, caption), TelegramResident():
            await resident.sends(kind, caption)
        case Edits(words), TelegramResident():
            await resident.edits(1, words)
        case _:
            raise AssertionError(f"nobody can do this: {act}")


@given(act=ON_WEB)
@settings(GENERATED, max_examples=SOME)
async def test_whatever_is_sent_to_the_web_chat_is_answered(
    visitor: WebResident, act: object
) -> None:
    await taken_by_web(visitor, act)


@given(act=ON_TELEGRAM)
@settings(GENERATED, max_examples=SOME)
async def test_whatever_is_sent_on_telegram_is_answered(
    user: TelegramResident, act: object
) -> None:
    await taken_by_telegram(user, act)


@pytest.mark.slow
@given(act=ON_WEB)
@settings(GENERATED, max_examples=MANY)
async def test_thousands_of_messages_to_the_web_chat_are_answered(
    visitor: WebResident, act: object
) -> None:
    await taken_by_web(visitor, act)


@pytest.mark.slow
@given(act=ON_TELEGRAM)
@settings(GENERATED, max_examples=MANY)
async def test_thousands_of_messages_on_telegram_are_answered(
    user: TelegramResident, act: object
) -> None:
    await taken_by_telegram(user, act)


# What may stay in memory, all of it bounded: 10,000 update ids (bot/dispatcher.py), 200 lines of
# a thread (channels/webchat.py), SQLAlchemy's compiled statements, the log of the fake Bot API.
KEPT_BYTES = 3_000_000
ROUNDS, WARM_UP = 400, 100


@pytest.mark.slow
async def test_long_talks_on_telegram_leave_nothing_in_memory(user: TelegramResident) -> None:
    async def say(number: int) -> None:
        await taken_by_telegram(user, Says(f"{number} " * 20_000))

    for number in range(WARM_UP):
        await say(number)
    with_memory = Memory()
    for number in range(ROUNDS):
        await say(number)
    assert with_memory.grown() < KEPT_BYTES


@pytest.mark.slow
async def test_visitors_of_the_web_chat_are_forgotten_by_and_by(visitor: WebResident) -> None:
    stage = visitor.stage

    async def visit(number: int) -> None:
        async with stage.client() as client:
            someone = WebResident(stage=stage, client=client)
            await someone.opens()
            for _message in range(3):
                await someone.says(f"{number} " * 700)
        if number % 50 == 0:
            stage.clock.set(stage.clock.now() + timedelta(hours=13))

    for number in range(WARM_UP + 1):
        await visit(number)
    with_memory = Memory()
    for number in range(WARM_UP + 1, WARM_UP + ROUNDS + 1):
        await visit(number)
    await visitor.opens()
    assert with_memory.grown() < KEPT_BYTES


class Memory:
    """What the process holds now, to be compared with what it holds later."""

    def __init__(self) -> None:
        tracemalloc.start()
        gc.collect()
        self._before = tracemalloc.get_traced_memory()[0]

    def grown(self) -> int:
        """How many bytes allocated since are still held."""
        gc.collect()
        now = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        print(f"{(now - self._before) / 1e6:.2f} MB are held of what was said since")  # noqa: T201  # the figure the test is about
        return now - self._before
