"""Concerns, a team and mail, over real databases: the stage on which e-mail is tested."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from bot.errors import DeliveryError
from bot.model import Concern, Mailbox, Team, Theme
from bot.ports import Mailer
from bot.security.secrets import Secrets
from bot.services.concerns import Concerns
from bot.services.forwarding import Forwarder
from bot.services.letters import OurAddress
from bot.services.places import Places
from bot.services.posts import Posts
from bot.services.teams import Change, Teams
from bot.store.database import Database
from bot.store.postcodes import PackedPostcodes
from tests import town
from tests.conftest import FakeClock

ADDRESS = OurAddress("beatline@beat.example")
TEAM, URGENT, FALLBACK = "team@force.example", "desk@force.example", "sergeant@force.example"
SECRET_TEXT = "Motorbikes race behind the made-up shops at night."
CONCERN = Concern(text=SECRET_TEXT, language="en_GB", area=town.RIVERSIDE.id, theme=Theme.NOISE)


@dataclass(frozen=True)
class Handed:
    """One e-mail that was accepted."""

    sender: str
    recipient: str
    message: bytes

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.message, policy=SMTP)

    @property
    def words(self) -> str:
        body = self.mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")


@dataclass
class FakeMailer:
    """The Mailer port; ``refuse`` may raise what a server would."""

    accepted: list[Handed] = field(default_factory=list)
    refuse: Callable[[str], DeliveryError | None] = lambda recipient: None
    tries: int = 0

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        self.tries += 1
        if error := self.refuse(recipient):
            raise error
        self.accepted.append(Handed(sender, recipient, message))

    async def ping(self) -> None:
        pass

    @property
    def recipients(self) -> list[str]:
        return [each.recipient for each in self.accepted]


@dataclass
class Stage:
    """A service's parts that mail needs, in the small made-up town."""

    subscriptions: Database
    database: Database
    secrets: Secrets
    clock: FakeClock
    teams: Teams
    places: Places
    concerns: Concerns

    @classmethod
    async def built(
        cls,
        subscriptions: Database,
        database: Database,
        folder: Path,
        clock: FakeClock,
        secrets: Secrets | None = None,
    ) -> "Stage":
        """Over databases at the newest revision; a second one for the same town is fine."""
        await town.build(subscriptions)
        town.write_postcodes(folder / "postcodes.bin")
        secrets = secrets or Secrets.fresh()
        teams = Teams(subscriptions, clock)
        places = Places(subscriptions, PackedPostcodes(folder / "postcodes.bin"), clock)
        posts = Posts(subscriptions, clock)
        concerns = Concerns(database, secrets, clock, teams, places, posts)
        return cls(subscriptions, database, secrets, clock, teams, places, concerns)

    async def has_team(self, *, fallback: bool = False, certificate: bytes | None = None) -> Team:
        return await self.teams.add(
            "Riverside beat team",
            Change(
                areas=[town.RIVERSIDE.id],
                email=TEAM,
                urgent_email=URGENT,
                fallback_email=FALLBACK if fallback else None,
                certificate=certificate,
            ),
            actor="test",
        )

    def forwarder(self, mailer: Mailer, *, sample: bool = False) -> Forwarder:
        return Forwarder(
            self.database,
            self.secrets,
            self.clock,
            self.teams,
            self.places,
            mailer,
            ADDRESS,
            sample=sample,
        )

    async def raised(self, **values: object) -> str:
        """Send a concern; gives its receipt code."""
        return await self.concerns.send(replace(CONCERN, **values))  # type: ignore[arg-type]  # names are those of Concern

    async def seen(self, code: str) -> Mailbox:
        found = await self.concerns.look(code)
        assert found is not None
        return found[1]
