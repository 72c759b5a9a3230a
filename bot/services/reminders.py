"""The 72-hour clock: teams are reminded before it ends, and their supervisor after.

One e-mail to a team names all concerns it is about; a concern is named once before and once after.
"""

import asyncio
import secrets as chance
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Literal, TypeAlias

import structlog

from bot.errors import DeliveryError, OperatorError
from bot.model import ConcernState, Team
from bot.ports import Clock, Mailer
from bot.services import letters
from bot.services.concerns import CLOCK_DAYS
from bot.services.letters import Envelope, OurAddress
from bot.services.teams import Teams
from bot.store import mailboxes
from bot.store.database import Database
from bot.store.mailboxes import Stored

LOOK_SECONDS = 15 * 60.0
_LOCK = "reminding teams"

_HOW = (
    "To answer, reply to the e-mail with that reference in its subject. "
    "A status word on the first line is an answer too: #working, #referred or #closed."
)

Step: TypeAlias = Literal["reminded", "escalated"]
log = structlog.get_logger()


class Reminders:
    """Tells teams of concerns that await an answer, from the day before the clock's last."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        teams: Teams,
        mailer: Mailer,
        sender: OurAddress,
        *,
        sample: bool = False,
    ) -> None:
        self._database = database
        self._clock = clock
        self._teams = teams
        self._mailer = mailer
        self._sender = sender
        self._sample = sample

    async def run(self) -> None:
        """Look every quarter of an hour until cancelled; a failure is logged and tried again."""
        while True:
            try:
                await self.remind()
            except Exception:
                log.exception("duty_failed", duty="reminding teams")
            await asyncio.sleep(LOOK_SECONDS)

    async def remind(self) -> None:
        """Write to every team with something due or overdue; what was written is marked."""
        async with self._database.alone(_LOCK) as alone:
            if alone:
                for step in ("escalated", "reminded"):
                    await self._remind(step)

    async def _remind(self, step: Step) -> None:
        days = CLOCK_DAYS - 1 if step == "reminded" else CLOCK_DAYS + 1
        raised_by = self._clock.now().date() - timedelta(days=days)
        async with self._database.read() as connection:
            unanswered = await mailboxes.unanswered(connection, raised_by, step)
        for team, theirs in await self._by_team(filter(self._is_told(step), unanswered)):
            try:
                await self._write(step, team, theirs)
            except (DeliveryError, OperatorError) as error:
                log.warning("team_not_reminded", step=step, reason=str(error))
                continue
            today = self._clock.now().date()
            async with self._database.write() as connection:
                for mailbox in theirs:
                    await mailboxes.change(connection, mailbox.id, **{step: today})

    def _is_told(self, step: Step) -> Callable[[Stored], bool]:
        """Not of what the team has not got yet; and of what is overdue, the supervisor alone."""
        today = self._clock.now().date()
        return lambda mailbox: (
            mailbox.state is not ConcernState.SAVED
            and (step == "escalated" or _clock_ends(mailbox) >= today)
        )

    async def _by_team(self, unanswered: Iterable[Stored]) -> list[tuple[Team, list[Stored]]]:
        """Mailboxes by the team that serves their area now."""
        teams: dict[int, tuple[Team, list[Stored]]] = {}
        for mailbox in unanswered:
            team = await self._teams.for_area(mailbox.area)
            if team is not None:
                teams.setdefault(team.id, (team, []))[1].append(mailbox)
        return list(teams.values())

    async def _write(self, step: Step, team: Team, theirs: Sequence[Stored]) -> None:
        overdue = step == "escalated"
        recipient = (team.fallback_email or team.email) if overdue else team.email
        envelope = Envelope(
            sender=f"Beatline <{self._sender.address}>",
            recipient=recipient,
            reply_to=None,
            message_id=f"<{chance.token_hex(16)}@{self._sender.domain}>",
            moment=self._clock.now(),
        )
        subject = "Concerns past their last day" if overdue else "Concerns that await an answer"
        told = (
            f"{letters.plain(team.name)} has not answered these concerns within 72 hours:"
            if overdue
            else "These concerns await an answer. Residents are told that one comes in 72 hours:"
        )
        rows = [_row(mailbox) for mailbox in sorted(theirs, key=lambda each: each.raised)]
        words = [told, "\n".join(rows), _HOW]
        mail = letters.notice(subject, words, envelope, sample=self._sample)
        await self._mailer.send("", recipient, mail)
        log.info("team_reminded", step=step, count=len(theirs))


def _row(mailbox: Stored) -> str:
    urgent = " (urgent)" if mailbox.urgent else ""
    return (
        f"{mailbox.reference}: answer by the end of {letters.spoken(_clock_ends(mailbox))}{urgent}"
    )


def _clock_ends(mailbox: Stored) -> date:
    return mailbox.raised + timedelta(days=CLOCK_DAYS)
