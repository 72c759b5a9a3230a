"""`beatline team` as an operator types it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot import logs
from bot.app import joined
from bot.settings import Settings
from tests.shell import run

DESK = ("team", "add", "Force desk", "--everywhere", "--email", "desk@police.example")


class Operator:
    """Someone at a shell, in a home of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def types(self, *words: str) -> tuple[int, str, str]:
        settings = {**os.environ, "DATA_DIR": str(self.home / "var")}
        ran = run(self.home, *words, settings=settings)
        return ran.status, ran.out, ran.err

    def gets(self, *words: str) -> Any:
        status, out, err = self.types(*words, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """One whose home several tests share, because none of them changes anything."""
    return Operator(tmp_path_factory.mktemp("home"))


def test_a_team_is_added_listed_changed_and_removed(operator: Operator) -> None:
    status, out, err = operator.types(
        *("team", "add", "Abbey team", "--area", "E05013864", "--email", "abbey@police.example"),
        *("--urgent-email", "duty@police.example", "--hours", "Monday to Friday, 8am to 4pm"),
    )
    assert (status, err) == (0, "")
    assert "Abbey team is added." in out
    assert "answers count from: police.example" in out
    assert "/concern stays closed until one does." in out

    operator.types(*DESK)
    listed = operator.gets("team", "list")
    assert listed["areas_without_team"] == []
    assert [team["name"] for team in listed["teams"]] == ["Abbey team", "Force desk"]
    assert listed["teams"][0] == {
        "name": "Abbey team",
        "areas": ["E05013864"],
        "everywhere": False,
        "email": "abbey@police.example",
        "urgent_email": "duty@police.example",
        "fallback_email": None,
        "certificate": False,
        "reply_domains": ["police.example"],
        "office_hours": "Monday to Friday, 8am to 4pm",
    }

    changed = operator.gets("team", "change", "abbey team", "--fallback-email", "b@police.example")
    assert changed["fallback_email"] == "b@police.example"
    assert changed["areas"] == ["E05013864"]

    assert operator.types("team", "remove", "Abbey team")[1] == "Abbey team is removed.\n"
    assert "2 team(s)" not in operator.types("team", "list")[1]


def test_an_invitation_is_shown_once_and_says_how_long_it_holds(operator: Operator) -> None:
    operator.types(*DESK)
    status, out, err = operator.types("team", "invite", "Force desk", "--role", "viewer")
    assert status == 0
    assert len(out.strip()) >= 43
    assert "24 hours, as viewer" in err
    kept = b"".join(path.read_bytes() for path in (operator.home / "var").glob("beatline.sqlite*"))
    assert out.strip().encode() not in kept


async def test_mail_that_was_kept_back_is_listed_with_its_reason_and_written_for_its_team(
    operator: Operator,
) -> None:
    settings = Settings(_env_file=None, data_dir=operator.home / "var")  # type: ignore[call-arg]  # mypy knows fields only
    async with joined(settings) as beatline:
        concerns = beatline.services.concerns
        number = await concerns.hold_back(b"From: someone@elsewhere.example\n\nHello", "sender")
    logs.reset()

    (one,) = operator.gets("team", "held")["held"]
    assert (one["id"], one["team"]) == (number, "no team")
    assert one["reason"] == "it is not from an address that may answer for the team"

    out = operator.home / "held.eml"
    assert operator.types("team", "held", number, "--to", str(out))[0] == 0
    assert out.read_bytes().startswith(b"From: someone@elsewhere.example")
    assert out.stat().st_mode & 0o077 == 0
    status, _, err = operator.types("team", "held", number, "--to", str(out))
    assert (status, err.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("team", "add", "T", "--email", "a@b.example"), "--everywhere"),
        (("team", "add", "T", "--everywhere"), "give --email"),
        (("team", "add", "T", "--everywhere", "--email", "nobody"), "is not an e-mail address"),
        (("team", "add", "T", "--area", "Atlantis", "--email", "a@b.example"), "no area Atlantis"),
        (
            ("team", "add", "T", "--area", "E05013864", "--everywhere", "--email", "a@b.example"),
            "not both",
        ),
        (("team", "remove", "Nobody"), "there is no team Nobody"),
        (("team", "invite", "Nobody"), "there is no team Nobody"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    settled: Operator, words: tuple[str, ...], complaint: str
) -> None:
    status, out, err = settled.types(*words)
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    assert complaint in err


def test_a_file_that_is_no_certificate_is_refused(settled: Operator) -> None:
    pytest.importorskip("pysequoia", reason="the extra [pgp] is not installed")
    wrong = settled.home / "team.asc"
    wrong.write_text("not a certificate")
    status, _, err = settled.types(*DESK, "--certificate", str(wrong))
    assert status == 1
    assert "not one OpenPGP certificate" in err
