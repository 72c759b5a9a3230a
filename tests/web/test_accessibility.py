"""WCAG 2.2 AA by axe-core on every state of the page, and what a machine for rules cannot see."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from bot.dispatcher import Dispatcher
from tests.databases import Databases
from tests.web.stage import RealBot, on_stage
from tests.web.test_browser import a_page, right_to_left, say

pytestmark = pytest.mark.browser

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"width": 390, "height": 844}

Walk = Callable[[Page], Awaitable[None]]


@pytest.fixture
def database_url(tmp_path: Path, databases: Databases) -> Iterator[str]:
    """One kind of database is enough here: the pages never meet it."""
    with databases.lent("subscriptions", tmp_path) as url:
        yield url


async def faults(page: Page) -> list[str]:
    """What axe-core finds wrong, one line for each rule and place."""
    await page.evaluate(AXE)
    found = await page.evaluate(
        "(tags) => axe.run({ runOnly: tags, resultTypes: ['violations'] })", STANDARDS
    )
    return [
        f"{rule['id']}: {rule['help']}: {place['html']}"
        for rule in found["violations"]
        for place in rule["nodes"]
    ]


@asynccontextmanager
async def the_chat(
    browser: Browser, dispatcher: Dispatcher, *, demo: bool = True, **options: Any
) -> AsyncIterator[Page]:
    """The page over the real conversations."""
    async with (
        on_stage(behind=RealBot(dispatcher), demo=demo) as stage,
        a_page(browser, stage, **{"viewport": PHONE, "reduced_motion": "reduce"} | options) as page,
    ):
        yield page


async def hears(page: Page, words: str) -> None:
    await expect(page.locator("#lines > :last-child")).to_contain_text(words)


async def fresh(page: Page) -> None:
    await expect(page.get_by_role("button", name="English")).to_be_visible()


async def language_chosen(page: Page) -> None:
    await page.get_by_role("button", name="English").click()
    await hears(page, "What is your postcode?")


async def followed(page: Page) -> None:
    await language_chosen(page)
    await say(page, "RG1 1AA")
    await hears(page, "You now follow Riverside.")


async def many_buttons(page: Page) -> None:
    await followed(page)
    await say(page, "/follow hillside")
    await hears(page, "Which of these areas is yours?")


async def topics(page: Page) -> None:
    await followed(page)
    await say(page, "/topics")
    await expect(page.locator(".mine")).to_have_count(3)


async def contact(page: Page) -> None:
    await language_chosen(page)
    await say(page, "/contact")
    await expect(page.locator(".mine")).to_have_count(2)


async def my_data(page: Page) -> None:
    await followed(page)
    await say(page, "/mydata")
    await expect(page.locator(".mine")).to_have_count(3)


async def hidden(page: Page) -> None:
    await followed(page)
    await page.get_by_role("button", name="Hide messages").click()
    await expect(page.locator(".mine", has_text="RG1")).to_have_count(0)
    await expect(page.locator(".ours")).to_have_count(1)


async def menu_open(page: Page) -> None:
    await followed(page)
    await page.locator("summary").click()


async def not_understood(page: Page) -> None:
    await followed(page)
    await say(page, "asdfgh")
    await hears(page, "did not understand")


async def polish(page: Page) -> None:
    await page.get_by_role("button", name="Polski").click()
    await expect(page.locator("html")).to_have_attribute("lang", "pl")


async def not_sent_yet(page: Page) -> None:
    await followed(page)

    async def cut(route: Route) -> None:
        await route.abort("connectionreset")

    await page.route("**/*", cut)
    await say(page, "/places")
    await expect(page.get_by_role("list", name="Not sent yet")).to_contain_text("/places")


async def not_found(page: Page) -> None:
    await page.goto(f"{page.url}nowhere")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()


async def too_long(page: Page) -> None:
    await page.locator("#text").evaluate("(field) => field.removeAttribute('maxlength')")
    await say(page, "x" * 5000)
    await expect(page.get_by_role("alert")).to_contain_text("too long")
    await expect(page.get_by_label("Your message")).to_have_value("x" * 5000)


async def stale(page: Page) -> None:
    tokens = "for (const field of document.querySelectorAll('[name=token]')) field.value = 'old'"
    await page.evaluate(tokens)
    await page.evaluate("document.getElementById('text').value = 'hello'")
    await page.evaluate("document.getElementById('composer').submit()")
    await expect(page.get_by_role("alert")).to_contain_text("open for a long time")


STATES = [
    fresh,
    language_chosen,
    followed,
    many_buttons,
    topics,
    contact,
    my_data,
    hidden,
    menu_open,
    not_understood,
    polish,
    not_sent_yet,
    not_found,
    too_long,
    stale,
]


@pytest.mark.parametrize("walk", STATES)
async def test_no_rule_is_broken_in_any_state_of_the_page_by_day_and_by_night(
    browser: Browser, dispatcher: Dispatcher, walk: Walk
) -> None:
    async with the_chat(browser, dispatcher, color_scheme="light") as page:
        await walk(page)
        assert await faults(page) == []
        await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert await faults(page) == []


@pytest.mark.parametrize(
    "options",
    [
        {"viewport": {"width": 1280, "height": 800}},
        {"viewport": {"width": 640, "height": 400}},  # 1280 by 800 at a zoom of 200%
        {"viewport": {"width": 320, "height": 256}},  # at 400%
        {"forced_colors": "active"},
        {"contrast": "more"},
        {"demo": False},
    ],
    ids=["desk", "zoom 200%", "zoom 400%", "forced colours", "more contrast", "live"],
)
async def test_no_rule_is_broken_on_other_screens_and_settings(
    browser: Browser, dispatcher: Dispatcher, options: dict[str, Any]
) -> None:
    async with the_chat(browser, dispatcher, **options) as page:
        await many_buttons(page)
        assert await faults(page) == []


async def test_no_rule_is_broken_without_scripts(browser: Browser, dispatcher: Dispatcher) -> None:
    async with the_chat(browser, dispatcher) as page:
        # axe-core is a script itself, so only ours is kept away.
        await page.route("**/*.js", lambda route: route.abort())
        await page.reload()
        await page.get_by_role("button", name="English").click()
        await expect(page.locator("html[data-live]")).to_have_count(0)
        await hears(page, "What is your postcode?")
        assert await faults(page) == []


async def test_no_rule_is_broken_from_right_to_left(browser: Browser, tmp_path: Path) -> None:
    renderer = right_to_left(tmp_path)
    async with (
        on_stage(renderer=renderer) as stage,
        a_page(browser, stage, viewport=PHONE, locale="he") as page,
    ):
        stage.bot.language = "he"
        await say(page, "places")
        await expect(page.locator("html")).to_have_attribute("dir", "rtl")
        assert await faults(page) == []


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_everything_to_press_is_large_enough(
    browser: Browser, dispatcher: Dispatcher, width: int
) -> None:
    async with the_chat(browser, dispatcher, viewport={"width": width, "height": 800}) as page:
        await menu_open(page)
        small = await page.evaluate(
            """() => [...document.querySelectorAll("a:not(.skip), button, summary, input")]
              .filter((part) => part.checkVisibility() && !part.closest(".words, .foot"))
              .map((part) => [part.textContent.trim(), part.getBoundingClientRect()])
              .filter(([, box]) => box.width < 24 || box.height < 24)
              .map(([words]) => words)"""
        )
        assert small == []


@pytest.mark.parametrize("height", [844, 400])
async def test_whatever_has_the_focus_is_in_sight(
    browser: Browser, dispatcher: Dispatcher, height: int
) -> None:
    async with the_chat(browser, dispatcher, viewport={"width": 390, "height": height}) as page:
        await followed(page)
        await page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
        for _step in range(12):
            await page.keyboard.press("Tab")
            assert await page.evaluate(IN_SIGHT), await page.evaluate(
                "document.activeElement.outerHTML"
            )


# Whether the middle of what has the focus is not behind anything that stays in place.
IN_SIGHT = """() => {
  const focused = document.activeElement;
  if (focused === document.body) return true;
  const box = focused.getClientRects()[0];
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const there = document.elementFromPoint(x, y);
  return focused.contains(there) || (there?.contains(focused) ?? false);
}"""


async def test_a_whole_conversation_goes_by_keyboard_alone(
    browser: Browser, dispatcher: Dispatcher
) -> None:
    async with the_chat(browser, dispatcher) as page:
        await tab_to(page, "English")
        await page.keyboard.press("Enter")
        await hears(page, "What is your postcode?")
        await tab_to(page, "Your message")
        await page.keyboard.type("RG1 1AA")
        await page.keyboard.press("Enter")
        await hears(page, "You now follow Riverside.")
        await tab_to(page, "Menu", backwards=True)
        await page.keyboard.press("Enter")
        await tab_to(page, "See what I can do")
        await page.keyboard.press("Enter")
        await hears(page, "0800 555 111")
        await expect(page.locator("#lines > :last-child")).to_be_focused()
        await tab_to(page, "Hide messages", backwards=True)
        await page.keyboard.press("Enter")
        await expect(page.locator(".mine", has_text="RG1")).to_have_count(0)


async def tab_to(page: Page, name: str, *, backwards: bool = False) -> None:
    """Press Tab until what has the focus goes by that name."""
    for _step in range(60):
        await page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if await page.evaluate(NAME) == name:
            return
    raise AssertionError(f"Tab never reached {name!r}")


NAME = """() => {
  const focused = document.activeElement;
  return (focused.labels?.[0] ?? focused).textContent.trim();
}"""


async def test_a_screen_reader_meets_the_parts_in_the_order_they_are_used(
    browser: Browser, dispatcher: Dispatcher
) -> None:
    async with the_chat(browser, dispatcher) as page:
        await language_chosen(page)
        heard = await page.locator("body").aria_snapshot()
        order = [
            'link "Skip to your message"',
            "In an emergency call 999.",
            'link "Beatline Thames Valley Police"',
            'button "Hide messages"',
            'link "Leave quickly"',
            'heading "Conversation" [level=1]',
            'log "Conversation"',
            "Beatline said:",
            "You said:",
            "English",
            "What is your postcode?",
            'button "Use my location"',
            'group "Choose an answer"',
            'button "Help"',
            "Menu",
            'textbox "Your message"',
            'button "Send"',
            'heading "About this page" [level=2]',
        ]
        places = [heard.find(part) for part in order]
        assert -1 not in places, (order[places.index(-1)], heard)
        assert places == sorted(places)
