"""The web chat in a real browser: live, by keyboard, on small screens, in both directions."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Dialog, Page, Route, expect

from bot.catalogs import Catalogs
from bot.languages import LOCALES
from bot.model import Point
from channels import webchat
from tests.channels.contract import words
from tests.web.stage import LONDON, Bot, Stage, on_stage
from tests.web.test_conversation import opened, type_in
from web.limits import Limits

pytestmark = pytest.mark.browser

RIGHT_TO_LEFT = """
[he]
english = "Hebrew"
native = "עברית"
script = "Hebr"
direction = "rtl"
babel = "he"
status = "draft"
"""


@asynccontextmanager
async def a_page(browser: Browser, stage: Stage, **options: Any) -> AsyncIterator[Page]:
    """A page of the chat in a browser that has never been here; no script error goes by."""
    context = await browser.new_context(**options)
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None,
    )
    await page.goto(stage.url)
    yield page
    await context.close()
    assert errors == []


def right_to_left(folder: Path) -> Catalogs:
    """Catalogues with one language more, written from right to left."""
    registry = (LOCALES / "languages.toml").read_text() + RIGHT_TO_LEFT
    (folder / "languages.toml").write_text(registry)
    return Catalogs(folder, zone=LONDON, offer_drafts=True)


async def say(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.get_by_label("Your message").press("Enter")


async def test_a_line_typed_is_answered_without_loading_the_page_again(browser: Browser) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:
        await page.evaluate("document.body.dataset.before = 'yes'")
        await say(page, "hello")
        await expect(page.get_by_role("log")).to_contain_text("You wrote 5 letters.")
        assert await page.evaluate("document.body.dataset.before") == "yes"
        await expect(page.get_by_label("Your message")).to_have_value("")
        await expect(page.get_by_label("Your message")).to_be_focused()


async def test_nothing_is_kept_in_the_browser_but_one_cookie(browser: Browser) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:
        assert await page.context.cookies() == []
        await say(page, "hello")
        await expect(page.get_by_role("log")).to_contain_text("You wrote 5 letters.")
        cookies = await page.context.cookies()
        assert [cookie.get("name") for cookie in cookies] == ["beatline"]
        assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
        assert await page.evaluate("indexedDB.databases().then((all) => all.length)") == 0


async def test_a_press_takes_the_reader_to_the_answer_and_the_new_page_language(
    browser: Browser,
) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:
        await page.get_by_role("button", name="Polski").press("Enter")
        answer = page.locator("#lines > :last-child")
        await expect(answer).to_contain_text("What is your postcode?")
        await expect(answer).to_be_focused()
        await expect(page.locator("html")).to_have_attribute("lang", "pl")
        await expect(page.locator("#options button")).to_have_count(0)


async def test_a_whole_talk_works_by_keyboard_alone(browser: Browser) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to your message")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Your message")).to_be_focused()
        await page.keyboard.type("places")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        more = page.get_by_role("button", name="More")
        await expect(more).to_be_visible()
        await page.get_by_label("Your message").focus()
        await page.keyboard.press("Shift+Tab")
        await expect(page.locator("summary")).to_be_focused()
        await page.keyboard.press("Shift+Tab")
        await expect(more).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("Page two")
        await expect(page.get_by_role("log")).not_to_contain_text("Page one")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Back")).to_be_focused()


async def test_a_screen_reader_hears_only_what_is_new(browser: Browser) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:
        await say(page, "one")
        await expect(page.get_by_role("log")).to_contain_text("You wrote 3 letters.")
        await page.evaluate(
            """() => {
              window.added = [];
              new MutationObserver((changes) => changes.forEach((change) =>
                change.addedNodes.forEach((node) => added.push(node.id))
              )).observe(document.getElementById("lines"), { childList: true });
            }"""
        )
        await say(page, "three")
        await expect(page.get_by_role("log")).to_contain_text("You wrote 5 letters.")
        assert await page.evaluate("added") == ["m4", "m5"]


async def test_a_message_from_elsewhere_appears_by_itself_in_every_tab(browser: Browser) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:
        await say(page, "hello")
        await expect(page.get_by_role("log")).to_contain_text("You wrote 5 letters.")
        await stage.chat.send(stage.bot.heard[-1].address, words("A road is closed."))
        await expect(page.get_by_role("log")).to_contain_text("A road is closed.")
        second = await page.context.new_page()
        await second.goto(stage.url)
        await say(second, "from the second tab")
        await page.bring_to_front()
        await expect(page.get_by_role("log")).to_contain_text("from the second tab")


async def test_without_a_connection_the_words_are_kept_and_sent_again_by_themselves(
    browser: Browser,
) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:

        async def cut(route: Route) -> None:
            await route.abort("connectionreset")

        await page.route("**/*", cut)
        await say(page, "hello")
        await expect(page.get_by_role("status")).to_contain_text("No connection.")
        await expect(page.get_by_role("list", name="Not sent yet")).to_contain_text("hello")
        await page.unroute("**/*", cut)
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.get_by_role("log")).to_contain_text("You wrote 5 letters.")
        await expect(page.get_by_role("status")).to_have_text("")
        await expect(page.get_by_label("Your message")).to_have_value("")


async def test_what_is_said_without_a_connection_waits_in_its_order_and_in_sight(
    browser: Browser,
) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:

        async def cut(route: Route) -> None:
            await route.abort("connectionreset")

        await page.route("**/*", cut)
        await say(page, "one")
        await say(page, "two")
        waiting = page.get_by_role("list", name="Not sent yet").get_by_role("listitem")
        await expect(waiting).to_have_text(["oneNot sent yet", "twoNot sent yet"])
        await expect(page.get_by_role("button", name="Polski")).to_have_attribute(
            "aria-disabled", "true"
        )
        await page.unroute("**/*", cut)
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.locator(".mine .words")).to_have_text(["one", "two"])
        await expect(waiting).to_have_count(0)
        assert [message.text for message in stage.bot.heard] == ["/start", "one", "two"]


async def test_leaving_while_something_waits_asks_first_but_never_leaving_quickly(
    browser: Browser,
) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:
        asked: list[str] = []

        async def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            await dialog.dismiss()

        page.on("dialog", stay)
        await page.context.route("https://www.bbc.co.uk/**", _weather)
        stage.bot.gate.clear()
        await say(page, "hello")
        await stage.bot.called.wait()
        await page.evaluate("location.assign('/healthz')")
        await expect(page.get_by_label("Your message")).to_be_visible()
        await page.get_by_role("link", name="Leave quickly").click()
        await page.wait_for_url("https://www.bbc.co.uk/weather")
        stage.bot.gate.set()
        assert asked == ["beforeunload"]


async def test_an_answer_lost_on_the_way_back_does_not_say_the_words_twice(
    browser: Browser,
) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:

        async def lose_the_answer(route: Route) -> None:
            await route.fetch(max_redirects=0)
            await route.abort("connectionreset")

        await say(page, "hello")
        await expect(page.locator(".mine")).to_have_count(1)
        await page.route(stage.url + "/", lose_the_answer)
        await say(page, "again")
        await expect(page.get_by_role("status")).to_contain_text("No connection.")
        await page.unroute(stage.url + "/", lose_the_answer)
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.get_by_role("status")).to_have_text("")
        await expect(page.locator(".mine")).to_have_count(2)
        assert [message.text for message in stage.bot.heard] == ["/start", "hello", "again"]


async def test_whoever_finds_no_room_reads_why_and_is_sent_later_by_themselves(
    browser: Browser,
) -> None:
    limits = Limits(new_chats_at_once=1)
    async with on_stage(limits=limits) as stage, stage.client() as other:
        await type_in(other, await opened(other), "hello")
        async with a_page(browser, stage) as page:
            await say(page, "let me in")
            for said in ("Very many people", "call 999", "call 101"):
                await expect(page.get_by_role("status")).to_contain_text(said)
            stage.clock.set(stage.clock.now() + timedelta(seconds=1))
            await expect(page.locator(".mine")).to_contain_text("let me in")
            await expect(page.get_by_role("status")).to_have_text("")


async def test_pressing_send_again_while_waiting_sends_once(browser: Browser) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:
        stage.bot.gate.clear()
        await say(page, "hello")
        await stage.bot.called.wait()
        await expect(page.get_by_role("status")).to_have_text("Sending your message.")
        await page.get_by_role("button", name="Send").click()
        await page.get_by_label("Your message").press("Enter")
        stage.bot.gate.set()
        await expect(page.get_by_role("log")).to_contain_text("You wrote 5 letters.")
        assert [message.text for message in stage.bot.heard] == ["/start", "hello"]


async def test_a_location_is_explained_first_then_sent_once_and_never_shown(
    browser: Browser,
) -> None:
    here = {"latitude": 51.454321, "longitude": -0.978123}
    async with (
        on_stage() as stage,
        a_page(browser, stage, geolocation=here, permissions=["geolocation"]) as page,
    ):
        button = page.get_by_role("button", name="Use my location")
        await expect(button).to_have_count(0)
        await say(page, "where")
        await expect(button).to_have_accessible_description(
            "Your browser will ask you first. We use your location once, to find your area. "
            "We do not keep it."
        )
        await button.click()
        await expect(page.locator("#lines > :last-child")).to_contain_text("You now follow")
        await expect(button).to_have_count(0)
        assert stage.bot.heard[-1].point == Point(51.4543, -0.9781)
        assert await page.locator(".mine .words").all_text_contents() == [
            "where",
            "Location shared",
        ]
        assert "51.45" not in await page.content()


async def test_whoever_says_no_to_the_browsers_question_is_told_what_else_works(
    browser: Browser,
) -> None:
    async with on_stage() as stage, a_page(browser, stage, permissions=[]) as page:
        await say(page, "where")
        await page.get_by_role("button", name="Use my location").click()
        await expect(page.get_by_role("status")).to_have_text(
            "We did not get your location. You can type your postcode instead."
        )
        assert stage.bot.heard[-1].text == "where"


async def test_without_scripts_no_location_is_asked_for(browser: Browser) -> None:
    async with (
        on_stage() as stage,
        a_page(browser, stage, java_script_enabled=False) as page,
    ):
        await page.get_by_label("Your message").fill("where")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_text("What is your postcode?")).to_be_visible()
        await expect(page.get_by_role("button", name="Use my location")).to_have_count(0)


async def test_hiding_takes_the_words_off_the_page_even_without_a_connection(
    browser: Browser,
) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:

        async def cut(route: Route) -> None:
            await route.abort("connectionreset")

        hide = page.get_by_role("button", name="Hide messages")
        await expect(hide).to_have_count(0)
        await say(page, "something private")
        await expect(page.locator(".ours")).to_have_count(2)
        await page.route("**/*", cut)
        await hide.click()
        await expect(page.locator(".line")).to_have_count(0)
        await page.unroute("**/*", cut)
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.get_by_role("log")).to_contain_text("Done.")
        await expect(page.get_by_role("log")).not_to_contain_text("something private")
        await page.reload()
        await expect(page.get_by_role("log")).not_to_contain_text("something private")


async def test_nothing_that_is_said_stands_in_the_title_or_the_history(browser: Browser) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:
        await say(page, "something private")
        await expect(page.locator(".ours")).to_have_count(2)
        await stage.chat.send(stage.bot.heard[-1].address, words("Something for you."))
        await expect(page.get_by_role("log")).to_contain_text("Something for you.")
        assert await page.title() == "Beatline"
        assert page.url == f"{stage.url}/"
        await expect(page.get_by_label("Your message")).to_have_attribute("autocomplete", "off")


async def test_the_menu_works_by_press_and_closes_by_escape(browser: Browser) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:
        await page.locator("summary").click()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="See what I can do")).not_to_be_visible()
        await expect(page.locator("summary")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="See the areas you follow").click()
        await expect(page.get_by_role("log")).to_contain_text("Page one")
        await expect(page.get_by_role("button", name="See what I can do")).not_to_be_visible()


async def test_in_a_long_thread_an_answer_draws_only_itself(browser: Browser) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:
        await say(page, "hello")
        await expect(page.locator(".ours")).to_have_count(2)
        for number in range(webchat.MAX_LINES - 10):
            await stage.chat.send(stage.bot.heard[-1].address, words(f"message {number}"))
        await page.reload()
        await expect(page.locator(".line")).to_have_count(webchat.MAX_LINES - 7)
        await page.evaluate(
            """() => {
              window.changes = 0;
              new MutationObserver((all) => { changes += all.length; })
                .observe(document.getElementById("lines"), { childList: true, subtree: true });
            }"""
        )
        await say(page, "again")
        await expect(page.get_by_role("log")).to_contain_text("You wrote 5 letters.")
        await expect(page.locator("#lines > :last-child")).to_contain_text("You wrote")
        assert await page.evaluate("changes") == 2


async def test_on_paper_stand_the_words_and_nothing_to_press(browser: Browser) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:
        await say(page, "places")
        await expect(page.get_by_role("button", name="More")).to_be_visible()
        await page.emulate_media(media="print")
        await expect(page.locator(".mine")).to_be_visible()
        await expect(page.get_by_text("In an emergency call 999.")).to_be_visible()
        for gone in (".away", "#choices", ".dock"):
            await expect(page.locator(gone)).not_to_be_visible()


async def test_whoever_asks_for_little_motion_gets_none(browser: Browser) -> None:
    async with on_stage() as stage, a_page(browser, stage, reduced_motion="reduce") as page:
        behaviour = "getComputedStyle(document.documentElement).scrollBehavior"
        assert await page.evaluate(behaviour) == "auto"


async def test_a_page_left_open_for_a_day_still_sends(browser: Browser) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:
        stage.clock.set(stage.clock.now().replace(day=25))
        await say(page, "hello")
        await expect(page.get_by_role("log")).to_contain_text("You wrote 5 letters.")


async def test_a_failure_of_ours_is_said_and_the_words_are_kept(browser: Browser) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:
        await say(page, "fail")
        await expect(page.get_by_role("status")).to_have_text(
            "Something went wrong on our side. Please try again. "
            "If you tell us about it, give this number: 4F7K2M"
        )
        await expect(page.get_by_label("Your message")).to_have_value("fail")


async def _weather(route: Route) -> None:
    await route.fulfill(body="Weather", content_type="text/html")


async def by_link(page: Page) -> None:
    await page.get_by_role("link", name="Leave quickly").click()


async def by_keys(page: Page) -> None:
    for _time in range(3):
        await page.keyboard.press("Shift")


@pytest.mark.parametrize("leave", [by_link, by_keys])
async def test_leaving_quickly_goes_to_the_weather_and_back_does_not_return(
    browser: Browser, leave: Callable[[Page], Awaitable[None]]
) -> None:
    async with on_stage() as stage, a_page(browser, stage) as page:
        await page.context.route("https://www.bbc.co.uk/**", _weather)
        await say(page, "hello")
        await expect(page.get_by_role("log")).to_contain_text("You wrote 5 letters.")
        await leave(page)
        await page.wait_for_url("https://www.bbc.co.uk/weather")
        await page.go_back()
        assert page.url == "about:blank"
        again = await page.context.new_page()
        await again.goto(stage.url)
        await expect(again.locator(".mine")).to_have_count(0)


async def test_without_scripts_the_same_talk_works_and_shows_the_newest(browser: Browser) -> None:
    async with (
        on_stage() as stage,
        a_page(browser, stage, java_script_enabled=False) as page,
    ):
        await page.get_by_role("button", name="English").click()
        for number in range(12):
            await page.get_by_label("Your message").fill("x" * (number + 1))
            await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_text("You wrote 12 letters.")).to_be_in_viewport()
        await expect(page.get_by_role("link", name="Leave quickly")).to_be_in_viewport()


@pytest.mark.parametrize(
    ("width", "height"), [(320, 640), (320, 256), (390, 844), (640, 400), (1280, 800)]
)
async def test_nothing_runs_off_the_side_and_the_way_out_stays_in_sight(
    browser: Browser, width: int, height: int
) -> None:
    async with (
        on_stage() as stage,
        a_page(browser, stage, viewport={"width": width, "height": height}) as page,
    ):
        await say(page, "w" * 300)
        await expect(page.locator("#lines")).to_contain_text("You wrote 300 letters.")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await expect(page.get_by_role("link", name="Leave quickly")).to_be_in_viewport()


@pytest.mark.parametrize(("width", "height"), [(320, 640), (390, 844), (1280, 800)])
async def test_that_this_is_a_demo_stays_in_sight_and_leaves_the_room_to_the_talk(
    browser: Browser, width: int, height: int
) -> None:
    async with (
        on_stage() as stage,
        a_page(browser, stage, viewport={"width": width, "height": height}) as page,
    ):
        for number in range(12):
            await say(page, "x" * (number + 1))
            await expect(page.locator(".mine")).to_have_count(number + 1)
        for place in ("scrollTo(0, document.body.scrollHeight)", "scrollTo(0, 0)"):
            await page.evaluate(place)
            await expect(
                page.get_by_text("Demo: the police messages here are only samples.")
            ).to_be_in_viewport()
        top = await page.locator("header").bounding_box()
        assert top is not None
        assert top["height"] < height / 4


async def test_right_to_left_the_whole_page_turns(browser: Browser, tmp_path: Path) -> None:
    renderer = right_to_left(tmp_path)
    async with (
        on_stage(renderer=renderer, bot=Bot(language="he")) as stage,
        a_page(browser, stage, viewport={"width": 390, "height": 844}) as page,
    ):
        await say(page, "hello")
        await expect(page.locator("html")).to_have_attribute("dir", "rtl")
        send = await page.get_by_role("button", name="Send").bounding_box()
        field = await page.get_by_label("Your message").bounding_box()
        assert send is not None
        assert field is not None
        assert send["x"] < field["x"]
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_words_stand_out_from_their_ground(
    browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    async with on_stage() as stage, a_page(browser, stage, color_scheme=scheme) as page:
        await say(page, "hello")
        await expect(page.locator(".mine")).to_have_count(1)
        for place in (".emergency", ".demo", ".ours .words", ".mine .words", ".send", ".leave"):
            assert await page.locator(place).first.evaluate(CONTRAST) >= 4.5, place
        for place in (".foot", ".time", ".day"):
            assert await page.locator(place).first.evaluate(CONTRAST, "body") >= 4.5, place


# The contrast ratio of WCAG 2.2 between an element's letters and its (or another's) ground.
CONTRAST = """(element, ground) => {
  const light = (colour) => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const under = ground ? document.documentElement : element;
  const pair = [getComputedStyle(element).color, getComputedStyle(under).backgroundColor]
    .map(light).sort((one, other) => other - one);
  return (pair[0] + 0.05) / (pair[1] + 0.05);
}"""
