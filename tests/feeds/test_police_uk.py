"""data.police.uk is asked politely, and asked again when it is busy."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import stamina

from bot.errors import FeedError
from bot.model import Crime, Entry, Kind, Officer, Point, Source
from bot.ports import Known
from bot.reading import prose
from feeds.fetch import SafeFetch
from feeds.police_uk import LICENCE, PoliceFeed, PoliceUk, priority
from tests.feeds.loopback import Loopback, answer, serving

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "police"


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with serving() as served:
        yield served


@pytest.fixture
def police(server: Loopback) -> PoliceUk:
    return PoliceUk(f"{server.url}/api", "thames-valley", SafeFetch(server.allow, rate=1000))


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


def says(content: object) -> bytes:
    return answer(json.dumps(content).encode())


async def test_the_three_answers_a_sync_needs(server: Loopback, police: PoliceUk) -> None:
    base = "/api/thames-valley"
    server.answers[f"{base}/neighbourhoods"] = says([{"id": "N449", "name": "Abbey"}])
    server.answers[f"{base}/N449"] = says({"id": "N449"})
    server.answers[f"{base}/N449/boundary"] = says([{"latitude": "51.4", "longitude": "-1"}])
    assert await police.neighbourhoods() == [{"id": "N449", "name": "Abbey"}]
    assert await police.detail("N449") == {"id": "N449"}
    assert await police.boundary("N449") == [{"latitude": "51.4", "longitude": "-1"}]


async def test_an_id_is_sent_exactly_as_it_is(server: Loopback, police: PoliceUk) -> None:
    await police.detail("Newry Mourne & Down")
    await police.boundary("55.CR3001")
    assert server.paths == [
        "/api/thames-valley/Newry%20Mourne%20%26%20Down",
        "/api/thames-valley/55.CR3001/boundary",
    ]


async def test_a_neighbourhood_that_is_not_there_is_none(police: PoliceUk) -> None:
    assert await police.detail("gone") is None
    assert await police.boundary("gone") is None


async def test_a_force_that_is_not_there_is_a_failure(police: PoliceUk) -> None:
    with pytest.raises(FeedError, match="no such force"):
        await police.neighbourhoods()


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
async def test_a_busy_server_is_asked_again_and_at_last_given_up(
    server: Loopback, police: PoliceUk, status: str
) -> None:
    server.answers["/api/thames-valley/neighbourhoods"] = answer(status=status)
    with pytest.raises(FeedError, match=status[:3]):
        await police.neighbourhoods()
    assert len(server.paths) == 3


async def test_a_cut_connection_is_tried_again(server: Loopback, police: PoliceUk) -> None:
    server.answers["/api/thames-valley/N1"] = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"
    with pytest.raises(FeedError):
        await police.detail("N1")
    assert len(server.paths) == 3


@pytest.mark.parametrize("refusal", [answer(status="403 Forbidden"), answer(b"<html>robots?")])
async def test_a_refusal_is_not_asked_again(
    server: Loopback, police: PoliceUk, refusal: bytes
) -> None:
    server.answers["/api/thames-valley/N1"] = refusal
    with pytest.raises(FeedError):
        await police.detail("N1")
    assert len(server.paths) == 1


BASE = "/api/thames-valley/N449"
LIGHTS = {
    "issue": "<p>People said the path is dark &amp; unsafe.</p>\n<p>They avoid it.</p>",
    "issue-date": "2026-09-01T00:00:00",
    "action": "<p>We asked the council for lights.</p>",
    "action-date": "2026-10-01T12:00:00",
}
MEETING: dict[str, object] = {
    "title": "Drop In Beat Surgery",
    "type": "meeting",
    "start_date": "2026-12-01T18:00:00",
    "end_date": "2026-12-01T19:00:00",
    "description": None,
    "address": "The Hall,\n1 High Street",
    "contact_details": {},
}
OFFENCE = {
    "category": "burglary",
    "location_type": "Force",
    "location": {
        "latitude": "51.45",
        "longitude": "-0.97",
        "street": {"id": 1, "name": "On or near High Street"},
    },
    "context": "",
    "outcome_status": {"category": "Under investigation", "date": "2026-09"},
    "persistent_id": "ab" * 32,
    "id": 1,
    "location_subtype": "",
    "month": "2026-09",
}


async def priorities(
    server: Loopback, police: PoliceUk, *records: object, page: str | None = ""
) -> Sequence[Entry]:
    server.answers[f"{BASE}/priorities"] = says(records)
    server.answers[BASE] = says({"id": "N449", "url_force": page})
    return await police.priorities("N449")


async def test_a_priority_holds_what_was_said_and_what_was_done(
    server: Loopback, police: PoliceUk
) -> None:
    page = "https://www.thamesvalley.police.uk/area/abbey"
    (entry,) = await priorities(server, police, LIGHTS, page=page)
    assert entry.title == "People said the path is dark & unsafe."
    assert entry.summary == "People said the path is dark & unsafe.\nThey avoid it."
    assert entry.action == "We asked the council for lights."
    assert entry.kind is Kind.OUTCOME
    assert entry.published == datetime(2026, 8, 31, 23, tzinfo=UTC)  # British summer time
    assert entry.acted_on == datetime(2026, 10, 1, 11, tzinfo=UTC)
    assert (entry.reach.areas, entry.link) == (("N449",), page)
    assert entry.licence == LICENCE


@pytest.mark.parametrize("action", [None, "", "<p></p>", "<p>&nbsp;</p>", "<br /> \n", "&#8203;"])
async def test_an_action_without_visible_words_is_none(
    server: Loopback, police: PoliceUk, action: str | None
) -> None:
    (entry,) = await priorities(server, police, {**LIGHTS, "action": action})
    assert (entry.action, entry.acted_on, entry.kind) == ("", None, None)


async def test_the_same_issue_twice_is_one_with_the_newest_action(
    server: Loopback, police: PoliceUk
) -> None:
    again = {
        **LIGHTS,
        "issue": "People said the path is DARK & unsafe. They avoid it.".replace(". T", ".<br>T"),
        "action": "The lights are on.",
        "action-date": "2026-11-01T00:00:00",
    }
    (entry,) = await priorities(server, police, again, LIGHTS)
    assert entry.action == "The lights are on."


async def test_a_changed_action_is_the_same_priority(server: Loopback, police: PoliceUk) -> None:
    (before,) = await priorities(server, police, {**LIGHTS, "action": None})
    (after,) = await priorities(server, police, LIGHTS)
    (other,) = await priorities(server, police, {**LIGHTS, "issue-date": "2026-09-02T00:00:00"})
    assert before.key == after.key != other.key


@pytest.mark.parametrize("page", ["", "http://www.police.uk/", "https://police.example.com/", None])
async def test_a_page_that_is_not_the_polices_is_no_link(
    server: Loopback, police: PoliceUk, page: str | None
) -> None:
    (entry,) = await priorities(server, police, LIGHTS, page=page)
    assert entry.link == ""


async def test_a_meeting_becomes_an_event(server: Loopback, police: PoliceUk) -> None:
    server.answers[f"{BASE}/events"] = says([MEETING])
    (entry,) = await police.events("N449")
    assert (entry.title, entry.venue) == ("Drop In Beat Surgery", "The Hall, 1 High Street")
    assert entry.starts == datetime(2026, 12, 1, 18, tzinfo=UTC)
    assert entry.kind is Kind.EVENT


async def test_the_team_is_named_with_what_may_be_missing(
    server: Loopback, police: PoliceUk
) -> None:
    server.answers[f"{BASE}/people"] = says(
        [
            {"name": "Alex Example", "rank": "PC 123", "bio": "<p>Hello.</p>",
             "contact_details": {"email": "team@example.com", "fax": None}},
            {"name": "Sam Example", "rank": None, "bio": None, "contact_details": {}},
        ]
    )  # fmt: skip  # a table
    assert await police.people("N449") == [
        Officer("Alex Example", "PC 123", "Hello.", (("email", "team@example.com"),)),
        Officer("Sam Example"),
    ]


async def test_an_area_that_is_not_there_has_nothing(police: PoliceUk) -> None:
    assert not await police.people("gone")
    assert not await police.events("gone")
    assert not await police.priorities("gone")


async def test_the_crimes_of_an_outline_and_a_month(server: Loopback, police: PoliceUk) -> None:
    nowhere = {**OFFENCE, "location": None, "outcome_status": None, "persistent_id": ""}
    zero = {**OFFENCE, "location": {"latitude": "0", "longitude": "0", "street": None}}
    server.answers["/api/crimes-street/all-crime"] = says([OFFENCE, nowhere, zero, {"id": 5}])
    ring = [Point(51.4, -1.0), Point(51.5, -1.0), Point(51.5, -0.9)]
    first, second, third = await police.crimes(ring, date(2026, 9, 1))
    assert first == Crime(
        "burglary",
        date(2026, 9, 1),
        "Under investigation",
        Point(51.45, -0.97),
        "On or near High Street",
        "ab" * 32,
    )
    assert second == Crime("burglary", date(2026, 9, 1))
    assert third.point is None
    assert server.bodies == [
        "poly=51.40000%2C-1.00000%3A51.50000%2C-1.00000%3A51.50000%2C-0.90000&date=2026-09"
    ]


async def test_a_month_that_is_not_kept_is_a_failure(police: PoliceUk) -> None:
    with pytest.raises(FeedError, match="no crimes of June 2018"):
        await police.crimes([], date(2018, 6, 1))


async def test_the_newest_month_of_crimes(server: Loopback, police: PoliceUk) -> None:
    server.answers["/api/crime-last-updated"] = says({"date": "2026-08-01"})
    assert await police.last_updated() == date(2026, 8, 1)
    server.answers["/api/crime-last-updated"] = says({})
    with pytest.raises(FeedError):
        await police.last_updated()


def feed_of(police: PoliceUk, *areas: str) -> PoliceFeed:
    async def on_board() -> Sequence[str]:
        return areas

    return PoliceFeed(Source("police", "police_uk"), police, on_board)


async def test_every_area_on_board_is_read_and_a_bad_one_is_named(
    server: Loopback, police: PoliceUk
) -> None:
    server.answers[f"{BASE}/priorities"] = says([LIGHTS])
    server.answers[f"{BASE}/events"] = says([MEETING])
    server.answers["/api/thames-valley/N2/priorities"] = answer(status="403 Forbidden")
    feed = feed_of(police, "N449", "N2")
    result = await feed.poll(Known())
    assert [each.kind for each in result.entries] == [Kind.OUTCOME, Kind.EVENT]
    assert result.problem == "could not be read: N2"
    assert (await feed.poll(result.known)).unchanged


async def test_without_any_area_that_answers_the_poll_has_failed(
    server: Loopback, police: PoliceUk
) -> None:
    server.answers[f"{BASE}/priorities"] = answer(status="403 Forbidden")
    with pytest.raises(FeedError):
        await feed_of(police, "N449").poll(Known())


async def test_an_api_that_is_down_is_not_asked_for_every_area(
    server: Loopback, police: PoliceUk
) -> None:
    areas = [f"N{number}" for number in range(100)]
    for area in areas:
        server.answers[f"/api/thames-valley/{area}/priorities"] = answer(status="403 Forbidden")
    with pytest.raises(FeedError, match="403"):
        await feed_of(police, *areas).poll(Known())
    assert len(server.paths) < 10


async def test_without_areas_on_board_there_is_nothing_to_read(police: PoliceUk) -> None:
    assert not (await feed_of(police).poll(Known())).entries


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings are not beside this repository")
async def test_recorded_answers_of_the_police_are_read(server: Loopback, police: PoliceUk) -> None:
    folder = RECORDED / "leicestershire-doc-samples"
    for name in ("priorities", "events", "people"):
        recorded = (folder / f"leicestershire_NC04_{name}.json").read_bytes()
        server.answers[f"{BASE}/{name}"] = answer(recorded)
    (open_priority,) = await police.priorities("N449")
    assert (open_priority.action, open_priority.kind) == ("", None)
    assert [each.title for each in await police.events("N449")] == ["Drop In Beat Surgery"]
    assert {each.name for each in await police.people("N449")} == {"Alex Example"}


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings are not beside this repository")
async def test_every_recorded_offence_is_read(server: Loopback, police: PoliceUk) -> None:
    crimes: list[Crime] = []
    for path in sorted((RECORDED / "met-crimes-street-wards").iterdir()):
        server.answers["/api/crimes-street/all-crime"] = answer(path.read_bytes())
        crimes += await police.crimes([], date(2018, 6, 1))
    assert len(crimes) == 1_296
    assert sum(not each.id for each in crimes) == 273
    assert sum(each.outcome is None for each in crimes) == 243


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings are not beside this repository")
@pytest.mark.parametrize("name", ["priority", "priority-html", "priority-no-action"])
def test_odd_priorities_are_read(name: str) -> None:
    record = json.loads((RECORDED / "police-data-kit" / f"neighbourhood-{name}.json").read_text())
    entry = priority(record, "N449")
    assert entry.title
    assert bool(entry.action) == (name != "priority-no-action")
    assert len(entry.action) <= prose.SHORT
