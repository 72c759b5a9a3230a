"""/numbers: the figures of an area, with what they mean and where they come from."""

from datetime import UTC, date, datetime

from bot.measures import MEASURES
from bot.model import Topic
from bot.offences import CATEGORIES, SLUGS
from bot.ports import Words
from bot.services import Services
from bot.store.database import Database
from bot.store.numbers import Counts
from bot.topics import NAMES
from tests.conftest import FakeClock
from tests.resident import Resident
from tests.services.test_numbers import keep

AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)
COUNTS: Counts = {
    ("burglary", "Under investigation"): 14,
    ("burglary", "Local resolution"): 2,
    ("shoplifting", "Some new wording"): 9,
    ("drugs", ""): 4,
    ("robbery", ""): 3,
    ("newly-named-crime", ""): 6,
}


def plain(words: Words) -> str:
    return "".join(span.text for span in words)


async def test_figures_are_shown_with_period_base_source_and_caveats(
    resident: Resident, database: Database
) -> None:
    await keep(database, {AUGUST: {("burglary", ""): 11, ("drugs", ""): 7}, SEPTEMBER: COUNTS})
    await resident.says("/follow RG1 1AA")
    await resident.says("/numbers")
    resident.reads("Riverside, September 2026")
    resident.reads("38 crimes and incidents were recorded here.")
    resident.reads("The month before: at least 18. The same month a year before: not known.")
    resident.reads("Burglary: 16. The month before: 11. A year before: not known.")
    resident.reads("Drugs: fewer than 5. The month before: 7. A year before: not known.")
    resident.reads("Newly named crime: 6. The month before: fewer than 5.")
    resident.reads("Fewer than 5 of each: ")
    resident.reads("Still being investigated: 14.")
    resident.reads("Less common results are not shown.")
    resident.reads_nothing_of("Settled without a court")
    resident.reads("Places are rough: each point on the map stands for at least eight addresses.")
    resident.reads("Period: September 2026. Contains public sector information licensed")
    resident.sees("How the plan is judged", "My team", "My areas", "Help")


async def test_with_nothing_to_compare_each_line_is_short(
    resident: Resident, database: Database
) -> None:
    await keep(database, {SEPTEMBER: COUNTS})
    await resident.says("/follow RG1 1AA")
    await resident.says("/numbers")
    resident.reads("Burglary: 16.\n")


async def test_the_picture_is_told_to_those_who_do_not_see_it(
    resident: Resident, database: Database, services: Services
) -> None:
    await keep(database, {AUGUST: {("burglary", ""): 11}, SEPTEMBER: COUNTS})
    await resident.says("/follow RG1 1AA")
    await resident.says("/numbers")
    (said,) = (each for each in resident.shown if each.picture)
    assert said.picture is not None
    drawn = await services.numbers.picture(said.picture.name)
    assert drawn is not None
    assert drawn.data.startswith(b"\x89PNG")
    assert plain(said.picture.caption) == (
        "Crimes and incidents in Riverside, month by month until September 2026. "
        "A pale bar is the least that it can be."
    )
    assert said.picture.alt == (
        "Bars for each month. August 2026: at least 11 and September 2026: 38."
    )
    assert plain(said.picture.told) == (
        f"{plain(said.picture.caption)} Picture: {said.picture.alt}"
    )


async def test_a_picture_of_figures_that_were_changed_is_not_shown_any_more(
    resident: Resident, database: Database, services: Services
) -> None:
    await keep(database, {SEPTEMBER: COUNTS})
    await resident.says("/follow RG1 1AA")
    await resident.says("/numbers")
    (picture,) = (each.picture for each in resident.shown if each.picture)
    await keep(database, {SEPTEMBER: {("burglary", ""): 11}})
    assert await services.numbers.picture(picture.name) is None


async def test_figures_are_read_in_polish_too(stranger: Resident, database: Database) -> None:
    await keep(database, {SEPTEMBER: COUNTS})
    await stranger.says("/start")
    await stranger.presses("Polski (computer translation)")
    await stranger.says("/follow RG1 1AA")
    await stranger.says("/numbers")
    stranger.reads("wrzesień 2026")
    assert any(each.picture for each in stranger.shown)


async def test_who_follows_nothing_is_asked_to_follow(resident: Resident) -> None:
    await resident.says("/numbers")
    resident.reads("You do not follow any area yet.")


async def test_who_follows_two_areas_chooses(resident: Resident, database: Database) -> None:
    await keep(database, {SEPTEMBER: COUNTS}, area="ZX02")
    await resident.says("/follow RG1 1AA")
    await resident.says("/follow RG1 1AB")
    await resident.says("/numbers")
    await resident.presses("Hillside (Northtown)")
    resident.reads("Hillside (Northtown), September 2026")


async def test_before_the_first_month_it_says_so(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/numbers")
    resident.reads("I have no crime figures for Riverside yet.")


async def test_data_that_is_late_is_called_late(
    resident: Resident, database: Database, clock: FakeClock
) -> None:
    await keep(database, {SEPTEMBER: COUNTS})
    await resident.says("/follow RG1 1AA")
    clock.set(datetime(2027, 2, 1, tzinfo=UTC))
    await resident.says("/numbers")
    resident.reads("The data is late. September 2026 is the newest month that I have.")


async def test_sample_figures_are_called_made_up(resident: Resident, database: Database) -> None:
    await keep(database, {SEPTEMBER: COUNTS}, sample=True)
    await resident.says("/follow RG1 1AA")
    await resident.says("/numbers")
    resident.reads("Sample figures for September 2026. They are made up")
    resident.reads_nothing_of("data.police.uk")


async def test_each_priority_of_the_plan_shows_its_measure_and_newest_figure(
    resident: Resident, database: Database
) -> None:
    await keep(database, {SEPTEMBER: COUNTS})
    await resident.says("/follow RG1 1AA")
    await resident.says("/numbers")
    await resident.presses("How the plan is judged")
    read = ""
    for theme in ("Communities", "People", "Property"):
        await resident.presses(theme)
        read += resident.screen
        await resident.presses("Back")
    assert all(NAMES[topic].message in read for topic in MEASURES)
    assert all(measure.words.message in read for measure in MEASURES.values())
    assert "Burglary in Riverside, September 2026: 16." in read
    assert "The figure counts every building, not only homes." in read
    assert "Anti-social behaviour in Riverside, September 2026: fewer than 5." in read
    assert "Period: September 2026." in read
    assert "Police and Crime Plan 2024-2029" in read


async def test_a_forged_theme_leads_back_to_the_plan(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.forges("numbers.theme:99:ZX01")
    resident.reads("has fifteen priorities")
    await resident.forges("numbers.theme")
    resident.reads("has fifteen priorities")


def test_there_is_a_measure_for_each_of_the_fifteen_priorities() -> None:
    assert set(MEASURES) == set(Topic) - {Topic.GENERAL}
    assert {each.category for each in MEASURES.values() if each.category} <= set(CATEGORIES)


def test_every_category_of_the_bulk_files_has_a_name() -> None:
    assert set(SLUGS.values()) == set(CATEGORIES)
