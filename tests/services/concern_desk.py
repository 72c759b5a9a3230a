"""A desk where concerns are taken in tests: real databases, a team, and a pause that is noted."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.model import Concern, ConcernState, Mailbox, Theme
from bot.security.concern_seals import Dispatch, ReplyPaths
from bot.security.receipts import Receipts
from bot.security.secrets import Secrets
from bot.services.concerns import Concerns
from bot.services.places import Places
from bot.services.posts import Posts
from bot.services.teams import Change, Teams
from bot.store import concerns
from bot.store.concern_tables import mailboxes, metadata
from bot.store.database import Database
from bot.store.postcodes import PackedPostcodes
from tests import town
from tests.conftest import FakeClock

OPERATOR = "operator"
TEAM = Change(everywhere=True, email="team@police.example")
WORDS = "Motorbikes race behind the Zebra Arms every night."
CONCERN = Concern(text=WORDS, language="en_GB", area=town.RIVERSIDE.id, theme=Theme.NOISE)


@dataclass
class Desk:
    """The service, and what a test looks at around it. ``pauses`` are those before each look."""

    concerns: Concerns
    database: Database
    subscriptions: Database
    teams: Teams
    posts: Posts
    clock: FakeClock
    secrets: Secrets
    pauses: list[float] = field(default_factory=list)

    async def rows(self, name: str) -> list[Any]:
        """All rows of a table."""
        async with self.database.read() as connection:
            return list(await connection.execute(select(metadata.tables[name])))

    async def left(self) -> dict[str, int]:
        """How many rows each table holds, the empty ones left out."""
        counts = {name: len(await self.rows(name)) for name in metadata.tables}
        return {name: count for name, count in counts.items() if count}

    async def send(self, **options: Any) -> str:
        return await self.concerns.send(replace(CONCERN, **options))

    async def opens(self, code: str) -> Mailbox:
        """What a code opens, which must be something."""
        found = await self.concerns.look(code)
        assert found is not None
        return found[1]

    async def token(self, code: str) -> str:
        """The token in the address that the team of a concern answers to."""
        return ReplyPaths(self.secrets.reply_key).reply((await self.mailbox_of(code)).id)

    async def mailbox_of(self, code: str) -> Any:
        """The stored mailbox of a code."""
        keys = await Receipts(self.secrets.pepper).open(code)
        async with self.database.read() as connection:
            mine = select(mailboxes).where(mailboxes.c.id == keys.mailbox_id)
            return (await connection.execute(mine)).one()

    async def mails(self) -> list[bytes]:
        """What waits to be sent, opened as the mailer does."""
        dispatch = Dispatch(self.secrets.dispatch_key)
        return [dispatch.open(row.sealed) for row in await self.rows("concern")]

    async def accept_everything(self) -> None:
        """What happens when mail servers take all that waits."""
        async with self.database.write() as connection:
            for row in await concerns.due(connection, self.clock.now(), 100):
                await concerns.accept(connection, row.id, self.clock.now().date())

    async def answer(
        self, code: str, words: str, state: ConcernState | None = None, reason: str = ""
    ) -> None:
        token = await self.token(code)
        assert await self.concerns.reply(token, words, state=state, reason=reason)


async def set_desk(
    subscriptions: Database,
    database: Database,
    clock: FakeClock,
    folder: Path,
    secrets: Secrets | None = None,
) -> Desk:
    """A desk in the made-up town, with one team for everywhere."""
    await town.build(subscriptions)
    town.write_postcodes(folder / "postcodes.bin")
    places = Places(subscriptions, PackedPostcodes(folder / "postcodes.bin"), clock)
    teams, posts = Teams(subscriptions, clock), Posts(subscriptions, clock)
    await teams.add("Force desk", TEAM, OPERATOR)
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    keys = secrets or Secrets.fresh()
    service = Concerns(database, keys, clock, teams, places, posts, pause=pause)
    return Desk(service, database, subscriptions, teams, posts, clock, keys, pauses)
