"""The whole service as its own process, in a browser: type a real postcode, follow the area."""

import asyncio
import csv
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "data" / "thames_valley_postcodes_sample.csv"

Service = tuple[asyncio.subprocess.Process, str]
Start = Callable[[], Awaitable[Service]]


@asynccontextmanager
async def services(home: Path) -> AsyncIterator[Start]:
    """Starts Beatline in ``home`` as on a fresh machine, as often as asked; ends what still runs.

    Each start gives the process and the address of its page.
    """
    started: list[asyncio.subprocess.Process] = []
    logging: list[asyncio.Task[None]] = []
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DATA_DIR": str(home / "var"),
        "WEB_PORT": "0",
        "LOG_LEVEL": "DEBUG",
        "LOG_FORMAT": "json",
    }

    async def start() -> Service:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            cwd=home,
            env=environment,
            stderr=asyncio.subprocess.PIPE,
        )
        started.append(process)
        port = asyncio.get_running_loop().create_future()
        logging.append(asyncio.create_task(_keep_log(process, home / "log", port)))
        return process, f"http://127.0.0.1:{await port}/"

    try:
        yield start
    finally:
        for process in started:
            if process.returncode is None:
                process.kill()
            await process.wait()
        await asyncio.gather(*logging)


async def _keep_log(
    process: asyncio.subprocess.Process, path: Path, port: asyncio.Future[int]
) -> None:
    """Write what the process logs to a file, and tell the port once it serves."""
    assert process.stderr is not None
    with path.open("ab") as log:
        async for line in process.stderr:
            log.write(line)
            event = json.loads(line) if line.startswith(b"{") else {}
            if event.get("event") == "serving":
                port.set_result(event["port"])
    if not port.done():
        port.set_exception(AssertionError(f"it did not start; see {path}"))


def everything_kept(home: Path) -> bytes:
    """All files and the log, in lower case; the table of postcodes is public."""
    files = (file for file in home.rglob("*") if file.is_file() and file.name != "postcodes.bin")
    return b"".join(file.read_bytes() for file in files).lower()


async def say(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.get_by_label("Your message").press("Enter")


def shipped(every: int) -> list[tuple[str, str]]:
    """Postcodes of the shipped file and the names of their wards, one from each ``every`` rows."""
    with SHIPPED.open(newline="") as file:
        return [(row["postcode"], row["ward"]) for row in csv.DictReader(file)][::every]


@pytest.mark.slow
async def test_postcodes_of_the_shipped_file_lead_to_their_own_area(
    browser: Browser, tmp_path: Path
) -> None:
    chosen = shipped(every=1000)
    async with services(tmp_path) as start:
        process, address = await start()
        page = await browser.new_page()
        await page.goto(address)
        await page.get_by_role("button", name="English").click()
        await expect(page.get_by_role("log")).to_contain_text("What is your postcode?")
        for postcode, ward in chosen:
            await say(page, f"/follow {postcode.lower().replace(' ', '')}")
            await expect(page.locator(".ours").last).to_contain_text(f"You now follow {ward}")
        cookies = await page.context.cookies()
        process.terminate()
        assert await process.wait() == 0
    kept = everything_kept(tmp_path)
    secret = [cookie.get("value", "").lower() for cookie in cookies]
    for hidden in (*secret, *(postcode.lower() for postcode, _ward in chosen)):
        assert hidden.encode() not in kept
        assert hidden.replace(" ", "").encode() not in kept


@pytest.mark.slow
async def test_after_a_sudden_end_the_reader_sees_the_last_answer_and_goes_on(
    browser: Browser, tmp_path: Path
) -> None:
    [(postcode, ward), *_rest] = shipped(every=1000)
    async with services(tmp_path) as start:
        process, address = await start()
        page = await browser.new_page()
        await page.goto(address)
        await page.get_by_role("button", name="English").click()
        await expect(page.get_by_role("log")).to_contain_text("What is your postcode?")
        process.kill()
        await process.wait()
        _process, address = await start()
        await page.goto(address)
        await expect(page.get_by_text("Earlier messages are not kept")).to_be_visible()
        await expect(page.get_by_role("log")).to_contain_text("What is your postcode?")
        await say(page, postcode)
        await expect(page.locator(".ours").last).to_contain_text(f"You now follow {ward}")
