"""Whenever a sender is killed, each post keeps the promise of its policy, and says what it knows.

The processes are real, and so is SIGKILL. What the Bot API counted and what a post's report says
must agree.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import literal_column, select

from bot.delivery.pace import TICK
from bot.delivery.send import MOST_IN_FLIGHT
from bot.model import DeliveryState, Kind, Level, Policy, Post
from bot.schedule import SystemClock
from bot.security import secrets
from bot.security.sealing import ChatKeys
from bot.services.posts import Draft, Posts
from bot.store.database import Database
from bot.store.tables import deliveries
from tests import town
from tests.delivery import crowd
from tests.delivery.sender import environment, running
from tests.delivery.stage import STAFF
from tests.fakes.botapi import BotApi

MESSAGES, POSTS, KILLS = 3_000, 5, 20
IN_DOUBT = KILLS * MOST_IN_FLIGHT
EVERYONE = range(1, MESSAGES + 1)
WITHIN = 300.0  # seconds, before a test is given up


@pytest.mark.slow
@pytest.mark.parametrize("policy", list(Policy))
async def test_a_sender_may_be_killed_at_any_moment(
    database: Database, database_url: str, tmp_path: Path, policy: Policy
) -> None:
    seed = random.randrange(1_000_000)
    print(f"the moments come from seed {seed}")  # noqa: T201  # shown when the test fails
    chance = Random(seed)
    posts = await _released(database, tmp_path, policy)
    async with BotApi() as server:
        for chat in EVERYONE:
            server.user(chat)
        settings = environment(database_url, server.url, tmp_path)
        # However many are in doubt, so many arrive for certain.
        for moment in sorted(chance.sample(range(1, MESSAGES * POSTS - IN_DOUBT), KILLS)):
            async with running(settings):
                await server.sees(lambda: len(server.calls) >= moment, within=WITHIN)  # noqa: B023  # used at once
                await asyncio.sleep(chance.uniform(0, TICK))
        async with running(settings):
            await _settled(database)
        doubts = 0
        for post in posts:
            doubts += await _check(database, post, _arrivals(server, post))
        assert doubts <= IN_DOUBT


async def _released(database: Database, home: Path, policy: Policy) -> list[Post]:
    """Posts to everyone, which wait for a sender."""
    await town.build(database)
    keys = ChatKeys(secrets.make(home / "secrets.toml").chat_keys)
    await crowd.gather(database, keys, EVERYONE, town.RIVERSIDE)
    service = Posts(database, SystemClock())
    released = []
    for number in range(POSTS):
        draft = Draft(
            kind=Kind.UPDATE,
            level=Level.ROUTINE,
            text=f"News {number}.",
            areas=[town.RIVERSIDE.id],
            policy=policy,
        )
        post = await service.draft(draft, STAFF)
        await service.approve(post.code, STAFF)
        released.append(await service.send(post.code, STAFF, now=True))
    return released


async def _check(database: Database, post: Post, arrivals: Mapping[int, int]) -> int:
    """Hold a post to its promise. Returns how often it came twice, or was left in doubt."""
    states = await _states(database, post)
    report = await Posts(database, SystemClock()).report(post.code)
    assert Counter(states.values()) == +Counter(
        {DeliveryState.SENT: report.sent, DeliveryState.UNKNOWN: report.unknown}
    )
    assert (report.state, report.audience, report.queued) == ("sent", MESSAGES, 0)
    if post.policy is Policy.AT_LEAST_ONCE:
        assert arrivals.keys() == set(EVERYONE)
        assert report.sent == MESSAGES
        return sum(arrivals.values()) - MESSAGES
    assert set(arrivals.values()) == {1}
    never = set(EVERYONE) - arrivals.keys()
    assert {states[chat] for chat in never} <= {DeliveryState.UNKNOWN}
    return report.unknown


async def _states(database: Database, post: Post) -> dict[int, DeliveryState]:
    """Where each resident's message stands."""
    async with database.read() as connection:
        rows = await connection.execute(
            select(deliveries.c.subscriber_id, deliveries.c.state).where(
                deliveries.c.post_id == post.id
            )
        )
        return {row.subscriber_id: DeliveryState(row.state) for row in rows}


def _arrivals(server: BotApi, post: Post) -> Counter[int]:
    """How often a post came to each chat."""
    return Counter(
        chat
        for chat, room in server.rooms.items()
        for shown in room.messages
        if post.code in shown.text
    )


async def _settled(database: Database) -> None:
    """Wait until nothing is queued or on its way; a killed sender's leases last a minute."""
    moving = deliveries.c.state.in_([literal_column("0"), literal_column("1")])
    async with asyncio.timeout(WITHIN):
        while True:
            async with database.read() as connection:
                found = await connection.execute(select(deliveries.c.id).where(moving).limit(1))
                if found.first() is None:
                    return
            await asyncio.sleep(0.1)
