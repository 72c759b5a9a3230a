"""Concerns are taken when everything that going live needs holds, and not before."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.errors import OperatorError, TryLater
from bot.ports import Mailer
from bot.services.gate import (
    LOOK_AGAIN,
    Gate,
    address_is_safe,
    areas_are_ready,
    every_area_has_a_team,
    mail_answers,
    mail_has_answered,
)
from bot.services.teams import Change, Teams
from bot.store.database import Database
from tests import town
from tests.conftest import FakeClock
from tests.gnupg import GnuPG

HERE = "smtps://mail.example.org"


class Requirement:
    """Holds or not, as the test says; counts how often it was looked at."""

    def __init__(self, missing: str = "") -> None:
        self.missing = missing
        self.looks = 0

    async def __call__(self) -> None:
        self.looks += 1
        if self.missing:
            raise OperatorError(self.missing)


class Post:
    """A mail server that answers or not."""

    def __init__(self, *, away: bool = False) -> None:
        self.away = away

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        raise AssertionError("the gate sends nothing")

    async def ping(self) -> None:
        if self.away:
            raise TryLater("connection refused", after=60)


async def missing(probe: object) -> str | None:
    try:
        return await probe()  # type: ignore[operator, no-any-return]  # a probe
    except OperatorError as error:
        return f"MEND {error}"


async def test_the_gate_is_open_when_all_holds_and_closed_when_one_thing_is_missing(
    clock: FakeClock,
) -> None:
    teams, mail = Requirement(), Requirement("MAIL_URL is not set")
    gate = Gate({"teams": teams, "mail": mail}, clock)
    assert not await gate.is_open("telegram")
    assert await gate.probe() == "/concern is closed: mail: MAIL_URL is not set"
    mail.missing = ""
    clock.set(clock.now() + LOOK_AGAIN)
    assert await gate.is_open("telegram")
    assert await gate.probe() is None


async def test_a_minute_passes_between_two_looks(clock: FakeClock) -> None:
    teams = Requirement("there is none")
    gate = Gate({"teams": teams}, clock)
    for _ in range(5):
        assert not await gate.is_open("telegram")
    assert teams.looks == 1
    clock.set(clock.now() + LOOK_AGAIN - timedelta(seconds=1))
    await gate.is_open("telegram")
    assert teams.looks == 1
    clock.set(clock.now() + timedelta(seconds=1))
    await gate.is_open("telegram")
    assert teams.looks == 2


async def test_the_web_chat_of_a_demo_is_open_while_a_channel_with_a_token_waits(
    clock: FakeClock,
) -> None:
    gate = Gate({"teams": Requirement("there is none")}, clock, free={"web"})
    assert await gate.is_open("web")
    assert not await gate.is_open("telegram")


async def test_the_log_tells_once_what_keeps_the_gate_closed_and_when_it_opens(
    clock: FakeClock,
) -> None:
    teams = Requirement("there is none")
    gate = Gate({"teams": teams}, clock)
    with capture_logs() as logged:
        for missing_now in ("there is none", "there is none", ""):
            teams.missing = missing_now
            clock.set(clock.now() + LOOK_AGAIN)
            await gate.is_open("telegram")
    assert [(line["event"], line.get("hint")) for line in logged] == [
        ("concerns_closed", "there is none"),
        ("concerns_open", None),
    ]


async def test_stand_ins_are_enough_only_where_the_operator_accepts_them(
    database: Database,
) -> None:
    assert "there are none" in str(await missing(areas_are_ready(database, accepts_standins=True)))
    await town.build(database)
    told = await missing(areas_are_ready(database, accepts_standins=False))
    assert told is not None
    assert told.startswith("MEND 1 of 3 are stand-ins")
    assert "ACCEPT_STANDIN_AREAS=true" in told
    told = await missing(areas_are_ready(database, accepts_standins=True))
    assert told == "1 of 3 are stand-ins, not the force's own"


async def test_every_area_needs_a_team(database: Database, clock: FakeClock) -> None:
    await town.build(database)
    teams = Teams(database, clock)
    await teams.show_sample(True)
    probe = every_area_has_a_team(teams)
    assert "beatline team add" in str(await missing(probe))
    one = Change(areas=[town.RIVERSIDE.id], email="a@police.example")
    await teams.add("Riverside team", one, "operator")
    assert "nobody serves Hillside (Northtown), Hillside (Southtown):" in str(await missing(probe))
    everywhere = Change(everywhere=True, email="all@police.example")
    await teams.add("Force desk", everywhere, "operator")
    assert await missing(probe) is None


async def test_a_certificate_that_ends_is_told_in_time_and_one_that_ended_closes_the_gate(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    pytest.importorskip("pysequoia", reason="the extra [pgp] is not installed")
    clock.set(datetime.now(UTC))  # when GnuPG makes the key
    teams = Teams(database, clock)
    with GnuPG.at(tmp_path / "gnupg") as gnupg:
        gnupg.new_key(lasting="1y")
        wanted = Change(
            everywhere=True, email="all@police.example", certificate=gnupg.certificate()
        )
    await teams.add("Force desk", wanted, "operator")
    probe = every_area_has_a_team(teams)
    assert await missing(probe) is None
    clock.set(clock.now() + timedelta(days=336))
    told = await missing(probe)
    assert told is not None
    assert told.startswith("the certificate of Force desk ends on ")
    assert "beatline team change NAME --certificate FILE" in told
    clock.set(clock.now() + timedelta(days=31))
    assert str(await missing(probe)).startswith("MEND nothing can be sealed for Force desk")


async def test_mail_must_be_set_and_answer() -> None:
    assert "MAIL_URL is not set" in str(await missing(mail_answers(None)))
    assert "connection refused" in str(await missing(mail_answers(Post(away=True))))
    assert await missing(mail_answers(Post())) is None


async def test_a_mail_server_that_once_answered_may_be_away_for_a_while(
    database: Database,
) -> None:
    post: Mailer = Post()
    away: Mailer = Post(away=True)
    assert "MEND" in str(await missing(mail_has_answered(away, database, HERE)))
    assert await missing(mail_has_answered(post, database, HERE)) is None
    told = await missing(mail_has_answered(away, database, HERE))
    assert told is not None
    assert told.endswith("concerns wait until it does")
    other = mail_has_answered(away, database, "smtps://other.example.org")
    assert "MEND" in str(await missing(other))
    assert "MAIL_URL is not set" in str(await missing(mail_has_answered(None, database, HERE)))


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        (None, True),
        ("https://beat.example.org", True),
        ("http://127.0.0.1:9000", True),
        ("http://localhost:8080", True),
        ("http://[::1]:8080", True),
        ("http://beat.example.org", False),
        ("http://192.0.2.7", False),
    ],
)
async def test_pages_are_reached_by_https_or_on_this_machine(
    url: str | None, is_safe: bool
) -> None:
    assert (await missing(address_is_safe(url)) is None) is is_safe
