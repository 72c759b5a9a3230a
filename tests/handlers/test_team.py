"""/team: who looks after an area, what is happening and how to report, answered at once."""

from tests.resident import Resident


async def test_the_team_of_the_areas_followed_is_told(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/team")
    resident.reads("Riverside: looked after by neighbourhood officers of Thames Valley Police.")
    resident.reads("I do not know the names of the officers yet.")
    resident.reads("www.police.uk")
    resident.reads("their website")
    resident.reads("call 999")
    resident.reads("call 101 or report online")
    resident.reads("News of your areas will come here. Nothing has been sent so far.")
    resident.sees("Contact or report", "My areas", "Help")


async def test_who_follows_nothing_is_told_too(resident: Resident) -> None:
    await resident.says("/team")
    resident.reads("A neighbourhood team of Thames Valley Police looks after each area.")
    resident.sees("Follow an area")
