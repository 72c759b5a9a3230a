"""A chat that asked for it is told that there is news, and nothing of what it is."""

from dataclasses import dataclass, field

import pytest

from bot.catalogs import Catalogs
from bot.conversation import Address, OnMessage
from bot.errors import DeliveryError, InDoubt, Rejected, TryLater, Unreachable
from bot.model import Concern, ConcernState
from bot.ports import Rendered, Sent
from bot.security.concern_seals import ReplyPaths
from bot.security.receipts import Receipts
from bot.security.secrets import Secrets
from bot.services import Services
from bot.services.push_links import PushLinks
from bot.services.pushes import Pushes
from bot.services.teams import Change
from bot.store.database import Database

ADDRESS = Address("telegram", "4815162342")


@dataclass
class CollectingChannel:
    """The Channel port, which keeps what is sent. ``trouble`` comes first; ``open`` is a page."""

    name: str = "telegram"
    sent: list[tuple[Address, str]] = field(default_factory=list)
    trouble: list[DeliveryError] = field(default_factory=list)
    open: bool = True
    drawn: int = 0
    problem: str | None = None

    async def run(self, on_message: OnMessage) -> None: ...

    async def send(self, to: Address, what: Rendered) -> Sent:
        if self.trouble:
            raise self.trouble.pop()
        if not self.open:
            return Sent(to, "")
        self.sent.append((to, what.plain))
        return Sent(to, str(len(self.sent)))

    async def edit(self, sent: Sent, what: Rendered) -> None: ...

    async def delete(self, sent: Sent) -> None: ...

    def spacing(self, to: Address) -> float:
        return 0.0


@dataclass
class Told:
    """A concern whose sender asked to be told, and the channel by which they are."""

    services: Services
    channel: CollectingChannel
    pushes: Pushes
    code: str
    token: str

    async def answer(self, state: ConcernState | None = None) -> None:
        await self.services.concerns.reply(self.token, "We found the car.", state=state)

    async def is_on(self) -> bool:
        found = await self.services.concerns.look(self.code)
        assert found is not None
        return found[1].push


@pytest.fixture
async def told(
    services: Services, keys: Secrets, concerns_database: Database, catalogs: Catalogs
) -> Told:
    wanted = Change(everywhere=True, email="town@team.example")
    await services.teams.add("Town team", wanted, "the tests")
    code = await services.concerns.send(Concern(text="A car burns.", language="en_GB"))
    assert await services.concerns.push_on(code, ADDRESS.channel, ADDRESS.id)
    opened = await Receipts(keys.pepper).open(code)
    channel = CollectingChannel()
    links = PushLinks(concerns_database, keys.reply_key)
    return Told(
        services,
        channel,
        Pushes(links, services.residents, catalogs, channel),
        code,
        ReplyPaths(keys.reply_key).reply(opened.mailbox_id),
    )


async def test_an_answer_is_told_once_and_not_what_it_says(told: Told) -> None:
    await told.pushes.tell()
    assert told.channel.sent == []
    await told.answer()
    await told.pushes.tell()
    await told.pushes.tell()
    ((to, words),) = told.channel.sent
    assert to == ADDRESS
    assert words == "There is something new for you. To read it, send /status and your code."


async def test_a_chat_that_is_gone_is_let_go(told: Told) -> None:
    for trouble in (Unreachable("blocked"), Rejected("refused")):
        assert await told.services.concerns.push_on(told.code, ADDRESS.channel, ADDRESS.id)
        await told.answer()
        told.channel.trouble = [trouble]
        await told.pushes.tell()
        assert not await told.is_on()


async def test_what_cannot_be_told_now_is_told_later(told: Told) -> None:
    await told.answer()
    told.channel.trouble = [TryLater("flood limit", after=1)]
    await told.pushes.tell()
    await told.pushes.tell()
    assert len(told.channel.sent) == 1


async def test_what_may_have_been_told_is_not_told_again(told: Told) -> None:
    await told.answer()
    told.channel.trouble = [InDoubt("no answer")]
    await told.pushes.tell()
    await told.pushes.tell()
    assert told.channel.sent == []


async def test_a_page_is_told_once_it_is_open(told: Told) -> None:
    await told.answer()
    told.channel.open = False
    await told.pushes.tell()
    told.channel.open = True
    await told.pushes.tell()
    assert len(told.channel.sent) == 1


async def test_a_closed_concern_is_told_of_and_the_link_goes(told: Told) -> None:
    await told.answer(ConcernState.CLOSED)
    await told.pushes.tell()
    assert len(told.channel.sent) == 1
    assert not await told.is_on()
