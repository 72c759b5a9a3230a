"""The preview for translators in a real browser: filters, widths, directions, small screens."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.cli.preview.gallery import gather
from bot.cli.preview.page import page as page_of
from tests.web.test_accessibility import PHONE, faults

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a page of 900 messages, with axe


@pytest.fixture(scope="module")
def urdu(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("preview") / "ur.html"
    path.write_text(page_of(gather("ur")), encoding="utf-8")
    return path


@pytest_asyncio.fixture
async def page(browser: Browser, urdu: Path) -> AsyncIterator[Page]:
    """The page on a telephone; it may ask for nothing but itself."""
    context = await browser.new_context(viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]  # a size
    page = await context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(urdu.as_uri())
    yield page
    assert {address.partition("#")[0] for address in asked} == {urdu.as_uri()}
    assert complaints == []
    await context.close()


async def shown(page: Page) -> int:
    return await page.locator(".entry:not([hidden])").count()


async def test_a_search_a_kind_and_a_state_narrow_what_is_shown(page: Page) -> None:
    everything = await shown(page)
    await expect(page.get_by_role("status")).to_have_text(f"All {everything} messages")
    await page.get_by_label("Search").fill("You now FOLLOW")
    await expect(page.get_by_role("status")).to_have_text(f"1 of {everything} messages")
    await expect(page.locator(".screen:not([hidden]) h2")).to_contain_text("/follow")
    await page.get_by_label("Search").fill("فالو")
    assert 1 < await shown(page) < everything
    await page.get_by_label("Search").fill("")
    await page.get_by_label("Kind").select_option("Buttons")
    assert await shown(page) == await page.locator('[data-kind="button"]').count()
    await page.get_by_label("State").select_option("Only with faults")
    assert (
        await shown(page) == await page.locator('[data-kind="button"][data-is*="faulty"]').count()
    )

    await page.reload()
    await expect(page.get_by_label("Kind")).to_have_value("button")
    await expect(page.get_by_label("State")).to_have_value("faulty")


async def test_the_bubbles_take_the_width_of_each_platform(page: Page) -> None:
    await page.set_viewport_size({"width": 1600, "height": 900})
    bubble = page.locator(".drawn").first
    widths = []
    for platform in ("Telegram", "Discord", "Web chat"):
        await page.get_by_label(platform).check()
        box = await bubble.bounding_box()
        assert box is not None
        widths.append(box["width"])
    assert widths == sorted(set(widths))


async def test_urdu_runs_from_right_to_left_and_its_numbers_do_not(page: Page) -> None:
    drawn = page.locator(".drawn:lang(ur)").first
    await expect(drawn).to_have_css("direction", "rtl")
    await expect(drawn.locator("bdi").first).to_have_css("direction", "ltr")
    await expect(page.locator(".drawn:lang(en)").first).to_have_css("direction", "ltr")
    box = await drawn.bounding_box()
    words = await drawn.locator("> *").bounding_box()
    assert box is not None
    assert words is not None
    assert words["x"] + words["width"] == pytest.approx(box["x"] + box["width"], abs=1)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
async def test_nothing_overflows_sideways(page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 844})
    # What is far away is only drawn when it comes into sight, so draw all of it.
    await page.evaluate(
        "for (const entry of document.querySelectorAll('.entry')) "
        "entry.style.contentVisibility = 'visible'"
    )
    for platform in ("Telegram", "Discord", "Web chat"):
        await page.get_by_label(platform).check()
        wide = await page.evaluate(
            """() => [...document.querySelectorAll(".pair, .drawn, .drawn > *, .told, h2, label")]
              .filter((part) => part.getBoundingClientRect().right > innerWidth + 1
                || part.getBoundingClientRect().left < -1)
              .map((part) => part.outerHTML.slice(0, 200))"""
        )
        assert wide == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_rule_of_accessibility_is_broken(
    browser: Browser, urdu: Path, scheme: str
) -> None:
    # axe-core is a script that the page's own policy would refuse.
    context = await browser.new_context(
        viewport=PHONE,  # type: ignore[arg-type]  # a size
        color_scheme=scheme,  # type: ignore[arg-type]  # one of its two
        bypass_csp=True,
    )
    page = await context.new_page()
    await page.goto(urdu.as_uri())
    for platform in ("Telegram", "Discord", "Web chat"):
        await page.get_by_label(platform).check()
        assert await faults(page) == []
    await context.close()


async def test_without_scripts_everything_is_shown_and_the_width_still_changes(
    browser: Browser, urdu: Path
) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(urdu.as_uri())
    assert await shown(page) == len(list(gather("ur").cards))
    await expect(page.get_by_label("Search")).to_be_hidden()
    await page.get_by_label("Discord").check()
    await expect(page.locator(".bubble").first).to_have_css("border-top-width", "0px")
    await context.close()
