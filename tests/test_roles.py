"""One process may do everything or a part; each part knows what it needs."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import logs
from bot.app import joined, run
from bot.errors import OperatorError
from bot.roles import EVERYTHING, Role, read_roles, taken
from bot.services.move import leave
from bot.settings import Settings

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"

Start = Callable[..., Settings]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    def settings(**chosen: Any) -> Settings:
        return Settings(
            _env_file=None,  # type: ignore[call-arg]  # mypy knows fields only
            data_dir=tmp_path / "var",
            secrets_file=tmp_path / "secrets.toml",
            **chosen,
        )

    return settings


@pytest.fixture(autouse=True)
def quiet_logs() -> Any:
    yield
    logs.reset()
    structlog.reset_defaults()


def test_roles_are_words_divided_by_commas() -> None:
    assert read_roles("receive,web,send,work") == EVERYTHING
    assert read_roles(" send, work") == {Role.SEND, Role.WORK}


@pytest.mark.parametrize("words", ["", "send,", "sned", "send;work"])
def test_another_word_is_refused(words: str) -> None:
    with pytest.raises(OperatorError, match="roles are receive, web, send, work"):
        read_roles(words)


def test_on_sqlite_each_role_has_one_process(tmp_path: Path) -> None:
    file = tmp_path / "beatline.sqlite"
    with taken({Role.SEND}, file):
        with taken({Role.WORK, Role.WEB}, file):
            pass
        with pytest.raises(OperatorError, match="the role send"), taken(EVERYTHING, file):
            pass
    with taken(EVERYTHING, file):
        pass


def test_on_postgresql_many_processes_have_a_role() -> None:
    with taken(EVERYTHING, None), taken(EVERYTHING, None):
        pass


@pytest.mark.parametrize(
    ("role", "chosen"),
    [
        (Role.SEND, {}),
        (Role.RECEIVE, {}),
        (
            Role.RECEIVE,
            {
                "telegram_bot_token": TOKEN,
                "telegram_webhook": True,
                "web_public_url": "https://beat.example.org",
            },
        ),
    ],
)
async def test_a_process_with_nothing_to_do_says_so(
    start: Start, role: Role, chosen: dict[str, Any]
) -> None:
    with pytest.raises(OperatorError, match=f"nothing to do for {role}"):
        await run(start(**chosen), {role})


async def test_a_moved_database_is_never_started_again(start: Start) -> None:
    async with joined(start()) as beatline:
        await leave(beatline.subscriptions)
    with pytest.raises(OperatorError, match="was moved"):
        async with joined(start()):
            pass


def test_the_compose_file_runs_every_role_once_and_holds_no_password() -> None:
    words = (Path(__file__).parents[1] / "compose.yaml").read_text()
    commands = re.findall(r'"--roles", "([a-z,]+)"', words)
    assert sorted(role for each in commands for role in read_roles(each)) == sorted(EVERYTHING)
    passwords = re.findall(r"PASSWORD: (.+)|://\w+:(.+)@", words)
    assert passwords
    assert all((one or other).startswith("${") for one, other in passwords)
