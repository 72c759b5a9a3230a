"""The pages of advice: read in the visitor's language, printed with a code, and safe to serve."""

from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser

from bot.services.articles import Library
from bot.services.directory import Directory
from tests import as_shipped
from tests.conftest import FakeClock
from tests.web.page import Page
from tests.web.stage import on_stage
from tests.web.test_accessibility import faults
from web.guard import HEADERS

# Numbers on a page whose last digit is seen before the first, and how many there are.
TURNED_NUMBERS = """() => {
    const at = (text, place) => {
        const range = document.createRange();
        range.setStart(text, place);
        range.setEnd(text, place + 1);
        return range.getBoundingClientRect();
    };
    const links = [...document.querySelectorAll('a[href^="tel:"], a[href^="sms:"]')];
    const texts = links.map(link => document.createTreeWalker(link, 4).nextNode());
    const turned = texts.filter(text => {
        const first = at(text, 0), last = at(text, text.length - 1);
        return first.top === last.top && first.left > last.left;
    });
    return [...turned.map(text => text.data), texts.length];
}"""


async def get(path: str, **headers: str) -> httpx.Response:
    async with on_stage() as stage, stage.client() as client:
        return await client.get(path, headers=headers)


async def test_an_article_is_shown_whole_with_its_sources_and_the_emergency_line() -> None:
    page = await get("/advice/bike-theft")
    assert page.status_code == 200
    assert "<h1>Keep your bike safe</h1>" in page.text
    assert "<h2>At home</h2>" in page.text
    assert "https://www.immobilise.com/help/registerbike" in page.text
    assert "In an emergency call 999." in page.text
    assert "We will check this advice again by 1 November 2027." in page.text
    assert "{" not in page.text.partition("<main>")[2]


async def test_an_article_is_in_the_language_of_the_browser_or_of_the_address() -> None:
    for page in (
        await get("/advice/bike-theft", **{"accept-language": "pl"}),
        await get("/advice/bike-theft?language=pl"),
    ):
        assert Page(page.text).attributes[0] == ("html", {"lang": "pl", "dir": "ltr"})
        assert "Keep your bike safe" not in page.text
        assert 'href="/advice/bike-theft?language=en_GB"' in page.text


async def test_an_article_that_is_not_translated_is_in_english_and_says_so(
    tmp_path: Path, clock: FakeClock
) -> None:
    folder = tmp_path / "en_GB" / "advice"
    folder.mkdir(parents=True)
    shipped = Path(__file__).parents[2] / "locales" / "en_GB" / "advice" / "bike-theft.md"
    (folder / "bike-theft.md").write_text(shipped.read_text())
    library = Library(Directory("thames-valley", clock), tmp_path)
    async with on_stage(library=library) as stage, stage.client() as client:
        page = await client.get("/advice/bike-theft?language=pl")
    assert '<div lang="en-GB" dir="ltr">\n<h1>Keep your bike safe</h1>' in page.text
    assert 'class="note"' in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/advice/nothing",
        "/advice/nothing/print",
        "/advice/bike-theft?language=xx",
        "/advice/bike-theft/xx.svg",
        "/advice/..%2Fbike-theft",
    ],
)
async def test_what_there_is_not_is_not_found(path: str) -> None:
    assert (await get(path)).status_code == 404


async def test_the_sheet_and_its_code_lead_to_the_page() -> None:
    sheet = await get("/advice/bike-theft/print?language=en_GB")
    assert "http://localhost:8080/advice/bike-theft?language=en_GB" in sheet.text
    assert "<script" not in sheet.text
    assert sheet.headers["content-security-policy"] == HEADERS["content-security-policy"]
    code = await get("/advice/bike-theft/en_GB.svg")
    assert code.headers["content-type"] == "image/svg+xml"
    assert code.text.startswith("<svg")
    assert "style=" not in code.text
    assert "<script" not in code.text


@pytest.mark.slow
@pytest.mark.browser
async def test_every_sheet_is_one_page_of_a4_and_breaks_no_rule(browser: Browser) -> None:
    async with on_stage() as stage:
        page = await browser.new_page()
        complaints: list[str] = []
        longer = []
        page.on("console", lambda message: complaints.append(message.text))
        for article in as_shipped.library().articles:
            for language in ("en_GB", "pl"):
                await page.goto(f"{stage.url}/advice/{article}/print?language={language}")
                paper = await page.pdf(prefer_css_page_size=True)
                if paper.count(b"/Type /Page\n") != 1:
                    longer.append((article, language))
        assert (longer, complaints) == ([], [])
        await page.close()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["ar", "ur"])
async def test_numbers_to_call_are_read_from_the_left_among_words_from_the_right(
    browser: Browser, language: str
) -> None:
    async with on_stage() as stage:
        page = await browser.new_page()
        numbers = 0
        for article in as_shipped.library().articles:
            await page.goto(f"{stage.url}/advice/{article}?language={language}")
            turned = await page.evaluate(TURNED_NUMBERS)
            numbers += turned.pop()
            assert turned == [], article
        assert numbers > 20
        await page.close()


@pytest.mark.browser
async def test_no_rule_of_accessibility_is_broken(browser: Browser) -> None:
    async with on_stage() as stage:
        page = await browser.new_page(viewport={"width": 390, "height": 844}, bypass_csp=True)
        for path in ("bike-theft", "safe-at-home?language=pl", "bike-theft/print"):
            await page.goto(f"{stage.url}/advice/{path}")
            assert await faults(page) == [], path
        await page.close()


@pytest.mark.browser
async def test_articles_fit_a_phone(browser: Browser) -> None:
    async with on_stage() as stage:
        page = await browser.new_page(viewport={"width": 320, "height": 640})
        for article in as_shipped.library().articles:
            await page.goto(f"{stage.url}/advice/{article}?language=pl")
            assert await page.evaluate("document.documentElement.scrollWidth") <= 320, article
        await page.close()
