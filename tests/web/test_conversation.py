"""The chat page over plain HTTP: what a browser without scripts, or over Tor, gets."""

import asyncio
import re
from datetime import UTC, datetime

import httpx
import pytest

from bot.model import Point
from tests.channels.contract import words
from tests.web.page import Page
from tests.web.stage import Bot, Stage, on_stage


async def press(client: httpx.AsyncClient, page: Page, choice: str) -> httpx.Response:
    return await client.post("/", data={**page.form("choice").fields, "choice": choice})


async def type_in(client: httpx.AsyncClient, page: Page, text: str) -> httpx.Response:
    return await client.post("/", data={**page.form("text").fields, "text": text})


async def opened(client: httpx.AsyncClient) -> Page:
    return Page((await client.get("/")).text)


async def test_a_visitor_sees_the_welcome_and_gets_no_cookie() -> None:
    async with on_stage() as stage, stage.client() as client:
        answer = await client.get("/")
        page = Page(answer.text)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert page.ours == ["Welcome to Beatline. Which language would you like?"]
        assert page.lang == "en-GB"
        assert stage.bot.heard == []


async def test_the_page_has_one_text_field_and_a_button_for_each_choice() -> None:
    async with on_stage() as stage, stage.client() as client:
        page = await opened(client)
        assert {form.method for form in page.forms} == {"post"}
        assert [name for form in page.forms for name in form.texts] == ["text"]
        assert page.form("choice").buttons == {
            "language:en_GB": "English",
            "language:pl": "Polski",
        }


async def test_a_press_and_a_line_typed_are_answered_on_the_page_that_follows() -> None:
    async with on_stage() as stage, stage.client() as client:
        answer = await press(client, await opened(client), "language:en_GB")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/?new#m2"
        page = await opened(client)
        assert page.mine == ["English"]
        assert page.ours[-1] == "What is your postcode?"
        answer = await type_in(client, page, "RG1 1AA")
        assert answer.headers["location"] == "/#m4"
        page = await opened(client)
        assert page.mine == ["English", "RG1 1AA"]
        assert page.ours[-1] == "You wrote 7 letters."
        assert stage.bot.heard[-1].text == "RG1 1AA"


async def test_a_session_cookie_is_for_this_site_and_no_script() -> None:
    async with on_stage() as stage, stage.client() as client:
        answer = await type_in(client, await opened(client), "hello")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("beatline=")
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        assert "Max-Age=34560000" in cookie
        assert "Secure" not in cookie


async def test_behind_https_the_cookie_is_bound_to_the_host() -> None:
    async with (
        on_stage(public_url="https://chat.example.org") as stage,
        stage.client() as client,
    ):
        answer = await type_in(client, await opened(client), "hello")
        assert answer.headers["set-cookie"].startswith("__Host-beatline=")
        assert "Secure" in answer.headers["set-cookie"]


async def test_the_address_of_a_chat_does_not_give_its_cookie_away() -> None:
    async with on_stage() as stage, stage.client() as client:
        await type_in(client, await opened(client), "hello")
        address = stage.bot.heard[-1].address
        assert address.channel == "web"
        assert client.cookies["beatline"] not in address.id


async def test_two_visitors_have_two_conversations() -> None:
    async with on_stage() as stage, stage.client() as one, stage.client() as other:
        await type_in(one, await opened(one), "from one")
        await type_in(other, await opened(other), "from another")
        assert (await opened(one)).mine == ["from one"]
        assert (await opened(other)).mine == ["from another"]


async def test_the_page_is_in_the_language_chosen() -> None:
    async with on_stage() as stage, stage.client() as client:
        await press(client, await opened(client), "language:pl")
        assert (await opened(client)).lang == "pl"


async def test_what_the_browser_prefers_reaches_the_bot_as_a_hint() -> None:
    async with on_stage() as stage, stage.client() as client:
        page = await opened(client)
        fields = {**page.form("text").fields, "text": "hello"}
        await client.post("/", data=fields, headers={"Accept-Language": "pl,en;q=0.5"})
        assert stage.bot.heard[-1].language_hint == "pl,en;q=0.5"


async def test_a_form_sent_twice_is_heard_once() -> None:
    async with on_stage() as stage, stage.client() as client:
        await type_in(client, await opened(client), "hello")
        page = await opened(client)
        first = await type_in(client, page, "again")
        second = await type_in(client, page, "again")
        assert second.headers["location"] == first.headers["location"]
        assert (await opened(client)).mine == ["hello", "again"]


async def test_other_words_from_a_page_gone_back_to_are_heard_too() -> None:
    async with on_stage() as stage, stage.client() as client:
        await type_in(client, await opened(client), "places")
        page = await opened(client)
        await type_in(client, page, "one")
        await type_in(client, page, "another")
        await press(client, page, "turn")
        await client.post("/", data={**page.form("text").fields, "point": "51.4543,-0.9781"})
        page = await opened(client)
        assert page.mine == ["places", "one", "another", "More", "Location shared"]


async def test_what_names_a_repeat_says_nothing_of_the_words() -> None:
    async with on_stage() as stage, stage.client() as client:
        for _time in range(2):
            await type_in(client, await opened(client), "hello")
        names = {message.update for message in stage.bot.heard[1:]}
        assert len(names) == 2
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", name) for name in names)


async def test_an_empty_line_changes_nothing() -> None:
    async with on_stage() as stage, stage.client() as client:
        answer = await type_in(client, await opened(client), "   ")
        assert answer.status_code == 303
        assert stage.bot.heard == []


async def test_what_people_type_is_shown_as_words_never_as_markup() -> None:
    async with on_stage() as stage, stage.client() as client:
        await type_in(client, await opened(client), "<script>alert(1)</script> {{ 7 * 7 }}")
        html = (await client.get("/")).text
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 * 7 }}" in html


async def test_a_browser_that_keeps_no_cookie_is_told_in_words() -> None:
    async with on_stage() as stage, stage.client() as client:
        answer = await type_in(client, await opened(client), "hello")
        client.cookies.clear()
        page = Page((await client.get(answer.headers["location"])).text)
        assert "This chat needs a cookie" in page.notice


async def test_after_a_restart_the_last_answer_is_there_and_the_loss_is_said() -> None:
    bot = Bot()
    async with on_stage(bot=bot) as stage, stage.client() as client:
        await type_in(client, await opened(client), "hello")
        cookies = client.cookies
    async with on_stage(bot=bot) as stage, stage.client(cookies=cookies) as client:
        html = (await client.get("/")).text
        assert Page(html).ours == ["You wrote 5 letters."]
        assert Page(html).mine == []
        assert "Earlier messages are not kept on this page." in html


async def refused(stage: Stage, headers: dict[str, str]) -> Page:
    async with stage.client() as client:
        page = await opened(client)
        fields = {**page.form("text").fields, "text": "hello"}
        answer = await client.post("/", data=fields, headers=headers)
        assert answer.status_code == 403
        assert stage.bot.heard == []
        return Page(answer.text)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:9"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_from_another_site_is_refused_in_words(headers: dict[str, str]) -> None:
    async with on_stage() as stage:
        page = await refused(stage, headers)
        assert "We could not check where that message came from." in page.notice
        assert page.form("text").fields["text"] == ""


@pytest.mark.parametrize("origin", ["null", "own", "public", None])
async def test_our_own_form_is_taken_whatever_origin_the_browser_dares_to_name(
    origin: str | None,
) -> None:
    async with on_stage(public_url="https://chat.example.org") as stage, stage.client() as client:
        named = {"own": stage.url, "public": "https://chat.example.org"}.get(origin or "", origin)
        page = await opened(client)
        fields = {**page.form("text").fields, "text": "hello"}
        headers = {"Origin": named, "Sec-Fetch-Site": "same-origin"} if named else {}
        assert (await client.post("/", data=fields, headers=headers)).status_code == 303


async def test_a_form_without_our_token_is_refused_and_the_typed_words_are_kept() -> None:
    async with on_stage() as stage, stage.client() as client:
        answer = await client.post("/", data={"text": "hello", "token": "forged"})
        page = Page(answer.text)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert page.form("text").fields["text"] == "hello"
        assert (await type_in(client, page, "hello")).status_code == 303


async def test_one_person_cannot_use_the_token_of_another() -> None:
    async with on_stage() as stage, stage.client() as one, stage.client() as other:
        await type_in(one, await opened(one), "hello")
        await type_in(other, await opened(other), "hello")
        stolen = await opened(one)
        assert (await type_in(other, stolen, "hello")).status_code == 403


async def test_a_visitors_page_left_open_for_a_day_asks_to_send_again() -> None:
    async with on_stage() as stage, stage.client() as client:
        page = await opened(client)
        stage.clock.set(stage.clock.now().replace(day=24))
        answer = await type_in(client, page, "hello")
        assert answer.status_code == 403
        assert "open for a long time" in Page(answer.text).notice


async def test_the_menu_lists_the_commands_and_each_is_one_press() -> None:
    async with on_stage() as stage, stage.client() as client:
        page = await opened(client)
        commands = [
            given["value"] for _tag, given in page.attributes if given.get("name") == "command"
        ]
        assert commands == ["/hide", "/places", "/help"]
        fields = {**page.form("text").fields, "command": "/places", "text": ""}
        assert (await client.post("/", data=fields)).status_code == 303
        page = await opened(client)
        assert page.ours[-1] == "Page one"
        assert page.mine == ["See the areas you follow"]
        await type_in(client, page, "/places")
        assert (await opened(client)).mine[-1] == "/places"


async def test_only_whoever_said_something_can_hide_it() -> None:
    async with on_stage() as stage, stage.client() as client:
        page = await opened(client)
        assert is_hidden(page, "hide")
        await type_in(client, page, "something private")
        page = await opened(client)
        assert not is_hidden(page, "hide")
        await client.post("/", data={**page.form("text").fields, "command": "/hide", "text": ""})
        html = (await client.get("/")).text
        assert "something private" not in html
        assert Page(html).ours == ["Done."]


def is_hidden(page: Page, name: str) -> bool:
    return next("hidden" in given for _tag, given in page.attributes if given.get("id") == name)


async def test_a_point_is_heard_and_stands_nowhere_on_the_page() -> None:
    async with on_stage() as stage, stage.client() as client:
        page = await opened(client)
        fields = {**page.form("text").fields, "point": "51.4543,-0.9781", "text": "left over"}
        assert (await client.post("/", data=fields)).status_code == 303
        assert stage.bot.heard[-1].point == Point(51.4543, -0.9781)
        assert stage.bot.heard[-1].text == ""
        html = (await client.get("/")).text
        assert Page(html).mine == ["Location shared"]
        assert "51.4543" not in html


async def test_a_point_that_is_none_is_refused_in_words() -> None:
    async with on_stage() as stage, stage.client() as client:
        fields = {**(await opened(client)).form("text").fields, "point": "here"}
        answer = await client.post("/", data=fields)
        assert answer.status_code == 400
        assert "We could not read that message" in answer.text
        assert stage.bot.heard == []


async def test_lines_of_one_speaker_in_one_breath_share_a_time() -> None:
    async with on_stage() as stage, stage.client() as client:
        await type_in(client, await opened(client), "hello")
        address = stage.bot.heard[-1].address
        for minutes, text in ((1, "soon after"), (6, "later"), (7, "at once")):
            stage.clock.set(datetime(2026, 11, 23, 12, minutes, tzinfo=UTC))
            await stage.chat.send(address, words(text))
        page = await opened(client)
        times = [given["datetime"] for tag, given in page.attributes if tag == "time"]
        assert times == [
            "2026-11-23",
            "2026-11-23T12:00+00:00",
            "2026-11-23T12:00+00:00",
            "2026-11-23T12:00+00:00",
            "2026-11-23T12:06+00:00",
        ]
        joined = [
            "joined" in (given["class"] or "")
            for tag, given in page.attributes
            if tag == "li" and "line" in (given.get("class") or "")
        ]
        assert joined == [False, False, False, True, False, True]


async def test_a_message_too_long_is_refused_in_words_and_given_back() -> None:
    async with on_stage() as stage, stage.client() as client:
        page = await opened(client)
        answer = await type_in(client, page, "x" * 4001)
        assert answer.status_code == 413
        assert "set-cookie" not in answer.headers
        page = Page(answer.text)
        assert "Your message is too long" in page.notice
        assert "Please use at most 4,000 letters." in page.notice
        assert page.form("text").fields["text"] == "x" * 4001
        assert stage.bot.heard == []
        assert (await type_in(client, page, "x" * 4000)).status_code == 303


async def test_a_message_beyond_all_measure_is_refused_in_words() -> None:
    async with on_stage() as stage, stage.client() as client:
        answer = await type_in(client, await opened(client), "x" * 1_000_000)
        assert answer.status_code == 413
        assert "Your message is too long" in answer.text
        assert stage.bot.heard == []


async def test_a_bug_is_an_apology_with_a_reference_number() -> None:
    async with on_stage() as stage, stage.client() as client:
        answer = await type_in(client, await opened(client), "fail")
        assert answer.status_code == 500
        assert "4F7K2M" in answer.text
        assert [str(failure) for failure in stage.failures] == ["a bug"]
        assert answer.headers["cache-control"] == "no-store"


async def test_leaving_forgets_the_words_and_goes_somewhere_harmless() -> None:
    async with on_stage() as stage, stage.client() as client:
        await type_in(client, await opened(client), "hello")
        answer = await client.get("/leave")
        assert answer.status_code == 303
        assert answer.headers["location"] == "https://www.bbc.co.uk/weather"
        page = await opened(client)
        assert page.mine == []
        assert page.ours == ["Welcome to Beatline. Which language would you like?"]


async def test_whoever_left_sees_only_the_welcome_after_a_restart_too() -> None:
    bot = Bot()
    async with on_stage(bot=bot) as stage, stage.client() as client:
        await type_in(client, await opened(client), "hello")
        await client.get("/leave")
        cookies = client.cookies
    async with on_stage(bot=bot) as stage, stage.client(cookies=cookies) as client:
        html = (await client.get("/")).text
        assert Page(html).messages == [
            ("ours", "Welcome to Beatline. Which language would you like?")
        ]
        assert "Earlier messages" not in html


async def test_another_site_cannot_make_the_page_forget() -> None:
    async with on_stage() as stage, stage.client() as client:
        await type_in(client, await opened(client), "hello")
        await client.get("/leave", headers={"Sec-Fetch-Site": "cross-site"})
        assert (await opened(client)).mine == ["hello"]


async def test_an_open_page_hears_of_a_message_that_was_pushed() -> None:
    async with on_stage() as stage, stage.client() as client:
        await type_in(client, await opened(client), "hello")
        thread = await stage.chat.thread(stage.bot.heard[-1].address)
        assert thread is not None
        address = f"/events?seen={thread.version}"
        async with client.stream("GET", address) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.aiter_lines()
            first = asyncio.ensure_future(anext(lines))
            thread.wake()
            assert await first == f"data: {thread.version}"


async def test_a_visitor_is_told_that_there_is_nothing_to_listen_to() -> None:
    async with on_stage() as stage, stage.client() as client:
        assert (await client.get("/events")).status_code == 204


async def test_a_stopping_server_ends_the_streams_of_open_pages() -> None:
    async with on_stage() as stage, stage.client() as client:
        await type_in(client, await opened(client), "hello")
        thread = await stage.chat.thread(stage.bot.heard[-1].address)
        assert thread is not None
        async with client.stream("GET", f"/events?seen={thread.version}") as stream:
            stage.stop.set()
            assert [line async for line in stream.aiter_lines()] == []


@pytest.mark.parametrize("seen", ["", "x", "-1", "1.5", "٣", "1" * 5000])
async def test_a_stream_from_a_version_that_is_none_is_refused(seen: str) -> None:
    async with on_stage() as stage, stage.client() as client:
        await type_in(client, await opened(client), "hello")
        answer = await client.get("/events", params={"seen": seen})
        assert answer.status_code == 400
        assert stage.failures == []


async def test_a_file_of_an_endless_number_is_none() -> None:
    async with on_stage() as stage, stage.client() as client:
        await type_in(client, await opened(client), "hello")
        for number in ("1" * 5000, "٣", "-1", "x"):
            assert (await client.get(f"/files/{number}")).status_code == 404
        assert stage.failures == []
