"""What everybody may see of an area: its page, its feeds, and whether a message is ours."""

from collections.abc import AsyncIterator
from xml.etree import ElementTree as ET

import feedparser
import httpx
import pytest

from bot.catalogs import Catalogs
from bot.model import Kind, Level
from bot.security.sealing import ChatKeys
from bot.services import Services
from bot.store.database import Database
from tests import listed
from tests.conftest import FakeClock
from tests.delivery.stage import STAFF, Stage, stage_over
from tests.web.stage import on_stage

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
PAGE = "/areas/ZX01"


@pytest.fixture
def office(
    database: Database,
    services: Services,
    clock: FakeClock,
    catalogs: Catalogs,
    chat_keys: ChatKeys,
) -> Stage:
    return stage_over(database, clock, catalogs, chat_keys)


@pytest.fixture
async def visitor(services: Services, catalogs: Catalogs) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        on_stage(services=services, renderer=catalogs, demo=False) as stage,
        stage.client() as client,
    ):
        yield client


async def test_the_page_shows_what_was_done_what_is_open_and_what_is_to_come(
    visitor: httpx.AsyncClient, database: Database, office: Stage
) -> None:
    await listed.priority(database, "Cars are <b>broken</b> into.", "Officers checked cars.")
    await listed.priority(database, "Speeding in Mill Lane.")
    await listed.meeting(database)
    await office.release("Two men were fined.", kind=Kind.OUTCOME, title="Fly-tippers fined")
    page = (await visitor.get(PAGE)).text
    for words in (
        "Policing in Riverside",
        "Cars are &lt;b&gt;broken&lt;/b&gt; into.",
        "Officers checked cars.",
        "Found 24 October 2026. Acting 29 October 2026.",
        "We are looking at",
        "Speeding in Mill Lane.",
        "Have your say",
        "Fly-tippers fined",
        "Two men were fined.",
        "data.police.uk",
        "999",
    ):
        assert words in page


async def test_the_page_of_an_area_without_news_says_so(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get(PAGE)).text
    assert "Nothing has been published about that so far." in page
    assert "No events are published just now." in page
    assert "There are no crime figures for this area yet." in page
    assert "No message has been sent to this area so far." in page


async def test_the_page_is_in_the_language_of_the_browser(
    visitor: httpx.AsyncClient, database: Database
) -> None:
    await listed.priority(database, "Cars are broken into.", "Officers checked cars.")
    page = await visitor.get(PAGE, headers={"accept-language": "pl"})
    assert '<html lang="pl"' in page.text
    assert "Officers checked cars." in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/areas/ZX99",
        "/areas/ZX99/feed.atom",
        "/areas/ZX99/cap.atom",
        "/verify/P-222222",
    ],
)
async def test_what_there_is_not_is_not_found(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)
    assert answer.status_code == 404


async def test_messages_come_as_a_feed_in_their_newest_words(
    visitor: httpx.AsyncClient, office: Stage
) -> None:
    wrong = await office.release("The road is closed until 5.", title="Road closed")
    gone = await office.release("Never mind.")
    await office.posts.correct(wrong.code, "The road is closed until 6.", STAFF, now=True)
    await office.posts.cancel(gone.code, STAFF)
    answer = await visitor.get(f"{PAGE}/feed.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    read = feedparser.parse(answer.content)
    assert not read.bozo
    (entry,) = read.entries
    assert (entry.title, entry.content[0].value) == ("Road closed", "The road is closed until 6.")
    assert entry.link == f"http://localhost:8080/verify/{wrong.code}"


async def test_alerts_come_as_cap_with_updates_and_ends_that_name_what_they_change(
    visitor: httpx.AsyncClient, office: Stage
) -> None:
    flood = await office.alert("Flooding.", Level.URGENT)
    office.later(minutes=5)
    update = await office.posts.correct(flood.code, "Flooding in Mill Lane.", STAFF, now=True)
    office.later(minutes=5)
    over = await office.posts.correct(flood.code, "The water fell.", STAFF, all_clear=True)
    mistake = await office.alert("A false alarm.", Level.IMPORTANT)
    await office.posts.cancel(mistake.code, STAFF)
    read = ET.fromstring((await visitor.get(f"{PAGE}/cap.atom")).content)  # noqa: S314  # ours
    alerts = {one.findtext(f"{CAP}identifier"): one for one in read.iter(f"{CAP}alert")}

    def told(identifier: str) -> tuple[str | None, ...]:
        names = ("status", "msgType", "scope", "references")
        return tuple(alerts[identifier].findtext(f"{CAP}{name}") for name in names)

    first = f"localhost,{flood.code},2026-11-23T12:00:00-00:00"
    second = f"localhost,{update.code},2026-11-23T12:05:00-00:00"
    assert told(flood.code) == ("Actual", "Alert", "Public", None)
    assert told(update.code) == ("Actual", "Update", "Public", first)
    assert told(over.code) == ("Actual", "Cancel", "Public", f"{first} {second}")
    assert told(f"{mistake.code}-cancelled")[1] == "Cancel"
    info = alerts[flood.code].find(f"{CAP}info")
    assert info is not None
    found = [info.findtext(f"{CAP}{name}") for name in ("urgency", "severity", "description")]
    assert found == ["Immediate", "Severe", "Flooding."]
    assert info.findtext(f"{CAP}area/{CAP}areaDesc") == "Riverside"


async def test_in_a_demo_every_alert_is_an_exercise(
    services: Services, catalogs: Catalogs, office: Stage
) -> None:
    await office.alert("Flooding.")
    async with (
        on_stage(services=services, renderer=catalogs, demo=True) as stage,
        stage.client() as client,
    ):
        read = ET.fromstring((await client.get(f"{PAGE}/cap.atom")).content)  # noqa: S314  # ours
        assert [each.text for each in read.iter(f"{CAP}status")] == ["Exercise"]
        page = (await client.get(PAGE)).text
        assert "only samples" in page


async def test_a_message_can_be_checked_on_a_page(
    visitor: httpx.AsyncClient, office: Stage
) -> None:
    post = await office.release("The road is closed until 5.")
    page = (await visitor.get(f"/verify/{post.code.lower()}")).text
    assert "This service sent it on Monday 23 November, 12:00." in page
    assert "It still stands." in page
    assert "The road is closed until 5." in page
    await office.posts.correct(post.code, "The road is closed until 6.", STAFF, now=True)
    page = (await visitor.get(f"/verify/{post.code}")).text
    assert "It was wrong and has been corrected." in page
    assert "The road is closed until 6." in page
    await office.posts.cancel(post.code, STAFF)
    assert "It was cancelled." in (await visitor.get(f"/verify/{post.code}")).text
