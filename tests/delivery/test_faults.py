"""What the outbox does while its database or its provider fails: say so, lose nothing, recover."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from math import ceil
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs
from structlog.typing import EventDict

from bot.delivery.outbox import Outbox
from bot.delivery.send import LONGEST_REST, MOST_IN_FLIGHT
from bot.errors import OperatorError
from bot.model import Kind, Level, Post
from bot.schedule import SystemClock
from bot.security import secrets
from bot.security.sealing import ChatKeys
from bot.services.posts import Draft, Posts
from bot.settings import Settings
from bot.store.database import Database
from bot.store.migrations import upgrade
from tests import town
from tests.delivery import crowd
from tests.delivery.sender import environment, outbox
from tests.delivery.stage import STAFF, Stage
from tests.fakes.botapi import BotApi

OUTAGE = 60.0  # seconds
PROBES = ceil(OUTAGE / LONGEST_REST)  # one message each: so many failures make the longest rests
WITHIN = 200.0  # seconds, before a test is given up
LOOK = 0.02
PEOPLE = range(1, 601)  # far more than may be on their way
ROOMY = 1_000_000  # pages
FOR_LONG = 100_000  # calls


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_full_disk_is_reported_and_with_room_again_everything_goes_out(
    stage: Stage,
) -> None:
    await crowd.gather(stage.database, stage.keys, PEOPLE, town.RIVERSIDE)
    post = await stage.release()
    outbox = _outbox(stage)
    with capture_logs() as logs:
        await _leave_room(stage, 1)
        async with _at_work(outbox):
            await _says(outbox, problem=True)
            await _leave_room(stage, ROOMY)
            await _sent(stage.posts, post, len(PEOPLE))
            await _says(outbox, problem=False)
    assert Counter(stage.channel.who) == Counter(map(str, PEOPLE))
    # Each part that needed room says so once: the planner always, the sender where it came to it.
    assert sorted(_errors(logs)) in (["duty_failed"], ["duty_failed", "outbox_failed"])


@pytest.mark.slow
async def test_what_was_sent_while_the_database_is_locked_is_marked_once_it_is_free(
    stage: Stage, database_url: str
) -> None:
    await crowd.gather(stage.database, stage.keys, PEOPLE, town.RIVERSIDE)
    post = await stage.release()
    await stage.plan()
    outbox = _outbox(stage)
    stage.channel.gate.clear()
    with capture_logs() as logs:
        async with _at_work(outbox):
            await _flying(stage)
            async with _locked(database_url):
                stage.channel.gate.set()
                await _says(outbox, problem=True)
                assert 0 < len(stage.channel.arrived) <= MOST_IN_FLIGHT
            await _sent(stage.posts, post, len(PEOPLE))
            await _says(outbox, problem=False)
    assert Counter(stage.channel.who) == Counter(map(str, PEOPLE))
    assert "outbox_failed" in _errors(logs)


@pytest.mark.slow
async def test_a_provider_that_fails_for_a_minute_is_reported_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    """Refusals, cut lines and silence, side by side: a minute is long."""
    async with AsyncExitStack() as staying, asyncio.TaskGroup() as group:
        for fault in ("refuse", "cut", "hang"):
            home = tmp_path / fault
            home.mkdir()
            database = await staying.enter_async_context(_crowded(home))
            group.create_task(_outage(fault, home, database))


async def _outage(fault: str, home: Path, database: Database) -> None:
    """Two posts, one under each policy: to the first people before the outage, to others after."""
    async with BotApi() as server:
        posts = Posts(database, SystemClock())
        for chat in PEOPLE:
            server.user(chat)
        settings = Settings.model_validate(
            {
                name.lower(): value
                for name, value in environment(_url(home), server.url, home).items()
            }
        )
        async with outbox(settings, database) as whole, _at_work(whole):
            careful = await _release(posts, Kind.UPDATE)
            await server.sees(lambda: len(server.calls) > 20, within=WITHIN)
            _fail(server, fault)
            thorough = await _release(posts, Kind.ALERT)
            await asyncio.gather(_says(whole, problem=True), asyncio.sleep(OUTAGE))
            server.mend("sendMessage")
            await _finished(posts, careful, thorough)
            await _says(whole, problem=False)
        await _check(posts, server, careful, thorough)


async def _check(posts: Posts, server: BotApi, careful: Post, thorough: Post) -> None:
    """Nobody is missing from the one; from the other only who may have been reached."""
    report = await posts.report(thorough.code)
    assert (report.sent, report.audience) == (len(PEOPLE), len(PEOPLE))
    assert _arrivals(server, thorough).keys() == set(PEOPLE)
    report = await posts.report(careful.code)
    arrivals = _arrivals(server, careful)
    assert report.sent + report.unknown == report.audience == len(PEOPLE)
    assert set(arrivals.values()) == {1}
    assert report.sent <= len(arrivals) <= report.sent + report.unknown
    # At first as many as were on their way, then a probe now and then.
    assert report.unknown <= MOST_IN_FLIGHT + PROBES


def _fail(server: BotApi, fault: str) -> None:
    match fault:
        case "refuse":
            server.fail("sendMessage", times=FOR_LONG)
        case "cut" | "hang":
            server.fail("sendMessage", fault, times=FOR_LONG)


def _arrivals(server: BotApi, post: Post) -> Counter[int]:
    """How often a post came to each chat."""
    return Counter(
        chat
        for chat, room in server.rooms.items()
        for shown in room.messages
        if post.code in shown.text
    )


async def _release(posts: Posts, kind: Kind) -> Post:
    """An update goes out at most once, an alert at least once."""
    draft = Draft(kind=kind, level=Level.ROUTINE, text="Flood.", areas=[town.RIVERSIDE.id])
    post = await posts.draft(draft, STAFF)
    await posts.approve(post.code, STAFF)
    return await posts.send(post.code, STAFF, now=True, again=True)


def _url(home: Path) -> str:
    return f"sqlite:///{home / 'beatline.sqlite'}"


@asynccontextmanager
async def _crowded(home: Path) -> AsyncIterator[Database]:
    """A database of its own, with people who are written to by the machine's clock."""
    database = Database(_url(home))
    try:
        await upgrade(database, "subscriptions")
        await town.build(database)
        keys = ChatKeys(secrets.make(home / "secrets.toml").chat_keys)
        await crowd.gather(database, keys, PEOPLE, town.RIVERSIDE)
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def _locked(database_url: str) -> AsyncIterator[None]:
    """Another program keeps the database to itself."""
    other = Database(database_url)
    try:
        async with other.write() as connection:
            if not other.is_sqlite:
                await connection.execute(text("LOCK TABLE pacing IN ACCESS EXCLUSIVE MODE"))
            yield
    finally:
        await other.close()


@asynccontextmanager
async def _at_work(outbox: Outbox) -> AsyncIterator[None]:
    """Plan and send for as long as the block lasts."""
    working = asyncio.create_task(outbox.run())
    try:
        yield
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


def _outbox(stage: Stage) -> Outbox:
    return Outbox(stage.planner, [stage.sender])


async def _leave_room(stage: Stage, pages: int) -> None:
    """Let the database file hold so many pages and no more; what it holds by now it keeps."""
    async with stage.database.write() as connection:
        await connection.execute(text(f"PRAGMA max_page_count = {pages:d}"))


async def _says(outbox: Outbox, *, problem: bool) -> None:
    """Wait until /readyz says that there is a problem, or that there is none."""

    async def asked() -> bool:
        try:
            await outbox.probe()
        except OperatorError:
            return problem
        return not problem

    await _until(asked)


async def _sent(posts: Posts, post: Post, count: int) -> None:
    async def reported() -> bool:
        return (await posts.report(post.code)).sent == count

    await _until(reported)


async def _finished(posts: Posts, *some: Post) -> None:
    async def reported() -> bool:
        return all([(await posts.report(each.code)).state == "sent" for each in some])

    await _until(reported)


async def _flying(stage: Stage) -> None:
    async def some() -> bool:
        return stage.sender.in_flight > 0

    await _until(some)


async def _until(wanted: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN):
        while not await wanted():  # noqa: ASYNC110  # another task, or program, brings it about
            await asyncio.sleep(LOOK)


def _errors(logs: list[EventDict]) -> list[str]:
    return [each["event"] for each in logs if each["log_level"] == "error"]
