"""The 72-hour clock is seen by the team before it ends, and by their supervisor after."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import TryLater
from bot.services.reminders import Reminders
from bot.store.database import Database
from tests.conftest import FakeClock
from tests.mailstage import ADDRESS, FALLBACK, TEAM, FakeMailer, Stage
from tests.services.test_blind_reply import RECEIVER, mail
from tests.services.test_reply_desk import desk

RAISED = 23  # of November, as the clock of tests stands


@pytest.fixture
async def stage(
    database: Database, concerns_database: Database, tmp_path: Path, clock: FakeClock
) -> Stage:
    return await Stage.built(database, concerns_database, tmp_path, clock)


@pytest.fixture
def mailer() -> FakeMailer:
    return FakeMailer()


def on(stage: Stage, day: int) -> None:
    stage.clock.set(datetime(2026, 11, day, 9, tzinfo=UTC))


def reminders(stage: Stage, mailer: FakeMailer) -> Reminders:
    return Reminders(stage.database, stage.clock, stage.teams, mailer, ADDRESS)


async def delivered(stage: Stage, mailer: FakeMailer, **values: object) -> str:
    """A concern that its team has; gives its reference."""
    await stage.raised(**values)
    await stage.forwarder(mailer).step()
    return str(mailer.accepted.pop().mail["Subject"]).partition(" ")[0]


async def test_a_team_is_reminded_once_the_day_before_the_last(
    stage: Stage, mailer: FakeMailer
) -> None:
    await stage.has_team(fallback=True)
    references = [await delivered(stage, mailer) for _ in range(2)]
    for day in (RAISED, RAISED + 1):
        on(stage, day)
        await reminders(stage, mailer).remind()
    assert mailer.accepted == []
    for day in (RAISED + 2, RAISED + 3):
        on(stage, day)
        await reminders(stage, mailer).remind()
    (reminder,) = mailer.accepted
    assert reminder.recipient == TEAM
    assert reminder.sender == ""
    for reference in references:
        assert f"{reference}: answer by the end of 26 November 2026" in reminder.words
    assert reminder.mail["Subject"] == "Concerns that await an answer"


async def test_a_supervisor_is_told_once_after_the_last_day(
    stage: Stage, mailer: FakeMailer
) -> None:
    await stage.has_team(fallback=True)
    reference = await delivered(stage, mailer)
    for day in (RAISED + 4, RAISED + 5):
        on(stage, day)
        await reminders(stage, mailer).remind()
    (told,) = mailer.accepted
    assert told.recipient == FALLBACK
    assert reference in told.words
    assert "Riverside beat team has not answered" in told.words


async def test_without_a_fallback_the_team_itself_is_told(stage: Stage, mailer: FakeMailer) -> None:
    await stage.has_team()
    await delivered(stage, mailer)
    on(stage, RAISED + 4)
    await reminders(stage, mailer).remind()
    assert mailer.recipients == [TEAM]


async def test_an_answer_stops_the_clock(stage: Stage, mailer: FakeMailer) -> None:
    await stage.has_team()
    await stage.raised()
    await stage.forwarder(mailer).step()
    handed = mailer.accepted.pop()
    answer = mail("#working", To=handed.mail["Reply-To"])
    await desk(stage, mailer, authserv_id=RECEIVER).handle(answer.as_bytes())
    on(stage, RAISED + 4)
    await reminders(stage, mailer).remind()
    assert mailer.accepted == []


async def test_nobody_is_reminded_where_no_answer_is_wanted_or_nothing_arrived(
    stage: Stage, mailer: FakeMailer
) -> None:
    await stage.has_team()
    await delivered(stage, mailer, answer_wanted=False)
    await stage.raised()
    on(stage, RAISED + 4)
    await reminders(stage, mailer).remind()
    assert mailer.accepted == []


async def test_a_reminder_that_could_not_go_out_is_tried_again(
    stage: Stage, mailer: FakeMailer
) -> None:
    await stage.has_team()
    await delivered(stage, mailer)
    on(stage, RAISED + 2)
    mailer.refuse = lambda recipient: TryLater("not now", after=60, everyone=True)
    await reminders(stage, mailer).remind()
    mailer.refuse = lambda recipient: None
    await reminders(stage, mailer).remind()
    assert mailer.recipients == [TEAM]
