"""/contact, as a resident lives it: every way through the questions, and what each end says."""

from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot import safety
from bot.catalogs import Catalogs
from bot.services import Services
from bot.services.directory import HELPLINES, Directory
from bot.text import Text
from handlers.contact.tree import ENDS, FIRST, QUESTIONS, Kind, before
from tests.conftest import FakeClock, new_dispatcher
from tests.resident import Resident

# The words are the same whichever database keeps them.
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGE = Path(__file__).parents[2] / "docs" / "contact.md"
MOST_STEPS = 4
MOST_IN_A_LABEL = 30

HEADS = {
    Kind.EMERGENCY: "Call 999 now.",
    Kind.NON_EMERGENCY: "Please call 101, day or night.",
    Kind.FORM: "Please report it with the police online form.",
    Kind.COUNCIL: "Your council deals with this, not the police.",
    Kind.CRIMESTOPPERS: "You can pass this on without giving your name.",
    Kind.REPORT_FRAUD: "If money or bank details are gone, call your bank first.",
    Kind.HELPLINE: "There is a service for this. Here is how to reach it.",
    Kind.TEAM: "Your neighbourhood team can help.",
    Kind.ADVICE: "Here is what you can do.",
}
# What a glance at somebody's phone must not give away.
PRIVATE = (
    *("abuse", "rape", "sexual", "assault", "stalk", "domestic", "violen", "suicid", "self-harm"),
    *("slavery", "traffick", "terror", "hate", "mental", "victim"),
)
_VICTIMS = "Support for victims"  # general advice, and two steps from anywhere on purpose


@dataclass(frozen=True)
class Way:
    """A way through the questions: the labels chosen, and the name of the step it leads to."""

    labels: tuple[str, ...]
    to: str

    @property
    def steps(self) -> int:
        return len(self.labels)


def english(text: Text, catalogs: Catalogs) -> str:
    return catalogs.plain(text, "en_GB")


def ways(catalogs: Catalogs) -> list[Way]:
    """Breadth first, every way from the first question to an end, skipping included."""
    found: list[Way] = []
    todo = deque([Way((), FIRST)])
    while todo:
        way = todo.popleft()
        question = QUESTIONS.get(way.to)
        if question is None:
            found.append(way)
            continue
        for choice in question.choices:
            todo.append(Way((*way.labels, english(choice.label, catalogs)), choice.to))
        todo.append(Way((*way.labels, "Skip"), question.skip))
    return found


def shortest(catalogs: Catalogs) -> dict[str, Way]:
    """To each end the first of its shortest ways, one that answers before one that skips."""
    found: dict[str, Way] = {}
    for way in sorted(ways(catalogs), key=lambda way: (way.steps, "Skip" in way.labels)):
        found.setdefault(way.to, way)
    return found


def table(catalogs: Catalogs) -> str:
    """Every end as a row of docs/contact.md, in the order of the questions."""
    rows = ["| ways there | ends at | end |", "|---|---|---|"]
    there: dict[str, list[str]] = {}
    for way in ways(catalogs):
        if "Skip" not in way.labels[:-1]:
            there.setdefault(way.to, []).append(" → ".join(way.labels))
    rows += [f"| {'<br>'.join(there[name])} | {ENDS[name].kind} | `{name}` |" for name in there]
    return "\n".join(rows)


def examine_end(resident: Resident, name: str) -> None:
    """What must hold of every end, however it was reached."""
    end = resident.shown[-1]
    paragraphs = end.plain.split("\n\n")
    heads = [kind for kind, head in HEADS.items() if any(p.startswith(head) for p in paragraphs)]
    assert heads == [ENDS[name].kind], name
    assert paragraphs[0].startswith(HEADS[ENDS[name].kind]), name
    assert resident.renderer.plain(safety.EMERGENCY, "en_GB") in paragraphs, name
    labels = [button.label for button in end.buttons]
    tell = {"Tell Crimestoppers": "crimestoppers", "Contact the team": "team"}
    assert all((label in labels) == (name != it) for label, it in tell.items()), name
    assert {"Back", "Something else", "Help"} <= set(labels), name


@ONE_DATABASE
async def test_every_end_is_reached_by_pressing_and_says_one_place_to_turn_to(
    resident: Resident, catalogs: Catalogs
) -> None:
    for way in shortest(catalogs).values():
        await resident.says("/contact")
        for label in way.labels:
            await resident.presses(label)
        examine_end(resident, way.to)


@ONE_DATABASE
async def test_every_answer_to_every_question_can_be_typed(
    resident: Resident, catalogs: Catalogs
) -> None:
    for name, question in QUESTIONS.items():
        answers = {english(choice.label, catalogs): choice.to for choice in question.choices}
        for label, to in {**answers, "skip": question.skip}.items():
            await resident.forges(f"contact.go:{name}")
            labels = [button.label for button in resident.buttons]
            assert len(set(labels)) == len(labels), "two buttons would be typed alike"
            await resident.says(label.upper())
            if to in ENDS:
                examine_end(resident, to)
            else:
                resident.reads(english(QUESTIONS[to].text, catalogs))


async def test_numbers_do_as_well(resident: Resident) -> None:
    await resident.says("/contact")
    for number in ("2", "1", "1"):
        await resident.says(number)
    examine_end(resident, "burglary")


def test_no_end_is_more_than_four_steps_away(catalogs: Catalogs) -> None:
    assert max(way.steps for way in ways(catalogs)) <= MOST_STEPS
    assert shortest(catalogs)["now"].steps == 1


def test_every_question_and_end_is_reached_and_so_is_every_kind_of_place(
    catalogs: Catalogs,
) -> None:
    assert set(shortest(catalogs)) == set(ENDS)
    led_to = {choice.to for question in QUESTIONS.values() for choice in question.choices}
    assert set(QUESTIONS) - {FIRST} <= led_to
    assert {end.kind for end in ENDS.values()} == set(Kind)
    assert not set(ENDS) & set(QUESTIONS)


@ONE_DATABASE
async def test_each_step_leads_back_to_its_question(resident: Resident) -> None:
    for name in (*ENDS, *QUESTIONS):
        if name != FIRST:
            await resident.forges(f"contact.go:{name}")
            await resident.presses("Back")
            resident.reads(resident.renderer.plain(QUESTIONS[before(name)].text, "en_GB"))


@ONE_DATABASE
async def test_no_button_and_no_first_line_gives_away_what_is_private(resident: Resident) -> None:
    for name in (*ENDS, *QUESTIONS):
        await resident.forges(f"contact.go:{name}")
        first = resident.shown[-1].plain.split("\n\n")[0]
        labels = [button.label for button in resident.buttons if button.label != _VICTIMS]
        for seen in (first, *labels):
            assert not [word for word in PRIVATE if word in seen.casefold()], f"{name}: {seen}"


def test_labels_are_short_enough_for_a_phone(catalogs: Catalogs) -> None:
    for question in QUESTIONS.values():
        for choice in question.choices:
            assert len(english(choice.label, catalogs)) <= MOST_IN_A_LABEL


async def test_danger_is_told_999_at_once_also_for_those_who_cannot_speak(
    resident: Resident,
) -> None:
    await resident.says("/contact")
    resident.reads("call 999")
    await resident.presses("Yes, now")
    resident.reads("press 55")
    resident.reads("textphone 18000")


async def test_victims_are_two_steps_from_any_question(resident: Resident) -> None:
    for command in ("/help", "/contact"):
        await resident.says("/follow")
        await resident.says(command)
        await resident.presses("Support for victims")
        resident.reads("Call Victims First on 0300 1234 148.")
        resident.reads("Victims' Code")
        resident.reads("Victim's Portal")


async def test_the_council_of_a_followed_area_is_named(resident: Resident) -> None:
    await resident.says("/follow hillside")
    await resident.presses("Hillside (Northtown)")
    await resident.forges("contact.go:rubbish")
    resident.reads("Council for the areas you follow: Northtown.")
    resident.reads("Find your local council")


async def test_no_council_is_guessed_for_those_who_follow_nothing(resident: Resident) -> None:
    await resident.forges("contact.go:rubbish")
    resident.reads_nothing_of("Council for the areas")


async def test_the_team_hears_which_area(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.forges("contact.go:team")
    resident.reads("Areas you follow: Riverside.")


async def test_someone_unwell_is_sent_to_health_services_before_the_police(
    resident: Resident,
) -> None:
    await resident.forges("contact.go:mood")
    resident.reads("Call NHS 111 on 111, day or night.")
    resident.reads("not the right help")


@pytest.mark.parametrize("name", ["home", "contact", "personal"])
async def test_who_may_be_watched_can_hide_the_chat_and_call_without_a_word(
    resident: Resident, name: str
) -> None:
    await resident.forges(f"contact.go:{name}")
    resident.reads("press 55")
    resident.reads("press Hide")
    resident.sees("Hide")


async def test_hide_stands_below_words_that_explain_what_is_private(resident: Resident) -> None:
    await resident.forges("contact.go:support")
    resident.sees("Hide")


async def test_words_that_are_no_choice_keep_the_choices(resident: Resident) -> None:
    await resident.says("/contact")
    await resident.says("a man took my bike last week")
    resident.reads("Please choose one of these")
    await resident.says("no")
    resident.reads("What is it about?")


async def test_a_step_that_is_no_more_starts_from_the_beginning(resident: Resident) -> None:
    await resident.forges("contact.go:long:gone")
    resident.reads("Is anyone in danger")


async def test_each_kind_of_report_has_its_own_form(resident: Resident) -> None:
    forms = {
        "burglary": "https://www.thamesvalley.police.uk/ro/report/ocr/af/how-to-report-a-crime/",
        "behaviour": "https://www.thamesvalley.police.uk/ro/report/asb/asb-v3/"
        "report-antisocial-behaviour/",
        "targeted": "https://www.police.uk/ro/report/hate-crime/forms/v1/hate-crime-online2/",
        "driving": "https://www.thamesvalley.police.uk/ro/report/",
    }
    for name, address in forms.items():
        await resident.forges(f"contact.go:{name}")
        spans = [span for words in resident.shown[-1].paragraphs for span in words]
        assert [span.href for span in spans if span.text == "police online form"] == [address]


async def test_a_force_without_a_portal_promises_none(
    services: Services, catalogs: Catalogs, clock: FakeClock, tmp_path: Path
) -> None:
    facts = HELPLINES.read_text().replace("page.victims_portal", "page.nothing")
    (tmp_path / "helplines.toml").write_text(facts)
    directory = Directory("thames-valley", clock, tmp_path / "helplines.toml")
    dispatcher = new_dispatcher(replace(services, directory=directory), catalogs)
    resident = Resident(dispatcher, catalogs)
    await resident.forges("contact.go:update")
    resident.reads("To ask about a report you have made, call 101.")
    resident.reads_nothing_of("Portal")


def test_the_page_shows_every_way_as_it_is(catalogs: Catalogs) -> None:
    rows = table(catalogs)
    assert rows in PAGE.read_text(), f"docs/contact.md should hold:\n{rows}"
