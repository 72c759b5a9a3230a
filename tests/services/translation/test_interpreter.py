"""What passes between a resident and their team is translated here or not at all."""

from structlog.testing import capture_logs

from bot.services.translation.interpreter import Interpreter
from tests.conftest import FakeClock
from tests.services.translation.engine import PlayedEngine, translator_over

WORDS = "Quokkas gallivant behind the weir tonight."


async def test_each_text_is_translated_or_not_by_itself(clock: FakeClock) -> None:
    engine = PlayedEngine(lambda words: words if "weir" in words else words[::-1])
    interpreter = Interpreter(translator_over(engine, clock))

    made = await interpreter.into_english([WORDS, "over there", "", "Mill Lane"], "es")

    assert made == [None, "ereht revo", None, None]


async def test_an_officers_words_on_an_emergency_are_never_translated(clock: FakeClock) -> None:
    engine = PlayedEngine()
    interpreter = Interpreter(translator_over(engine, clock))

    made = await interpreter.out_of_english(["thank you. If he comes back, call 999."], "es")

    assert made == ["knaht you."]
    assert "999" not in engine.words


async def test_without_the_pair_or_an_engine_that_answers_the_original_stands_alone(
    clock: FakeClock,
) -> None:
    lacking = Interpreter(translator_over(PlayedEngine(have=frozenset()), clock))
    down = Interpreter(translator_over(PlayedEngine(down="it is out"), clock))

    with capture_logs() as logs:
        for interpreter in (lacking, down):
            assert not await interpreter.reads("es")
            assert await interpreter.into_english([WORDS, ""], "es") == [None, None]
            assert await interpreter.out_of_english([WORDS], "es") == [None]

    assert "weir" not in str(logs)


async def test_a_fault_of_ours_costs_nobody_their_words(clock: FakeClock) -> None:
    def broken(words: str) -> str:
        raise RuntimeError(words)

    interpreter = Interpreter(translator_over(PlayedEngine(broken), clock))

    with capture_logs() as logs:
        assert await interpreter.into_english([WORDS], "es") == [None]

    assert logs == [{"event": "translation_failed", "error": "RuntimeError", "log_level": "error"}]
