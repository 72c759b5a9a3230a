"""The web chat keeps the contract of every channel, and forgets what it should."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.conversation import Address, Answer, Button, Message, Reply
from bot.errors import Rejected, TryLater
from bot.model import Point
from bot.ports import Rendered, RenderedButton
from bot.text import Text, _
from channels import webchat
from channels.webchat import MAX_LETTERS, MAX_LINES, WebChat
from tests.channels.contract import ChannelContract, words
from tests.channels.telegram_stage import FewWords
from tests.conftest import FakeClock

SOMEONE = Address("web", "someone")
ANOTHER = Address("web", "another")


class _Bot:
    """Answers everything, and can be held up in the middle of an answer."""

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, message: Message) -> Answer:
        self.heard.append(message)
        await self.gate.wait()
        match message:
            case Message(text="/start"):
                reply = Reply(_("Welcome"), (Button(_("English"), "language:en_GB"),))
            case Message(text="list"):
                reply = Reply(_("Page one"), (Button(_("More"), "page:2"),))
            case Message(text="where"):
                reply = Reply(_("What is your postcode?"), asks_where=True)
            case Message(choice="page:2"):
                reply = Reply(_("Page two"), (Button(_("Back"), "page:1"),), replace=True)
            case _:
                reply = Reply(Text(f"Answer {len(self.heard)}"))
        return Answer((reply,), "en_GB")


class _Stored:
    """The last answers as the database keeps them; clearing one can take long, or fail."""

    def __init__(self, *answers: Answer) -> None:
        self.last = dict.fromkeys((SOMEONE,), *answers) if answers else {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.failures = 0

    async def recall(self, address: Address) -> Answer | None:
        return self.last.get(address)

    async def hush(self, address: Address) -> None:
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise OSError("the database is away")
        self.last.pop(address, None)


ASKED = Answer((Reply(_("What is your postcode?")),), "pl")


class _Known(_Stored):
    """An answer for everybody, also after a chat was cleared."""

    async def recall(self, address: Address) -> Answer | None:
        return ASKED


async def _open(*addresses: Address, clock: FakeClock | None = None) -> WebChat:
    """A web chat with a page of each of these, on which nothing is left to read."""
    chat = _channel(clock, _Known())
    for address in addresses:
        await chat.thread(address)
        await chat.leave(address)
    return chat


def _channel(clock: FakeClock | None = None, stored: _Stored | None = None) -> WebChat:
    stored = stored or _Stored()
    return WebChat(FewWords(), clock or FakeClock(), stored.recall, stored.hush)


@asynccontextmanager
async def _running(chat: WebChat, bot: _Bot) -> AsyncIterator[None]:
    receiving = asyncio.create_task(chat.run(bot))
    await asyncio.sleep(0)
    try:
        yield
    finally:
        receiving.cancel()
        with suppress(asyncio.CancelledError):
            await receiving


async def _shown(chat: WebChat, address: Address = SOMEONE) -> list[str]:
    thread = await chat.thread(address)
    lines = thread.lines if thread else []
    return [line.said if isinstance(line.said, str) else line.said.plain for line in lines]


class _WebReach:
    def __init__(self, chat: WebChat) -> None:
        self.channel = self._chat = chat
        self.address = SOMEONE

    def shown(self) -> list[str]:
        thread = self._chat._threads.get(SOMEONE)
        lines = thread.lines if thread else []
        return [line.said.plain for line in lines if isinstance(line.said, Rendered)]

    async def unreachable(self) -> Address:
        pytest.skip("nobody leaves the web chat for good: a page may always be opened again")


class TestWebChat(ChannelContract):
    @pytest_asyncio.fixture
    async def reach(self) -> _WebReach:
        return _WebReach(await _open(SOMEONE))


async def test_what_is_sent_to_a_page_that_is_not_open_waits_for_the_next_visit() -> None:
    chat = _channel()
    sent = await chat.send(SOMEONE, words("Road closed."))
    assert sent.reference == ""
    assert await chat.thread(SOMEONE) is None  # until its recall knows of the delivery


async def test_a_first_message_is_heard_after_the_welcome_that_its_page_showed() -> None:
    chat, bot = _channel(), _Bot()
    async with _running(chat, bot):
        await chat.post(SOMEONE, text="RG1 1AA", update="1")
    assert [message.text for message in bot.heard] == ["/start", "RG1 1AA"]
    assert await _shown(chat) == ["Welcome", "RG1 1AA", "Answer 2"]


async def test_the_same_update_is_heard_once() -> None:
    chat, bot = _channel(), _Bot()
    async with _running(chat, bot):
        first = await chat.post(SOMEONE, text="hello", update="1")
        again = await chat.post(SOMEONE, text="hello", update="1")
    assert again == first
    assert await _shown(chat) == ["Welcome", "hello", "Answer 2"]


async def test_two_tabs_of_one_person_are_heard_one_after_the_other() -> None:
    chat, bot = _channel(), _Bot()
    async with _running(chat, bot):
        await chat.post(SOMEONE, text="hello", update="1")
        bot.gate.clear()
        posts = [asyncio.create_task(chat.post(SOMEONE, text=text, update=text)) for text in "ab"]
        for _turn in range(5):
            await asyncio.sleep(0)
        assert [message.text for message in bot.heard[2:]] == ["a"]
        bot.gate.set()
        await asyncio.gather(*posts)
    assert (await _shown(chat))[3:] == ["a", "Answer 3", "b", "Answer 4"]


async def test_a_press_is_shown_by_its_label() -> None:
    chat, bot = _channel(), _Bot()
    async with _running(chat, bot):
        await chat.post(SOMEONE, choice="language:en_GB", update="1")
    assert await _shown(chat) == ["Welcome", "English", "Answer 2"]


async def test_a_command_of_the_menu_is_shown_by_its_line_there() -> None:
    chat, bot = _channel(), _Bot()
    async with _running(chat, bot):
        await chat.post(SOMEONE, text="/places", shown=_("See the areas"), update="1")
    assert bot.heard[-1].text == "/places"
    assert await _shown(chat) == ["See the areas", "Answer 1"]


async def test_a_made_up_choice_is_not_shown_as_words() -> None:
    chat, bot = _channel(), _Bot()
    async with _running(chat, bot):
        await chat.post(SOMEONE, choice="<script>", update="1")
    assert await _shown(chat) == ["Welcome", "Answer 2"]


async def test_a_press_that_turns_a_page_moves_the_page_below_the_press() -> None:
    chat, bot = _channel(), _Bot()
    async with _running(chat, bot):
        await chat.post(SOMEONE, text="list", update="1")
        await chat.post(SOMEONE, choice="page:2", update="2")
    assert await _shown(chat) == ["Welcome", "list", "More", "Page two"]


async def test_only_the_buttons_since_the_person_last_spoke_are_open() -> None:
    chat, bot = _channel(), _Bot()
    async with _running(chat, bot):
        await chat.post(SOMEONE, text="list", update="1")
    await chat.send(SOMEONE, words("Road closed.", buttons=(RenderedButton("Stop", "stop"),)))
    thread = await chat.thread(SOMEONE)
    assert thread is not None
    assert [button.label for button in thread.buttons] == ["More", "Stop"]


async def test_marks_that_turn_words_around_are_taken_out() -> None:
    chat, bot = _channel(), _Bot()
    async with _running(chat, bot):
        await chat.post(SOMEONE, text="a\u202eb\u0000c\u2066d", update="1")
    assert (await _shown(chat))[1] == "abcd"
    assert bot.heard[-1].text == "abcd"


async def test_a_failed_answer_leaves_nothing_half_said_and_can_be_tried_again() -> None:
    chat, bot = _channel(), _Bot()
    async with _running(chat, bot):
        await chat.post(SOMEONE, text="hello", update="1")
        bot.gate.clear()
        post = asyncio.create_task(chat.post(SOMEONE, text="cut off", update="2"))
        for _turn in range(5):
            await asyncio.sleep(0)
        post.cancel()
        with pytest.raises(asyncio.CancelledError):
            await post
        assert await _shown(chat) == ["Welcome", "hello", "Answer 2"]
        bot.gate.set()
        await chat.post(SOMEONE, text="cut off", update="2")
    assert (await _shown(chat))[3:] == ["cut off", "Answer 4"]


async def test_stopping_finishes_what_is_in_hand_and_takes_nothing_new_in() -> None:
    chat, bot = _channel(), _Bot()
    bot.gate.clear()
    receiving = asyncio.create_task(chat.run(bot))
    await asyncio.sleep(0)
    problems = [chat.problem]
    post = asyncio.create_task(chat.post(SOMEONE, text="hello", update="1"))
    await asyncio.sleep(0)
    receiving.cancel()
    await asyncio.sleep(0)
    problems.append(chat.problem)
    assert problems == [None, "The web chat is not receiving messages."]
    with pytest.raises(TryLater):
        await chat.post(ANOTHER, text="too late", update="2")
    assert not receiving.done()
    bot.gate.set()
    assert await post is not None
    with pytest.raises(asyncio.CancelledError):
        await receiving


async def test_after_a_restart_the_last_answer_is_shown_again() -> None:
    chat = _channel(stored=_Stored(ASKED))
    thread = await chat.thread(SOMEONE)
    assert thread is not None
    assert thread.shortened
    assert thread.language == "pl"
    assert await _shown(chat) == ["What is your postcode? (pl)"]


@pytest.mark.parametrize("opened", [True, False], ids=["page open", "page of an earlier run"])
async def test_whoever_left_sees_the_welcome_again_and_not_the_last_answer(opened: bool) -> None:
    stored = _Stored(ASKED)
    chat = _channel(stored=stored)
    if opened:
        await chat.thread(SOMEONE)
    await chat.leave(SOMEONE)
    assert await _shown(chat) == []
    assert await _shown(_channel(stored=stored)) == []


async def test_whoever_left_is_shown_nothing_after_hours_or_when_others_took_their_place(
    clock: FakeClock,
) -> None:
    for others in (1, webchat.MAX_THREADS):
        stored = _Stored(ASKED)
        stored.last |= {Address("web", str(number)): ASKED for number in range(others)}
        chat = _channel(clock, stored)
        await chat.thread(SOMEONE)
        await chat.leave(SOMEONE)
        if others == 1:
            clock.set(clock.now() + webchat.IDLE + timedelta(seconds=1))
        for number in range(others):
            await chat.thread(Address("web", str(number)))
        assert await chat.thread(SOMEONE) is None


async def test_leaving_does_not_wait_for_a_slow_database_but_stopping_does() -> None:
    stored, bot = _Stored(ASKED), _Bot()
    chat = _channel(stored=stored)
    stored.gate.clear()
    async with _running(chat, bot):
        await chat.thread(SOMEONE)
        async with asyncio.timeout(1):
            await chat.leave(SOMEONE)
        assert await _shown(chat) == []
        assert stored.last
        asyncio.get_running_loop().call_later(0.01, stored.gate.set)
    assert not stored.last


async def test_leaving_is_tried_again_when_the_database_is_away() -> None:
    stored = _Stored(ASKED)
    stored.failures = 1
    chat = _channel(stored=stored)
    async with _running(chat, _Bot()):
        await chat.leave(SOMEONE)
    assert not stored.last


async def test_leaving_clears_the_answer_that_was_still_in_the_making() -> None:
    stored, bot = _Stored(), _Bot()
    chat = _channel(stored=stored)

    async def answer(message: Message) -> Answer:
        stored.last[message.address] = answer = await bot(message)
        return answer

    receiving = asyncio.create_task(chat.run(answer))
    await asyncio.sleep(0)
    await chat.post(SOMEONE, text="hello", update="1")
    bot.gate.clear()
    post = asyncio.create_task(chat.post(SOMEONE, text="help me", update="2"))
    await asyncio.sleep(0)
    leaving = asyncio.create_task(chat.leave(SOMEONE))
    await asyncio.sleep(0)
    bot.gate.set()
    await asyncio.gather(post, leaving)
    assert await _shown(chat) == []
    assert not stored.last
    receiving.cancel()
    await asyncio.wait([receiving])


async def test_a_message_gone_from_the_page_cannot_be_edited() -> None:
    chat = await _open(SOMEONE)
    sent = await chat.send(SOMEONE, words("Road closed."))
    await chat.leave(SOMEONE)
    with pytest.raises(Rejected):
        await chat.edit(sent, words("Road open."))


async def test_an_open_page_learns_of_every_change() -> None:
    chat = await _open(SOMEONE)
    await chat.send(SOMEONE, words("one"))
    thread = await chat.thread(SOMEONE)
    assert thread is not None
    change = asyncio.create_task(chat.change(SOMEONE, thread.version))
    await asyncio.sleep(0)
    assert not change.done()
    await chat.send(SOMEONE, words("two"))
    assert await change == thread.version
    change = asyncio.create_task(chat.change(SOMEONE, thread.version))
    await asyncio.sleep(0)
    await chat.leave(SOMEONE)
    assert await change != thread.version


async def test_a_long_thread_loses_its_oldest_lines_and_says_so() -> None:
    chat = await _open(SOMEONE)
    for number in range(MAX_LINES + 5):
        await chat.send(SOMEONE, words(f"message {number}"))
    thread = await chat.thread(SOMEONE)
    assert thread is not None
    assert thread.shortened
    assert (await _shown(chat))[0] == "message 5"
    assert len(thread.lines) == MAX_LINES


async def test_long_messages_are_kept_within_the_letters_of_one_thread() -> None:
    chat = await _open(SOMEONE)
    for _number in range(5):
        await chat.send(SOMEONE, words("x" * (MAX_LETTERS // 3)))
    assert sum(map(len, await _shown(chat))) <= MAX_LETTERS


async def test_an_idle_thread_is_forgotten(clock: FakeClock) -> None:
    chat = await _open(SOMEONE, clock=clock)
    await chat.send(SOMEONE, words("Road closed."))
    clock.set(clock.now() + webchat.IDLE + timedelta(seconds=1))
    await chat.thread(ANOTHER)
    assert await _shown(chat) == ["What is your postcode? (pl)"]


async def test_the_least_used_thread_goes_when_there_are_too_many() -> None:
    chat = await _open(SOMEONE, ANOTHER)
    await chat.send(SOMEONE, words("first"))
    await chat.send(ANOTHER, words("second"))
    await chat.thread(SOMEONE)
    for number in range(webchat.MAX_THREADS - 1):
        await chat.thread(Address("web", str(number)))
    assert await _shown(chat) == ["first"]
    assert await _shown(chat, ANOTHER) == ["What is your postcode? (pl)"]


async def test_a_location_is_heard_but_its_place_is_not_shown() -> None:
    chat, bot = _channel(), _Bot()
    async with _running(chat, bot):
        await chat.post(SOMEONE, point=Point(51.45, -0.95), update="1")
    assert bot.heard[-1].point == Point(51.45, -0.95)
    assert await _shown(chat) == ["Welcome", "Location shared", "Answer 2"]


async def test_a_page_offers_to_share_a_location_only_while_that_is_asked() -> None:
    chat, bot = _channel(), _Bot()
    async with _running(chat, bot):
        await chat.post(SOMEONE, text="where", update="1")
        thread = await chat.thread(SOMEONE)
        assert thread is not None
        assert thread.asks_where
        await chat.post(SOMEONE, text="never mind", update="2")
        assert not thread.asks_where
