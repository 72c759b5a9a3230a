"""Reads what comes in by e-mail: answers go to their mailboxes, bounces back to the forwarder.

Whatever is doubtful is kept apart for the team to see; nothing is thrown away unseen. An e-mail
leaves the inbox only when it has been dealt with. Threat model, section 5.
"""

import asyncio
import hashlib
import secrets as chance
from collections.abc import Callable
from contextlib import aclosing

import structlog

from bot.errors import BeatlineError, DeliveryError, OperatorError, TryLater
from bot.model import Team
from bot.ports import Clock, Inbox, Mailer
from bot.services import blind_reply, letters
from bot.services.blind_reply import EXPLAINED, Doubt, Letter, Refusal, Reply
from bot.services.concerns import Behind, Concerns
from bot.services.letters import Envelope, OurAddress
from bot.store.database import Database, trouble

MOST_KEPT_BYTES = 1_000_000
"""Of an e-mail in quarantine."""
RETRY_SECONDS = 10.0
LONGEST_RETRY_SECONDS = 300.0
_LOCK = "reading replies"
# What the parsers end in that meet all that people can make up; one such mail holds up no other.
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)

log = structlog.get_logger()


class ReplyDesk:
    """Deals with one inbox. Of any number of them over one database, one works at a time.

    ``authserv_id`` is the name of our own receiver; without it no reply is believed. ``count`` is
    told what became of each e-mail: "answer", "bounce", "report", or a Doubt.
    """

    def __init__(
        self,
        database: Database,
        concerns: Concerns,
        clock: Clock,
        inbox: Inbox,
        mailer: Mailer,
        address: OurAddress,
        authserv_id: str | None,
        *,
        sample: bool = False,
        count: Callable[[str], object] = lambda outcome: None,
    ) -> None:
        self._database = database
        self._concerns = concerns
        self._clock = clock
        self._inbox = inbox
        self._mailer = mailer
        self._address = address
        self._authserv_id = authserv_id
        self._sample = sample
        self._count = count
        # Dealt with, but still in the inbox because the line was cut: not to be dealt with twice.
        self._unsettled: set[bytes] = set()
        self._problem: str | None = None

    async def run(self) -> None:
        """Read until cancelled. An inbox that is away is tried again, ever less often."""
        wait = RETRY_SECONDS
        while True:
            try:
                async with self._database.alone(_LOCK) as alone:
                    if alone:
                        await self.read()
            except TryLater as error:
                self._fail(str(error))
            except Exception as error:
                self._fail(trouble(error))
                log.exception("duty_failed", duty="reading replies")
            wait = RETRY_SECONDS if self._problem is None else min(2 * wait, LONGEST_RETRY_SECONDS)
            await asyncio.sleep(wait)

    @property
    def problem(self) -> str | None:
        """Why replies cannot be read just now; None when they can."""
        return self._problem

    async def probe(self) -> str | None:
        """For ``/readyz``: raises OperatorError when replies cannot be read by this process."""
        if self._problem is not None:
            raise OperatorError(f"replies of teams cannot be read: {self._problem}")
        if self._authserv_id is None:
            return "MAIL_AUTHSERV_ID is not set, so every reply is kept back for the team to see"
        return None

    async def handle(self, raw: bytes) -> None:
        """Deal with one e-mail: pass an answer on, note a bounce, or keep it apart."""
        try:
            await self._sort(raw)
        except BeatlineError:
            raise
        except _UNREADABLE:
            log.exception("mail_not_understood")
            await self._keep_apart(raw, Doubt.MALFORMED, None)

    async def read(self) -> None:
        """Deal with everything that is in the inbox, and with what comes. Raises as the inbox."""
        async with aclosing(self._inbox.letters()) as incoming:
            async for letter in incoming:
                self._problem = None
                mark = hashlib.sha256(letter.raw).digest()
                if mark not in self._unsettled:
                    await self.handle(letter.raw)
                    self._unsettled.add(mark)
                await letter.settle()
                self._unsettled.discard(mark)

    async def _sort(self, raw: bytes) -> None:
        letter = blind_reply.parse(raw)
        tokens = blind_reply.tokens(letter, self._address.address)
        token = next(iter(tokens), None)
        behind = await self._concerns.behind(token) if token and len(tokens) == 1 else None
        if len(tokens) > 1:
            await self._keep_apart(raw, Doubt.SEVERAL_TOKENS, None)
        elif token is None:
            await self._keep_apart(raw, Doubt.NO_TOKEN, None)
        elif behind is None:
            await self._keep_apart(raw, Doubt.UNKNOWN_TOKEN, None)
        elif behind.is_bounce:
            await self._bounce(raw, letter, token, behind.team)
        else:
            await self._answer(raw, letter, token, behind)

    async def _bounce(self, raw: bytes, letter: Letter, token: str, team: Team | None) -> None:
        failed = blind_reply.is_bounce(letter)
        if failed is None:
            await self._keep_apart(raw, Doubt.NOT_A_BOUNCE, team)
            return
        if failed and await self._concerns.bounced(token):
            log.error("concern_bounced")
        self._count("bounce" if failed else "report")

    async def _answer(self, raw: bytes, letter: Letter, token: str, behind: Behind) -> None:
        found = blind_reply.judge(letter, behind.team, self._authserv_id)
        if isinstance(found, Refusal):
            await self._keep_apart(raw, found.doubt, behind.team)
            if found.sender is not None:
                await self._tell(found.sender, behind, token, _not_passed_on(found.doubt))
            return
        answer = found.answer
        if not await self._concerns.reply(
            token, answer.words, state=answer.state, reason=answer.reason
        ):
            await self._keep_apart(raw, Doubt.UNKNOWN_TOKEN, behind.team)
            return
        self._count("answer")
        log.info("reply_passed_on", state=answer.state)
        if found.left_out:
            await self._tell(found.sender, behind, token, _left_out(found))

    async def _keep_apart(self, raw: bytes, doubt: Doubt, team: Team | None) -> None:
        await self._concerns.hold_back(raw[:MOST_KEPT_BYTES], doubt.value, team)
        self._count(doubt.value)
        log.warning("reply_quarantined", reason=doubt.value)

    async def _tell(self, officer: str, behind: Behind, token: str, words: str) -> None:
        """Write to the officer, who was shown to be one; with no return path, so nothing loops."""
        envelope = Envelope(
            sender=f"Beatline <{self._address.address}>",
            recipient=officer,
            reply_to=self._address.with_token(token),
            message_id=f"<{chance.token_hex(16)}@{self._address.domain}>",
            moment=self._clock.now(),
        )
        mail = letters.notice(behind.reference, [words], envelope, sample=self._sample)
        try:
            await self._mailer.send("", officer, mail)
        except DeliveryError as error:
            log.warning("officer_not_told", reason=str(error))

    def _fail(self, why: str) -> None:
        if why != self._problem:
            log.warning("replies_not_read", reason=why)
        self._problem = why


def _not_passed_on(doubt: Doubt) -> str:
    return (
        f"Your e-mail was not passed on: {EXPLAINED[doubt]}. It is kept for your team to see. "
        "Please answer once more in plain words, at most 8 KB. A status word on the first line "
        "may be #working, #referred or #closed."
    )


def _left_out(reply: Reply) -> str:
    return (
        f"Your words were passed on. Files that came with them were not: {reply.left_out}. "
        "Only words can be passed on."
    )
