"""Concerns on their way to the team's inbox: sent until a mail server accepts them.

Nothing is called delivered before. A concern is marked only after the server took it, so a
process killed in between sends it once more, under the same reference and Message-ID. Threat
model, section 5.
"""

import asyncio
import hashlib
import hmac
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

import structlog

from bot.errors import OperatorError, Rejected, TryLater
from bot.model import Team
from bot.ports import Clock, Mailer
from bot.security import openpgp
from bot.security.concern_seals import Dispatch, ReplyPaths
from bot.security.secrets import Secrets
from bot.services import letters
from bot.services.concerns import CLOCK_DAYS
from bot.services.letters import Case, Envelope, OurAddress
from bot.services.places import Places
from bot.services.teams import Teams
from bot.store import concerns
from bot.store.concerns import Waiting
from bot.store.database import Database, trouble

LOOK_SECONDS = 2.0
FINISH_SECONDS = 20.0
LONGEST_REST_SECONDS = 60.0
"""Between tries of a server that takes nothing at all."""
ALARM_AFTER = timedelta(hours=1)
TOO_LONG = "concerns have waited for more than an hour"
_HOUR = timedelta(hours=1)  # to which the database rounds
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
_LONGEST_HOLD = timedelta(minutes=5)
_BOUNCED_WAIT, _LONGEST_BOUNCED_WAIT = timedelta(hours=1), timedelta(hours=24)
_MOST = 5_000
_LOCK = "forwarding concerns"

Outcome: TypeAlias = Literal["accepted", "later", "refused"]
log = structlog.get_logger()


async def waits_too_long(database: Database, clock: Clock) -> bool:
    """Whether a concern has waited for an hour for sure; it is stored rounded down by up to one."""
    async with database.read() as connection:
        oldest = await concerns.oldest(connection)
    return oldest is not None and clock.now() - oldest >= ALARM_AFTER + _HOUR


@dataclass(frozen=True, slots=True)
class Trouble:
    """Since when one e-mail fails in this process, how often, and when it may be tried again."""

    since: datetime
    tries: int
    until: datetime


class Forwarder:
    """Sends what waits in the concerns database, urgent concerns first.

    Of any number of them over one database, one works at a time. ``count`` is told what became of
    each try; ``sample`` marks every mail of a demonstration.
    """

    def __init__(
        self,
        database: Database,
        secrets: Secrets,
        clock: Clock,
        teams: Teams,
        places: Places,
        mailer: Mailer,
        sender: OurAddress,
        *,
        sample: bool = False,
        count: Callable[[Outcome], object] = lambda outcome: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._teams = teams
        self._places = places
        self._mailer = mailer
        self._sender = sender
        self._sample = sample
        self._count = count
        self._dispatch = Dispatch(secrets.dispatch_key)
        self._paths = ReplyPaths(secrets.reply_key)
        self._id_key = secrets.reply_key
        self._troubles: dict[bytes, Trouble] = {}
        self._taken: set[tuple[bytes, str]] = set()
        self._problem: str | None = None

    async def run(self) -> None:
        """Send until cancelled; then finish the e-mail in hand, within measure."""
        rest = LOOK_SECONDS
        while True:
            step = asyncio.create_task(self._guarded_step())
            try:
                well = await asyncio.shield(step)
            except asyncio.CancelledError:
                await asyncio.wait([step], timeout=FINISH_SECONDS)
                step.cancel()
                with suppress(asyncio.CancelledError):
                    await step
                raise
            rest = LOOK_SECONDS if well else min(2 * rest, LONGEST_REST_SECONDS)
            await asyncio.sleep(rest * _jitter())

    async def step(self) -> bool:
        """Try everything that is due once. Returns False when the mail server takes nothing."""
        async with self._database.alone(_LOCK) as alone:
            if not alone:
                return True
            now = self._clock.now()
            async with self._database.read() as connection:
                waiting = await concerns.due(connection, now, _MOST)
            self._forget_others(waiting)
            if not self._troubles:
                self._problem = None
            for row in waiting:
                if self._may_try(row, now) and not await self._forward(row):
                    return False
        return True

    async def probe(self) -> None:
        """For ``/readyz``: raises OperatorError when a concern does not get out for an hour."""
        now = self._clock.now()
        stuck = any(now - each.since >= ALARM_AFTER for each in self._troubles.values())
        if stuck or await waits_too_long(self._database, self._clock):
            why = f": {self._problem}" if self._problem else ""
            raise OperatorError(f"{TOO_LONG}{why}")

    async def _guarded_step(self) -> bool:
        try:
            return await self.step()
        except Exception as error:
            self._fail(trouble(error))
            log.exception("duty_failed", duty="forwarding")
            return False

    async def _forward(self, row: Waiting) -> bool:
        """Try one e-mail. Returns False when the server takes nothing from anybody just now."""
        try:
            accepted = await self._handed_over(row)
        except TryLater as error:  # most likely no fault of this concern, but others go first now
            self._fail(str(error))
            self._hold(row, _LONGEST_HOLD)
            return False
        except OperatorError as error:
            self._fail(str(error))
            accepted = False
        if accepted:
            await self._accept(row)
        else:
            await self._postpone(row)
        return True

    async def _handed_over(self, row: Waiting) -> bool:
        """Whether the team has it, and the urgent contact too unless they take too long.

        Raises OperatorError where it cannot be sent at all, TryLater for the whole server.
        """
        team = await self._teams.for_area(row.area)
        if team is None:
            raise OperatorError("a concern waits for an area that no team serves now")
        async with self._database.read() as connection:
            sealed = await concerns.sealed(connection, row.id)
        if sealed is None:  # erased by its resident meanwhile: nothing is left to do
            return True
        encrypted = row.pgp or team.certificate is not None
        inner = await asyncio.to_thread(self._ready, row, sealed, team.certificate)
        mail = await self._mail(row, inner, encrypted=encrypted)
        told = True
        if row.urgent and team.urgent_email:
            told = await self._send(row, mail, team.urgent_email) == "accepted"
        reached = await self._reach(row, mail, team)
        if reached and not told and self._is_late(row):
            log.error("urgent_contact_not_told", reason=self._problem)
        return reached and (told or self._is_late(row))

    def _ready(self, row: Waiting, sealed: bytes, certificate: bytes | None) -> bytes:
        """What goes into the e-mail: in plain only for a team without a certificate by now."""
        if row.pgp:
            return openpgp.armoured(sealed)
        opened = self._dispatch.open(sealed)
        if certificate is None:
            return opened
        return openpgp.armoured(openpgp.seal(certificate, opened, self._clock.now()))

    async def _reach(self, row: Waiting, mail: "_Mail", team: Team) -> bool:
        """Whether the team's inbox took it, or the fallback after an hour or a refusal."""
        inboxes = [team.email, *([team.fallback_email] if team.fallback_email else [])]
        if row.bounces:
            inboxes.reverse()
        for inbox in inboxes:
            outcome = await self._send(row, mail, inbox)
            if outcome == "accepted":
                return True
            if outcome == "later" and not self._is_late(row):
                return False
        return False

    async def _send(self, row: Waiting, mail: "_Mail", recipient: str) -> Outcome:
        if (row.id, recipient) in self._taken:
            return "accepted"
        outcome: Outcome = "accepted"
        try:
            whole = await asyncio.to_thread(mail.addressed, recipient)
            await self._mailer.send(mail.return_path, recipient, whole)
        except Rejected as error:
            outcome = "refused"
            self._fail(str(error))
            log.error("concern_refused", reason=str(error))
        except TryLater as error:
            if error.everyone:
                raise
            outcome = "later"
            self._fail(str(error))
        else:
            self._taken.add((row.id, recipient))
        self._count(outcome)
        return outcome

    async def _mail(self, row: Waiting, inner: bytes, *, encrypted: bool) -> "_Mail":
        area = None if row.area is None else await self._places.area(row.area)
        case = Case(
            reference=row.reference,
            area=letters.NO_AREA if area is None else area.label,
            urgent=row.urgent,
            day=row.day,
            answer_by=row.raised + timedelta(days=CLOCK_DAYS),
            sample=self._sample,
        )
        return _Mail(
            inner=inner,
            encrypted=encrypted,
            case=case,
            sender=self._sender,
            return_path=self._sender.with_token(self._paths.bounce(row.id)),
            reply_to=self._sender.with_token(self._paths.reply(row.mailbox_id)),
            message_id=self._message_id(row),
            moment=self._clock.now(),
        )

    def _message_id(self, row: Waiting) -> str:
        """As random as the concern's own id, and the same on every try."""
        mark = hmac.digest(self._id_key, b"message id" + row.id, hashlib.sha256).hex()[:32]
        return f"<{mark}@{self._sender.domain}>"

    async def _accept(self, row: Waiting) -> None:
        async with self._database.write() as connection:
            taken = await concerns.accept(connection, row.id, self._clock.now().date())
        self._troubles.pop(row.id, None)
        self._taken = {each for each in self._taken if each[0] != row.id}
        self._problem = None
        if taken:
            log.info("concern_accepted", attempt=row.attempts + 1)

    async def _postpone(self, row: Waiting) -> None:
        """Wait longer after each try. Only whole hours are stored; minutes are kept in memory."""
        until = self._hold(row, _LONGEST_WAIT)
        async with self._database.write() as connection:
            await concerns.postpone(connection, row.id, until)
        if self._is_late(row):
            log.error("concern_waits", attempt=row.attempts, reason=self._problem)

    def _hold(self, row: Waiting, longest: timedelta) -> datetime:
        now = self._clock.now()
        before = self._troubles.get(row.id, Trouble(now, 0, now))
        tries = max(row.attempts, before.tries)
        until = now + min(_FIRST_WAIT * 2.0 ** min(tries, 16), longest) * _jitter()
        self._troubles[row.id] = Trouble(before.since, before.tries + 1, until)
        return until

    def _may_try(self, row: Waiting, now: datetime) -> bool:
        if row.bounces and now < row.since + self._bounced_wait(row):
            return False
        trouble = self._troubles.get(row.id)
        return trouble is None or now >= trouble.until

    def _bounced_wait(self, row: Waiting) -> timedelta:
        """None at first, for the fallback is to be tried; then longer each time."""
        if row.bounces == 1:
            return timedelta()
        return min(_BOUNCED_WAIT * 2.0 ** min(row.bounces, 8), _LONGEST_BOUNCED_WAIT)

    def _is_late(self, row: Waiting) -> bool:
        """Whether it has waited an hour; what is stored was rounded down by up to one more."""
        now = self._clock.now()
        trouble = self._troubles.get(row.id)
        seen = trouble is not None and now - trouble.since >= ALARM_AFTER
        return seen or now - row.since >= ALARM_AFTER + _HOUR

    def _forget_others(self, waiting: Sequence[Waiting]) -> None:
        """Drop what is remembered of concerns that were erased, or sent by another process."""
        there = {row.id for row in waiting}
        later = {id for id, trouble in self._troubles.items() if trouble.until > self._clock.now()}
        kept = there | later
        self._troubles = {id: each for id, each in self._troubles.items() if id in kept}
        self._taken = {each for each in self._taken if each[0] in kept}

    def _fail(self, why: str) -> None:
        if why != self._problem:
            log.warning("forwarding_fails", reason=why)
        self._problem = why


@dataclass(frozen=True, slots=True, repr=False)
class _Mail:
    """One e-mail of a concern, but for whom it goes to."""

    inner: bytes
    encrypted: bool
    case: Case
    sender: OurAddress
    return_path: str
    reply_to: str
    message_id: str
    moment: datetime

    def addressed(self, recipient: str) -> bytes:
        envelope = Envelope(
            sender=f"Beatline <{self.sender.address}>",
            recipient=recipient,
            reply_to=self.reply_to,
            message_id=self.message_id,
            moment=self.moment,
        )
        return letters.wrap(self.inner, self.case, envelope, encrypted=self.encrypted)


def _jitter() -> float:
    return random.uniform(0.75, 1.25)  # noqa: S311  # spreads load, hides nothing
