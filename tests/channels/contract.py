"""What every channel promises, whoever is at the other end.

A channel's test file derives a class from ``ChannelContract`` and gives it a ``reach`` fixture.
"""

from contextlib import suppress
from typing import Protocol

import pytest

from bot.conversation import Address
from bot.errors import InDoubt, Unreachable
from bot.ports import Channel, Rendered, RenderedButton, Span

MIXED = "Café ławka पुलिस 警察 پولیس 👮🏽‍♀️ & <b>not bold</b> "
HOSTILE = (
    "<script>alert(1)</script> &lt;b&gt; </b><i> *_`[x](tg://user?id=1) \\ {name} %s @everyone"
)


class Reach(Protocol):
    """One channel, and the person at its far end."""

    channel: Channel
    address: Address

    def shown(self) -> list[str]:
        """The visible words of each message as the person sees them now."""

    async def unreachable(self) -> Address:
        """The address of a person who has left for good; skips where that cannot happen."""


def words(*paragraphs: str, buttons: tuple[RenderedButton, ...] = ()) -> Rendered:
    return Rendered(tuple((Span(text),) for text in paragraphs), "en_GB", "ltr", buttons)


def squeezed(texts: list[str]) -> str:
    """Everything but white space, which a channel may lose where it parts a long text."""
    return "".join("".join(texts).split())


class ChannelContract:
    async def interrupts(self, *, after: int, times: int) -> None:
        """Refuse so many messages, for the time being, once some have been delivered."""
        pytest.skip("this channel delivers a text as a whole")

    async def test_what_is_sent_arrives(self, reach: Reach) -> None:
        await reach.channel.send(reach.address, words("You now follow Riverside."))
        assert reach.shown() == ["You now follow Riverside."]

    async def test_an_edit_takes_the_reference_of_a_sent_message(self, reach: Reach) -> None:
        sent = await reach.channel.send(reach.address, words("Road closed."))
        await reach.channel.edit(sent, words("Road open again."))
        assert reach.shown() == ["Road open again."]

    async def test_an_edit_that_changes_nothing_is_no_error(self, reach: Reach) -> None:
        sent = await reach.channel.send(reach.address, words("Road closed."))
        await reach.channel.edit(sent, words("Road closed."))
        assert reach.shown() == ["Road closed."]

    async def test_a_sent_message_can_be_taken_back_twice(self, reach: Reach) -> None:
        sent = await reach.channel.send(reach.address, words("A mistake."))
        await reach.channel.delete(sent)
        await reach.channel.delete(sent)
        assert reach.shown() == []

    async def test_someone_who_left_is_unreachable(self, reach: Reach) -> None:
        address = await reach.unreachable()
        with pytest.raises(Unreachable):
            await reach.channel.send(address, words("Hello."))

    async def test_hostile_words_stay_literal(self, reach: Reach) -> None:
        await reach.channel.send(reach.address, words(HOSTILE))
        assert reach.shown() == [HOSTILE]

    async def test_a_very_long_text_arrives_complete_and_in_order(self, reach: Reach) -> None:
        paragraphs = [f"{number} {MIXED * 12}" for number in range(100)]
        assert sum(map(len, paragraphs)) > 60_000
        await reach.channel.send(reach.address, words(*paragraphs))
        assert squeezed(reach.shown()) == squeezed(paragraphs)

    @pytest.mark.parametrize("times", [1, 1000])
    async def test_a_text_of_which_a_part_arrived_never_counts_as_not_sent(
        self, reach: Reach, times: int
    ) -> None:
        await self.interrupts(after=1, times=times)
        with suppress(InDoubt):
            await reach.channel.send(reach.address, words(MIXED * 200))
            assert squeezed(reach.shown()) == squeezed([MIXED * 200])
        assert reach.shown()

    async def test_one_endless_run_arrives_with_its_isolates_closed(self, reach: Reach) -> None:
        endless = Rendered(((Span(MIXED * 1200, isolate="auto"),),), "ur", "rtl")
        await reach.channel.send(reach.address, endless)
        for text in reach.shown():
            assert text.count("\u2068") == text.count("\u2069")
        plain = [text.replace("\u2068", "").replace("\u2069", "") for text in reach.shown()]
        assert squeezed(plain) == squeezed([MIXED * 1200])

    async def test_a_long_message_can_be_edited_and_taken_back_as_a_whole(
        self, reach: Reach
    ) -> None:
        sent = await reach.channel.send(reach.address, words(MIXED * 200))
        await reach.channel.edit(sent, words("Short now."))
        assert reach.shown() == ["Short now."]
        await reach.channel.delete(sent)
        assert reach.shown() == []
