"""Teams: who is responsible for which area, where concerns for it go, and who may join."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address as Mailbox
from enum import StrEnum

from bot.errors import OperatorError
from bot.model import Area, Team
from bot.ports import Clock
from bot.security import openpgp
from bot.store import areas, audit, teams
from bot.store.database import Connection, Database

INVITATION_KEPT = timedelta(hours=24)
WARN_BEFORE = timedelta(days=30)
MAX_WORDS = 120

SAMPLE = Team(
    id=0,
    name="Sample team (demo)",
    areas=(),
    everywhere=True,
    email="sample-team@beatline.invalid",
    reply_domains=("beatline.invalid",),
    office_hours="Monday to Friday, 8am to 4pm (made up)",
)
"""The demo's. Nobody can own ``.invalid``, so nothing that goes there reaches anyone: RFC 2606."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+{_LABEL}")


class Role(StrEnum):
    """What somebody may do for a team."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    BROADCASTER = "broadcaster"
    APPROVER = "approver"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Change:
    """What to set of a team: what is None stays as it is."""

    areas: Sequence[str] | None = None
    everywhere: bool | None = None
    email: str | None = None
    urgent_email: str | None = None
    fallback_email: str | None = None
    certificate: bytes | None = None
    reply_domains: Sequence[str] | None = None
    office_hours: str | None = None


class Teams:
    """The teams of this installation. ``actor`` is whom the audit names."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def for_area(self, area_id: str | None) -> Team | None:
        """The team that a concern goes to: the area's own, or else the one for everywhere.

        In a demo without either it is the sample team.
        """
        async with self._database.read() as connection:
            real = await teams.everything(connection)
            samples = await teams.everything(connection, samples=True)
        own = (team for team in real if area_id in team.areas)
        wide = (team for team in (*real, *samples) if team.everywhere)
        return next(own, None) or next(wide, None)

    async def all(self) -> list[Team]:
        """Every team, by name; without the demo's sample."""
        async with self._database.read() as connection:
            return await teams.everything(connection)

    async def certificates(self) -> tuple[list[str], list[str]]:
        """What is wrong with certificates, a line for each: those of no use, and those that end."""
        now = self._clock.now()
        useless, ending = [], []
        for team in await self.all():
            if team.certificate is None:
                continue
            try:
                end = openpgp.check(team.certificate, now).expires
            except OperatorError as error:
                useless.append(f"nothing can be sealed for {team.name}: {error}")
            else:
                if end is not None and end - now <= WARN_BEFORE:
                    ending.append(f"the certificate of {team.name} ends on {end:%Y-%m-%d}")
        return useless, ending

    async def unserved(self) -> list[Area]:
        """Areas whose concerns would go to nobody."""
        async with self._database.read() as connection:
            if any(team.everywhere for team in await teams.everything(connection)):
                return []
            return await teams.without(connection)

    async def add(self, name: str, wanted: Change, actor: str) -> Team:
        """Add a team. Replies are taken from the domain of its address unless others are given.

        Raises OperatorError in one sentence for anything that cannot be.
        """
        if wanted.email is None:
            raise OperatorError("a team needs an e-mail address: give --email")
        async with self._database.write() as connection:
            await teams.lock(connection)
            blank = Team(id=0, name=_line("the name", name), areas=(), everywhere=False, email="")
            team = _changed(blank, wanted, self._clock.now())
            if not team.reply_domains:
                team = replace(team, reply_domains=(_domain_of(team.email),))
            if any(
                each.name.casefold() == team.name.casefold() for each in await _real(connection)
            ):
                raise OperatorError(
                    f"there is a team {team.name} already: use beatline team change"
                )
            await _see_that_it_fits(connection, team)
            team = replace(team, id=await teams.add(connection, team))
            await self._record(connection, actor, "team added", team)
        return team

    async def change(self, name: str, wanted: Change, actor: str) -> Team:
        """Set some things of a team anew. Raises OperatorError as ``add``."""
        async with self._database.write() as connection:
            await teams.lock(connection)
            team = _changed(await _named(connection, name), wanted, self._clock.now())
            await _see_that_it_fits(connection, team)
            await teams.change(connection, team)
            await self._record(connection, actor, "team changed", team)
        return team

    async def remove(self, name: str, actor: str) -> Team:
        """Delete a team and its invitations. Raises OperatorError where there is none."""
        async with self._database.write() as connection:
            await teams.lock(connection)
            team = await _named(connection, name)
            await teams.remove(connection, team.id)
            await self._record(connection, actor, "team removed", team)
        return team

    async def invite(self, name: str, role: Role, email_domain: str | None, actor: str) -> str:
        """Make an invitation to a team, for one person with an address of this domain.

        Returns its code, which is nowhere else: what is stored is a hash. It holds for 24 hours.
        """
        code = secrets.token_urlsafe(32)
        now = self._clock.now()
        async with self._database.write() as connection:
            team = await _named(connection, name)
            domain = _domain(email_domain or _domain_of(team.email))
            await teams.drop_expired(connection, now)
            await teams.invite(
                connection, _hash(code), team.id, role.value, domain, now + INVITATION_KEPT
            )
            await self._record(connection, actor, f"invited as {role.value}", team)
        return code

    async def accept(self, code: str, email: str) -> tuple[Team, Role]:
        """Take an invitation, which ends it. Returns the team and the role it is for.

        Raises OperatorError for one that is unknown, used or over, or for an address of another
        domain than it was made for.
        """
        domain = _domain_of(_address(email))
        async with self._database.write() as connection:
            await teams.drop_expired(connection, self._clock.now())
            found = await teams.accept(connection, _hash(code), domain)
            if found is None:
                raise OperatorError("this invitation does not hold, or not for this address")
            team_id, role = found
            team = next(each for each in await _real(connection) if each.id == team_id)
            await self._record(connection, domain, f"joined as {role}", team)
        return team, Role(role)

    async def show_sample(self, shown: bool) -> None:
        """Have the demo's sample team, or have it not."""
        async with self._database.write() as connection:
            await teams.lock(connection)
            if not shown:
                await teams.remove_samples(connection)
            elif not await teams.everything(connection, samples=True):
                await teams.add(connection, SAMPLE, sample=True)

    async def _record(self, connection: Connection, actor: str, action: str, team: Team) -> None:
        await audit.record(connection, actor, action, team.name, self._clock.now())


async def _real(connection: Connection) -> list[Team]:
    return await teams.everything(connection)


async def _named(connection: Connection, name: str) -> Team:
    folded = name.strip().casefold()
    for team in await _real(connection):
        if team.name.casefold() == folded:
            return team
    raise OperatorError(f"there is no team {name}: see beatline team list")


async def _see_that_it_fits(connection: Connection, team: Team) -> None:
    """Raises OperatorError where it serves nothing, or what another team serves."""
    if team.everywhere == bool(team.areas):
        raise OperatorError("name a team's areas with --area, or say --everywhere")
    known = {one.area.id: one.area.label for one in await areas.everything(connection)}
    for other in await _real(connection):
        if other.id == team.id:
            continue
        if team.everywhere and other.everywhere:
            raise OperatorError(f"{other.name} is the team for everywhere already")
        for taken in set(team.areas) & set(other.areas):
            raise OperatorError(f"{known.get(taken, taken)} is served by {other.name} already")


def _changed(team: Team, wanted: Change, now: datetime) -> Team:
    """The team with what was set of it, each checked. Raises OperatorError."""
    if wanted.areas is not None:
        team = replace(team, areas=tuple(sorted(set(wanted.areas))), everywhere=False)
    if wanted.everywhere:
        team = replace(team, areas=(), everywhere=True)
    if wanted.email is not None:
        team = replace(team, email=_address(wanted.email))
    if wanted.urgent_email is not None:
        team = replace(team, urgent_email=_address(wanted.urgent_email))
    if wanted.fallback_email is not None:
        team = replace(team, fallback_email=_address(wanted.fallback_email))
    if wanted.reply_domains is not None:
        team = replace(team, reply_domains=tuple(sorted(set(map(_domain, wanted.reply_domains)))))
    if wanted.office_hours is not None:
        team = replace(team, office_hours=_line("the office hours", wanted.office_hours))
    if wanted.certificate is not None:
        openpgp.check(wanted.certificate, now)
        team = replace(team, certificate=wanted.certificate)
    return team


def _line(what: str, words: str) -> str:
    """One line of words. Raises OperatorError where it is none, or could break a header."""
    words = words.strip()
    if not 0 < len(words) <= MAX_WORDS or any(
        unicodedata.category(letter).startswith(("C", "Zl", "Zp")) for letter in words
    ):
        raise OperatorError(f"{what} must be one line of at most {MAX_WORDS} letters")
    return words


def _address(words: str) -> str:
    """An e-mail address, its domain in small letters. Raises OperatorError for anything else."""
    try:
        box = Mailbox(addr_spec=words.strip())
    except (MessageError, ValueError, IndexError):
        raise OperatorError(f"{words.strip()} is not an e-mail address") from None
    if not words.strip().isascii() or re.search(r'[\s"]', box.username):
        raise OperatorError(f"{words.strip()} is not an e-mail address")
    return f"{box.username}@{_domain(box.domain)}"


def _domain(words: str) -> str:
    domain = words.strip().lower().removeprefix("@").removesuffix(".")
    if not _DOMAIN.fullmatch(domain):
        raise OperatorError(f"{words.strip()} is not a domain such as police.example")
    return domain


def _domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
