"""Going live: a channel takes concerns once everything that it needs holds, and not before.

That the keys lie apart from the data is no requirement here: a live service does not start else.
"""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

import structlog

from bot.errors import OperatorError, TryLater
from bot.ports import Clock, Mailer
from bot.services.health import Health, Probe, Report
from bot.services.teams import Teams
from bot.store import areas, facts
from bot.store.database import Database

LOOK_AGAIN = timedelta(minutes=1)
MAX_NAMED = 5

_MAIL_ANSWERED = "mail answered"
_NEW_CERTIFICATE = "beatline team change NAME --certificate FILE"

log = structlog.get_logger()


class Gate:
    """Whether concerns are taken. ``free`` channels take them always: the web chat of a demo."""

    def __init__(
        self, requirements: Mapping[str, Probe], clock: Clock, *, free: Collection[str] = ()
    ) -> None:
        self._health = Health(requirements)
        self._clock = clock
        self._free = free
        self._looking = asyncio.Lock()
        self._looked_at: datetime | None = None
        self._report = Report(())
        self._was_open: bool | None = None

    async def is_open(self, channel: str) -> bool:
        """Whether this channel takes concerns; looked at anew after a minute."""
        return channel in self._free or (await self.report()).ok

    async def report(self) -> Report:
        """What holds and what is missing, at most ``LOOK_AGAIN`` old."""
        async with self._looking:
            now = self._clock.now()
            if self._looked_at is None or now - self._looked_at >= LOOK_AGAIN:
                self._report = await self._health.examine()
                self._looked_at = now
                self._tell(self._report)
        return self._report

    async def probe(self) -> str | None:
        """For /readyz: a closed gate is told, but is no fault of the service."""
        missing = [each for each in (await self.report()).checks if not each.ok]
        told = "; ".join(f"{check.name}: {check.hint}" for check in missing)
        return f"/concern is closed: {told}" if missing else None

    def _tell(self, report: Report) -> None:
        if report.ok is self._was_open:
            return
        self._was_open = report.ok
        if report.ok:
            log.info("concerns_open")
        for check in report.checks:
            if not check.ok:
                log.warning("concerns_closed", check=check.name, hint=check.hint)


def areas_are_ready(database: Database, *, accepts_standins: bool) -> Probe:
    """The force's own areas are there, or the operator accepts the stand-ins."""

    async def probe() -> str | None:
        async with database.read() as connection:
            total = await areas.count(connection)
            standins = await areas.count_standins(connection)
        if not total:
            raise OperatorError("there are none: start Beatline once, or run beatline places sync")
        if not standins:
            return None
        found = f"{standins} of {total} are stand-ins, not the force's own"
        if not accepts_standins:
            raise OperatorError(
                f"{found}: run beatline places sync, or set ACCEPT_STANDIN_AREAS=true"
            )
        return found

    return probe


def every_area_has_a_team(teams: Teams) -> Probe:
    """No concern would be without somebody to go to, nor without a seal for them."""

    async def probe() -> str | None:
        if not await teams.all():
            raise OperatorError(
                "there is none: run beatline team add NAME --everywhere --email ADDRESS"
            )
        if unserved := await teams.unserved():
            named = ", ".join(area.label for area in unserved[:MAX_NAMED])
            more = f" and {len(unserved) - MAX_NAMED} more" if len(unserved) > MAX_NAMED else ""
            raise OperatorError(
                f"nobody serves {named}{more}: run beatline team add, or give one --everywhere"
            )
        useless, ending = await teams.certificates()
        if useless:
            raise OperatorError(f"{'; '.join(useless)}: run {_NEW_CERTIFICATE}")
        return f"{'; '.join(ending)}: run {_NEW_CERTIFICATE}" if ending else None

    return probe


def mail_answers(mailer: Mailer | None) -> Probe:
    """The operator has said where mail goes, and it could go there now."""

    async def probe() -> None:
        if mailer is None:
            raise OperatorError("MAIL_URL is not set: say where concerns are to be sent")
        try:
            await mailer.ping()
        except TryLater as error:
            raise OperatorError(
                f"mail could not go out ({error}): see that its server runs and MAIL_URL is right"
            ) from None

    return probe


def mail_has_answered(mailer: Mailer | None, database: Database, where: str) -> Probe:
    """As ``mail_answers``, but once is enough for ``where``, a server without its password.

    A server that is away for an hour must not close the service: concerns wait for it.
    """
    answers = mail_answers(mailer)

    async def probe() -> str | None:
        try:
            await answers()
        except OperatorError as error:
            async with database.read() as connection:
                if mailer is None or await facts.read(connection, _MAIL_ANSWERED) != where:
                    raise
            return f"{error}; concerns wait until it does"
        async with database.write() as connection:
            await facts.write(connection, _MAIL_ANSWERED, where)
        return None

    return probe


def address_is_safe(public_url: str | None) -> Probe:
    """The pages are reached by HTTPS, or on this machine only, or have no address of their own."""

    async def probe() -> None:
        parts = urlsplit(public_url or "")
        if public_url and parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
            raise OperatorError(
                "WEB_PUBLIC_URL is not HTTPS, so anybody on the way can read along: put a TLS "
                "proxy in front (docs/running.md)"
            )

    return probe


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
