"""Released posts are put into the languages of their followers; nothing ever waits for it."""

from datetime import timedelta

import pytest
import pytest_asyncio

from bot.catalogs import Catalogs
from bot.errors import OperatorError
from bot.model import Kind, Level, Post, Variant
from bot.services.translation.memory import DatabaseMemory, memory_key
from bot.services.translation.posts import PostTranslations
from bot.store.database import Database
from tests.conftest import FakeClock
from tests.delivery.stage import STAFF, Stage, set_stage
from tests.services.translation.engine import PlayedEngine, translator_over

LABEL = "Translated by a computer. It may be wrong."
EMERGENCY = "If you or someone else is in danger now"


@pytest_asyncio.fixture
async def stage(database: Database, clock: FakeClock, catalogs: Catalogs) -> Stage:
    return await set_stage(database, clock, catalogs)


@pytest.fixture
def engine() -> PlayedEngine:
    return PlayedEngine(markup="html")


@pytest.fixture
def made(stage: Stage, engine: PlayedEngine) -> PostTranslations:
    memory = DatabaseMemory(stage.database, stage.clock, engine)
    translator = translator_over(engine, stage.clock, memory)
    return PostTranslations(stage.database, stage.clock, translator)


async def words_of(stage: Stage, post: Post, language: str = "es") -> Variant:
    return (await stage.posts.show(post.code)).words(language)


async def test_a_reader_gets_it_labelled_and_another_as_it_was_written(
    stage: Stage, made: PostTranslations
) -> None:
    await stage.follower("ana", language="es")
    await stage.follower("bob")
    await stage.release("cars were hit", title="take care")

    await made.make()
    await stage.work()

    (ana,), (bob,) = stage.channel.got("ana"), stage.channel.got("bob")
    assert "ekat erac" in ana
    assert "srac erew tih" in ana
    assert LABEL in ana
    assert "cars were hit" in bob
    assert LABEL not in bob


async def test_what_is_not_there_in_time_goes_out_as_it_was_written_and_comes_with_the_next(
    stage: Stage, made: PostTranslations
) -> None:
    await stage.follower("ana", language="es")
    await stage.follower("eva", language="es", frequency=2)
    post = await stage.release("cars were hit")

    await stage.work()
    await made.make()
    stage.later(days=1)
    await stage.work()

    assert "cars were hit" in stage.channel.got("ana")[0]
    assert "srac erew tih" in stage.channel.got("eva")[0]
    assert (await words_of(stage, post)).by_machine


async def test_an_engine_that_is_out_loses_and_delays_nothing(
    stage: Stage, made: PostTranslations, engine: PlayedEngine
) -> None:
    engine.down = "it is out"
    await stage.follower("ana", language="es")
    await stage.release("cars were hit")

    await made.make()
    await stage.work()

    assert "cars were hit" in stage.channel.got("ana")[0]


async def test_emergency_wording_is_never_given_away_and_our_own_phrase_stands_for_it(
    stage: Stage, made: PostTranslations, engine: PlayedEngine
) -> None:
    await stage.follower("ana", language="es")
    await stage.release("cars were hit. In an emergency call 999.")

    await made.make()
    await stage.work()

    assert "999" not in engine.words
    assert EMERGENCY in stage.channel.got("ana")[0]


@pytest.mark.parametrize("hidden", ["\x00", "\ud800", "\u202e"])
async def test_what_no_database_takes_from_an_engine_holds_nothing_up(
    stage: Stage, made: PostTranslations, engine: PlayedEngine, hidden: str
) -> None:
    engine.says = lambda words: f"{words[::-1]}{hidden}"
    await stage.follower("ana", language="es")
    post = await stage.release("cars were hit")

    await made.make()

    assert (await words_of(stage, post)).body == "tih erew srac"


@pytest.mark.parametrize("kind", [Kind.ALERT, Kind.ADVICE, Kind.NUMBERS])
async def test_alerts_and_what_people_wrote_in_every_language_never_go_through_an_engine(
    stage: Stage, made: PostTranslations, engine: PlayedEngine, kind: Kind
) -> None:
    await stage.follower("ana", language="es")
    level = Level.URGENT if kind is Kind.ALERT else Level.ROUTINE
    await stage.release("the river rises", kind=kind, level=level)

    await made.make()

    assert engine.asked == []


async def test_what_was_cancelled_is_not_given_away_any_more(
    stage: Stage, made: PostTranslations, engine: PlayedEngine
) -> None:
    await stage.follower("ana", language="es")
    post = await stage.release("cars were hit", send_at=stage.clock.now() + timedelta(hours=1))
    await stage.posts.cancel(post.code, STAFF)

    await made.make()

    assert engine.asked == []


async def test_a_language_that_people_wrote_it_in_needs_no_computer(
    stage: Stage, made: PostTranslations, engine: PlayedEngine
) -> None:
    await stage.follower("ana", language="es")
    spanish = Variant("es", "", "Golpearon coches.")
    post = await stage.release("cars were hit", translations=[spanish])

    await made.make()

    assert engine.asked == []
    assert (await words_of(stage, post)).body == "Golpearon coches."


async def test_what_fails_a_check_is_not_asked_for_again(
    stage: Stage, made: PostTranslations, engine: PlayedEngine
) -> None:
    engine.says = lambda words: words
    await stage.follower("ana", language="es")
    post = await stage.release("three cars were hit")

    await made.make()
    await made.make()

    assert len(engine.asked) == 1
    assert (await words_of(stage, post)).language == "en_GB"


async def test_the_same_words_are_asked_for_once(
    stage: Stage, made: PostTranslations, engine: PlayedEngine
) -> None:
    await stage.follower("ana", language="es")
    await stage.release("cars were hit\nlock yours")
    await made.make()

    post = await stage.release("lock yours\ncars were hit")
    await made.make()

    assert len(engine.asked) == 2
    assert (await words_of(stage, post)).body == "kcol sruoy\nsrac erew tih"


def test_another_engine_or_language_is_another_memory() -> None:
    keys = {
        memory_key("a", "en_GB", "es", "html", "one"),
        memory_key("a", "en_GB", "es", "html", "two"),
        memory_key("a", "en_GB", "pl", "html", "one"),
        memory_key("a", "en_GB", "es", "text", "one"),
        memory_key("b", "en_GB", "es", "html", "one"),
    }
    assert len(keys) == 5
    assert memory_key("\u00e9", "a", "b", "text", "") == memory_key("e\u0301", "a", "b", "text", "")


async def test_what_is_not_used_for_long_is_forgotten(
    stage: Stage, made: PostTranslations, engine: PlayedEngine
) -> None:
    await stage.follower("ana", language="es")
    await stage.release("cars were hit")
    await made.make()

    stage.later(days=100)
    await made.purge()
    await stage.release("cars were hit")
    await made.make()

    assert len(engine.asked) == 2


async def test_a_persons_words_take_the_place_of_a_computers_and_stay(
    stage: Stage, made: PostTranslations, engine: PlayedEngine
) -> None:
    await stage.follower("ana", language="es")
    await stage.follower("eva", language="es", frequency=2)
    post = await stage.release("cars were hit")
    await made.make()
    await stage.work()

    await made.correct(post.code, "es", "Golpearon coches.", STAFF)
    engine.name = "another"
    await made.make()
    stage.later(days=1)
    await stage.work()

    assert "srac erew tih" in stage.channel.got("ana")[0]
    (eva,) = stage.channel.got("eva")
    assert "Golpearon coches." in eva
    assert LABEL not in eva


async def test_a_persons_words_are_used_at_once_when_the_same_is_posted_again(
    stage: Stage, made: PostTranslations, engine: PlayedEngine
) -> None:
    await stage.follower("ana", language="es")
    first = await stage.release("cars were hit")
    await made.correct(first.code, "es", "Golpearon coches.", STAFF)

    post = await stage.release("cars were hit")
    await made.make()

    assert (await words_of(stage, post)).body == "Golpearon coches."
    assert engine.asked == []


async def test_approved_words_are_corrected_as_a_post_is_and_drafts_are_not_translated(
    stage: Stage, made: PostTranslations
) -> None:
    spanish = Variant("es", "", "Golpearon coches.")
    post = await stage.release("cars were hit", translations=[spanish])

    with pytest.raises(OperatorError, match="correct the post"):
        await made.correct(post.code, "es", "Robaron coches.", STAFF)
    with pytest.raises(OperatorError, match="there is no post"):
        await made.correct("P-222222", "es", "Robaron coches.", STAFF)
    with pytest.raises(OperatorError, match="empty"):
        await made.correct(post.code, "pl", " ", STAFF)


async def test_a_digest_says_which_of_its_news_a_computer_translated(
    stage: Stage, made: PostTranslations
) -> None:
    await stage.follower("ana", language="es", frequency=2)
    await stage.release("cars were hit")
    await stage.release("vans were hit. In an emergency call 999.", title="three")
    await made.make()

    stage.later(days=1)
    await stage.work()

    (digest,) = stage.channel.got("ana")
    assert digest.count(LABEL) == 2
    assert EMERGENCY in digest
