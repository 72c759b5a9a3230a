"""`beatline db backup`, `db restore` and `forget`, as an operator runs them."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from bot.conversation import Address
from bot.model import ConcernState, Theme
from bot.schedule import SystemClock
from bot.security import secrets
from bot.security.concern_seals import PushSeals
from bot.security.sealing import ChatKeys
from bot.services.residents import Residents
from bot.store import mailboxes, push_links
from bot.store.database import Database
from bot.store.mailboxes import Stored
from bot.store.migrations import upgrade
from tests import shell
from tests.databases import new_postgres_database

SOMEONE = Address("telegram", "4815162342")
FORGET = ("forget", "telegram:4815162342")


@dataclass(frozen=True)
class Operator:
    """Someone at a shell in a folder of their own, with the service installed."""

    home: Path

    async def runs(self, *words: str) -> tuple[int, str, str]:
        """Exit status, standard output and standard error of one command."""
        settings = {**os.environ, "DATA_DIR": str(self.home / "var")}
        ran = await shell.runs(self.home, *words, settings=settings)
        return ran.status, ran.out, ran.err

    @property
    def secrets_file(self) -> Path:
        return self.home / "var" / "secrets.toml"

    @asynccontextmanager
    async def concerns(self) -> AsyncIterator[Database]:
        database = Database(f"sqlite:///{self.home / 'var' / 'concerns.sqlite'}")
        yield database
        await database.close()

    async def knows(self) -> bool:
        """Whether the resident is stored."""
        async with self.residents() as residents:
            return await residents.find(SOMEONE) is not None

    @asynccontextmanager
    async def residents(self) -> AsyncIterator[Residents]:
        keys = ChatKeys(secrets.make(self.secrets_file).chat_keys)
        database = Database(f"sqlite:///{self.home / 'var' / 'beatline.sqlite'}")
        await upgrade(database, "subscriptions")
        async with self.concerns() as concerns:
            await upgrade(concerns, "concerns")
        yield Residents(database, keys, SystemClock())
        await database.close()


@pytest.fixture
async def operator(tmp_path: Path) -> Operator:
    """An installation with one resident."""
    operator = Operator(tmp_path)
    async with operator.residents() as residents:
        await residents.meet(SOMEONE)
    return operator


async def test_who_is_forgotten_by_letter_does_not_come_back_with_a_restore(
    operator: Operator,
) -> None:
    status, out, _ = await operator.runs("db", "backup", "copy")
    assert (status, out) == (0, "copy holds 1 resident(s). Delete it after 14 days.\n")
    assert await operator.runs(*FORGET) == (0, "Erased.\n", "")
    assert not await operator.knows()
    assert await operator.runs(*FORGET) == (0, "Nothing was stored of that chat.\n", "")
    status, out, _ = await operator.runs("db", "restore", "copy")
    assert status == 0
    assert "0 resident(s)" in out
    assert "1 erased since then stay erased" in out
    assert not await operator.knows()


async def test_who_is_forgotten_is_told_of_no_answer_to_a_concern(operator: Operator) -> None:
    seal = PushSeals(secrets.load(operator.secrets_file).reply_key).seal
    mine, another = b"m" * 16, b"a" * 16
    async with operator.concerns() as concerns, concerns.write() as connection:
        for mailbox_id, chat_id in ((mine, SOMEONE.id), (another, "99")):
            await mailboxes.add(connection, stored(mailbox_id))
            sealed = seal(mailbox_id, chat_id)
            await push_links.put(connection, mailbox_id, "telegram", sealed, date(2026, 11, 23))
    assert (await operator.runs(*FORGET))[0] == 0
    async with operator.concerns() as concerns, concerns.read() as connection:
        assert not await push_links.is_on(connection, mine)
        assert await push_links.is_on(connection, another)


async def test_a_restore_beside_a_running_service_is_refused_a_backup_is_not(
    operator: Operator,
) -> None:
    with secrets.in_use(operator.secrets_file):
        assert (await operator.runs("db", "backup", "copy"))[0] == 0
        status, out, err = await operator.runs("db", "restore", "copy", "--yes")
    assert (status, out) == (1, "")
    assert err == "beatline: stop Beatline first: it is running with these keys\n"
    assert (await operator.runs("db", "restore", "copy", "--yes"))[0] == 0


async def test_residents_are_replaced_only_with_yes(operator: Operator) -> None:
    assert (await operator.runs("db", "backup", "copy"))[0] == 0
    status, _, err = await operator.runs("db", "restore", "copy")
    assert status == 1
    assert "go on with --yes" in err
    assert await operator.knows()


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (("db", "restore", "var/secrets.toml"), "is not a backup that this version can read"),
        (("db", "backup", "nowhere/copy"), "nowhere/copy cannot be written"),
        (("forget", "4815162342"), "write the chat as CHANNEL:ID"),
        (("forget", "pigeon:1"), "write the chat as CHANNEL:ID"),
        (("forget", "telegram:"), "write the chat as CHANNEL:ID"),
    ],
)
async def test_what_cannot_be_done_is_one_plain_line(
    operator: Operator, words: tuple[str, ...], refusal: str
) -> None:
    status, out, err = await operator.runs(*words)
    assert (status, out) == (1, "")
    assert refusal in err.strip().splitlines()[-1]
    assert "Traceback" not in err


async def test_a_database_of_another_version_is_not_backed_up(tmp_path: Path) -> None:
    fresh = Operator(tmp_path)
    secrets.make(fresh.secrets_file)
    status, _, err = await fresh.runs("db", "backup", "copy")
    assert status == 1
    assert "run beatline db upgrade" in err


async def test_everything_moves_to_postgresql_and_the_old_database_is_left_behind(
    operator: Operator, postgres_server: str
) -> None:
    new, concerns = (new_postgres_database(postgres_server) for _ in range(2))
    command = ("db", "move", "--to", new, "--concerns-to", concerns)
    with secrets.in_use(operator.secrets_file):
        assert "stop Beatline first" in (await operator.runs(*command))[2]

    status, out, err = await operator.runs(*command)
    assert (status, err) == (0, "")
    assert "all were counted" in out

    database = Database(new)
    keys = ChatKeys(secrets.load(operator.secrets_file).chat_keys)
    assert await Residents(database, keys, SystemClock()).find(SOMEONE) is not None
    await database.close()
    status, _, err = await operator.runs("run")
    assert status == 1
    assert "was moved" in err


@pytest.mark.parametrize(
    ("targets", "refusal"),
    [
        (("postgresql://a/b", "postgresql://a/b"), "must be two databases"),
        (("postgresql://one@a/b", "postgres://two@a:5432/b"), "must be two databases"),
        (("sqlite:///a", "sqlite:///b"), "a move goes to PostgreSQL"),
    ],
)
async def test_a_move_to_the_wrong_place_is_refused_and_nothing_is_written(
    operator: Operator, targets: tuple[str, str], refusal: str
) -> None:
    status, _, err = await operator.runs(
        "db", "move", "--to", targets[0], "--concerns-to", targets[1]
    )
    assert status == 1
    assert refusal in err


def stored(mailbox_id: bytes) -> Stored:
    """A mailbox that somebody asked to be told of."""
    return Stored(
        id=mailbox_id,
        public_key=bytes(32),
        reference=f"C-{mailbox_id[:1].decode()}",
        area=None,
        theme=Theme.OTHER,
        state=ConcernState.DELIVERED,
        urgent=False,
        answer_wanted=True,
        raised=date(2026, 11, 23),
        day=date(2026, 11, 23),
    )
