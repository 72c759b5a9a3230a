"""A walk through every button of every screen, and through what each question may be answered."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import pytest

from bot.catalogs import Catalogs
from bot.conversation import MAX_CHOICE_BYTES, Button
from bot.dispatcher import Dispatcher
from bot.model import Subscriber
from bot.safeguarding import fold
from bot.services import Services
from bot.services.conversations import Talk
from bot.services.teams import Change
from handlers import router
from tests import town
from tests.both_channels import ChannelName, Resident, nothing_logged, on

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LONGEST_LABEL = 30
MOST_OF_A_ROUTE = 64  # a route's arguments may be endless, such as every set of topics
TYPED = ("skip", "RG1 1AB", "Hillside", "22:00", "3", "Polski", "yes", "nothing of the sort", "?!")
ARGUMENTS = {"concern": "Loud music."}  # without words there would be nothing to send
# Shown only in a situation that the walk does not bring about.
SELDOM = {
    "places.settle": "after the force redraws its map; see tests/services/test_places.py",
    "concern.exact": "after a point was shared; see tests/handlers/test_concern.py",
    "concern.unfile": "after a photo; see tests/handlers/test_concern.py",
    "concern.original": "after a photo; see tests/handlers/test_concern.py",
    "concern.both": "after a photo; see tests/handlers/test_concern.py",
    "concern.sound": "after a video; see tests/handlers/test_concern_files.py",
    "outcomes.more": "where much was done; see tests/handlers/test_outcomes.py",
    "events.one": "where there are events; see tests/handlers/test_events.py",
    "events.remind": "the same",
    "events.file": "the same",
    "original": "under words that a computer translated; see tests/test_translated.py",
    "news.written": "the same",
    "news": "under a digest that could not hold everything; see tests/handlers/test_news.py",
}

Step: TypeAlias = tuple[Literal["says", "presses"], str]


@dataclass
class Walk:
    """Where a walk has been. Screens are told apart by the step expected and their buttons.

    ``language`` is that of the resident, who speaks it from the first step on.
    """

    resident: Resident
    services: Services
    catalogs: Catalogs
    language: str = "en_GB"
    screens: set[tuple[str | None, tuple[str, ...]]] = field(default_factory=set)
    pressed: set[str] = field(default_factory=set)
    of_route: Counter[str] = field(default_factory=Counter)
    steps: set[str] = field(default_factory=set)

    async def through_everything(self) -> None:
        """Breadth first. Buttons say all that is needed, so each is pressed once, from anywhere.

        Those of a draft need it, so they are pressed at the end of the walk that led there.
        """
        lines = [f"/{name} {ARGUMENTS.get(name, '')}" for name in sorted(router().commands)]
        todo: deque[tuple[Step, ...]] = deque((("says", line.strip()),) for line in lines)
        while todo:
            path = todo.popleft()
            talk = await self._go(path)
            self.examine(talk, path)
            screen = (talk.expects, tuple(button.choice for button in self.resident.buttons))
            if screen in self.screens:
                continue
            self.screens.add(screen)
            for choice in filter(self._is_new, screen[1]):
                before = path if choice.startswith("concern.") else ()
                todo.append((*before, ("presses", choice)))
            if talk.expects is not None and talk.expects not in self.steps:
                self.steps.add(talk.expects)
                todo.extend((*path, ("says", words)) for words in TYPED)

    async def _go(self, path: tuple[Step, ...]) -> Talk:
        known = await self._settle()
        for does, what in path:
            await (self.resident.says(what) if does == "says" else self.resident.forges(what))
        if private := self.services.drafts.talk(self.resident.address):
            return private
        return await self.services.conversations.load(
            await self.services.residents.find(self.resident.address) or known
        )

    async def _settle(self) -> Subscriber:
        """As at the start: the language is chosen, two areas are followed, nothing is drafted."""
        self.services.drafts.drop(self.resident.address)
        known = await self.services.residents.meet(self.resident.address)
        if known.language != self.language:
            await self.services.residents.choose_language(known, self.language)
        followed = {place.area.id for place in await self.services.places.of(known)}
        for area in {town.RIVERSIDE.id, town.HILLSIDE_NORTH.id} - followed:
            await self.services.places.follow(known, area)
        return known

    def _is_new(self, choice: str) -> bool:
        route = choice.split(":")[0]
        if choice in self.pressed or self.of_route[route] >= MOST_OF_A_ROUTE:
            return False
        self.pressed.add(choice)
        self.of_route[route] += 1
        return True

    def examine(self, talk: Talk, path: tuple[Step, ...]) -> None:
        joined = router()
        assert self.resident.screen, f"nothing was said after {path}"
        assert "went wrong" not in self.resident.screen, f"a fault of ours after {path}"
        assert self.resident.buttons, f"no way on or back after {path}"
        assert talk.expects is None or talk.expects in joined.answers, f"{talk.expects}, {path}"
        shown = {button.choice for button in self.resident.buttons}
        for button in talk.buttons:
            assert button.choice in shown, f"{button.choice} is not on the screen after {path}"
            assert button.choice.split(":")[0] in joined.choices, f"{button.choice}, {path}"
            assert len(button.choice.encode()) <= MAX_CHOICE_BYTES
            self._examine_label(button)

    def _examine_label(self, button: Button) -> None:
        for language in self.catalogs.offered:
            label = self.catalogs.plain(button.label, language.code)
            assert label.strip(), f"{button.choice} has no words"
            assert button.label.values or len(label) <= LONGEST_LABEL, label
            if fold(label) == "stop":
                assert button.choice == "stop", "the word stop must always mean /stop"


@pytest.mark.parametrize("channel", ["telegram", pytest.param("web", marks=pytest.mark.slow)])
async def test_no_button_and_no_answer_leads_to_a_dead_end(
    channel: ChannelName, dispatcher: Dispatcher, services: Services, catalogs: Catalogs
) -> None:
    wanted = Change(everywhere=True, email="town@team.example")
    await services.teams.add("Town team", wanted, "the tests")
    with nothing_logged():
        async with on(channel, dispatcher, catalogs) as resident:
            await resident.says("/start")
            walk = Walk(resident, services, catalogs)
            await walk.through_everything()
    joined = router()
    print(  # noqa: T201  # shown by `pytest -s` and with a failure
        f"{channel}: {len(walk.screens)} screens, {len(walk.pressed)} buttons, "
        f"{len(walk.steps)} questions"
    )
    assert set(joined.choices) - set(walk.of_route) <= set(SELDOM), "no screen offers these"
    assert set(joined.answers) == walk.steps, "no screen asks these"
