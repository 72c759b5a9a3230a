"""Answers take their slots of a token, so that others who send with it do not go over the pace."""

from bot.delivery.answers import Answers
from bot.store import pacing
from bot.store.database import Database
from tests.delivery.stage import CollectingChannel

RATE = 10.0


async def pace(database: Database) -> pacing.Pace:
    async with database.write() as connection:
        token = await pacing.token_of(connection, "telegram")
        return await pacing.read(connection, token)


async def test_answers_drawn_here_push_back_what_is_sent_elsewhere(database: Database) -> None:
    channel = CollectingChannel(drawn=3)
    answers = Answers(database, channel, RATE)
    channel.drawn += 100
    await answers.count()
    after = await pace(database)
    assert 9 < after.next_free - after.now <= 100 / RATE


async def test_each_answer_counts_once(database: Database) -> None:
    channel = CollectingChannel()
    answers = Answers(database, channel, RATE)
    channel.drawn += 100
    await answers.count()
    before = await pace(database)
    await answers.count()
    assert (await pace(database)).next_free == before.next_free
