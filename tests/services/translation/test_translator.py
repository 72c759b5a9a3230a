"""Words go through an engine block by block, and any fault on the way gives no translation."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.errors import FeedError
from bot.ports import Markup
from bot.services.translation.verification import Unfit
from tests.conftest import FakeClock
from tests.services.translation.engine import PlayedEngine, translator_over

SECRET = "Quokkas gallivant behind the weir tonight."


async def test_each_line_is_a_block_and_stays_a_line(clock: FakeClock) -> None:
    engine = PlayedEngine()

    made = await translator_over(engine, clock).translate(
        ["cars were hit\n\n- lock yours\n- be aware"], "en_GB", "es", seconds=5
    )

    assert made == ["srac erew tih\n\n- kcol sruoy\n- eb erawa"]
    assert [segment for segment, *_ in engine.asked] == [
        "- be aware",
        "- lock yours",
        "cars were hit",
    ]


async def test_what_is_to_be_kept_is_not_given_to_the_engine(clock: FakeClock) -> None:
    engine = PlayedEngine()

    made = await translator_over(engine, clock).translate(
        ["cars in Mill Lane were hit. see https://example.org/a."], "en_GB", "es", seconds=5
    )

    assert engine.words == "cars in ⟦0⟧ were hit. see ⟦1⟧."
    assert made == ["srac ni Mill Lane erew hit. ees https://example.org/a."]


async def test_nothing_but_names_and_numbers_needs_no_engine(clock: FakeClock) -> None:
    engine = PlayedEngine(markup="html")
    texts = ["Mill Lane, RG1 1AF: 5pm", "", "12 / 13"]

    assert await translator_over(engine, clock).translate(texts, "en_GB", "es", seconds=5) == texts
    assert engine.asked == []


@pytest.mark.parametrize("markup", ["text", "html"])
async def test_controls_and_tags_of_an_engine_never_reach_anybody(
    clock: FakeClock, markup: Markup
) -> None:
    hidden = PlayedEngine(lambda words: f"\u202e{words[::-1]}\u200b\x00", markup)
    tagged = PlayedEngine(lambda words: f"<b>{words[::-1]}</b>", "html")

    made = await translator_over(hidden, clock).translate(["be aware"], "en_GB", "es", seconds=5)

    assert made == ["erawa eb"]
    with pytest.raises(Unfit):
        await translator_over(tagged, clock).translate(["be aware"], "en_GB", "es", seconds=5)


async def test_what_is_refused_is_logged_without_a_word_of_it(clock: FakeClock) -> None:
    engine = PlayedEngine(lambda words: words)

    with capture_logs() as logs, pytest.raises(Unfit):
        await translator_over(engine, clock).translate([SECRET], "es", "en_GB", seconds=5)

    assert logs == [
        {
            "event": "translation_refused",
            "language": "en_GB",
            "log_level": "info",
            "reason": "it is not translated",
        }
    ]


async def test_an_engine_that_failed_is_left_alone_for_a_while(clock: FakeClock) -> None:
    engine = PlayedEngine(down="it is out")
    translator = translator_over(engine, clock)

    with capture_logs() as logs:
        assert not await translator.can("en_GB", "es")
        assert not await translator.can("en_GB", "es")
    assert engine.visits == 1
    assert translator.problem == "it is out"
    assert [each["event"] for each in logs] == ["translation_fails"]

    engine.down = ""
    clock.set(clock.now() + timedelta(minutes=2))
    assert await translator.can("en_GB", "es")


async def test_an_engine_that_hangs_is_not_waited_for(clock: FakeClock) -> None:
    class Hanging(PlayedEngine):
        async def translate(
            self, segments: Sequence[str], source: str, target: str, markup: Markup
        ) -> list[str]:
            await asyncio.Event().wait()
            raise AssertionError("nothing wakes it")

    translator = translator_over(Hanging(), clock)

    with pytest.raises(FeedError, match=r"over 0\.01 seconds"):
        await translator.translate(["be aware"], "en_GB", "es", seconds=0.01)


async def test_an_engine_that_never_says_what_it_has_is_not_waited_for(clock: FakeClock) -> None:
    class Mute(PlayedEngine):
        async def pairs(self) -> frozenset[tuple[str, str]]:
            await asyncio.Event().wait()
            raise AssertionError("nothing wakes it")

    translator = translator_over(Mute(), clock)

    assert await translator.pairs(seconds=0.01) == frozenset()
    assert translator.problem == "the engine took over 0.01 seconds"
    assert not await translator.can("en_GB", "es")
