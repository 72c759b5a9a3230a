"""What holds for every conversation: repeats, crashes, hostile input, help at once."""

import asyncio

import pytest

from bot.catalogs import Catalogs
from bot.conversation import Address, Button, Context, Message, Reply, Router
from bot.dispatcher import Dispatcher
from bot.safeguarding import Safeguarding
from bot.services import Services
from bot.store.database import Database
from bot.text import _, _p
from handlers.buttons import HELP
from tests.cancelling import cancelled_at
from tests.conftest import new_dispatcher
from tests.resident import Resident

# For what the kind of database makes no difference to.
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_repeat_is_dropped(resident: Resident) -> None:
    await resident.says("/follow", update="again")
    await resident.says("/follow", update="again")
    assert resident.shown == []


async def test_a_repeat_after_a_crash_is_given_the_same_answer_again(
    resident: Resident, services: Services, catalogs: Catalogs
) -> None:
    await resident.says("/follow RG1 1AA", update="700")
    before = resident.screen

    resident.dispatcher = new_dispatcher(services, catalogs)
    await resident.says("/follow RG1 1AA", update="700")

    assert resident.screen == before


async def test_an_older_repeat_after_a_crash_is_dropped(
    resident: Resident, services: Services, catalogs: Catalogs
) -> None:
    await resident.says("/follow RG1 1AA", update="700")
    await resident.says("/places", update="701")

    resident.dispatcher = new_dispatcher(services, catalogs)
    await resident.says("/follow RG1 1AA", update="700")

    assert resident.shown == []


async def test_a_restart_in_the_middle_of_a_question_loses_nothing(
    resident: Resident, services: Services, catalogs: Catalogs
) -> None:
    await resident.says("/follow hillside")
    resident.dispatcher = new_dispatcher(services, catalogs)
    await resident.says("2")
    resident.reads("You now follow Hillside (Southtown).")


async def test_a_message_cancelled_at_any_await_leaves_the_resident_able_to_go_on(
    services: Services, catalogs: Catalogs
) -> None:
    cut, number = True, 0
    while cut:
        resident = Resident(
            new_dispatcher(services, catalogs), catalogs, Address("test", str(number))
        )
        await resident.says("/start")
        await resident.presses("English")
        cut = await cancelled_at(resident.says("RG1 1AA", update="cut"), number)

        resident.dispatcher = new_dispatcher(services, catalogs)
        await resident.says("RG1 1AA", update="cut")

        resident.reads("You now follow Riverside.")
        known = await services.residents.find(resident.address)
        assert known is not None
        assert [place.area.name for place in await services.places.of(known)] == ["Riverside"]
        number += 1
    assert number > 10


async def test_a_message_cut_off_and_brought_again_to_the_same_process_is_answered(
    resident: Resident,
) -> None:
    assert await cancelled_at(resident.says("/follow RG1 1AA", update="cut"), 0)
    await resident.says("/follow RG1 1AA", update="cut")
    resident.reads("You now follow Riverside.")


async def test_two_messages_at_once_of_one_chat_are_taken_in_turn(resident: Resident) -> None:
    other = Resident(resident.dispatcher, resident.renderer, resident.address)
    await asyncio.gather(resident.says("/follow RG1 1AA"), other.says("/follow RG1 1AB"))
    await resident.says("/places")
    resident.reads("You follow Hillside (Northtown) and Riverside.")


async def test_an_unknown_command_keeps_the_question_open(resident: Resident) -> None:
    await resident.says("/follow")
    await resident.says("/frobnicate")
    resident.reads("I do not know that. Send /help")
    await resident.says("RG1 1AA")
    resident.reads("You now follow Riverside.")


@pytest.mark.parametrize(
    "choice", ["", ":", "nothing", "follow.area", "places.leave:" + "x" * 500, "🦆"]
)
async def test_a_forged_choice_gets_a_polite_answer(resident: Resident, choice: str) -> None:
    await resident.forges(choice)
    assert resident.screen
    resident.reads_nothing_of("went wrong")


async def test_what_cannot_be_read_is_said_and_the_question_stays(resident: Resident) -> None:
    await resident.says("/follow")
    await resident.sends("photo")
    resident.reads("I can read words and locations only.")
    await resident.sends("live location")
    resident.reads("I do not follow live locations.")
    await resident.says("RG1 1AA")
    resident.reads("You now follow Riverside.")


async def test_words_under_a_photo_are_read(resident: Resident) -> None:
    await resident.sends("photo", caption="/follow RG1 1AA")
    resident.reads("I can read words and locations only.")
    resident.reads("You now follow Riverside.")


async def test_an_edited_message_is_not_taken_for_a_new_one(resident: Resident) -> None:
    await resident.says("/follow")
    await resident.edits("RG1 1AA")
    resident.reads("I only read new messages.")
    await resident.says("/places")
    resident.reads("You do not follow any area yet.")


@pytest.mark.parametrize("before", ["/follow", "/places"])
async def test_words_of_danger_get_help_and_are_not_called_hard_to_understand(
    resident: Resident, before: str
) -> None:
    await resident.says(before)
    await resident.says("my husband hits me")
    assert "call 999" in resident.shown[0].plain
    assert "0808 2000 247" in resident.shown[0].plain
    assert "Nobody watches this chat all the time." in resident.shown[1].plain
    labels = [button.label for button in resident.buttons]
    assert labels == ["Contact or report", "Tell my team something", "Help"]


async def test_words_of_danger_in_another_language_than_the_chosen_get_help(
    resident: Resident,
) -> None:
    await resident.says("Pomocy, mąż mnie bije")
    assert "call 999" in resident.shown[0].plain


async def test_a_huge_message_is_answered(resident: Resident) -> None:
    await resident.says("x" * 100_000)
    assert resident.screen


async def test_a_group_gets_one_line_and_only_its_administrators(dispatcher: Dispatcher) -> None:
    address = Address("test", "-100")
    heard = await dispatcher(Message(address, "/start", group=True, from_admin=True))
    ignored = await dispatcher(Message(address, "/start", group=True))

    assert len(heard.replies) == 1
    assert ignored.replies == ()


async def test_a_group_is_never_stored(dispatcher: Dispatcher, services: Services) -> None:
    address = Address("test", "-100")
    await dispatcher(Message(address, "/start", group=True, from_admin=True))
    assert await services.residents.find(address) is None


async def test_a_fault_of_ours_is_an_apology_with_a_reference_and_999(
    resident: Resident, database: Database
) -> None:
    async with database.write() as connection:
        await connection.exec_driver_sql("ALTER TABLE place RENAME TO place_gone")

    await resident.says("/places")

    resident.reads("something went wrong on our side")
    resident.reads("call 999")


async def test_the_welcome_stores_nothing(
    dispatcher: Dispatcher, services: Services, catalogs: Catalogs
) -> None:
    answer = await dispatcher.welcome("en_GB")

    assert answer.replies[0].buttons
    assert await services.residents.find(Address("web", "")) is None


async def test_the_last_answer_can_be_recalled(
    resident: Resident, services: Services, catalogs: Catalogs
) -> None:
    await resident.says("/follow RG1 1AA")
    answer = await new_dispatcher(services, catalogs).recall(resident.address)
    assert answer is not None
    assert catalogs.reply(answer.replies[-1], "en_GB").plain == resident.screen


async def test_in_a_demo_every_message_says_so(services: Services, catalogs: Catalogs) -> None:
    resident = Resident(new_dispatcher(services, catalogs, demo=True), catalogs)
    for words in ("/start", "English", "RG1 1AA", "/help"):
        await resident.says(words)
        resident.reads("Demo: the police news here is made up.")


@SQLITE
@pytest.mark.parametrize(
    "typed",
    [
        "2",
        " 2. ",
        "(2)",
        "#2",
        "2️⃣",
        "２",
        "٢",
        "option 2",
        "Option 2!",
        "Hillside (Southtown)",
        "HILLSIDE SOUTHTOWN",
        "“hillside, southtown”",
        "Híllside\u200b (Southtown)…",
    ],
)
async def test_a_choice_is_typed_in_whatever_way_people_type(
    resident: Resident, typed: str
) -> None:
    await resident.says("/follow Hillside")
    await resident.says(typed)
    resident.reads("You now follow Hillside (Southtown).")


@SQLITE
@pytest.mark.parametrize(
    "typed", ["Zmień język", "zmien jezyk!", "Change language", "CHANGE LANGUAGE"]
)
async def test_a_choice_is_typed_in_the_readers_language_or_in_english(
    resident: Resident, typed: str
) -> None:
    await resident.says("/stop")
    await resident.says("/language")
    await resident.says("Polski")
    resident.sees("Zmień język")
    await resident.says(typed)
    resident.sees("English", "Polski (tłumaczenie komputerowe)")


@SQLITE
@pytest.mark.parametrize(
    "typed", ["help", "HELP", "Help!", " help… ", "ｈｅｌｐ", "/Help", "/help@us"]
)
async def test_a_command_may_be_typed_as_a_bare_word(resident: Resident, typed: str) -> None:
    await resident.says("/follow")
    await resident.says(typed)
    resident.reads("press 55")


@SQLITE
@pytest.mark.parametrize("typed", ["0", "3", "-", "1.5", "1 2", "9" * 4000])
async def test_what_is_no_choice_is_left_to_the_question(resident: Resident, typed: str) -> None:
    await resident.says("/follow Hillside")
    await resident.says(typed)
    resident.reads_nothing_of("You now follow")


def offering(*labels: str) -> Router:
    """A bot of one screen with these buttons, which says which of them was chosen."""
    router = Router()

    @router.command(_p("command", "start"))
    async def ask(ctx: Context) -> Reply:
        return Reply(
            _("Which?"),
            [Button(_("{label}", label=label), f"take:{n}") for n, label in enumerate(labels, 1)],
        )

    @router.choice("take")
    async def take(ctx: Context) -> Reply:
        return Reply(_("You took {number}.", number=ctx.choice[0]))

    return router


async def choosing(router: Router, services: Services, catalogs: Catalogs) -> Resident:
    dispatcher = Dispatcher(router, services, catalogs, Safeguarding(), way_back=HELP)
    resident = Resident(dispatcher, catalogs)
    await resident.says("/start")
    return resident


@SQLITE
async def test_where_two_buttons_have_one_name_the_number_is_asked_for(
    services: Services, catalogs: Catalogs
) -> None:
    resident = await choosing(offering("Abbey", "Park", "ABBEY!"), services, catalogs)
    await resident.says("abbey")
    resident.reads("More than one choice has that name.")
    await resident.says("3")
    resident.reads("You took 3.")


@SQLITE
async def test_a_label_that_is_a_number_means_itself(
    services: Services, catalogs: Catalogs
) -> None:
    resident = await choosing(offering("3", "2", "1"), services, catalogs)
    await resident.says("1")
    resident.reads("You took 3.")


@SQLITE
async def test_a_label_on_the_screen_wins_over_a_bare_word(
    services: Services, catalogs: Catalogs
) -> None:
    resident = await choosing(offering("Start", "Stop"), services, catalogs)
    await resident.says("start")
    resident.reads("You took 1.")


@SQLITE
@pytest.mark.parametrize("choice", ["take:\0", "take:\ud800", "take:1:2:3", "take:" + "é" * 99])
async def test_no_forged_choice_is_a_fault_of_ours(resident: Resident, choice: str) -> None:
    for route in ("follow.area", "places.leave", "places.settle", "language.set"):
        await resident.forges(choice.replace("take", route))
        resident.reads_nothing_of("went wrong")
        assert resident.buttons


async def test_an_apology_keeps_the_help_first_and_the_language(
    resident: Resident, database: Database
) -> None:
    await resident.says("/language")
    await resident.says("Polski")
    async with database.write() as connection:
        await connection.exec_driver_sql("ALTER TABLE place RENAME TO place_gone")

    await resident.says("/follow mąż mnie bije")

    assert "0808 2000 247" in resident.shown[0].plain
    assert resident.answer is not None
    assert resident.answer.language == "pl"
    assert resident.shown[-1].buttons


@SQLITE
@pytest.mark.parametrize("nowhere", [(float("nan"), 0.0), (0.0, float("inf")), (91.0, 0.0)])
async def test_a_point_that_is_nowhere_on_earth_is_not_read(
    resident: Resident, nowhere: tuple[float, float]
) -> None:
    await resident.says("/follow")
    await resident.shares(*nowhere)
    resident.reads("I can read words and locations only.")
    await resident.says("RG1 1AA")
    resident.reads("You now follow Riverside.")
