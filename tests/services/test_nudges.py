"""The nudge: an area's digest says that some concerns have replies, to everyone alike."""

from pathlib import Path

import pytest

from bot.bulletin import Entry
from bot.catalogs import Catalogs
from bot.delivery.drawing import Drawing
from bot.model import Kind, Level, Post
from bot.security.sealing import ChatKeys
from bot.security.secrets import Secrets
from bot.services.concerns import FEWEST_TO_NUDGE
from bot.services.nudges import Nudges
from bot.services.places import Places
from bot.services.posts import Draft
from bot.store.database import Database
from bot.store.postcodes import PackedPostcodes
from tests import town
from tests.conftest import FakeClock
from tests.delivery.stage import stage_over
from tests.services.concern_desk import OPERATOR, Desk, set_desk


@pytest.fixture
async def desk(
    database: Database, concerns_database: Database, clock: FakeClock, tmp_path: Path
) -> Desk:
    return await set_desk(database, concerns_database, clock, tmp_path)


async def news(desk: Desk, area: str) -> Post:
    draft = Draft(kind=Kind.UPDATE, level=Level.ROUTINE, text="Mill Lane is closed.", areas=[area])
    return await desk.posts.draft(draft, OPERATOR)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_digest_of_an_area_with_replies_says_so_once_and_names_nobody(
    desk: Desk, clock: FakeClock, catalogs: Catalogs, tmp_path: Path
) -> None:
    stage = stage_over(desk.subscriptions, clock, catalogs, ChatKeys(Secrets.fresh().chat_keys))
    for number in range(FEWEST_TO_NUDGE):
        await stage.follower(str(number), town.RIVERSIDE)
    places = Places(desk.subscriptions, PackedPostcodes(tmp_path / "postcodes.bin"), clock)
    nudges = Nudges(desk.concerns, places)
    drawing = Drawing(catalogs, "Thames Valley Police", demo=False, nudged=lambda: nudges.areas)
    here, there = await news(desk, town.RIVERSIDE.id), await news(desk, "ZX02")

    def digest(*posts: Post) -> str:
        entries = [Entry(post.areas[0].label, post) for post in posts]
        words = {post.id: post for post in posts}
        return drawing.digest(entries, words, "telegram", "en_GB").plain

    code = await desk.send()
    await nudges.look()
    assert "have replies" not in digest(here, there)
    await desk.answer(code, "We will look.")
    await nudges.look()
    assert digest(here, there).count("Some concerns from Riverside have replies.") == 1
    assert "have replies" not in digest(there)
    assert "We will look" not in digest(here)
