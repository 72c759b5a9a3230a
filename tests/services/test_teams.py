"""Teams: one for every area, reached at addresses that are addresses."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.errors import OperatorError
from bot.services.teams import SAMPLE, Change, Role, Teams
from bot.store import audit, tables
from bot.store.database import Database
from tests import town
from tests.conftest import FakeClock

RIVERSIDE = town.RIVERSIDE.id
OPERATOR = "operator"


@pytest.fixture
async def teams(database: Database, clock: FakeClock) -> Teams:
    await town.build(database)
    return Teams(database, clock)


async def riverside(teams: Teams, **more: object) -> None:
    wanted = Change(areas=[RIVERSIDE], email="riverside@police.example", **more)  # type: ignore[arg-type]  # as the test says
    await teams.add("Riverside team", wanted, OPERATOR)


async def everywhere(teams: Teams) -> None:
    wanted = Change(everywhere=True, email="all@police.example")
    await teams.add("Force desk", wanted, OPERATOR)


async def test_a_concern_goes_to_the_areas_own_team_or_else_to_the_one_for_everywhere(
    teams: Teams,
) -> None:
    await riverside(teams)
    assert await teams.for_area("ZX02") is None
    assert await teams.for_area(None) is None
    await everywhere(teams)
    found = {
        area: (await teams.for_area(area) or SAMPLE).name for area in (RIVERSIDE, "ZX02", None)
    }
    assert found == {RIVERSIDE: "Riverside team", "ZX02": "Force desk", None: "Force desk"}


async def test_everything_about_a_team_is_kept(teams: Teams) -> None:
    await riverside(
        teams,
        urgent_email="Duty.Desk@Police.Example",
        fallback_email="desk@backup.example",
        reply_domains=["@police.example", "BACKUP.example."],
        office_hours="Monday to Friday, 8am to 4pm",
    )
    (team,) = await teams.all()
    assert team.areas == (RIVERSIDE,)
    assert team.urgent_email == "Duty.Desk@police.example"
    assert team.fallback_email == "desk@backup.example"
    assert team.reply_domains == ("backup.example", "police.example")
    assert team.office_hours == "Monday to Friday, 8am to 4pm"


async def test_replies_count_from_the_teams_own_domain_unless_others_are_named(
    teams: Teams,
) -> None:
    await riverside(teams)
    (team,) = await teams.all()
    assert team.reply_domains == ("police.example",)


async def test_areas_whose_concerns_would_go_to_nobody_are_named(teams: Teams) -> None:
    await riverside(teams)
    assert [area.id for area in await teams.unserved()] == ["ZX02", "ZX03"]
    await everywhere(teams)
    assert await teams.unserved() == []


async def test_an_area_has_one_team_and_so_has_everywhere(teams: Teams) -> None:
    await riverside(teams)
    await everywhere(teams)
    with pytest.raises(OperatorError, match="Riverside is served by Riverside team already"):
        await teams.add("Another", Change(areas=[RIVERSIDE], email="a@b.example"), OPERATOR)
    with pytest.raises(OperatorError, match="Force desk is the team for everywhere already"):
        await teams.add("Another", Change(everywhere=True, email="a@b.example"), OPERATOR)
    with pytest.raises(OperatorError, match="there is a team riverside TEAM already"):
        await teams.add("riverside TEAM", Change(areas=["ZX02"], email="a@b.example"), OPERATOR)
    assert len(await teams.all()) == 2


async def test_a_team_that_serves_nothing_is_refused(teams: Teams) -> None:
    with pytest.raises(OperatorError, match="--everywhere"):
        await teams.add("Idle", Change(email="a@b.example"), OPERATOR)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b",
        "a@@b.example",
        "a b@c.example",
        "a@b.example\r\nBcc: d@e.example",
        "Team <a@b.example>",
        "a@b.example, c@d.example",
        '"a b"@c.example',
        "a@[127.0.0.1]",
        "ä@b.example",
        "a@-b.example",
    ],
)
async def test_what_is_no_address_is_refused(teams: Teams, address: str) -> None:
    with pytest.raises(OperatorError, match=r"is not an e-mail address|is not a domain"):
        await teams.add("Team", Change(areas=[RIVERSIDE], email=address), OPERATOR)
    assert await teams.all() == []


@pytest.mark.parametrize("name", ["", "  ", "A\nB", "A\u2028B", "A\u202eB", "A\0B", "x" * 121])
async def test_a_name_is_one_line(teams: Teams, name: str) -> None:
    with pytest.raises(OperatorError, match="the name must be one line"):
        await teams.add(name, Change(areas=[RIVERSIDE], email="a@b.example"), OPERATOR)


async def test_some_things_of_a_team_are_changed_and_the_rest_stays(teams: Teams) -> None:
    await riverside(teams)
    await teams.change("riverside team", Change(areas=["ZX02", "ZX03"]), OPERATOR)
    (team,) = await teams.all()
    assert (team.areas, team.email) == (("ZX02", "ZX03"), "riverside@police.example")
    await teams.change("Riverside team", Change(everywhere=True), OPERATOR)
    (team,) = await teams.all()
    assert (team.areas, team.everywhere) == ((), True)
    with pytest.raises(OperatorError, match="there is no team Nobody"):
        await teams.change("Nobody", Change(everywhere=True), OPERATOR)


async def test_a_removed_team_leaves_its_areas_free_and_its_invitations_void(
    teams: Teams, database: Database
) -> None:
    await riverside(teams)
    code = await teams.invite("Riverside team", Role.RESPONDER, None, OPERATOR)
    await teams.remove("Riverside team", OPERATOR)
    with pytest.raises(OperatorError, match="does not hold"):
        await teams.accept(code, "an.officer@police.example")
    await riverside(teams)
    async with database.read() as connection:
        assert await audit.unbroken(connection)
        entries = "\n".join((await connection.execute(select(tables.audit.c.entry))).scalars())
    assert "team removed" in entries
    assert "invited as responder" in entries


async def test_an_invitation_holds_once_for_a_day_and_for_one_domain(
    teams: Teams, clock: FakeClock, database: Database
) -> None:
    await riverside(teams)
    code = await teams.invite("Riverside team", Role.ADMIN, None, OPERATOR)
    async with database.read() as connection:
        (row,) = await connection.execute(select(tables.invitations))
    assert code.encode() not in b"".join(str(value).encode() for value in row)
    with pytest.raises(OperatorError, match="does not hold"):
        await teams.accept(code, "someone@elsewhere.example")
    with pytest.raises(OperatorError, match="does not hold"):
        await teams.accept(code, "someone@fakepolice.example")
    team, role = await teams.accept(code, "an.officer@police.example")
    assert (team.name, role) == ("Riverside team", Role.ADMIN)
    with pytest.raises(OperatorError, match="does not hold"):
        await teams.accept(code, "an.officer@police.example")

    late = await teams.invite("Riverside team", Role.VIEWER, "county.example", OPERATOR)
    clock.set(clock.now() + timedelta(hours=24))
    with pytest.raises(OperatorError, match="does not hold"):
        await teams.accept(late, "an.officer@county.example")


async def test_the_sample_team_serves_a_demo_until_there_is_a_real_one(teams: Teams) -> None:
    await teams.show_sample(True)
    await teams.show_sample(True)
    assert await teams.all() == []
    assert len(await teams.unserved()) == 3
    sample = await teams.for_area(RIVERSIDE)
    assert sample is not None
    assert (sample.name, sample.email) == (SAMPLE.name, SAMPLE.email)
    await everywhere(teams)
    real = await teams.for_area(RIVERSIDE)
    assert real is not None
    assert real.name == "Force desk"
    await teams.remove("Force desk", OPERATOR)
    await teams.show_sample(False)
    assert await teams.for_area(RIVERSIDE) is None
