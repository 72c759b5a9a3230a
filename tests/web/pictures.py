"""Takes the pictures of ``docs/pictures`` anew: ``python -m tests.web.pictures``."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, Page, Route, async_playwright, expect

from bot.cli.preview.gallery import gather
from bot.cli.preview.page import page as page_of
from tests.web.conftest import QUIET, chromium
from tests.web.test_first_light import ROOT, say, services

PICTURES = ROOT / "docs" / "pictures"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1200, "height": 800}

Walk = Callable[[Page], Awaitable[None]]


async def press(page: Page, label: str) -> None:
    """Press an answer and wait for what it brings."""
    said = await page.locator(".mine").count()
    await page.locator("#options").get_by_role("button", name=label).click()
    await expect(page.locator(".mine")).to_have_count(said + 1)


async def arrive(page: Page) -> None:
    await expect(page.locator("#options button").first).to_be_visible()


async def choose(page: Page) -> None:
    await press(page, "English")


async def where(page: Page) -> None:
    await choose(page)
    await page.get_by_role("button", name="Help").scroll_into_view_if_needed()


async def follow(page: Page) -> None:
    await choose(page)
    await say(page, "RG1 1AF")
    await expect(page.get_by_role("log")).to_contain_text("You now follow")


async def places(page: Page) -> None:
    await follow(page)
    await press(page, "My areas")


async def menu(page: Page) -> None:
    await follow(page)
    await page.get_by_text("Menu", exact=True).click()


async def help_(page: Page) -> None:
    await follow(page)
    await press(page, "Help")


async def polish(page: Page) -> None:
    await press(page, "Polski")


async def urdu(page: Page) -> None:
    await press(page, "اردو (computer translation)")


async def waiting(page: Page) -> None:
    await follow(page)

    async def cut(route: Route) -> None:
        await route.abort("connectionreset")

    await page.route("**/*", cut)
    await say(page, "/places")
    await expect(page.get_by_role("status")).to_contain_text("No connection.")


async def lost(page: Page) -> None:
    await page.goto(f"{page.url}nowhere")


SCREENS: dict[str, Walk] = {
    "phone-welcome": arrive,
    "phone-where": where,
    "phone-followed": follow,
    "phone-menu": menu,
    "phone-help": help_,
    "phone-polish": polish,
    "phone-urdu": urdu,
    "phone-waiting": waiting,
    "phone-not-found": lost,
}


async def take(browser: Browser, address: str, name: str, walk: Walk, **options: object) -> None:
    """Walk to a screen in a browser that has never been here, and keep what it shows."""
    context = await browser.new_context(
        **{"viewport": PHONE, "reduced_motion": "reduce", **options}  # type: ignore[arg-type]  # passed on
    )
    page = await context.new_page()
    await page.goto(address)
    await walk(page)
    await page.mouse.move(0, 0)  # nothing is shown as if about to be pressed
    await page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
    await context.close()


async def take_preview(browser: Browser, home: Path, code: str, name: str, **on: object) -> None:
    """The translators' page of a language, searched for one screen."""

    async def search(page: Page) -> None:
        await page.get_by_label("Search").fill("/follow:")
        first = page.locator('.entry:not([hidden])[data-kind="message"]').first
        await first.evaluate("(entry) => entry.scrollIntoView()")
        await page.evaluate("document.activeElement.blur()")

    path = home / f"{code}.html"
    path.write_text(page_of(gather(code)), encoding="utf-8")
    await take(browser, path.as_uri(), name, search, **on)


async def main() -> None:
    with TemporaryDirectory() as home:
        async with services(Path(home)) as start, async_playwright() as playwright:
            _process, address = await start()
            browser = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
            for name, walk in SCREENS.items():
                await take(browser, address, name, walk)
            await take(browser, address, "phone-dark", places, color_scheme="dark")
            await take(browser, address, "web-chat", choose, viewport=DESK)
            await take_preview(browser, Path(home), "ur", "preview-urdu", viewport=DESK)
            await take_preview(browser, Path(home), "pl", "preview-polish")
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
