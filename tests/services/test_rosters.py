"""Teams as the force publishes them: read over HTTP, kept when it is down, shown in the chat."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import stamina

from bot.catalogs import Catalogs
from bot.services import Services
from bot.services.rosters import Rosters
from bot.store.database import Database
from feeds.fetch import SafeFetch
from feeds.police_uk import PoliceUk
from tests.conftest import FakeClock, new_dispatcher
from tests.feeds.loopback import Loopback, answer, serving
from tests.resident import Resident

BASE = "/api/thames-valley"
TEAM = [
    {
        "name": "Alex Example",
        "rank": "Sgt",
        "bio": "<p>A long life.</p>",
        "contact_details": {"email": "alex@example.police.uk", "mobile": "javascript:alert(1)"},
    },
    {"name": "Bo Example", "rank": None, "bio": None, "contact_details": {}},
    {"name": "", "rank": "", "bio": None, "contact_details": {}},
]
CONTACTS = {
    "telephone": "101",
    "facebook": "http://www.facebook.com/example",
    "web": "https://elsewhere.example/",
    "fax": "0118 496 0000",
}


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with serving() as served:
        yield served


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
def reading(database: Database, clock: FakeClock, server: Loopback) -> Rosters:
    police = PoliceUk(f"{server.url}/api", "thames-valley", SafeFetch(server.allow, rate=1000))
    return Rosters(database, clock, police)


def publish(server: Loopback, area: str = "ZX01", team: object = TEAM) -> None:
    server.answers[f"{BASE}/{area}/people"] = answer(json.dumps(team).encode())
    detail = {"id": area, "contact_details": CONTACTS}
    server.answers[f"{BASE}/{area}"] = answer(json.dumps(detail).encode())


async def test_team_names_whom_the_force_names_and_how_to_reach_them(
    services: Services, reading: Rosters, server: Loopback, resident: Resident
) -> None:
    publish(server)
    await reading.refresh()
    assert not any("ZX03" in path for path in server.paths)  # it only stands in for an area
    await resident.says("/follow RG1 1AA")
    await resident.says("/team")
    resident.reads("The team of Riverside")
    resident.reads("Sgt Alex Example\nEmail: alex@example.police.uk")
    resident.reads("Bo Example")
    resident.reads("Phone: 101")
    resident.reads("Facebook")
    resident.reads("as data.police.uk had them on 23 November 2026")
    resident.reads("call 999")
    for hidden in ("javascript", "A long life", "elsewhere.example", "0118 496", "do not know"):
        resident.reads_nothing_of(hidden)


async def test_a_sample_team_is_called_made_up(
    reading: Rosters,
    database: Database,
    clock: FakeClock,
    server: Loopback,
    services: Services,
    catalogs: Catalogs,
) -> None:
    publish(server)
    await reading.refresh()
    demo = replace(services, rosters=Rosters(database, clock, None, sample=True))
    resident = Resident(new_dispatcher(demo, catalogs), catalogs)
    await resident.says("/start")
    await resident.presses("English")
    await resident.says("/follow RG1 1AA")
    await resident.says("/team")
    resident.reads("This team is made up, to show how this works.")
    resident.reads_nothing_of("as data.police.uk had them")


async def test_where_one_area_is_known_the_other_is_looked_up_elsewhere(
    services: Services, reading: Rosters, server: Loopback, resident: Resident
) -> None:
    publish(server)
    await reading.refresh()
    await resident.says("/follow RG1 1AA")
    await resident.says("/follow RG1 1AB")
    await resident.says("/team")
    resident.reads("The team of Riverside")
    resident.reads("I do not know the names of the officers yet.")


async def test_what_was_read_stays_when_the_police_do_not_answer(
    services: Services, reading: Rosters, server: Loopback, clock: FakeClock
) -> None:
    publish(server)
    await reading.refresh()
    asked = len(server.paths)
    await reading.refresh()  # on the same day nobody is asked again
    assert [path for path in server.paths[asked:] if "ZX01" in path] == []
    clock.set(clock.now() + timedelta(days=1))
    server.answers[f"{BASE}/ZX01/people"] = answer(status="503 Service Unavailable")
    await reading.refresh()
    roster = await services.rosters.of("ZX01")
    assert roster is not None
    assert roster.officers[0].name == "Alex Example"


async def test_an_officer_who_leaves_is_named_no_more(
    services: Services, reading: Rosters, server: Loopback, clock: FakeClock
) -> None:
    publish(server)
    await reading.refresh()
    clock.set(clock.now() + timedelta(days=1))
    publish(server, team=TEAM[1:])
    await reading.refresh()
    roster = await services.rosters.of("ZX01")
    assert roster is not None
    assert [each.name for each in roster.officers] == ["Bo Example"]
