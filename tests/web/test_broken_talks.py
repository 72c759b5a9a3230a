"""Two tabs, old pages and restarts: the real conversations on the page stay whole."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.catalogs import Catalogs
from bot.dispatcher import Dispatcher
from bot.services import Services
from tests.conftest import new_dispatcher
from tests.databases import Databases
from tests.web.page import Page
from tests.web.stage import RealBot, on_stage
from tests.web.test_conversation import opened, press, type_in


@pytest.fixture
def database_url(tmp_path: Path, databases: Databases) -> Iterator[str]:
    """One kind of database is enough here: the pages never meet it."""
    with databases.lent("subscriptions", tmp_path) as url:
        yield url


async def follow(client: httpx.AsyncClient) -> Page:
    await press(client, await opened(client), "language.set:en_GB")
    await type_in(client, await opened(client), "RG1 1AA")
    return await opened(client)


async def test_two_tabs_show_the_same_talk(dispatcher: Dispatcher) -> None:
    async with on_stage(behind=RealBot(dispatcher)) as stage, stage.client() as client:
        old_tab = await follow(client)
        await press(client, await opened(client), "places")
        await type_in(client, old_tab, "/help")
        page = await opened(client)
        assert page.mine[-2:] == ["My areas", "/help"]
        assert "call 999" in page.ours[-1]


async def test_a_stale_button_in_an_old_tab_gets_a_polite_answer(dispatcher: Dispatcher) -> None:
    async with on_stage(behind=RealBot(dispatcher)) as stage, stage.client() as client:
        await follow(client)
        await press(client, await opened(client), "places")
        old_tab = await opened(client)
        for leaving in range(2):
            answer = await press(client, old_tab, "places.leave:ZX01")
            assert answer.status_code == 303, leaving
            old_tab.form("choice").fields["turn"] = f"another press, {leaving}"
        page = await opened(client)
        assert page.ours[-2] == "You no longer follow Riverside."
        assert page.ours[-1] == "You do not follow any area yet."
        assert stage.failures == []


async def test_a_button_that_no_longer_exists_says_so_and_shows_the_way_on(
    dispatcher: Dispatcher,
) -> None:
    async with on_stage(behind=RealBot(dispatcher)) as stage, stage.client() as client:
        await press(client, await follow(client), "gone.for.good:1")
        page = await opened(client)
        assert page.form("choice").buttons
        assert stage.failures == []


async def test_two_tabs_that_speak_at_once_are_both_answered(dispatcher: Dispatcher) -> None:
    async with on_stage(behind=RealBot(dispatcher)) as stage, stage.client() as client:
        await follow(client)
        one, other = await opened(client), await opened(client)
        await asyncio.gather(type_in(client, one, "/places"), type_in(client, other, "/help"))
        page = await opened(client)
        assert sorted(page.mine[-2:]) == ["/help", "/places"]
        assert len(page.ours) == 1 + len(page.mine)


@pytest.mark.parametrize("speak", ["RG1 1AB", "choice"])
async def test_a_page_drawn_before_a_restart_still_speaks(
    services: Services, catalogs: Catalogs, speak: str
) -> None:
    async with (
        on_stage(behind=RealBot(new_dispatcher(services, catalogs))) as stage,
        stage.client() as client,
    ):
        await press(client, await opened(client), "language.set:en_GB")
        before, cookies = await opened(client), client.cookies
    async with (
        on_stage(behind=RealBot(new_dispatcher(services, catalogs))) as stage,
        stage.client(cookies=cookies) as client,
    ):
        if speak == "choice":
            await press(client, before, "help")
        else:
            await type_in(client, before, speak)
        page = await opened(client)
        assert page.mine == ["Help" if speak == "choice" else speak]
        expected = "call 999" if speak == "choice" else "You now follow Hillside (Northtown)."
        assert expected in page.ours[-1]


async def test_after_a_restart_the_page_still_offers_to_share_a_location(
    services: Services, catalogs: Catalogs
) -> None:
    async with (
        on_stage(behind=RealBot(new_dispatcher(services, catalogs))) as stage,
        stage.client() as client,
    ):
        await press(client, await opened(client), "language.set:en_GB")
        cookies = client.cookies
    async with (
        on_stage(behind=RealBot(new_dispatcher(services, catalogs))) as stage,
        stage.client(cookies=cookies) as client,
    ):
        page = await opened(client)
        assert any(given.get("id") == "locate" for _tag, given in page.attributes)
        fields = {**page.form("text").fields, "point": "51.4500,-0.9500"}
        await client.post("/", data=fields)
        assert "You now follow Riverside." in (await opened(client)).ours[-1]


async def test_whoever_left_quickly_is_never_shown_the_last_answer_again(
    services: Services, catalogs: Catalogs
) -> None:
    async with (
        on_stage(behind=RealBot(new_dispatcher(services, catalogs))) as stage,
        stage.client() as client,
    ):
        await press(client, await opened(client), "language.set:en_GB")
        await type_in(client, await opened(client), "/contact")
        async with stage.client() as stranger:
            welcome = await opened(stranger)
        await client.get("/leave")
        cookies = client.cookies
    async with (
        on_stage(behind=RealBot(new_dispatcher(services, catalogs))) as stage,
        stage.client(cookies=cookies) as client,
    ):
        html = (await client.get("/")).text
        assert Page(html).messages == welcome.messages
        assert "Earlier messages" not in html
        await type_in(client, Page(html), "RG1 1AA")
        assert "You now follow Riverside." in (await opened(client)).ours[-1]
